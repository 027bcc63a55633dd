"""The relatives of the relative strength index; the index itself is in `oscillators.py`, Laguerre's in `filters.py`.

All kernels write every element of `out`; `x` and `out` must not share memory.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import Series, ema_step
from .oscillators import rsi
from .queues import newest_high, push_high
from .sums import slide

NARROWEST = 1e-9
"""A range of RSI points below this is what rounding leaves of an index that stands still."""


@kernel
def rsi_sma(x: Series, window: int, out: Series) -> None:
    """Relative strength index of plain means of gains and losses, as Cutler has it.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        Number of changes, at least 1; they need one price more.
    out : ndarray (date), 0-100
        Receives the index; 50 without any gain or loss, 100 on gains alone, 0 on losses alone; NaN where a price of
        the window is missing.
    """
    gains, gains_low, losses, losses_low = 0.0, 0.0, 0.0, 0.0
    have, rises, falls = 0, 0, 0
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            gains, gains_low, losses, losses_low = 0.0, 0.0, 0.0, 0.0
            have, rises, falls = 0, 0, 0
            continue
        have += 1
        if have == 1:
            continue
        new = value - x[i - 1]
        old = x[i - window] - x[i - window - 1] if have > window + 1 else 0.0
        gains, gains_low = slide(gains, gains_low, max(new, 0.0), max(old, 0.0))
        losses, losses_low = slide(losses, losses_low, max(-new, 0.0), max(-old, 0.0))
        rises += int(new > 0.0) - int(old > 0.0)
        falls += int(new < 0.0) - int(old < 0.0)
        if have <= window:
            continue
        # Counted, because a sum from which everything was taken away again may be a rounding error instead of 0.
        gain = gains + gains_low if rises > 0 else 0.0
        loss = losses + losses_low if falls > 0 else 0.0
        out[i] = 100.0 * (gain / (gain + loss)) if rises + falls > 0 else 50.0


@kernel
def rsi_ema(x: Series, window: int, out: Series) -> None:
    """Relative strength index of exponential averages of gains and losses.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    window : int, trading days
        At least 1; the share of a new change is 2 / (window + 1). The averages are seeded with the mean of the first
        `window` gains and losses.
    out : ndarray (date), 0-100
        Receives the index; 50 without any gain or loss, 100 on gains alone, 0 on losses alone; NaN until `window`
        changes have come.
    """
    gain, gains, gains_low = np.nan, 0.0, 0.0
    loss, losses, losses_low = np.nan, 0.0, 0.0
    have = 0
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            have, gains, gains_low, losses, losses_low = 0, 0.0, 0.0, 0.0, 0.0
            continue
        have += 1
        if have == 1:
            continue
        change = value - x[i - 1]
        gain, gains, gains_low = ema_step(gain, gains, gains_low, max(change, 0.0), have - 1, 0, window)
        loss, losses, losses_low = ema_step(loss, losses, losses_low, max(-change, 0.0), have - 1, 0, window)
        if have > window:
            total = gain + loss
            out[i] = 100.0 * (gain / total) if total > 0.0 else 50.0


@kernel
def stochastic_rsi(x: Series, window: int, out: Series) -> None:
    """Where the relative strength index stands between its lowest and highest of `window` days.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    window : int, trading days
        At least 2; of the index, and of its range.
    out : ndarray (date), 0-100
        Receives the place; NaN until `window` values of the index have come, and where it stood still.

    Notes
    -----
    Chande and Kroll (1994). Takes scratch memory: four numbers per day of the window.
    """
    rsi(x, window, out)
    top, top_place = np.empty(window), np.empty(window, dtype=np.int64)
    low, low_place = np.empty(window), np.empty(window, dtype=np.int64)
    top_first, top_count, low_first, low_count, have = 0, 0, 0, 0, 0
    for i in range(out.size):
        value = out[i]
        out[i] = np.nan
        if not np.isfinite(value):
            top_first, top_count, low_first, low_count, have = 0, 0, 0, 0, 0
            continue
        have += 1
        top_first, top_count = push_high(top, top_place, top_first, top_count, value, i)
        low_first, low_count = push_high(low, low_place, low_first, low_count, -value, i)
        if have < window:
            continue
        highest, lowest = newest_high(top, top_first), -newest_high(low, low_first)
        if highest - lowest > NARROWEST:
            out[i] = 100.0 * ((value - lowest) / (highest - lowest))
