"""What is known of a settled node, and the bar from which something has a value, with the words to say what it is.

Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from .truths import Floats


@dataclass(frozen=True)
class Wait:
    """A bar that a run has to wait for."""

    bar: int
    """Its number on the axis; the number of dates or more when it never comes."""
    says: Callable[[], str]
    """What is waited for, as a part of a sentence; only asked for when something is wrong."""
    first: str = "value"
    """What comes on that bar for the first time: a "value" or a "bar"."""


NOTHING = Wait(0, lambda: "nothing")


@dataclass(frozen=True)
class Outcome:
    """What is known of a settled node besides its allocation."""

    wait: Wait
    """The item in its subtree that is known last."""
    held: frozenset[str]
    """Tickers that some date can hold."""
    tickers: frozenset[str]
    """Tickers that are held or looked at."""
    ticker: str | None
    """The one ticker that the node always is, if it is."""


def first_value(row: Floats) -> int:
    """First bar with a value, (date) → int; the number of dates when there is none."""
    known = ~np.isnan(row)
    return int(known.argmax()) if known.any() else len(row)


def last_of(waits: Iterable[Wait]) -> Wait:
    """Whatever comes last; of several on the same bar the first one given."""
    return max(waits, key=lambda wait: wait.bar)
