"""One run of the plain engine: from which bar to which, and the portfolio in between.

What the tree holds on each date is settled in `evaluation`, what trading does to it in `trading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import BacktestError
from .evaluation import Evaluation
from .outcomes import last_of
from .trading import trade

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..panel import Panel
    from ..settings import Settings
    from ..strategy import Strategy
    from .outcomes import Wait
    from .terms import Days
    from .truths import Floats


@dataclass(frozen=True, eq=False)
class Reference:
    """A run of the plain engine; every array ends where the run does.

    Attributes
    ----------
    tickers : tuple of str
        Of the first dimension, as in the panel.
    dates : ndarray (date) of datetime64[ns]
        From the first bar of the run to its last; the last one is earlier than asked for when the equity reached 0.
    target : ndarray (ticker, date), fraction
        What the tree wants on every bar, whether it trades or not.
    allocation : ndarray (ticker, date), fraction
        Held after the trade of each bar.
    equity : ndarray (date), growth of 1
        After the cost of each bar.
    returns : ndarray (date), fraction
        Of the equity on the bar before; the first one on the cash at the beginning.
    turnover : ndarray (date), fraction of the value
        Traded value.
    cost : ndarray (date), fraction of the value
    start : int
        Bar of the panel on which the run begins.
    """

    tickers: tuple[str, ...]
    dates: NDArray[np.datetime64]
    target: Floats
    allocation: Floats
    equity: Floats
    returns: Floats
    turnover: Floats
    cost: Floats
    start: int


def simulate(strategy: Strategy, panel: Panel, settings: Settings) -> Reference:
    """Run a strategy with the plain engine.

    Parameters
    ----------
    strategy : Strategy
        Its own rebalance rule does not count: the settings say it.
    panel : Panel
        The tickers that some date can hold or look at, on the axis of their union.
    settings : Settings

    Returns
    -------
    Reference

    Raises
    ------
    BacktestError
        When the dates asked for cannot be run, or something in the tree never has a value.
    UnknownNameError
        For one of them that the panel does not hold.
    """
    if strategy.axes:
        names = ", ".join(f"{axis.name}={axis.points[0]!r}" for axis in strategy.axes)
        raise BacktestError(f"Strategy({strategy.name!r}) has open axes; choose their values with .at({names})")
    days = panel.dates.astype("datetime64[D]")
    evaluation = Evaluation(strategy.root, panel, settings)
    start = _first_bar(days, last_of(evaluation.waits), settings)
    stop = _last_bar(days, start, settings) + 1
    target = evaluation.allocation[:, :stop]
    ledger = trade(
        target,
        panel.close[:, :stop],
        days[:stop],
        rebalance=settings.rebalance,
        cost_bps=settings.cost_bps,
        start=start,
    )
    run = slice(start, start + len(ledger.equity))
    before = np.concatenate(([1.0], ledger.equity[:-1]))
    return Reference(
        tickers=panel.tickers,
        dates=panel.dates[run],
        target=target[:, run],
        allocation=ledger.allocation,
        equity=ledger.equity,
        returns=ledger.equity / before - 1.0,
        turnover=ledger.turnover,
        cost=ledger.cost,
        start=start,
    )


HOLIDAYS = np.timedelta64(10, "D")
"""Longest time before the first bar that a start may name and still mean that bar."""


def _first_bar(days: Days, wait: Wait, settings: Settings) -> int:
    """Give the bar on which the run begins, not before everything it waits for is there."""
    if wait.bar >= len(days):
        raise BacktestError(f"{wait.says()} never has a value up to {days[-1]}; load more dates or change the strategy")
    if settings.start is None:
        return wait.bar
    asked = int(np.searchsorted(days, settings.start.astype("datetime64[D]"), side="left"))
    if asked == len(days):
        raise BacktestError(f"start {settings.start} lies after the last date, {days[-1]}")
    if wait.bar == 0 and settings.start < days[0] - HOLIDAYS:
        raise BacktestError(f"start {settings.start} is too early: the prices begin on {days[0]}")
    if asked < wait.bar:
        raise BacktestError(
            f"start {settings.start} is too early: {wait.says()} is first known on {days[wait.bar]}; "
            f"type start='{days[wait.bar]}' or later"
        )
    return asked


def _last_bar(days: Days, start: int, settings: Settings) -> int:
    """Give the bar on which the run ends, which must not lie before its first."""
    if settings.end is None:
        return len(days) - 1
    last = int(np.searchsorted(days, settings.end.astype("datetime64[D]"), side="right")) - 1
    if last < start:
        raise BacktestError(f"end {settings.end} lies before the first date of the run, {days[start]}")
    return last
