"""Laws of the straight line through the prices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from sbc_lab.engine.indicators import compute

Series = npt.NDArray[np.float64]
NAN = float("nan")


def values(name: str, x: list[float] | Series, window: int) -> Series:
    return compute(name, np.array(x, dtype=np.float64), {"window": window})


def test_the_line_through_three_prices() -> None:
    # 1, 2, 6: mean 3, slope 2.5, so it ends at 5.5; in percent of the mean 250/3; R² = 2.5² · 2 / 14
    np.testing.assert_allclose(values("linear_regression_value", [1.0, 2.0, 6.0], 3), [NAN, NAN, 5.5], rtol=1e-15)
    np.testing.assert_allclose(values("linear_regression_slope", [1.0, 2.0, 6.0], 3), [NAN, NAN, 250 / 3], rtol=1e-15)
    np.testing.assert_allclose(values("trend_clarity", [1.0, 2.0, 6.0], 3), [NAN, NAN, 100 * 12.5 / 14], rtol=1e-14)


def test_a_straight_line_is_explained_whole_in_either_direction() -> None:
    x = 7.0 + 0.25 * np.arange(60.0)
    for line in (x, x[::-1].copy()):
        np.testing.assert_allclose(values("trend_clarity", line, 20)[19:], 100.0, rtol=1e-12)
        np.testing.assert_allclose(values("linear_regression_value", line, 20)[19:], line[19:], rtol=1e-14)


def test_of_equal_prices_there_is_nothing_to_explain() -> None:
    assert np.isnan(values("trend_clarity", [0.1] * 9, 4)).all()
    np.testing.assert_array_equal(values("linear_regression_slope", [0.1] * 5, 4), [NAN] * 3 + [0.0] * 2)
    np.testing.assert_array_equal(values("linear_regression_value", [0.1] * 5, 4), [NAN] * 3 + [0.1] * 2)


def test_what_runs_to_and_fro_has_no_trend() -> None:
    found = values("trend_clarity", [1.0, 3.0, 3.0, 1.0], 4)
    assert found[-1] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(values("linear_regression_slope", [0.0, 0.0], 2)).all()


def test_the_value_is_three_weighted_means_less_two_plain_ones() -> None:
    x = np.random.default_rng(5).uniform(50.0, 150.0, 80)
    weighted, plain = compute("wma", x, {"window": 9}), compute("sma", x, {"window": 9})
    np.testing.assert_allclose(values("linear_regression_value", x, 9), 3 * weighted - 2 * plain, rtol=1e-13)


@pytest.mark.parametrize("name", ["linear_regression_value", "linear_regression_slope", "trend_clarity"])
def test_no_digit_is_lost_when_the_series_collapses(name: str) -> None:
    x = np.concatenate([np.full(30, 5e11), 10.0 + np.sin(np.arange(60.0))])
    np.testing.assert_allclose(values(name, x, 10)[45:], values(name, x[35:], 10)[10:], rtol=1e-10)
