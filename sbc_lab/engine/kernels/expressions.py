"""Arithmetic between rows of numbers: what an expression is made of besides indicators. NaN stays NaN.

Lives here: what is calculated date by date, and looking back by a lag or a rank. Rolling measures are in `rolling`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ._jit import kernel
from .selection import beats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row = NDArray[np.float64]

ADD, SUBTRACT, MULTIPLY, DIVIDE = 0, 1, 2, 3
ABS, SQRT, LOG, LOG10, EXP, SIGN, FLOOR, CEIL, ROUND = 0, 1, 2, 3, 4, 5, 6, 7, 8
MIN, MAX, POW, MOD = 9, 10, 11, 12


@kernel
def calculate(op: int, left: Row, right: Row, out: Row) -> None:
    """Calculate with two rows date by date; what is divided by zero or becomes too large is no value."""
    for t in range(out.size):
        a = left[t]
        b = right[t]
        if op == 0:
            y = a + b
        elif op == 1:
            y = a - b
        elif op == 2:
            y = a * b
        else:
            y = a / b if b != 0.0 else math.nan
        out[t] = y if math.isfinite(y) else math.nan


@kernel
def percentile(row: Row, lookback: int, out: Row) -> None:
    """Share of the last `lookback` values, today's included, that are at or below today's, 0 to 100.

    Values are compared as scores are ranked, so what differs by the noise of floats alone is equal.
    """
    for t in range(out.size):
        out[t] = math.nan
        if t < lookback - 1:
            continue
        x = row[t]
        below = 0
        whole = not math.isnan(x)
        for i in range(t - lookback + 1, t + 1):
            y = row[i]
            if math.isnan(y):
                whole = False
                break
            below += not beats(y, x)
        if whole:
            out[t] = 100.0 * below / lookback


@kernel
def lag(row: Row, days: int, out: Row) -> None:
    """Read the value `days` dates ago; none before that."""
    for t in range(out.size):
        out[t] = row[t - days] if t >= days else math.nan


@kernel
def ratio(above: Row, below: Row, out: Row) -> None:
    """Divide one row of prices by another."""
    for t in range(out.size):
        out[t] = above[t] / below[t]


@kernel
def rebase(row: Row, out: Row) -> None:
    """Divide a row of prices by its first."""
    start = math.nan
    for t in range(out.size):
        if math.isnan(start):
            start = row[t]
        out[t] = row[t] / start


@kernel
def power(base: float, exponent: float) -> float:
    """Raise to a power; NaN where that is no real number."""
    if base == 0.0 and exponent < 0.0:
        return math.nan
    if base < 0.0 and exponent != math.floor(exponent):
        return math.nan
    return base**exponent  # type: ignore[no-any-return]  # of two floats


@kernel
def of_one(name: int, row: Row, out: Row) -> None:
    """Apply a function of one value date by date; what is no finite number, before or after, is no value."""
    for t in range(out.size):
        x = row[t]
        y = math.nan
        if not math.isfinite(x):
            out[t] = y
            continue
        if name == ABS:
            y = abs(x)
        elif name == SQRT:
            y = math.sqrt(x) if x >= 0.0 else math.nan
        elif name == LOG:
            y = math.log(x) if x > 0.0 else math.nan
        elif name == LOG10:
            y = math.log10(x) if x > 0.0 else math.nan
        elif name == EXP:
            y = math.exp(x)
        elif name == SIGN:
            y = float((x > 0.0) - (x < 0.0))
        elif name == FLOOR:
            y = float(np.floor(x))
        elif name == CEIL:
            y = float(np.ceil(x))
        else:
            y = float(np.rint(x))
        out[t] = y if math.isfinite(y) else math.nan


@kernel
def of_two(name: int, left: Row, right: Row, out: Row) -> None:
    """Apply a function of two values date by date; what is no finite number, before or after, is no value."""
    for t in range(out.size):
        a = left[t]
        b = right[t]
        y = math.nan
        if math.isfinite(a) and math.isfinite(b):
            if name == MIN:
                y = min(a, b)
            elif name == MAX:
                y = max(a, b)
            elif name == POW:
                y = power(a, b)
            elif b != 0.0:
                y = a % b  # with the sign of the divisor, as everywhere in Python
        out[t] = y if math.isfinite(y) else math.nan
