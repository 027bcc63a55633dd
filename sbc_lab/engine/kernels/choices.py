"""Which branch a node takes on every date: rows of child numbers, -1 where it holds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._jit import kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Truth = NDArray[np.uint8]
    Choice = NDArray[np.int32]

OTHERWISE, HOLD, CASH = 0, 1, 2


@kernel
def choose(truth: Truth, missing: int, out: Choice) -> None:
    """Take child 0 where the condition holds, else child 1; where it is unknown do what `missing` says."""
    last = 1
    for t in range(out.size):
        a = truth[t]
        if a == 2:
            out[t] = last if missing == 1 else (-1 if missing == 2 else 1)
        else:
            last = 1 - a
            out[t] = last


@kernel
def settle(picked: Choice, unknown: Choice, missing: int) -> None:
    """Apply `missing` in place where any condition behind a choice is unknown."""
    last = -2
    for t in range(picked.size):
        if unknown[t] == 0:
            last = picked[t]
        elif missing == 2:
            picked[t] = -1
        elif missing == 1 and last != -2:
            picked[t] = last


@kernel
def count_cases(rule: int, true: Choice, size: int, count: int, out: Choice) -> None:
    """Turn how many of `size` conditions hold into a child: 0 if the rule is met, else 1; a ladder's is the count."""
    for t in range(out.size):
        k = true[t]
        if rule == 0:
            holds = k >= 1
        elif rule == 1:
            holds = k == size
        elif rule == 2:
            holds = k == 0
        elif rule == 3:
            holds = k == count
        elif rule == 4:
            holds = k >= count
        elif rule == 5:
            holds = k <= count
        else:
            out[t] = k
            continue
        out[t] = 0 if holds else 1


@kernel
def first_case(truth: Truth, number: int, out: Choice) -> None:
    """Lower the choice to `number` where this condition holds; call from the last condition to the first."""
    for t in range(out.size):
        if truth[t] == 1:
            out[t] = number


@kernel
def latch(enter: Truth, leave: Truth, out: Choice) -> None:
    """Remember: child 0 from the date `enter` holds until the date `leave` holds, child 1 otherwise.

    It wakes on the first date on which both are known, and moves at most once a date.
    """
    awake = False
    state = 1
    for t in range(out.size):
        awake = awake or (enter[t] != 2 and leave[t] != 2)
        if awake:
            if state == 1:
                if enter[t] == 1:
                    state = 0
            elif leave[t] == 1:
                state = 1
        out[t] = state
