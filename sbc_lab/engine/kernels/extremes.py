"""Falls: the largest inside a window, the one from the highest price so far, and how they weigh together.

All kernels write every element of `out`; `x` and `out` must not share memory. `max_drawdown` takes scratch memory: two
numbers per day of the window.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import Series


@kernel
def _scan_back(x: Series, first: int, window: int, peaks: Series, falls: Series) -> None:
    # For every k: highest price and largest fall of the part of the block that begins at k.
    peak, trough, fall = -np.inf, np.inf, 0.0
    for k in range(window - 1, -1, -1):
        value = x[first + k]
        trough = min(trough, value)
        peak = max(peak, value)
        candidate = (value - trough) / value
        if candidate > fall:
            fall = candidate
        peaks[k] = peak
        falls[k] = fall


@kernel
def max_drawdown(x: Series, window: int, out: Series) -> None:
    """Largest fall from a price to a later one among the last `window` prices.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing. There is no fall from a price of 0.
    window : int, trading days
        Number of prices, at least 1; among one price there is no fall.
    out : ndarray (date), percent points, at least 0
        Receives the falls; NaN where the window is not full or holds a missing value.

    Notes
    -----
    The bars since the last missing value are cut into blocks of `window`. A window is the end of one block and the
    start of the next, so its largest fall is the larger of the two parts' own and of the fall from the peak of the
    first to the trough of the second. No block is read before it is complete: later prices never change a value.
    """
    peaks, falls = np.empty(window), np.empty(window)
    peak, trough, fall = -np.inf, np.inf, 0.0
    have, inside = 0, 0
    for i in range(x.size):
        value = x[i]
        if not np.isfinite(value):
            have, inside = 0, 0
            peak, trough, fall = -np.inf, np.inf, 0.0
            out[i] = np.nan
            continue
        have += 1
        inside += 1
        peak = max(peak, value)
        trough = min(trough, value)
        candidate = (peak - value) / peak
        if candidate > fall:
            fall = candidate
        if inside == window:
            out[i] = 100.0 * fall
            _scan_back(x, i - window + 1, window, peaks, falls)
            inside = 0
            peak, trough, fall = -np.inf, np.inf, 0.0
        elif have > window:
            across = (peaks[inside] - trough) / peaks[inside]
            largest = max(fall, falls[inside])
            if across > largest:
                largest = across
            out[i] = 100.0 * largest
        else:
            out[i] = np.nan


@kernel
def drawdown(x: Series, out: Series) -> None:
    """Fall from the highest price since the series began.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing. There is no fall from a price of 0.
    out : ndarray (date), percent points, at least 0
        Receives the falls; NaN where a price is missing. What was reached before a missing price still counts: a
        maximum is no recursion that a gap could spoil.
    """
    peak = 0.0
    for i in range(x.size):
        value = x[i]
        if not np.isfinite(value):
            out[i] = np.nan
            continue
        peak = max(peak, value)
        out[i] = 100.0 * ((peak - value) / peak) if peak > 0.0 else 0.0


@kernel
def ulcer_index(x: Series, window: int, out: Series) -> None:
    """Root mean square of the falls from the highest price so far in the window.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing. There is no fall from a price of 0.
    window : int, trading days
        Number of prices, at least 1; one price has not fallen.
    out : ndarray (date), percent points, at least 0
        Receives the index; NaN where the window is not full or holds a missing value.

    Notes
    -----
    Martin (1989), with the maximum of each window begun anew. The falls of all days change when the peak leaves the
    window, so each window is walked through: the time per bar grows with it.
    """
    have = 0
    for i in range(x.size):
        have = have + 1 if np.isfinite(x[i]) else 0
        out[i] = np.nan
        if have < window:
            continue
        peak, squares = 0.0, 0.0
        for k in range(i - window + 1, i + 1):
            value = x[k]
            peak = max(peak, value)
            if value < peak:
                fall = (peak - value) / peak
                squares += fall * fall
        out[i] = 100.0 * np.sqrt(squares / window)
