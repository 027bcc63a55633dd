"""One portfolio as its metrics see it, and what they share: mean, spread and falls.

Lives here: `Track` and the two functions of one series behind it. Does not live here: any metric (metric_formulas.py),
and the checks of what comes in (metrics.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Dates = NDArray[np.datetime64]

NOISE = 1e-12
"""Spreads, falls and shares below this are rounding noise and count as 0, as everywhere in the engine."""


@dataclass(frozen=True, eq=False)
class Track:
    """What is known of one portfolio, from its first bar to its last or to its ruin.

    Attributes
    ----------
    growth : ndarray (date), growth of 1
        Net of cost; only the last value may be 0.
    returns : ndarray (date − 1), fraction
        From each bar to the next.
    dates : ndarray (date) of datetime64 or None
    allocation : ndarray (ticker, date) or None, fraction
        Shares of the portfolio as held after the trade of each bar.
    turnover : ndarray (date) or None, fraction
        Traded value / portfolio value.
    one_way : ndarray (date) or None, fraction
        Half of that with the change of cash counted in.
    benchmark : ndarray (date − 1) or None, fraction
        Returns of the benchmark over the same days.
    """

    growth: Floats
    returns: Floats
    dates: Dates | None = None
    allocation: Floats | None = None
    turnover: Floats | None = None
    one_way: Floats | None = None
    benchmark: Floats | None = None

    @cached_property
    def mean(self) -> float:
        """Mean daily return, fraction."""
        return float(self.returns.mean())

    @cached_property
    def spread(self) -> float:
        """Sample standard deviation of the daily returns, fraction."""
        return sample_spread(self.returns)

    @cached_property
    def drawdown(self) -> Floats:
        """Fall from the running maximum, (date), fraction."""
        return drawdown(self.growth)

    @cached_property
    def fall(self) -> tuple[int, int, int | None] | None:
        """Bars of the peak, the trough and the recovery of the deepest fall; None when it never fell."""
        trough = int(self.drawdown.argmin())
        if self.drawdown[trough] == 0.0:
            return None
        highs = np.flatnonzero(self.drawdown == 0.0)
        later = int(np.searchsorted(highs, trough))
        return int(highs[later - 1]), trough, int(highs[later]) if later < len(highs) else None

    @cached_property
    def holdings(self) -> NDArray[np.int64]:
        """Number of tickers held after each decision, (date)."""
        assert self.allocation is not None
        held: NDArray[np.int64] = (self.allocation > NOISE).sum(axis=0)
        return held

    def day(self, bar: int | None) -> str | None:
        """Date of a bar as 'YYYY-MM-DD'; None without a bar or without dates."""
        if bar is None or self.dates is None:
            return None
        return str(np.datetime_as_string(self.dates[bar], unit="D"))


def drawdown(equity: Floats) -> Floats:
    """Fall from the running maximum.

    Parameters
    ----------
    equity : ndarray (date), growth of 1
        Net of cost, at least 0, without NaN.

    Returns
    -------
    ndarray (date), fraction in [-1, 0]
        0 on every high; a fall of less than `NOISE` is a high that rounding missed.

    Examples
    --------
    >>> drawdown(np.array([1.0, 1.2, 0.9]))
    array([ 0.  ,  0.  , -0.25])
    """
    peak = np.maximum.accumulate(equity)
    fall = np.divide(equity, peak, out=np.ones_like(peak), where=peak > 0.0) - 1.0
    fall[fall > -NOISE] = 0.0
    return fall


def sample_spread(returns: Floats) -> float:
    """Sample standard deviation.

    Parameters
    ----------
    returns : ndarray (date), fraction
        At least two.

    Returns
    -------
    float, fraction
        0 when it is below `NOISE`: a series that does not move has no ratio to its volatility.
    """
    spread = float(returns.std(ddof=1))
    return 0.0 if spread < NOISE else spread
