"""Twins of the price, its averages and its smoothers; units and first values are those of the kernels."""

from __future__ import annotations

import math

import numpy as np

from .windows import Series, changes, known, mean, rolled, runs, smoothed


def price(x: Series) -> Series:
    """The series itself, NaN where it is not finite."""
    return known(x)


open_price = high_price = low_price = volume = price


def simple_returns(x: Series) -> Series:
    """Return of every bar on the bar before, as a fraction."""
    return changes(x, 1)


def sma(x: Series, window: int) -> Series:
    """Mean of the last `window` prices."""
    return rolled(x, window, mean)


def ema(x: Series, window: int) -> Series:
    """Exponential average, share 2 / (window + 1), seeded with the mean of the first `window` values."""
    share = 2.0 / (window + 1.0)
    return smoothed(x, window, lambda level, value: level + share * (value - level))


def wilder_ma(x: Series, window: int) -> Series:
    """Exponential average, share 1 / window, seeded with the mean of the first `window` values."""
    return smoothed(x, window, lambda level, value: level + (value - level) / window)


def wma(x: Series, window: int) -> Series:
    """Mean weighted 1, 2, … window from oldest to newest."""
    weights = np.arange(1, window + 1, dtype=np.longdouble)

    def weighted(rows: Series) -> Series:
        from_first = rows.astype(np.longdouble) - rows[:, :1]
        found: Series = (rows[:, 0] + from_first @ weights / weights.sum()).astype(np.float64)
        return found

    return rolled(x, window, weighted)


def hma(x: Series, window: int) -> Series:
    """Weighted average over √window bars of twice that over half the window less that over all of it."""
    return wma(2.0 * wma(x, window // 2) - wma(x, window), math.isqrt(window))


def dema(x: Series, window: int) -> Series:
    """Twice the exponential average less the average of the average."""
    one = ema(x, window)
    return 2.0 * one - ema(one, window)


def tema(x: Series, window: int) -> Series:
    """Three times the exponential average less three times its average plus the average of that."""
    one = ema(x, window)
    two = ema(one, window)
    return 3.0 * one - 3.0 * two + ema(two, window)


def kama(x: Series, window: int) -> Series:
    """Kaufman's average, seeded with the price `window` bars behind the first."""
    out = np.full(x.size, np.nan)
    for run in runs(x):
        values = x[run]
        if values.size <= window:
            continue
        steps = abs(np.diff(values))
        level = float(values[window])
        levels = [level]
        for bar in range(window + 1, values.size):
            path = math.fsum(steps[bar - window : bar].tolist())
            straight = abs(values[bar] - values[bar - window]) / path if path > 0.0 else 0.0
            share = (straight * (2.0 / 3.0 - 2.0 / 31.0) + 2.0 / 31.0) ** 2
            level = level + share * (float(values[bar]) - level)
            levels.append(level)
        out[run.start + window : run.stop] = levels
    return out


def price_vs_sma(x: Series, window: int) -> Series:
    """Price less its mean, in percent of the mean."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(100.0 * ((x - sma(x, window)) / sma(x, window)))


def super_smoother(x: Series, window: int) -> Series:
    """Ehlers' recursion as published, in long doubles."""
    one, two = _poles(window)
    return _filtered(x, window, (1.0 - one - two, np.longdouble(0.0), np.longdouble(0.0)), (one, two))


def ultimate_smoother(x: Series, window: int) -> Series:
    """Ehlers' recursion as published, in long doubles."""
    one, two = _poles(window)
    gain = (1.0 + one - two) / 4.0
    return _filtered(x, window, (1.0 - gain, 2.0 * gain - one, -(gain + two)), (one, two))


Long = np.longdouble
"""What keeps the digits that 1 − c₂ − c₃ loses on long windows."""


def _poles(window: int) -> tuple[Long, Long]:
    angle = Long(1.414) * Long(math.pi) / window
    radius = np.exp(-angle)
    return Long(2.0 * radius * np.cos(angle)), Long(-radius * radius)


def _filtered(x: Series, window: int, ahead: tuple[Long, Long, Long], back: tuple[Long, Long]) -> Series:
    out = np.full(x.size, np.nan)
    begin = max(2, window)
    for run in runs(x):
        given = x[run].astype(np.longdouble)
        made = given.copy()
        for bar in range(begin, given.size):
            read = ahead[0] * given[bar] + ahead[1] * given[bar - 1] + ahead[2] * given[bar - 2]
            made[bar] = read + back[0] * made[bar - 1] + back[1] * made[bar - 2]
        out[run.start + begin : run.stop] = made[begin:].astype(np.float64)
    return out
