"""Laws of the price and its returns."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.kernels import reference
from sbc_lab.engine.kernels.returns import cumulative_return, price, simple_returns

NAN = float("nan")


def test_the_price_is_the_series() -> None:
    out = np.full(4, 7e77)
    price(np.array([1.0, NAN, float("inf"), 3.0]), out)
    np.testing.assert_array_equal(out, [1.0, NAN, NAN, 3.0])


@given(st.lists(st.floats(1e-6, 1e12) | st.just(NAN), max_size=60))
def test_returns_equal_their_twin(values: list[float]) -> None:
    x = np.array(values)
    changes = np.full(x.size, 7e77)
    simple_returns(x, changes)
    np.testing.assert_array_equal(changes, reference.simple_returns(x))


def test_returns_are_fractions_and_windowed_ones_percent_points() -> None:
    daily, total = np.empty(4), np.empty(4)
    x = np.array([1.0, 2.0, 1.0, 4.0])
    simple_returns(x, daily)
    cumulative_return(x, 2, total)
    np.testing.assert_array_equal(daily, [NAN, 1.0, -0.5, 3.0])
    np.testing.assert_array_equal(total, [NAN, NAN, 0.0, 100.0])


def test_a_missing_price_inside_the_window_leaves_no_return() -> None:
    out = np.empty(5)
    cumulative_return(np.array([1.0, NAN, 2.0, 3.0, 4.0]), 2, out)
    np.testing.assert_array_equal(out, [NAN, NAN, NAN, NAN, 100.0])


def test_there_is_no_return_from_a_price_of_zero() -> None:
    daily, total = np.empty(3), np.empty(3)
    simple_returns(np.array([0.0, 1.0, 2.0]), daily)
    cumulative_return(np.array([0.0, 1.0, 2.0]), 2, total)
    np.testing.assert_array_equal(daily, [NAN, NAN, 1.0])
    assert np.isnan(total).all()
