"""What each ticker of a run did: what it added to the result, how long it was held, how its holding periods ended.

Lives here: the daily contributions with labels, the holding periods, and the table of both. Does not live here: the
arithmetic of contributions (attribution.py).

Contributions are shares of the portfolio of the first day, so those of all tickers, of cash and of cost add up to the
total return. A holding period is an unbroken time of holding a ticker in any share, from the fill with which it was
bought to the fill with which the last of it was sold, or to the last bar; its gain is that of the ticker over this
time, before cost. One that begins on the last bar has earned nothing yet and is not counted. With round trips it is an
unbroken row of dates with a trip: its gain is that of all trips one after the other, its length their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .attribution import Floats, take_apart
from .executions import load_fills
from .metric_formulas import ratio_of
from .metric_track import NOISE
from .tables import Cell, Table, number, percent, shaded

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .result import Backtest

_OF_FIRST_DAY = "fraction of the portfolio of the first day"

_COLUMNS: dict[str, tuple[str, str, str]] = {
    "contribution": ("Contribution", _OF_FIRST_DAY, "Added to the total return, before cost"),
    "share_of_result": ("Of the result", "fraction", "Contribution / total return"),
    "days_held": ("Days held", "days", "Daily returns that were earned while it was held"),
    "mean_share": ("Mean share", "fraction", "Mean share of the portfolio over all bars"),
    "periods": ("Periods", "count", "Holding periods"),
    "mean_length": ("Mean length", "days", "Mean length of a holding period, trading days"),
    "win_rate": ("Win rate", "fraction", "Periods with a gain / periods with a gain or a loss"),
    "expectancy": ("Expectancy", "fraction", "Win rate · mean gain − (1 − win rate) · mean loss, of a period"),
    "mean_gain": ("Mean gain", "fraction", "Mean gain of the periods with one"),
    "mean_loss": ("Mean loss", "fraction", "Mean size of the loss of the periods with one"),
    "best_period": ("Best", "fraction", "Largest gain of a period"),
    "worst_period": ("Worst", "fraction", "Largest loss of a period"),
}
"""Variable → its head, its unit and what it is."""


@dataclass(frozen=True, eq=False)
class HoldingPeriods:
    """The holding periods of one ticker, in order.

    Attributes
    ----------
    bought, sold : ndarray (period) of int
        Bars of the run; a period that is still open ends on the last one.
    gains : ndarray (period), fraction
        Growth of the ticker from the one close to the other, less 1.
    """

    bought: NDArray[np.int64]
    sold: NDArray[np.int64]
    gains: Floats


def holding_periods(share: Floats, growth: Floats) -> HoldingPeriods:
    """Find when a ticker was held, and what it gained in each of these times.

    Parameters
    ----------
    share : ndarray (date), fraction
        Share of the portfolio after the trade of each date.
    growth : ndarray (date)
        Growth of the ticker from the date before to the date; row 0 is not used.

    Examples
    --------
    >>> found = holding_periods(np.array([0.5, 0.2, 0.0, 1.0, 1.0]), np.array([1.0, 1.2, 1.5, 9.0, 0.5]))
    >>> found.bought, found.sold, found.gains.round(9)
    (array([0, 3]), array([2, 4]), array([ 0.8, -0.5]))
    """
    held = share > NOISE
    turns = np.diff(held.astype(np.int8), prepend=np.int8(0))
    bought = np.flatnonzero(turns == 1)
    sold = np.append(np.flatnonzero(turns == -1), len(share) - 1)[: len(bought)]
    earned = sold > bought
    bought, sold = bought[earned], sold[earned]
    level = np.cumprod(np.concatenate(([1.0], growth[1:])))
    return HoldingPeriods(bought, sold, level[sold] / level[bought] - 1.0)


def run_growth(run: Backtest) -> Floats:
    """Growth of each asset at the fills of the run, up to each of its dates from the fill before, (date, asset)."""
    fills = load_fills(run._panel, run.settings.execution, run._program.assets)
    growth: Floats = fills.growth[run._start : run._start + len(run.dates)]
    return growth


def run_periods(run: Backtest) -> list[HoldingPeriods]:
    """Find the holding periods of every asset of a run, by its own fills."""
    share, growth = run.allocation.values.T, run_growth(run)
    if run.settings.execution == "open_to_close":
        # What a date bought earned on that date: written as if it had been bought on the one before.
        share = np.concatenate((share, np.zeros((1, share.shape[1]))))
        growth = np.concatenate((np.ones((1, growth.shape[1])), growth))
    return [holding_periods(share[:, place], growth[:, place]) for place in range(share.shape[1])]


def daily_contributions(run: Backtest) -> xr.Dataset:
    """Contributions of every date; see `Backtest.contributions`."""
    import xarray as xr

    found = take_apart(run._portfolio, run._panel, run.settings, run._start)
    return xr.Dataset(
        {
            "tickers": (("ticker", "date"), found.assets.T.copy(), _attrs("What each ticker added, before cost")),
            "cash": ("date", found.cash, _attrs("What the money that was not invested added")),
            "cost": ("date", found.cost, _attrs("What was paid for trading")),
        },
        coords={"ticker": run.allocation["ticker"], "date": run.dates},
        attrs={"strategy": run.strategy.name, "identity": run.identity},
    )


def ticker_table(run: Backtest) -> Table:
    """Tell what every ticker did; see `Backtest.by_ticker`."""
    import xarray as xr

    daily = run.contributions
    allocation = run.allocation.values
    total = float(run.equity[-1]) - 1.0
    tickers = [str(ticker) for ticker in run.allocation["ticker"].values]
    values: dict[str, Floats] = {name: np.full(len(tickers), np.nan) for name in _COLUMNS}
    values["contribution"] = daily["tickers"].sum("date").values
    values["share_of_result"] = np.array([ratio_of(float(part), total) for part in values["contribution"]])
    values["mean_share"] = allocation.mean(axis=1)
    for place, periods in enumerate(run_periods(run)):
        for name, value in _told(periods).items():
            values[name][place] = value
    variables = {
        name: ("ticker", values[name], {"long_name": said, "units": unit}) for name, (_, unit, said) in _COLUMNS.items()
    }
    whole = {name: float(daily[name].sum()) for name in ("cash", "cost")}
    data = xr.Dataset(
        {
            **variables,
            "cash": ((), whole["cash"], _attrs("What the money that was not invested added")),
            "cost": ((), whole["cost"], _attrs("What was paid for trading")),
            "total_return": ((), total, _attrs("Sum of all contributions, of cash and of cost")),
        },
        coords={"ticker": tickers},
    )
    return Table(data, f"{run.strategy.name}: what each ticker did", _heads(), _rows(tickers, values, whole, total))


def _told(periods: HoldingPeriods) -> dict[str, float]:
    gains = periods.gains
    lengths = periods.sold - periods.bought
    up, down = gains[gains > NOISE], -gains[gains < -NOISE]
    win_rate = ratio_of(float(len(up)), float(len(up) + len(down)))
    mean_gain = float(up.mean()) if len(up) else float("nan")
    mean_loss = float(down.mean()) if len(down) else float("nan")
    expectancy = win_rate * (mean_gain if len(up) else 0.0) - (1.0 - win_rate) * (mean_loss if len(down) else 0.0)
    some = len(gains) > 0
    return {
        "days_held": float(lengths.sum()),
        "periods": float(len(gains)),
        "mean_length": float(lengths.mean()) if some else float("nan"),
        "win_rate": win_rate,
        "expectancy": expectancy,
        "mean_gain": mean_gain,
        "mean_loss": mean_loss,
        "best_period": float(gains.max()) if some else float("nan"),
        "worst_period": float(gains.min()) if some else float("nan"),
    }


def _heads() -> tuple[str, ...]:
    return ("", *(head for head, _, _ in _COLUMNS.values()))


def _rows(
    tickers: list[str], values: dict[str, Floats], whole: dict[str, float], total: float
) -> tuple[tuple[Cell, ...], ...]:
    added = values["contribution"]
    largest = float(np.abs(added).max(initial=0.0))
    rows = []
    for place in np.argsort(-added, kind="stable").tolist():
        cells = [Cell(tickers[place]), shaded(float(added[place]), percent(float(added[place])), largest)]
        for name in list(_COLUMNS)[1:]:
            value, unit = float(values[name][place]), _COLUMNS[name][1]
            cells.append(Cell(_text(value, unit)))
        rows.append(tuple(cells))
    empty = (Cell(""),) * (len(_COLUMNS) - 1)
    for name, value in (*whole.items(), ("total return", total)):
        rows.append((Cell(name), Cell(percent(value)), *empty))
    return tuple(rows)


def _text(value: float, unit: str) -> str:
    if unit == "fraction":
        return percent(value)
    return number(value) if unit == "days" and not value.is_integer() else f"{value:,.0f}"


def _attrs(label: str) -> dict[str, str]:
    return {"long_name": label, "units": _OF_FIRST_DAY}
