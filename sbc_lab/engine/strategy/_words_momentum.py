"""The words for strength, momentum and returns. How a word is read is in `words`; no arithmetic."""

from __future__ import annotations

from .words import IndicatorWord, Parameter, window

_FAST, _SLOW, _SMOOTH = window(1, 12, name="short"), window(1, 26, name="long"), window(1, 9, name="smooth")
_MONTH = window(1, 21, name="month", high=252)

MOMENTUM = (
    IndicatorWord(
        "rsi",
        "Relative strength index",
        "0-100",
        (window(1, 14),),
        ("relative-strength-index", "RelativeStrengthIndex", "Relative Strength Index"),
    ),
    IndicatorWord(
        "rsi_sma", "Relative strength index of plain means", "0-100", (window(1, 14),), ("RSI (SMA)", "RSI SMA")
    ),
    IndicatorWord(
        "rsi_ema",
        "Relative strength index of exponential averages",
        "0-100",
        (window(1, 14),),
        ("RSI (EMA)", "RSI EMA"),
    ),
    IndicatorWord(
        "stochastic_rsi",
        "Place of the relative strength index in its own range",
        "0-100",
        (window(2, 14),),
        ("Stochastic RSI",),
    ),
    IndicatorWord(
        "laguerre_rsi",
        "Relative strength index of a Laguerre filter",
        "0-100",
        (Parameter("gamma", float, 0.0, 0.99, 0.8),),
        ("Laguerre RSI",),
    ),
    # One word for one thing: a rate of change is a return over the window.
    IndicatorWord(
        "cumulative_return",
        "Cumulative return",
        "percent",
        (window(),),
        ("cumulative-return", "CumulativeReturn", "Cumulative Return", "Rate of Change", "rate_of_change"),
    ),
    IndicatorWord(
        "moving_average_return",
        "Mean of daily returns",
        "percent",
        (window(),),
        ("moving-average-return", "MovingAverageReturn", "SMA of Returns"),
    ),
    IndicatorWord(
        "momentum_weighted",
        "Weighted mean of the returns of 1, 3, 6 and 12 months, a month's rate each",
        "percent",
        (_MONTH,),
        ("13612wMomentum", "13612W", "13612W Momentum", "Momentum (Weighted)"),
    ),
    IndicatorWord(
        "momentum_unweighted",
        "Mean of the returns of 1, 3, 6 and 12 months",
        "percent",
        (_MONTH,),
        ("13612uMomentum", "13612U", "13612U Momentum", "Momentum (Unweighted)"),
    ),
    IndicatorWord(
        "momentum_sma12",
        "Price above the mean of itself and of the twelve month ends before",
        "percent",
        (_MONTH,),
        ("SMA12Momentum", "SMA12", "SMA12 Momentum", "Momentum (12-Month SMA)"),
    ),
    IndicatorWord("ppo", "Percentage price oscillator", "percent", (_FAST, _SLOW), ("percentage-price-oscillator",)),
    IndicatorWord(
        "ppo_signal",
        "Signal line of the percentage price oscillator",
        "percent",
        (_FAST, _SLOW, _SMOOTH),
        ("percentage-price-oscillator-signal",),
    ),
    IndicatorWord(
        "ppo_histogram",
        "Percentage price oscillator above its signal line",
        "percent",
        (_FAST, _SLOW, _SMOOTH),
        ("PPO", "PPO Histogram"),
    ),
    IndicatorWord(
        "macd",
        "Moving average convergence divergence",
        "USD",
        (_FAST, _SLOW),
        ("moving-average-convergence-divergence",),
        price_level=True,
    ),
    IndicatorWord(
        "macd_signal",
        "Signal line of the moving average convergence divergence",
        "USD",
        (_FAST, _SLOW, _SMOOTH),
        ("moving-average-convergence-divergence-signal",),
        price_level=True,
    ),
    IndicatorWord(
        "macd_histogram",
        "Moving average convergence divergence above its signal line",
        "USD",
        (_FAST, _SLOW, _SMOOTH),
        ("MACD", "MACD Histogram"),
        price_level=True,
    ),
)
