"""Parts of a run: from one date to another, and in-sample beside out-of-sample.

Lives here: which bars belong to a part, its series, and the table that puts parts beside each other. Does not live
here: the arithmetic of its metrics (metrics.measure_between).

A return is dated by the day on which it ends: at its close, with fills at the next open at its open. A part is made of
the returns dated within it: it starts from a growth of 1 on the bar before its first, and nothing that happened earlier
counts.
Of a threshold, dates before it are in-sample, dates on or after it out-of-sample; the return of the first date on or
after it is the first of the out-of-sample part, though it was decided on the bar before, or earlier with a delay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BacktestError
from .metric_values import Metrics
from .metrics import METRICS, drawdown, measure_between
from .settings import DateLike, as_date
from .tables import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from .metrics import Value
    from .result import Backtest

_HEADLINES = ("total_return", "cagr", "max_drawdown", "sharpe", "volatility")


@dataclass(frozen=True, eq=False, repr=False)
class Part:
    """A stretch of a run, from its own returns alone.

    Attributes
    ----------
    run : Backtest
        The whole.
    name : str
        What it is called beside other parts.
    first, last : int
        Its bars in the run, both included.
    """

    run: Backtest
    name: str
    first: int
    last: int

    @property
    def _bars(self) -> slice:
        return slice(self.first, self.last + 1)

    @cached_property
    def dates(self) -> NDArray[np.datetime64]:
        """The dates of its returns, (date)."""
        return self.run.dates[self._bars]

    @cached_property
    def base_date(self) -> np.datetime64 | None:
        """The bar from which its first return was earned; None for the part that begins with the run."""
        return self.run.dates[self.first - 1] if self.first else None

    @cached_property
    def returns(self) -> xr.DataArray:
        """Daily returns net of cost, (date), fraction; those of the run."""
        return self.run.returns[self._bars]

    @cached_property
    def equity(self) -> xr.DataArray:
        """Growth of 1 on the bar before its first, net of cost, (date)."""
        whole = self.run.equity
        base = float(whole[self.first - 1]) if self.first else 1.0
        return (whole[self._bars] / base).assign_attrs(whole.attrs)

    @cached_property
    def drawdown(self) -> xr.DataArray:
        """Fall from the running maximum of this part, (date), fraction at most 0."""
        levels = self.equity.values
        fall = drawdown(np.concatenate(([1.0], levels)))[1:] if self.first else drawdown(levels)
        return self.run.drawdown[self._bars].copy(data=fall)

    @cached_property
    def allocation(self) -> xr.DataArray:
        """Share of the portfolio held after the trade of each of its dates, (ticker, date), fraction."""
        return self.run.allocation[:, self._bars]

    @cached_property
    def metrics(self) -> Metrics:
        """Every metric of the table, from the returns and the bars of this part alone."""
        other = self.run.benchmark
        found = measure_between(
            self.run.equity.values,
            self.first,
            self.last,
            dates=self.run.dates,
            allocation=self.run.allocation.values,
            turnover=self.run.turnover.values,
            one_way=self.run.turnover_one_way.values,
            benchmark=None if other is None else other.equity.values[: len(self.run.dates)],
        )
        return Metrics(found)

    def __repr__(self) -> str:
        """Show name, span and the main metrics."""
        said = "  ".join(f"{METRICS[name].label} {METRICS[name].show(self.metrics[name])}" for name in _HEADLINES)
        return f"Part {self.name!r}  {_day(self.dates[0])} to {_day(self.dates[-1])}  {len(self.dates)} bars\n{said}"


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """A run in two: in-sample, and what came after.

    Attributes
    ----------
    in_sample, out_of_sample : Part
        Dates before the threshold, and dates on or after it.
    threshold : datetime64[D]
    """

    in_sample: Part
    out_of_sample: Part
    threshold: np.datetime64

    @cached_property
    def table(self) -> Table:
        """Both parts and the whole run beside each other, as text and HTML."""
        run = self.in_sample.run
        columns = {part.name: part.metrics for part in (self.in_sample, self.out_of_sample)}
        title = f"{run.strategy.name}: in-sample before {self.threshold}, out-of-sample from {self.threshold}"
        return side_by_side(title, {**columns, "whole": run.metrics})

    @property
    def data(self) -> xr.Dataset:
        """Every metric by part, (part)."""
        return self.table.data

    def __repr__(self) -> str:
        """Show the table of metrics."""
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def between(run: Backtest, start: DateLike | None, end: DateLike | None) -> Part:
    """Cut a part out of a run; see `Backtest.between`."""
    days = run.dates.astype("datetime64[D]")
    begin, until = as_date(start, name="start"), as_date(end, name="end")
    first = 0 if begin is None else int(np.searchsorted(days, begin))
    last = len(days) - 1 if until is None else int(np.searchsorted(days, until, side="right")) - 1
    if last < max(first, 1):
        raise BacktestError(
            f"between({_typed(begin)}, {_typed(until)}): no return of the run is dated within it; "
            f"its returns are dated from {days[min(1, len(days) - 1)]} to {days[-1]}"
        )
    return Part(run, f"{days[first]} to {days[last]}", first, last)


def split(run: Backtest, at: DateLike | float) -> Split:
    """Cut a run in two; see `Backtest.split`."""
    days = run.dates.astype("datetime64[D]")
    if isinstance(at, float | np.floating):
        if not 0.0 < at < 1.0:
            raise BacktestError(f"split takes a date or a share of the time between 0 and 1, such as 0.7, got {at!r}")
        # Rounded, because 0.7 of ten days are seven days and a bit in floats.
        ahead = math.ceil(round(int((days[-1] - days[0]).astype(np.int64)) * float(at), 6))
        threshold = days[0] + np.timedelta64(ahead, "D")
    else:
        given = as_date(at, name="split")
        if given is None:
            raise BacktestError("split takes a date such as '2015-01-02' or a share of the time such as 0.7, got None")
        threshold = given
    cut = int(np.searchsorted(days, threshold))
    if not 2 <= cut < len(days):
        allowed = f"from {days[2]} to {days[-1]}" if len(days) > 2 else "in a run of at least three bars"
        raise BacktestError(f"split at {threshold}: each part needs a return of its own; choose a date {allowed}")
    early, late = Part(run, "in-sample", 0, cut - 1), Part(run, "out-of-sample", cut, len(days) - 1)
    return Split(early, late, threshold)


def side_by_side(title: str, columns: Mapping[str, Mapping[str, Value]]) -> Table:
    """Put the metrics of several parts beside each other.

    Parameters
    ----------
    title : str
    columns : mapping of str to mapping
        By the name of the part, values for every name of `METRICS`.

    Returns
    -------
    Table
        Its data has one variable per metric, (part); dates are datetime64, what is undefined is NaN or NaT.
    """
    import xarray as xr

    rows, variables = [], {}
    for name, metric in METRICS.items():
        values = [column[name] for column in columns.values()]
        if any(value is not None for value in values):
            cells = (Cell(metric.show(value)) for value in values)
            rows.append((Cell(metric.label, note=metric.formula), *cells))
        kind = np.dtype("datetime64[ns]") if metric.unit == "date" else np.dtype(np.float64)
        held = np.array([np.datetime64("NaT") if v is None else v for v in values] if metric.unit == "date" else values)
        attrs = {"long_name": metric.label, "units": metric.unit, "formula": metric.formula}
        variables[name] = ("part", held.astype(kind), attrs)
    data = xr.Dataset(variables, coords={"part": list(columns)})
    return Table(data, title, ("", *columns), tuple(rows))


def _typed(day: np.datetime64 | None) -> str:
    return "None" if day is None else repr(str(day))


def _day(date: np.datetime64) -> str:
    return str(np.datetime_as_string(date, unit="D"))
