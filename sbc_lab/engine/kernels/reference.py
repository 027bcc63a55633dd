"""The plain NumPy twin of every indicator kernel: slow, short, and right by reading; nothing here is compiled.

A twin has the name of its kernel, takes the same series and parameters, and returns a new array. A value that is not
finite counts as missing: a window that holds one gives NaN, a recursion starts again behind it. Units and first
valid bars are those of the kernels, where each parameter is described.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Series = npt.NDArray[np.float64]

_ELEMENTS_AT_ONCE = 1 << 20


def price(x: Series) -> Series:
    """The series itself, NaN where it is not finite."""
    return np.where(np.isfinite(x), x, np.nan)


def simple_returns(x: Series) -> Series:
    """Return of every bar on the bar before, as a fraction."""
    return _changes(x, 1)


def cumulative_return(x: Series, window: int) -> Series:
    """Return over `window` bars in percent points."""
    whole = _rolled(x, window + 1, lambda rows: np.ones(len(rows)))
    return price(100.0 * _changes(x, window) * whole)


def sma(x: Series, window: int) -> Series:
    """Mean of the last `window` prices."""
    return _rolled(x, window, _mean)


def moving_average_return(x: Series, window: int) -> Series:
    """Mean of the last `window` simple returns in percent points."""
    return 100.0 * _rolled(simple_returns(x), window, _mean)


def stdev_price(x: Series, window: int) -> Series:
    """Sample standard deviation of the last `window` prices."""
    return _rolled(x, window, lambda rows: _deviation(rows, lost=1))


def stdev_return(x: Series, window: int) -> Series:
    """Sample standard deviation of the last `window` simple returns in percent points."""
    return 100.0 * _rolled(simple_returns(x), window, lambda rows: _deviation(rows, lost=1))


def lower_bollinger(x: Series, window: int, deviations: float) -> Series:
    """Mean less `deviations` population standard deviations."""
    return sma(x, window) - deviations * _rolled(x, window, lambda rows: _deviation(rows, lost=0))


def upper_bollinger(x: Series, window: int, deviations: float) -> Series:
    """Mean plus `deviations` population standard deviations."""
    return sma(x, window) + deviations * _rolled(x, window, lambda rows: _deviation(rows, lost=0))


def max_drawdown(x: Series, window: int) -> Series:
    """Largest fall among the last `window` prices in percent points."""

    def fall(rows: Series) -> Series:
        peaks = np.maximum.accumulate(rows, axis=1)
        falls = np.divide(peaks - rows, peaks, out=np.zeros(rows.shape), where=peaks > 0.0)
        largest: Series = falls.max(axis=1)
        return largest

    return 100.0 * _rolled(x, window, fall)


def ema(x: Series, window: int) -> Series:
    """Exponential average, share 2 / (window + 1), seeded with the mean of the first `window` values."""
    out = np.full(x.size, np.nan)
    share = 2.0 / (window + 1.0)
    for run in _runs(x):
        values = x[run]
        if values.size < window:
            continue
        level = float(_mean(values[np.newaxis, :window])[0])
        levels = [level]
        for value in values[window:].tolist():
            level = value if window == 1 else level + share * (value - level)
            levels.append(level)
        out[run.start + window - 1 : run.stop] = levels
    return out


def rsi(x: Series, window: int) -> Series:
    """Relative strength index with Wilder's averages."""
    out = np.full(x.size, np.nan)
    for run in _runs(x):
        changes = np.diff(x[run])
        if changes.size < window:
            continue
        gains, losses = np.maximum(changes, 0.0), np.maximum(-changes, 0.0)
        gain, loss = float(gains[:window].mean()), float(losses[:window].mean())
        levels = [_strength(gain, loss)]
        for new_gain, new_loss in zip(gains[window:].tolist(), losses[window:].tolist(), strict=True):
            gain = ((window - 1) * gain + new_gain) / window
            loss = ((window - 1) * loss + new_loss) / window
            levels.append(_strength(gain, loss))
        out[run.start + window : run.stop] = levels
    return out


def macd(x: Series, short: int, long: int) -> Series:
    """Short exponential average less the long one."""
    return ema(x, short) - ema(x, long)


def macd_signal(x: Series, short: int, long: int, smooth: int) -> Series:
    """Exponential average of the MACD."""
    return ema(macd(x, short, long), smooth)


def ppo(x: Series, short: int, long: int) -> Series:
    """Short exponential average less the long one, in percent of the long one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return price(100.0 * (macd(x, short, long) / ema(x, long)))


def ppo_signal(x: Series, short: int, long: int, smooth: int) -> Series:
    """Exponential average of the PPO."""
    return ema(ppo(x, short, long), smooth)


def _changes(x: Series, lag: int) -> Series:
    out = np.full(x.size, np.nan)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        out[lag:] = (x[lag:] - x[:-lag]) / x[:-lag]
    return price(out)


def _rolled(x: Series, window: int, measure: Callable[[Series], Series]) -> Series:
    # Blocks of rows, for all windows at once would be series times window in memory.
    out = np.full(x.size, np.nan)
    if x.size < window:
        return out
    windows = sliding_window_view(price(x), window)
    at_once = max(1, _ELEMENTS_AT_ONCE // window)
    for first in range(0, len(windows), at_once):
        rows = windows[first : first + at_once]
        whole = np.isfinite(rows).all(axis=1)
        bars = np.flatnonzero(whole) + first + window - 1
        out[bars] = measure(rows[whole])
    return out


def _mean(rows: Series) -> Series:
    # The mean of equal values is that value; (n * value) / n may differ in the last bit.
    sums = rows.sum(axis=1, dtype=np.longdouble).astype(np.float64)
    flat = (rows == rows[:, :1]).all(axis=1)
    return np.where(flat, rows[:, 0], sums / rows.shape[1])


def _deviation(rows: Series, *, lost: int) -> Series:
    # Measured from a member of the window, so that prices near 100 with a deviation of 0.001 keep their digits.
    spread: Series = np.std(rows - rows[:, :1], axis=1, ddof=lost, dtype=np.longdouble).astype(np.float64)
    return spread


def _strength(gain: float, loss: float) -> float:
    return 100.0 * (gain / (gain + loss)) if gain + loss > 0.0 else 50.0


def _runs(x: Series) -> Iterator[slice]:
    """Every stretch of finite values, from first bar to the bar behind the last."""
    edges = np.flatnonzero(np.diff(np.isfinite(x).astype(np.int8), prepend=0, append=0))
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield slice(first, stop)
