"""Twins of deviations, bands, falls and straight lines; units and first values are those of the kernels."""

from __future__ import annotations

import math

import numpy as np

from .averages import simple_returns, sma
from .windows import Series, deviation, known, rolled


def stdev_price(x: Series, window: int) -> Series:
    """Sample standard deviation of the last `window` prices."""
    return rolled(x, window, lambda rows: deviation(rows, lost=1))


def stdev_return(x: Series, window: int) -> Series:
    """Sample standard deviation of the last `window` simple returns in percent points."""
    return 100.0 * rolled(simple_returns(x), window, lambda rows: deviation(rows, lost=1))


def historical_volatility(x: Series, window: int) -> Series:
    """Sample standard deviation of the last `window` log returns in percent points a year."""
    # Not np.log1p, whose last bit depends on the processor; equal returns must have equal logs in both engines.
    logs = np.array([math.log1p(change) if change > -1.0 else math.nan for change in simple_returns(x).tolist()])
    return 100.0 * math.sqrt(252.0) * rolled(logs, window, lambda rows: deviation(rows, lost=1))


def lower_bollinger(x: Series, window: int, deviations: float) -> Series:
    """Mean less `deviations` population standard deviations."""
    return sma(x, window) - deviations * _population(x, window)


def upper_bollinger(x: Series, window: int, deviations: float) -> Series:
    """Mean plus `deviations` population standard deviations."""
    return sma(x, window) + deviations * _population(x, window)


def bollinger_percent_b(x: Series, window: int, deviations: float) -> Series:
    """Price less the lower band, as a share of the distance of the bands; 0.5 without any."""

    def place(rows: Series) -> Series:
        from_first = rows.astype(np.longdouble) - rows[:, :1]
        above = (from_first[:, -1] - from_first.mean(axis=1)).astype(np.float64)
        width = 2.0 * deviations * deviation(rows, lost=0)
        from_middle: Series = np.divide(above, width, out=np.zeros(len(rows)), where=width > 0.0)
        return 0.5 + from_middle

    return rolled(x, window, place)


def bollinger_bandwidth(x: Series, window: int, deviations: float) -> Series:
    """Distance of the bands in percent of the mean."""
    return 200.0 * deviations * _population(x, window) / sma(x, window)


def _population(x: Series, window: int) -> Series:
    return rolled(x, window, lambda rows: deviation(rows, lost=0))


def max_drawdown(x: Series, window: int) -> Series:
    """Largest fall among the last `window` prices in percent points."""
    return 100.0 * rolled(x, window, lambda rows: _falls(rows).max(axis=1))


def ulcer_index(x: Series, window: int) -> Series:
    """Root mean square of the falls among the last `window` prices in percent points."""
    return 100.0 * rolled(x, window, lambda rows: np.sqrt((_falls(rows) ** 2).mean(axis=1)))


def _falls(rows: Series) -> Series:
    peaks = np.maximum.accumulate(rows, axis=1)
    return np.divide(peaks - rows, peaks, out=np.zeros(rows.shape), where=peaks > 0.0)


def drawdown(x: Series) -> Series:
    """Fall from the highest price so far in percent points, gaps notwithstanding."""
    peaks = np.maximum.accumulate(np.where(np.isfinite(x), x, 0.0))
    return 100.0 * np.divide(peaks - x, peaks, out=known(x) * 0.0, where=np.isfinite(x) & (peaks > 0.0))


def linear_regression_value(x: Series, window: int) -> Series:
    """End of the least-squares line through the last `window` prices."""
    return rolled(x, window, lambda rows: (_means(rows) + _slopes(rows) * (window - 1) / 2.0).astype(np.float64))


def linear_regression_slope(x: Series, window: int) -> Series:
    """Slope of that line in percent of the mean of the prices."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(rolled(x, window, lambda rows: (100.0 * _slopes(rows) / _means(rows)).astype(np.float64)))


def trend_clarity(x: Series, window: int) -> Series:
    """R² of that line times 100; none for equal prices."""

    def explained(rows: Series) -> Series:
        spread = rows.astype(np.longdouble) - rows[:, -1:]
        spread = spread - spread.mean(axis=1, keepdims=True)
        whole = (spread**2).sum(axis=1)
        by_line = _slopes(rows) ** 2 * window * (window * window - 1) / 12.0
        flat = (rows == rows[:, :1]).all(axis=1)
        share = np.divide(by_line, whole, out=np.full(len(rows), np.nan, dtype=np.longdouble), where=~flat)
        found: Series = np.minimum(100.0 * share, 100.0).astype(np.float64)
        return found

    return rolled(x, window, explained)


LongRows = np.ndarray[tuple[int, ...], np.dtype[np.longdouble]]


def _means(rows: Series) -> LongRows:
    above_first: LongRows = (rows.astype(np.longdouble) - rows[:, :1]).mean(axis=1)
    return rows[:, 0] + above_first


def _slopes(rows: Series) -> LongRows:
    count = rows.shape[1]
    centred = np.arange(count, dtype=np.longdouble) - (count - 1) / np.longdouble(2.0)
    from_last = rows.astype(np.longdouble) - rows[:, -1:]
    slopes: LongRows = from_last @ centred / (centred @ centred)
    return slopes
