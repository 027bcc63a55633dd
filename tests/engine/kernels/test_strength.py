"""Laws of the relatives of the relative strength index."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.indicators import compute

Series = npt.NDArray[np.float64]
NAN = float("nan")


def values(name: str, x: list[float] | Series, window: int) -> Series:
    return compute(name, np.array(x, dtype=np.float64), {"window": window})


def test_cutlers_index_is_the_share_of_gains_in_the_window() -> None:
    # changes +2, −1, +2, −3: shares 2/3, 2/3, 2/5
    found = values("rsi_sma", [10.0, 12.0, 11.0, 13.0, 10.0], 2)
    np.testing.assert_allclose(found, [NAN, NAN, 200 / 3, 200 / 3, 40.0], rtol=1e-15)


def test_exponential_averages_take_two_parts_in_window_plus_one() -> None:
    # seeds 1 and 0.5; then a gain of 2 with the share 2/3: 1 + 2/3 and 0.5 / 3
    found = values("rsi_ema", [10.0, 12.0, 11.0, 13.0], 2)
    np.testing.assert_allclose(found, [NAN, NAN, 200 / 3, 100.0 * (5 / 3) / (5 / 3 + 1 / 6)], rtol=1e-15)


@pytest.mark.parametrize("name", ["rsi_sma", "rsi_ema"])
def test_a_flat_series_has_fifty(name: str) -> None:
    np.testing.assert_array_equal(values(name, [5.0] * 5, 3), [NAN, NAN, NAN, 50.0, 50.0])


@pytest.mark.parametrize("name", ["rsi_sma", "rsi_ema"])
@given(st.lists(st.floats(1.0, 1e6), min_size=4, max_size=40, unique=True), st.integers(1, 3))
def test_gains_alone_give_a_hundred_and_losses_alone_nothing(name: str, prices: list[float], window: int) -> None:
    np.testing.assert_array_equal(values(name, sorted(prices), window)[window:], 100.0)
    np.testing.assert_array_equal(values(name, sorted(prices, reverse=True), window)[window:], 0.0)


def test_losses_that_left_the_window_leave_no_rounding_error_behind() -> None:
    rng = np.random.default_rng(0)
    for _ in range(400):
        wild = 10.0 ** rng.uniform(-6.0, 13.0, 9)
        falling = wild[-1] * 0.5 ** np.arange(1.0, 9.0)
        assert values("rsi_sma", np.concatenate([wild, falling]), 8)[-1] == 0.0
        rising = wild[-1] * (1.0 + 0.01 * np.arange(1.0, 9.0))
        assert values("rsi_sma", np.concatenate([wild, rising]), 8)[-1] == 100.0


def test_the_place_of_the_index_in_its_range() -> None:
    x = np.array([10.0, 12.0, 11.0, 13.0, 12.0, 14.0])
    index = compute("rsi", x, {"window": 2})
    found = values("stochastic_rsi", x, 2)
    # a range of two values is between them: 100 on a rise, 0 on a fall
    np.testing.assert_array_equal(found, [NAN, NAN, NAN, *(100.0 if up else 0.0 for up in np.diff(index)[2:] > 0)])


def test_an_index_that_stood_still_has_no_place_in_its_range() -> None:
    assert np.isnan(values("stochastic_rsi", [5.0] * 9, 3)).all()
    assert np.isnan(values("stochastic_rsi", np.arange(1.0, 12.0), 3)).all()
