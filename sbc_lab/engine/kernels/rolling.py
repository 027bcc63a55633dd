"""Measures of the last values of any row of numbers: what a formula rolls over time.

Every window is measured anew. A running sum, as the indicators of prices have, would be faster, but a calculated row
may fall by thirty orders of magnitude from one date to the next, and what a sum has swallowed it never gives back.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ._jit import kernel
from .moving import ema

Row = npt.NDArray[np.float64]

MEAN, EMA, STDEV, STDEV_POPULATION, HIGHEST, LOWEST, CHANGE = 0, 1, 2, 3, 4, 5, 6


@kernel
def mean_of_window(row: Row, first: int, stop: int) -> float:
    """Mean of a stretch of finite values, measured from its first, so that equal values have exactly that mean."""
    origin = row[first]
    total = 0.0
    for i in range(first, stop):
        total += row[i] - origin
    return origin + total / (stop - first)  # type: ignore[no-any-return]  # an element of an array is a float


@kernel
def squares_of_window(row: Row, first: int, stop: int) -> float:
    """Sum of the squared distances of a stretch from its mean, all measured from its first value."""
    origin = row[first]
    total = 0.0
    for i in range(first, stop):
        total += row[i] - origin
    middle = total / (stop - first)
    squares = 0.0
    for i in range(first, stop):
        apart = (row[i] - origin) - middle
        squares += apart * apart
    return squares


@kernel
def extreme_of_window(row: Row, first: int, stop: int, sign: float) -> float:
    """Highest value of a stretch, or with the sign −1 the lowest."""
    best = row[first]
    for i in range(first + 1, stop):
        if sign * row[i] > sign * best:
            best = row[i]
    return best  # type: ignore[no-any-return]  # an element of an array is a float


@kernel
def measure(name: int, row: Row, window: int, out: Row) -> None:
    """Measure the last `window` values on every date.

    Parameters
    ----------
    name : int
        `MEAN`, `EMA`, `STDEV`, `STDEV_POPULATION`, `HIGHEST`, `LOWEST` or `CHANGE`.
    row : ndarray (date)
        Values; one that is not finite is missing.
    window : int, trading days
        At least 1, for a deviation 2; `CHANGE` compares with the value `window` dates before.
    out : ndarray (date)
        Receives the measures, `CHANGE` in percent points; NaN where a value that is needed is missing, or the measure
        is no finite number. After a missing value `EMA` starts again.
    """
    if name == EMA:
        ema(row, window, out)
        for t in range(out.size):
            if not math.isfinite(out[t]):
                out[t] = math.nan
        return
    needed = window + 1 if name == CHANGE else window
    have = 0
    for t in range(out.size):
        out[t] = math.nan
        have = have + 1 if math.isfinite(row[t]) else 0
        if have < needed:
            continue
        first = t - window + 1
        value = math.nan
        if name == MEAN:
            value = mean_of_window(row, first, t + 1)
        elif name == STDEV:
            value = math.sqrt(squares_of_window(row, first, t + 1) / (window - 1))
        elif name == STDEV_POPULATION:
            value = math.sqrt(squares_of_window(row, first, t + 1) / window)
        elif name == HIGHEST:
            value = extreme_of_window(row, first, t + 1, 1.0)
        elif name == LOWEST:
            value = extreme_of_window(row, first, t + 1, -1.0)
        elif row[t - window] != 0.0:
            value = 100.0 * ((row[t] - row[t - window]) / row[t - window])
        if math.isfinite(value):
            out[t] = value
