"""Momentum over a year of months, as tactical allocators measure it; the return over one window is in `returns.py`.

All kernels write every element of `out`; `x` and `out` must not share memory.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import Series


@kernel
def _back(x: Series, i: int, days: int) -> float:
    # Return over some days; not p / q − 1, because the difference of neighbours is exact.
    before: float = x[i - days]
    now: float = x[i]
    return (now - before) / before


@kernel
def _year(x: Series, month: int, weighted: bool, out: Series) -> None:
    have = 0
    for i in range(x.size):
        have = have + 1 if np.isfinite(x[i]) else 0
        out[i] = np.nan
        if have <= 12 * month:
            continue
        one, three = _back(x, i, month), _back(x, i, 3 * month)
        six, twelve = _back(x, i, 6 * month), _back(x, i, 12 * month)
        if weighted:
            result = 100.0 * ((12.0 * one + 4.0 * three + 2.0 * six + twelve) / 19.0)
        else:
            result = 100.0 * (0.25 * (one + three + six + twelve))
        if np.isfinite(result):
            out[i] = result


@kernel
def momentum_weighted(x: Series, month: int, out: Series) -> None:
    """Mean of the returns over 1, 3, 6 and 12 months, each at its monthly rate: 13612W.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    month : int, trading days
        21 by convention.
    out : ndarray (date), percent points
        Receives (12·r₁ + 4·r₃ + 2·r₆ + r₁₂) / 19; NaN where one of the last 12 · `month` + 1 prices is missing, and
        after a price of 0.

    Notes
    -----
    Keller and Keuning (2017) divide by 4; the divisor changes no sign and no rank.
    """
    _year(x, month, True, out)


@kernel
def momentum_unweighted(x: Series, month: int, out: Series) -> None:
    """Mean of the returns over 1, 3, 6 and 12 months: 13612U.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    month : int, trading days
        21 by convention.
    out : ndarray (date), percent points
        Receives the means; NaN where one of the last 12 · `month` + 1 prices is missing, and after a price of 0.

    Notes
    -----
    The plain sibling of the 13612W of Keller and Keuning (2017): (r₁ + r₃ + r₆ + r₁₂) / 4, rₘ being the return over
    m months.
    """
    _year(x, month, False, out)


@kernel
def momentum_sma12(x: Series, month: int, out: Series) -> None:
    """How far the price is above the mean of itself and of the prices 1 to 12 months ago.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    month : int, trading days
        21 by convention.
    out : ndarray (date), percent points
        Receives 13·p / Σ − 1; NaN where one of the last 12 · `month` + 1 prices is missing, and where all 13 are 0.
    """
    have = 0
    for i in range(x.size):
        value = x[i]
        have = have + 1 if np.isfinite(value) else 0
        out[i] = np.nan
        if have <= 12 * month:
            continue
        total, above = 0.0, 0.0
        for k in range(13):
            total += x[i - k * month]
            above += value - x[i - k * month]
        result = 100.0 * (above / total)
        if np.isfinite(result):
            out[i] = result
