"""The words for what reads more than closes: the bar itself, ranges, direction, true range and volume; see `words`."""

from __future__ import annotations

from .words import IndicatorWord, window

_HIGH_LOW, _RANGE = ("high", "low"), ("high", "low", "close")

BARS = (
    IndicatorWord("open_price", "Open", "USD", (), price_level=True, inputs=("open",)),
    IndicatorWord("high_price", "High", "USD", (), price_level=True, inputs=("high",)),
    IndicatorWord("low_price", "Low", "USD", (), price_level=True, inputs=("low",)),
    IndicatorWord("volume", "Volume", "shares", (), inputs=("volume",)),
    IndicatorWord(
        "williams_r",
        "Fall of the price from the top of its range",
        "-100-0",
        (window(1, 14),),
        ("Williams %R",),
        inputs=_RANGE,
    ),
    IndicatorWord("cci", "Commodity channel index", "number", (window(2, 20),), ("CCI",), inputs=_RANGE),
    IndicatorWord(
        "stochastic_k",
        "Place of the price in its range",
        "0-100",
        (window(1, 14),),
        ("Stochastic %K",),
        inputs=_RANGE,
    ),
    IndicatorWord(
        "stochastic_d",
        "Mean place of the price in its range",
        "0-100",
        (window(1, 14), window(1, 3, name="smooth")),
        ("Stochastic %D",),
        inputs=_RANGE,
    ),
    IndicatorWord("adx", "Average directional index", "0-100", (window(1, 14),), ("ADX",), inputs=_HIGH_LOW),
    IndicatorWord(
        "aroon_up",
        "How recent the highest high is",
        "0-100",
        (window(1, 25),),
        ("AroonUp", "Aroon Up"),
        inputs=("high",),
    ),
    IndicatorWord(
        "aroon_down",
        "How recent the lowest low is",
        "0-100",
        (window(1, 25),),
        ("AroonDown", "Aroon Down"),
        inputs=("low",),
    ),
    IndicatorWord(
        "aroon_oscillator",
        "Aroon up less Aroon down",
        "-100-100",
        (window(1, 25),),
        ("Aroon", "AroonOscillator", "Aroon Oscillator"),
        inputs=_HIGH_LOW,
    ),
    IndicatorWord(
        "atr",
        "Average true range",
        "USD",
        (window(1, 14),),
        ("ATR", "Average True Range"),
        price_level=True,
        inputs=_RANGE,
    ),
    IndicatorWord(
        "atr_percent", "Average true range, of the price", "percent", (window(1, 14),), ("ATR %",), inputs=_RANGE
    ),
    IndicatorWord(
        "money_flow_index",
        "Share of the traded money on rising prices",
        "0-100",
        (window(1, 14),),
        ("Money Flow Index",),
        inputs=(*_RANGE, "volume"),
    ),
    IndicatorWord(
        "obv_rate_of_change",
        "Change of the on-balance volume, of the volume of the window",
        "percent",
        (window(),),
        ("OBV Rate of Change",),
        inputs=("close", "volume"),
    ),
    IndicatorWord(
        "vwap_ratio",
        "Price, of its volume-weighted mean",
        "percent",
        (window(),),
        ("VWAP Ratio",),
        inputs=("close", "volume"),
    ),
)
