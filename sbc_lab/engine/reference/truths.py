"""Three-valued truth over dates: comparisons of two rows, and what can be built from them.

A truth is a row of `YES`, `NO` and `UNKNOWN`. Which conditions a tree has and where their values come from is not
known here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truth = NDArray[np.int8]

YES, NO, UNKNOWN = np.int8(1), np.int8(0), np.int8(-1)


def compare(op: str, left: Floats, right: Floats) -> Truth:
    """Compare two rows date by date; unknown where a value that is needed is missing.

    Parameters
    ----------
    op : str
        One of > >= < <= crosses_above crosses_below.
    left, right : ndarray (date)
        NaN where there is no value.

    Returns
    -------
    ndarray (date) of YES, NO, UNKNOWN
    """
    known = ~np.isnan(left) & ~np.isnan(right)
    if op == ">":
        holds = left > right
    elif op == ">=":
        holds = left >= right
    elif op == "<":
        holds = left < right
    elif op == "<=":
        holds = left <= right
    else:
        was_known, was_beyond = np.zeros_like(known), np.zeros_like(known)
        was_known[1:] = known[:-1]
        above = op == "crosses_above"
        was_beyond[1:] = left[:-1] < right[:-1] if above else left[:-1] > right[:-1]
        holds = was_beyond & (left >= right if above else left <= right)
        known = known & was_known
    return np.where(known, np.where(holds, YES, NO), UNKNOWN)


def for_days(truth: Truth, days: int) -> Truth:
    """Hold on each of the last `days` dates; one that does not hold decides, whatever is unknown beside it."""
    out = truth.copy()
    for bar in range(len(truth)) if days > 1 else ():
        recent = truth[max(0, bar - days + 1) : bar + 1]
        if (recent == NO).any():
            out[bar] = NO
        elif len(recent) < days or (recent == UNKNOWN).any():
            out[bar] = UNKNOWN
        else:
            out[bar] = YES
    return out


def invert(truth: Truth) -> Truth:
    """Not; the unknown stays unknown."""
    return np.where(truth == UNKNOWN, UNKNOWN, np.where(truth == YES, NO, YES))


def at_least(count: int, members: Sequence[Truth]) -> Truth:
    """At least `count` of the members hold, as far as that can be said: all of n is n, any is 1."""
    surely = sum((member == YES).astype(np.int64) for member in members)
    perhaps = sum((member != NO).astype(np.int64) for member in members)
    return np.where(surely >= np.int64(count), YES, np.where(perhaps < np.int64(count), NO, UNKNOWN))
