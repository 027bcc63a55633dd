"""The words of native documents in the words of this language: metrics with their units, tickers, references, kinds.

Lives here: what single words mean, in both directions. Does not live here: blocks and conditions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ....errors import unknown_name
from ...strategy import Asset, Branch, Indicator, Ratio, Series, Ticker, load_word
from ..composer.words import number
from ..draft import Place, Unsupported
from ..values import Map, Value, outline_of

__all__ = [
    "COMPARATORS",
    "DEFAULT_TITLES",
    "EMPTY",
    "METRICS",
    "NAMES",
    "Metric",
    "indicator_of",
    "is_empty",
    "metric_of",
    "needs_window",
    "series_of",
    "series_out",
    "symbol_of",
    "window_of",
]

EMPTY = "Empty"
DEFAULT_WINDOW = 14


@dataclass(frozen=True)
class Metric:
    """A metric there: what it is called here, and how the numbers differ."""

    indicator: str
    percent: bool = False
    """True when it is a fraction there and percent points here."""
    remark: str = ""
    """In what else the numbers differ."""


_SAMPLE = "deviations are those of a sample here, divided by n − 1"
METRICS: Mapping[str, Metric] = {
    "Current Price": Metric("price"),
    "Simple Moving Average": Metric("sma"),
    "Exponential Moving Average": Metric("ema"),
    "Hull Moving Average": Metric("hma"),
    "Weighted Moving Average": Metric("wma"),
    "Wilder Moving Average": Metric("wilder_ma"),
    "DEMA": Metric("dema"),
    "TEMA": Metric("tema"),
    "KAMA": Metric("kama"),
    "Linear Reg Value": Metric("linear_regression_value"),
    "Linear Reg Slope": Metric("linear_regression_slope"),
    "Price vs SMA": Metric("price_vs_sma"),
    "Ultimate Smoother": Metric("super_smoother", remark="what is computed there under this name is a super smoother"),
    "Relative Strength Index": Metric("rsi"),
    "RSI (SMA)": Metric("rsi_sma"),
    "RSI (EMA)": Metric("rsi_ema"),
    "Stochastic RSI": Metric("stochastic_rsi"),
    "Laguerre RSI": Metric("laguerre_rsi"),
    "Momentum (Weighted)": Metric("momentum_weighted", percent=True),
    "Momentum (Unweighted)": Metric("momentum_unweighted", percent=True),
    "Momentum (12-Month SMA)": Metric("momentum_sma12", percent=True),
    "Rate of Change": Metric("cumulative_return"),
    "Cumulative Return": Metric(
        "cumulative_return", percent=True, remark="it looks back over all of its window here, one day less there"
    ),
    "SMA of Returns": Metric("moving_average_return", percent=True),
    "MACD Histogram": Metric("macd_histogram"),
    "PPO Histogram": Metric("ppo_histogram"),
    "Williams %R": Metric("williams_r"),
    "CCI": Metric("cci"),
    "Stochastic %K": Metric("stochastic_k"),
    "Stochastic %D": Metric("stochastic_d", remark="it is smoothed over 3 days here"),
    "ADX": Metric("adx"),
    "Aroon Up": Metric("aroon_up"),
    "Aroon Down": Metric("aroon_down"),
    "Aroon Oscillator": Metric("aroon_oscillator"),
    "Standard Deviation": Metric("stdev_return", remark=_SAMPLE),
    "Standard Deviation of Price": Metric("stdev_price", remark=_SAMPLE),
    "Historical Volatility": Metric("historical_volatility", remark=_SAMPLE),
    "Max Drawdown": Metric("max_drawdown", percent=True),
    "Drawdown": Metric("drawdown", percent=True),
    "Ulcer Index": Metric("ulcer_index"),
    "ATR": Metric("atr"),
    "ATR %": Metric("atr_percent"),
    "Bollinger %B": Metric("bollinger_percent_b", remark="the width of the bands is the usual one here"),
    "Bollinger Bandwidth": Metric("bollinger_bandwidth", remark="the width of the bands is the usual one here"),
    "Trend Clarity": Metric("trend_clarity"),
    "Money Flow Index": Metric("money_flow_index"),
    "OBV Rate of Change": Metric("obv_rate_of_change", remark="it is measured by the volume of the window here"),
    "VWAP Ratio": Metric("vwap_ratio"),
}
"""Every metric of the menu there."""
_OTHER_NAMES: Mapping[str, str] = {
    "13612W Momentum": "Momentum (Weighted)",
    "13612U Momentum": "Momentum (Unweighted)",
    "13612U": "Momentum (Unweighted)",
    "13612W": "Momentum (Weighted)",
    "SMA12 Momentum": "Momentum (12-Month SMA)",
    "SMA12": "Momentum (12-Month SMA)",
}
_NEVER_KNOWN: Mapping[str, str] = {
    "Average True Range": "ATR",
    "RSI": "Relative Strength Index",
    "SMA": "Simple Moving Average",
    "EMA": "Exponential Moving Average",
}
"""Names that documents hold and no menu does: whatever asked for them was never true there."""
NAMES: Mapping[str, str] = {metric.indicator: name for name, metric in METRICS.items() if name != "Cumulative Return"}
"""What is written for every indicator that has a name there; a return is a rate of change, which has the same unit."""

COMPARATORS: Mapping[str, str] = {
    "gt": ">",
    ">": ">",
    "lt": "<",
    "<": "<",
    "gte": ">=",
    ">=": ">=",
    "lte": "<=",
    "<=": "<=",
    "crossAbove": "crosses_above",
    "crossBelow": "crosses_below",
}
DEFAULT_TITLES = frozenset({
    "Basic", "Weighted", "Indicator", "If/Else", "Numbered", "Function", "Filtered", "Sort", "Alt Exit", "Enter/Exit",
    "Scaling", "Mixed", "Call", "Call Reference", "Position", "Ticker", "Rolling",
})  # fmt: skip
"""Titles that nobody wrote."""


def is_empty(value: Value) -> bool:
    """Tell whether a place for a ticker holds none."""
    return value is None or (isinstance(value, str) and value.strip() in {"", EMPTY})


def symbol_of(value: Value, place: Place, what: str) -> str:
    """Take a ticker; small letters and blanks around it are mended there and here, and told."""
    if not isinstance(value, str) or not value.strip():
        raise Unsupported(f"{what} must be a ticker such as 'SPY', got {outline_of(value)}")
    symbol = value.strip().upper()
    if symbol != value:
        place.mapped(f"{what} {value[:40]!r} is {symbol[:40]!r}")
    return Asset(symbol).ticker


def series_of(value: Value, branches: Mapping[str, str], place: Place, what: str) -> Series:
    """Take what a metric is computed of: a ticker, a ratio "A/B" or a branch of the block around it.

    Parameters
    ----------
    value : str
    branches : mapping of str
        What the slots "then" and "else" of the block around it are called here.
    place : Place
    what : str
    """
    if is_empty(value):
        raise Unsupported(f"{what} is empty, and nothing can be computed of it")
    if isinstance(value, str) and value.strip().lower().startswith("branch:"):
        named = value.strip().lower().removeprefix("branch:")
        slot = {"from": "then", "then": "then", "enter": "then", "to": "else", "else": "else", "exit": "else"}.get(
            named
        )
        if slot is None or slot not in branches:
            raise Unsupported(f"{what}: there is no branch {named[:20]!r} here")
        return Branch(branches[slot])
    above, slash, below = value.partition("/") if isinstance(value, str) else ("", "", "")
    if slash:
        return Ratio(symbol_of(above, place, what), symbol_of(below, place, what))
    return Ticker(symbol_of(value, place, what))


def series_out(series: Series, branches: Mapping[str, str]) -> str:
    """Write what a metric is computed of; `branches` is what the branches of its block are called there."""
    if isinstance(series, Ticker):
        return series.symbol
    if isinstance(series, Ratio):
        return f"{series.above}/{series.below}"
    if isinstance(series, Branch) and str(series.which) in branches:
        return f"branch:{branches[str(series.which)]}"
    raise Unsupported(f"a metric is computed of a ticker, a ratio or a branch of its block there, not of `{series!r}`")


def metric_of(value: Value, place: Place, what: str) -> Metric:
    """Look a metric up."""
    if not isinstance(value, str):
        raise Unsupported(f"{what} must be a word such as 'Relative Strength Index', got {outline_of(value)}")
    name = _OTHER_NAMES.get(value, value)
    if name in _NEVER_KNOWN:
        meant = _NEVER_KNOWN[name]
        place.repaired(f"no {what} there is called {name!r}, so nothing was computed; read as {meant!r}")
        name = meant
    if name not in METRICS:
        raise Unsupported(str(unknown_name(what, str(value)[:60], [*METRICS, *_OTHER_NAMES])))
    metric = METRICS[name]
    if metric.remark:
        place.mapped(f"{name}: {metric.remark}")
    return metric


def indicator_of(metric: Metric, series: Series, window: int) -> Indicator:
    """Build the indicator that a metric is; one without a window there has none here either."""
    given = {"window": window} if any(one.name == "window" for one in load_word(metric.indicator).parameters) else {}
    return Indicator(metric.indicator, series, tuple(given.items()))


def window_of(value: Map, key: str, place: Place, *, needed: bool, default: int = DEFAULT_WINDOW) -> int:
    """Take a window: whole days, at least one; a missing one is told when it matters."""
    said: Any = value.get(key)
    if said is None:
        if needed:
            place.repaired(f"{key} is missing; {default} days, as there")
        return default
    read = number(said, key)
    days = max(1, math.floor(read))
    if days != read and needed:
        place.mapped(f"{key} {read:g} is {days} days, as there")
    return days


def needs_window(metric: Metric) -> bool:
    """Tell whether a metric has a window."""
    return any(one.name == "window" for one in load_word(metric.indicator).parameters)
