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
UNKNOWN = 2


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
def settle(picked: Choice, unsure: Choice, missing: int) -> None:
    """Apply `missing` in place where the unknown conditions leave a choice open."""
    last = -2
    for t in range(picked.size):
        if unsure[t] == 0:
            last = picked[t]
        elif missing == 2:
            picked[t] = -1
        elif missing == 1 and last != -2:
            picked[t] = last


@kernel
def count_cases(rule: int, true: Choice, unknown: Choice, size: int, count: int, out: Choice) -> None:
    """Turn how many of `size` conditions hold into a child: 0 if the rule is met, else 1; a ladder's is the count.

    What is unknown counts as false in `out`. `unknown` is overwritten: what is left in it is 1 where another number
    of conditions, up to all that are unknown, would lead to another child, and 0 where the child is certain.
    """
    for t in range(out.size):
        k = true[t]
        most = k + unknown[t]
        if rule == 0:
            holds, may_change = k >= 1, k == 0
        elif rule == 1:
            holds, may_change = k == size, k < size and most == size
        elif rule == 2:
            holds, may_change = k == 0, k == 0
        elif rule == 3:
            holds, may_change = k == count, k <= count <= most
        elif rule == 4:
            holds, may_change = k >= count, k < count <= most
        elif rule == 5:
            holds, may_change = k <= count, k <= count < most
        else:
            holds, may_change = False, True
        out[t] = k if rule == 6 else (0 if holds else 1)
        unknown[t] = 1 if may_change and most > k else 0


@kernel
def first_case(truth: Truth, number: int, out: Choice, unsure: Choice) -> None:
    """Lower the choice to `number` where this condition holds; call from the last condition to the first.

    `unsure` is 1 where a condition before the one that holds is unknown: it might have been the first.
    """
    for t in range(out.size):
        if truth[t] == 1:
            out[t] = number
            unsure[t] = 0
        elif truth[t] == 2:
            unsure[t] = 1


@kernel
def latch(enter: Truth, leave: Truth, missing: int, out: Choice) -> None:
    """Remember: child 0 from the date `enter` holds until the date `leave` holds, child 1 otherwise.

    It wakes on the first date on which both are known, and moves at most once a date. What is unknown never moves it;
    while the one that it asks (`enter` while off, `leave` while on) is unknown, `missing` = 2 holds nothing, and the
    memory goes on.
    """
    awake = False
    state = 1
    for t in range(out.size):
        asked = enter[t] if state == 1 else leave[t]
        awake = awake or (enter[t] != 2 and leave[t] != 2)
        if awake and asked == 1:
            state = 1 - state
        out[t] = -1 if missing == 2 and asked == 2 else state
