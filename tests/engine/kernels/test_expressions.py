"""Laws of calculating with rows: NaN stays NaN, and nothing is divided by zero."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine._constants import calculated
from sbc_lab.engine._emit_terms import FUNCTIONS
from sbc_lab.engine.kernels import expressions
from sbc_lab.engine.reference.calculations import function
from sbc_lab.engine.reference.terms import arithmetic
from sbc_lab.engine.strategy.calculations import FunctionName

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


@pytest.mark.parametrize(("sign", "other"), [("+", 1e308), ("-", -1e308), ("*", -10.0), ("/", 1e-10)])
def test_what_becomes_too_large_is_no_value(sign: str, other: float) -> None:
    out = np.full(1, 7e77)
    expressions.calculate("+-*/".index(sign), np.array([1e308]), np.array([other]), out)
    assert np.isnan(out).all()
    assert np.isnan(arithmetic(sign, np.array([1e308]), np.array([other]))).all()
    assert np.isnan(calculated(sign, 1e308, other))


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


ONE = {
    "abs": ([-2.0, 3.0, 0.0], [2.0, 3.0, 0.0]),
    "sqrt": ([4.0, -1.0, 0.0], [2.0, NAN, 0.0]),
    "log": ([1.0, 0.0, -1.0], [0.0, NAN, NAN]),
    "log10": ([100.0, 0.0, -1.0], [2.0, NAN, NAN]),
    "exp": ([0.0, 1e4, -1e4], [1.0, NAN, 0.0]),
    "sign": ([-0.1, 0.0, 9.0], [-1.0, 0.0, 1.0]),
    "floor": ([1.9, -1.1, 2.0], [1.0, -2.0, 2.0]),
    "ceil": ([1.1, -1.9, 2.0], [2.0, -1.0, 2.0]),
    "round": ([0.5, 1.5, -2.6], [0.0, 2.0, -3.0]),
}
TWO = {
    "min": ([1.0, 2.0], [2.0, 1.0], [1.0, 1.0]),
    "max": ([1.0, 2.0], [2.0, 1.0], [2.0, 2.0]),
    "pow": ([2.0, -2.0, -8.0, 0.0, 0.0, 1e300], [3.0, 3.0, 1.0 / 3.0, -1.0, 0.0, 2.0], [8.0, -8.0, NAN, NAN, 1.0, NAN]),
    "mod": ([7.0, -7.0, 7.0, 6.0, 5.0], [3.0, 3.0, -3.0, 3.0, 0.0], [1.0, 2.0, -2.0, 0.0, NAN]),
}


def applied(name: str, *rows: list[float]) -> list[float]:
    out = np.full(len(rows[0]), 7e77)
    loop = expressions.of_one if len(rows) == 1 else expressions.of_two
    loop(FUNCTIONS[name], *(np.array(row, dtype=np.float64) for row in rows), out)  # type: ignore[call-arg]  # one or two
    return list(out)


@pytest.mark.parametrize("name", ONE)
def test_a_function_of_one_value_by_hand(name: str) -> None:
    given_, expected = ONE[name]
    np.testing.assert_array_equal(applied(name, [*given_, NAN, np.inf]), [*expected, NAN, NAN])


@pytest.mark.parametrize("name", TWO)
def test_a_function_of_two_values_by_hand(name: str) -> None:
    left, right, expected = TWO[name]
    found = applied(name, [*left, NAN, 1.0, NAN, 1.0], [*right, 0.0, NAN, NAN, np.inf])
    np.testing.assert_array_equal(found, [*expected, NAN, NAN, NAN, NAN])


def test_both_tables_hold_every_function() -> None:
    assert {*ONE, *TWO} == set(FUNCTIONS) == set(get_args(FunctionName))


values = st.one_of(st.floats(-1e3, 1e3), st.integers(-5, 5).map(float), st.sampled_from([NAN, np.inf]))


@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(st.tuples(values, values), max_size=8))
def test_the_loop_and_the_plain_reference_give_the_same(name: str, pairs: list[tuple[float, float]]) -> None:
    rows = [[pair[side] for pair in pairs] for side in range(1 if name in ONE else 2)]
    wanted = function(name, *(np.array(row, dtype=np.float64) for row in rows))
    np.testing.assert_allclose(applied(name, *rows), wanted, rtol=1e-15, atol=0)
