"""The words for the price itself, its averages and smoothers. How a word is read is in `words`; no arithmetic."""

from __future__ import annotations

from .words import IndicatorWord, window

AVERAGES = (
    IndicatorWord("price", "Price", "USD", (), ("current-price", "CurrentPrice", "Current Price"), price_level=True),
    IndicatorWord(
        "sma",
        "Simple moving average of price",
        "USD",
        (window(),),
        ("moving-average-price", "MovingAverage", "SimpleMovingAverage", "Simple Moving Average"),
        price_level=True,
    ),
    IndicatorWord(
        "ema",
        "Exponential moving average of price",
        "USD",
        (window(),),
        ("exponential-moving-average-price", "ExponentialMovingAverage", "Exponential Moving Average"),
        price_level=True,
    ),
    IndicatorWord(
        "wma",
        "Linearly weighted moving average of price",
        "USD",
        (window(),),
        ("Weighted Moving Average",),
        price_level=True,
    ),
    IndicatorWord(
        "hma", "Hull moving average of price", "USD", (window(2),), ("Hull Moving Average",), price_level=True
    ),
    IndicatorWord(
        "wilder_ma",
        "Wilder's moving average of price",
        "USD",
        (window(),),
        ("Wilder Moving Average", "Wilder's Smoothing"),
        price_level=True,
    ),
    IndicatorWord(
        "dema", "Double exponential moving average of price", "USD", (window(),), ("DEMA",), price_level=True
    ),
    IndicatorWord(
        "tema", "Triple exponential moving average of price", "USD", (window(),), ("TEMA",), price_level=True
    ),
    IndicatorWord(
        "kama", "Kaufman's adaptive moving average of price", "USD", (window(),), ("KAMA",), price_level=True
    ),
    IndicatorWord(
        "linear_regression_value",
        "End of the straight line through the price",
        "USD",
        (window(2),),
        ("Linear Reg Value", "Linear Regression Value"),
        price_level=True,
    ),
    IndicatorWord(
        "linear_regression_slope",
        "Slope of the straight line through the price, per day",
        "percent",
        (window(2),),
        ("Linear Reg Slope", "Linear Regression Slope"),
    ),
    IndicatorWord("price_vs_sma", "Price above its simple moving average", "percent", (window(),), ("Price vs SMA",)),
    IndicatorWord(
        "ultimate_smoother",
        "Ehlers' ultimate smoother of price",
        "USD",
        (window(),),
        ("UltimateSmoother",),
        price_level=True,
    ),
    # The ancestor shows this two-pole smoother under the name of the other one.
    IndicatorWord(
        "super_smoother",
        "Ehlers' two-pole super smoother of price",
        "USD",
        (window(),),
        ("Ultimate Smoother",),
        price_level=True,
    ),
)
