"""Laws of Ehlers' filters."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from sbc_lab.engine.indicators import compute

Series = npt.NDArray[np.float64]
NAN = float("nan")
SMOOTHERS = ("super_smoother", "ultimate_smoother")


def coefficients(window: int) -> tuple[float, float]:
    angle = 1.414 * math.pi / window
    return 2.0 * math.exp(-angle) * math.cos(angle), -math.exp(-2.0 * angle)


def test_the_coefficients_are_those_that_were_published_for_twenty_days() -> None:
    two, three = coefficients(20)
    assert two == pytest.approx(1.5623084432, abs=1e-10)
    assert three == pytest.approx(-0.6413235435, abs=1e-10)
    # A step of 1 after the bars that hold the price passes the share 1 − c₁ at once.
    x = np.append(np.full(20, 1.0), 2.0)
    assert compute("ultimate_smoother", x, {"window": 20})[-1] == pytest.approx(2.0 - 0.8009079967, abs=1e-10)
    assert compute("super_smoother", x, {"window": 20})[-1] == pytest.approx(2.0 - two - three, abs=1e-10)


def test_the_filters_hold_the_price_until_the_window_has_passed() -> None:
    x = np.array([3.0, 5.0, 4.0, 7.0, 6.0])
    two, three = coefficients(3)
    one = 1.0 - two - three
    third = one * 7.0 + two * 4.0 + three * 5.0
    fourth = one * 6.0 + two * third + three * 4.0
    np.testing.assert_allclose(compute("super_smoother", x, {"window": 3}), [NAN, NAN, NAN, third, fourth], rtol=1e-14)
    gain = (1.0 + two - three) / 4.0
    third = (1 - gain) * 7.0 + (2 * gain - two) * 4.0 - (gain + three) * 5.0 + two * 4.0 + three * 5.0
    fourth = (1 - gain) * 6.0 + (2 * gain - two) * 7.0 - (gain + three) * 4.0 + two * third + three * 4.0
    np.testing.assert_allclose(
        compute("ultimate_smoother", x, {"window": 3}), [NAN, NAN, NAN, third, fourth], rtol=1e-14
    )


@pytest.mark.parametrize("name", SMOOTHERS)
@pytest.mark.parametrize("window", [1, 2, 20, 5000])
def test_a_constant_passes_unchanged_to_the_last_bit(name: str, window: int) -> None:
    found = compute(name, np.full(6000, 0.1), {"window": window})
    assert set(found[max(2, window) :].tolist()) == {0.1}


def test_the_ultimate_smoother_has_no_lag_on_a_straight_line() -> None:
    x = np.arange(1.0, 401.0)
    np.testing.assert_allclose(compute("ultimate_smoother", x, {"window": 10})[300:], x[300:], rtol=1e-12)
    assert (compute("super_smoother", x, {"window": 10})[300:] < x[300:] - 1.0).all()


def test_the_strength_of_a_laguerre_filter_begins_at_the_first_price() -> None:
    for line, strong in ((np.arange(100.0, 140.0), 100.0), (np.arange(140.0, 100.0, -1.0), 0.0)):
        found = compute("laguerre_rsi", line, {})
        assert np.isnan(found[:10]).all()
        assert (abs(found[10:] - strong) < 20.0).all()  # begun at 0, a falling series would look strong for long
        np.testing.assert_array_equal(found[20:], strong)
    assert np.isnan(compute("laguerre_rsi", np.full(40, 0.1), {})).all()


def test_without_damping_the_strength_is_that_of_the_last_three_changes() -> None:
    # gamma 0: the stages are the last four prices. Changes −1, +4, +2 of the newest: up 6 of 7.
    x = np.array([5.0] * 9 + [3.0, 2.0, 6.0, 8.0])
    assert compute("laguerre_rsi", x, {"gamma": 0.0})[-1] == pytest.approx(100.0 * 6.0 / 7.0)
    assert np.isnan(compute("laguerre_rsi", np.append(x, [8.0] * 3), {"gamma": 0.0})[-1])


def test_what_rounding_leaves_of_an_old_move_is_no_strength() -> None:
    x = np.append(np.linspace(50.0, 150.0, 20), np.full(600, 100.1))
    assert np.isnan(compute("laguerre_rsi", x, {})[-1])
