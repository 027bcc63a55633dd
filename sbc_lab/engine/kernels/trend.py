"""The straight line through the last prices: where it ends, how steep it is, how much of the price it explains.

All kernels write every element of `out`; `x` and `out` must not share memory. With the weights k = 1 … n from oldest to
newest, everything follows from Σy and Σky, held as compensated sums: what a slope is made of nearly cancels.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import Series
from .sums import climb, product, slide

_COLLAPSE = 1e-14
"""As in `spread`: below this share of the largest sum of squares its rounding could show."""
VALUE, SLOPE = 0, 1


@kernel
def _lean(high: float, low: float, sum_high: float, sum_low: float, window: int) -> float:
    # 2·Σky − (n + 1)·Σy, which is the slope times n·(n² − 1) / 6.
    part, lost = product(window + 1.0, sum_high)
    return (2.0 * high - part) + (2.0 * low - lost - (window + 1.0) * sum_low)


@kernel
def _line(x: Series, window: int, what: int, out: Series) -> None:
    per_lean = 6.0 / (window * (window - 1.0) * (window + 1.0))
    high, low, sum_high, sum_low = 0.0, 0.0, 0.0, 0.0
    have, same, last = 0, 0, np.nan
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            high, low, sum_high, sum_low = 0.0, 0.0, 0.0, 0.0
            have, same, last = 0, 0, np.nan
            continue
        have += 1
        same = same + 1 if value == last else 1
        last = value
        high, low = climb(high, low, sum_high, sum_low, value, have, window)
        sum_high, sum_low = slide(sum_high, sum_low, value, x[i - window] if have > window else 0.0)
        if have < window:
            continue
        slope = 0.0 if same >= window else per_lean * _lean(high, low, sum_high, sum_low, window)
        mean = value if same >= window else (sum_high + sum_low) / window
        result = mean + 0.5 * (window - 1.0) * slope if what == VALUE else 100.0 * (slope / mean)
        if np.isfinite(result):
            out[i] = result


@kernel
def linear_regression_value(x: Series, window: int, out: Series) -> None:
    """Where the least-squares line through the last `window` prices ends.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 2.
    out : ndarray (date), USD
        Receives the value of the line today; NaN where the window is not full or holds a missing value.
    """
    _line(x, window, VALUE, out)


@kernel
def linear_regression_slope(x: Series, window: int, out: Series) -> None:
    """Slope of the least-squares line through the last `window` prices, in percent of their mean.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 2.
    out : ndarray (date), percent a day
        Receives the slopes, exactly 0 on equal prices; NaN where the window is not full or holds a missing value, and
        where the mean is 0.
    """
    _line(x, window, SLOPE, out)


@kernel
def _sums_around(x: Series, first: int, window: int, shift: float) -> tuple[float, float, float, float, float, float]:
    high, low, sum_high, sum_low, square_high, square_low = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(window):
        y = x[first + k] - shift
        high, low = climb(high, low, sum_high, sum_low, y, k + 1, window)
        sum_high, sum_low = slide(sum_high, sum_low, y, 0.0)
        square_high, square_low = slide(square_high, square_low, y * y, 0.0)
    return high, low, sum_high, sum_low, square_high, square_low


@kernel
def trend_clarity(x: Series, window: int, out: Series) -> None:
    """How much of the last `window` prices a straight line explains.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 3: two points always lie on a line.
    out : ndarray (date), 0-100
        Receives R² of the least-squares line of price on time, times 100; NaN where the window is not full or holds a
        missing value, and on equal prices, of which there is nothing to explain.

    Notes
    -----
    The sums are of price − shift, as in `spread`, and made anew when the window has moved away from the shift.
    """
    limit, per_value = 1.0 / (window + 64.0), 1.0 / window
    scale = 300.0 / (window * (window - 1.0) * (window + 1.0))
    high, low, sum_high, sum_low, square_high, square_low = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    shift, widest, last = 0.0, 0.0, np.nan
    have, same = 0, 0
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            have, same, last = 0, 0, np.nan
            continue
        if have == 0:
            high, low, sum_high, sum_low, square_high, square_low = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            shift, widest = value, 0.0
        have += 1
        same = same + 1 if value == last else 1
        last = value
        new = value - shift
        old = x[i - window] - shift if have > window else 0.0
        high, low = climb(high, low, sum_high, sum_low, new, have, window)
        sum_high, sum_low = slide(sum_high, sum_low, new, old)
        square_high, square_low = slide(square_high, square_low, new * new, old * old)
        if have < window or same >= window:
            continue
        total, squares = sum_high + sum_low, square_high + square_low
        level = total * total * per_value
        moment = squares - level
        widest = max(widest, squares)
        if moment <= limit * level + _COLLAPSE * widest:
            shift = value
            high, low, sum_high, sum_low, square_high, square_low = _sums_around(x, i - window + 1, window, shift)
            total, widest = sum_high + sum_low, square_high + square_low
            moment = widest - total * total * per_value
        lean = _lean(high, low, sum_high, sum_low, window)
        out[i] = min(scale * lean * lean / moment, 100.0)
