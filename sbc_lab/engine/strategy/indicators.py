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


def open_price(series: SeriesLike = each) -> Indicator:
    """Adjusted open. USD. Tickers only."""
    return _indicator("open_price", series)


def high_price(series: SeriesLike = each) -> Indicator:
    """Adjusted high. USD. Tickers only."""
    return _indicator("high_price", series)


def low_price(series: SeriesLike = each) -> Indicator:
    """Adjusted low. USD. Tickers only."""
    return _indicator("low_price", series)


def volume(series: SeriesLike = each) -> Indicator:
    """Traded volume; 0 where a missing bar is carried. Shares. Tickers only."""
    return _indicator("volume", series)


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


def wma(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Mean of the last `window` closes, the newest weighted `window`, the oldest 1. USD."""
    return _indicator("wma", series, window=window)


def hma(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Hull moving average: `wma` over √`window` days of twice that of half the window less that of all. USD."""
    return _indicator("hma", series, window=window)


def wilder_ma(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Exponential moving average with the share 1/window, seeded with the mean of the first `window` closes. USD."""
    return _indicator("wilder_ma", series, window=window)


def dema(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Double exponential moving average: 2·E₁ − E₂, E₂ the average of E₁. USD."""
    return _indicator("dema", series, window=window)


def tema(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Triple exponential moving average: 3·E₁ − 3·E₂ + E₃, each the average of the one before. USD."""
    return _indicator("tema", series, window=window)


def kama(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Kaufman's average, the faster the straighter the price moves: shares from 2/31 to 2/3, squared. USD."""
    return _indicator("kama", series, window=window)


def linear_regression_value(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Where the straight line through the last `window` closes ends. USD."""
    return _indicator("linear_regression_value", series, window=window)


def linear_regression_slope(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Slope of the straight line through the last `window` closes, in percent of their mean a day."""
    return _indicator("linear_regression_slope", series, window=window)


def price_vs_sma(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """How far the price is above the mean of the last `window` closes. Percent."""
    return _indicator("price_vs_sma", series, window=window)


def ultimate_smoother(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Ehlers' ultimate smoother: the price less its high-pass, next to no lag. USD."""
    return _indicator("ultimate_smoother", series, window=window)


def super_smoother(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Ehlers' two-pole low-pass. USD."""
    return _indicator("super_smoother", series, window=window)


def rsi_sma(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Relative strength index of plain means over `window` days, 0 to 100; 50 when nothing moved."""
    return _indicator("rsi_sma", series, window=window)


def rsi_ema(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Relative strength index of exponential averages, 0 to 100; 50 when nothing moved."""
    return _indicator("rsi_ema", series, window=window)


def stochastic_rsi(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Where `rsi` stands between its lowest and highest of `window` days, 0 to 100; unknown when it stood still."""
    return _indicator("stochastic_rsi", series, window=window)


def laguerre_rsi(series: SeriesLike = each, *, gamma: float | Axis = 0.8) -> Indicator:
    """Relative strength index of a four-pole Laguerre filter, 0 to 100; `gamma` near 1 is slow."""
    return _indicator("laguerre_rsi", series, gamma=gamma)


def momentum_weighted(series: SeriesLike = each, *, month: Window = 21) -> Indicator:
    """13612W: (12·r₁ + 4·r₃ + 2·r₆ + r₁₂)/19, rₖ the return over k months of `month` days. Percent points."""
    return _indicator("momentum_weighted", series, month=month)


def momentum_unweighted(series: SeriesLike = each, *, month: Window = 21) -> Indicator:
    """13612U: mean of the returns over 1, 3, 6 and 12 months of `month` days. Percent points."""
    return _indicator("momentum_unweighted", series, month=month)


def momentum_sma12(series: SeriesLike = each, *, month: Window = 21) -> Indicator:
    """Price above the mean of the closes 0 to 12 months of `month` days ago. Percent points."""
    return _indicator("momentum_sma12", series, month=month)


def macd_histogram(
    series: SeriesLike = each, *, short: Window = 12, long: Window = 26, smooth: Window = 9
) -> Indicator:
    """The MACD line less its signal. USD."""
    return _indicator("macd_histogram", series, short=short, long=long, smooth=smooth)


def ppo_histogram(series: SeriesLike = each, *, short: Window = 12, long: Window = 26, smooth: Window = 9) -> Indicator:
    """The percentage price oscillator less its signal. Percent."""
    return _indicator("ppo_histogram", series, short=short, long=long, smooth=smooth)


def williams_r(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Williams %R: −100 at the lowest low of `window` days, 0 at the highest high. Tickers only."""
    return _indicator("williams_r", series, window=window)


def cci(series: SeriesLike = each, window: Window = 20) -> Indicator:
    """Commodity channel index: typical price from its mean, in 0.015 mean absolute deviations. Tickers only."""
    return _indicator("cci", series, window=window)


def stochastic_k(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Fast %K: 0 at the lowest low of `window` days, 100 at the highest high. Tickers only."""
    return _indicator("stochastic_k", series, window=window)


def stochastic_d(series: SeriesLike = each, window: Window = 14, *, smooth: Window = 3) -> Indicator:
    """Mean of the last `smooth` values of %K, 0 to 100. Tickers only."""
    return _indicator("stochastic_d", series, window=window, smooth=smooth)


def adx(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Average directional index: strength of a trend, whichever way, 0 to 100. Tickers only."""
    return _indicator("adx", series, window=window)


def aroon_up(series: SeriesLike = each, window: Window = 25) -> Indicator:
    """100 when the highest high of the last `window` days is today's, 0 when it is `window` days old. Tickers only."""
    return _indicator("aroon_up", series, window=window)


def aroon_down(series: SeriesLike = each, window: Window = 25) -> Indicator:
    """100 when the lowest low of the last `window` days is today's, 0 when it is `window` days old. Tickers only."""
    return _indicator("aroon_down", series, window=window)


def aroon_oscillator(series: SeriesLike = each, window: Window = 25) -> Indicator:
    """Aroon up less Aroon down, −100 to 100. Tickers only."""
    return _indicator("aroon_oscillator", series, window=window)


def historical_volatility(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Sample standard deviation of the last `window` daily log returns, a year of 252. Percent points."""
    return _indicator("historical_volatility", series, window=window)


def drawdown(series: SeriesLike = each) -> Indicator:
    """Fall from the highest close of all the history there is. Percent points, positive."""
    return _indicator("drawdown", series)


def ulcer_index(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Root mean square of the falls from the highest close so far in the window. Percent points."""
    return _indicator("ulcer_index", series, window=window)


def atr(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Average true range with Wilder's smoothing. USD. Tickers only."""
    return _indicator("atr", series, window=window)


def atr_percent(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Average true range, of the close. Percent. Tickers only."""
    return _indicator("atr_percent", series, window=window)


def bollinger_percent_b(series: SeriesLike = each, window: Window = 20, *, deviations: float | Axis = 2.0) -> Indicator:
    """Where the price is between the Bollinger bands: 0 at the lower, 1 at the upper, 0.5 when nothing moved."""
    return _indicator("bollinger_percent_b", series, window=window, deviations=deviations)


def bollinger_bandwidth(series: SeriesLike = each, window: Window = 20, *, deviations: float | Axis = 2.0) -> Indicator:
    """Distance of the Bollinger bands, of the average between them. Percent."""
    return _indicator("bollinger_bandwidth", series, window=window, deviations=deviations)


def trend_clarity(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """R² of the straight line through the last `window` closes, 0 to 100; unknown when nothing moved."""
    return _indicator("trend_clarity", series, window=window)


def money_flow_index(series: SeriesLike = each, window: Window = 14) -> Indicator:
    """Share of the traded money on days of a higher typical price, 0 to 100. Tickers only."""
    return _indicator("money_flow_index", series, window=window)


def obv_rate_of_change(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Volume of rising less that of falling days, of all the volume of `window` days. Percent. Tickers only."""
    return _indicator("obv_rate_of_change", series, window=window)


def vwap_ratio(series: SeriesLike = each, window: Window | None = None) -> Indicator:
    """Close, of the volume-weighted mean of the last `window` closes. Percent; 100 is equal. Tickers only."""
    return _indicator("vwap_ratio", series, window=window)


def _indicator(name: str, series: SeriesLike, **parameters: float | Axis | None) -> Indicator:
    given = tuple((key, value) for key, value in parameters.items() if value is not None)
    return Indicator(name, series, given)  # type: ignore[arg-type]  # tickers become series there
