"""One run of the plain engine: from which bar to which, and the portfolio in between.

What the tree holds on each date is settled in `evaluation`, what trading does to it in `trading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import BacktestError
from ..dates import begins_before_prices, too_early, too_short
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
    one_way : ndarray (date), fraction of the value
        Half of what is traded, cash included.
    costs : ndarray (model, date), fraction of the value
    early : ndarray (date), fraction of the value
        The part of the cost that the first leg of a round trip took.
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
    one_way: Floats
    costs: Floats
    early: Floats


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
    start = _first_bar(panel, days, last_of(evaluation.waits), settings)
    stop = _last_bar(days, start, settings) + 1
    target = evaluation.allocation[:, :stop]
    ledger = trade(target, panel, settings, start=start)
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
        one_way=ledger.one_way,
        costs=ledger.costs,
        early=ledger.early,
    )


def _first_bar(panel: Panel, days: Days, wait: Wait, settings: Settings) -> int:
    """Give the bar on which the run begins, not before everything it waits for is there."""
    if wait.bar >= len(days):
        raise BacktestError(
            f"{wait.says()} has no {wait.first} on any of the {len(days)} bars from {days[0]} to {days[-1]}; "
            "load more dates or change the strategy"
        )
    if settings.start is None:
        return wait.bar
    asked = int(np.searchsorted(days, settings.start, side="left"))
    if asked < wait.bar or begins_before_prices(settings.start, days):
        names = [ticker for row, ticker in enumerate(panel.tickers) if not np.isnan(panel.close[row, 0])]
        what = f"{wait.says()} has its first {wait.first}" if wait.bar else f"{', '.join(names[:4])} has its first bar"
        raise too_early(settings.start, what, str(days[wait.bar]))
    return asked


def _last_bar(days: Days, start: int, settings: Settings) -> int:
    """Give the bar on which the run ends, which must lie behind its first."""
    last = len(days) - 1
    if settings.end is not None:
        last = int(np.searchsorted(days, settings.end, side="right")) - 1
    if last <= start:
        raise too_short(days[start] if start < len(days) else settings.start, settings.end, days)
    return last
