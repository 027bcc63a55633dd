"""Where and when orders are filled: the prices of each execution, on the dates of a panel.

Lives here: which price an order gets, from which to which price it earns, and what happens where there is none. Does
not live here: how shares become money (`trading`), and what cash earns in the meantime (`idle_money`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .calendars import first_of_period

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .panel import Panel
    from .settings import Execution, Settings

ROUND_TRIPS = ("open_to_close", "close_to_open")
"""Executions that hold nothing but cash for one half of every day."""


@dataclass(frozen=True, eq=False)
class Fills:
    """The prices of one execution, (date, asset) each.

    Attributes
    ----------
    growth : ndarray of float64
        What 1 in an asset has become at this date's fill since the last one; within the day or over the night for a
        round trip. 1 where a price is missing, so that what is gone is sold for what it was last worth.
    available : ndarray of uint8
        Where an order can be filled.
    bought_at, sold_at : ndarray of float64
        Adjusted price, USD; the same but in a round trip. The last known one where there is none any more.
    """

    growth: NDArray[np.float64]
    available: NDArray[np.uint8]
    bought_at: NDArray[np.float64]
    sold_at: NDArray[np.float64]


def filled_opens(opened: NDArray[np.float64], close: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put the close of the bar before in the place of an open that is missing on a bar.

    Parameters
    ----------
    opened, close : ndarray (…, date), USD
        Carried; NaN where a ticker is unavailable.
    """
    before = np.full(close.shape, np.nan)
    before[..., 1:] = close[..., :-1]
    return np.where(np.isnan(opened) & np.isfinite(close), before, opened)


def load_fills(panel: Panel, execution: Execution, assets: int) -> Fills:
    """Find the prices of an execution for the first `assets` tickers of a panel; computed once for each.

    Parameters
    ----------
    panel : Panel
        With the field "open" unless the execution is "close".
    """
    key = (execution, assets)
    if key not in panel.fills:
        panel.fills[key] = _fills(panel, execution, assets)
    return panel.fills[key]


def _fills(panel: Panel, execution: Execution, assets: int) -> Fills:
    close = np.ascontiguousarray(panel.close[:assets].T)
    if execution == "close":
        return Fills(panel.asset_growth(assets), _known(close), close, close)
    opened = np.ascontiguousarray(filled_opens(panel.values_of("open")[:assets], panel.close[:assets]).T)
    if execution == "next_open":
        return Fills(_growth(opened[:-1], opened[1:], first=True), _known(opened), opened, opened)
    if execution == "open_to_close":
        return Fills(_growth(opened, close), _known(opened) & _known(close), opened, close)
    return Fills(_growth(close[:-1], opened[1:], first=True), _known(close), close, opened)


def _known(prices: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.isfinite(prices).view(np.uint8)


def _growth(before: NDArray[np.float64], after: NDArray[np.float64], *, first: bool = False) -> NDArray[np.float64]:
    """Later price by earlier price, 1 where one is missing; with a row of ones before them all if `first`."""
    ratio = after / before
    ratio[~np.isfinite(ratio)] = 1.0
    return np.concatenate((np.ones((1, ratio.shape[1])), ratio)) if first else ratio


def share_prices(panel: Panel, prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn adjusted prices into those at which shares were traded on their day, as far as that is known.

    Parameters
    ----------
    prices : ndarray (date, asset), USD
        Adjusted; NaN where there is none.

    Returns
    -------
    ndarray (date, asset), USD
        Times `raw_close` / close where the panel holds it. A missing price is the last known one.
    """
    found = prices
    if "raw_close" in panel.others:
        assets = prices.shape[1]
        found = prices * (panel.others["raw_close"][:assets] / panel.close[:assets]).T
    last = np.maximum.accumulate(np.where(np.isfinite(found), np.arange(len(found))[:, None], 0), axis=0)
    return np.ascontiguousarray(np.take_along_axis(found, last, axis=0))


def orders(target: NDArray[np.float64], fills: Fills, settings: Settings, start: int) -> NDArray[np.float64]:
    """Shift the targets to the dates on which they can be filled; what has no price then stays in cash.

    Parameters
    ----------
    target : ndarray (date, asset), fraction
        By the date of the decision, from the first bar of the run on.
    start : int
        That bar, in the dates of the panel.

    Returns
    -------
    ndarray (date, asset), fraction
        By the date of the fill; nothing before the first.
    """
    lag = settings.lag
    if lag == 0 and settings.execution in ("close", "close_to_open"):
        return target  # a target is made of what can be held at its own close
    shifted = np.zeros_like(target)
    if lag < len(target):
        shifted[lag:] = target[: len(target) - lag]
    held: NDArray[np.float64] = np.where(fills.available[start : start + len(target)] == 1, shifted, 0.0)
    return held


def due_dates(due: NDArray[np.uint8], lag: int) -> NDArray[np.uint8]:
    """Shift the dates on which a rule decides to those on which that is filled; the first decision always counts.

    Parameters
    ----------
    due : ndarray (date) of uint8
        From the first bar of the run on.
    """
    shifted = np.zeros_like(due)
    if lag < len(due):
        shifted[lag:] = due[: len(due) - lag]
        shifted[lag] = 1
    return shifted


def due_decisions(dates: NDArray[np.datetime64], settings: Settings, start: int) -> NDArray[np.uint8]:
    """Tell on which dates the calendar of the rule trades what is decided, (date) of the panel; the first of a run is.

    A threshold trades on more of them, by what is held when the order could be filled.
    """
    due = first_of_period(dates, settings.rebalance.rule).copy()
    due[start] = 1
    return due


def decision_rows(bars: int, settings: Settings) -> NDArray[np.int64]:
    """Find which row of a run decided what earned the return of each row, (date); -1 before the first fill."""
    rows = np.arange(bars)
    lag = settings.lag
    earned = rows - lag if settings.execution == "open_to_close" else np.maximum(rows - 1 - lag, 0)
    found: NDArray[np.int64] = np.where(rows < lag, -1, earned)
    return found


def lines_of_dates(dates: NDArray[np.datetime64], settings: Settings) -> dict[str, NDArray[np.datetime64]]:
    """Say for every row of a run which date decided it and to which date it earns.

    Returns
    -------
    dict of ndarray (date) of datetime64
        "target return": until when what a date decided earns for the first time. "decision" and "return" of what is
        held. "returns decision": of what earned the return of a date. NaT where that lies outside the run.
    """
    lag, same_day = settings.lag, settings.execution == "open_to_close"
    rows = np.arange(len(dates))
    return {
        "target return": _dated(dates, rows + lag + (0 if same_day else 1)),
        "decision": _dated(dates, rows - lag),
        "return": dates if same_day else _dated(dates, rows + 1),
        "returns decision": _dated(dates, decision_rows(len(dates), settings)),
    }


def _dated(dates: NDArray[np.datetime64], rows: NDArray[np.int64]) -> NDArray[np.datetime64]:
    inside = (rows >= 0) & (rows < len(dates))
    found = np.full(len(rows), np.datetime64("NaT", "ns"), dtype=dates.dtype)
    found[inside] = dates[rows[inside]]
    return found
