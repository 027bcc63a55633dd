"""The returns of a run month by month and year by year, as labelled tables.

Lives here: labels and cells. Does not live here: the arithmetic of the returns (metrics.monthly_returns).

The first month and year bear the cost of the first trade. A month or year in which the run begins or ends is shown as
far as it goes: `bars` says how many bars it has. Months compound to years, and years to the total return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .metrics import measure_between, monthly_returns
from .tables import Cell, Table, number, percent, shaded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .result import Backtest

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DEEPEST_MONTH, DEEPEST_YEAR = 0.10, 0.30
"""Returns from which on a month and a year are coloured most: one wild month must not make all others pale."""
_FRACTION = "fraction"


def monthly_table(run: Backtest) -> Table:
    """Returns by calendar month; see `Backtest.monthly`."""
    import xarray as xr

    years, months, totals = monthly_returns(run.equity.values, run.dates)
    numbers = run.dates.astype("datetime64[M]").astype(np.int64) - (int(years[0]) - 1970) * 12
    bars = np.bincount(numbers, minlength=months.size).reshape(months.shape)
    data = xr.Dataset(
        {
            "returns": (("year", "month"), months, _attrs("Return of the month, net of cost")),
            "total": ("year", totals, _attrs("Return of the year, net of cost")),
            "bars": (("year", "month"), bars, {"long_name": "Bars of the run in the month", "units": "days"}),
        },
        coords={"year": years, "month": np.arange(1, 13)},
    )
    rows = tuple(
        (
            Cell(str(year)),
            *(shaded(float(value), percent(float(value)), DEEPEST_MONTH) for value in row),
            shaded(float(total), percent(float(total)), DEEPEST_YEAR),
        )
        for year, row, total in zip(years, months, totals, strict=True)
    )
    return Table(data, f"{run.strategy.name}: returns by month, net of cost", ("", *MONTHS, "Year"), rows)


def yearly_table(run: Backtest) -> Table:
    """Returns and risk by calendar year; see `Backtest.yearly`."""
    import xarray as xr

    years, _, totals = monthly_returns(run.equity.values, run.dates)
    of_year = run.dates.astype("datetime64[Y]").astype(np.int64) + 1970
    spans = [(int(np.searchsorted(of_year, year)), int(np.searchsorted(of_year, year, side="right"))) for year in years]
    columns: dict[str, tuple[str, NDArray[np.float64], str]] = {"returns": ("Return", totals, _FRACTION)}
    if run.benchmark is not None:
        # A ruined run ends before its benchmark does.
        other = monthly_returns(run.benchmark.equity.values[: len(run.dates)], run.dates).totals
        columns["benchmark"] = ("Benchmark", other, _FRACTION)
        columns["difference"] = ("Difference", totals - other, _FRACTION)
    found = [
        measure_between(run.equity.values, first, stop - 1, dates=run.dates) if stop > first else {}
        for first, stop in spans
    ]
    for name, label, unit in (
        ("volatility", "Volatility, a year", _FRACTION),
        ("sharpe", "Sharpe ratio", "ratio"),
        ("max_drawdown", "Max drawdown", _FRACTION),
    ):
        values = [metrics.get(name) for metrics in found]
        columns[name] = (label, np.array(values, dtype=np.float64), unit)
    bars = np.array([stop - first for first, stop in spans])
    variables = {
        name: ("year", values, {"long_name": label, "units": unit}) for name, (label, values, unit) in columns.items()
    }
    data = xr.Dataset(
        {**variables, "bars": ("year", bars, {"long_name": "Bars", "units": "days"})}, coords={"year": years}
    )
    rows = []
    for place, year in enumerate(years):
        cells = [_cell(name, float(values[place]), unit) for name, (_, values, unit) in columns.items()]
        rows.append((Cell(str(year)), *cells, Cell(str(bars[place]))))
    heads = ("", *(label for label, _, _ in columns.values()), "Bars")
    return Table(data, f"{run.strategy.name}: returns by year, net of cost", heads, tuple(rows))


def _attrs(label: str) -> dict[str, str]:
    return {"long_name": label, "units": _FRACTION}


def _cell(name: str, value: float, unit: str) -> Cell:
    text = percent(value) if unit == _FRACTION else number(value)
    return shaded(value, text, DEEPEST_YEAR) if name in {"returns", "benchmark", "difference"} else Cell(text)
