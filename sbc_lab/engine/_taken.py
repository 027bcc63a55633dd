"""How an explanation calls a node, the branch it took and what was held; no walk through the tree (`explain`).

A whole label says what a node could do (`strategy.outline`); these words leave room for what it did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .strategy import Asset, Cash, Filter, Group, If, Latch, Node, Switch, Weight, sentence
from .strategy.outline import label, percent, safe, said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def opening_of(node: If | Switch | Latch) -> str:
    """Say what a node asks."""
    if isinstance(node, If):
        return f"if {said(node.condition)}"
    if isinstance(node, Latch):
        return "latch"
    if node.rule == "first":
        return "switch to the first that holds"
    count = "" if node.count is None else f" {node.count}"
    return "switch on how many hold" if node.rule == "ladder" else f"switch on {node.rule.replace('_', ' ')}{count}"


def branch_of(node: If | Switch | Latch, chosen: int) -> str:
    """Name a branch as the outline of the tree does."""
    if isinstance(node, Latch):
        return ("on:", "off:")[chosen]
    if isinstance(node, If) or len(node.cases) == 2:
        return ("then", "else")[chosen]
    if node.rule == "first":
        return f"condition {chosen + 1}:" if chosen < len(node.conditions) else "else"
    return f"{chosen} of {len(node.conditions)}:"


def mode_of(node: Weight) -> str:
    """Name a weighting as one types it."""
    return "weighted" if node.weighting.mode == "fixed" else node.weighting.mode


def ranking_of(node: Filter) -> str:
    """Say how many of how many a filter keeps, and by what."""
    most = len(node.members)
    asked = int(node.count)  # type: ignore[arg-type]  # axes are refused before
    kept = f"{asked} of {most}" if asked <= most else f"{most} of {most} ({asked} were asked for)"
    return f"{node.side} {kept} by {said(node.by)}"


def holdings(shares: NDArray[np.float64], tickers: Sequence[str]) -> str:
    """Write what is held, the largest share first, and what is left in cash."""
    held = [(share, tickers[row]) for row, share in enumerate(shares.tolist()) if share > 0.0]
    words = [f"{percent(share)} {ticker}" for share, ticker in sorted(held, key=_by_share)]
    cash = 1.0 - float(shares.sum())
    return ", ".join(words + ([f"{percent(cash)} cash"] if cash > 1e-9 else []))


def _by_share(pair: tuple[float, str]) -> tuple[float, str]:
    return (-pair[0], pair[1])


def short_of(node: Node) -> str:
    """Name a child: by its title, its ticker or group, or by how its sentence begins."""
    if node.title:
        return f'"{safe(node.title)}"'
    return label(node) if isinstance(node, (Asset, Cash, Group)) else safe(sentence(node, limit=40), 40)
