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
        What happens where the case depends on what is unknown: that counts as false, the case of the last decided date
        stays, or nothing is held. Before the first decided date there is nothing to stay with, and unknown counts as
        false.

    Returns
    -------
    ndarray (date) of int
        Number of the case, `NO_CASE` where nothing is held.
    """
    out = np.full(len(truths[0]), NO_CASE, dtype=np.int64)
    decided: int | None = None
    for bar, states in enumerate(zip(*(truth.tolist() for truth in truths), strict=True)):
        case = _case(node, tuple(state == YES for state in states))
        if len(possible_cases(node, states)) == 1:
            decided = case
        elif on_missing == "cash":
            case = NO_CASE
        elif on_missing == "hold" and decided is not None:
            case = decided
        out[bar] = case
    return out


def possible_cases(node: If | Switch, states: Sequence[int]) -> set[int]:
    """Every case that the conditions of one date could lead to, whatever the unknown ones are."""
    surely = tuple(state == YES for state in states)
    unknown = [place for place, state in enumerate(states) if state == UNKNOWN]
    if isinstance(node, Switch) and node.rule == "first":
        # Only the first that holds counts, so one unknown condition after the other is the only one to hold as well.
        completions = [tuple(holds or i == place for i, holds in enumerate(surely)) for place in (-1, *unknown)]
    else:
        # Every other rule counts, so it is enough that none, one, two … of the unknown conditions hold.
        completions = [
            tuple(holds or i in unknown[:more] for i, holds in enumerate(surely)) for more in range(len(unknown) + 1)
        ]
    return {_case(node, holds) for holds in completions}


def _case(node: If | Switch, holds: tuple[bool, ...]) -> int:
    return (0 if holds[0] else 1) if isinstance(node, If) else case_of(node, holds)


def latched(enter: Truth, leave: Truth, on_missing: OnMissing) -> Cases:
    """Follow a latch through all dates.

    Parameters
    ----------
    enter, leave : ndarray (date) of YES, NO, UNKNOWN
    on_missing : "otherwise", "hold" or "cash"
        What is unknown never moves a latch. Under "cash" nothing is held while the condition that could move it is
        unknown; the latch remembers its state meanwhile.

    Returns
    -------
    ndarray (date) of int
        `ON`, `OFF` or `NO_CASE`. It is off until both conditions have been known on the same date, and moves at most
        once a date.
    """
    out = np.full(len(enter), OFF, dtype=np.int64)
    awake, state = False, OFF
    for bar, (enters, leaves) in enumerate(zip(enter.tolist(), leave.tolist(), strict=True)):
        awake = awake or UNKNOWN not in (enters, leaves)
        could_move = enters if state == OFF else leaves
        if awake and could_move == YES:
            state = ON if state == OFF else OFF
        out[bar] = NO_CASE if could_move == UNKNOWN and on_missing == "cash" else state
    return out
