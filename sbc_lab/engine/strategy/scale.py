"""How an expression answers when every price is multiplied by one number: which power of that number it takes on.

A price takes it once, a ratio of two prices not at all, and a price plus 1 has no power: it is no longer of one kind.
What compares two powers, or a price with a fixed number, decides otherwise after the next split. No prices are needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .calculations import Function, Named, Rolling
from .terms import Arithmetic, Constant, Expression, Indicator, Lag, Percentile, Series, Ticker

MIXED = None
"""The power of what is of no one kind."""


@dataclass(frozen=True)
class Scale:
    """What an expression does when all prices are multiplied by k."""

    power: float | None
    """It is multiplied by k to this power; None when that is not so for any power."""
    level: float | None = None
    """The number that it is on every date, if it is one."""

    @property
    def nothing(self) -> bool:
        """Whether it is 0, which is of every kind."""
        return self.level == 0.0

    def like(self, other: Scale) -> bool:
        """Whether comparing the two comes out the same at every scale."""
        if self.power is MIXED or other.power is MIXED:
            return False
        return self.nothing or other.nothing or self.power == other.power


def scale_of(expression: Expression | Series) -> Scale:
    """Find how an expression, or the line of prices itself, answers to a change of all prices.

    A NAV begins at 1 and a ratio has no unit, whatever the prices are. What `each` and `branch` mean must be put in
    their places before.
    """
    if isinstance(expression, Series):
        return Scale(int(isinstance(expression, Ticker)))
    found: dict[Expression, Scale] = {}
    for term in _expressions(expression):
        found[term] = _scale(term, found)
    return found[expression]


def _expressions(root: Expression) -> list[Expression]:
    """List the expressions that one is made of, parts first; nodes inside a NAV are another question."""
    done: dict[Expression, None] = {}
    stack: list[tuple[Expression, bool]] = [(root, False)]
    while stack:
        term, finished = stack.pop()
        if finished:
            done[term] = None
        elif term not in done:
            stack.append((term, True))
            if not isinstance(term, Indicator):
                stack.extend((part, False) for part in term.parts if isinstance(part, Expression))
    return list(done)


def _scale(term: Expression, found: dict[Expression, Scale]) -> Scale:
    if isinstance(term, Constant):
        return Scale(0, float(term.value))  # type: ignore[arg-type]  # an axis is put in its place before
    if isinstance(term, Indicator):
        level = term.word.price_level and isinstance(term.series, Ticker)
        return Scale(int(level))
    if isinstance(term, (Lag, Named)):
        return found[term.of]
    if isinstance(term, Percentile):
        # Where a value stands among its own does not depend on its unit.
        return Scale(MIXED if found[term.of].power is MIXED else 0)
    if isinstance(term, Rolling):
        power = found[term.of].power
        return Scale(power if term.name != "change" or power is MIXED else 0)
    if isinstance(term, Function):
        return _applied(term, [found[part] for part in term.of])
    assert isinstance(term, Arithmetic), f"unknown expression {type(term).__name__}"
    return _calculated(term.op, found[term.left], found[term.right])


def _calculated(op: str, left: Scale, right: Scale) -> Scale:
    if left.level is not None and right.level is not None:
        return Scale(0, _number(op, left.level, right.level))
    if op in ("+", "-"):
        if left.nothing or right.nothing:
            return Scale(right.power if left.nothing else left.power)
        return Scale(left.power if left.power == right.power else MIXED)
    if left.nothing or (op == "*" and right.nothing):
        return Scale(0, 0.0)
    if left.power is MIXED or right.power is MIXED:
        return Scale(MIXED)
    return Scale(left.power + right.power if op == "*" else left.power - right.power)


def _number(op: str, left: float, right: float) -> float:
    if op == "/":
        return left / right if right != 0.0 else math.nan
    return {"+": left + right, "-": left - right, "*": left * right}[op]


def _applied(term: Function, of: list[Scale]) -> Scale:
    first = of[0].power
    if first is MIXED or any(part.power is MIXED for part in of):
        return Scale(MIXED)
    if term.name in ("min", "max", "mod"):
        return _calculated("+", Scale(first, of[0].level if of[0].nothing else None), of[1])
    if term.name in ("abs", "sign"):
        return Scale(first if term.name == "abs" else 0)
    if term.name == "sqrt":
        return Scale(first / 2)
    if term.name == "pow" and of[1].level is not None:
        return Scale(first * of[1].level)
    return Scale(MIXED if any(part.power != 0 for part in of) else 0)
