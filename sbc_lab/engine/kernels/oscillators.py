"""RSI, MACD and PPO, the recursive indicators besides the exponential average itself, which is in `moving.py`.

A recursion starts again after a missing value, as if the series began there. All kernels write every element of
`out`; `x` and `out` must not share memory.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import Series, ema_step


@kernel
def rsi(x: Series, window: int, out: Series) -> None:
    """Relative strength index with Wilder's averages.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    window : int, trading days
        At least 1. The averages are seeded with the mean of the first `window` gains and losses.
    out : ndarray (date), 0-100
        Receives the index; 50 without any gain or loss, 100 on gains alone, 0 on losses alone; NaN until `window`
        changes have come.

    Notes
    -----
    Wilder (1978), New Concepts in Technical Trading Systems: 100 − 100 / (1 + average gain / average loss), here as
    100 · gain / (gain + loss); an average forgets 1 / window a day.
    """
    share = 1.0 / window
    keep = (window - 1.0) / window
    gains, losses, last = 0.0, 0.0, 0.0
    have = 0
    for i in range(x.size):
        value = x[i]
        if not np.isfinite(value):
            gains, losses = 0.0, 0.0
            have = 0
            out[i] = np.nan
            continue
        change = value - last
        last = value
        have += 1
        if have == 1:
            out[i] = np.nan
            continue
        gain = max(change, 0.0)
        loss = max(-change, 0.0)
        if have > window + 1:
            gains = gains * keep + gain * share
            losses = losses * keep + loss * share
        else:
            gains += gain * share
            losses += loss * share
            if have <= window:
                out[i] = np.nan
                continue
        total = gains + losses
        # Not 100 * gains / total: only a ratio of exactly 1 gives exactly 100.
        out[i] = 100.0 * (gains / total) if total > 0.0 else 50.0


@kernel
def _oscillator(x: Series, short: int, long: int, smooth: int, relative: bool, above_signal: bool, out: Series) -> None:
    # The line is the smoothed one with `smooth` 1, for an average over one value is that value, bit for bit.
    fast, fast_high, fast_low = np.nan, 0.0, 0.0
    slow, slow_high, slow_low = np.nan, 0.0, 0.0
    signal, high, low = np.nan, 0.0, 0.0
    have, same, last = 0, 0, np.nan
    lines, equal, line_before = 0, 0, np.nan
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            have, same, last = 0, 0, np.nan
            fast_high, fast_low, slow_high, slow_low = 0.0, 0.0, 0.0, 0.0
            lines, equal, line_before, high, low = 0, 0, np.nan, 0.0, 0.0
            continue
        have += 1
        same = same + 1 if value == last else 1
        last = value
        fast, fast_high, fast_low = ema_step(fast, fast_high, fast_low, value, have, same, short)
        slow, slow_high, slow_low = ema_step(slow, slow_high, slow_low, value, have, same, long)
        line = fast - slow
        if relative:
            line = 100.0 * (line / slow)
        if not np.isfinite(line):
            lines, equal, line_before, high, low = 0, 0, np.nan, 0.0, 0.0
            continue
        lines += 1
        equal = equal + 1 if line == line_before else 1
        line_before = line
        signal, high, low = ema_step(signal, high, low, line, lines, equal, smooth)
        out[i] = line - signal if above_signal else signal


@kernel
def macd(x: Series, short: int, long: int, out: Series) -> None:
    """Short exponential average of price less the long one.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    short, long : int, trading days
        Windows of the averages, each seeded with the mean of its own first prices.
    out : ndarray (date), USD
        Receives the difference; NaN until both averages have started.

    Notes
    -----
    Appel (1979), The Moving Average Convergence-Divergence Trading Method: E(short) − E(long).
    """
    _oscillator(x, short, long, 1, False, False, out)


@kernel
def macd_signal(x: Series, short: int, long: int, smooth: int, out: Series) -> None:
    """Exponential average of the MACD.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    short, long : int, trading days
        Windows of the MACD.
    smooth : int, trading days
        Window of its average, seeded with the mean of its first `smooth` values.
    out : ndarray (date), USD
        Receives the average; NaN until `smooth` values of the MACD have come.

    Notes
    -----
    Appel (1979), The Moving Average Convergence-Divergence Trading Method: the signal is E(smooth) of the line.
    """
    _oscillator(x, short, long, smooth, False, False, out)


@kernel
def ppo(x: Series, short: int, long: int, out: Series) -> None:
    """Short exponential average of price less the long one, in percent of the long one.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    short, long : int, trading days
        Windows of the averages, each seeded with the mean of its own first prices.
    out : ndarray (date), percent points
        Receives the difference; NaN until both averages have started.

    Notes
    -----
    Appel (1979), The Moving Average Convergence-Divergence Trading Method, the line over E(long), times 100.
    """
    _oscillator(x, short, long, 1, True, False, out)


@kernel
def ppo_signal(x: Series, short: int, long: int, smooth: int, out: Series) -> None:
    """Exponential average of the PPO.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    short, long : int, trading days
        Windows of the PPO.
    smooth : int, trading days
        Window of its average, seeded with the mean of its first `smooth` values.
    out : ndarray (date), percent points
        Receives the average; NaN until `smooth` values of the PPO have come.

    Notes
    -----
    Appel (1979), The Moving Average Convergence-Divergence Trading Method: the signal is E(smooth) of the line.
    """
    _oscillator(x, short, long, smooth, True, False, out)


@kernel
def macd_histogram(x: Series, short: int, long: int, smooth: int, out: Series) -> None:
    """MACD less its signal line.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    short, long : int, trading days
        Windows of the MACD.
    smooth : int, trading days
        Window of the signal line, seeded with the mean of the first `smooth` values of the MACD.
    out : ndarray (date), USD
        Receives the difference; NaN until `smooth` values of the MACD have come.

    Notes
    -----
    Aspray (1986): line − signal, of the line and signal of Appel (1979).
    """
    _oscillator(x, short, long, smooth, False, True, out)


@kernel
def ppo_histogram(x: Series, short: int, long: int, smooth: int, out: Series) -> None:
    """PPO less its signal line.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    short, long : int, trading days
        Windows of the PPO.
    smooth : int, trading days
        Window of the signal line, seeded with the mean of the first `smooth` values of the PPO.
    out : ndarray (date), percent points
        Receives the difference; NaN until `smooth` values of the PPO have come.

    Notes
    -----
    Aspray (1986): line − signal, of the line and signal of Appel (1979).
    """
    _oscillator(x, short, long, smooth, True, True, out)
