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
