"""Conditions that are the same on every date, whatever the prices: found before anything is numbered.

Lives here: constant arithmetic and Kleene's logic over what is constant, so that `rsi("SPY", 10) > 30` and something
that is never true is never true. Does not live here: which branches that leaves to a node (`_reach`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .strategy import (
    All,
    Any,
    Arithmetic,
    AtLeast,
    Comparison,
    Condition,
    Constant,
    Expression,
    Lag,
    Named,
    Not,
    Percentile,
    Term,
    substitute,
)

ALWAYS = Comparison(Constant(1.0), ">", Constant(0.0))
NEVER = Comparison(Constant(1.0), "<", Constant(0.0))

COMPOUND = (All, Any, AtLeast, Not)


class Constants:
    """What conditions and expressions always are, each asked once."""

    def __init__(self) -> None:
        self._truths: dict[Condition, bool | None] = {}
        self._levels: dict[Expression, float | None] = {}
        self._settled: dict[Condition, Condition] = {}

    def truth(self, condition: Condition) -> bool | None:
        """Say what a condition always is; None when that depends on the date or can never be decided."""
        for term in self._parts_first(condition):
            if isinstance(term, Condition):
                self._truths[term] = self._truth(term)
            elif isinstance(term, Expression):
                self._levels[term] = self._level(term)
        return self._truths[condition]

    def settled(self, condition: Condition) -> Condition:
        """Put ALWAYS or NEVER in the place of every part that is so, so that nothing waits for what cannot matter."""
        if condition not in self._settled:
            self.truth(condition)
            always = {
                part: ALWAYS if self._truths[part] else NEVER
                for part in _conditions(condition)
                if self._truths[part] is not None and _asks_more(part)
            }
            self._settled[condition] = substitute(condition, always) if always else condition
        return self._settled[condition]

    def _parts_first(self, condition: Condition) -> list[Term]:
        """The terms that are not known yet, parts before what they are part of; nothing below an indicator."""
        done: dict[Term, None] = {}
        stack: list[tuple[Term, bool]] = [(condition, False)]
        while stack:
            term, finished = stack.pop()
            if finished:
                done[term] = None
            elif term not in done and term not in self._truths and term not in self._levels:
                stack.append((term, True))
                stack.extend((part, False) for part in term.parts if isinstance(part, (Condition, Expression)))
        return list(done)

    def _level(self, term: Expression) -> float | None:
        if isinstance(term, Constant):
            return float(term.value)  # type: ignore[arg-type]  # axes are refused before
        if isinstance(term, Arithmetic):
            left, right = self._levels[term.left], self._levels[term.right]
            return None if left is None or right is None else calculated(term.op, left, right)
        if isinstance(term, (Lag, Named, Percentile)):
            level = self._levels[term.of]
            # What never moves is at or below itself on every date.
            return 100.0 if isinstance(term, Percentile) and level is not None and not math.isnan(level) else level
        return None

    def _truth(self, term: Condition) -> bool | None:
        if isinstance(term, Comparison):
            left, right = self._levels[term.left], self._levels[term.right]
            if left is None or right is None or math.isnan(left) or math.isnan(right):
                return None
            # What never moves never crosses.
            holds = {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}
            return holds.get(term.op, False)
        if isinstance(term, Not):
            inner = self._truths[term.condition]
            return None if inner is None else not inner
        if isinstance(term, (All, Any, AtLeast)):
            needed = {All: len(term.conditions), Any: 1}.get(type(term))
            count = int(term.count) if isinstance(term, AtLeast) else int(needed or 0)  # type: ignore[arg-type]  # no open axes
            return enough([self._truths[part] for part in term.conditions], count)
        return None


def enough(truths: Sequence[bool | None], count: int) -> bool | None:
    """Decide whether at least `count` hold, as far as the known ones can."""
    if sum(truth is True for truth in truths) >= count:
        return True
    return False if sum(truth is not False for truth in truths) < count else None


def calculated(op: str, left: float, right: float) -> float:
    """Calculate with two numbers; what is divided by zero or becomes too large is no value."""
    if op == "/":
        found = left / right if right != 0.0 else math.nan
    else:
        found = {"+": left + right, "-": left - right, "*": left * right}[op]
    return found if math.isfinite(found) else math.nan


def _asks_more(part: Condition) -> bool:
    """Tell whether a constant condition looks at more than the two numbers of one date."""
    return not isinstance(part, Comparison) or part.days != 1 or part.op.startswith("crosses")


def _conditions(root: Condition) -> list[Condition]:
    """List a condition and those it is made of, each once."""
    found: dict[Condition, None] = {}
    stack = [root]
    while stack:
        term = stack.pop()
        if term not in found:
            found[term] = None
            stack.extend(part for part in term.parts if isinstance(part, Condition))
    return list(found)
