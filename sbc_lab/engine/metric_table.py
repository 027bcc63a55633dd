"""The METRICS table: what each metric is called, what it means, and how it is shown.

Lives here: names, labels, formulas as text, units and formats. Does not live here: the arithmetic (metric_formulas.py)
and the way from an equity curve to its metrics (metrics.py).

In the formulas E_t is the equity at bar t, r_t = E_t / E_(t−1) − 1 its daily return, n the number of returns, b_t the
return of the benchmark, and w the allocation after the trade of a bar. The risk-free rate is 0 throughout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Literal

from . import metric_formulas as formulas
from .metric_formulas import Value
from .metric_track import Track

Unit = Literal["fraction", "ratio", "days", "count", "date"]
Need = Literal["returns", "allocation", "turnover", "one_way", "benchmark"]

UNDEFINED = "–"
"""What is shown for a metric that has no value."""


@dataclass(frozen=True)
class Metric:
    """One number about a backtest: what it is called, what it means, how it is shown.

    Attributes
    ----------
    name : str
        What it is called in code and in results.
    label : str
        The same in a few words, for a table.
    formula : str
        One line, with the source where there is one.
    unit : {"fraction", "ratio", "days", "count", "date"}
        Days are trading days.
    format : str
        Format specification of Python; see `show`.
    needs : frozenset of {"returns", "allocation", "turnover", "one_way", "benchmark"}
        What it is computed from; without one of these it is None.
    function : callable (Track) -> float, int, str or None
        NaN or None where the value is undefined.
    least : int
        Fewest daily returns for which it is defined; with fewer it is None.
    """

    name: str
    label: str
    formula: str
    unit: Unit
    format: str
    needs: frozenset[Need]
    function: Callable[[Track], Value]
    least: int = 1

    def show(self, value: Value) -> str:
        """Text of a value of this metric, with its unit.

        Parameters
        ----------
        value : float, int, str or None
            As `measure` gives it.

        Returns
        -------
        str
            A fraction in percent; "–" where there is no value.

        Examples
        --------
        >>> METRICS["max_drawdown"].show(-0.3371726)
        '-33.72%'
        """
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return UNDEFINED
        return value if isinstance(value, str) else format(value, self.format)


def _metric(
    unit: Unit,
    how: str,
    name: str,
    label: str,
    formula: str,
    function: Callable[[Track], Value],
    *,
    needs: tuple[Need, ...] = ("returns",),
    least: int = 1,
) -> Metric:
    return Metric(name, label, formula, unit, how, frozenset(needs), function, least)


# "z" turns the −0.00 % of a value that rounds to nothing into 0.00 %; days may come as floats out of a labelled array.
_fraction = partial(_metric, "fraction", "z,.2%")
_ratio = partial(_metric, "ratio", "z,.2f")
_count = partial(_metric, "count", "z,.2f")
_days = partial(_metric, "days", ",.0f")
_date = partial(_metric, "date", "")

_BENCHMARK: tuple[Need, ...] = ("returns", "benchmark")

_ALL = (
    _fraction("total_return", "total return", "E_n − 1, the first cost included", formulas.total_return),
    _fraction("cagr", "CAGR", "E_n^(252/n) − 1, the first cost included", formulas.cagr),
    _fraction("volatility", "volatility, a year", "√252 · sample σ(r)", formulas.volatility, least=2),
    _ratio(
        "sharpe",
        "Sharpe ratio",
        "√252 · mean(r) / sample σ(r) (Sharpe 1994)",
        formulas.sharpe,
        least=2,
    ),
    _ratio(
        "sortino",
        "Sortino ratio",
        "252 · mean(r) / (√252 · √mean(min(r, 0)²)), the mean over all days (Sortino and Price 1994)",
        formulas.sortino,
        least=2,
    ),
    _ratio("calmar", "Calmar ratio", "cagr / |max_drawdown| (Young 1991)", formulas.calmar),
    _fraction("max_drawdown", "max drawdown", "min over t of E_t / max(E_0 … E_t) − 1", formulas.max_drawdown),
    _date(
        "max_drawdown_peak",
        "max drawdown: peak",
        "last date at the high before the trough",
        formulas.max_drawdown_peak,
    ),
    _date("max_drawdown_trough", "max drawdown: trough", "first date of the minimum", formulas.max_drawdown_trough),
    _date(
        "max_drawdown_recovery",
        "max drawdown: recovered",
        "first date after the trough at which E_t is at its running maximum; none as long as it is not",
        formulas.max_drawdown_recovery,
    ),
    _days(
        "longest_under_water",
        "longest under water, trading days",
        "most bars in a row with E_t < max(E_0 … E_t), an open end included",
        formulas.longest_under_water,
    ),
    _ratio("beta", "beta", "cov(r, b) / var(b)", formulas.beta, needs=_BENCHMARK, least=2),
    _fraction(
        "alpha",
        "alpha, a year",
        "252 · (mean(r) − beta · mean(b)) (Jensen 1968), not compounded",
        formulas.alpha,
        needs=_BENCHMARK,
        least=2,
    ),
    _ratio(
        "treynor",
        "Treynor ratio",
        "252 · mean(r) / beta (Treynor 1965); says little when beta is negative or close to 0",
        formulas.treynor,
        needs=_BENCHMARK,
        least=2,
    ),
    _ratio(
        "correlation",
        "correlation with benchmark",
        "cov(r, b) / (σ(r) · σ(b)) (Pearson)",
        formulas.correlation,
        needs=_BENCHMARK,
        least=2,
    ),
    _fraction(
        "win_rate", "win rate, days", "up days / (up days + down days); flat days do not count", formulas.win_rate
    ),
    _fraction("best_day", "best day", "max(r)", formulas.best_day),
    _fraction("worst_day", "worst day", "min(r)", formulas.worst_day),
    _fraction(
        "average_turnover",
        "average turnover, a day",
        "mean of traded value / portfolio value over all bars, purchases and sales, first and last trade included",
        formulas.average_turnover,
        needs=("turnover",),
        least=0,
    ),
    _fraction(
        "average_turnover_one_way",
        "average turnover one way, a day",
        "mean of ½ Σ|Δw| over all bars, the change of cash included; from cash to fully invested is 1",
        formulas.average_turnover_one_way,
        needs=("one_way",),
        least=0,
    ),
    _count(
        "average_holdings",
        "average holdings",
        "mean over all bars of the number of tickers with w > 0",
        formulas.average_holdings,
        needs=("allocation",),
        least=0,
    ),
    _ratio(
        "herfindahl",
        "Herfindahl index",
        "mean of Σw² / (Σw)² over the bars that hold anything; 1 is one ticker, 1/N is N equal ones (Hirschman 1945)",
        formulas.herfindahl,
        needs=("allocation",),
        least=0,
    ),
    _fraction(
        "time_in_market",
        "time in market",
        "bars with any w > 0 / all bars",
        formulas.time_in_market,
        needs=("allocation",),
        least=0,
    ),
    _ratio(
        "skew",
        "skewness",
        "n / ((n−1)(n−2)) · Σ((r − mean)/σ)³, the sample skewness G1 (Joanes and Gill 1998)",
        formulas.skew,
        least=3,
    ),
    _ratio(
        "kurtosis",
        "excess kurtosis",
        "sample excess kurtosis G2 (Joanes and Gill 1998); add 3 for the kurtosis that is 3 for a normal distribution",
        formulas.kurtosis,
        least=4,
    ),
    _ratio(
        "tail_ratio",
        "tail ratio",
        "|95th percentile of r| / |5th percentile of r|, linear between days",
        formulas.tail_ratio,
    ),
    _fraction(
        "best_5_days",
        "growth made on the best 5 days",
        "Σ ln(1 + r) over the 5 best days / Σ ln(1 + r) over all; none unless that is above 0",
        formulas.best_5_days,
        least=5,
    ),
    _fraction(
        "best_10_days",
        "growth made on the best 10 days",
        "Σ ln(1 + r) over the 10 best days / Σ ln(1 + r) over all; none unless that is above 0",
        formulas.best_10_days,
        least=10,
    ),
    _days("days", "trading days", "n = bars − 1", formulas.days, least=0),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})
"""Every metric by its name, in the order of a table."""
