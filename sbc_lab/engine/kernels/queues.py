"""The highest of the last values in a queue, so that the extreme of a window costs the same whatever the window.

A queue holds the values that may yet become the highest, falling from first to last, in a ring of as many places as
the window has bars. Each value enters and leaves once. No indicator lives here; the lowest is the highest of the
negated values, which are exact.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._jit import kernel

Values = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@kernel
def push_high(values: Values, places: Places, first: int, count: int, value: float, place: int) -> tuple[int, int]:
    """Put a value at the end of a queue, and drop what is lower, as low, or too old.

    Parameters
    ----------
    values, places : ndarray (window)
        The ring; its length is the number of bars among which the highest is asked for.
    first, count : int
        Where the queue begins in the ring, and how many it holds; 0 and 0 for an empty one.
    value : float
        The new value; must be finite.
    place : int
        Its bar.

    Returns
    -------
    tuple of int
        `first` and `count` of the new queue. The highest value stands first; of equal ones the most recent.
    """
    size = values.size
    if count > 0 and places[first] <= place - size:
        first = first + 1 if first + 1 < size else 0
        count -= 1
    while count > 0:
        end = first + count - 1
        end = end if end < size else end - size
        if values[end] > value:
            break
        count -= 1
    end = first + count
    end = end if end < size else end - size
    values[end] = value
    places[end] = place
    return first, count + 1


@kernel
def newest_high(values: Values, first: int) -> float:
    """Read the highest value of a queue that is not empty."""
    highest: float = values[first]
    return highest
