"""Laws of the compensated running sum."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.kernels.sums import slide

PRICES = st.floats(1e-6, 1e12)


def running(values: list[float], window: int) -> list[float]:
    high, low, sums = 0.0, 0.0, []
    for i, value in enumerate(values):
        high, low = slide(high, low, value, values[i - window] if i >= window else 0.0)
        sums.append(high + low)
    return sums


def test_a_sum_survives_a_fall_that_a_plain_running_sum_does_not() -> None:
    values = [5e11 / 3.0] * 5 + [10.1] * 5
    plain = 0.0
    for i, value in enumerate(values):
        plain += value - (values[i - 3] if i >= 3 else 0.0)
    exact = math.fsum(values[-3:])
    assert running(values, 3)[-1] == exact
    assert abs(plain - exact) > 1e-9 * exact


@given(st.lists(PRICES, min_size=1, max_size=60), st.integers(1, 20))
def test_a_sum_errs_by_a_rounding_of_itself_and_the_square_of_one_of_what_it_held(
    values: list[float], window: int
) -> None:
    for i, found in enumerate(running(values, window)):
        exact = math.fsum(values[max(0, i - window + 1) : i + 1])
        assert abs(found - exact) <= 2.0**-52 * exact + 2.0**-104 * sum(values[: i + 1])
