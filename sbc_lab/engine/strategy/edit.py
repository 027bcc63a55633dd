"""Changing a tree by the place where one points: replace, insert, delete, move, clone, and a ticker for another.

Lives here: edits. A path is the child numbers from the root down, `()` for the root itself; every edit gives a new
root that shares all untouched branches, and leaves an equal subtree elsewhere alone. Does not live here: reading a
tree (`walk`), and the commands of a builder, which are answered where it lives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ...errors import StrategyError
from . import _checks
from ._intern import Term
from .nodes import Asset, Cash, Filter, Node, Weight, Weighting, as_node
from .strategy import Strategy
from .terms import Ratio, Ticker
from .walk import Path, lineage, ordered, root_node, said, substitute

Tree = TypeVar("Tree", Node, Strategy)


def replace(root: Tree, path: Sequence[int], node: Node | str) -> Tree:
    """Put another node at a place.

    Parameters
    ----------
    root : Node or Strategy
    path : sequence of int
        Child numbers from the root down.
    node : Node or str
        What stands there from now on.
    """
    return _on(root, lambda top: _rebuilt(top, tuple(path), as_node(node, where="replace")))


def insert(root: Tree, path: Sequence[int], node: Node | str, *, share: float | None = None) -> Tree:
    """Put a node beside others, before the one that stands at `path`, or after the last.

    Parameters
    ----------
    root : Node or Strategy
    path : sequence of int
        Where the node will stand; its parent must be a weight or a filter.
    node : Node or str
    share : float, fraction
        Only, and always, for a parent with fixed weights: what the node gets; the others keep their proportions.
    """
    return _on(root, lambda top: _inserted(top, tuple(path), as_node(node, where="insert"), share))


def delete(root: Tree, path: Sequence[int]) -> Tree:
    """Take a node away.

    Its siblings keep their proportions. Where a branch is needed — a side of a condition, the only member, the root —
    nothing is held from now on: `cash()` stands there.
    """
    return _on(root, lambda top: _deleted(top, tuple(path)))


def move(root: Tree, path: Sequence[int], to: Sequence[int], *, share: float | None = None) -> Tree:
    """Take a node from one place to another.

    Parameters
    ----------
    root : Node or Strategy
    path : sequence of int
        Where the node stands.
    to : sequence of int
        Before which place of the tree as it is now the node shall stand; its parent must be a weight or a filter.
    share : float, fraction
        As in `insert`; among the same siblings the node keeps its share.
    """
    return _on(root, lambda top: _moved(top, tuple(path), tuple(to), share))


def clone(root: Tree, path: Sequence[int]) -> Tree:
    """Put a node a second time, right after itself; of a fixed weight each of the two gets half."""
    return _on(root, lambda top: _cloned(top, tuple(path)))


def replace_ticker(root: Tree, old: str, new: str) -> tuple[Tree, int]:
    """Put one ticker in the place of another, wherever it is held or looked at.

    Returns
    -------
    (Node or Strategy, int)
        The new tree, and in how many places of the whole tree the ticker stood.
    """
    old, new = _checks.ticker(old, where="replace_ticker"), _checks.ticker(new, where="replace_ticker")
    count: dict[Term, int] = {}
    changes: dict[Term, Term] = {}
    for term in ordered(root):
        count[term] = sum(count[part] for part in term.parts)
        if isinstance(term, Asset) and term.ticker == old:
            changes[term] = term.replaced(ticker=new)
        elif isinstance(term, Ticker) and term.symbol == old:
            changes[term] = Ticker(new)
        elif isinstance(term, Ratio) and old in (term.above, term.below):
            above, below = (new if symbol == old else symbol for symbol in (term.above, term.below))
            changes[term] = Ratio(above, below)
            count[term] += (term.above == old) + (term.below == old) - 1
        count[term] += term in changes
    return substitute(root, changes), count[root]


def _on(root: Tree, change: Callable[[Node], Node]) -> Tree:
    """Change a node, or the root of a strategy."""
    if isinstance(root, Strategy):
        return root.replaced(root=change(root.root))
    return change(root_node(root))


def _inserted(root: Node, path: Path, node: Node, share: float | None) -> Node:
    parents, place = _parent(root, path, "insert")
    parent = parents[-1]
    if not isinstance(parent, (Weight, Filter)):
        raise StrategyError(
            f"insert: {said(parent)} has a fixed number of branches; use replace, or wrap one in equal(…)"
        )
    if not 0 <= place <= len(parent.members):
        raise StrategyError(f"insert: {said(parent)} takes a child at 0 to {len(parent.members)}, got {place}")
    members = (*parent.members[:place], node, *parent.members[place:])
    weighting = _widened(parent, place, share)
    return _rebuilt(root, path[:-1], parent.replaced(members=members, weighting=weighting))


def _deleted(root: Node, path: Path) -> Node:
    if not path:
        lineage(root, path)
        return _rebuilt(root, path, Cash())
    parents, place = _parent(root, path, "delete")
    lineage(root, path)
    parent = parents[-1]
    if not isinstance(parent, (Weight, Filter)) or len(parent.members) == 1:
        return _rebuilt(root, path, Cash())
    members = (*parent.members[:place], *parent.members[place + 1 :])
    weighting = parent.weighting
    if isinstance(parent, Weight) and weighting.mode == "fixed":
        weighting = _shared(weighting, (*weighting.shares[:place], *weighting.shares[place + 1 :]))
    return _rebuilt(root, path[:-1], parent.replaced(members=members, weighting=weighting))


def _moved(root: Node, source: Path, target: Path, share: float | None) -> Node:
    node = lineage(root, source)[-1]
    if not source or not target:
        raise StrategyError("move: the root has no siblings; use replace")
    if target[: len(source)] == source and len(target) > len(source):
        raise StrategyError(f"move: {said(node)} cannot stand inside itself, at {list(target)}")
    if source[:-1] == target[:-1]:
        return _reordered(root, source, target[-1])
    parent = lineage(root, source[:-1])[-1]
    level = len(source) - 1
    shrinks = isinstance(parent, (Weight, Filter)) and len(parent.members) > 1
    if shrinks and target[:level] == source[:level] and target[level] > source[level]:
        target = (*target[:level], target[level] - 1, *target[level + 1 :])
    return _inserted(_deleted(root, source), target, node, share)


def _cloned(root: Node, source: Path) -> Node:
    node = lineage(root, source)[-1]
    parents, place = _parent(root, source, "clone")
    parent = parents[-1]
    if not isinstance(parent, (Weight, Filter)):
        raise StrategyError(f"clone: {said(parent)} has a fixed number of branches; wrap this one in equal(…) first")
    members = (*parent.members[:place], node, *parent.members[place:])
    weighting = parent.weighting
    if isinstance(parent, Weight) and weighting.mode == "fixed":
        half = weighting.shares[place] / 2
        weighting = weighting.replaced(shares=(*weighting.shares[:place], half, half, *weighting.shares[place + 1 :]))
    return _rebuilt(root, source[:-1], parent.replaced(members=members, weighting=weighting))


def _parent(root: Node, path: Path, verb: str) -> tuple[list[Node], int]:
    if not path:
        raise StrategyError(f"{verb}: the root has no siblings; use replace, or wrap it in equal(…) first")
    return lineage(root, path[:-1]), path[-1]


def _widened(parent: Weight | Filter, place: int, share: float | None) -> Weighting:
    weighting = parent.weighting
    if isinstance(parent, Filter) or weighting.mode != "fixed":
        if share is not None:
            raise StrategyError(
                f"insert: a share belongs to fixed weights, and {said(parent)} has none; leave share out"
            )
        return weighting
    if share is None:
        raise StrategyError(f"insert: {said(parent)} has fixed weights; say the share, for example share=0.1")
    share = _checks.real(share, where="insert", name="share")
    if not 0 < share < 1:
        raise StrategyError(f"insert: share must be above 0 and below 1, got {share:g}")
    rest = [kept * (1 - share) for kept in weighting.shares]
    return weighting.replaced(shares=(*rest[:place], share, *rest[place:]))


def _shared(weighting: Weighting, kept: Sequence[float]) -> Weighting:
    total = math.fsum(kept)
    return weighting.replaced(shares=tuple(share / total for share in kept))


def _reordered(root: Node, source: Path, place: int) -> Node:
    parent = lineage(root, source[:-1])[-1]
    if not isinstance(parent, (Weight, Filter)):
        raise StrategyError(f"move: the branches of {said(parent)} have names, not an order; use replace")
    if not 0 <= place <= len(parent.members):
        raise StrategyError(f"move: {said(parent)} takes a child at 0 to {len(parent.members)}, got {place}")
    order = list(range(len(parent.members)))
    order.remove(source[-1])
    order.insert(place - (place > source[-1]), source[-1])
    changes: dict[str, Any] = {"members": tuple(parent.members[number] for number in order)}
    if isinstance(parent, Weight) and parent.weighting.mode == "fixed":
        shares = parent.weighting.shares
        changes["weighting"] = parent.weighting.replaced(shares=tuple(shares[number] for number in order))
    return _rebuilt(root, source[:-1], parent.replaced(**changes))


def _rebuilt(root: Node, path: Path, node: Node) -> Node:
    """Put a node at a place and build every node above it anew."""
    above = lineage(root, path)
    for parent, number in zip(reversed(above[:-1]), reversed(path), strict=True):
        slots = parent.slots
        if len(slots) == 1 and isinstance(getattr(parent, slots[0]), tuple):
            children = parent.children
            node = parent.replaced(**{slots[0]: (*children[:number], node, *children[number + 1 :])})
        else:
            node = parent.replaced(**{slots[number]: node})
    return node
