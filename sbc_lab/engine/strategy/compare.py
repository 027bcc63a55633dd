"""`compare`: what was moved, changed, added and removed between two strategies, found by fingerprints.

Both trees are walked from the root down together. Equal subtrees are passed over at once, by their fingerprint; two
subtrees that meet again are not looked at again; so the cost is about that of the different nodes, however often they
are repeated. Does not live here: the finished comparison and how it is shown (`differences`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._intern import Term
from .differences import Change, ChangeKind, Differences
from .fingerprint import fingerprint
from .nodes import Node, Switch
from .outline import label
from .sentence import sentence
from .strategy import Strategy
from .walk import Path, count_nodes, ordered, root_node

__all__ = ["compare"]

_SENTENCE = 100


@dataclass(frozen=True, eq=False)
class _Place:
    """A node and the way to it, as a chain upwards: a whole path for every node of a deep tree would not fit."""

    node: Node
    above: _Place | None = None
    number: int = 0

    def below(self) -> list[_Place]:
        return [_Place(child, self, number) for number, child in enumerate(self.node.children)]

    @property
    def path(self) -> Path:
        steps: list[int] = []
        place = self
        while place.above is not None:
            steps.append(place.number)
            place = place.above
        return tuple(reversed(steps))


_Pair = tuple[_Place, _Place]
_Difference = tuple[ChangeKind, _Place | None, _Place | None, tuple[str, ...]]
_AROUND = ("stands around what is here",)


@dataclass
class _Found:
    """Differences while they are collected."""

    pairs: dict[tuple[Node, Node], int] = field(default_factory=dict)
    """Every two different subtrees that met, and how often."""
    differences: list[_Difference] = field(default_factory=list)
    removed: list[_Place] = field(default_factory=list)
    added: list[_Place] = field(default_factory=list)


def compare(first: Strategy | Node, second: Strategy | Node) -> Differences:
    """Say what is different between two strategies.

    Parameters
    ----------
    first, second : Strategy or Node
        Without open axes. Names, titles, colours and folding do not count.

    Returns
    -------
    Differences
        `.same`, `.similarity`, and `.changes` with places in both trees; shown as text, and as a table in a notebook.

    Examples
    --------
    >>> from sbc_lab.engine.strategy import equal, rsi, when
    >>> before = when(rsi("QQQ", 10) > 79).then("UVXY").otherwise(equal("SPY", "TLT"))
    >>> after = when(rsi("QQQ", 10) > 80).then("UVXY").otherwise(equal("SPY", "TLT", "GLD"))
    >>> compare(before, after)
    1 changed, 1 added; 73% of the different nodes are alike
      changed []  if rsi('QQQ', 10) > 80: condition: rsi('QQQ', 10) > 79 → rsi('QQQ', 10) > 80
      added   [1, 2]  GLD
    """
    one, other = root_node(first), root_node(second)
    frame = _frame(first, second)
    same = fingerprint(one) == fingerprint(other)
    found = _Found()
    if not same:
        _walk(_Place(one), _Place(other), found)
        _join_moves(found)
    own_one, own_other = _signatures(one), _signatures(other)
    sizes = sum(own_one.values()), sum(own_other.values())
    alike = sum((own_one & own_other).values())
    return Differences(same and not frame, 2.0 * alike / sum(sizes), (*frame, *_changes(found)), sizes)


def _frame(first: Strategy | Node, second: Strategy | Node) -> tuple[Change, ...]:
    if isinstance(first, Strategy) and isinstance(second, Strategy) and first.rebalance is not second.rebalance:
        said = f"rebalance: {first.rebalance} → {second.rebalance}"
        return (Change("changed", (), (), "strategy", (said,)),)
    return ()


def _walk(one: _Place, other: _Place, found: _Found) -> None:
    """Go down both trees together and collect what does not agree."""
    stack = [(one, other)]
    while stack:
        left, right = stack.pop()
        pair = left.node, right.node
        if fingerprint(pair[0]) == fingerprint(pair[1]):
            continue
        found.pairs[pair] = found.pairs.get(pair, 0) + 1
        if found.pairs[pair] > 1:
            continue
        if left.node.kind != right.node.kind:
            _exchange(left, right, found, stack)
            continue
        detail = tuple(_details(left.node, right.node))
        if detail:
            found.differences.append(("changed", left, right, detail))
        below = left.below(), right.below()
        named = len(left.node.slots) > 1 or (isinstance(left.node, Switch) and len(below[0]) == len(below[1]))
        if named or len(below[0]) == len(below[1]) == 1:
            stack.extend(reversed(list(zip(*below, strict=True))))
        else:
            _align(*below, found, stack)


def _exchange(left: _Place, right: _Place, found: _Found, stack: list[_Pair]) -> None:
    """Take two nodes of different kinds: one may have been put around the other, else each stands alone."""
    for inner, outer in ((left, right), (right, left)):
        below = outer.below()
        inside = [at for at in below if len(below) == 1 or fingerprint(at.node) == fingerprint(inner.node)]
        if not inside:
            continue
        around = [at for at in below if at is not inside[0]]
        if outer is right:
            found.differences.append(("added", None, right, _AROUND))
            found.added += around
            stack.append((left, inside[0]))
        else:
            found.differences.append(("removed", left, None, _AROUND))
            found.removed += around
            stack.append((inside[0], right))
        return
    found.removed.append(left)
    found.added.append(right)


def _align(left: Sequence[_Place], right: Sequence[_Place], found: _Found, stack: list[_Pair]) -> None:
    """Match children in a list: equal ones first, then those of a kind, in their order."""
    equal, rest_left, rest_right = _matched(left, right, lambda place: fingerprint(place.node))
    stays = _rising([after.number for _, after in equal])
    found.differences += [("moved", one, other, ()) for one, other in equal if other.number not in stays]
    alike, gone, new = _matched(rest_left, rest_right, lambda place: place.node.kind if place.node.children else None)
    stack.extend(reversed(alike))
    found.removed += gone
    found.added += new


def _matched(
    left: Iterable[_Place], right: Iterable[_Place], key: Callable[[_Place], Hashable]
) -> tuple[list[_Pair], list[_Place], list[_Place]]:
    """Pair places with equal keys, first with first; and what is left of both. Nothing is paired by the key None."""
    waiting: dict[Hashable, deque[_Place]] = {}
    for place in right:
        waiting.setdefault(key(place), deque()).append(place)
    pairs: list[_Pair] = []
    alone: list[_Place] = []
    for place in left:
        name = key(place)
        if name is not None and waiting.get(name):
            pairs.append((place, waiting[name].popleft()))
        else:
            alone.append(place)
    rest = sorted((place for queue in waiting.values() for place in queue), key=lambda place: place.number)
    return pairs, alone, rest


def _rising(numbers: Sequence[int]) -> set[int]:
    """Find a longest rising selection of different numbers; these stand still, and the others moved past them."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        ends[length:] = [number, *ends[length + 1 :]] if length < len(ends) else [number]
        places[length : length + 1] = [place]
        before.append(places[length - 1] if length else -1)
    kept: set[int] = set()
    place = places[-1] if places else -1
    while place >= 0:
        kept.add(numbers[place])
        place = before[place]
    return kept


def _join_moves(found: _Found) -> None:
    """Find what stands in something removed and in something added: it moved. Leaves only when they stand alone."""
    inside: dict[str, _Place] = {}
    for place in found.added:
        _note_inside(place, inside)
    roots = {id(place) for place in (*found.added, *found.removed)}
    gone: set[int] = set()
    seen: set[str] = set()
    stack = list(reversed(found.removed))
    while stack:
        place = stack.pop()
        name = fingerprint(place.node)
        at = inside.get(name)
        if at is not None and (place.node.children or {id(place), id(at)} <= roots):
            found.differences.append(("moved", place, at, ()))
            gone.update((id(place), id(at)))
            del inside[name]
        elif name not in seen:
            seen.add(name)
            stack.extend(reversed(place.below()))
    found.removed = [place for place in found.removed if id(place) not in gone]
    found.added = [place for place in found.added if id(place) not in gone]


def _note_inside(top: _Place, inside: dict[str, _Place]) -> None:
    """Note the first place of every subtree."""
    stack = [top]
    while stack:
        place = stack.pop()
        name = fingerprint(place.node)
        if name not in inside:
            inside[name] = place
            stack.extend(reversed(place.below()))


def _changes(found: _Found) -> Iterator[Change]:
    """Write down what was found, in the order of the first tree; what was added stands behind."""
    told = list(found.differences)
    told += [("removed", place, None, ()) for place in found.removed]
    told += [("added", None, place, ()) for place in found.added]
    finished = []
    for kind, before, after, detail in told:
        shown = after or before
        assert shown is not None
        times = found.pairs.get((before.node, after.node), 1) if before and after and kind == "changed" else 1
        paths = before.path if before else None, after.path if after else None
        nodes = 1 if detail is _AROUND else count_nodes(shown.node)
        finished.append(Change(kind, *paths, label(shown.node), detail, nodes, times))
    yield from sorted(finished, key=lambda change: (change.before is None, change.before or change.after or ()))


def _details(one: Node, other: Node) -> Iterator[str]:
    """Say which fields of two nodes differ, as they were and as they are."""
    for name, left in _own(one):
        right = getattr(other, name)
        if isinstance(left, tuple) and len(left) == len(right):
            pairs = [(f"{name}[{at}]", *pair) for at, pair in enumerate(zip(left, right, strict=True))]
        else:
            pairs = [(name, left, right)]
        for called, before, after in pairs:
            if _meaning(before) != _meaning(after):
                yield f"{called}: {_said(before)} → {_said(after)}"


def _own(node: Node) -> Iterator[tuple[str, Any]]:
    """List what a node says itself: no children, and nothing that is only seen."""
    return ((name, value) for name, value in node.values() if name not in node.look and name not in node.slots)


def _meaning(value: Any) -> Hashable:
    if isinstance(value, Term):
        return fingerprint(value)
    return tuple(map(_meaning, value)) if isinstance(value, tuple) else value


def _said(value: Any) -> str:
    if isinstance(value, Term):
        return sentence(value, limit=_SENTENCE)
    if isinstance(value, tuple):
        return f"{len(value)} of them"
    return repr(value) if isinstance(value, str) else str(value)


def _signatures(root: Node) -> Counter[Hashable]:
    """Count what the different nodes of a tree say themselves."""
    found: dict[str, Hashable] = {}
    for term in ordered(root):
        if isinstance(term, Node):
            own = tuple((name, _meaning(value)) for name, value in _own(term))
            found[fingerprint(term)] = (term.kind, own)
    return Counter(found.values())
