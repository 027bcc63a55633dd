"""Laws of the standard deviations and the Bollinger bands."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.indicators import compute
from sbc_lab.engine.kernels.spread import lower_bollinger, stdev_price, stdev_return, upper_bollinger

Series = npt.NDArray[np.float64]
NAN = float("nan")


def deviation(values: list[float], window: int) -> Series:
    out = np.full(len(values), 7e77)
    stdev_price(np.array(values), window, out)
    return out


def exact(values: list[float], lost: int = 1) -> float:
    whole = [Fraction(value) for value in values]
    mean = sum(whole) / len(whole)
    return math.sqrt(sum((value - mean) ** 2 for value in whole) / (len(whole) - lost))


def test_the_deviation_divides_by_n_less_one() -> None:
    np.testing.assert_allclose(deviation([1.0, 3.0, 5.0], 2), [NAN, 2**0.5, 2**0.5], rtol=1e-15)


def test_the_bands_divide_by_n() -> None:
    x, low, high = np.array([1.0, 3.0]), np.empty(2), np.empty(2)
    lower_bollinger(x, 2, 2.0, low)
    upper_bollinger(x, 2, 2.0, high)
    np.testing.assert_array_equal(low, [NAN, 0.0])
    np.testing.assert_array_equal(high, [NAN, 4.0])


def test_bands_without_width_are_the_mean() -> None:
    out = np.empty(3)
    upper_bollinger(np.array([1.0, 2.0, 6.0]), 2, 0.0, out)
    np.testing.assert_array_equal(out, [NAN, 1.5, 4.0])


def test_the_deviation_of_returns_is_in_percent_points() -> None:
    out = np.empty(3)
    stdev_return(np.array([1.0, 2.0, 1.0]), 2, out)
    np.testing.assert_allclose(out, [NAN, NAN, 100.0 * 1.5 / 2**0.5], rtol=1e-15)


@given(st.floats(1e-6, 1e12), st.integers(2, 20), st.lists(st.floats(1e-6, 1e12), max_size=20))
def test_equal_prices_have_no_deviation_whatever_came_before(price: float, window: int, before: list[float]) -> None:
    assert deviation(before + [price] * window, window)[-1] == 0.0


def test_equal_returns_have_no_deviation() -> None:
    out = np.empty(6)
    stdev_return(np.array([1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375]), 3, out)
    np.testing.assert_array_equal(out[3:], 0.0)


@pytest.mark.parametrize("window", [2, 3, 10])
def test_the_deviation_keeps_its_digits_behind_a_fall_by_eleven_orders(window: int) -> None:
    rng = np.random.default_rng(4)
    values = [*(5e11 * rng.uniform(0.5, 1.5, 30)), *(10.0 + 0.01 * rng.uniform(size=30))]
    assert deviation(values, window)[-1] == pytest.approx(exact(values[-window:]), rel=1e-12)


def test_the_deviation_keeps_its_digits_far_from_where_the_series_began() -> None:
    rng = np.random.default_rng(5)
    values = [1.0, *(1e6 + 1e-3 * rng.uniform(size=200))]
    assert deviation(values, 20)[-1] == pytest.approx(exact(values[-20:]), rel=1e-12)


def test_a_staircase_of_falls_keeps_its_digits() -> None:
    values = [10.0 ** (11 - step) * (1.0 + 0.1 * (step % 3)) for step in range(22)]
    for last in range(5, 23):
        assert deviation(values[:last], 5)[-1] == pytest.approx(exact(values[last - 5 : last]), rel=1e-12)


def test_a_missing_price_empties_every_window_that_holds_it() -> None:
    found = deviation([1.0, 3.0, NAN, 5.0, 7.0], 2)
    np.testing.assert_allclose(found, [NAN, 2**0.5, NAN, NAN, 2**0.5], rtol=1e-15)


def test_the_place_between_the_bands() -> None:
    # 1, 3: mean 2, deviation 1, bands of one deviation 1 and 3; the price is the upper one
    x = np.array([1.0, 3.0, 3.0, 1.0])
    np.testing.assert_allclose(compute("bollinger_percent_b", x, (2, 1.0)), [np.nan, 1.0, 0.5, 0.0])
    np.testing.assert_allclose(compute("bollinger_bandwidth", x, (2, 1.0)), [np.nan, 100.0, 0.0, 100.0])


def test_the_place_between_the_bands_is_that_of_the_bands() -> None:
    x = np.random.default_rng(8).uniform(50.0, 150.0, 90)
    lower, upper = (compute(name, x, (20, 1.5)) for name in ("lower_bollinger", "upper_bollinger"))
    np.testing.assert_allclose(compute("bollinger_percent_b", x, (20, 1.5)), (x - lower) / (upper - lower), rtol=1e-12)
    np.testing.assert_allclose(
        compute("bollinger_bandwidth", x, (20, 1.5)), 200.0 * (upper - lower) / (upper + lower), rtol=1e-12
    )


def test_volatility_of_a_year_is_that_of_log_returns() -> None:
    x = np.array([1.0, 2.0, 1.0, 3.0])
    logs = np.diff(np.log(x))
    wanted = 100.0 * np.sqrt(252.0) * np.array([logs[:2].std(ddof=1), logs[1:].std(ddof=1)])
    np.testing.assert_allclose(compute("historical_volatility", x, (2,)), [np.nan, np.nan, *wanted], rtol=1e-14)
    np.testing.assert_array_equal(compute("historical_volatility", 2.0 ** np.arange(9.0), (3,))[3:], 0.0)
