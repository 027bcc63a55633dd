"""One function per indicator of the vocabulary, so that `rsi("SPY", 10)` can be typed and completed."""

from __future__ import annotations

from ._intern import Axis
from .nodes import Node
from .terms import Indicator, Series, each

SeriesLike = Series | Node | str
Window = int | Axis


def price(series: SeriesLike = each) -> Indicator:
    """Adjusted close. USD; 1 at the start of a node's NAV."""
    return _indicator("price", series)


def sma(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Mean of the last `window` closes. USD."""
    return _indicator("sma", series, window=window)


def ema(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Exponential moving average, α = 2/(window+1), seeded with the mean of the first `window` closes. USD."""
    return _indicator("ema", series, window=window)


def rsi(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Relative strength index with Wilder's smoothing, 0 to 100; 50 when nothing moved."""
    return _indicator("rsi", series, window=window)


def cumulative_return(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Return over `window` trading days. Percent points."""
    return _indicator("cumulative_return", series, window=window)


def moving_average_return(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Mean of the last `window` daily returns. Percent points."""
    return _indicator("moving_average_return", series, window=window)


def stdev_return(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Sample standard deviation of the last `window` daily returns. Percent points a day."""
    return _indicator("stdev_return", series, window=window)


def stdev_price(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Sample standard deviation of the last `window` closes. USD."""
    return _indicator("stdev_price", series, window=window)


def max_drawdown(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Largest fall from a peak to a later trough inside the last `window` closes. Percent points, positive."""
    return _indicator("max_drawdown", series, window=window)


def ppo(series: SeriesLike = each, *, short: Window = 12, long: Window = 26) -> Indicator:
    """Percentage price oscillator: the short average above the long one. Percent."""
    return _indicator("ppo", series, short=short, long=long)


def ppo_signal(series: SeriesLike = each, *, short: Window = 12, long: Window = 26, smooth: Window = 9) -> Indicator:
    """Exponential average of the percentage price oscillator. Percent."""
    return _indicator("ppo_signal", series, short=short, long=long, smooth=smooth)


def macd(series: SeriesLike = each, *, short: Window = 12, long: Window = 26) -> Indicator:
    """Short exponential average minus the long one. USD."""
    return _indicator("macd", series, short=short, long=long)


def macd_signal(series: SeriesLike = each, *, short: Window = 12, long: Window = 26, smooth: Window = 9) -> Indicator:
    """Exponential average of the MACD line. USD."""
    return _indicator("macd_signal", series, short=short, long=long, smooth=smooth)


def lower_bollinger(series: SeriesLike = each, window: Window = 20, *, deviations: float | Axis = 2.0) -> Indicator:
    """Moving average minus `deviations` standard deviations. USD."""
    return _indicator("lower_bollinger", series, window=window, deviations=deviations)


def upper_bollinger(series: SeriesLike = each, window: Window = 20, *, deviations: float | Axis = 2.0) -> Indicator:
    """Moving average plus `deviations` standard deviations. USD."""
    return _indicator("upper_bollinger", series, window=window, deviations=deviations)


def _indicator(name: str, series: SeriesLike, **parameters: float | Axis | None) -> Indicator:
    given = tuple((key, value) for key, value in parameters.items() if value is not None)
    return Indicator(name, series, given)  # type: ignore[arg-type]  # tickers become series there
