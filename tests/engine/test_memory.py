"""Memory of earlier runs is taken over only when nobody can see it any more."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from sbc_lab.engine import _memory
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.strategy import Strategy, cumulative_return, each, equal, inverse_vol, top
from sbc_lab.testing import synthetic_candles

LARGE = (_memory.LEAST_BYTES // 8,)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    _memory.release()
    yield
    _memory.release()


def test_memory_that_is_given_up_is_taken_over() -> None:
    first = _memory.empty(LARGE, np.float64)
    place = first.ctypes.data
    del first
    assert _memory.empty((2, LARGE[0] // 2), np.float64).ctypes.data == place


def test_the_block_that_fits_best_is_taken_over() -> None:
    sizes = [size * _memory.LEAST_BYTES for size in (4, 3, 5)]
    arrays = [_memory.empty((size,), np.uint8) for size in sizes]
    places = {size: array.ctypes.data for size, array in zip(sizes, arrays, strict=True)}
    arrays.clear()
    again = [_memory.empty((size,), np.uint8) for size in sorted(sizes)]
    assert [array.ctypes.data for array in again] == [places[size] for size in sorted(sizes)]


def test_memory_in_use_is_never_taken_over() -> None:
    arrays = [_memory.empty(LARGE, np.float64) for _ in range(3 * _memory.MOST_BLOCKS)]
    for number, array in enumerate(arrays):
        array.fill(number)
    assert all((array == number).all() for number, array in enumerate(arrays))


def test_a_view_keeps_its_memory() -> None:
    row = _memory.empty((2, *LARGE), np.float64)[1, 3:5]
    row.fill(7.0)
    _memory.empty((2, *LARGE), np.float64).fill(1.0)
    assert (row == 7.0).all()


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint8])
def test_an_array_is_what_numpy_would_make(dtype: type[np.generic]) -> None:
    made = _memory.empty((3, _memory.LEAST_BYTES), dtype)
    assert made.shape == (3, _memory.LEAST_BYTES)
    assert made.dtype == dtype
    assert made.flags.c_contiguous
    assert made.flags.writeable
    assert made.flags.aligned


def test_what_is_kept_has_a_limit() -> None:
    for megabytes in range(1, 40):
        _memory.empty((megabytes << 20,), np.uint8)
    assert len(_memory._BLOCKS) <= _memory.MOST_BLOCKS
    assert sum(block.nbytes for block in _memory._BLOCKS) <= _memory.MOST_BYTES


def test_what_is_larger_than_the_limit_is_not_kept() -> None:
    _memory.empty((_memory.MOST_BYTES + 1,), np.uint8)
    assert _memory._BLOCKS == []


def test_small_and_empty_arrays_are_left_to_numpy() -> None:
    assert _memory.empty((0, 5), np.float64).shape == (0, 5)
    assert _memory.empty((4,), np.float64).size == 4
    assert _memory._BLOCKS == []


def test_what_was_written_in_memory_before_changes_no_result() -> None:
    candles = synthetic_candles(days=3_000)
    weights = inverse_vol("SPY", "TLT", window=20)
    best = top(weights, "GLD", equal("SPY", "GLD"), n=2, by=cumulative_return(each, 60))
    expected = backtest(Strategy("clean", best), candles)
    arrays = [_memory.empty((size,), np.uint8) for size in (1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20) for _ in "12"]
    for array in arrays:
        array.fill(0xFF)  # NaN, and no rank, choice or truth that exists
    del array, arrays
    found = backtest(Strategy("clean", best), candles)
    assert found.equity.values.tobytes() == expected.equity.values.tobytes()
    assert found.target.values.tobytes() == expected.target.values.tobytes()


def test_memory_is_fresh_where_references_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _memory.REUSES  # on the interpreters that are supported
    monkeypatch.setattr(_memory, "REUSES", False)
    assert _memory.empty(LARGE, np.float64).shape == LARGE
    assert _memory._BLOCKS == []


@pytest.mark.parametrize("counted", [2, 4, 1 << 30])
def test_other_counts_than_expected_are_noticed(monkeypatch: pytest.MonkeyPatch, counted: int) -> None:
    # as an interpreter would that borrows references, or keeps them for ever
    monkeypatch.setattr(sys, "getrefcount", lambda _: counted)
    assert not _memory._counts()
