"""Where the price stands in the range of the last highs and lows, and how recent the extremes are.

All kernels read lines of one ticker's candles on the common date axis; a bar that lacks one of them is missing. They
write every element of `out`, which must not share memory with a line. All but `cci` take scratch memory: at most four
numbers per day of the window.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import Series
from .queues import newest_high, push_high
from .sums import slide


@kernel
def _place(high: Series, low: Series, close: Series, window: int, from_top: bool, out: Series) -> None:
    top, top_place = np.empty(window), np.empty(window, dtype=np.int64)
    bottom, bottom_place = np.empty(window), np.empty(window, dtype=np.int64)
    top_first, top_count, bottom_first, bottom_count, have = 0, 0, 0, 0, 0
    for i in range(close.size):
        out[i] = np.nan
        if not (np.isfinite(high[i]) and np.isfinite(low[i]) and np.isfinite(close[i])):
            top_first, top_count, bottom_first, bottom_count, have = 0, 0, 0, 0, 0
            continue
        have += 1
        top_first, top_count = push_high(top, top_place, top_first, top_count, high[i], i)
        bottom_first, bottom_count = push_high(bottom, bottom_place, bottom_first, bottom_count, -low[i], i)
        if have < window:
            continue
        highest, lowest = newest_high(top, top_first), -newest_high(bottom, bottom_first)
        if highest > lowest:
            width = highest - lowest
            out[i] = -100.0 * ((highest - close[i]) / width) if from_top else 100.0 * ((close[i] - lowest) / width)


@kernel
def williams_r(high: Series, low: Series, close: Series, window: int, out: Series) -> None:
    """Williams %R: how far the close is below the highest high, of the range.

    Parameters
    ----------
    high, low, close : ndarray (date), USD
        Prices; a bar on which one is not finite is missing.
    window : int, trading days
        Bars of the range, today's included.
    out : ndarray (date), -100 to 0
        Receives the place, 0 at the highest high; NaN where the window is not full or holds a missing bar, and where
        the range is 0: in no range there is no place.

    Notes
    -----
    Williams (1973).
    """
    _place(high, low, close, window, True, out)


@kernel
def stochastic_k(high: Series, low: Series, close: Series, window: int, out: Series) -> None:
    """Fast %K: how far the close is above the lowest low, of the range.

    Parameters
    ----------
    high, low, close : ndarray (date), USD
        Prices; a bar on which one is not finite is missing.
    window : int, trading days
        Bars of the range, today's included.
    out : ndarray (date), 0-100
        Receives the place, 100 at the highest high; NaN where the window is not full or holds a missing bar, and
        where the range is 0: in no range there is no place.

    Notes
    -----
    Lane (1984).
    """
    _place(high, low, close, window, False, out)


@kernel
def stochastic_d(high: Series, low: Series, close: Series, window: int, smooth: int, out: Series) -> None:
    """Mean of the last values of fast %K.

    Parameters
    ----------
    high, low, close : ndarray (date), USD
        Prices; a bar on which one is not finite is missing.
    window : int, trading days
        Bars of the range of %K.
    smooth : int, trading days
        Number of values that are averaged.
    out : ndarray (date), 0-100
        Receives the means; NaN where one of the `smooth` values of %K has none.

    Notes
    -----
    Lane (1984): %D is the mean of %K.
    """
    _place(high, low, close, window, False, out)
    held = np.empty(smooth)
    total, rest, last = 0.0, 0.0, np.nan
    have, same, place = 0, 0, 0
    for i in range(out.size):
        value = out[i]
        out[i] = np.nan
        if not np.isfinite(value):
            total, rest, last = 0.0, 0.0, np.nan
            have, same = 0, 0
            continue
        have += 1
        same = same + 1 if value == last else 1
        last = value
        total, rest = slide(total, rest, value, held[place] if have > smooth else 0.0)
        held[place] = value
        place = place + 1 if place + 1 < smooth else 0
        if have >= smooth:
            out[i] = value if same >= smooth else (total + rest) / smooth


@kernel
def cci(high: Series, low: Series, close: Series, window: int, out: Series) -> None:
    """Commodity channel index: the typical price from its mean, in 0.015 mean absolute deviations.

    Parameters
    ----------
    high, low, close : ndarray (date), USD
        Prices; a bar on which one is not finite is missing. Their mean is the typical price.
    window : int, trading days
        At least 2.
    out : ndarray (date), number
        Receives the index, mostly between -100 and 100; NaN where the window is not full or holds a missing bar, and
        where the typical prices are equal.

    Notes
    -----
    Lambert (1980). The mean changes the deviation of every day, so each window is walked through: the time per bar
    grows with it. The typical prices are kept in `out`, which is filled from its end to its beginning.
    """
    for i in range(close.size):
        typical = (high[i] + low[i] + close[i]) / 3.0
        out[i] = typical if np.isfinite(typical) else np.nan
    for i in range(out.size - 1, -1, -1):
        newest, total, spread = out[i], 0.0, 0.0
        out[i] = np.nan
        if i < window - 1:
            continue
        # From the newest price, so that prices near 100 that differ by 0.001 keep their digits.
        for k in range(i - window + 1, i):
            total += out[k] - newest
        mean = total / window
        spread = abs(mean)
        for k in range(i - window + 1, i):
            spread += abs(out[k] - newest - mean)
        if spread > 0.0 and np.isfinite(spread):
            out[i] = -mean / (0.015 * (spread / window))


@kernel
def _since(line: Series, sign: float, window: int, out: Series) -> None:
    # Bars since the highest of sign * line among the last `window` + 1; of equal ones the most recent counts.
    queue, places = np.empty(window + 1), np.empty(window + 1, dtype=np.int64)
    first, count, have = 0, 0, 0
    for i in range(line.size):
        out[i] = np.nan
        if not np.isfinite(line[i]):
            first, count, have = 0, 0, 0
            continue
        have += 1
        first, count = push_high(queue, places, first, count, sign * line[i], i)
        if have > window:
            out[i] = i - places[first]


@kernel
def aroon_up(high: Series, window: int, out: Series) -> None:
    """How recent the highest high is.

    Parameters
    ----------
    high : ndarray (date), USD
        Highs; a value that is not finite is missing.
    window : int, trading days
        The highest of today's and of the `window` highs before it counts; of equal ones the most recent.
    out : ndarray (date), 0-100
        Receives 100 · (window − bars since then) / window; NaN where the window is not full or holds a missing value.

    Notes
    -----
    Chande (1995).
    """
    _since(high, 1.0, window, out)
    for i in range(out.size):
        out[i] = 100.0 * (window - out[i]) / window


@kernel
def aroon_down(low: Series, window: int, out: Series) -> None:
    """How recent the lowest low is.

    Parameters
    ----------
    low : ndarray (date), USD
        Lows; a value that is not finite is missing.
    window : int, trading days
        The lowest of today's and of the `window` lows before it counts; of equal ones the most recent.
    out : ndarray (date), 0-100
        Receives 100 · (window − bars since then) / window; NaN where the window is not full or holds a missing value.

    Notes
    -----
    Chande (1995).
    """
    _since(low, -1.0, window, out)
    for i in range(out.size):
        out[i] = 100.0 * (window - out[i]) / window


@kernel
def aroon_oscillator(high: Series, low: Series, window: int, out: Series) -> None:
    """Aroon up less Aroon down.

    Parameters
    ----------
    high, low : ndarray (date), USD
        Prices; a bar on which one is not finite is missing.
    window : int, trading days
        As for `aroon_up`.
    out : ndarray (date), -100 to 100
        Receives 100 · (bars since the lowest low − bars since the highest high) / window; NaN as for `aroon_up`.

    Notes
    -----
    Chande (1995): up − down.
    """
    top, top_place = np.empty(window + 1), np.empty(window + 1, dtype=np.int64)
    bottom, bottom_place = np.empty(window + 1), np.empty(window + 1, dtype=np.int64)
    top_first, top_count, bottom_first, bottom_count, have = 0, 0, 0, 0, 0
    for i in range(high.size):
        out[i] = np.nan
        if not (np.isfinite(high[i]) and np.isfinite(low[i])):
            top_first, top_count, bottom_first, bottom_count, have = 0, 0, 0, 0, 0
            continue
        have += 1
        top_first, top_count = push_high(top, top_place, top_first, top_count, high[i], i)
        bottom_first, bottom_count = push_high(bottom, bottom_place, bottom_first, bottom_count, -low[i], i)
        if have > window:
            out[i] = 100.0 * (top_place[top_first] - bottom_place[bottom_first]) / window
