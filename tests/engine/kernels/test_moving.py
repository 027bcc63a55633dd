"""Laws of the moving averages, on series one can average by hand."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.kernels.moving import ema, moving_average_return, sma

Series = npt.NDArray[np.float64]
NAN = float("nan")


def average(values: list[float], window: int) -> Series:
    out = np.full(len(values), 7e77)
    sma(np.array(values), window, out)
    return out


def exponential(values: list[float], window: int) -> Series:
    out = np.full(len(values), 7e77)
    ema(np.array(values), window, out)
    return out


def test_sma_is_the_mean_of_the_window() -> None:
    np.testing.assert_array_equal(average([1.0, 2.0, 6.0, 10.0], 2), [NAN, 1.5, 4.0, 8.0])


def test_a_missing_price_empties_every_window_that_holds_it() -> None:
    values = [1.0, 2.0, NAN, 4.0, 6.0, float("inf"), 1.0]
    np.testing.assert_array_equal(average(values, 2), [NAN, 1.5, NAN, NAN, 5.0, NAN, NAN])


def test_a_window_longer_than_the_series_gives_no_value() -> None:
    assert np.isnan(average([1.0, 2.0], 3)).all()
    assert average([], 3).size == 0


@given(st.lists(st.floats(1e-6, 1e12), max_size=50))
def test_a_window_of_one_copies_the_series(values: list[float]) -> None:
    np.testing.assert_array_equal(average(values, 1), values)
    np.testing.assert_array_equal(exponential(values, 1), values)


@given(st.floats(1e-6, 1e12), st.integers(1, 30), st.lists(st.floats(1e-6, 1e12), max_size=20))
def test_the_mean_of_equal_prices_is_that_price_whatever_came_before(
    price: float, window: int, before: list[float]
) -> None:
    assert average(before + [price] * window, window)[-1] == price


@given(st.floats(1e-6, 1e12), st.integers(1, 30), st.integers(0, 60))
def test_the_exponential_average_of_a_constant_series_is_the_constant(price: float, window: int, more: int) -> None:
    found = exponential([price] * (window + more), window)
    np.testing.assert_array_equal(found[window - 1 :], price)


def test_ema_is_seeded_with_the_mean_and_then_recursive() -> None:
    np.testing.assert_array_equal(exponential([1.0, 2.0, 3.0, 7.0], 3), [NAN, NAN, 2.0, 4.5])


def test_ema_starts_again_after_a_missing_price() -> None:
    found = exponential([100.0, 200.0, NAN, 1.0, 2.0, 3.0, 7.0], 3)
    np.testing.assert_array_equal(found, [NAN, NAN, NAN, NAN, NAN, 2.0, 4.5])


@given(st.lists(st.floats(1.0, 1e4), min_size=30, max_size=60), st.integers(2, 20))
def test_ema_is_the_sum_of_its_weights(values: list[float], window: int) -> None:
    keep = (window - 1) / (window + 1)
    later = values[window:]
    terms = [math.fsum(values[:window]) / window * keep ** len(later)]
    terms += [(1 - keep) * keep**age * value for age, value in enumerate(reversed(later))]
    assert exponential(values, window)[-1] == pytest.approx(math.fsum(terms), rel=1e-13)


def test_mean_of_returns_counts_returns_and_is_in_percent_points() -> None:
    out = np.empty(4)
    moving_average_return(np.array([1.0, 2.0, 1.0, 1.5]), 2, out)
    np.testing.assert_array_equal(out, [NAN, NAN, 25.0, 0.0])


def test_mean_of_equal_returns_is_that_return() -> None:
    out = np.empty(6)
    moving_average_return(np.array([1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375]), 3, out)
    np.testing.assert_array_equal(out[3:], 50.0)


def test_there_is_no_return_from_a_price_of_zero() -> None:
    out = np.empty(4)
    moving_average_return(np.array([0.0, 1.0, 2.0, 4.0]), 1, out)
    np.testing.assert_array_equal(out, [NAN, NAN, 100.0, 100.0])
