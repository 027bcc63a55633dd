"""Walking trees with a stack, never by recursion: what a tree reads, how large it is, and where a node stands.

Every function takes any term; a subtree that occurs in several places is one object and is visited once unless the
place matters. Does not live here: changing a tree (`edit`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from ...errors import StrategyError
from ._checks import shown
from ._intern import Axis, Term
from .nodes import Asset, Call, Filter, Group, Node
from .strategy import Strategy
from .terms import Branch, Each, Indicator, Nav, Ratio, Ticker

Path = tuple[int, ...]
"""A place in a tree: the child numbers from the root down, `()` for the root itself."""

AnyTerm = TypeVar("AnyTerm", bound=Term)


def ordered(root: Term) -> list[Term]:
    """List every term once, parts before what they are part of; the root comes last.

    The order is that of a walk which finishes the parts of a term from first to last, so it depends on the tree alone.
    """
    done: dict[Term, None] = {}
    stack: list[tuple[Term, bool]] = [(root, False)]
    while stack:
        term, finished = stack.pop()
        if finished:
            done[term] = None
        elif term not in done:
            stack.append((term, True))
            stack.extend((part, False) for part in reversed(term.parts) if part not in done)
    return list(done)


def walk(root: Term) -> Iterator[Term]:
    """Yield every term once, what it is part of before its parts, in the order in which they are written."""
    seen: set[Term] = set()
    stack = [root]
    while stack:
        term = stack.pop()
        if term in seen:
            continue
        seen.add(term)
        yield term
        stack.extend(reversed(term.parts))


def tickers(root: Term) -> tuple[str, ...]:
    """Every ticker that is held or looked at, in the order in which it is first met."""
    found: dict[str, None] = {}
    for term in walk(root):
        if isinstance(term, Asset):
            found[term.ticker] = None
        elif isinstance(term, Ticker):
            found[term.symbol] = None
        elif isinstance(term, Ratio):
            found[term.above] = None
            found[term.below] = None
    return tuple(found)


def needs(root: Term) -> tuple[Indicator, ...]:
    """Every indicator that a tree reads, once each; those of a filter are given for each of its children."""
    found: dict[Indicator, None] = {}
    for term in walk(root):
        if isinstance(term, Indicator) and not term.free:
            found[term] = None
        elif isinstance(term, Filter):
            for child in term.members:
                of_child = substitute(term.by, {Each(): child_series(child)})
                found.update(
                    (part, None) for part in _expression(of_child) if isinstance(part, Indicator) and not part.free
                )
    return tuple(found)


def _expression(root: Term) -> Iterator[Term]:
    """Yield an expression and what it is made of, without the nodes whose NAV it reads: they are parts of the tree."""
    seen: set[Term] = set()
    stack = [root]
    while stack:
        term = stack.pop()
        if term not in seen and not isinstance(term, Node):
            seen.add(term)
            yield term
            stack.extend(reversed(term.parts))


def fields(root: Term) -> tuple[str, ...]:
    """Every field of the candles that a tree reads, closes first."""
    found = {"close": None}
    for term in walk(root):
        if isinstance(term, Indicator):
            found.update(dict.fromkeys(term.word.inputs))
    return tuple(found)


def child_series(child: Node) -> Ticker | Nav:
    """The series that `each` means for a child of a filter: a ticker's own prices, the NAV of anything else."""
    return Ticker(child.ticker) if isinstance(child, Asset) else Nav(child)


def substitute(root: AnyTerm, replacements: Mapping[Any, object]) -> AnyTerm:
    """Put other terms, or numbers for axes, in the place of those given, wherever they occur; the rest is shared."""
    fresh: dict[Term, Any] = {}
    # `each`, a branch and an axis mean something only where they are free: a node inside may have its own of that name.
    free_names = all(isinstance(key, (Axis, Branch, Each)) for key in replacements)
    for term in _changing(root, replacements) if free_names else ordered(root):
        if term in replacements:
            fresh[term] = replacements[term]
            continue
        changes = {}
        for name, value in term.values():
            new = _with(value, fresh, replacements)
            if new is not value:
                changes[name] = new
        fresh[term] = term.replaced(**changes) if changes else term
    built: AnyTerm = fresh.get(root, root)
    return built


def _changing(root: Term, names: Mapping[Any, object]) -> list[Term]:
    """List the terms in which one of the names is free, parts first; what does not change is not walked through."""
    done: dict[Term, None] = {}
    stack: list[tuple[Term, bool]] = [(root, False)]
    while stack:
        term, finished = stack.pop()
        if finished:
            done[term] = None
        elif term not in done and not term.free.isdisjoint(names):
            stack.append((term, True))
            stack.extend((part, False) for part in reversed(term.parts))
    return list(done)


def _with(value: object, fresh: Mapping[Term, Any], replacements: Mapping[Any, object]) -> object:
    if isinstance(value, Term):
        return fresh.get(value, value)
    if isinstance(value, Axis):
        return replacements.get(value, value)
    if isinstance(value, tuple):
        items = tuple(_with(item, fresh, replacements) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def root_node(root: Node | Strategy) -> Node:
    """Take a strategy or a node and return the node on top."""
    found: object = root.root if isinstance(root, Strategy) else root
    if not isinstance(found, Node):
        raise StrategyError(f"a node or a strategy is needed, got {shown(found)}")
    return found


def said(node: Node) -> str:
    """Name a node in a message: its kind, and what a person called it."""
    name = getattr(node, "ticker", "") or getattr(node, "name", "") or getattr(node, "bot", "") or node.title
    return f"{node.kind} {name[:40]!r}" if name else f"this {node.kind}"


def lineage(root: Node | Strategy, path: Sequence[int]) -> list[Node]:
    """List the nodes from the root down to a place, both included.

    Raises
    ------
    StrategyError
        When the path leads nowhere; the message says how far it went.
    """
    found = [root_node(root)]
    for level, number in enumerate(path):
        children = found[-1].children
        if isinstance(number, bool) or not isinstance(number, int):
            raise StrategyError(f"a path holds child numbers such as [0, 2], got {shown(number)} at step {level}")
        if not 0 <= number < len(children):
            held = f"children 0 to {len(children) - 1}" if children else "no children"
            reached = f"the path {shown(list(path))} leads only to {shown(list(path[:level]))}"
            raise StrategyError(f"{reached}: {said(found[-1])} has {held}, got {shown(number)}")
        found.append(children[number])
    return found


def node_at(root: Node | Strategy, path: Sequence[int]) -> Node:
    """Give the node at a place.

    Parameters
    ----------
    root : Node or Strategy
    path : sequence of int
        Child numbers from the root down, `()` for the root itself.
    """
    return lineage(root, path)[-1]


def paths(root: Node | Strategy) -> Iterator[Path]:
    """Yield the place of every node, parents first, in the order in which they are written.

    A subtree that occurs twice has two places, so there may be more of them than can ever be listed: take only as
    many as you show.
    """
    stack: list[tuple[Path, Node]] = [((), root_node(root))]
    while stack:
        path, node = stack.pop()
        yield path
        stack.extend(((*path, number), child) for number, child in reversed(list(enumerate(node.children))))


def find(root: Node | Strategy, what: str | Callable[[Term], bool], *, limit: int = 100) -> list[Path]:
    """List the places of the nodes that match, or whose own conditions and expressions do.

    Parameters
    ----------
    root : Node or Strategy
    what : str or callable
        A ticker, a part of a title, of a group's name or of a bot's, capitals not minded; or a function of any term.
    limit : int
        Stop after so many places.
    """
    top = root_node(root)
    matches = what if callable(what) else _named(what)
    found: dict[Term, bool] = {}
    here: dict[Node, bool] = {}
    for term in ordered(top):
        itself = bool(matches(term))
        if isinstance(term, Node):
            children = set(term.children)
            here[term] = itself or any(found[part] for part in term.parts if part not in children)
        found[term] = itself or any(found[part] for part in term.parts)
    return list(islice(_places(top, here, found), limit))


def _places(top: Node, here: Mapping[Node, bool], found: Mapping[Term, bool]) -> Iterator[Path]:
    stack: list[tuple[Path, Node]] = [((), top)]
    while stack:
        path, node = stack.pop()
        if here[node]:
            yield path
        # Only where something is found is looked at, so that the work is bounded by what is shown.
        children = reversed(list(enumerate(node.children)))
        stack.extend(((*path, number), child) for number, child in children if found[child])


def _named(wanted: str) -> Callable[[Term], bool]:
    text = wanted.casefold()

    def matches(term: Term) -> bool:
        if isinstance(term, Asset) and term.ticker.casefold() == text:
            return True
        if isinstance(term, Ticker):
            return term.symbol.casefold() == text
        if isinstance(term, Ratio):
            return text in (term.above.casefold(), term.below.casefold(), f"{term.above}/{term.below}".casefold())
        names = (term.name,) if isinstance(term, Group) else (term.bot,) if isinstance(term, Call) else ()
        return isinstance(term, Node) and any(text in name.casefold() for name in (*names, term.title) if name)

    return matches


def _family(root: Node | Strategy) -> list[Node]:
    """List every different node of the tree once, children before parents; nodes inside conditions are left out."""
    done: dict[Node, None] = {}
    stack: list[tuple[Node, bool]] = [(root_node(root), False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            done[node] = None
        elif node not in done:
            stack.append((node, True))
            stack.extend((child, False) for child in node.children if child not in done)
    return list(done)


def count_nodes(root: Node | Strategy) -> int:
    """Count the nodes that an outline would show: a subtree that occurs twice counts twice.

    They are counted from below, never listed, so the number may be astronomical. Conditions are not counted.
    """
    size: dict[Node, int] = {}
    for node in _family(root):
        size[node] = 1 + sum(size[child] for child in node.children)
    return size[root_node(root)]


def count_unique(root: Node | Strategy) -> int:
    """Count the different nodes: a subtree that occurs twice counts once. Conditions are not counted."""
    return len(_family(root))


def depth(root: Node | Strategy) -> int:
    """Count the nodes on the longest way from the root to a leaf, both included."""
    levels: dict[Node, int] = {}
    for node in _family(root):
        levels[node] = 1 + max((levels[child] for child in node.children), default=0)
    return levels[root_node(root)]
