"""The arithmetic of every metric: one track of a portfolio in, one number out.

Lives here: one function per metric. Does not live here: what a metric is called and how it is shown (metric_table.py),
and the checks of what comes in (metrics.py), which also make sure that a function sees as many returns as it needs.

A function answers NaN where its value is undefined; `measure` turns that into None.
"""

from __future__ import annotations

import math

import numpy as np

from .metric_track import NOISE, Floats, Track, sample_spread

Value = float | int | str | None

TRADING_DAYS = 252
"""Trading days in a year."""

TAIL = 5
"""Percent of the days that make up a tail."""

_ROOT_YEAR = math.sqrt(TRADING_DAYS)


def _known(values: Floats | None) -> Floats:
    # The table says what a metric needs, and `measure` calls it only with that.
    assert values is not None
    return values


def _covariance(left: Floats, right: Floats) -> float:
    return float((left - left.mean()) @ (right - right.mean()) / (len(left) - 1))


def _ratio(part: float, whole: float) -> float:
    return float("nan") if abs(whole) < NOISE else part / whole


# ---------------------------------------------------------------- growth


def days(track: Track) -> int:
    """Count the daily returns, n = bars − 1."""
    return len(track.returns)


def total_return(track: Track) -> float:
    """Growth since the bar before the first trade, as a fraction."""
    return float(track.growth[-1]) - 1.0


def cagr(track: Track) -> float:
    """Growth per 252 trading days, as a fraction."""
    return float(np.power(track.growth[-1], TRADING_DAYS / len(track.returns))) - 1.0


def volatility(track: Track) -> float:
    """Sample standard deviation of a year of returns."""
    return track.spread * _ROOT_YEAR


def sharpe(track: Track) -> float:
    """Mean return of a year per unit of volatility."""
    return _ratio(track.mean, track.spread) * _ROOT_YEAR


def sortino(track: Track) -> float:
    """Mean return of a year per unit of downside risk, the root of the mean squared negative part over all days."""
    downside = float(np.sqrt(np.mean(np.minimum(track.returns, 0.0) ** 2)))
    return _ratio(track.mean, downside) * _ROOT_YEAR


def calmar(track: Track) -> float:
    """Growth per year over the depth of the deepest fall."""
    return _ratio(cagr(track), -max_drawdown(track))


# ---------------------------------------------------------------- falls


def max_drawdown(track: Track) -> float:
    """Deepest fall from a high, at most 0."""
    return float(track.drawdown.min())


def max_drawdown_peak(track: Track) -> str | None:
    """Last date at the high before the deepest fall."""
    return track.day(track.fall[0]) if track.fall else None


def max_drawdown_trough(track: Track) -> str | None:
    """First date at the bottom of the deepest fall."""
    return track.day(track.fall[1]) if track.fall else None


def max_drawdown_recovery(track: Track) -> str | None:
    """First date after the deepest fall that is back at the high; None as long as there is none."""
    return track.day(track.fall[2]) if track.fall else None


def longest_under_water(track: Track) -> int:
    """Count the trading days of the longest unbroken time below a high."""
    highs = np.flatnonzero(track.drawdown == 0.0)
    gaps = np.diff(np.append(highs, len(track.drawdown))) - 1
    return int(gaps.max())


# ---------------------------------------------------------------- days


def win_rate(track: Track) -> float:
    """Share of the up days among the days that moved."""
    up, down = np.count_nonzero(track.returns > 0.0), np.count_nonzero(track.returns < 0.0)
    return _ratio(float(up), float(up + down))


def best_day(track: Track) -> float:
    """Largest daily return."""
    return float(track.returns.max())


def worst_day(track: Track) -> float:
    """Smallest daily return."""
    return float(track.returns.min())


def skew(track: Track) -> float:
    """Sample skewness G1; 0 for a symmetric distribution."""
    if track.spread == 0.0:
        return float("nan")
    n = len(track.returns)
    score = (track.returns - track.mean) / track.spread
    third = float(np.sum(score * score * score))  # ten times faster than ** 3
    return third * n / ((n - 1) * (n - 2))


def kurtosis(track: Track) -> float:
    """Sample excess kurtosis G2; 0 for a normal distribution."""
    if track.spread == 0.0:
        return float("nan")
    n = len(track.returns)
    square = np.square((track.returns - track.mean) / track.spread)
    fourth = float(np.sum(square * square))  # ten times faster than ** 4
    return fourth * n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) - 3.0 * (n - 1) ** 2 / ((n - 2) * (n - 3))


def tail_ratio(track: Track) -> float:
    """Size of the 95th percentile of the returns over the size of the 5th."""
    low, high = np.percentile(track.returns, [TAIL, 100 - TAIL])
    return _ratio(abs(float(high)), abs(float(low)))


def best_5_days(track: Track) -> float:
    """Share of the growth that the five best days made."""
    return _share_of_best(track, 5)


def best_10_days(track: Track) -> float:
    """Share of the growth that the ten best days made."""
    return _share_of_best(track, 10)


def _share_of_best(track: Track, count: int) -> float:
    # Logarithms add up where returns do not: the shares of all days together are 1.
    steps = np.log1p(track.returns)
    whole = float(steps.sum())
    return float(np.partition(steps, -count)[-count:].sum()) / whole if whole > NOISE else float("nan")


# ---------------------------------------------------------------- against the benchmark


def beta(track: Track) -> float:
    """Slope of the daily returns on those of the benchmark."""
    benchmark = _known(track.benchmark)
    still = sample_spread(benchmark) == 0.0
    return float("nan") if still else _covariance(track.returns, benchmark) / float(benchmark.var(ddof=1))


def alpha(track: Track) -> float:
    """Mean return of a year that the slope on the benchmark does not explain."""
    return (track.mean - beta(track) * float(_known(track.benchmark).mean())) * TRADING_DAYS


def treynor(track: Track) -> float:
    """Mean return of a year per unit of beta."""
    return _ratio(track.mean * TRADING_DAYS, beta(track))


def correlation(track: Track) -> float:
    """Pearson correlation of the daily returns with those of the benchmark."""
    benchmark = _known(track.benchmark)
    spreads = track.spread * sample_spread(benchmark)
    if spreads == 0.0:
        return float("nan")
    # Rounding can carry a perfect correlation past 1.
    return float(np.clip(_covariance(track.returns, benchmark) / spreads, -1.0, 1.0))


# ---------------------------------------------------------------- holdings


def average_turnover(track: Track) -> float:
    """Mean traded value of a decision, as a share of the portfolio."""
    return float(_known(track.turnover).mean())


def average_holdings(track: Track) -> float:
    """Mean number of tickers held after a decision."""
    return float(track.holdings.mean())


def herfindahl(track: Track) -> float:
    """Mean concentration of what is invested: 1 for one ticker, 1/N for N equal ones; bars all in cash do not count."""
    shares = _known(track.allocation)
    invested = shares.sum(axis=0)
    some = invested > NOISE
    if not some.any():
        return float("nan")
    squares = np.einsum("td,td->d", shares, shares)
    return float(np.mean(squares[some] / invested[some] ** 2))


def time_in_market(track: Track) -> float:
    """Share of the decisions after which anything is held."""
    return float((track.holdings > 0).mean())
