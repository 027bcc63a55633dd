"""Functions, rolling measures and names as terms: what they accept, how they are said, and that looks do not count."""

from __future__ import annotations

import math
from typing import Any

import pytest

import sbc_lab.engine.strategy as language
from sbc_lab.engine.strategy import (
    Constant,
    Expression,
    Function,
    Named,
    Rolling,
    axis,
    constant,
    fingerprint,
    larger,
    log,
    named,
    price,
    rolling_change,
    rolling_mean,
    rolling_stdev,
    rsi,
    smaller,
    sqrt,
    to_code,
)
from sbc_lab.errors import StrategyError, UnknownNameError

X, Y = rsi("SPY", 10), rsi("TLT", 10)


@pytest.mark.parametrize(
    ("term", "said"),
    [
        (abs(X), "abs(rsi('SPY', 10))"),
        (abs(constant(-3)), "abs(constant(-3))"),
        (round(X / 2), "round(rsi('SPY', 10) / 2)"),
        (X % 7, "rsi('SPY', 10) % 7"),
        (100 % X, "100 % rsi('SPY', 10)"),
        (X % (Y % 3), "rsi('SPY', 10) % (rsi('TLT', 10) % 3)"),
        (X % Y % 3, "rsi('SPY', 10) % rsi('TLT', 10) % 3"),
        (X**2, "rsi('SPY', 10) ** 2"),
        (2**X, "2 ** rsi('SPY', 10)"),
        ((X**2) ** 3, "(rsi('SPY', 10) ** 2) ** 3"),
        (X ** (Y**3), "rsi('SPY', 10) ** (rsi('TLT', 10) ** 3)"),
        (X**-1, "rsi('SPY', 10) ** (-1)"),
        ((-X) ** 2, "(0 - rsi('SPY', 10)) ** 2"),
        ((X + Y) % 2 * 3, "(rsi('SPY', 10) + rsi('TLT', 10)) % 2 * 3"),
        (Function("pow", (constant(2), constant(3))), "constant(2) ** 3"),
        (sqrt(4), "sqrt(4)"),
        (smaller(X, 5), "smaller(rsi('SPY', 10), 5)"),
        (larger(5, X), "larger(5, rsi('SPY', 10))"),
        (rolling_mean(X - Y, 5), "rolling_mean(rsi('SPY', 10) - rsi('TLT', 10), 5)"),
        (named("z", X - Y), "named('z', rsi('SPY', 10) - rsi('TLT', 10))"),
    ],
)
def test_what_is_said_builds_the_very_same_term(term: Expression, said: str) -> None:
    assert repr(term) == said
    assert eval(said, vars(language)) is term
    names: dict[str, Any] = {}
    exec(to_code(term), names)
    assert names["strategy"] is term


def test_a_function_takes_as_many_expressions_as_it_is_of() -> None:
    with pytest.raises(StrategyError, match="sqrt: 1 expression needed, got 2"):
        Function("sqrt", (X, Y))
    with pytest.raises(StrategyError, match="min: 2 expressions needed, got 1"):
        Function("min", (X,))
    with pytest.raises(UnknownNameError, match="there is no function 'sqr'; known, nearest first: sqrt"):
        Function("sqr", (X,))  # type: ignore[arg-type]  # the mistake under test


@pytest.mark.parametrize("window", [0, -1, 1.5, 5001, "10", math.nan])
def test_a_rolling_window_is_a_number_of_days(window: Any) -> None:
    with pytest.raises(StrategyError, match="rolling_mean: window must be a whole number from 1 to 5000, got "):
        rolling_mean(X, window)


def test_a_deviation_needs_two_values_and_an_unknown_measure_names_the_nearest() -> None:
    with pytest.raises(StrategyError, match="rolling_stdev: window must be a whole number from 2 to 5000, got 1"):
        rolling_stdev(X, 1)
    with pytest.raises(UnknownNameError, match="there is no rolling function 'mena'; known, nearest first: mean"):
        Rolling("mena", X, 5)  # type: ignore[arg-type]  # the mistake under test


def test_an_axis_can_stand_for_the_window() -> None:
    days = axis("days", [5, 10])
    assert days in rolling_change(X, days).free


def test_a_name_does_not_count_in_the_meaning() -> None:
    assert named("a", X) is not named("b", X)
    assert fingerprint(named("a", X)) == fingerprint(named("b", X)) != fingerprint(named("a", Y))
    with pytest.raises(StrategyError, match="named: name must not be empty"):
        named(" ", X)


def test_an_expression_is_rounded_to_whole_numbers_only() -> None:
    assert round(X) is Function("round", (X,))
    with pytest.raises(StrategyError, match=r"round: only whole numbers, got 2 digits"):
        round(X, 2)  # type: ignore[call-overload]  # the mistake under test


def test_an_indicator_of_an_expression_says_what_to_type() -> None:
    with pytest.raises(StrategyError, match=r"sma\(…\): an indicator reads a series, .* type rolling_mean\(…, 20\)"):
        language.sma(X, 5)  # type: ignore[arg-type]  # the mistake under test


def test_plain_numbers_become_constants() -> None:
    assert log(2).of == (Constant(2.0),)
    assert Named("two", 2).of is Constant(2.0)  # type: ignore[arg-type]  # a number is taken
    assert rolling_mean(price("SPY"), 5.0).window == 5  # type: ignore[arg-type]  # a whole float is taken
