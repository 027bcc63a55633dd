"""Laws of single expressions and calendar conditions."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.reference.terms import Days, truth_of, value_of
from sbc_lab.engine.reference.truths import YES, Floats
from sbc_lab.engine.strategy import (
    Condition,
    Expression,
    Term,
    between,
    constant,
    lag,
    month,
    on_or_after,
    percentile,
    sma,
)
from sbc_lab.engine.strategy.terms import Series

NAN = np.nan
PRICES = np.array([1.0, 2.0, 6.0, 4.0])


def line(_series: Series, _reader: str) -> Floats:
    return PRICES


def value(term: Expression, **parts: list[float]) -> list[float]:
    inner = [part for part in term.parts if isinstance(part, Expression)]
    known: dict[Term, Floats] = {part: np.array(row) for part, row in zip(inner, parts.values(), strict=bool(parts))}
    return list(value_of(term, known, line, 4))


def same(found: list[float], expected: list[float]) -> bool:
    return bool(np.array_equal(found, expected, equal_nan=True))


def test_an_indicator_reads_its_line() -> None:
    assert same(value(sma("A", 2)), [NAN, 1.5, 4.0, 5.0])


def test_a_constant_has_its_value_on_every_date() -> None:
    assert value(constant(3)) == [3.0, 3.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("+", [3.0, 2.0, NAN, 5.0]),
        ("-", [-1.0, 2.0, NAN, 3.0]),
        ("*", [2.0, 0.0, NAN, 4.0]),
        ("/", [0.5, NAN, NAN, 4.0]),
    ],
)
def test_arithmetic_with_a_missing_side_or_over_zero_has_no_value(op: str, expected: list[float]) -> None:
    left, right = sma("A", 1), sma("B", 1)
    term = {"+": left + right, "-": left - right, "*": left * right, "/": left / right}[op]
    assert same(value(term, left=[1.0, 2.0, NAN, 4.0], right=[2.0, 0.0, 1.0, 1.0]), expected)


def test_a_percentile_is_the_share_of_values_at_or_below_todays() -> None:
    found = value(percentile(sma("A", 1), 3), of=[5.0, 1.0, 3.0, 3.0])
    assert same(found, [NAN, NAN, 200.0 / 3.0, 100.0])


def test_a_percentile_over_a_missing_value_has_none() -> None:
    assert same(value(percentile(sma("A", 1), 2), of=[NAN, 1.0, 3.0, 2.0]), [NAN, NAN, 100.0, 50.0])


@pytest.mark.parametrize(("days", "expected"), [(0, [1.0, 2.0, 3.0, 4.0]), (3, [NAN, NAN, NAN, 1.0]), (9, [NAN] * 4)])
def test_a_lag_reads_what_was_known_before(days: int, expected: list[float]) -> None:
    assert same(value(lag(sma("A", 1), days), of=[1.0, 2.0, 3.0, 4.0]), expected)


def true_on(condition: Condition, *days: str) -> list[bool]:
    dates: Days = np.array(days, dtype="datetime64[D]")
    return [bool(state == YES) for state in truth_of(condition, {}, {}, dates)]


def test_months_and_ranges_read_the_calendar_day() -> None:
    days = ("2024-01-31", "2024-02-01", "2024-04-30", "2024-11-01")
    assert true_on(month(2, 11), *days) == [False, True, False, True]
    assert true_on(between("02-01", "04-30"), *days) == [False, True, True, False]
    assert true_on(between("11-01", "01-31"), *days) == [True, False, False, True]


def test_on_or_after_is_the_first_bar_that_reaches_the_day() -> None:
    days = ("2023-07-03", "2023-07-04", "2024-02-28", "2024-03-04", "2024-03-05", "2025-03-03")
    assert true_on(on_or_after("03-01"), *days) == [False, False, False, True, False, True]
    assert true_on(on_or_after("12-31"), *days) == [False, False, True, False, False, True]
    assert true_on(on_or_after("07-03"), *days) == [True, False, False, False, False, True]
