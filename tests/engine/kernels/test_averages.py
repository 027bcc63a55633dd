"""Laws of the weighted, stacked and adaptive averages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from sbc_lab.engine.indicators import compute

Series = npt.NDArray[np.float64]
NAN = float("nan")
NAMES = ("wma", "hma", "wilder_ma", "dema", "tema", "kama")


def values(name: str, x: list[float] | Series, window: int) -> Series:
    return compute(name, np.array(x, dtype=np.float64), {"window": window})


def test_the_newest_price_weighs_most() -> None:
    # (1·1 + 2·2 + 3·6) / 6 and (1·2 + 2·6 + 3·1) / 6
    np.testing.assert_allclose(values("wma", [1.0, 2.0, 6.0, 1.0], 3), [NAN, NAN, 23 / 6, 17 / 6], rtol=1e-15)


def test_hulls_average_is_one_of_averages() -> None:
    # window 4: half 2, root 2. On 1, 4, 9, 16, 25: wma(2) = 3, 22/3, 41/3, 22; wma(4) = 10, 17
    line = [2 * 41 / 3 - 10.0, 2 * 22.0 - 17.0]
    found = values("hma", [1.0, 4.0, 9.0, 16.0, 25.0], 4)
    np.testing.assert_allclose(found, [NAN] * 4 + [(line[0] + 2 * line[1]) / 3], rtol=1e-14)


def test_wilders_average_takes_one_part_in_window() -> None:
    # seed (1 + 2) / 2, then + (6 − 1.5) / 2 and + (0 − 3.75) / 2
    np.testing.assert_array_equal(values("wilder_ma", [1.0, 2.0, 6.0, 0.0], 2), [NAN, 1.5, 3.75, 1.875])


@pytest.mark.parametrize("name", ["dema", "tema"])
def test_stacked_averages_follow_a_straight_line_without_lag(name: str) -> None:
    x = 3.0 * np.arange(1.0, 121.0)
    np.testing.assert_allclose(values(name, x, 7)[100:], x[100:], rtol=1e-12)


def test_a_weighted_average_of_a_straight_line_lags_a_third_of_the_window() -> None:
    x = 3.0 * np.arange(1.0, 41.0)
    np.testing.assert_allclose(values("wma", x, 7)[6:], x[6:] - 3.0 * 2.0, rtol=1e-13)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [0.1, 1e11 / 3])
def test_a_constant_series_stays_exactly_itself(name: str, level: float) -> None:
    found = values(name, np.full(60, level), 7)
    assert set(found[np.isfinite(found)].tolist()) == {level}


def test_kaufmans_average_starts_at_the_price_and_follows_straight_moves_faster() -> None:
    # window 2: bar 2 is the seed. Bar 3: way 2, path 2, share (2/3)². Bar 4: way 0, path 4, share (2/31)².
    seed, share, slow = 12.0, (2 / 3) ** 2, (2 / 31) ** 2
    third = seed + share * (13.0 - seed)
    fourth = third + slow * (12.0 - third)
    found = values("kama", [10.0, 11.0, 12.0, 13.0, 12.0], 2)
    np.testing.assert_allclose(found, [NAN, NAN, seed, third, fourth], rtol=1e-14)


def test_an_average_of_averages_starts_when_all_of_them_have() -> None:
    x = np.arange(1.0, 21.0) ** 2
    one = compute("ema", x, {"window": 4})
    two = compute("ema", one, {"window": 4})
    three = compute("ema", two, {"window": 4})
    np.testing.assert_allclose(values("dema", x, 4), 2 * one - two, rtol=1e-13)
    np.testing.assert_allclose(values("tema", x, 4), 3 * one - 3 * two + three, rtol=1e-13)


def test_a_price_is_compared_with_its_mean_in_percent() -> None:
    np.testing.assert_allclose(values("price_vs_sma", [1.0, 3.0, 1.0], 2), [NAN, 50.0, -50.0])
    assert np.isnan(values("price_vs_sma", [0.0, 0.0], 2)).all()
