"""Arithmetic between rows of numbers: what an expression is made of besides indicators. NaN stays NaN."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ._jit import kernel
from .selection import beats

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Row = NDArray[np.float64]

ADD, SUBTRACT, MULTIPLY, DIVIDE = 0, 1, 2, 3


@kernel
def calculate(op: int, left: Row, right: Row, out: Row) -> None:
    """Calculate with two rows date by date; dividing by zero gives no value."""
    for t in range(out.size):
        a = left[t]
        b = right[t]
        if op == 0:
            out[t] = a + b
        elif op == 1:
            out[t] = a - b
        elif op == 2:
            out[t] = a * b
        else:
            out[t] = a / b if b != 0.0 else math.nan


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
