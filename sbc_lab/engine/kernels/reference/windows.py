"""What the twins are made of: stretches without a gap, windows, exact means and deviations. No indicator lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Series = npt.NDArray[np.float64]

_ELEMENTS_AT_ONCE = 1 << 20


def known(x: Series) -> Series:
    """The series itself, NaN where it is not finite."""
    return np.where(np.isfinite(x), x, np.nan)


def changes(x: Series, lag: int) -> Series:
    """Return of every bar on the bar `lag` before, as a fraction."""
    out = np.full(x.size, np.nan)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        out[lag:] = (x[lag:] - x[: max(0, x.size - lag)]) / x[: max(0, x.size - lag)]
    return known(out)


def rolled(x: Series, window: int, measure: Callable[[Series], Series]) -> Series:
    """Measure every full window, (window number, bar in it) → (window number); NaN where a value is missing."""
    # Blocks of rows, for all windows at once would be series times window in memory.
    out = np.full(x.size, np.nan)
    if x.size < window:
        return out
    windows = sliding_window_view(known(x), window)
    at_once = max(1, _ELEMENTS_AT_ONCE // window)
    for first in range(0, len(windows), at_once):
        rows = windows[first : first + at_once]
        whole = np.isfinite(rows).all(axis=1)
        bars = np.flatnonzero(whole) + first + window - 1
        out[bars] = measure(rows[whole])
    return out


def mean(rows: Series) -> Series:
    """Mean of each row, (row, bar) → (row)."""
    # The mean of equal values is that value; (n * value) / n may differ in the last bit.
    sums = rows.sum(axis=1, dtype=np.longdouble).astype(np.float64)
    flat = (rows == rows[:, :1]).all(axis=1)
    return np.where(flat, rows[:, 0], sums / rows.shape[1])


def deviation(rows: Series, *, lost: int) -> Series:
    """Standard deviation of each row, divided by n − `lost`, (row, bar) → (row)."""
    # Measured from a member of the window, so that prices near 100 with a deviation of 0.001 keep their digits.
    spread: Series = np.std(rows - rows[:, :1], axis=1, ddof=lost, dtype=np.longdouble).astype(np.float64)
    return spread


def whole(x: Series, bars: int) -> Series:
    """1 where the last `bars` values are all there, NaN elsewhere."""
    return rolled(x, bars, lambda rows: np.ones(len(rows)))


def runs(x: Series) -> Iterator[slice]:
    """Every stretch of finite values, from first bar to the bar behind the last."""
    edges = np.flatnonzero(np.diff(np.isfinite(x).astype(np.int8), prepend=0, append=0))
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield slice(first, stop)


def smoothed(x: Series, window: int, step: Callable[[float, float], float]) -> Series:
    """A recursion (level, value) → level, seeded with the mean of the first `window` values of every stretch."""
    out = np.full(x.size, np.nan)
    for run in runs(x):
        values = x[run]
        if values.size < window:
            continue
        level = float(mean(values[np.newaxis, :window])[0])
        levels = [level]
        for value in values[window:].tolist():
            level = value if window == 1 else step(level, value)
            levels.append(level)
        out[run.start + window - 1 : run.stop] = levels
    return out
