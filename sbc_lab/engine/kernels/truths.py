"""Conditions as rows: one byte per date, 0 false, 1 true, 2 unknown. Nothing here knows which condition it is.

Every kernel walks `date` once and writes its last argument. The logic is Kleene's: what is unknown decides nothing
that the known parts do not decide already.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ._jit import kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Row = NDArray[np.float64]
    Truth = NDArray[np.uint8]

GREATER, GREATER_EQUAL, LESS, LESS_EQUAL = 0, 1, 2, 3


@kernel
def compare(op: int, left: Row, right: Row, out: Truth) -> None:
    """Compare two rows date by date; a NaN on either side is unknown."""
    for t in range(out.size):
        a = left[t]
        b = right[t]
        if a != a or b != b:
            out[t] = 2
        elif op == 0:
            out[t] = a > b
        elif op == 1:
            out[t] = a >= b
        elif op == 2:
            out[t] = a < b
        else:
            out[t] = a <= b


@kernel
def compare_level(op: int, left: Row, level: float, out: Truth) -> None:
    """Compare a row with one number date by date; NaN is unknown."""
    for t in range(out.size):
        a = left[t]
        if a != a:
            out[t] = 2
        elif op == 0:
            out[t] = a > level
        elif op == 1:
            out[t] = a >= level
        elif op == 2:
            out[t] = a < level
        else:
            out[t] = a <= level


@kernel
def cross(above: int, left: Row, right: Row, out: Truth) -> None:
    """Be strictly on one side on the date before and on or past the other on this one."""
    out[0] = 2
    for t in range(1, out.size):
        a = left[t]
        b = right[t]
        before_a = left[t - 1]
        before_b = right[t - 1]
        if a != a or b != b or before_a != before_a or before_b != before_b:
            out[t] = 2
        elif above == 1:
            out[t] = before_a < before_b and a >= b
        else:
            out[t] = before_a > before_b and a <= b


@kernel
def hold_for(truth: Truth, days: int, out: Truth) -> None:
    """Hold on each of the last `days` dates: false beats unknown, unknown beats true."""
    last_false = -1
    last_unknown = -1
    for t in range(out.size):
        if truth[t] == 0:
            last_false = t
        elif truth[t] == 2:
            last_unknown = t
        begin = t - days + 1
        if last_false >= begin and last_false >= 0:
            out[t] = 0
        elif begin < 0 or (last_unknown >= begin and last_unknown >= 0):
            out[t] = 2
        else:
            out[t] = 1


@kernel
def both(left: Truth, right: Truth, out: Truth) -> None:
    """Kleene's and; `out` may be `left`."""
    for t in range(out.size):
        a = left[t]
        b = right[t]
        out[t] = 0 if a == 0 or b == 0 else (2 if a == 2 or b == 2 else 1)


@kernel
def either(left: Truth, right: Truth, out: Truth) -> None:
    """Kleene's or; `out` may be `left`."""
    for t in range(out.size):
        a = left[t]
        b = right[t]
        out[t] = 1 if a == 1 or b == 1 else (2 if a == 2 or b == 2 else 0)


@kernel
def negate(truth: Truth, out: Truth) -> None:
    """Kleene's not."""
    for t in range(out.size):
        a = truth[t]
        out[t] = 2 if a == 2 else 1 - a


@kernel
def tally(truth: Truth, true: NDArray[np.int32], unknown: NDArray[np.int32]) -> None:
    """Add one condition to the counts of those that hold and those that are unknown."""
    for t in range(truth.size):
        true[t] += truth[t] == 1
        unknown[t] += truth[t] == 2


@kernel
def reach(true: NDArray[np.int32], unknown: NDArray[np.int32], count: int, out: Truth) -> None:
    """At least `count` hold: decided as soon as the unknown ones cannot change it."""
    for t in range(out.size):
        if true[t] >= count:
            out[t] = 1
        elif true[t] + unknown[t] < count:
            out[t] = 0
        else:
            out[t] = 2


@kernel
def first_known(truth: Truth) -> int:
    """Find the first date that is decided; the number of dates when none is."""
    for t in range(truth.size):
        if truth[t] != 2:
            return t
    return int(truth.size)


@kernel
def first_value(row: Row) -> int:
    """Find the first date with a value; the number of dates when there is none."""
    for t in range(row.size):
        if not math.isnan(row[t]):
            return t
    return int(row.size)
