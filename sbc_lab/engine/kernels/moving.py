"""Moving averages of a series and of its returns; spreads are in `spread.py`, oscillators in `oscillators.py`.

All kernels read one series on the common date axis, where NaN marks bars without a price, and write every element of
`out`. `x` and `out` must not share memory.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ._jit import kernel
from .sums import slide

Series = npt.NDArray[np.float64]

PRICE, RETURN, LOG_RETURN = 0, 1, 2
"""What a loop reads of a series."""


@kernel
def value_at(x: Series, i: int, of: int) -> float:
    """Price of bar `i`, or the return into it.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices.
    i : int
        Bar.
    of : int
        `PRICE`, or `RETURN` or `LOG_RETURN` from the bar before, a fraction; a return is NaN on the first bar.

    Returns
    -------
    float
        USD or fraction; not finite where a price is missing.
    """
    price: float = x[i]
    if of == PRICE:
        return price
    if i == 0:
        return np.nan
    before: float = x[i - 1]
    # Not price / before - 1: the difference of neighbours is exact, so a return of 1e-4 keeps all its digits.
    change = (price - before) / before
    return change if of == RETURN else math.log1p(change)


@kernel
def mean_of(x: Series, window: int, of: int, scale: float, out: Series) -> None:
    """Mean of the last `window` values of one sort, times `scale`.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int
        At least 1.
    of : int
        What is averaged, as for `value_at`.
    scale : float
    out : ndarray (date)
        Receives the means; NaN where the window is not full or holds a missing value.
    """
    high, low = 0.0, 0.0
    have, same, last = 0, 0, np.nan
    for i in range(x.size):
        value = value_at(x, i, of)
        if not np.isfinite(value):
            have, same, last = 0, 0, np.nan
            high, low = 0.0, 0.0
            out[i] = np.nan
            continue
        have += 1
        same = same + 1 if value == last else 1
        last = value
        leaving = value_at(x, i - window, of) if have > window else 0.0
        high, low = slide(high, low, value, leaving)
        if have < window:
            out[i] = np.nan
        elif same >= window:
            # The mean of equal values is that value; (n * value) / n may differ in the last bit.
            out[i] = scale * value
        else:
            out[i] = scale * ((high + low) / window)


@kernel
def sma(x: Series, window: int, out: Series) -> None:
    """Mean of the last `window` prices.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 1; a window of 1 copies the series.
    out : ndarray (date), USD
        Receives the means; NaN where the window is not full or holds a missing value.
    """
    mean_of(x, window, PRICE, 1.0, out)


@kernel
def moving_average_return(x: Series, window: int, out: Series) -> None:
    """Mean of the last `window` simple daily returns.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        Number of returns, at least 1; they need one price more.
    out : ndarray (date), percent points
        Receives the means; NaN where a return of the window is missing.
    """
    mean_of(x, window, RETURN, 100.0, out)


@kernel
def ema_step(
    level: float, high: float, low: float, value: float, have: int, same: int, window: int
) -> tuple[float, float, float]:
    """Advance an exponential average by one value.

    Parameters
    ----------
    level : float
        The average so far; ignored until it is seeded.
    high, low : float
        Compensated sum of the values before the seed.
    value : float
        The new value; must be finite.
    have : int
        Number of values since the last missing one, this one counted.
    same : int
        Number of equal values up to this one.
    window : int, trading days
        The share of a new value is 2 / (window + 1).

    Returns
    -------
    tuple of float
        `level`, `high`, `low`; the level is NaN until `window` values have come, then their mean, then the recursion.
    """
    if have > window:
        if window == 1:
            return value, high, low
        # Not share * value + (1 - share) * level: that form lets the average of a constant series leave the constant.
        return level + 2.0 / (window + 1.0) * (value - level), high, low
    high, low = slide(high, low, value, 0.0)
    if have < window:
        return np.nan, high, low
    if same >= window:
        return value, high, low
    return (high + low) / window, high, low


@kernel
def ema(x: Series, window: int, out: Series) -> None:
    """Exponential average of price, seeded with the mean of the first `window` prices.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the average starts again.
    window : int, trading days
        At least 1; the share of a new price is 2 / (window + 1).
    out : ndarray (date), USD
        Receives the averages; NaN until `window` prices have come.
    """
    level, high, low, last = np.nan, 0.0, 0.0, np.nan
    have, same = 0, 0
    for i in range(x.size):
        value = x[i]
        if not np.isfinite(value):
            level, high, low, last = np.nan, 0.0, 0.0, np.nan
            have, same = 0, 0
            out[i] = np.nan
            continue
        have += 1
        same = same + 1 if value == last else 1
        last = value
        level, high, low = ema_step(level, high, low, value, have, same, window)
        out[i] = level
