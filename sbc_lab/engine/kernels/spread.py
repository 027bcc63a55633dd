"""Standard deviations of price and of returns, and the Bollinger bands made of them; means are in `moving.py`.

All four are one loop over the sums of y and y², y = value − shift, where `shift` is a value of the series. The two
sums are exact to second order, so the only loss is the subtraction Σy² − (Σy)²/n. It stays small while `shift` lies
near the window; when it does not, the sums are made anew around the newest value.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import Series, value_at
from .sums import slide

# Below this share of the largest sum of squares they have held, the second-order error of the sums could show.
_COLLAPSE = 1e-14


@kernel
def _sums(x: Series, first: int, last: int, of_returns: bool, shift: float) -> tuple[float, float, float, float]:
    high, low, high2, low2 = 0.0, 0.0, 0.0, 0.0
    for i in range(first, last + 1):
        y = value_at(x, i, of_returns) - shift
        high, low = slide(high, low, y, 0.0)
        high2, low2 = slide(high2, low2, y * y, 0.0)
    return high, low, high2, low2


@kernel
def _spread(
    x: Series, window: int, of_returns: bool, lost: int, mean_share: float, spread_share: float, out: Series
) -> None:
    # out = mean_share * mean + spread_share * sqrt(sum of squared deviations / (window - lost))
    # While `shift` is a value of the window, (Σy)²/n is below n times the squared deviations. So past this limit it
    # has left the window, and making the sums anew costs at most one window of work per window of bars.
    limit = 1.0 / (window + 64.0)
    per_value, per_freedom = 1.0 / window, 1.0 / (window - lost)
    high, low, high2, low2 = 0.0, 0.0, 0.0, 0.0
    shift, widest, last = 0.0, 0.0, np.nan
    have, changed = 0, 0
    for i in range(x.size):
        value = value_at(x, i, of_returns)
        if not np.isfinite(value):
            have, last = 0, np.nan
            out[i] = np.nan
            continue
        if have == 0:
            high, low, high2, low2 = 0.0, 0.0, 0.0, 0.0
            shift, widest = value, 0.0
        have += 1
        changed = i if value != last else changed
        last = value
        new = value - shift
        old = value_at(x, i - window, of_returns) - shift if have > window else 0.0
        high, low = slide(high, low, new, old)
        high2, low2 = slide(high2, low2, new * new, old * old)
        if have < window:
            out[i] = np.nan
            continue
        total, squares = high + low, high2 + low2
        level = total * total * per_value
        moment = squares - level
        widest = max(widest, squares)
        if moment <= limit * level + _COLLAPSE * widest:
            if i - changed >= window - 1:
                out[i] = mean_share * value
                continue
            shift = value
            high, low, high2, low2 = _sums(x, i - window + 1, i, of_returns, shift)
            total, widest = high + low, high2 + low2
            moment = widest - total * total * per_value
        spread = spread_share * np.sqrt(moment * per_freedom)
        out[i] = spread if mean_share == 0.0 else mean_share * (shift + total * per_value) + spread


@kernel
def stdev_price(x: Series, window: int, out: Series) -> None:
    """Sample standard deviation of the last `window` prices.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 2.
    out : ndarray (date), USD
        Receives the deviations, exactly 0 on equal prices; NaN where the window is not full or holds a missing value.
    """
    _spread(x, window, False, 1, 0.0, 1.0, out)


@kernel
def stdev_return(x: Series, window: int, out: Series) -> None:
    """Sample standard deviation of the last `window` simple daily returns, not annualised.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        Number of returns, at least 2; they need one price more.
    out : ndarray (date), percent points
        Receives the deviations, exactly 0 on equal returns; NaN where a return of the window is missing.
    """
    _spread(x, window, True, 1, 0.0, 100.0, out)


@kernel
def lower_bollinger(x: Series, window: int, deviations: float, out: Series) -> None:
    """Mean of the last `window` prices less `deviations` population standard deviations.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 2.
    deviations : float
        Width of the band; 0 gives the mean.
    out : ndarray (date), USD
        Receives the band; NaN where the window is not full or holds a missing value.

    Notes
    -----
    The deviation divides by n, not n − 1: so do Bollinger's own definition and every published band.
    """
    _spread(x, window, False, 0, 1.0, -deviations, out)


@kernel
def upper_bollinger(x: Series, window: int, deviations: float, out: Series) -> None:
    """Mean of the last `window` prices plus `deviations` population standard deviations.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 2.
    deviations : float
        Width of the band; 0 gives the mean.
    out : ndarray (date), USD
        Receives the band; NaN where the window is not full or holds a missing value.

    Notes
    -----
    The deviation divides by n, not n − 1: so do Bollinger's own definition and every published band.
    """
    _spread(x, window, False, 0, 1.0, deviations, out)
