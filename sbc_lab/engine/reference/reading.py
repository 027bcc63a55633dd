"""What the questions of a node read: lines of prices, NAVs of settled nodes, expressions and conditions on every date.

Which branch is taken and how siblings share is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ...errors import unknown_name
from ..indicators import only_for_tickers
from ..panel import Panel
from ..settings import Profile, StartPolicy
from ..strategy import Term, sentence
from ..strategy.conditions import Comparison, Condition
from ..strategy.nodes import Node
from ..strategy.terms import Branch, Expression, Indicator, Nav, Ratio, Series, Ticker
from ..strategy.vocabulary import load_word
from .outcomes import NOTHING, Outcome, Wait, first_value, last_of
from .shape import own_terms, questions
from .terms import Days, Lines, truth_of, value_of
from .truths import Floats, Truth

Scope = Mapping[Series, Series]
"""What `each` and the branches mean where an expression stands."""


@dataclass(frozen=True)
class Answers:
    """Values and truths of the terms that one node asks for."""

    values: dict[Term, Floats] = field(default_factory=dict)
    truths: dict[Term, Truth] = field(default_factory=dict)

    def waits(self) -> list[Wait]:
        """List from which bar each comparison knows both its sides, on all the dates it looks at."""
        found = [NOTHING]
        for term in self.truths:
            if isinstance(term, Comparison):
                later = last_of(Wait(first_value(self.values[side]), partial(sentence, side)) for side in term.parts)
                more = int(term.days) - 1 + int(term.op in ("crosses_above", "crosses_below"))  # type: ignore[arg-type]  # no open axes
                found.append(Wait(later.bar + more, later.says) if more else later)
        return found


@dataclass(frozen=True)
class Reader:
    """Prices and settled nodes, read by whatever a later node asks.

    Attributes
    ----------
    panel : Panel
        Holds every ticker of the tree.
    policy : "conditions" or "all_assets"
        What a NAV waits for.
    profile : "composer", "quantmage" or None
        Whose rules are followed: an RSI of "composer" has four decimals.
    outcomes : dict
        Every node settled so far.
    allocations : dict of ndarray (ticker, date), fraction
        Of the settled nodes that are still needed.
    idle : ndarray (date), fraction, or None
        What cash earned since the bar before, in the NAV of a node.
    """

    panel: Panel
    policy: StartPolicy
    profile: Profile | None = None
    outcomes: dict[Node, Outcome] = field(default_factory=dict)
    allocations: dict[Node, Floats] = field(default_factory=dict)
    idle: Floats | None = None
    _navs: dict[Node, Floats] = field(default_factory=dict)
    _closed: dict[Term, Floats] = field(default_factory=dict)

    @property
    def days(self) -> Days:
        """Calendar day of each bar, (date)."""
        return self.panel.dates.astype("datetime64[D]")

    def close(self, ticker: str) -> Floats:
        """Carried closes of a ticker, (date), USD."""
        closes: Floats = self.panel.close[self.row(ticker)]
        return closes

    def row(self, ticker: str) -> int:
        """Find the row of a ticker in the panel."""
        if ticker not in self.panel.rows:
            raise unknown_name("ticker", ticker, self.panel.tickers, where="candles")
        return self.panel.rows[ticker]

    def own_prices(self, child: Node) -> Floats:
        """Prices of the ticker that a settled node always is, NAV of any other node, (date)."""
        ticker = self.outcomes[child].ticker
        return self.nav(child) if ticker is None else self.close(ticker)

    def own_series(self, child: Node) -> Series:
        """Give the series that `each` and `branch` mean for a settled node."""
        ticker = self.outcomes[child].ticker
        return Nav(child) if ticker is None else Ticker(ticker)

    def branches(self, node: Node) -> Scope:
        """What the branches mean that the questions of a node name."""
        named = [term for term in own_terms(*questions(node)) if isinstance(term, Branch)]
        return {term: self.own_series(node.branches[term.which]) for term in named}

    def nav(self, node: Node) -> Floats:
        """Net asset value of a settled node, (date): 1 at its first bar, NaN before; daily targets, no costs."""
        if node not in self._navs:
            outcome, allocation = self.outcomes[node], self.allocations[node]
            begin = last_of([outcome.wait, *self.listings(outcome)]).bar
            # A share whose price is missing on either side earns nothing.
            earned = np.nansum(allocation[:, :-1] * returns(self.panel.close)[:, 1:], axis=0)
            if self.idle is not None:
                earned += (1.0 - allocation[:, :-1].sum(axis=0)) * self.idle[1:]
            nav = np.full(allocation.shape[1], np.nan)
            nav[begin : begin + 1] = 1.0
            for bar in range(begin + 1, len(nav)):
                nav[bar] = nav[bar - 1] * (1.0 + earned[bar - 1])
            self._navs[node] = nav
        return self._navs[node]

    def listings(self, outcome: Outcome) -> list[Wait]:
        """List what a node waits for besides its items: one ticker to hold, and under "all_assets" each it knows of."""

        def listed(ticker: str) -> Wait:
            return Wait(first_value(self.close(ticker)), lambda: ticker, "bar")

        waits = [NOTHING]
        if outcome.held:
            waits.append(min(map(listed, sorted(outcome.held)), key=lambda wait: wait.bar))
        if self.policy == "all_assets":
            waits.extend(map(listed, sorted(outcome.tickers)))
        return waits

    def answers(self, asked: Iterable[Term], scope: Scope) -> Answers:
        """Compute expressions and conditions on every date.

        Parameters
        ----------
        asked : iterable of Expression or Condition
        scope : mapping of Series to Series
            What the open series in them mean.
        """
        found = Answers()
        for term in own_terms(*asked):
            if isinstance(term, Expression):
                value = self._closed.get(term)
                if value is None:
                    value = value_of(term, found.values, partial(self._line, scope), self.panel.close.shape[1])
                    if self.profile == "composer" and isinstance(term, Indicator) and term.name == "rsi":
                        value = np.round(value, 4)
                if not term.free:
                    self._closed[term] = value
                found.values[term] = value
            elif isinstance(term, Condition):
                found.truths[term] = truth_of(term, found.values, found.truths, self.days)
        return found

    def _line(self, scope: Scope, series: Series, reader: str) -> Lines:
        meant, word = scope.get(series, series), load_word(reader)
        if word.reads_bars:
            if not isinstance(meant, Ticker):
                raise only_for_tickers(word, f"`{sentence(meant, limit=120)}`")
            row = self.row(meant.symbol)
            return {name: self.panel.values_of(name)[row] for name in word.inputs}
        if isinstance(meant, Ticker):
            return self.close(meant.symbol)
        if isinstance(meant, Ratio):
            return self.close(meant.above) / self.close(meant.below)
        if not isinstance(meant, Nav):
            raise AssertionError(f"{series!r} has no meaning where it stands")
        ticker = self.outcomes[meant.node].ticker
        if ticker is None:
            return self.nav(meant.node)
        close = self.close(ticker)
        first = first_value(close)
        return close / close[first] if word.price_level and first < len(close) else close


def returns(prices: Floats) -> Floats:
    """Return of each bar on the bar before, (…, date), fraction; NaN where one of the two prices is missing."""
    out = np.full(prices.shape, np.nan)
    out[..., 1:] = prices[..., 1:] / prices[..., :-1] - 1.0
    return out
