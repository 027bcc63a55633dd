"""Laws of the compensated running sum."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.kernels.sums import climb, product, slide, slide_along

PRICES = st.floats(1e-6, 1e12)


def running(values: list[float], window: int) -> list[float]:
    high, low, sums = 0.0, 0.0, []
    for i, value in enumerate(values):
        high, low = slide(high, low, value, values[i - window] if i >= window else 0.0)
        sums.append(high + low)
    return sums


def test_a_sum_survives_a_fall_that_a_plain_running_sum_does_not() -> None:
    values = [5e11 / 3.0] * 5 + [10.1] * 5
    plain = 0.0
    for i, value in enumerate(values):
        plain += value - (values[i - 3] if i >= 3 else 0.0)
    exact = math.fsum(values[-3:])
    assert running(values, 3)[-1] == exact
    assert abs(plain - exact) > 1e-9 * exact


@given(st.lists(PRICES, min_size=1, max_size=60), st.integers(1, 20))
def test_a_sum_errs_by_a_rounding_of_itself_and_the_square_of_one_of_what_it_held(
    values: list[float], window: int
) -> None:
    for i, found in enumerate(running(values, window)):
        exact = math.fsum(values[max(0, i - window + 1) : i + 1])
        assert abs(found - exact) <= 2.0**-52 * exact + 2.0**-104 * sum(values[: i + 1])


@given(st.lists(st.tuples(PRICES, PRICES, PRICES, PRICES), min_size=1, max_size=40))
def test_many_steps_at_once_are_those_steps_one_by_one(moves: list[tuple[float, float, float, float]]) -> None:
    before, blocks = np.array([3e9, 1e-8, 0.1, 2e-18]), np.array(moves).T.copy()
    highs, lows = np.empty((2, len(moves))), np.empty((2, len(moves)))
    slide_along(before, blocks[:2].copy(), blocks[2:].copy(), highs, lows)
    for which in range(2):
        high, low = before[2 * which], before[2 * which + 1]
        for k, move in enumerate(moves):
            high, low = slide(high, low, move[which], move[which + 2])
            assert (highs[which, k], lows[which, k]) == (high, low)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_product_loses_no_digit(a: float, b: float) -> None:
    high, low = product(a, b)
    if abs(a) > 1e-100 and abs(b) > 1e-100:
        assert Fraction(high) + Fraction(low) == Fraction(a) * Fraction(b)


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=40), st.integers(1, 9))
def test_a_climbing_sum_is_the_weighted_sum_of_the_window(values: list[int], window: int) -> None:
    high, low, total, rest = 0.0, 0.0, 0.0, 0.0
    for i, value in enumerate(values):
        high, low = climb(high, low, total, rest, float(value), i + 1, window)
        total, rest = slide(total, rest, float(value), float(values[i - window]) if i >= window else 0.0)
        recent = values[max(0, i - window + 1) : i + 1]
        assert high + low == sum(weight * number for weight, number in enumerate(recent, 1))
