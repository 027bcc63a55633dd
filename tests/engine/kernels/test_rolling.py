"""Laws of rolling measures: whole windows only, exact where nothing moves, and blind to what came before."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine._emit_terms import MEASURES
from sbc_lab.engine.kernels import rolling
from sbc_lab.engine.reference import calculations

NAN = math.nan
Row = list[float]


def measured(name: str, row: Row, window: int) -> Row:
    out = np.full(len(row), 7e77)
    rolling.measure(MEASURES[name], np.array(row, dtype=np.float64), window, out)
    return list(out)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean", [NAN, 2.0, 4.0, NAN, NAN, 0.0]),
        ("ema", [NAN, 2.0, 2.0 + 2.0 / 3.0 * 3.0, NAN, NAN, 0.0]),
        ("stdev", [NAN, math.sqrt(2.0), math.sqrt(2.0), NAN, NAN, math.sqrt(2.0)]),
        ("stdev_population", [NAN, 1.0, 1.0, NAN, NAN, 1.0]),
        ("max", [NAN, 3.0, 5.0, NAN, NAN, 1.0]),
        ("min", [NAN, 1.0, 3.0, NAN, NAN, -1.0]),
        ("change", [NAN, NAN, 400.0, NAN, NAN, NAN]),
    ],
)
def test_two_dates_are_measured_by_hand(name: str, expected: Row) -> None:
    np.testing.assert_allclose(measured(name, [1.0, 3.0, 5.0, NAN, -1.0, 1.0], 2), expected, rtol=1e-15, atol=0)


def test_a_change_after_zero_has_no_value() -> None:
    np.testing.assert_array_equal(measured("change", [0.0, 5.0, -5.0, -10.0], 1), [NAN, NAN, -200.0, 100.0])


@pytest.mark.parametrize("name", MEASURES)
def test_infinity_is_no_value_before_and_after(name: str) -> None:
    found = measured(name, [1.0, math.inf, 2.0, 3.0, 4.0, -math.inf, 1e308, -1e308, 1e308, 5.0], 2)
    assert not np.isinf(found).any()
    assert np.isnan(found[:3]).all()


@pytest.mark.parametrize("name", ["mean", "stdev"])
def test_what_was_huge_leaves_no_trace(name: str) -> None:
    np.testing.assert_array_equal(measured(name, [1e300, 0.1, 0.2, 0.4], 2)[2:], measured(name, [0.1, 0.2, 0.4], 2)[1:])


@given(st.floats(-1e9, 1e9), st.integers(2, 9))
def test_what_stands_still_has_exactly_its_mean_and_no_deviation(level: float, window: int) -> None:
    row = [level] * 12
    assert set(measured("mean", row, window)[window - 1 :]) == {level}
    assert set(measured("stdev", row, window)[window - 1 :]) == {0.0}


rows = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(NAN)), max_size=40)


@given(st.sampled_from(sorted(MEASURES)), rows, st.integers(2, 9))
def test_the_loop_equals_the_plain_reference(name: str, row: Row, window: int) -> None:
    wanted = calculations.rolling(name, np.array(row, dtype=np.float64), window)
    scale = 1e-12 * np.nanmax(np.abs(row), initial=0.0) if name != "change" else 0.0
    np.testing.assert_allclose(measured(name, row, window), wanted, rtol=1e-12, atol=scale)


@given(st.sampled_from(sorted(MEASURES)), rows, st.integers(2, 9), st.data())
def test_later_values_never_change_a_measure(name: str, row: Row, window: int, data: st.DataObject) -> None:
    stop = data.draw(st.integers(0, len(row)))
    np.testing.assert_array_equal(measured(name, row[:stop], window), measured(name, row, window)[:stop])
