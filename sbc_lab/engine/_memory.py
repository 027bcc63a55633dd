"""Memory for the rows of a run, taken over from runs that are gone; what is written there is not known here.

Fresh memory is handed out by the operating system page by page when it is first written, which costs more than the
arithmetic of a small strategy. A block that nobody refers to any more is already there. Whether anybody does is known
from CPython's reference counts; where the interpreter does not count the way this file expects, which is tried when it
is imported, nothing is taken over and all memory is fresh.
"""

from __future__ import annotations

import math
import sys
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_BYTES = 1 << 16
"""Below this the allocator of the C library has memory at hand."""
MOST_BYTES = 1 << 26
"""What is kept for later runs, altogether."""
MOST_BLOCKS = 16

_BLOCKS: list[NDArray[np.uint8]] = []  # the one used last stands last
_LOCK = Lock()
_NOBODY = 3  # the list, the variable that looks at the block, and the call that counts; every view counts as well


def _counts() -> bool:
    """Try whether a block that lies in a list counts as free, and is in use as soon as a view of it lives."""
    if sys.implementation.name != "cpython" or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return False  # other interpreters have no counts, and without the lock they are split between threads
    blocks = [np.empty(8, dtype=np.uint8)]
    block = blocks[0]
    free = sys.getrefcount(block) == _NOBODY
    view = block[:4].view(np.float32).reshape(1, 1)
    return free and sys.getrefcount(block) > _NOBODY and view.size == 1


REUSES = _counts()
"""Whether memory is taken over at all."""


def empty(shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[Any]:
    """Make an array whose values are not set yet, like `numpy.empty`.

    Parameters
    ----------
    shape : tuple of int
    dtype : type
        Such as ``np.float64``.

    Returns
    -------
    ndarray of that shape
        C-contiguous; nobody else refers to its memory, and nobody else gets it while this array or a view of it lives.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if not REUSES or not LEAST_BYTES <= size <= MOST_BYTES:
        return np.empty(shape, dtype)
    with _LOCK:
        block = _take_free(size)
        if block is None:
            block = np.empty(size, dtype=np.uint8)
        _BLOCKS.append(block)
        while len(_BLOCKS) > MOST_BLOCKS or sum(kept.nbytes for kept in _BLOCKS) > MOST_BYTES:
            del _BLOCKS[0]
        return block[:size].view(dtype).reshape(shape)


def _take_free(size: int) -> NDArray[np.uint8] | None:
    """Take the smallest block that is free and large enough, but not far too large, out of those kept."""
    # The smallest, because a row of shares that took the block of the indicators would leave them without one.
    best, found = 2 * size + 1, -1
    for place in range(len(_BLOCKS)):
        block = _BLOCKS[place]
        if size <= block.nbytes < best and sys.getrefcount(block) == _NOBODY:
            best, found = block.nbytes, place
    return _BLOCKS.pop(found) if found >= 0 else None


def release() -> None:
    """Give back what is kept for later runs; arrays that are in use stay as they are."""
    with _LOCK:
        _BLOCKS.clear()
