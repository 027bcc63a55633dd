"""Functions and rolling measures of rows of numbers, one date at a time and one window at a time.

Python's own mathematics is used, because it and the compiled loops ask the same library for a logarithm or a power.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..kernels import reference
from .truths import Floats

_ONE: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "sqrt": math.sqrt,
    "log": math.log,
    "log10": math.log10,
    "exp": math.exp,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
}
_TWO: dict[str, Callable[[float, float], float]] = {
    "min": min,
    "max": max,
    "pow": math.pow,
    "mod": lambda a, b: a % b,
}


def function(name: str, *of: Floats) -> Floats:
    """Apply a function of one value, or of two, date by date.

    Parameters
    ----------
    name : str
        As in the language.
    of : ndarray (date)
        The values; what is no finite number is no value.

    Returns
    -------
    ndarray (date)
        NaN where a value is missing, and where the result is not defined or no finite number.
    """
    return np.array([_one_date(name, values) for values in zip(*(row.tolist() for row in of), strict=True)])


def _one_date(name: str, values: tuple[float, ...]) -> float:
    if not all(map(math.isfinite, values)):
        return math.nan
    try:
        found = float(_ONE[name](values[0]) if len(values) == 1 else _TWO[name](*values))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    return found if math.isfinite(found) else math.nan


def rolling(name: str, row: Floats, window: int) -> Floats:
    """Measure the last `window` values on every date.

    Parameters
    ----------
    name : str
        As in the language.
    row : ndarray (date)
        The values; what is no finite number is no value.
    window : int, trading days

    Returns
    -------
    ndarray (date)
        NaN where a value that is needed is missing, or the measure is no finite number.
    """
    with np.errstate(all="ignore"):
        found = reference.ema(row, window) if name == "ema" else _windowed(name, row, window)
    return np.where(np.isfinite(found), found, np.nan)


def _windowed(name: str, row: Floats, window: int) -> Floats:
    out = np.full(len(row), np.nan)
    bars = window + 1 if name == "change" else window
    for bar in range(bars - 1, len(row)):
        recent = row[bar - bars + 1 : bar + 1]
        if np.isfinite(recent).all():
            out[bar] = _measured(name, recent)
    return out


def _measured(name: str, recent: Floats) -> float:
    if name == "change":
        return float(100.0 * ((recent[-1] - recent[0]) / recent[0])) if recent[0] != 0.0 else math.nan
    if name in ("max", "min"):
        return float(recent.max() if name == "max" else recent.min())
    # Measured from a member of the window, so that what never moved has exactly its mean and no deviation.
    apart = recent - recent[0]
    if name == "mean":
        return float(recent[0] + apart.mean())
    return float(apart.std(ddof=1 if name == "stdev" else 0))
