"""What a portfolio does with its daily targets: when it trades, what that costs, and how it drifts in between.

Where the targets come from is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ..strategy import Rebalance
from .terms import Days
from .truths import Floats

BPS = 1e4
"""Basis points in 1."""

_PERIODS: dict[str, Callable[[date], object]] = {
    "daily": lambda day: day,
    "weekly": lambda day: day.isocalendar()[:2],
    "monthly": lambda day: (day.year, day.month),
    "quarterly": lambda day: (day.year, (day.month - 1) // 3),
    "yearly": lambda day: day.year,
}


@dataclass(frozen=True)
class Ledger:
    """One run, bar by bar; arrays end where the equity reaches 0."""

    allocation: Floats
    """Held after the trade of each bar, (ticker, date), fraction."""
    equity: Floats
    """After the cost of each bar, (date), growth of 1."""
    turnover: Floats
    """Traded value, (date), fraction of the value."""
    cost: Floats
    """(date), fraction of the value."""


def trade(target: Floats, close: Floats, days: Days, *, rebalance: Rebalance, cost_bps: float, start: int) -> Ledger:
    """Follow a portfolio from its first bar to its last.

    Parameters
    ----------
    target : ndarray (ticker, date), fraction
        What would be held if every bar traded.
    close : ndarray (ticker, date), USD
        Carried closes, NaN where a ticker is unavailable.
    days : ndarray (date) of datetime64[D]
    rebalance : Rebalance
    cost_bps : float, 1/10,000 of the traded value
    start : int
        First bar; it always trades, from cash.
    """
    due = _due(days, rebalance)
    grown = np.ones_like(close)
    grown[:, 1:] = close[:, 1:] / close[:, :-1]
    grown = np.where(np.isfinite(grown), grown, 1.0)
    equity, held = 1.0, np.zeros(len(target))
    rows: list[tuple[Floats, float, float, float]] = []
    for bar in range(start, target.shape[1]):
        drifted = held
        if bar > start:
            growth = (1.0 - float(held.sum())) + float((held * grown[:, bar]).sum())
            drifted = held * grown[:, bar] / growth
            equity *= growth
        if bar == start or due[bar] or _off_target(target[:, bar], drifted, rebalance):
            held = target[:, bar]
        else:
            held = np.where(np.isnan(close[:, bar]), 0.0, drifted)
        traded = float(np.abs(held - drifted).sum())
        cost = cost_bps / BPS * traded
        equity = max(0.0, equity * (1.0 - cost))
        rows.append((held, equity, traded, cost))
        if equity == 0.0:
            break
    return Ledger(
        allocation=np.array([row[0] for row in rows]).T,
        equity=np.array([row[1] for row in rows]),
        turnover=np.array([row[2] for row in rows]),
        cost=np.array([row[3] for row in rows]),
    )


def _due(days: Days, rebalance: Rebalance) -> NDArray[np.bool_]:
    """Tell whether a bar is the first of its period, (date); never for rules that know no periods."""
    period = _PERIODS.get(rebalance.rule)
    if period is None:
        return np.zeros(len(days), dtype=bool)
    periods = [period(day) for day in days.tolist()]
    return np.array([bar == 0 or periods[bar] != periods[bar - 1] for bar in range(len(periods))])


def _off_target(target: Floats, drifted: Floats, rebalance: Rebalance) -> bool:
    """Tell whether the rule `threshold` asks for a trade."""
    if rebalance.width is None:
        return False
    too_far = (np.abs(target - drifted) > rebalance.width).any()
    other_tickers = ((target > 0.0) != (drifted > 0.0)).any()
    return bool(too_far or other_tickers)
