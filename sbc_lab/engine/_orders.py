"""When what a date decided is filled, and what of it: the words for the way from a decision to a fill.

Lives here: which decisions of a run were traded, what had no price then, and which are still open when it ends. Does
not live here: the prices of fills (`executions`), and the trading (`trading`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .evaluate import Evaluation, day
from .executions import due_decisions, load_fills, orders

if TYPE_CHECKING:
    from .trading import Portfolio

SAME = 1e-12


@dataclass(frozen=True)
class OpenOrder:
    """A decision of the last dates that has not been filled when the prices end.

    Attributes
    ----------
    decided : str
        YYYY-MM-DD: the date at whose close the tree asked for it.
    bars : int
        How many bars after the last date it is filled; 1 is the next one.
    filled : str
        The same in words, such as "at the next open".
    due : bool or None
        Whether the rebalance rule trades it; None where a threshold asks first what is held then.
    target : dict of str to float, fraction
        What it brings the portfolio to, the tickers that it holds.
    """

    decided: str
    bars: int
    filled: str
    due: bool | None
    target: dict[str, float]

    def as_json(self) -> dict[str, object]:
        """Give it as plain values."""
        return {**vars(self), "target": dict(self.target)}


class Orders:
    """The decisions of one run by the bar of the panel on which they were made, and what became of them."""

    def __init__(self, evaluation: Evaluation, portfolio: Portfolio) -> None:
        self.evaluation, self.portfolio = evaluation, portfolio
        self.panel, self.settings = evaluation.panel, evaluation.settings
        self.lag, self.start = self.settings.lag, evaluation.start
        self.last = self.start + len(portfolio.equity) - 1
        self.fills = load_fills(self.panel, self.settings.execution, evaluation.program.assets)
        self.order = orders(evaluation.target, self.fills, self.settings, self.start)
        self.due = due_decisions(self.panel.dates, self.settings, self.start)

    def is_due(self, bar: int) -> bool | None:
        """Whether the rule trades what a bar decides; None where a threshold asks first what is held then."""
        if self.due[bar]:
            return True
        return False if self.settings.rebalance.width is None else None

    def traded(self, bar: int) -> bool:
        """Whether what a bar decided was traded; of what is still open, whether nothing says otherwise yet."""
        if bar + self.lag > self.last:
            return self.is_due(bar) is not False
        return self.holds(bar + self.lag)

    def holds(self, bar: int) -> bool:
        """Whether the portfolio holds after the fill of a bar what could be ordered for it."""
        if bar - self.lag < self.start:
            return False
        place = bar - self.start
        return bool((np.abs(self.order[place] - self.portfolio.allocation[place]) <= SAME).all())

    def heading(self, bar: int) -> str:
        """Say what became of the decision of a bar."""
        if self.traded(bar):
            if self.lag or self.settings.opens:
                return f"decided at the close, {self._filled(bar + self.lag)}"
            return "decided at the close, " + (
                f"held to {day(self.panel, bar + 1)}" if bar < self.last else "the last bar"
            )
        rule = f"rebalance is {self.settings.rebalance}; the tree asks for"
        if bar + self.lag > self.last:
            return f"not traded, {rule}"
        when = f"on {day(self.panel, bar + self.lag)}, when it could be filled" if self.lag else "on this date"
        sold = self._sold(bar + self.lag)
        if sold:
            return f"sold only what cannot be held any more {when}, {', '.join(sold)}; {rule}"
        return f"not traded {when}{';' if self.lag else ','} {rule}"

    def _filled(self, bar: int) -> str:
        """Say when and where what was decided was bought, and when it was sold if that is certain."""
        if bar > self.last:
            asked = self.is_due(bar - self.lag) is None
            return "still to be filled when the run ends" + (", if the threshold asks for it then" if asked else "")
        return self._fill(bar) + self._missed(bar)

    def _fill(self, bar: int) -> str:
        execution = self.settings.execution
        if execution == "open_to_close":
            return f"bought at the open of {day(self.panel, bar)}, sold at its close"
        if execution == "close_to_open":
            until = f", sold at the open of {day(self.panel, bar + 1)}" if bar < self.last else ""
            return f"bought at the close of {day(self.panel, bar)}{until}"
        return f"filled at the {'open' if execution == 'next_open' else 'close'} of {day(self.panel, bar)}"

    def _missed(self, bar: int) -> str:
        """Say what was asked for and had no price when the order was filled."""
        asked = self.evaluation.target[bar - self.lag - self.start] > 0.0
        gone = np.flatnonzero(asked & (self.order[bar - self.start] == 0.0)).tolist()
        return f"; {', '.join(self.panel.tickers[row] for row in gone)} had no price then" if gone else ""

    def _sold(self, bar: int) -> list[str]:
        """List what was sold at the fills of a bar without a trade because it is no longer available."""
        place = bar - self.start
        if place == 0:
            return []
        gone = (self.portfolio.allocation[place - 1] > 0.0) & (self.portfolio.allocation[place] == 0.0)
        return [self.panel.tickers[row] for row in np.flatnonzero(gone).tolist() if not self.fills.available[bar, row]]

    def open(self) -> Iterator[OpenOrder]:
        """List the decisions that are not filled yet, the oldest first."""
        if not self.portfolio.equity[-1] > 0.0:
            return  # whoever has lost everything orders nothing
        for bar in range(max(self.start, self.last - self.lag + 1), self.last + 1):
            target = self.evaluation.target[bar - self.start].tolist()
            held = {self.panel.tickers[row]: share for row, share in enumerate(target) if share > 0.0}
            bars = bar + self.lag - self.last
            yield OpenOrder(day(self.panel, bar), bars, self._ahead(bars), self.is_due(bar), held)

    def _ahead(self, bars: int) -> str:
        at = "open" if self.settings.execution in ("next_open", "open_to_close") else "close"
        words = f"at the next {at}" if bars == 1 else f"at the {at} {bars} bars on"
        if self.settings.execution == "open_to_close":
            return f"{words}, and sold at its close"
        return f"{words}, and sold at the open after it" if self.settings.execution == "close_to_open" else words
