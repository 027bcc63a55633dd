"""What prices do on how much volume.

All kernels read lines of one ticker's candles on the common date axis; a bar that lacks one of them is missing. They
write every element of `out`, which must not share memory with a line. Volumes are not negative; whether a window holds
any is counted, because a sum from which everything was taken away again may be a rounding error instead of 0.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import Series
from .sums import slide


@kernel
def _flow(high: Series, low: Series, close: Series, volume: Series, i: int) -> float:
    # Money traded on bar `i`: above 0 when the typical price rose, below 0 when it fell.
    typical: float = (high[i] + low[i] + close[i]) / 3.0
    before: float = (high[i - 1] + low[i - 1] + close[i - 1]) / 3.0
    if typical == before:
        return 0.0
    money: float = typical * volume[i]
    return money if typical > before else -money


@kernel
def money_flow_index(high: Series, low: Series, close: Series, volume: Series, window: int, out: Series) -> None:
    """Share of the traded money on days of a higher typical price.

    Parameters
    ----------
    high, low, close : ndarray (date), USD
        Prices; their mean is the typical price.
    volume : ndarray (date), shares
        At least 0. A bar on which one of the four is not finite is missing.
    window : int, trading days
        Number of changes of the typical price; they need one bar more.
    out : ndarray (date), 0-100
        Receives the share; 50 where no money went either way, as for a strength index of a flat series; 100 where it
        only went up; NaN where the window is not full or holds a missing bar.

    Notes
    -----
    Quong and Soudack (1989): 100 − 100 / (1 + money up / money down).
    """
    gains, gains_low, losses, losses_low = 0.0, 0.0, 0.0, 0.0
    have, rises, falls = 0, 0, 0
    for i in range(close.size):
        out[i] = np.nan
        if not (np.isfinite(high[i]) and np.isfinite(low[i]) and np.isfinite(close[i]) and np.isfinite(volume[i])):
            gains, gains_low, losses, losses_low = 0.0, 0.0, 0.0, 0.0
            have, rises, falls = 0, 0, 0
            continue
        have += 1
        if have == 1:
            continue
        new = _flow(high, low, close, volume, i)
        old = _flow(high, low, close, volume, i - window) if have > window + 1 else 0.0
        gains, gains_low = slide(gains, gains_low, max(new, 0.0), max(old, 0.0))
        losses, losses_low = slide(losses, losses_low, max(-new, 0.0), max(-old, 0.0))
        rises += int(new > 0.0) - int(old > 0.0)
        falls += int(new < 0.0) - int(old < 0.0)
        if have <= window:
            continue
        gain = gains + gains_low if rises > 0 else 0.0
        loss = losses + losses_low if falls > 0 else 0.0
        out[i] = 100.0 * (gain / (gain + loss)) if rises + falls > 0 else 50.0


@kernel
def obv_rate_of_change(close: Series, volume: Series, window: int, out: Series) -> None:
    """Change of the on-balance volume over the window, in percent of the volume of the window.

    Parameters
    ----------
    close : ndarray (date), USD
        Prices.
    volume : ndarray (date), shares
        At least 0. A bar on which one of the two is not finite is missing.
    window : int, trading days
        Number of days; they need one close more.
    out : ndarray (date), percent, -100 to 100
        Receives the volume of rising days less that of falling ones, of all; NaN where the window is not full or
        holds a missing bar, and where nothing was traded in it.

    Notes
    -----
    Granville's on-balance volume (1963) begins at 0 wherever its history begins, so a change in percent of it would
    depend on that day, and be anything near 0. In percent of the window's volume it depends on the window alone.
    """
    change, change_low, total, total_low = 0.0, 0.0, 0.0, 0.0
    have, traded = 0, 0
    for i in range(close.size):
        out[i] = np.nan
        if not (np.isfinite(close[i]) and np.isfinite(volume[i])):
            change, change_low, total, total_low = 0.0, 0.0, 0.0, 0.0
            have, traded = 0, 0
            continue
        have += 1
        if have == 1:
            continue
        new, old, leaving = np.sign(close[i] - close[i - 1]) * volume[i], 0.0, 0.0
        if have > window + 1:
            k = i - window
            leaving = volume[k]
            old = np.sign(close[k] - close[k - 1]) * leaving
        change, change_low = slide(change, change_low, new, old)
        total, total_low = slide(total, total_low, volume[i], leaving)
        traded += int(volume[i] > 0.0) - int(leaving > 0.0)
        if have > window and traded > 0:
            out[i] = 100.0 * ((change + change_low) / (total + total_low))


@kernel
def vwap_ratio(close: Series, volume: Series, window: int, out: Series) -> None:
    """Close in percent of the volume-weighted mean of the last `window` closes.

    Parameters
    ----------
    close : ndarray (date), USD
        Prices.
    volume : ndarray (date), shares
        At least 0. A bar on which one of the two is not finite is missing.
    window : int, trading days
        Number of closes.
    out : ndarray (date), percent
        Receives the ratio, 100 at the mean; NaN where the window is not full or holds a missing bar, and where
        nothing was traded in it.
    """
    money, money_low, total, total_low = 0.0, 0.0, 0.0, 0.0
    have, traded = 0, 0
    for i in range(close.size):
        out[i] = np.nan
        if not (np.isfinite(close[i]) and np.isfinite(volume[i])):
            money, money_low, total, total_low = 0.0, 0.0, 0.0, 0.0
            have, traded = 0, 0
            continue
        have += 1
        leaving, gone = 0.0, 0.0
        if have > window:
            leaving = volume[i - window]
            gone = close[i - window] * leaving
        money, money_low = slide(money, money_low, close[i] * volume[i], gone)
        total, total_low = slide(total, total_low, volume[i], leaving)
        traded += int(volume[i] > 0.0) - int(leaving > 0.0)
        if have >= window and traded > 0:
            ratio = 100.0 * (close[i] * ((total + total_low) / (money + money_low)))
            if np.isfinite(ratio):
                out[i] = ratio
