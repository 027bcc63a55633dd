"""From an equity curve to its metrics, and to its returns month by month.

Lives here: the four ways to measure. Does not live here: the checks of what comes in (metric_checks.py), the table of
what there is to measure (metric_table.py, handed on as `METRICS`) and the arithmetic (metric_formulas.py,
metric_relations.py, metric_track.py).

Three rules hold for all metrics. What is undefined is None: too few returns, no volatility, no down day, no fall, no
benchmark, a number too large for a float. A run stops at its ruin: bars after the equity reached 0 do not count. The
averages of turnover and holdings run over every bar, for each bar holds a decision that was charged; the last one,
which has not earned yet, is among them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError
from .metric_checks import checked_changes, checked_curve, checked_days, checked_numbers
from .metric_formulas import Value
from .metric_table import METRICS, Metric
from .metric_track import Floats, Track, drawdown

__all__ = [
    "METRICS",
    "Metric",
    "MonthlyReturns",
    "Value",
    "drawdown",
    "measure",
    "measure_between",
    "measure_returns",
    "monthly_returns",
]


class MonthlyReturns(NamedTuple):
    """Returns by calendar month and year; unpacks into years, months and totals."""

    years: NDArray[np.int64]
    """(year)"""
    months: Floats
    """(year, month), fraction; NaN for a month without a bar."""
    totals: Floats
    """(year), fraction; NaN for a year without a bar."""


def measure(
    equity: ArrayLike,
    *,
    dates: ArrayLike,
    allocation: ArrayLike | None = None,
    turnover: ArrayLike | None = None,
    one_way: ArrayLike | None = None,
    benchmark: ArrayLike | None = None,
) -> dict[str, Value]:
    """All metrics of a run.

    Parameters
    ----------
    equity : array (date), growth of 1
        Net of cost, after the trade of each bar: the first value is 1 − the first cost. That cost is part of the total
        return and of the growth per year, and of nothing else.
    dates : array (date) of datetime64
        Ascending.
    allocation : array (ticker, date), fraction, optional
        Shares of the portfolio as held after the trade of each bar.
    turnover : array (date), fraction, optional
        Traded value / portfolio value of each bar.
    one_way : array (date), fraction, optional
        Half of that with the change of cash counted in.
    benchmark : array (date), any unit, optional
        Price or equity of the benchmark on the same dates.

    Returns
    -------
    dict of str to float, int, str or None
        One value for every name of `METRICS`, in that order and in plain types of Python. Dates are 'YYYY-MM-DD'; what
        is undefined is None.

    Raises
    ------
    DataError
        When a value is missing, negative or not of the shape of the dates.

    Examples
    --------
    >>> measure([1.0, 1.1, 0.99], dates=np.arange("2024-01-01", "2024-01-04", dtype="datetime64[D]"))["win_rate"]
    0.5
    """
    growth = checked_curve("equity", equity)
    levels = None if benchmark is None else checked_curve("benchmark", benchmark, bars=len(growth))
    returns = _daily(growth)
    return _measure(growth, returns, dates, allocation, turnover, one_way, None if levels is None else _daily(levels))


def measure_returns(
    returns: ArrayLike,
    *,
    dates: ArrayLike | None = None,
    allocation: ArrayLike | None = None,
    turnover: ArrayLike | None = None,
    one_way: ArrayLike | None = None,
    benchmark: ArrayLike | None = None,
) -> dict[str, Value]:
    """All metrics of a part of a run, from the returns of that part alone.

    Parameters
    ----------
    returns : array (date), fraction
        Daily returns net of cost, at least −1; the part starts from a growth of 1.
    dates : array (date + 1) of datetime64, optional
        The bar the part starts from, then the bar of each return. Without them the dates of the deepest fall are None.
    allocation : array (ticker, date + 1), fraction, optional
        As held after the trade of each of these bars; what is held at the first one earns the first return.
    turnover : array (date + 1), fraction, optional
        Traded value / portfolio value of each of these bars.
    one_way : array (date + 1), fraction, optional
        Half of that with the change of cash counted in.
    benchmark : array (date), fraction, optional
        Returns of the benchmark over the same days.

    Returns
    -------
    dict of str to float, int, str or None
        As `measure` gives it.

    Raises
    ------
    DataError
        When a value is missing or below −1, or not of the shape of the returns.

    Examples
    --------
    >>> measure_returns([0.5, -0.25])["max_drawdown"]
    -0.25
    """
    own = checked_changes("returns", returns)
    other = None if benchmark is None else checked_changes("returns of the benchmark", benchmark, bars=len(own))
    with np.errstate(over="ignore"):
        growth = np.cumprod(np.concatenate(([1.0], 1.0 + own)))
    return _measure(checked_curve("growth of the returns", growth), own, dates, allocation, turnover, one_way, other)


def measure_between(
    equity: ArrayLike,
    first: int,
    last: int,
    *,
    dates: ArrayLike,
    allocation: ArrayLike | None = None,
    turnover: ArrayLike | None = None,
    one_way: ArrayLike | None = None,
    benchmark: ArrayLike | None = None,
) -> dict[str, Value]:
    """All metrics of the bars `first` to `last` of a run, from the returns that were earned by them.

    The return of a bar is earned from the bar before, so a part starts from a growth of 1 on the bar before its first.
    Its averages of turnover and holdings run over its own bars: those whose cost is in its returns. Parts that follow
    each other share no return and no bar, and their growths multiply to that of the whole.

    Parameters
    ----------
    equity : array (date), growth of 1
        Of the whole run, as for `measure`.
    first, last : int
        Bars of the run, both included. A part from bar 0 is measured as a run that ends on `last`.
    dates, allocation, turnover, one_way, benchmark : array, optional
        Of the whole run, as for `measure`.

    Returns
    -------
    dict of str to float, int, str or None
        As `measure` gives it.

    Raises
    ------
    DataError
        When the bars are not bars of the run, or a value is not as for `measure`.

    Examples
    --------
    >>> days = np.arange("2024-01-01", "2024-01-04", dtype="datetime64[D]")
    >>> round(measure_between([1.0, 1.1, 0.99], 2, 2, dates=days)["total_return"], 12)
    -0.1
    """
    whole = checked_curve("equity", equity)
    if not 0 <= first <= last < len(whole):
        raise DataError(f"bars must be 0 ≤ first ≤ last ≤ {len(whole) - 1}, got {first} and {last}")
    if _bars_to_ruin(whole) <= first:
        raise DataError(f"nothing is left to measure from bar {first}; the equity reached 0 before")
    bars, base = len(whole), max(first - 1, 0)
    levels = None if benchmark is None else checked_curve("benchmark", benchmark, bars=bars)
    held = None if allocation is None else checked_numbers("allocation", allocation, dimensions=2, bars=bars)
    traded = None if turnover is None else checked_numbers("turnover", turnover, bars=bars)
    halved = None if one_way is None else checked_numbers("one_way", one_way, bars=bars)
    growth = whole[base : last + 1] if first == 0 else whole[base : last + 1] / whole[base]
    end = _bars_to_ruin(growth)
    stop = base + end
    track = Track(
        growth[:end],
        _daily(whole[base:stop]),
        dates=checked_days(dates, bars=bars)[base:stop],
        allocation=None if held is None else held[:, first:stop],
        turnover=None if traded is None else traded[first:stop],
        one_way=None if halved is None else halved[first:stop],
        benchmark=None if levels is None else _daily(levels[base:stop]),
    )
    return _values(track)


def monthly_returns(equity: ArrayLike, dates: ArrayLike) -> MonthlyReturns:
    """Returns by calendar month and year.

    Parameters
    ----------
    equity : array (date), growth of 1
        Net of cost; growth starts from 1, so the first month bears the first cost.
    dates : array (date) of datetime64
        Ascending.

    Returns
    -------
    MonthlyReturns
        years (year), months (year, 12) and totals (year), as fractions; NaN where there is no bar and after a ruin.
        The months compound to the totals, and these to the total return.

    Raises
    ------
    DataError
        When a value is missing, negative or not of the shape of the dates.
    """
    whole = checked_curve("equity", equity)
    growth = whole[: _bars_to_ruin(whole)]
    months = checked_days(dates, bars=len(whole)).astype("datetime64[M]").astype(np.int64)
    # numpy counts months from January 1970
    first, years = int(months[0]) // 12, int(months[-1]) // 12 - int(months[0]) // 12 + 1
    rows = months[: len(growth)] - first * 12
    table, totals = np.full(years * 12, np.nan), np.full(years, np.nan)
    for cells, place in ((table, rows), (totals, rows // 12)):
        last = np.append(np.flatnonzero(np.diff(place)), len(place) - 1)
        ends = growth[last]
        with np.errstate(over="ignore"):
            cells[place[last]] = ends / np.concatenate(([1.0], ends[:-1])) - 1.0
    return MonthlyReturns(np.arange(first, first + years) + 1970, table.reshape(years, 12), totals)


def _measure(
    growth: Floats,
    returns: Floats,
    dates: ArrayLike | None,
    allocation: ArrayLike | None,
    turnover: ArrayLike | None,
    one_way: ArrayLike | None,
    benchmark: Floats | None,
) -> dict[str, Value]:
    bars, end = len(growth), _bars_to_ruin(growth)
    days = None if dates is None else checked_days(dates, bars=bars)
    held = None if allocation is None else checked_numbers("allocation", allocation, dimensions=2, bars=bars)
    traded = None if turnover is None else checked_numbers("turnover", turnover, bars=bars)
    halved = None if one_way is None else checked_numbers("one_way", one_way, bars=bars)
    track = Track(
        growth[:end],
        returns[: end - 1],
        dates=None if days is None else days[:end],
        allocation=None if held is None else held[:, :end],
        turnover=None if traded is None else traded[:end],
        one_way=None if halved is None else halved[:end],
        benchmark=None if benchmark is None else benchmark[: end - 1],
    )
    return _values(track)


def _values(track: Track) -> dict[str, Value]:
    given = {name: getattr(track, name) for name in ("returns", "allocation", "turnover", "one_way", "benchmark")}
    known = {name for name, values in given.items() if values is not None}
    # Overflow is an answer here: it becomes None below.
    with np.errstate(all="ignore"):
        return {name: _value(metric, track) if metric.needs <= known else None for name, metric in METRICS.items()}


def _value(metric: Metric, track: Track) -> Value:
    if len(track.returns) < metric.least:
        return None
    value = metric.function(track)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _bars_to_ruin(growth: Floats) -> int:
    ruined = growth == 0.0
    return int(ruined.argmax()) + 1 if ruined.any() else len(growth)


def _daily(levels: Floats) -> Floats:
    """Returns from each bar to the next; what is worth nothing earns 0."""
    before = levels[:-1]
    ratio = np.ones_like(before)
    with np.errstate(over="ignore"):
        np.divide(levels[1:], before, out=ratio, where=before > 0.0)
    return ratio - 1.0
