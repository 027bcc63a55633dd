"""The table of indicator words: bounds, defaults, names of other formats, and a function for every word."""

from __future__ import annotations

import pytest

from sbc_lab.engine.strategy import ALIASES, WORDS, Indicator, Ticker, indicators, load_word, rsi, sma
from sbc_lab.errors import StrategyError, UnknownNameError


def test_every_word_has_a_function_that_says_it() -> None:
    for name, word in WORDS.items():
        needed = {parameter.name: parameter.example for parameter in word.parameters if parameter.default is None}
        made = getattr(indicators, name)("SPY", **needed)
        assert isinstance(made, Indicator)
        assert made.name == name
        assert made.series is Ticker("SPY")
        assert [key for key, _ in made.parameters] == [parameter.name for parameter in word.parameters]


def test_a_function_and_the_table_agree_on_defaults() -> None:
    for name, word in WORDS.items():
        settled = word.settle({p.name: p.example for p in word.parameters if p.default is None}, where=name)
        needed = {p.name: p.example for p in word.parameters if p.default is None}
        assert getattr(indicators, name)("SPY", **needed).parameters == settled


def test_no_alias_is_a_word_and_each_leads_to_one() -> None:
    assert not set(ALIASES) & set(WORDS)
    assert set(ALIASES.values()) <= set(WORDS)
    assert len(ALIASES) == sum(len(word.aliases) for word in WORDS.values())


def test_a_misspelt_indicator_names_the_nearest_first() -> None:
    with pytest.raises(UnknownNameError, match=r"there is no indicator 'rsii'; known, nearest first: rsi, "):
        load_word("rsii")


def test_the_name_of_another_format_says_what_it_is_called_here() -> None:
    with pytest.raises(StrategyError, match="it is called 'rsi'"):
        load_word("relative-strength-index")


@pytest.mark.parametrize(
    "window", [0, -1, 1.5, 10**6, pytest.param(10**5000, id="huge"), float("nan"), float("inf"), "10", True, [5]]
)
def test_a_window_that_is_no_number_of_days_is_refused(window: object) -> None:
    with pytest.raises(
        StrategyError, match=r"rsi\('SPY'\): window must be a whole number of trading days from 1 to 5000, got "
    ):
        rsi("SPY", window)  # type: ignore[arg-type]  # that is the point


def test_a_window_that_must_be_said_is_asked_for() -> None:
    with pytest.raises(StrategyError, match=r"sma\('SPY'\): say the window, for example window=20"):
        sma("SPY")


def test_an_unknown_parameter_names_the_known_ones() -> None:
    with pytest.raises(
        UnknownNameError, match=r"rsi\('SPY'\): there is no parameter 'period'; known, nearest first: window"
    ):
        Indicator("rsi", Ticker("SPY"), (("period", 5),))


def test_a_whole_float_is_a_window() -> None:
    assert rsi("SPY", 10.0).window == 10  # type: ignore[arg-type]  # a whole float is taken
    assert isinstance(rsi("SPY", 10.0).window, int)  # type: ignore[arg-type]  # a whole float is taken


@pytest.mark.parametrize("value", [-1.0, 101.0, float("nan"), 10**400, "2"])
def test_deviations_stay_inside_their_bounds(value: float) -> None:
    with pytest.raises(StrategyError, match="deviations must be a number from 0 to 100"):
        indicators.lower_bollinger("SPY", deviations=value)


COMPOSER = {
    "current-price": "price",
    "rsi": "rsi",
    "relative-strength-index": "rsi",
    "moving-average-price": "sma",
    "exponential-moving-average-price": "ema",
    "cumulative-return": "cumulative_return",
    "moving-average-return": "moving_average_return",
    "standard-deviation-return": "stdev_return",
    "stdev-return": "stdev_return",
    "standard-deviation-price": "stdev_price",
    "stdev-price": "stdev_price",
    "max-drawdown": "max_drawdown",
    "percentage-price-oscillator": "ppo",
    "percentage-price-oscillator-signal": "ppo_signal",
    "moving-average-convergence-divergence": "macd",
    "moving-average-convergence-divergence-signal": "macd_signal",
    "lower-bollinger": "lower_bollinger",
    "upper-bollinger": "upper_bollinger",
}
QUANTMAGE = {
    "CurrentPrice": "price",
    "MovingAverage": "sma",
    "SimpleMovingAverage": "sma",
    "ExponentialMovingAverage": "ema",
    "RelativeStrengthIndex": "rsi",
    "CumulativeReturn": "cumulative_return",
    "Volatility": "stdev_return",
    "MaxDrawdown": "max_drawdown",
    "Drawdown": "drawdown",
    "MovingAverageReturn": "moving_average_return",
    "13612wMomentum": "momentum_weighted",
    "13612uMomentum": "momentum_unweighted",
    "SMA12Momentum": "momentum_sma12",
    "UltimateSmoother": "ultimate_smoother",
    "AroonUp": "aroon_up",
    "AroonDown": "aroon_down",
    "Aroon": "aroon_oscillator",
    "AroonOscillator": "aroon_oscillator",
    "MACD": "macd_histogram",
    "PPO": "ppo_histogram",
    "TrendClarity": "trend_clarity",
}
NATIVE = {
    "Current Price": "price",
    "Simple Moving Average": "sma",
    "Exponential Moving Average": "ema",
    "Hull Moving Average": "hma",
    "Weighted Moving Average": "wma",
    "Wilder Moving Average": "wilder_ma",
    "Wilder's Smoothing": "wilder_ma",
    "DEMA": "dema",
    "TEMA": "tema",
    "KAMA": "kama",
    "Linear Reg Value": "linear_regression_value",
    "Linear Regression Value": "linear_regression_value",
    "Linear Reg Slope": "linear_regression_slope",
    "Linear Regression Slope": "linear_regression_slope",
    "Price vs SMA": "price_vs_sma",
    "Ultimate Smoother": "super_smoother",
    "Relative Strength Index": "rsi",
    "RSI (SMA)": "rsi_sma",
    "RSI SMA": "rsi_sma",
    "RSI (EMA)": "rsi_ema",
    "RSI EMA": "rsi_ema",
    "Stochastic RSI": "stochastic_rsi",
    "Laguerre RSI": "laguerre_rsi",
    "Momentum (Weighted)": "momentum_weighted",
    "13612W Momentum": "momentum_weighted",
    "13612W": "momentum_weighted",
    "Momentum (Unweighted)": "momentum_unweighted",
    "13612U": "momentum_unweighted",
    "Momentum (12-Month SMA)": "momentum_sma12",
    "SMA12": "momentum_sma12",
    "Rate of Change": "cumulative_return",
    "Cumulative Return": "cumulative_return",
    "SMA of Returns": "moving_average_return",
    "MACD Histogram": "macd_histogram",
    "PPO Histogram": "ppo_histogram",
    "Williams %R": "williams_r",
    "CCI": "cci",
    "Stochastic %K": "stochastic_k",
    "Stochastic %D": "stochastic_d",
    "ADX": "adx",
    "Aroon Up": "aroon_up",
    "Aroon Down": "aroon_down",
    "Aroon Oscillator": "aroon_oscillator",
    "Standard Deviation": "stdev_return",
    "Standard Deviation of Price": "stdev_price",
    "Historical Volatility": "historical_volatility",
    "Max Drawdown": "max_drawdown",
    "Drawdown": "drawdown",
    "Ulcer Index": "ulcer_index",
    "ATR": "atr",
    "Average True Range": "atr",
    "ATR %": "atr_percent",
    "Bollinger %B": "bollinger_percent_b",
    "Bollinger Bandwidth": "bollinger_bandwidth",
    "Trend Clarity": "trend_clarity",
    "Money Flow Index": "money_flow_index",
    "OBV Rate of Change": "obv_rate_of_change",
    "VWAP Ratio": "vwap_ratio",
}


@pytest.mark.parametrize(("called", "here"), [*COMPOSER.items(), *QUANTMAGE.items(), *NATIVE.items()])
def test_every_name_of_the_three_formats_leads_to_a_word(called: str, here: str) -> None:
    assert ALIASES.get(called, called) == here
    assert load_word(here).name == here


def test_a_short_name_of_a_formula_is_named_where_it_is_no_word() -> None:
    with pytest.raises(StrategyError, match="there is no indicator 'willr' here; it is called 'williams_r'"):
        load_word("willr")


def test_an_indicator_of_the_lab_has_no_code_of_its_own() -> None:
    with pytest.raises(StrategyError, match="rsi is an indicator of this lab, so it has no code of its own"):
        load_word("rsi@" + "0" * 32)
    with pytest.raises(StrategyError, match="an indicator has a name such as 'rsi', got 'rsi@0'"):
        Indicator("rsi@0", Ticker("SPY"))
