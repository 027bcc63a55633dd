"""The largest fall inside a window, in one pass whatever the window; averages and spreads are elsewhere.

The kernel writes every element of `out`; `x` and `out` must not share memory. It is the only one that takes scratch
memory: two numbers per day of the window.
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
