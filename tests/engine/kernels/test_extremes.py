"""Laws of the largest fall inside a window."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.indicators import compute
from sbc_lab.engine.kernels.extremes import max_drawdown

Series = npt.NDArray[np.float64]
NAN = float("nan")


def fall(values: list[float], window: int) -> Series:
    out = np.full(len(values), 7e77)
    max_drawdown(np.array(values), window, out)
    return out


def test_the_fall_is_from_a_peak_to_a_later_trough_in_percent_points() -> None:
    np.testing.assert_array_equal(fall([4.0, 2.0, 8.0, 6.0, 12.0], 3), [NAN, NAN, 50.0, 25.0, 25.0])


def test_one_price_cannot_fall() -> None:
    np.testing.assert_array_equal(fall([4.0, 2.0, 8.0], 1), [0.0, 0.0, 0.0])


def test_a_rising_series_does_not_fall() -> None:
    np.testing.assert_array_equal(fall([1.0, 2.0, 3.0, 4.0], 2), [NAN, 0.0, 0.0, 0.0])


def test_a_missing_price_empties_every_window_that_holds_it() -> None:
    np.testing.assert_array_equal(fall([4.0, 2.0, NAN, 8.0, 6.0], 2), [NAN, 50.0, NAN, NAN, 25.0])


def test_a_series_at_zero_does_not_fall_further() -> None:
    np.testing.assert_array_equal(fall([4.0, 0.0, 0.0, 0.0], 2), [NAN, 100.0, 0.0, 0.0])


@given(st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=60), st.integers(1, 20))
def test_the_fall_is_the_largest_over_all_pairs(values: list[float], window: int) -> None:
    found = fall(values, window)
    for last in range(window - 1, len(values)):
        inside = values[last - window + 1 : last + 1]
        pairs = [100.0 * ((a - b) / a) for i, a in enumerate(inside) for b in inside[i:]]
        np.testing.assert_allclose(found[last], max(pairs), rtol=1e-15)


def test_the_fall_from_the_highest_price_so_far() -> None:
    found = compute("drawdown", np.array([8.0, 10.0, 5.0, 20.0, 19.0]), ())
    np.testing.assert_array_equal(found, [0.0, 0.0, 50.0, 0.0, 5.0])


def test_the_ulcer_index_weighs_the_falls_of_its_window_alone() -> None:
    # windows 10 5 8 and 5 8 4: falls 0, 1/2, 1/5 and 0, 0, 1/2
    found = compute("ulcer_index", np.array([10.0, 5.0, 8.0, 4.0]), {"window": 3})
    wanted = 100.0 * np.sqrt(np.array([0.29, 0.25]) / 3.0)
    np.testing.assert_allclose(found, [np.nan, np.nan, *wanted], rtol=1e-15)
    np.testing.assert_array_equal(compute("ulcer_index", np.arange(1.0, 5.0), {"window": 2})[1:], 0.0)
