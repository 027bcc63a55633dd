"""Laws of the place in the range, and of how recent its ends are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from sbc_lab.engine.indicators import compute

Series = npt.NDArray[np.float64]
NAN = float("nan")
BARS = {
    "high": np.array([12.0, 14.0, 13.0, 11.0, 11.0]),
    "low": np.array([10.0, 11.0, 9.0, 10.0, 10.0]),
    "close": np.array([11.0, 12.0, 10.0, 11.0, 10.0]),
}


def values(name: str, window: int, **more: int) -> Series:
    return compute(name, BARS, {"window": window, **more})


def test_the_place_of_the_close_in_the_range() -> None:
    # ranges of two bars: 10–14, 9–14, 9–13, 10–11
    place = np.array([NAN, 50.0, 20.0, 50.0, 0.0])
    np.testing.assert_allclose(values("stochastic_k", 2), place)
    np.testing.assert_allclose(values("williams_r", 2), place - 100.0)


def test_the_mean_place_begins_when_there_are_enough_of_them() -> None:
    np.testing.assert_allclose(values("stochastic_d", 2, smooth=3), [NAN, NAN, NAN, 40.0, 70 / 3])
    np.testing.assert_array_equal(values("stochastic_d", 2, smooth=1), values("stochastic_k", 2))


@pytest.mark.parametrize("name", ["stochastic_k", "stochastic_d", "williams_r", "cci"])
def test_in_no_range_there_is_no_place(name: str) -> None:
    still = dict.fromkeys(("high", "low", "close"), np.full(9, 0.1))
    assert np.isnan(compute(name, still, {"window": 3})).all()


def test_the_typical_price_is_measured_in_mean_deviations() -> None:
    # typical prices 11, 37/3, 32/3: mean 34/3, deviations 1/3, 1, 2/3, their mean 2/3
    found = values("cci", 3)
    np.testing.assert_allclose(found[:3], [NAN, NAN, (-2 / 3) / (0.015 * 2 / 3)], rtol=1e-13)


def test_the_channel_index_keeps_its_digits_on_a_narrow_channel() -> None:
    wiggle = np.array([1.0, 3.0, 2.0, 5.0, 4.0])
    narrow = dict.fromkeys(("high", "low", "close"), 2.0**40 + wiggle)
    wide = dict.fromkeys(("high", "low", "close"), wiggle)
    np.testing.assert_allclose(compute("cci", narrow, {"window": 4}), compute("cci", wide, {"window": 4}), rtol=1e-3)


def test_the_most_recent_of_equal_ends_counts() -> None:
    # window 2: three bars. Highs 12 14 13 | 14 13 11 | 13 11 11; lows 10 11 9 | 11 9 10 | 9 10 10
    np.testing.assert_array_equal(values("aroon_up", 2), [NAN, NAN, 50.0, 0.0, 0.0])
    np.testing.assert_array_equal(values("aroon_down", 2), [NAN, NAN, 100.0, 50.0, 0.0])
    np.testing.assert_array_equal(values("aroon_oscillator", 2), [NAN, NAN, -50.0, -50.0, 0.0])
    flat = {"high": np.full(4, 3.0), "low": np.full(4, 3.0)}
    np.testing.assert_array_equal(compute("aroon_up", flat, {"window": 2}), [NAN, NAN, 100.0, 100.0])
    np.testing.assert_array_equal(compute("aroon_oscillator", flat, {"window": 2}), [NAN, NAN, 0.0, 0.0])
