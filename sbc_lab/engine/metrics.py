"""From an equity curve to its metrics, and to its returns month by month.

Lives here: the checks of what comes in, and the three ways to measure. Does not live here: the table of what there is
to measure (metric_table.py, handed on as `METRICS`) and the arithmetic (metric_formulas.py, metric_track.py).

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
from .metric_formulas import Value
from .metric_table import METRICS, Metric
from .metric_track import Dates, Floats, Track, drawdown

__all__ = ["METRICS", "Metric", "MonthlyReturns", "Value", "drawdown", "measure", "measure_returns", "monthly_returns"]


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
    growth = _curve("equity", equity)
    levels = None if benchmark is None else _curve("benchmark", benchmark, bars=len(growth))
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
    own = _changes("returns", returns)
    other = None if benchmark is None else _changes("returns of the benchmark", benchmark, bars=len(own))
    with np.errstate(over="ignore"):
        growth = np.cumprod(np.concatenate(([1.0], 1.0 + own)))
    return _measure(_curve("growth of the returns", growth), own, dates, allocation, turnover, one_way, other)


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
    whole = _curve("equity", equity)
    growth = whole[: _bars_to_ruin(whole)]
    months = _days(dates, bars=len(whole)).astype("datetime64[M]").astype(np.int64)
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
    days = None if dates is None else _days(dates, bars=bars)
    held = None if allocation is None else _numbers("allocation", allocation, dimensions=2, bars=bars)
    traded = None if turnover is None else _numbers("turnover", turnover, bars=bars)
    halved = None if one_way is None else _numbers("one_way", one_way, bars=bars)
    track = Track(
        growth[:end],
        returns[: end - 1],
        dates=None if days is None else days[:end],
        allocation=None if held is None else held[:, :end],
        turnover=None if traded is None else traded[:end],
        one_way=None if halved is None else halved[:end],
        benchmark=None if benchmark is None else benchmark[: end - 1],
    )
    given = {"returns": returns, "allocation": held, "turnover": traded, "one_way": halved, "benchmark": benchmark}
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


def _curve(name: str, values: ArrayLike, *, bars: int | None = None) -> Floats:
    curve = _numbers(name, values, bars=bars)
    if not len(curve):
        raise DataError(f"{name}: nothing to measure in 0 bars; give at least one")
    if (curve < 0.0).any():
        bar = int((curve < 0.0).argmax())
        raise DataError(f"{name}: values must be at least 0, got {float(curve[bar])!r} at bar {bar}")
    return curve


def _changes(name: str, values: ArrayLike, *, bars: int | None = None) -> Floats:
    changes = _numbers(name, values, bars=bars)
    if (changes < -1.0).any():
        bar = int((changes < -1.0).argmax())
        raise DataError(f"{name}: nobody can lose more than everything, −1, got {float(changes[bar])!r} at bar {bar}")
    return changes


def _numbers(name: str, values: ArrayLike, *, dimensions: int = 1, bars: int | None = None) -> Floats:
    """Floats of the right shape without gaps, or a sentence about them."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: must be an array of numbers, got {values!r:.60}") from error
    shape = "(ticker, date)" if dimensions == 2 else "(date)"
    if numbers.ndim != dimensions:
        raise DataError(f"{name}: must be an array {shape}, got the shape {numbers.shape}")
    if bars is not None and numbers.shape[-1] != bars:
        raise DataError(f"{name}: must be an array {shape} with {bars} dates, got {numbers.shape[-1]}")
    if not np.isfinite(numbers).all():
        bar = int((~np.isfinite(numbers)).reshape(-1, numbers.shape[-1]).any(axis=0).argmax())
        raise DataError(
            f"{name}: every value must be a finite number, bar {bar} is not; leave out the dates without one"
        )
    return numbers


def _days(dates: ArrayLike, *, bars: int) -> Dates:
    days = np.asarray(dates)
    if days.dtype.kind != "M" or days.shape != (bars,):
        raise DataError(
            f"dates: must be {bars} values of datetime64, got {days.dtype} of the shape {days.shape}; "
            "np.asarray(dates, 'datetime64[D]') makes them from dates of another kind"
        )
    if np.isnat(days).any() or not (days[1:] > days[:-1]).all():
        raise DataError("dates: must ascend, each once, none of them missing")
    return days
