"""Twins of what reads more than closes: ranges, true range, direction, volume; as in the kernels, lines before windows.

A bar that lacks one of the lines is missing.
"""

from __future__ import annotations

import numpy as np

from .averages import wilder_ma
from .windows import Series, mean, rolled


def williams_r(high: Series, low: Series, close: Series, window: int) -> Series:
    """Close less the highest high, of the range, times 100."""
    top, bottom = _range(high, low, close, window)
    return _divided(-100.0 * (top - close), top - bottom)


def stochastic_k(high: Series, low: Series, close: Series, window: int) -> Series:
    """Close less the lowest low, of the range, times 100."""
    top, bottom = _range(high, low, close, window)
    return _divided(100.0 * (close - bottom), top - bottom)


def stochastic_d(high: Series, low: Series, close: Series, window: int, smooth: int) -> Series:
    """Mean of the last `smooth` values of fast %K."""
    return rolled(stochastic_k(high, low, close, window), smooth, mean)


def cci(high: Series, low: Series, close: Series, window: int) -> Series:
    """Typical price less its mean, in 0.015 mean absolute deviations."""

    def index(rows: Series) -> Series:
        from_last = rows.astype(np.longdouble) - rows[:, -1:]
        middle = from_last.mean(axis=1)
        spread = abs(from_last - middle[:, np.newaxis]).mean(axis=1)
        still = (rows == rows[:, :1]).all(axis=1)
        found = np.divide(-middle, 0.015 * spread, out=np.full(len(rows), np.nan, dtype=np.longdouble), where=~still)
        levels: Series = found.astype(np.float64)
        return levels

    return rolled(_typical(high, low, close), window, index)


def aroon_up(high: Series, window: int) -> Series:
    """100 · (window − bars since the highest high) / window, over window + 1 bars."""
    return 100.0 * (window - _since_highest(high, window)) / window


def aroon_down(low: Series, window: int) -> Series:
    """100 · (window − bars since the lowest low) / window, over window + 1 bars."""
    return 100.0 * (window - _since_highest(-low, window)) / window


def aroon_oscillator(high: Series, low: Series, window: int) -> Series:
    """Aroon up less Aroon down, subtracted before it is divided: thirds of 100 are compared with thirds of 100."""
    high, low = _complete(high, low)
    return 100.0 * (_since_highest(-low, window) - _since_highest(high, window)) / window


def atr(high: Series, low: Series, close: Series, window: int) -> Series:
    """Wilder's average of the true range."""
    high, low, close = _complete(high, low, close)
    before = _shifted(close)
    return wilder_ma(np.maximum(high - low, np.maximum(abs(high - before), abs(low - before))), window)


def atr_percent(high: Series, low: Series, close: Series, window: int) -> Series:
    """Wilder's average of the true range in percent of the close."""
    return _divided(100.0 * atr(high, low, close, window), close)


def adx(high: Series, low: Series, window: int) -> Series:
    """Wilder's average of the directional index; the true range cancels out of it."""
    high, low = _complete(high, low)
    rise, fall = high - _shifted(high), _shifted(low) - low
    known = rise + fall
    up = wilder_ma(np.where((rise > fall) & (rise > 0.0), rise, known * 0.0), window)
    down = wilder_ma(np.where((fall > rise) & (fall > 0.0), fall, known * 0.0), window)
    both = up + down
    return wilder_ma(100.0 * np.divide(abs(up - down), both, out=both * 0.0, where=both > 0.0), window)


def money_flow_index(high: Series, low: Series, close: Series, volume: Series, window: int) -> Series:
    """Money on rising days, of that on rising and falling ones, times 100."""
    high, low, close, volume = _complete(high, low, close, volume)
    typical = _typical(high, low, close)
    flow = np.sign(typical - _shifted(typical)) * (typical * volume)

    def share(rows: Series) -> Series:
        up, down = _total(np.maximum(rows, 0.0)), _total(np.maximum(-rows, 0.0))
        found: Series = np.divide(up, up + down, out=np.full(len(rows), 0.5), where=up + down > 0.0)
        return found

    return 100.0 * rolled(flow, window, share)


def obv_rate_of_change(close: Series, volume: Series, window: int) -> Series:
    """Volume of rising less that of falling days, of all volume, times 100."""
    close, volume = _complete(close, volume)
    signed = np.sign(close - _shifted(close)) * volume
    return _divided(100.0 * rolled(signed, window, _total), rolled(volume, window, _total))


def vwap_ratio(close: Series, volume: Series, window: int) -> Series:
    """Close in percent of Σ close · volume / Σ volume."""
    close, volume = _complete(close, volume)
    money, shares = rolled(close * volume, window, _total), rolled(volume, window, _total)
    return 100.0 * close * _divided(shares, money)


def _complete(*lines: Series) -> tuple[Series, ...]:
    """The lines, NaN in each where one of them is not finite."""
    there = np.logical_and.reduce([np.isfinite(line) for line in lines])
    return tuple(np.where(there, line, np.nan) for line in lines)


def _shifted(line: Series) -> Series:
    return np.concatenate(([np.nan], line[:-1])) if line.size else line


def _typical(high: Series, low: Series, close: Series) -> Series:
    return (high + low + close) / 3.0


def _divided(above: Series, below: Series) -> Series:
    """A quotient; NaN where nothing is below."""
    there = np.isfinite(above) & np.isfinite(below) & (below != 0.0)
    quotient: Series = np.divide(above, below, out=np.full(below.size, np.nan), where=there)
    return quotient


def _range(high: Series, low: Series, close: Series, window: int) -> tuple[Series, Series]:
    high, low, close = _complete(high, low, close)
    return rolled(high, window, _highest), -rolled(-low, window, _highest)


def _highest(rows: Series) -> Series:
    found: Series = rows.max(axis=1)
    return found


def _since_highest(line: Series, window: int) -> Series:
    return rolled(line, window + 1, lambda rows: rows[:, ::-1].argmax(axis=1).astype(np.float64))


def _total(rows: Series) -> Series:
    total: Series = rows.sum(axis=1, dtype=np.longdouble).astype(np.float64)
    return total
