"""The arithmetic of every metric: one track of a portfolio in, one number out.

Lives here: one function per metric of the returns. Does not live here: those of a benchmark and of the holdings
(metric_relations.py), what a metric is called and how it is shown (metric_table.py), and the checks of what comes in
(metrics.py), which also make sure that a function sees as many returns as it needs.

A function answers NaN where its value is undefined; `measure` turns that into None.
"""

from __future__ import annotations

import math

import numpy as np

from .metric_track import NOISE, Track

Value = float | int | str | None

TRADING_DAYS = 252
"""Trading days in a year."""

TAIL = 5
"""Percent of the days that make up a tail."""

ROOT_YEAR = math.sqrt(TRADING_DAYS)


def ratio_of(part: float, whole: float) -> float:
    """Divide; NaN where the whole is noise."""
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


def mean_return(track: Track) -> float:
    """Mean daily return times the days of a year, not compounded."""
    return track.mean * TRADING_DAYS


def volatility(track: Track) -> float:
    """Sample standard deviation of a year of returns."""
    return track.spread * ROOT_YEAR


def sharpe(track: Track) -> float:
    """Mean return of a year per unit of volatility."""
    return ratio_of(track.mean, track.spread) * ROOT_YEAR


def sortino(track: Track) -> float:
    """Mean return of a year per unit of downside risk, the root of the mean squared negative part over all days."""
    return ratio_of(track.mean, _downside(track)) * ROOT_YEAR


def downside_risk(track: Track) -> float:
    """Root of the mean squared negative part of the returns over all days, of a year."""
    return _downside(track) * ROOT_YEAR


def _downside(track: Track) -> float:
    return float(np.sqrt(np.mean(np.minimum(track.returns, 0.0) ** 2)))


def stability(track: Track) -> float:
    """Say how close the growth is to a steady one: R² of a straight line through its logarithm."""
    steps = np.log1p(track.returns)
    line = np.cumsum(steps)
    still = not np.isfinite(line).all() or float(line.std()) < NOISE
    return float("nan") if still else float(np.corrcoef(np.arange(len(line)), line)[0, 1] ** 2)


def calmar(track: Track) -> float:
    """Growth per year over the depth of the deepest fall."""
    return ratio_of(cagr(track), -max_drawdown(track))


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


def average_drawdown(track: Track) -> float:
    """Mean over all falls, from one high to the next, of how deep each went."""
    under = track.drawdown < 0.0
    begins = np.flatnonzero(under & ~np.concatenate(([False], under[:-1])))
    return float(np.minimum.reduceat(track.drawdown, begins).mean()) if len(begins) else 0.0


def ulcer_index(track: Track) -> float:
    """Root of the mean squared fall from the running maximum, over all returns."""
    return math.sqrt(float(np.sum(track.drawdown**2)) / len(track.returns))


# ---------------------------------------------------------------- days


def win_rate(track: Track) -> float:
    """Share of the up days among the days that moved."""
    up, down = np.count_nonzero(track.returns > 0.0), np.count_nonzero(track.returns < 0.0)
    return ratio_of(float(up), float(up + down))


def best_day(track: Track) -> float:
    """Largest daily return."""
    return float(track.returns.max())


def worst_day(track: Track) -> float:
    """Smallest daily return."""
    return float(track.returns.min())


def median_day(track: Track) -> float:
    """Median daily return."""
    return float(np.median(track.returns))


def value_at_risk(track: Track) -> float:
    """5th percentile of the daily returns."""
    return float(np.percentile(track.returns, TAIL))


def expected_shortfall(track: Track) -> float:
    """Mean of the worst 5 % of the daily returns, at least one."""
    count = (len(track.returns) - 1) * TAIL // 100 + 1
    return float(np.partition(track.returns, count - 1)[:count].mean())


def profit_factor(track: Track) -> float:
    """Sum of the up days over the sum of the down days."""
    return ratio_of(float(np.maximum(track.returns, 0.0).sum()), -float(np.minimum(track.returns, 0.0).sum()))


def payoff_ratio(track: Track) -> float:
    """Mean up day over the size of the mean down day."""
    up, down = track.returns[track.returns > 0.0], track.returns[track.returns < 0.0]
    return ratio_of(float(up.mean()), -float(down.mean())) if len(up) and len(down) else float("nan")


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
    return ratio_of(abs(float(high)), abs(float(low)))


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
