"""A tree as a spell of QuantMage: what it can say of every node, what it cannot, and what is close.

Does not live here: conditions (`conditions_out`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ...strategy import (
    Asset,
    Blend,
    Call,
    Cash,
    Filter,
    Group,
    If,
    Indicator,
    Latch,
    Node,
    Strategy,
    Switch,
    Weight,
    Weighting,
)
from ...strategy.terms import Each
from ..composer.tree_out import plain
from ..draft import NOTHING, Block, Draft, Part, Place, Unsupported, assemble
from ..exporting import Target
from ..values import Map, Value, Vector
from ..writing import json_text
from .conditions_out import joined, said, take_apart
from .formats import RULES
from .words import BRANCHES, indicator_out, series_out

__all__ = ["TARGETS"]

EMPTY: Value = None
_RULES = {ours: theirs for theirs, ours in RULES.items()}


class SpellWriter:
    """Takes nodes apart for `assemble`; approximations only when they were asked for."""

    def __init__(self, *, approximate: bool) -> None:
        self.approximate = approximate
        self._nodes: Mapping[type[Node], Callable[[Any, Place], Block]] = {
            Asset: self._asset,
            Cash: lambda _node, _place: Block((), lambda _: EMPTY),
            Group: self._group,
            Weight: self._weight,
            If: self._if,
            Switch: self._switch,
            Filter: self._filter,
            Blend: self._blend,
            Latch: self._latch,
            Call: self._call,
        }

    def part(self, step: str, node: Node) -> Part:
        """Wrap a node for the walk."""
        return Part(step, node, self.node, NOTHING)

    def node(self, node: Value, place: Place) -> Block:
        """Take one node apart."""
        place.kind = node.kind
        place.name = str(getattr(node, "ticker", "") or getattr(node, "name", "") or getattr(node, "bot", "") or "")
        if node.color:
            place.cosmetic("color of a block")
        block = self._nodes[type(node)](node, place)
        if not node.title or isinstance(node, Cash):
            return block
        return Block(block.parts, lambda found: Map({**block.make(found), "name": node.title}))

    def _close(self, place: Place, what: str, instead: str) -> None:
        """Accept what is close, or refuse it."""
        if not self.approximate:
            raise Unsupported(f"{what}; approximate=True writes {instead}")
        place.dropped(f"{what}; written as {instead}")

    def _asset(self, node: Asset, place: Place) -> Block:
        return Block((), lambda _: _block("Ticker", symbol=node.ticker))

    def _call(self, node: Call, place: Place) -> Block:
        if '"' in node.bot or node.bot != node.bot.strip() or node.bot.lower() in BRANCHES:
            raise Unsupported(f"a spell cannot be called by the name {node.bot!r} there")
        if node.version != "latest":
            self._close(place, "only the latest version of a spell can be called there", "a call of the latest")
        return Block((), lambda _: _block("Ticker", symbol=f'Subspell "{node.bot}"'))

    def _group(self, node: Group, place: Place) -> Block:
        place.mapped("a group is said as an equal weight of one with its name")
        return Block([self.part("[0]", node.child)], lambda found: {**_weighted("Equal", found), "name": node.name})

    def _parts(self, nodes: Sequence[Node]) -> list[Part]:
        return [self.part(f"[{at}]", node) for at, node in enumerate(nodes)]

    def _uncapped(self, weighting: Weighting, place: Place) -> None:
        if weighting.capped:
            self._close(place, "weights have no floor, cap or fallback there", "weights without them")

    def _weight(self, node: Weight, place: Place) -> Block:
        mode, fields = self._mode(node.weighting, place)
        return Block(self._parts(node.members), lambda found: _weighted(mode, found, **fields))

    def _mode(self, weighting: Weighting, place: Place) -> tuple[str, Map]:
        self._uncapped(weighting, place)
        if weighting.mode == "equal":
            return "Equal", Map()
        if weighting.mode == "fixed":
            return "Custom", Map(weights=Vector(_percent(share) for share in weighting.shares))
        if weighting.mode == "inverse_vol":
            return "InverseVolatility", Map(inverse_volatility_window=weighting.window)
        raise Unsupported(f"there are no weights by {weighting.mode} there")

    def _if(self, node: If, place: Place) -> Block:
        parts = [take_apart(node.condition, "condition"), *self._parts(node.children)]
        return Block(parts, lambda found: _if_else(*found))

    def _latch(self, node: Latch, place: Place) -> Block:
        asked = [take_apart(node.enter, "enter"), take_apart(node.exit, "exit")]
        names = ("enter_condition", "exit_condition", "enter_incantation", "exit_incantation")
        return Block(
            [*asked, *self._parts(node.children)],
            lambda found: _block("EnterExit", **dict(zip(names, found, strict=True))),
        )

    def _blend(self, node: Blend, place: Place) -> Block:
        if not isinstance(node.by, Indicator):
            raise Unsupported(f"a mix goes by one indicator there, not by {said(node.by)}")
        fields = Map(indicator=indicator_out(node.by), ticker_symbol=series_out(node.by.series))
        fields |= Map(from_value=plain(node.begin), to_value=plain(node.end))
        return Block(
            self._parts(node.children),
            lambda found: _block("Mixed", **fields, from_incantation=found[0], to_incantation=found[1]),
        )

    def _filter(self, node: Filter, place: Place) -> Block:
        if not isinstance(node.by, Indicator) or not isinstance(node.by.series, Each):
            raise Unsupported(f"a filter ranks by one indicator of its children there, got {said(node.by)}")
        mode, fields = self._mode(node.weighting, place)
        fields |= Map(sort_indicator=indicator_out(node.by), bottom=node.side == "bottom", count=node.count)
        return Block(
            self._parts(node.members),
            lambda found: _block("Filtered", incantations=Vector(found), weight_type=mode, **fields),
        )

    def _switch(self, node: Switch, place: Place) -> Block:
        """Write the switch by how many hold; the others as far as they are ifs in other words."""
        count = len(node.conditions)
        cases = self._parts(node.cases)
        if node.rule == "ladder":
            place.mapped("branches are listed from all conditions to none there")
            return Block(
                [*_asked(node), *cases],
                lambda found: _block(
                    "Switch", conditions=Vector(found[:count]), incantations=Vector(reversed(found[count:]))
                ),
            )
        if node.rule == "first":
            place.mapped("a chain of ifs")
            return Block([*_asked(node), *cases], lambda found: _chain(found[:count], found[count:]))
        kind, turned = _as_if(node)
        place.mapped("an if over the conditions")

        def made(found: list[Value]) -> Map:
            arms = found[count:]
            return _if_else(joined(kind, found[:count]), *(reversed(arms) if turned else arms))

        return Block([*_asked(node), *cases], made)


def _asked(node: Switch) -> list[Part]:
    return [take_apart(condition, f"conditions[{at}]") for at, condition in enumerate(node.conditions)]


def _as_if(node: Switch) -> tuple[str, bool]:
    """How the conditions of a counting switch are joined, and whether its branches change places.

    They change places where the switch takes its first branch while nothing holds: what is unknown does not hold, and
    an if takes its second branch then.
    """
    size, count = len(node.conditions), node.count or 0
    words: dict[tuple[str, int], tuple[str, bool]] = {
        ("any", 0): ("AnyOf", False),
        ("all", 0): ("AllOf", False),
        ("none", 0): ("AnyOf", True),
        ("at_least", size): ("AllOf", False),
        ("at_least", 1): ("AnyOf", False),
        ("exactly", size): ("AllOf", False),
        ("exactly", 0): ("AnyOf", True),
        ("at_most", size - 1): ("AllOf", True),
        ("at_most", 0): ("AnyOf", True),
    }
    found = words.get((str(node.rule), count))
    if found is None:
        raise Unsupported(f"there is no switch by {node.rule} {count} of {size} conditions there")
    return found


def _block(kind: str, **fields: Value) -> Map:
    return Map(incantation_type=kind, **fields)


def _weighted(mode: str, members: Sequence[Value], **fields: Value) -> Map:
    return _block("Weighted", type=mode, incantations=Vector(members), **fields)


def _if_else(condition: Value, then: Value, otherwise: Value) -> Map:
    return _block("IfElse", condition=condition, then_incantation=then, else_incantation=otherwise)


def _chain(conditions: Sequence[Value], cases: Sequence[Value]) -> Value:
    built = cases[-1]
    for condition, case in zip(reversed(conditions), reversed(cases[:-1]), strict=True):
        built = _if_else(condition, case, built)
    return built


def _percent(share: float) -> int | float | str:
    """Write a share in percent so that dividing by 100 gives its last bit back; as a text when no number does."""
    exact = Decimal(repr(share)) * 100
    if exact == exact.to_integral_value():
        return int(exact)
    return float(exact) if Decimal(repr(float(exact))) == exact else format(exact, "f")


def _write(strategy: Strategy, draft: Draft, approximate: bool) -> str:
    place = draft.open(-1, "", strategy)
    place.kind, place.name = "strategy", strategy.name
    writer = SpellWriter(approximate=approximate)
    root = assemble(draft, writer.part("", strategy.root), place.number)
    if root is NOTHING:
        return ""
    rule = strategy.rebalance
    found = Map(name=strategy.name, description=strategy.description, version=2)
    if rule.width is not None:
        found |= Map(trading_type="Threshold", threshold=_percent(rule.width))
    elif rule.rule in _RULES:
        found["trading_type"] = _RULES[rule.rule]
    else:
        place.unsupported(f"there is no rebalance rule {rule.rule!r} there; it knows {', '.join(RULES)} and Threshold")
    if root is EMPTY:
        place.unsupported("a spell that holds nothing at all cannot be written")
    found["incantation"] = root
    return json_text(found)


TARGETS = (Target("quantmage", _write),)
