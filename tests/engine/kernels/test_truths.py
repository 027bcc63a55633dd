"""Laws of three-valued truth: Kleene's tables are complete, and the unknown never decides."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sbc_lab.engine.kernels import truths

NAN = float("nan")
F, T, U = 0, 1, 2

PAIRS = [(F, F), (F, T), (F, U), (T, F), (T, T), (T, U), (U, F), (U, T), (U, U)]
LEFT = np.array([a for a, _ in PAIRS], dtype=np.uint8)
RIGHT = np.array([b for _, b in PAIRS], dtype=np.uint8)

truth_rows = st.lists(st.sampled_from((F, T, U)), min_size=1, max_size=30)
numbers = st.sampled_from((-1.0, 0.0, 1.0, 2.0, NAN))


def truth(*values: int) -> NDArray[np.uint8]:
    return np.array(values, dtype=np.uint8)


def blank(size: int) -> NDArray[np.uint8]:
    """A row that shows every date that was not written."""
    return np.full(size, 77, dtype=np.uint8)


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (truths.GREATER, [F, F, T, U, U, U]),
        (truths.GREATER_EQUAL, [F, T, T, U, U, U]),
        (truths.LESS, [T, F, F, U, U, U]),
        (truths.LESS_EQUAL, [T, T, F, U, U, U]),
    ],
)
def test_a_comparison_is_exact_and_unknown_without_both_sides(op: int, expected: list[int]) -> None:
    left, right = np.array([1.0, 2.0, 3.0, NAN, 1.0, NAN]), np.array([2.0, 2.0, 2.0, 1.0, NAN, NAN])
    out = blank(6)
    truths.compare(op, left, right, out)
    assert out.tolist() == expected


@given(st.lists(numbers, min_size=1, max_size=20), st.sampled_from((-1.0, 0.0, 1.0)), st.integers(0, 3))
def test_comparing_with_a_number_is_comparing_with_a_row_of_it(row: list[float], level: float, op: int) -> None:
    left = np.array(row)
    with_row, with_level = blank(len(row)), blank(len(row))
    truths.compare(op, left, np.full(len(row), level), with_row)
    truths.compare_level(op, left, level, with_level)
    assert with_level.tolist() == with_row.tolist()


def test_the_least_difference_of_two_floats_is_a_difference() -> None:
    out = blank(1)
    truths.compare(truths.GREATER_EQUAL, np.array([1.0]), np.array([np.nextafter(1.0, 2.0)]), out)
    assert out.tolist() == [F]


def test_a_crossing_is_strictly_beyond_the_day_before_and_at_or_past_today() -> None:
    left = np.array([1.0, 2.0, 3.0, 2.0, 1.0, 3.0])
    right = np.full(6, 2.0)
    above, below = blank(6), blank(6)
    truths.cross(1, left, right, above)
    truths.cross(0, left, right, below)
    # touching the line from below crosses it; leaving the line on which one stood does not
    assert above.tolist() == [U, T, F, F, F, T]
    assert below.tolist() == [U, F, F, T, F, F]


def test_a_crossing_needs_both_sides_on_both_days() -> None:
    left = np.array([1.0, NAN, 1.0, 3.0, 3.0, 1.0])
    right = np.array([2.0, 2.0, 2.0, 2.0, NAN, 2.0])
    for above in (0, 1):
        out = blank(6)
        truths.cross(above, left, right, out)
        assert out.tolist() == [U, U, U, above, U, U]


@pytest.mark.parametrize(
    ("days", "row", "expected"),
    [
        (1, [T, F, U, T], [T, F, U, T]),
        (2, [T, T, F, T, T, U, T, T], [U, T, F, F, T, U, U, T]),
        (3, [U, F, U, U, T, T, T], [U, F, F, F, U, U, T]),
        (3, [T, T, T, T], [U, U, T, T]),
        (3, [F, T], [F, F]),
    ],
)
def test_holding_for_days_false_beats_unknown_and_unknown_beats_true(
    days: int, row: list[int], expected: list[int]
) -> None:
    out = blank(len(row))
    truths.hold_for(truth(*row), days, out)
    assert out.tolist() == expected


@given(truth_rows, st.integers(1, 8))
def test_holding_for_days_is_kleenes_and_over_the_window(row: list[int], days: int) -> None:
    out = blank(len(row))
    truths.hold_for(truth(*row), days, out)
    for bar, found in enumerate(out.tolist()):
        # before the first date nothing is known
        window = [row[day] if day >= 0 else U for day in range(bar - days + 1, bar + 1)]
        assert found == (F if F in window else U if U in window else T)


def test_and_is_kleenes_table() -> None:
    out = blank(9)
    truths.both(LEFT, RIGHT, out)
    assert out.tolist() == [F, F, F, F, T, U, F, U, U]


def test_or_is_kleenes_table() -> None:
    out = blank(9)
    truths.either(LEFT, RIGHT, out)
    assert out.tolist() == [F, T, U, T, T, T, U, T, U]


def test_not_is_kleenes_table() -> None:
    out = blank(3)
    truths.negate(truth(F, T, U), out)
    assert out.tolist() == [T, F, U]


def test_and_and_or_may_write_over_their_left_side() -> None:
    for combine in (truths.both, truths.either):
        apart, over = blank(9), LEFT.copy()
        combine(LEFT, RIGHT, apart)
        combine(over, RIGHT, over)
        assert over.tolist() == apart.tolist()


@pytest.mark.parametrize("size", [1, 2, 3])
def test_reaching_a_count_is_known_as_soon_as_the_unknown_cannot_change_it(size: int) -> None:
    every = list(product((F, T, U), repeat=size))
    true, unknown = np.zeros(len(every), dtype=np.int32), np.zeros(len(every), dtype=np.int32)
    for member in range(size):
        truths.tally(truth(*(case[member] for case in every)), true, unknown)
    for count in range(size + 2):
        out = blank(len(every))
        truths.reach(true, unknown, count, out)
        for case, found in zip(every, out.tolist(), strict=True):
            ends = {sum(end) >= count for end in product(*((F, T) if item == U else (item,) for item in case))}
            assert found == (U if len(ends) == 2 else int(ends.pop())), (case, count)


def test_a_tally_adds_to_what_was_counted() -> None:
    true, unknown = np.array([5, 5, 5], dtype=np.int32), np.array([7, 7, 7], dtype=np.int32)
    truths.tally(truth(F, T, U), true, unknown)
    assert true.tolist() == [5, 6, 5]
    assert unknown.tolist() == [7, 7, 8]


@pytest.mark.parametrize(("row", "expected"), [([U, U, F, U], 2), ([T, U], 0), ([F], 0), ([U, U], 2)])
def test_the_first_known_date_is_the_first_that_is_true_or_false(row: list[int], expected: int) -> None:
    assert truths.first_known(truth(*row)) == expected


@pytest.mark.parametrize(("row", "expected"), [([NAN, NAN, 0.0, NAN], 2), ([1.0], 0), ([NAN, NAN], 2)])
def test_the_first_value_is_the_first_that_is_not_nan(row: list[float], expected: int) -> None:
    assert truths.first_value(np.array(row)) == expected
