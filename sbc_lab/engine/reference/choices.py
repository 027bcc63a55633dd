"""Which branch a node takes on every date: conditions that are true, false or unknown become the number of a case.

What the cases hold is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..settings import OnMissing
from ..strategy.nodes import If, Switch
from .shape import case_of
from .truths import UNKNOWN, YES, Truth

Cases = NDArray[np.int64]

NO_CASE = -1
"""Nothing is held on this date."""

ON, OFF = 0, 1


def chosen_case(node: If | Switch, truths: Sequence[Truth], on_missing: OnMissing) -> Cases:
    """Choose the case of an If or a Switch on every date.

    Parameters
    ----------
    node : If or Switch
    truths : sequence of ndarray (date) of YES, NO, UNKNOWN
        One per condition.
    on_missing : "otherwise", "hold" or "cash"
        What happens where a condition is unknown: it counts as false, the case of the last decided date stays, or
        nothing is held. Before the first decided date there is nothing to stay with, and unknown counts as false.

    Returns
    -------
    ndarray (date) of int
        Number of the case, `NO_CASE` where nothing is held.
    """
    out = np.full(len(truths[0]), NO_CASE, dtype=np.int64)
    decided: int | None = None
    for bar, states in enumerate(zip(*(truth.tolist() for truth in truths), strict=True)):
        holds = tuple(state == YES for state in states)
        case = (0 if holds[0] else 1) if isinstance(node, If) else case_of(node, holds)
        if UNKNOWN not in states:
            decided = case
        elif on_missing == "cash":
            case = NO_CASE
        elif on_missing == "hold" and decided is not None:
            case = decided
        out[bar] = case
    return out


def latched(enter: Truth, leave: Truth) -> Cases:
    """Follow a latch through all dates.

    Parameters
    ----------
    enter, leave : ndarray (date) of YES, NO, UNKNOWN

    Returns
    -------
    ndarray (date) of int
        `ON` or `OFF`. It is off until both conditions have been known on the same date, and moves at most once a date.
    """
    out = np.full(len(enter), OFF, dtype=np.int64)
    awake, state = False, OFF
    for bar, (enters, leaves) in enumerate(zip(enter.tolist(), leave.tolist(), strict=True)):
        awake = awake or UNKNOWN not in (enters, leaves)
        if awake and state == OFF and enters == YES:
            state = ON
        elif awake and state == ON and leaves == YES:
            state = OFF
        out[bar] = state
    return out
