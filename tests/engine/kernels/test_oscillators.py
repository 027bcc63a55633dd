"""Laws of RSI, MACD and PPO."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.kernels.moving import ema
from sbc_lab.engine.kernels.oscillators import macd, macd_signal, ppo, ppo_signal, rsi

Series = npt.NDArray[np.float64]
NAN = float("nan")


def strength(values: list[float], window: int) -> Series:
    out = np.full(len(values), 7e77)
    rsi(np.array(values), window, out)
    return out


def average(x: Series, window: int) -> Series:
    out = np.empty(x.size)
    ema(x, window, out)
    return out


def test_rsi_is_the_share_of_gains_in_wilder_averages() -> None:
    # gains 2, 0 and losses 0, 1 average to 1 and 0.5; then a gain of 2: (1 + 2) / 2 = 1.5 and 0.25
    found = strength([10.0, 12.0, 11.0, 13.0], 2)
    np.testing.assert_allclose(found, [NAN, NAN, 100.0 / 1.5, 100.0 * 1.5 / 1.75], rtol=1e-15)


def test_a_flat_series_has_rsi_fifty() -> None:
    np.testing.assert_array_equal(strength([5.0] * 6, 3), [NAN, NAN, NAN, 50.0, 50.0, 50.0])


@given(st.lists(st.floats(1.0, 1e6), min_size=4, max_size=40, unique=True), st.integers(1, 3))
def test_gains_alone_give_a_hundred_and_losses_alone_nothing(values: list[float], window: int) -> None:
    np.testing.assert_array_equal(strength(sorted(values), window)[window:], 100.0)
    np.testing.assert_array_equal(strength(sorted(values, reverse=True), window)[window:], 0.0)


@given(st.lists(st.floats(1.0, 1e6), min_size=2, max_size=40), st.integers(1, 10))
def test_rsi_stays_between_nothing_and_a_hundred(values: list[float], window: int) -> None:
    found = strength(values, window)
    assert np.isnan(found[:window]).all()
    assert ((found[window:] >= 0.0) & (found[window:] <= 100.0)).all()


def test_rsi_starts_again_after_a_missing_price() -> None:
    again = strength([3.0, 1.0, 7.0, NAN, 10.0, 12.0, 11.0, 13.0], 2)
    np.testing.assert_array_equal(again[4:], strength([10.0, 12.0, 11.0, 13.0], 2))


def test_macd_is_the_difference_of_two_averages_and_its_signal_their_average() -> None:
    x = np.random.default_rng(1).uniform(50.0, 150.0, 40)
    line, signal = np.empty(40), np.empty(40)
    macd(x, 3, 6, line)
    macd_signal(x, 3, 6, 4, signal)
    np.testing.assert_array_equal(line, average(x, 3) - average(x, 6))
    np.testing.assert_array_equal(signal, average(line, 4))
    assert np.flatnonzero(np.isfinite(signal))[0] == 6 - 1 + 4 - 1


def test_ppo_is_the_macd_in_percent_of_the_long_average() -> None:
    x = np.random.default_rng(2).uniform(50.0, 150.0, 40)
    line, signal = np.empty(40), np.empty(40)
    ppo(x, 3, 6, line)
    ppo_signal(x, 3, 6, 4, signal)
    long = average(x, 6)
    np.testing.assert_array_equal(line, 100.0 * ((average(x, 3) - long) / long))
    np.testing.assert_array_equal(signal, average(line, 4))


@pytest.mark.parametrize("loop", [macd, ppo])
def test_a_constant_series_has_exactly_no_difference(loop: object) -> None:
    assert callable(loop)
    out = np.empty(60)
    loop(np.full(60, 0.1), 12, 26, out)
    np.testing.assert_array_equal(out[25:], 0.0)


def test_ppo_has_no_value_where_the_long_average_is_zero() -> None:
    out = np.empty(4)
    ppo(np.zeros(4), 1, 2, out)
    assert np.isnan(out).all()
