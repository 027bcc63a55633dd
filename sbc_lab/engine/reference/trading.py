"""What a portfolio does with its daily targets: when an order is filled, what that costs, how it drifts in between.

Where the targets come from is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ..panel import Panel
from ..settings import Settings
from ..strategy import Rebalance
from .money import before, fee, grown, interest, opens
from .terms import Days
from .truths import Floats

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
    """Held after the trade of each bar, (ticker, date), fraction; in a round trip what was bought on it."""
    equity: Floats
    """After the cost of each bar, (date), growth of 1."""
    turnover: Floats
    """Traded value, (date), fraction of the value."""
    one_way: Floats
    """Half of all that changes hands, cash included, (date), fraction of the value."""
    costs: Floats
    """(model, date), fraction of the value."""
    early: Floats
    """The part of the cost that the first leg of a round trip took, (date), fraction of the value before that leg."""

    @property
    def cost(self) -> Floats:
        """All models together, (date), fraction of the value."""
        whole: Floats = self.costs.sum(axis=0)
        return whole


def trade(target: Floats, panel: Panel, settings: Settings, *, start: int) -> Ledger:
    """Follow a portfolio from its first bar to its last.

    Parameters
    ----------
    target : ndarray (ticker, date), fraction
        What is decided at the close of every bar, from the first of the panel to the last of the run.
    panel : Panel
    settings : Settings
    start : int
        First bar; what it decides is always filled, into cash.
    """
    return _Run(target, panel, settings, start).follow()


class _Run:
    def __init__(self, target: Floats, panel: Panel, settings: Settings, start: int) -> None:
        self.target, self.panel, self.settings, self.start = target, panel, settings, start
        self.days: Days = panel.dates.astype("datetime64[D]")
        self.due = _due(self.days, settings.rebalance)
        self.interest = interest(panel, settings.cash)
        self.close = panel.close
        self.open = opens(panel.values_of("open"), self.close) if settings.opens else self.close
        raw = panel.others.get("raw_close")
        self.raw = np.ones(self.close.shape) if raw is None else raw / self.close
        self.value, self.bought, self.sold, self.early = 1.0, 0.0, 0.0, 0.0
        self.costs = np.zeros(len(settings.model.parts))

    def follow(self) -> Ledger:
        """Walk through the bars."""
        held = np.zeros(len(self.target))
        rows = []
        step = {"open_to_close": self._through_the_day, "close_to_open": self._through_the_night}.get(
            self.settings.execution, self._drift
        )
        for bar in range(self.start, self.target.shape[1]):
            self.bought = self.sold = 0.0
            self.costs = np.zeros(len(self.costs))
            self.one_way = self.early = 0.0
            held = step(bar, held)
            rows.append((held, self.value, self.bought + self.sold, self.one_way, self.costs, self.early))
            if self.value == 0.0:
                break
        columns = (np.array(list(column)) for column in zip(*rows, strict=True))
        allocation, equity, turnover, one_way, costs, early = columns
        return Ledger(allocation.T, equity, turnover, one_way, costs.T, early)

    def _drift(self, bar: int, held: Floats) -> Floats:
        """Close to close, or open to open."""
        to_open = self.settings.execution == "next_open"
        price = self.open if to_open else self.close
        idle = self.interest.open_to_open if to_open else self.interest.close_to_close
        if bar > self.start:
            held = self._grow(held, grown(price[:, bar], before(price)[:, bar]), float(idle[bar]))
        after = self._wanted(bar, held, ~np.isnan(price[:, bar]))
        self._pay(after - held, price, bar)
        return after

    def _through_the_day(self, bar: int, held: Floats) -> Floats:
        """Cash over the night; bought at the open, sold at the close."""
        if bar > self.start:
            self.value *= float(self.interest.night[bar])
        known = ~np.isnan(self.open[:, bar]) & ~np.isnan(self.close[:, bar])
        lot = self._wanted(bar, held, known)
        self._pay(lot, self.open, bar)
        self.early = float(self.costs.sum())
        if self.value > 0.0:
            idle = float(self.interest.day[bar]) if bar > self.start else 1.0
            self._pay(-self._grow(lot, grown(self.close[:, bar], self.open[:, bar]), idle), self.close, bar)
        return lot

    def _through_the_night(self, bar: int, held: Floats) -> Floats:
        """Sold at the open what was bought at the last close; cash over the day; bought at the close."""
        if bar > self.start:
            growth = grown(self.open[:, bar], before(self.close)[:, bar])
            self._pay(-self._grow(held, growth, float(self.interest.night[bar])), self.open, bar)
            self.early = float(self.costs.sum())
            self.value *= float(self.interest.day[bar])
        if self.value == 0.0:
            return np.zeros(len(held))
        lot = self._wanted(bar, held, ~np.isnan(self.close[:, bar]))
        self._pay(lot, self.close, bar)
        return lot

    def _grow(self, held: Floats, growth: Floats, idle: float) -> Floats:
        """Let the portfolio grow, and return the shares it has drifted to."""
        total = (1.0 - float(held.sum())) * idle + float((held * growth).sum())
        self.value *= total
        return held * growth / total

    def _wanted(self, bar: int, held: Floats, known: NDArray[np.bool_]) -> Floats:
        """Say what is held after the order that can be filled on this bar; without one, what was held before."""
        decided = bar - self.settings.lag
        if decided < self.start:
            return held
        order = np.where(known, self.target[:, decided], 0.0)
        if decided == self.start or self.due[decided] or _off_target(order, held, self.settings.rebalance):
            return order
        return np.where(known, held, 0.0)

    def _pay(self, change: Floats, price: Floats, bar: int) -> None:
        """Charge for one trade of every ticker, all of them at once."""
        purchases, sales = float(change[change > 0.0].sum()), -float(change[change < 0.0].sum())
        self.bought += purchases
        self.sold += sales
        self.one_way += 0.5 * (purchases + sales + abs(purchases - sales))
        paid = np.zeros(len(self.costs))
        for row in np.flatnonzero(change):
            share = self._share_price(price[row, : bar + 1], self.raw[row, : bar + 1])
            for place, model in enumerate(self.settings.model.parts):
                ticker, day = self.panel.tickers[row], self.days[bar]
                paid[place] += fee(model, ticker, float(change[row]), self.value, share, day)
        self.costs = self.costs + paid
        self.value = max(0.0, self.value * (1.0 - float(paid.sum())))

    def _share_price(self, prices: Floats, factor: Floats) -> float:
        """Price of a share as it was traded; of what has no price any more, the last one."""
        known = np.flatnonzero(~np.isnan(prices * factor))
        return float(prices[known[-1]] * factor[known[-1]]) if len(known) else 1.0


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
