"""What can be asked of a run besides its series: its parts, its months, its tickers, its regimes, its prices.

Lives here: one method per question, with the words that explain it. Does not live here: the answers; each has a file of
its own.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from .calendar_tables import monthly_table, yearly_table
from .coverage import coverage_table
from .parts import Part, Split, between, split
from .regimes import regime_table
from .rolling import rolling_metrics
from .ticker_table import daily_contributions, ticker_table

if TYPE_CHECKING:
    import xarray as xr

    from .result import Backtest
    from .settings import DateLike
    from .strategy import Condition
    from .tables import Table


class RunTables:
    """The questions that a run answers with a part or a table."""

    @property
    def _run(self) -> Backtest:
        return cast("Backtest", self)

    def between(self, start: DateLike | None = None, end: DateLike | None = None) -> Part:
        """Cut a part out of the run, measured from its own returns.

        Parameters
        ----------
        start, end : date, optional
            The returns dated from `start` to `end`, both included; with fills at the next open they are dated by the
            open at which they end. The first of them was earned from the bar before, on which the growth of the part is
            1. Without a start the part begins with the run, its first cost included.

        Returns
        -------
        Part
            With metrics, equity, returns, drawdown, allocation and dates.

        Raises
        ------
        BacktestError
            When no return is dated within it.
        """
        return between(self._run, start, end)

    def split(self, at: DateLike | float) -> Split:
        """Put what came before a date beside what came after, each measured from its own returns.

        Parameters
        ----------
        at : date or float
            The threshold, such as "2015-01-02", or a share of the time from the first date to the last, such as 0.7.
            Dates before it are in-sample, dates on or after it out-of-sample; the return of the first date on or after
            it is the first of the out-of-sample part.

        Returns
        -------
        Split
            With `in_sample`, `out_of_sample` and a table of both, which printing it shows.

        Raises
        ------
        BacktestError
            When a part would be left without a return.
        """
        return split(self._run, at)

    @cached_property
    def monthly(self) -> Table:
        """Returns by month and year, net of cost; months compound to years and years to the total return.

        Its data holds `returns` (year, month), `total` (year), fractions, NaN where there is no bar, and `bars`
        (year, month): a month in which the run begins or ends has fewer.
        """
        return monthly_table(self._run)

    @cached_property
    def yearly(self) -> Table:
        """Returns and risk by year, beside those of the benchmark if there is one; each year from its own returns.

        Its data holds `returns`, `volatility`, `sharpe`, `max_drawdown` and `bars` (year), and with a benchmark
        `benchmark` and `difference`.
        """
        return yearly_table(self._run)

    @cached_property
    def contributions(self) -> xr.Dataset:
        """What every ticker, the cash and the cost of each date added to the equity.

        `tickers` (ticker, date), `cash` and `cost` (date), as shares of the portfolio of the first day: all of them
        together add up to the total return, with every execution. What was filled at an open earns from open to open.
        """
        return daily_contributions(self._run)

    @cached_property
    def by_ticker(self) -> Table:
        """What every ticker added to the total return, how long it was held, and how its holding periods ended.

        Its data holds (ticker): `contribution`, `share_of_result`, `days_held`, `mean_share`, `periods`,
        `mean_length`, `win_rate`, `expectancy`, `mean_gain`, `mean_loss`, `best_period` and `worst_period`; and the
        numbers `cash`, `cost` and `total_return`, to which all contributions add up.
        """
        return ticker_table(self._run)

    @cached_property
    def coverage(self) -> Table:
        """Which prices the run stands on: bars, carried and missing ones of every ticker of the tree.

        Its data holds (ticker): `role`, `first`, `last`, `needed_from`, `bars`, `carried`, `unavailable`,
        `listed_late` and `ends_early`. `needed_from` is the first bar that the first decision reads; averages that
        never forget read all the bars before it too.
        """
        return coverage_table(self._run)

    def by(self, regime: Condition | xr.DataArray, *, candles: xr.Dataset | None = None) -> Table:
        """Sort the returns by the regime that was known when they were decided.

        Parameters
        ----------
        regime : condition or DataArray (date)
            A condition such as price("SPY") > sma("SPY", 200), or true and false or a few labels on every date of the
            run. What holds after the close of a date is applied to the returns of what was decided on it: the next
            one, with fills at the next open the one after that, and with a delay a later one. Returns before the
            first fill are "unknown".
        candles : Dataset (ticker, date), optional
            Where the condition finds its prices; needed when it looks at what the run does not.

        Returns
        -------
        Table
            Its data holds (regime): `days`, `time`, `spells`, `mean_return`, `volatility`, `sharpe`, `win_rate`,
            `best_day`, `worst_day`, `max_drawdown` within one spell, and `growth` of its days put end to end.

        Raises
        ------
        BacktestError
            When the run has no prices for the condition, or the array no value on one of its dates.
        """
        return regime_table(self._run, regime, candles)

    def rolling(self, window: int) -> xr.Dataset:
        """Metrics of the last `window` returns on every date, by the formulas of the table of metrics.

        Parameters
        ----------
        window : int, trading days
            At least 2.

        Returns
        -------
        Dataset (date)
            `total_return`, `volatility`, `sharpe`, `max_drawdown`, and with a benchmark `beta` and `correlation`;
            NaN before the first full window.

        Raises
        ------
        BacktestError
            When the run has fewer returns than the window.
        """
        return rolling_metrics(self._run, window)
