"""Both sides of a comparison on one date, and which comparison decided a condition: the numbers behind an explanation.

Lives here: how a value of the program is written, with its unit and with as many digits as tell two sides apart. Does
not live here: the path through the tree (`explain`), and the words for a term (`strategy.outline`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .program import Value
from .strategy import All, Any, Arithmetic, AtLeast, Comparison, Condition, Constant, Indicator, Lag, Named, Not, Ticker
from .strategy.calculations import Function, Rolling
from .strategy.outline import said

if TYPE_CHECKING:
    from ._rows import Rows
    from .program import Program

SAYS = {0: "false", 1: "true", 2: "unknown"}
UNITS = {"percent": "%", "USD": " USD"}
MOST_PARTS = 40
"""Comparisons of one condition that are shown."""
DEEPEST = 8
KEEPING = frozenset({"abs", "floor", "ceil", "round", "min", "max", "mod"})
"""Functions whose result is of the unit of what they are of."""
COMPOUND = (All, Any, AtLeast, Not)
MOST_DECIMALS = 12
TINY = 1e-8


@dataclass(frozen=True)
class _Part:
    """A condition, or a part of one."""

    term: Condition
    number: int
    depth: int
    decides: bool
    """The whole would not be what it is without this part."""


class Sides:
    """Writes values and conditions of one evaluation."""

    def __init__(self, program: Program, rows: Rows) -> None:
        self.program, self.rows = program, rows

    def value(self, number: int, bar: int) -> str:
        """Write one value with its unit."""
        kept = self.program.values[number]
        return _written(kept, self._at(number, bar), _decimals([self._at(number, bar)]), _unit(kept))

    def condition(self, lead: str, term: Condition, number: int, bar: int) -> list[str]:
        """Say a condition and its outcome, and below it every comparison it is made of, with both sides."""
        outcome = SAYS[int(self.rows.truth(number)[bar])]
        first = f"{lead}{said(term)}: {outcome}"
        if not isinstance(term, COMPOUND):
            return [first + self._sides(term, number, bar)]
        parts = list(self._parts(term, number, bar))
        # Where every comparison was needed, marking them all would tell nothing.
        telling = not all(part.decides for part in parts if not isinstance(part.term, COMPOUND))
        lines = [first]
        for part in parts[:MOST_PARTS]:
            leaf = not isinstance(part.term, COMPOUND)
            mark = "  ← decides" if telling and part.decides and leaf else ""
            says = SAYS[int(self.rows.truth(part.number)[bar])]
            sides = self._sides(part.term, part.number, bar)
            lines.append(f"{'  ' * (min(part.depth, DEEPEST) + 1)}{said(part.term)}: {says}{sides}{mark}")
        if len(parts) > MOST_PARTS:
            lines.append(f"    … and more than {MOST_PARTS} parts")
        return lines

    def _parts(self, term: Condition, number: int, bar: int) -> Iterator[_Part]:
        """Walk a condition in the order in which it is written, one part more than is shown."""
        stack = self._below(_Part(term, number, 0, decides=True), bar)[::-1]
        for _ in range(MOST_PARTS + 1):
            if not stack:
                return
            part = stack.pop()
            yield part
            stack.extend(self._below(part, bar)[::-1])

    def _below(self, part: _Part, bar: int) -> list[_Part]:
        """List the parts of a part; a part that came out as the whole did is one that decided it."""
        term = part.term
        if not isinstance(term, COMPOUND) or len(self.program.truths[part.number].parts) != len(term.parts):
            return []  # what is the same on every date was compiled without its parts
        conditions = (term.condition,) if isinstance(term, Not) else term.conditions
        outcome, below = self.rows.truth(part.number)[bar], self.program.truths[part.number].parts
        if not below:
            return []  # a part that is the same on every date was not compiled
        return [
            _Part(
                condition,
                number,
                part.depth + 1,
                part.decides and (isinstance(term, Not) or self.rows.truth(number)[bar] == outcome),
            )
            for condition, number in zip(conditions, below, strict=True)
        ]

    def _sides(self, term: Condition, number: int, bar: int) -> str:
        """Both sides of a comparison; nothing for a condition of dates or of other conditions."""
        truth = self.program.truths[number]
        if not isinstance(term, Comparison) or not truth.values:
            return ""
        if truth.constant is not None and truth.term is not term:
            return ""  # compiled as what it always is, so its own sides were never computed
        days = int(term.days)  # type: ignore[arg-type]  # axes are refused before
        if term.op in ("crosses_above", "crosses_below") and bar > 0:
            (left, right), (left_now, right_now) = self._pair(truth.values, bar - 1), self._pair(truth.values, bar)
            level = self.program.values[truth.values[1]].constant is not None
            moved = right if level else f"{right.removesuffix(UNITS['USD'])} → {right_now}"
            text = f"{left} → {left_now} against {moved}"
        else:
            left, right = self._pair(truth.values, bar)
            today = int(self.rows.truth(truth.parts[0] if days > 1 else number)[bar])
            text = f"{left}, not {term.op} {right}" if today == 0 else f"{left} {term.op} {right}"
        if days > 1:
            text += f", on {self._streak(truth.parts[0], bar, days)} of the last {days} dates"
        return f" ({text})"

    def _streak(self, number: int, bar: int, days: int) -> int:
        row = self.rows.truth(number)[max(0, bar - days + 1) : bar + 1]
        return int((row == 1).sum())

    def _pair(self, numbers: tuple[int, ...], bar: int) -> tuple[str, str]:
        left, right = (self.program.values[number] for number in numbers)
        at = [self._at(number, bar) for number in numbers]
        units = [_unit(left) or _unit(right) * (left.constant is not None), _unit(right)]
        units[1] = units[1] or units[0] * (right.constant is not None)
        if units[0] == units[1] == UNITS["USD"]:
            units[0] = ""  # once is enough to read
        decimals = _decimals([x for x, side in zip(at, (left, right), strict=True) if side.constant is None] or at)
        while True:
            written = _written(left, at[0], decimals, units[0]), _written(right, at[1], decimals, units[1])
            if round(at[0], decimals) != round(at[1], decimals) or at[0] == at[1] or decimals >= MOST_DECIMALS:
                return written
            decimals += 1

    def _at(self, number: int, bar: int) -> float:
        return float(self.rows.value(number)[bar])


def _written(value: Value, level: float, decimals: int, unit: str) -> str:
    if math.isnan(level):
        return "no value"
    if value.constant is not None:
        return f"{level:,.12g}{unit}"
    # What is left of rounding, such as the volatility of a price that stands still, is read by its power of ten.
    return (f"{level:.2e}" if 0.0 < abs(level) < TINY else f"{level:z,.{decimals}f}") + unit


def _decimals(levels: list[float]) -> int:
    """Two decimals, or as many as leave four digits of the smallest number."""
    small = min((abs(level) for level in levels if math.isfinite(level) and level), default=1.0)
    return 2 if small >= 0.1 else min(MOST_DECIMALS, 3 - math.floor(math.log10(small)))


def unit_of(value: Value) -> str:
    """Name the unit of a value as the vocabulary does; "" for a constant, and for a NAV and a ratio: no dollars.

    What is calculated from several values has their unit where adding, choosing or smoothing leaves it as it is.
    """
    units: set[str] = set()
    seen: set[object] = set()
    stack: list[object] = [value.term]
    while stack:
        term = stack.pop()
        if term in seen:
            continue
        seen.add(term)
        parts = _alike(term)
        if parts is None:
            units.add(_own_unit(term))
        else:
            stack.extend(part for part in parts if not isinstance(part, Constant))
    return units.pop() if len(units) == 1 else ""


def _alike(term: object) -> tuple[object, ...] | None:
    """List the parts whose unit a calculation keeps; None for what has a unit of its own, or none."""
    if isinstance(term, (Lag, Named)):
        return (term.of,)
    if isinstance(term, Rolling):
        return None if term.name == "change" else (term.of,)
    if isinstance(term, Function):
        return term.of if term.name in KEEPING else None
    if not isinstance(term, Arithmetic):
        return None
    scaled = isinstance(term.right, Constant) or (isinstance(term.left, Constant) and term.op == "*")
    if scaled or term.op in ("+", "-"):
        return (term.left, term.right)
    return None


def _own_unit(term: object) -> str:
    if isinstance(term, Ticker):
        return "USD"
    if isinstance(term, Rolling):
        return "percent"
    if not isinstance(term, Indicator):
        return ""
    unit = term.word.unit
    return "" if unit == "USD" and not isinstance(term.series, Ticker) else unit


def _unit(value: Value) -> str:
    return UNITS.get(unit_of(value), "")
