"""The price itself, and its returns over a day or a window; averages of returns are in `moving.py`.

All kernels read one series on the common date axis and write every element of `out`. `x` and `out` must not share
memory.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import RETURN, Series, value_at


@kernel
def price(x: Series, out: Series) -> None:
    """The series itself.

    Parameters
    ----------
    x : ndarray (date), USD or shares
        Prices; a value that is not finite is missing.
    out : ndarray (date), USD or shares
        Receives the prices; NaN where one is missing.
    """
    for i in range(x.size):
        value = x[i]
        out[i] = value if np.isfinite(value) else np.nan


# What a bar holds besides its close is read as the close is.
open_price = high_price = low_price = volume = price


@kernel
def simple_returns(x: Series, out: Series) -> None:
    """Return of every bar on the bar before.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    out : ndarray (date), fraction
        Receives the returns; NaN on the first bar, where a price is missing, and after a price of 0.
    """
    for i in range(x.size):
        change = value_at(x, i, RETURN)
        out[i] = change if np.isfinite(change) else np.nan


@kernel
def cumulative_return(x: Series, window: int, out: Series) -> None:
    """Return over the last `window` bars.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 1; the price is compared with the one `window` bars earlier.
    out : ndarray (date), percent points
        Receives the returns; NaN where one of the `window` + 1 prices is missing, and after a price of 0.
    """
    have = 0
    for i in range(x.size):
        value = x[i]
        have = have + 1 if np.isfinite(value) else 0
        out[i] = np.nan
        if have > window:
            before = x[i - window]
            change = 100.0 * ((value - before) / before)
            if np.isfinite(change):
                out[i] = change
