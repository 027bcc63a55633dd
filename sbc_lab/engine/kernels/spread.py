"""Standard deviations of price and of returns, and what Bollinger makes of them; means are in `moving.py`.

All seven are one loop, which is in `deviations.py`.
"""

from __future__ import annotations

import math

from ._jit import kernel
from .deviations import BAND, DEVIATION, PLACE, WIDTH, spread_of_returns, spread_one_by_one
from .moving import LOG_RETURN, PRICE, RETURN, Series

YEAR = 252.0
"""Trading days."""


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
    spread_one_by_one(x, window, PRICE, 1, DEVIATION, 1.0, out)


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
    spread_of_returns(x, window, RETURN, 100.0, out)


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
    spread_one_by_one(x, window, PRICE, 0, BAND, -deviations, out)


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
    spread_one_by_one(x, window, PRICE, 0, BAND, deviations, out)


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
    spread_of_returns(x, window, LOG_RETURN, 100.0 * math.sqrt(YEAR), out)


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
    spread_one_by_one(x, window, PRICE, 0, PLACE, deviations, out)


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
    spread_one_by_one(x, window, PRICE, 0, WIDTH, 200.0 * deviations, out)
