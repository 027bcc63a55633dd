"""The queue that knows the highest of the last values."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.kernels.queues import newest_high, push_high


@given(st.lists(st.integers(-3, 3), max_size=60), st.integers(1, 9))
def test_the_highest_of_the_last_values_stands_first_the_most_recent_of_equal_ones(
    line: list[int], window: int
) -> None:
    values, places = np.empty(window), np.empty(window, dtype=np.int64)
    first, count = 0, 0
    for bar, value in enumerate(line):
        first, count = push_high(values, places, first, count, float(value), bar)
        recent = line[max(0, bar - window + 1) : bar + 1]
        highest = max(recent)
        assert newest_high(values, first) == highest
        assert places[first] == bar - recent[::-1].index(highest)
        assert 1 <= count <= window
