"""Laws of the true range and of directional movement."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.indicators import compute

NAN = float("nan")
BARS = {
    "high": np.array([12.0, 14.0, 13.0, 18.0]),
    "low": np.array([10.0, 11.0, 9.0, 17.0]),
    "close": np.array([11.0, 12.0, 10.0, 18.0]),
}


def test_the_true_range_reaches_to_the_close_before() -> None:
    # 3 = 14 − 11; 4 = 13 − 9; 8 = 18 − 10
    np.testing.assert_array_equal(compute("atr", BARS, {"window": 1}), [NAN, 3.0, 4.0, 8.0])
    # seed (3 + 4) / 2, then + (8 − 3.5) / 2
    np.testing.assert_array_equal(compute("atr", BARS, {"window": 2}), [NAN, NAN, 3.5, 5.75])
    np.testing.assert_allclose(compute("atr_percent", BARS, {"window": 2}), [NAN, NAN, 35.0, 575 / 18])


def test_the_larger_movement_counts_and_the_other_is_nothing() -> None:
    # window 1: up 2 against down −1, up −1 against down 2, up 5 against down −8
    np.testing.assert_array_equal(compute("adx", BARS, {"window": 1}), [NAN, 100.0, 100.0, 100.0])
    # window 2: up (2 + 0) / 2 = 1, then 3; down (0 + 2) / 2 = 1, then 0.5: index 0, then 100 · 2.5 / 3.5; their mean
    np.testing.assert_allclose(compute("adx", BARS, {"window": 2}), [NAN, NAN, NAN, 50.0 * 2.5 / 3.5])


def test_a_trend_is_strong_whichever_way_it_goes() -> None:
    rising = np.arange(100.0, 160.0)
    for line in (rising, rising[::-1].copy()):
        found = compute("adx", {"high": line + 1.0, "low": line - 1.0}, {"window": 5})
        np.testing.assert_array_equal(found, [NAN] * 9 + [100.0] * 51)


@pytest.mark.parametrize(("name", "wanted"), [("adx", 0.0), ("atr", 0.0), ("atr_percent", 0.0)])
def test_without_movement_there_is_none(name: str, wanted: float) -> None:
    still = dict.fromkeys(("high", "low", "close"), np.full(20, 0.1))
    found = compute(name, still, {"window": 3})
    assert set(found[np.isfinite(found)].tolist()) == {wanted}


def test_the_directional_index_is_wilders_with_the_true_range_cancelled() -> None:
    rng = np.random.default_rng(9)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, 80)))
    high, low = close * (1.0 + rng.uniform(0, 0.02, 80)), close * (1.0 - rng.uniform(0, 0.02, 80))
    rise, fall = np.diff(high, prepend=NAN), -np.diff(low, prepend=NAN)
    known = rise * 0.0
    ranges = compute("atr", {"high": high, "low": low, "close": close}, {"window": 7})
    up = compute("wilder_ma", np.where((rise > fall) & (rise > 0), rise, known), {"window": 7}) / ranges
    down = compute("wilder_ma", np.where((fall > rise) & (fall > 0), fall, known), {"window": 7}) / ranges
    wanted = compute("wilder_ma", 100.0 * abs(up - down) / (up + down), {"window": 7})
    np.testing.assert_allclose(compute("adx", {"high": high, "low": low}, {"window": 7}), wanted, rtol=1e-12)
