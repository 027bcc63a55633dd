"""Standard deviations of price and of returns, and what Bollinger makes of them; means are in `moving.py`.

All seven are one loop over the sums of y and y², y = value − shift, where `shift` is a value of the series. The two
sums are exact to second order, so the only loss is the subtraction Σy² − (Σy)²/n. It stays small while `shift` lies
near the window; when it does not, the sums are made anew around the newest value.
"""

from __future__ import annotations

import math

import numpy as np

from ._jit import kernel
from .moving import LOG_RETURN, PRICE, RETURN, Series, value_at
from .sums import slide

# Below this share of the largest sum of squares they have held, the second-order error of the sums could show.
_COLLAPSE = 1e-14

DEVIATION, BAND, PLACE, WIDTH = 0, 1, 2, 3
"""What is made of mean and deviation."""
YEAR = 252.0
"""Trading days."""


@kernel
def _sums(x: Series, first: int, last: int, of: int, shift: float) -> tuple[float, float, float, float]:
    high, low, high2, low2 = 0.0, 0.0, 0.0, 0.0
    for i in range(first, last + 1):
        y = value_at(x, i, of) - shift
        high, low = slide(high, low, y, 0.0)
        high2, low2 = slide(high2, low2, y * y, 0.0)
    return high, low, high2, low2


@kernel
def _flat(form: int, value: float) -> float:
    # What is made of a deviation of exactly 0: the middle of the band is as good a place in it as any.
    if form == BAND:
        return value
    if form == PLACE:
        return 0.5
    return 0.0


@kernel
def _spread(x: Series, window: int, of: int, lost: int, form: int, share: float, out: Series) -> None:
    # With sigma = sqrt(sum of squared deviations / (window - lost)), by form:
    # share * sigma; mean + share * sigma; 0.5 + (newest - mean) / (2 * share * sigma); share * sigma / mean.
    # While `shift` is a value of the window, (Σy)²/n is below n times the squared deviations. So past this limit it
    # has left the window, and making the sums anew costs at most one window of work per window of bars.
    limit = 1.0 / (window + 64.0)
    per_value, per_freedom = 1.0 / window, 1.0 / (window - lost)
    high, low, high2, low2 = 0.0, 0.0, 0.0, 0.0
    shift, widest, last = 0.0, 0.0, np.nan
    have, changed = 0, 0
    for i in range(x.size):
        value = value_at(x, i, of)
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
        old = value_at(x, i - window, of) - shift if have > window else 0.0
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
                out[i] = _flat(form, value)
                continue
            shift = value
            high, low, high2, low2 = _sums(x, i - window + 1, i, of, shift)
            total, widest = high + low, high2 + low2
            moment = widest - total * total * per_value
        spread = share * np.sqrt(moment * per_freedom)
        mean = total * per_value
        if form == DEVIATION:
            out[i] = spread
        elif form == BAND:
            out[i] = shift + mean + spread
        elif form == PLACE:
            out[i] = 0.5 + 0.5 * ((value - shift) - mean) / spread
        else:
            out[i] = spread / (shift + mean)


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
    _spread(x, window, PRICE, 1, DEVIATION, 1.0, out)


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
    _spread(x, window, RETURN, 1, DEVIATION, 100.0, out)


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
    Bollinger (2001), Bollinger on Bollinger Bands. The deviation divides by n, not n − 1: so does every published
    band.
    """
    _spread(x, window, PRICE, 0, BAND, -deviations, out)


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
    Bollinger (2001), Bollinger on Bollinger Bands. The deviation divides by n, not n − 1: so does every published
    band.
    """
    _spread(x, window, PRICE, 0, BAND, deviations, out)


@kernel
def historical_volatility(x: Series, window: int, out: Series) -> None:
    """Sample standard deviation of the last `window` daily log returns, a year of 252 trading days.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        Number of returns, at least 2; they need one price more.
    out : ndarray (date), percent points
        Receives the deviations, exactly 0 on equal returns; NaN where a return of the window is missing.
    """
    _spread(x, window, LOG_RETURN, 1, DEVIATION, 100.0 * math.sqrt(YEAR), out)


@kernel
def bollinger_percent_b(x: Series, window: int, deviations: float, out: Series) -> None:
    """Where the price is between the Bollinger bands.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 2.
    deviations : float
        Half width of the bands, above 0.
    out : ndarray (date), fraction
        Receives the place: 0 at the lower band, 1 at the upper one, 0.5 on equal prices; NaN where the window is not
        full or holds a missing value.

    Notes
    -----
    Bollinger (2001), Bollinger on Bollinger Bands: %b = (price − lower) / (upper − lower).
    """
    _spread(x, window, PRICE, 0, PLACE, deviations, out)


@kernel
def bollinger_bandwidth(x: Series, window: int, deviations: float, out: Series) -> None:
    """Distance of the Bollinger bands from each other, in percent of the average between them.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 2.
    deviations : float
        Half width of the bands.
    out : ndarray (date), percent
        Receives the distance, exactly 0 on equal prices; NaN where the window is not full or holds a missing value.

    Notes
    -----
    Bollinger (2001), Bollinger on Bollinger Bands: (upper − lower) / middle, times 100.
    """
    _spread(x, window, PRICE, 0, WIDTH, 200.0 * deviations, out)
