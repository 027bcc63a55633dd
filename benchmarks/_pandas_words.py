"""The words of the language that the benchmark trees use, in plain pandas: the peer that `tree.py` measures against.

A tree written once runs under both vocabularies. What is here is the shortest idiom in pandas for each word, computed
when it is said; there are no caps, no fallbacks, no late listings and no missing bars, which the benchmark prices do
not have either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

Series = pd.Series  # of float, over date
By = Callable[[Series], Series]


def first_valid(values: Series) -> int:
    """The bar of the first value."""
    return int(values.notna().to_numpy().argmax())


@dataclass(frozen=True, eq=False)
class Values:
    """An indicator over one ticker, (date)."""

    series: Series

    def __gt__(self, other: Values | float) -> Truth:
        """Compare date by date."""
        if not isinstance(other, Values):
            return Truth(self.series > other, first_valid(self.series))
        return Truth(self.series > other.series, max(first_valid(self.series), first_valid(other.series)))

    def __lt__(self, other: float) -> Truth:
        """Compare date by date with a constant."""
        return Truth(self.series < other, first_valid(self.series))


@dataclass(frozen=True, eq=False)
class Truth:
    """A condition, (date), and the bar from which it can be decided."""

    holds: Series
    first: int


@dataclass(frozen=True, eq=False)
class Held:
    """A node: what it holds, (date, ticker), the bar from which it can decide, and its price or NAV, (date)."""

    weights: pd.DataFrame
    first: int
    series: Series


@dataclass(frozen=True, eq=False)
class When:
    """The words after `when`; `before` are the branches that were not taken."""

    words: PandasWords
    truth: Truth
    before: tuple[tuple[Truth, Held], ...] = ()

    def then(self, node: Held | str) -> Then:
        """Say what is held while the condition is true."""
        return Then(self.words, (*self.before, (self.truth, self.words.node(node))))


@dataclass(frozen=True, eq=False)
class Then:
    """Branches without the last one."""

    words: PandasWords
    branches: tuple[tuple[Truth, Held], ...]

    def when(self, truth: Truth) -> When:
        """Ask the next question."""
        return When(self.words, truth, self.branches)

    def otherwise(self, node: Held | str) -> Held:
        """Say what is held while no condition is true."""
        held = self.words.node(node)
        for truth, branch in reversed(self.branches):
            weights = branch.weights.where(truth.holds, held.weights)
            held = self.words.held(weights, max(truth.first, branch.first, held.first))
        return held


class PandasWords:
    """The vocabulary over some closes.

    Parameters
    ----------
    close : DataFrame (date, ticker), USD
        Every ticker of the tree, without a gap.
    """

    each = None
    """Stands for the price or NAV of the child that is ranked."""

    def __init__(self, close: pd.DataFrame) -> None:
        self.close = close
        self.returns = close.pct_change().fillna(0.0)

    def held(self, weights: pd.DataFrame, first: int) -> Held:
        """A node with its NAV: what its own target earns from each date to the next, 1 on the first."""
        daily = (weights.shift(1) * self.returns).sum(axis=1)
        daily.iloc[: first + 1] = 0.0
        return Held(weights, first, (1.0 + daily).cumprod().where(pd.RangeIndex(len(daily)) >= first))

    def node(self, node: Held | str) -> Held:
        """A ticker as a node; a node as it is."""
        if isinstance(node, Held):
            return node
        weights = pd.DataFrame(0.0, index=self.close.index, columns=self.close.columns)
        weights[node] = 1.0
        return Held(weights, 0, self.close[node])

    def price(self, ticker: str) -> Values:
        """The close."""
        return Values(self.close[ticker])

    def sma(self, ticker: str, window: int) -> Values:
        """The mean of the last closes."""
        return Values(self.close[ticker].rolling(window).mean())

    def ema(self, ticker: str, window: int) -> Values:
        """The exponential average, seeded with the mean of the first closes."""
        return Values(_average(self.close[ticker], window, 2.0 / (window + 1.0)))

    def rsi(self, series: str | None, window: int) -> Values | By:
        """Wilder's RSI of a ticker or of each child."""
        return partial(_rsi, window=window) if series is None else Values(_rsi(self.close[series], window))

    def cumulative_return(self, series: str | None, window: int) -> Values | By:
        """The return over a window of a ticker or of each child, percent points."""
        by = partial(_cumulative_return, window=window)
        return by if series is None else Values(by(self.close[series]))

    def stdev_return(self, ticker: str, window: int) -> Values:
        """The sample standard deviation of daily returns, percent points."""
        return Values(_stdev_return(self.close[ticker], window))

    def when(self, truth: Truth) -> When:
        """Choose between branches."""
        return When(self, truth)

    def group(self, _name: str, child: Held | str) -> Held:
        """A box around a node."""
        return self.node(child)

    def equal(self, *children: Held | str) -> Held:
        """Share equally."""
        nodes = [self.node(child) for child in children]
        shares = pd.DataFrame(1.0 / len(nodes), index=self.close.index, columns=range(len(nodes)))
        return self._shared(nodes, shares, 0)

    def inverse_vol(self, *children: Held | str, window: int) -> Held:
        """Share by 1/σ of each child's daily returns."""
        nodes = [self.node(child) for child in children]
        raw = 1.0 / pd.concat([_stdev_return(node.series, window) for node in nodes], axis=1, keys=range(len(nodes)))
        first = max(first_valid(raw[place]) for place in raw)
        return self._shared(nodes, raw.div(raw.sum(axis=1), axis=0), first)

    def top(self, *children: Held | str, n: int, by: By) -> Held:
        """Keep the best, equally."""
        nodes = [self.node(child) for child in children]
        scores = pd.concat([by(node.series) for node in nodes], axis=1, keys=range(len(nodes)))
        kept = scores.rank(axis=1, ascending=False, method="first") <= n
        return self._shared(nodes, kept / n, max(first_valid(scores[place]) for place in scores))

    def _shared(self, nodes: list[Held], shares: pd.DataFrame, first: int) -> Held:
        weights = nodes[0].weights.mul(shares[0], axis=0)
        for place, node in enumerate(nodes[1:], start=1):
            weights = weights + node.weights.mul(shares[place], axis=0)
        return self.held(weights, max(first, *(node.first for node in nodes)))

    def simulate(self, root: Held, cost: float) -> Series:
        """Growth of 1 net of cost, traded to the target at every close from the first one that can be decided."""
        target = root.weights.iloc[root.first :]
        before = target.shift(1).fillna(0.0)
        grown = before * (1.0 + self.returns.iloc[root.first :])
        total = grown.sum(axis=1) + (1.0 - before.sum(axis=1))
        traded = (target - grown.div(total, axis=0)).abs().sum(axis=1)
        return (total * (1.0 - cost * traded)).cumprod()


def _average(values: Series, window: int, share: float) -> Series:
    """An exponential average that begins with the mean of the first `window` values."""
    known = values.dropna()
    seeded = known.iloc[window - 1 :].copy()
    seeded.iloc[0] = known.iloc[:window].mean()
    return seeded.ewm(alpha=share, adjust=False).mean().reindex(values.index)


def _rsi(values: Series, window: int) -> Series:
    change = values.diff()
    gain = _average(change.clip(lower=0.0), window, 1.0 / window)
    loss = _average(-change.clip(upper=0.0), window, 1.0 / window)
    return 100.0 * gain / (gain + loss)


def _cumulative_return(values: Series, window: int) -> Series:
    return 100.0 * values.pct_change(window)


def _stdev_return(values: Series, window: int) -> Series:
    return 100.0 * values.pct_change().rolling(window).std()
