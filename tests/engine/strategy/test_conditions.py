"""Conditions: comparing, combining, the calendar, and the sentences for what Python would get wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sbc_lab.engine.strategy import (
    All,
    Any,
    AtLeast,
    Comparison,
    Condition,
    DateRange,
    Month,
    Not,
    OnOrAfter,
    all_of,
    any_of,
    at_least,
    between,
    constant,
    crosses_above,
    crosses_below,
    month,
    on_or_after,
    price,
    rsi,
)
from sbc_lab.errors import StrategyError

A, B, C = rsi("SPY") > 30, rsi("SPY") < 70, price("SPY") > price("TLT")


def test_a_comparison_keeps_sides_and_operator() -> None:
    assert A is Comparison(rsi("SPY"), ">", constant(30))
    assert (rsi("SPY") >= 3) is Comparison(rsi("SPY"), ">=", constant(3))
    assert (rsi("SPY") <= 3) is Comparison(rsi("SPY"), "<=", constant(3))
    assert crosses_above(rsi("SPY"), 3) is Comparison(rsi("SPY"), "crosses_above", constant(3))
    assert crosses_below(rsi("SPY"), 3) is Comparison(rsi("SPY"), "crosses_below", constant(3))


def test_a_number_on_the_left_turns_the_operator_round() -> None:
    assert (30 < rsi("SPY")) is A  # noqa: SIM300  # that is the point


def test_a_chained_comparison_says_what_to_type() -> None:
    with pytest.raises(StrategyError) as caught:
        30 < rsi("SPY") < 70  # noqa: B015  # that is the point
    assert str(caught.value) == (
        "`rsi('SPY', 14) > 30` is decided date by date. Use & | ~ (not and/or/not), "
        "and split a < x < b into (a < x) & (x < b)"
    )


@pytest.mark.parametrize("mistake", [lambda: A and B, lambda: A or B, lambda: not A, lambda: bool(A)])
def test_the_words_of_python_are_refused(mistake: Callable[[], object]) -> None:
    with pytest.raises(StrategyError, match="decided date by date"):
        mistake()


def test_and_or_and_not_build_conditions() -> None:
    assert (A & B) is All((A, B))
    assert (A | B) is Any((A, B))
    assert ~A is Not(A)
    assert ~~A is A


def test_a_chain_is_flat() -> None:
    assert (A & B & C) is All((A, B, C))
    assert (A | (B | C)) is Any((A, B, C))
    assert ((A & B) | C) is Any((All((A, B)), C))


def test_for_days_starts_from_the_comparison() -> None:
    assert A.for_days(3) is Comparison(rsi("SPY"), ">", constant(30), 3)
    assert A.for_days(1) is A
    with pytest.raises(StrategyError, match="from 1 to 5000, got 0"):
        A.for_days(0)


def test_at_least_needs_as_many_conditions() -> None:
    assert at_least(2, A, B) is AtLeast(2, (A, B))
    with pytest.raises(StrategyError, match="count must be a whole number from 0 to 2, got 3"):
        at_least(3, A, B)


@pytest.mark.parametrize("make", [all_of, any_of, lambda: at_least(0)])
def test_no_condition_at_all_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(StrategyError, match="at least one condition"):
        make()


@pytest.mark.parametrize(
    ("given", "word"),
    [(True, "no == here"), (rsi("SPY"), "compare it"), ("SPY", "is needed"), (None, "is needed"), (1, "is needed")],
)
def test_what_is_no_condition_says_what_to_type(given: object, word: str) -> None:
    with pytest.raises(StrategyError, match=word):
        A & given


def test_months_are_a_set_in_order() -> None:
    assert month(5, 1, 5) is Month((1, 5))
    assert Month(3) is month(3)  # type: ignore[arg-type]  # one number is taken too


@pytest.mark.parametrize("months", [(), (0,), (13,), (1.5,), (True,), ("1",)])
def test_a_month_goes_from_1_to_12(months: tuple[int, ...]) -> None:
    with pytest.raises(StrategyError, match="month"):
        month(*months)


def test_days_are_texts_or_pairs() -> None:
    assert between("11-01", (4, 30)) is DateRange((11, 1), (4, 30))
    assert on_or_after("2-29") is OnOrAfter((2, 29))


@pytest.mark.parametrize(
    "day", ["02-30", "00-01", "13-01", "1", "", "²-1", "٣-01", "1-1-1", (1,), (1, 2, 3), 5, None, (1.5, 2)]
)
def test_a_day_that_is_in_no_year_is_refused(day: str) -> None:
    with pytest.raises(StrategyError, match="on_or_after"):
        on_or_after(day)


@pytest.mark.parametrize("op", ["==", "!=", "", None])
def test_an_unknown_operator_names_the_known_ones(op: str) -> None:
    with pytest.raises(StrategyError, match="crosses_above"):
        Comparison(rsi("SPY"), op, constant(3))  # type: ignore[arg-type]  # that is the point


def test_a_condition_is_a_key() -> None:
    seen: dict[Condition, int] = {A: 1, B: 2}
    assert seen[rsi("SPY") > 30] == 1
