"""The plain functions and rolling measures, computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sbc_lab.engine.reference.calculations import function, rolling

NAN = math.nan


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        ("log", [[math.e, 0.0, NAN]], [1.0, NAN, NAN]),
        ("exp", [[0.0, 1e9, math.inf]], [1.0, NAN, NAN]),
        ("round", [[2.5, 3.5, -0.5]], [2.0, 4.0, 0.0]),
        ("pow", [[2.0, -8.0, 0.0], [0.5, 1 / 3, -1.0]], [math.sqrt(2.0), NAN, NAN]),
        ("mod", [[-1.0, 5.0, NAN], [3.0, 0.0, 1.0]], [2.0, NAN, NAN]),
        ("max", [[1.0, NAN, 3.0], [2.0, 2.0, NAN]], [2.0, NAN, NAN]),
    ],
)
def test_what_is_not_defined_has_no_value(name: str, rows: list[list[float]], expected: list[float]) -> None:
    np.testing.assert_array_equal(function(name, *map(np.array, rows)), expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean", [NAN, NAN, 3.0, NAN, NAN, NAN]),
        ("stdev", [NAN, NAN, 2.0, NAN, NAN, NAN]),
        ("stdev_population", [NAN, NAN, math.sqrt(8.0 / 3.0), NAN, NAN, NAN]),
        ("max", [NAN, NAN, 5.0, NAN, NAN, NAN]),
        ("min", [NAN, NAN, 1.0, NAN, NAN, NAN]),
        ("ema", [NAN, NAN, 3.0, NAN, NAN, NAN]),
    ],
)
def test_three_dates_are_measured(name: str, expected: list[float]) -> None:
    row = np.array([1.0, 3.0, 5.0, math.inf, 2.0, 0.0])
    np.testing.assert_allclose(rolling(name, row, 3), expected, rtol=1e-15)


def test_a_change_is_against_the_value_a_window_ago() -> None:
    np.testing.assert_array_equal(rolling("change", np.array([0.0, 2.0, 4.0, 1.0]), 2), [NAN, NAN, NAN, -50.0])
