"""Laws of calculating with rows: NaN stays NaN, and nothing is divided by zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.kernels import expressions

NAN = float("nan")


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (expressions.ADD, [8.0, 0.0, NAN, NAN, NAN]),
        (expressions.SUBTRACT, [4.0, 0.0, NAN, NAN, NAN]),
        (expressions.MULTIPLY, [12.0, 0.0, NAN, NAN, NAN]),
        (expressions.DIVIDE, [3.0, NAN, NAN, NAN, NAN]),
    ],
)
def test_rows_are_calculated_date_by_date(op: int, expected: list[float]) -> None:
    out = np.full(5, 7e77)
    expressions.calculate(op, np.array([6.0, 0.0, NAN, 1.0, NAN]), np.array([2.0, 0.0, 1.0, NAN, NAN]), out)
    np.testing.assert_array_equal(out, expected)


def test_dividing_by_zero_gives_no_value_and_no_infinity() -> None:
    out = np.full(3, 7e77)
    expressions.calculate(expressions.DIVIDE, np.array([1.0, -1.0, 0.0]), np.array([0.0, -0.0, 2.0]), out)
    np.testing.assert_array_equal(out, [NAN, NAN, 0.0])


def test_a_percentile_counts_todays_value_and_all_that_are_at_or_below_it() -> None:
    out = np.full(6, 7e77)
    expressions.percentile(np.array([3.0, 1.0, 2.0, 4.0, 2.0, 0.0]), 4, out)
    # the last four of 3 1 2 4: all are at or below 4; of 1 2 4 2: three are at or below 2
    np.testing.assert_array_equal(out, [NAN, NAN, NAN, 100.0, 75.0, 25.0])


def test_a_percentile_needs_every_value_of_its_window() -> None:
    out = np.full(6, 7e77)
    expressions.percentile(np.array([1.0, NAN, 1.0, 2.0, 3.0, NAN]), 2, out)
    np.testing.assert_array_equal(out, [NAN, NAN, NAN, 100.0, 100.0, NAN])


def test_a_percentile_does_not_see_the_noise_of_floats() -> None:
    noisy = [1.0, 1.0 + 2e-16, 1.0 - 1e-16, 1.0]
    out = np.full(4, 7e77)
    expressions.percentile(np.array(noisy), 2, out)
    np.testing.assert_array_equal(out, [NAN, 100.0, 100.0, 100.0])


def test_a_percentile_sees_a_difference_in_the_tenth_digit() -> None:
    out = np.full(2, 7e77)
    expressions.percentile(np.array([1.000000001, 1.0]), 2, out)
    np.testing.assert_array_equal(out, [NAN, 50.0])


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=30), st.integers(2, 6))
def test_a_percentile_is_the_share_of_the_window(values: list[int], lookback: int) -> None:
    out = np.full(len(values), 7e77)
    expressions.percentile(np.array(values, dtype=float), lookback, out)
    for bar, found in enumerate(out.tolist()):
        window = values[bar - lookback + 1 : bar + 1] if bar >= lookback - 1 else []
        below = sum(value <= values[bar] for value in window)
        assert found == 100.0 * below / lookback if window else np.isnan(found)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, [1.0, NAN, 3.0, 4.0]), (1, [NAN, 1.0, NAN, 3.0]), (3, [NAN, NAN, NAN, 1.0]), (9, [NAN] * 4)],
)
def test_a_lag_reads_the_past(days: int, expected: list[float]) -> None:
    out = np.full(4, 7e77)
    expressions.lag(np.array([1.0, NAN, 3.0, 4.0]), days, out)
    np.testing.assert_array_equal(out, expected)


def test_a_ratio_has_a_value_where_both_prices_do() -> None:
    out = np.full(4, 7e77)
    expressions.ratio(np.array([6.0, NAN, 6.0, 8.0]), np.array([2.0, 2.0, NAN, 16.0]), out)
    np.testing.assert_array_equal(out, [3.0, NAN, NAN, 0.5])


def test_a_rebased_price_starts_at_one_on_its_first_bar() -> None:
    out = np.full(5, 7e77)
    expressions.rebase(np.array([NAN, 8.0, 4.0, NAN, 16.0]), out)
    np.testing.assert_array_equal(out, [NAN, 1.0, 0.5, NAN, 2.0])
    expressions.rebase(np.full(5, NAN), out)
    assert np.isnan(out).all()
