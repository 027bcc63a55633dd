"""The METRICS table: what each metric is called, what it means, and how it is shown.

Lives here: names, labels, formulas as text, units. Does not live here: the arithmetic (metric_formulas.py, and
metric_relations.py for benchmark and holdings), what a metric is (metric_kind.py), and the way from an equity curve to
its metrics (metrics.py).

In the formulas E_t is the equity at bar t, r_t = E_t / E_(t−1) − 1 its daily return, n the number of returns, b_t the
return of the benchmark, and w the allocation after the trade of a bar. The risk-free rate is 0 throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from . import metric_formulas as formulas
from . import metric_relations as relations
from .metric_kind import Metric, Need, count, date, days, fraction, ratio

__all__ = ["METRICS", "Metric"]

_BENCHMARK: tuple[Need, ...] = ("returns", "benchmark")

_ALL = (
    fraction("total_return", "total return", "E_n − 1, the first cost included", formulas.total_return),
    fraction("cagr", "CAGR", "E_n^(252/n) − 1, the first cost included", formulas.cagr),
    fraction("mean_return", "mean return, a year", "252 · mean(r), not compounded", formulas.mean_return),
    fraction("volatility", "volatility, a year", "√252 · sample σ(r)", formulas.volatility, least=2),
    ratio(
        "sharpe",
        "Sharpe ratio",
        "√252 · mean(r) / sample σ(r) (Sharpe 1994)",
        formulas.sharpe,
        least=2,
    ),
    ratio(
        "sortino",
        "Sortino ratio",
        "252 · mean(r) / (√252 · √mean(min(r, 0)²)), the mean over all days (Sortino and Price 1994)",
        formulas.sortino,
        least=2,
    ),
    fraction(
        "downside_risk",
        "downside risk, a year",
        "√252 · √mean(min(r, 0)²), the mean over all days (Sortino and Price 1994)",
        formulas.downside_risk,
    ),
    ratio("calmar", "Calmar ratio", "cagr / |max_drawdown| (Young 1991)", formulas.calmar),
    fraction("max_drawdown", "max drawdown", "min over t of E_t / max(E_0 … E_t) − 1", formulas.max_drawdown),
    date(
        "max_drawdown_peak",
        "max drawdown: peak",
        "last date at the high before the trough",
        formulas.max_drawdown_peak,
    ),
    date("max_drawdown_trough", "max drawdown: trough", "first date of the minimum", formulas.max_drawdown_trough),
    date(
        "max_drawdown_recovery",
        "max drawdown: recovered",
        "first date after the trough at which E_t is at its running maximum; none as long as it is not",
        formulas.max_drawdown_recovery,
    ),
    days(
        "longest_under_water",
        "longest under water, trading days",
        "most bars in a row with E_t < max(E_0 … E_t), an open end included",
        formulas.longest_under_water,
    ),
    fraction(
        "average_drawdown",
        "average drawdown",
        "mean over all falls, from one high to the next, of the deepest E_t / max(E_0 … E_t) − 1",
        formulas.average_drawdown,
    ),
    fraction(
        "ulcer_index",
        "ulcer index",
        "√(Σ (E_t / max(E_0 … E_t) − 1)² / n) (Martin and McCann 1989)",
        formulas.ulcer_index,
    ),
    ratio(
        "stability",
        "stability of growth",
        "R² of a straight line through Σ ln(1 + r) over the days; 1 is growth at one rate",
        formulas.stability,
        least=2,
    ),
    ratio("beta", "beta", "cov(r, b) / var(b)", relations.beta, needs=_BENCHMARK, least=2),
    fraction(
        "alpha",
        "alpha, a year",
        "252 · (mean(r) − beta · mean(b)) (Jensen 1968), not compounded",
        relations.alpha,
        needs=_BENCHMARK,
        least=2,
    ),
    ratio(
        "treynor",
        "Treynor ratio",
        "252 · mean(r) / beta (Treynor 1965); says little when beta is negative or close to 0",
        relations.treynor,
        needs=_BENCHMARK,
        least=2,
    ),
    ratio(
        "correlation",
        "correlation with benchmark",
        "cov(r, b) / (σ(r) · σ(b)) (Pearson)",
        relations.correlation,
        needs=_BENCHMARK,
        least=2,
    ),
    ratio(
        "r_squared",
        "R² with benchmark",
        "correlation²",
        relations.r_squared,
        needs=_BENCHMARK,
        least=2,
    ),
    fraction(
        "tracking_error",
        "tracking error, a year",
        "√252 · sample σ(r − b)",
        relations.tracking_error,
        needs=_BENCHMARK,
        least=2,
    ),
    ratio(
        "information_ratio",
        "information ratio",
        "√252 · mean(r − b) / sample σ(r − b) (Goodwin 1998)",
        relations.information_ratio,
        needs=_BENCHMARK,
        least=2,
    ),
    ratio(
        "up_capture",
        "up capture",
        "growth per 252 days with b > 0, own / benchmark's",
        relations.up_capture,
        needs=_BENCHMARK,
    ),
    ratio(
        "down_capture",
        "down capture",
        "growth per 252 days with b < 0, own / benchmark's",
        relations.down_capture,
        needs=_BENCHMARK,
    ),
    fraction(
        "win_rate", "win rate, days", "up days / (up days + down days); flat days do not count", formulas.win_rate
    ),
    ratio("payoff_ratio", "payoff ratio, days", "mean(r > 0) / |mean(r < 0)|", formulas.payoff_ratio),
    ratio(
        "profit_factor",
        "profit factor, days",
        "Σ max(r, 0) / Σ max(−r, 0); the omega ratio at 0 (Keating and Shadwick 2002)",
        formulas.profit_factor,
    ),
    fraction("median_day", "median day", "median(r)", formulas.median_day),
    fraction("best_day", "best day", "max(r)", formulas.best_day),
    fraction("worst_day", "worst day", "min(r)", formulas.worst_day),
    fraction(
        "value_at_risk",
        "value at risk, 5 % of days",
        "5th percentile of r, linear between days (historical)",
        formulas.value_at_risk,
    ),
    fraction(
        "expected_shortfall",
        "expected shortfall, 5 % of days",
        "mean of the ⌊0.05 · (n − 1)⌋ + 1 smallest r (Acerbi and Tasche 2002)",
        formulas.expected_shortfall,
    ),
    fraction(
        "average_turnover",
        "average turnover, a day",
        "mean of traded value / portfolio value over all bars, purchases and sales, first and last trade included",
        relations.average_turnover,
        needs=("turnover",),
        least=0,
    ),
    count(
        "annual_turnover",
        "turnover, portfolios a year",
        "252 · average_turnover",
        relations.annual_turnover,
        needs=("turnover",),
        least=0,
    ),
    fraction(
        "average_turnover_one_way",
        "average turnover one way, a day",
        "mean of ½ Σ|Δw| over all bars, the change of cash included; from cash to fully invested is 1",
        relations.average_turnover_one_way,
        needs=("one_way",),
        least=0,
    ),
    count(
        "average_holdings",
        "average holdings",
        "mean over all bars of the number of tickers with w > 0",
        relations.average_holdings,
        needs=("allocation",),
        least=0,
    ),
    ratio(
        "herfindahl",
        "Herfindahl index",
        "mean of Σw² / (Σw)² over the bars that hold anything; 1 is one ticker, 1/N is N equal ones (Hirschman 1945)",
        relations.herfindahl,
        needs=("allocation",),
        least=0,
    ),
    fraction(
        "time_in_market",
        "time in market",
        "bars with any w > 0 / all bars",
        relations.time_in_market,
        needs=("allocation",),
        least=0,
    ),
    fraction(
        "timar",
        "CAGR per time in market",
        "cagr / time_in_market",
        relations.timar,
        needs=("returns", "allocation"),
    ),
    ratio(
        "skew",
        "skewness",
        "n / ((n−1)(n−2)) · Σ((r − mean)/σ)³, the sample skewness G1 (Joanes and Gill 1998)",
        formulas.skew,
        least=3,
    ),
    ratio(
        "kurtosis",
        "excess kurtosis",
        "sample excess kurtosis G2 (Joanes and Gill 1998); add 3 for the kurtosis that is 3 for a normal distribution",
        formulas.kurtosis,
        least=4,
    ),
    ratio(
        "tail_ratio",
        "tail ratio",
        "|95th percentile of r| / |5th percentile of r|, linear between days",
        formulas.tail_ratio,
    ),
    fraction(
        "best_5_days",
        "growth made on the best 5 days",
        "Σ ln(1 + r) over the 5 best days / Σ ln(1 + r) over all; none unless that is above 0",
        formulas.best_5_days,
        least=5,
    ),
    fraction(
        "best_10_days",
        "growth made on the best 10 days",
        "Σ ln(1 + r) over the 10 best days / Σ ln(1 + r) over all; none unless that is above 0",
        formulas.best_10_days,
        least=10,
    ),
    days("days", "trading days", "n = bars − 1", formulas.days, least=0),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})
"""Every metric by its name, in the order of a table."""
