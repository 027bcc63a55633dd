"""Wilder's true range and directional movement.

All kernels read lines of one ticker's candles on the common date axis; a bar that lacks one of them is missing, and
the averages start again behind it. They write every element of `out`, which must not share memory with a line.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .averages import wilder_step
from .moving import Series


@kernel
def _true_range(high: Series, low: Series, close: Series, window: int, relative: bool, out: Series) -> None:
    level, total, rest, last = np.nan, 0.0, 0.0, np.nan
    have, same = 0, 0
    for i in range(close.size):
        out[i] = np.nan
        if not (np.isfinite(high[i]) and np.isfinite(low[i]) and np.isfinite(close[i])):
            level, total, rest, last = np.nan, 0.0, 0.0, np.nan
            have, same = 0, 0
            continue
        have += 1
        if have == 1:
            continue
        before = close[i - 1]
        value = max(high[i] - low[i], abs(high[i] - before), abs(low[i] - before))
        same = same + 1 if value == last else 1
        last = value
        level, total, rest = wilder_step(level, total, rest, value, have - 1, same, window)
        result = 100.0 * (level / close[i]) if relative else level
        if np.isfinite(result):
            out[i] = result


@kernel
def atr(high: Series, low: Series, close: Series, window: int, out: Series) -> None:
    """Wilder's average of the true range.

    Parameters
    ----------
    high, low, close : ndarray (date), USD
        Prices; after a bar on which one is not finite the average starts again.
    window : int, trading days
        The share of a new range is 1 / window; seeded with the mean of the first `window` ranges.
    out : ndarray (date), USD
        Receives the averages; NaN until `window` + 1 bars have come.

    Notes
    -----
    Wilder (1978): the true range is the largest of high − low, |high − close before| and |low − close before|. The
    first bar has no close before it, hence no range.
    """
    _true_range(high, low, close, window, False, out)


@kernel
def atr_percent(high: Series, low: Series, close: Series, window: int, out: Series) -> None:
    """Wilder's average of the true range, in percent of the close.

    Parameters
    ----------
    high, low, close, window
        As for `atr`.
    out : ndarray (date), percent
        Receives the averages; NaN until `window` + 1 bars have come, and where the close is 0.

    Notes
    -----
    The average true range of Wilder (1978) over the close, times 100.
    """
    _true_range(high, low, close, window, True, out)


@kernel
def adx(high: Series, low: Series, window: int, out: Series) -> None:
    """Average directional index: the strength of a trend, whichever way it goes.

    Parameters
    ----------
    high, low : ndarray (date), USD
        Prices; after a bar on which one is not finite the averages start again.
    window : int, trading days
        Of Wilder's averages of the movements, and of that of their difference.
    out : ndarray (date), 0-100
        Receives the index; 0 without any movement; NaN until 2 · `window` bars have come.

    Notes
    -----
    Wilder (1978). The movement up is the rise of the high where it exceeds the fall of the low, and the other way
    round. Both directional indicators are movements in percent of the same average true range, so it cancels out of
    100 · |up − down| / (up + down), and the closes with it.
    """
    up, up_total, up_rest = np.nan, 0.0, 0.0
    down, down_total, down_rest = np.nan, 0.0, 0.0
    level, total, rest = np.nan, 0.0, 0.0
    have = 0
    for i in range(high.size):
        out[i] = np.nan
        if not (np.isfinite(high[i]) and np.isfinite(low[i])):
            have = 0
            up_total, up_rest, down_total, down_rest, total, rest = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            continue
        have += 1
        if have == 1:
            continue
        rise, fall = high[i] - high[i - 1], low[i - 1] - low[i]
        moved_up = rise if rise > fall and rise > 0.0 else 0.0
        moved_down = fall if fall > rise and fall > 0.0 else 0.0
        up, up_total, up_rest = wilder_step(up, up_total, up_rest, moved_up, have - 1, 0, window)
        down, down_total, down_rest = wilder_step(down, down_total, down_rest, moved_down, have - 1, 0, window)
        if have <= window:
            continue
        both = up + down
        index = 100.0 * (abs(up - down) / both) if both > 0.0 else 0.0
        level, total, rest = wilder_step(level, total, rest, index, have - window, 0, window)
        out[i] = level
