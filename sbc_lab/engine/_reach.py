"""Which branches a node can ever take, knowing only which of its conditions are constant. No prices, no numbering."""

from __future__ import annotations

from collections.abc import Sequence

from .strategy import Condition, If, Latch, Switch

Known = bool | None
"""What a condition always is; None when it depends on the date."""


def asked_by(term: If | Switch | Latch) -> tuple[Condition, ...]:
    """List what a node asks before it takes a branch."""
    if isinstance(term, If):
        return (term.condition,)
    return term.conditions if isinstance(term, Switch) else (term.enter, term.exit)


def cases_of(term: If | Switch | Latch, known: Sequence[Known]) -> frozenset[int]:
    """Number the children that some date can lead to, from what each of its conditions always is."""
    if isinstance(term, Switch):
        return _switch_cases(term, known)
    if isinstance(term, Latch):
        return _latch_cases(known[0], known[1])
    return frozenset((0, 1)) if known[0] is None else frozenset((0 if known[0] else 1,))


def _switch_cases(switch: Switch, known: Sequence[Known]) -> frozenset[int]:
    """Number the cases that a switch can come to."""
    size = len(known)
    if switch.rule == "first":
        found = []
        for place, truth in enumerate(known):
            if truth is not False:
                found.append(place)
            if truth:
                return frozenset(found)
        return frozenset((*found, size))
    least = sum(truth is True for truth in known)
    most = size - sum(truth is False for truth in known)
    if switch.rule == "ladder":
        return frozenset(range(least, most + 1))
    enough = _enough(switch.rule, size, switch.count or 0)
    return frozenset(0 if holds in enough else 1 for holds in range(least, most + 1))


def _enough(rule: str, size: int, count: int) -> range:
    """How many of `size` conditions may hold for the rule to be met."""
    return {
        "any": range(1, size + 1),
        "all": range(size, size + 1),
        "none": range(1),
        "exactly": range(count, count + 1),
        "at_least": range(count, size + 1),
        "at_most": range(count + 1),
    }[rule]


def _latch_cases(enter: Known, leave: Known) -> frozenset[int]:
    """Number the states that a latch can come to: 0 on, 1 off."""
    if enter is False:
        return frozenset((1,))
    if enter is True and leave is False:
        return frozenset((0,))
    return frozenset((0, 1))
