"""Laws of the fall from a high."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.metric_track import NOISE, drawdown, sample_spread

curves = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40).map(np.array)


def test_the_fall_is_from_the_highest_value_so_far() -> None:
    np.testing.assert_allclose(drawdown(np.array([1.0, 1.2, 0.9, 1.2, 1.5, 0.0])), [0.0, 0.0, -0.25, 0.0, 0.0, -1.0])


def test_a_fall_of_rounding_size_is_a_high() -> None:
    np.testing.assert_array_equal(
        drawdown(np.array([1.0, 1.0 - NOISE / 2, 1.0 - NOISE * 2])) < 0.0, [False, False, True]
    )


def test_nothing_cannot_fall() -> None:
    np.testing.assert_array_equal(drawdown(np.zeros(3)), [0.0, 0.0, 0.0])


def test_a_spread_of_rounding_size_is_none() -> None:
    assert sample_spread(np.array([0.01, 0.01 + 1e-15])) == 0.0


@given(curves)
def test_a_fall_is_never_a_rise_and_never_more_than_everything(equity: np.ndarray) -> None:
    fall = drawdown(equity)
    assert fall.max() == 0.0
    assert fall[0] == 0.0
    assert fall.min() >= -1.0


@given(curves, st.integers(1, 40))
def test_cutting_the_tail_leaves_the_head(equity: np.ndarray, bars: int) -> None:
    np.testing.assert_array_equal(drawdown(equity[:bars]), drawdown(equity)[:bars])
