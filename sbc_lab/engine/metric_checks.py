"""What may be measured: arrays of the right shape without gaps, or a sentence about what is wrong with them.

Lives here: the checks of what comes into a measurement. Does not live here: anything that is measured (metrics.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import DataError
from .metric_track import Dates, Floats


def checked_curve(name: str, values: ArrayLike, *, bars: int | None = None) -> Floats:
    """Growth or prices, (date): at least one bar, none below 0."""
    curve = checked_numbers(name, values, bars=bars)
    if not len(curve):
        raise DataError(f"{name}: nothing to measure in 0 bars; give at least one")
    if (curve < 0.0).any():
        bar = int((curve < 0.0).argmax())
        raise DataError(f"{name}: values must be at least 0, got {float(curve[bar])!r} at bar {bar}")
    return curve


def checked_changes(name: str, values: ArrayLike, *, bars: int | None = None) -> Floats:
    """Daily returns, (date), fraction: none below −1."""
    changes = checked_numbers(name, values, bars=bars)
    if (changes < -1.0).any():
        bar = int((changes < -1.0).argmax())
        raise DataError(f"{name}: nobody can lose more than everything, −1, got {float(changes[bar])!r} at bar {bar}")
    return changes


def checked_numbers(name: str, values: ArrayLike, *, dimensions: int = 1, bars: int | None = None) -> Floats:
    """Floats of the right shape without gaps, or a sentence about them."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: must be an array of numbers, got {values!r:.60}") from error
    shape = "(ticker, date)" if dimensions == 2 else "(date)"
    if numbers.ndim != dimensions:
        raise DataError(f"{name}: must be an array {shape}, got the shape {numbers.shape}")
    if bars is not None and numbers.shape[-1] != bars:
        raise DataError(f"{name}: must be an array {shape} with {bars} dates, got {numbers.shape[-1]}")
    if not np.isfinite(numbers).all():
        bar = int((~np.isfinite(numbers)).reshape(-1, numbers.shape[-1]).any(axis=0).argmax())
        raise DataError(
            f"{name}: every value must be a finite number, bar {bar} is not; leave out the dates without one"
        )
    return numbers


def checked_days(dates: ArrayLike, *, bars: int) -> Dates:
    """Dates that ascend, each once, (date)."""
    days = np.asarray(dates)
    if days.dtype.kind != "M" or days.shape != (bars,):
        raise DataError(
            f"dates: must be {bars} values of datetime64, got {days.dtype} of the shape {days.shape}; "
            "np.asarray(dates, 'datetime64[D]') makes them from dates of another kind"
        )
    if np.isnat(days).any() or not (days[1:] > days[:-1]).all():
        raise DataError("dates: must ascend, each once, none of them missing")
    return days
