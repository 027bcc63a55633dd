"""The words for deviation, falls, bands and the straightness of a trend. How a word is read is in `words`."""

from __future__ import annotations

from .words import IndicatorWord, Parameter, window

_DEVIATIONS = Parameter("deviations", float, 0.0, 100.0, 2.0)
_BANDS = (window(2, 20), _DEVIATIONS)
# A band of no width has no inside to be in.
_OPEN_BANDS = (window(2, 20), Parameter("deviations", float, 0.01, 100.0, 2.0))

RISK = (
    IndicatorWord(
        "stdev_return",
        "Standard deviation of daily returns",
        "percent",
        (window(2),),
        ("standard-deviation-return", "stdev-return", "Volatility", "Standard Deviation"),
    ),
    IndicatorWord(
        "stdev_price",
        "Standard deviation of price",
        "USD",
        (window(2),),
        ("standard-deviation-price", "stdev-price", "Standard Deviation of Price"),
        price_level=True,
    ),
    IndicatorWord(
        "historical_volatility",
        "Standard deviation of daily log returns, per year",
        "percent",
        (window(2),),
        ("Historical Volatility",),
    ),
    IndicatorWord(
        "max_drawdown",
        "Largest fall inside the window",
        "percent",
        (window(),),
        ("max-drawdown", "MaxDrawdown", "Max Drawdown"),
    ),
    IndicatorWord("drawdown", "Fall from the highest close so far", "percent", (), ("Drawdown",)),
    IndicatorWord(
        "ulcer_index", "Root mean square of the falls inside the window", "percent", (window(1, 14),), ("Ulcer Index",)
    ),
    IndicatorWord("lower_bollinger", "Lower Bollinger band", "USD", _BANDS, ("lower-bollinger",), price_level=True),
    IndicatorWord("upper_bollinger", "Upper Bollinger band", "USD", _BANDS, ("upper-bollinger",), price_level=True),
    IndicatorWord(
        "bollinger_percent_b",
        "Place of the price between the Bollinger bands",
        "fraction",
        _OPEN_BANDS,
        ("Bollinger %B",),
    ),
    IndicatorWord(
        "bollinger_bandwidth",
        "Distance of the Bollinger bands, of their middle",
        "percent",
        _BANDS,
        ("Bollinger Bandwidth",),
    ),
    IndicatorWord(
        "trend_clarity",
        "How much of the price a straight line explains",
        "0-100",
        (window(3),),
        ("TrendClarity", "Trend Clarity"),
    ),
)
