"""Rewrites of nodes that never change an allocation, a net asset value, or the date on which a run can start.

Each looks at one node whose parts are simplified. Does not live here: expressions and conditions (`_rewrite_terms`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ._rewrite_terms import Rewritten, is_known, truth
from .conditions import Condition
from .nodes import Asset, Call, Cash, Group, If, Latch, Node, Switch, Weight
from .terms import Branch
from .walk import substitute

__all__ = ["rewrite_node"]

_CONSTANT = "a choice that is always the same"
_EQUAL = "a choice between equal branches by dates alone"
_NEVER_COUNTS = "a condition of a switch that is always the same"
_COUNTED = {"exactly", "at_least", "at_most"}


def rewrite_node(term: Node, *, boxes: bool) -> Rewritten | None:
    """Rewrite a node whose parts are simplified; None when there is nothing to do."""
    if isinstance(term, Group):
        return _group(term, boxes=boxes)
    rule = _RULES.get(type(term))
    return rule(term) if rule else None


def _group(term: Group, *, boxes: bool) -> Rewritten | None:
    if not term.name:
        return "a box without a name", _dressed(term.child, term)
    return ("a named box", _dressed(term.child, term)) if boxes else None


def _weight(term: Weight) -> Rewritten | None:
    """Take away weights that share nothing out, and cash among equals, which gives its share to them."""
    weighting = term.weighting
    if weighting.capped or weighting.mode not in ("equal", "fixed"):
        return None
    if len(term.members) == 1:
        return "a weight of one child", _dressed(term.members[0], term)
    if weighting.mode == "fixed":
        return None
    kept = tuple(member for member in term.members if not _is_cash(member))
    # One child alone would be read as that child, and the net asset value of this weight is another line.
    if 2 <= len(kept) < len(term.members):
        return "cash among equal weights", term.replaced(members=kept)
    return None


def _if(term: If) -> Rewritten | None:
    known = truth(term.condition)
    if known is not None:
        return _CONSTANT, _dressed(term.then if known else term.otherwise, term)
    return _between_equals(term, (term.condition,))


def _latch(term: Latch) -> Rewritten | None:
    enters, leaves = truth(term.enter), truth(term.exit)
    if enters is False and leaves is not None:
        return _CONSTANT, _dressed(term.off, term)
    if enters is True and leaves is False:
        return _CONSTANT, _dressed(term.on, term)
    return _between_equals(term, (term.enter, term.exit))


def _between_equals(term: Node, asked: Sequence[Condition]) -> Rewritten | None:
    """Take away a choice between equal branches when it never waits, and is not mistaken for a ticker afterwards."""
    first, *others = term.children
    if any(other is not first for other in others) or _is_ticker(first):
        return None
    return (_EQUAL, _dressed(first, term)) if all(map(is_known, asked)) else None


def _switch(term: Switch) -> Rewritten | None:
    known = [truth(condition) for condition in term.conditions]
    if None not in known:
        return _CONSTANT, _dressed(term.cases[_case(term, [one is True for one in known])], term)
    if len(known) == 1:
        return _as_if(term)
    for place, one in enumerate(known):
        if one is not None and (found := _without(term, place, holds=one)) is not None:
            return _NEVER_COUNTS, found
    return _between_equals(term, term.conditions)


def _case(term: Switch, holds: Sequence[bool]) -> int:
    """Number the case to which a switch leads when exactly these conditions hold."""
    count, wanted, size = sum(holds), term.count or 0, len(holds)
    if term.rule == "ladder":
        return count
    if term.rule == "first":
        return list(holds).index(True) if count else size
    satisfied = {
        "any": count >= 1,
        "all": count == size,
        "none": count == 0,
        "exactly": count == wanted,
        "at_least": count >= wanted,
        "at_most": count <= wanted,
    }
    return 0 if satisfied[term.rule] else 1


def _as_if(term: Switch) -> Rewritten | None:
    """Say a switch by one condition as an if; its branches change their names."""
    yes, no = _case(term, [True]), _case(term, [False])
    if (yes, no) != (0, 1):
        # Equal ones are asked for all the same, because a run waits for what it asks. The other way round, tickers
        # would be met in another order, and with them the last digits of drifting shares.
        return None
    condition = _renamed(term.conditions[0], {0: "then", 1: "otherwise"})
    look = {name: getattr(term, name) for name in term.look}
    return "a switch by one condition", If(condition, *term.cases, **look)


def _without(term: Switch, place: int, *, holds: bool) -> Switch | None:
    """Leave out a constant condition of a switch; None where that would change what the others mean."""
    conditions = (*term.conditions[:place], *term.conditions[place + 1 :])
    if term.rule == "ladder":
        # Without a condition there is one count less: the highest when it never holds, else the lowest.
        gone = 0 if holds else len(term.cases) - 1
        return _fewer(term, conditions, gone)
    if term.rule == "first":
        return None if holds else _fewer(term, conditions, place)
    if term.rule in _COUNTED:
        count = int(term.count or 0) - holds
        return term.replaced(conditions=conditions, count=count) if 0 <= count <= len(conditions) else None
    if holds is (term.rule == "all"):
        return term.replaced(conditions=conditions)
    return None


def _fewer(term: Switch, conditions: Sequence[Condition], gone: int) -> Switch | None:
    """Leave out a case; the ones behind it move up, and so do their names."""
    if any(isinstance(thing, Branch) and thing.which == gone for one in conditions for thing in one.free):
        return None
    names: Mapping[int, str | int] = {case: case - (case > gone) for case in range(len(term.cases)) if case != gone}
    cases = (*term.cases[:gone], *term.cases[gone + 1 :])
    return term.replaced(conditions=tuple(_renamed(one, names) for one in conditions), cases=cases)


def _renamed(condition: Condition, names: Mapping[int, str | int]) -> Condition:
    """Call the branches that a condition looks at by their new names."""
    places = {"then": 0, "otherwise": 1}
    changes: dict[Any, object] = {}
    for thing in condition.free:
        if isinstance(thing, Branch):
            number = places[thing.which] if isinstance(thing.which, str) else thing.which
            changes[thing] = Branch(names[number])
    return substitute(condition, changes) if changes else condition


def _is_cash(node: Node) -> bool:
    while isinstance(node, Group):
        node = node.child
    return isinstance(node, Cash)


def _is_ticker(node: Node) -> bool:
    """Tell whether a node is, or a call may turn out to be, read as a ticker where its own prices are asked for."""
    while isinstance(node, Group):
        node = node.child
    return isinstance(node, (Asset, Call))


def _dressed(node: Node, gone: Node) -> Node:
    """Give what is left the title, colour and name of what is gone, unless it has its own."""
    title = gone.title or (gone.name if isinstance(gone, Group) else "")
    changes: dict[str, object] = {}
    if title and not node.title:
        changes["title"] = title
    if gone.color and not node.color:
        changes["color"] = gone.color
    return node.replaced(**changes) if changes else node


_RULES: dict[type[Node], Callable[..., Rewritten | None]] = {
    Weight: _weight,
    If: _if,
    Latch: _latch,
    Switch: _switch,
}
