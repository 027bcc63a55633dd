"""Laws of the loop behind the standard deviations: many bars at once are those bars one by one, bit for bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.kernels.deviations import DEVIATION, TILE, spread_of_returns, spread_one_by_one
from sbc_lab.engine.kernels.moving import LOG_RETURN, RETURN

Series = npt.NDArray[np.float64]
BARS = 4 * TILE


def both(x: Series, window: int, of: int) -> tuple[Series, Series]:
    """The deviations many bars at once, and one by one."""
    at_once, by_one = np.full(x.size, 7e77), np.full(x.size, 7e77)
    spread_of_returns(x, window, of, 100.0, at_once)
    spread_one_by_one(x, window, of, 1, DEVIATION, 100.0, by_one)
    return at_once, by_one


def series(seed: int, size: float = 0.01) -> Series:
    """Closes of a random walk."""
    return 100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, size, BARS)))


@pytest.mark.parametrize("of", [RETURN, LOG_RETURN])
@given(
    st.integers(0, 99),
    st.sampled_from([2, 5, 20, 130, 252]),
    st.integers(1, BARS),
    st.sampled_from([np.nan, 0.0, np.inf, 1e-9, 1.0, 1e9]),
    st.integers(1, 2 * TILE),
)
def test_many_bars_at_once_are_those_bars_one_by_one(
    of: int, seed: int, window: int, place: int, what: float, long: int
) -> None:
    x = series(seed)
    x[place : place + long] = what
    at_once, by_one = both(x, window, of)
    np.testing.assert_array_equal(at_once, by_one)


def test_a_calm_behind_a_storm_is_measured_by_itself() -> None:
    x = np.concatenate((series(1, 0.2), series(2, 1e-6)))
    at_once, by_one = both(x, 20, RETURN)
    np.testing.assert_array_equal(at_once, by_one)
    returns = np.diff(x) / x[:-1]
    assert at_once[-1] == pytest.approx(100.0 * returns[-20:].std(ddof=1), rel=1e-9)


@pytest.mark.parametrize("begin", [TILE - 5, TILE, 2 * TILE - 1, 2 * TILE - 30])
def test_equal_returns_have_no_deviation_wherever_they_begin(begin: int) -> None:
    x = series(3)
    x[begin:] = x[begin]
    at_once, _ = both(x, 20, RETURN)
    assert at_once[begin + 19] > 0.0
    np.testing.assert_array_equal(at_once[begin + 20 :], 0.0)


@pytest.mark.parametrize("last", [TILE - 1, TILE, TILE + 1, 2 * TILE, 3 * TILE + 7])
def test_later_prices_change_no_bit(last: int) -> None:
    x = series(4)
    np.testing.assert_array_equal(both(x[:last].copy(), 20, RETURN)[0], both(x, 20, RETURN)[0][:last])
