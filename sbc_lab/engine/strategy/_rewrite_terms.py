"""Rewrites of expressions and conditions that never change a value or a truth, nor when it is known.

Each looks at one term whose parts are simplified. Truths are Kleene's, so what holds here holds for unknown conditions
as well. Numbers are only put together where floating point gives the last bit that the engine would have computed.
Does not live here: nodes (`_rewrite_nodes`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._intern import Term
from .conditions import All, Any, AtLeast, Comparison, Condition, DateRange, Month, Not, OnOrAfter
from .terms import Arithmetic, Constant, Expression, Lag
from .vocabulary import LONGEST_WINDOW
from .walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ALWAYS", "NEVER", "Rewritten", "is_known", "rewrite_term", "truth"]

Rewritten = tuple[str, Term]
"""What was done, and what came out."""

ALWAYS = Comparison(Constant(1.0), ">", Constant(0.0))
NEVER = Comparison(Constant(1.0), "<", Constant(0.0))
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def truth(condition: Condition) -> bool | None:
    """Say what a simplified condition always is; None when that depends on the date."""
    return True if condition is ALWAYS else False if condition is NEVER else None


def is_known(condition: Condition) -> bool:
    """Tell whether a condition is known on every date, whatever the prices: only dates and constants are asked."""
    asked = [term for term in walk(condition) if isinstance(term, (Comparison, Month, DateRange, OnOrAfter))]
    return all(not isinstance(term, Comparison) or truth(term) is not None for term in asked)


def rewrite_term(term: Term) -> Rewritten | None:
    """Rewrite an expression or a condition whose parts are simplified; None when there is nothing to do."""
    rule = _RULES.get(type(term))
    return rule(term) if rule else None


def _arithmetic(term: Arithmetic) -> Rewritten | None:
    left, right = _number(term.left), _number(term.right)
    if left is not None and right is not None:
        value = _calculated(term.op, left, right)
        return None if value is None else ("a calculation with numbers alone", Constant(value))
    if (term.op in "+-" and right == 0.0) or (term.op in "*/" and right == 1.0):
        return _NEUTRAL, term.left
    if (term.op == "+" and left == 0.0) or (term.op == "*" and left == 1.0):
        return _NEUTRAL, term.right
    return None


_NEUTRAL = "a number that changes nothing"


def _number(term: Expression) -> float | None:
    return term.value if isinstance(term, Constant) and isinstance(term.value, float) else None


def _calculated(op: str, left: float, right: float) -> float | None:
    if op == "/" and right == 0.0:
        return None
    value = {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1.0)}[op]
    return value if math.isfinite(value) else None


def _lag(term: Lag) -> Rewritten | None:
    if isinstance(term.of, Constant):
        return "a lag of a number", term.of
    if term.days == 0:
        return "a lag of no days", term.of
    if isinstance(term.of, Lag) and isinstance(term.days, int) and isinstance(term.of.days, int):
        days = term.days + term.of.days
        return ("a lag of a lag", Lag(term.of.of, days)) if days <= LONGEST_WINDOW else None
    return None


def _comparison(term: Comparison) -> Rewritten | None:
    left, right = _number(term.left), _number(term.right)
    if left is None or right is None or term in (ALWAYS, NEVER) or not isinstance(term.days, int):
        return None
    # What never moves never crosses.
    holds = {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}.get(term.op, False)
    return "a comparison of numbers alone", ALWAYS if holds else NEVER


def _not(term: Not) -> Rewritten | None:
    inner = term.condition
    known = truth(inner)
    if known is not None:
        return _SETTLED, NEVER if known else ALWAYS
    if isinstance(inner, Not):
        return "a negation of a negation", inner.condition
    if isinstance(inner, Comparison) and inner.op in _OPPOSITE and inner.days == 1:
        return "a negated comparison", inner.replaced(op=_OPPOSITE[inner.op])
    return None


_SETTLED = "a condition that its constant parts decide"
_ONE = "a join of one condition"
_TWICE = "a condition that stands twice among others"


def _joined(term: All | Any) -> Rewritten | None:
    """Rewrite All and Any, which are each other's mirror image."""
    kind = type(term)
    neutral, decides = (ALWAYS, NEVER) if kind is All else (NEVER, ALWAYS)
    members = term.conditions
    if decides in members:
        return _SETTLED, decides
    if neutral in members:
        kept = tuple(member for member in members if member is not neutral)
        return "a constant among conditions", kind(kept) if kept else neutral
    if len(members) == 1:
        return _ONE, members[0]
    if len(set(members)) < len(members):
        return _TWICE, kind(tuple(dict.fromkeys(members)))
    if any(type(member) is kind for member in members):
        return "a join inside an equal join", kind(tuple(part for member in members for part in _flat(member, kind)))
    return None


def _flat(member: Condition, kind: type[All] | type[Any]) -> Sequence[Condition]:
    return member.conditions if isinstance(member, (All, Any)) and type(member) is kind else (member,)


def _at_least(term: AtLeast) -> Rewritten | None:
    if not isinstance(term.count, int):
        return None
    known = [truth(member) for member in term.conditions]
    if any(one is not None for one in known):
        open_ = tuple(member for member, one in zip(term.conditions, known, strict=True) if one is None)
        count = term.count - known.count(True)
        if count <= 0 or count > len(open_):
            return _SETTLED, ALWAYS if count <= 0 else NEVER
        return "a constant among conditions", AtLeast(count, open_)
    if term.count == 0:
        return _SETTLED, ALWAYS
    if term.count == len(term.conditions):
        return "a count that is all or any", All(term.conditions)
    return ("a count that is all or any", Any(term.conditions)) if term.count == 1 else None


_RULES: dict[type[Term], Callable[..., Rewritten | None]] = {
    Arithmetic: _arithmetic,
    Lag: _lag,
    Comparison: _comparison,
    Not: _not,
    All: _joined,
    Any: _joined,
    AtLeast: _at_least,
}
