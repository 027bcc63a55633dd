"""A strategy as a native document: a saved bot with its tree and the call chains it takes along.

Does not live here: the blocks of a tree (`tree_out`).
"""

from __future__ import annotations

from collections.abc import Mapping

from ...strategy import Call, Strategy, walk
from ..draft import NOTHING, Draft, assemble
from ..exporting import Target
from ..values import Map, Vector
from ..writing import json_text
from .tree_out import NativeWriter

__all__ = ["TARGETS"]


def _write(strategy: Strategy, draft: Draft, approximate: bool) -> str:
    return _write_with(strategy, draft, approximate, {})


def _write_with(strategy: Strategy, draft: Draft, approximate: bool, bots: Mapping[str, Strategy]) -> str:
    place = draft.open(-1, "", strategy)
    place.kind, place.name = "strategy", strategy.name
    writer = NativeWriter(strategy.fingerprint, approximate=approximate)
    root = assemble(draft, writer.part("", strategy.root), place.number)
    chains = Vector()
    for name, called in _called(strategy, bots).items():
        inner = assemble(draft, writer.part(f"bots.{name}", called.root), place.number)
        chains.append(Map(id=name, name=name, root=inner, collapsed=False))
    if root is NOTHING or any(chain["root"] is NOTHING for chain in chains):
        return ""
    if strategy.rebalance.rule != "daily":
        what = f"everything is rebalanced daily there, not {strategy.rebalance}"
        if approximate:
            place.dropped(f"{what}; written as daily")
        else:
            place.unsupported(f"{what}; approximate=True writes daily")
    if strategy.description:
        place.cosmetic("description, which has no place there")
    return json_text(Map(name=strategy.name, payload=root, callChains=chains, customIndicators=Vector()))


def _called(strategy: Strategy, bots: Mapping[str, Strategy]) -> dict[str, Strategy]:
    """Every strategy that is called, those that are called by called ones too, in the order in which they are met."""
    found: dict[str, Strategy] = {}
    waiting = [strategy]
    while waiting:
        for term in walk(waiting.pop()):
            if isinstance(term, Call) and term.bot in bots and term.bot not in found:
                found[term.bot] = bots[term.bot]
                waiting.append(bots[term.bot])
    return found


TARGETS = (Target("native", _write, _write_with),)
