"""The rarer moving averages of price; the plain and the exponential one are in `moving.py`, smoothers in `filters.py`.

A recursion starts again after a missing value, as if the series began there. All kernels write every element of
`out`; `x` and `out` must not share memory.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .moving import PRICE, Series, ema_step, mean_of
from .sums import climb, slide

FASTEST, SLOWEST = 2.0 / 3.0, 2.0 / 31.0
"""Shares of Kaufman's average on a straight and on an aimless path, before they are squared: EMA of 2 and of 30."""


@kernel
def wma(x: Series, window: int, out: Series) -> None:
    """Mean of the last `window` prices, the newest weighted `window`, the one before once less, and so on.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 1; a window of 1 copies the series.
    out : ndarray (date), USD
        Receives the means; NaN where the window is not full or holds a missing value.
    """
    per_weight = 1.0 / (0.5 * window * (window + 1.0))
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
        if have >= window:
            out[i] = value if same >= window else (high + low) * per_weight


@kernel
def hma(x: Series, window: int, out: Series) -> None:
    """Hull moving average of price.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 2.
    out : ndarray (date), USD
        Receives the averages; NaN until `window` + ⌊√window⌋ − 1 prices have come without a missing one.

    Notes
    -----
    Hull (2005): the weighted average over ⌊√window⌋ days of twice the weighted average over ⌊window/2⌋ days less
    that over `window` days. The line inside is written to `out` and averaged there from its end to its beginning,
    each date from its own window alone; so the time per bar grows with √window, and no memory is taken.
    """
    half, root = window // 2, int(np.sqrt(float(window)))
    while root * root > window:
        root -= 1
    _hull_line(x, half, window, out)
    per_weight = 1.0 / (0.5 * root * (root + 1.0))
    for i in range(out.size - 1, -1, -1):
        if i < root - 1 or not np.isfinite(out[i]):
            out[i] = np.nan
            continue
        newest, total = out[i], 0.0
        for k in range(root - 1, 0, -1):
            total += (root - k) * (out[i - k] - newest)
        out[i] = newest + total * per_weight


@kernel
def _hull_line(x: Series, half: int, window: int, out: Series) -> None:
    # Twice the weighted average over `half` days less the one over `window` days; both sums move on together.
    per_short, per_long = 2.0 / (0.5 * half * (half + 1.0)), 1.0 / (0.5 * window * (window + 1.0))
    short_high, short_low, short_sum, short_rest = 0.0, 0.0, 0.0, 0.0
    long_high, long_low, long_sum, long_rest = 0.0, 0.0, 0.0, 0.0
    have, same, last = 0, 0, np.nan
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            short_high, short_low, short_sum, short_rest = 0.0, 0.0, 0.0, 0.0
            long_high, long_low, long_sum, long_rest = 0.0, 0.0, 0.0, 0.0
            have, same, last = 0, 0, np.nan
            continue
        have += 1
        same = same + 1 if value == last else 1
        last = value
        short_high, short_low = climb(short_high, short_low, short_sum, short_rest, value, have, half)
        short_sum, short_rest = slide(short_sum, short_rest, value, x[i - half] if have > half else 0.0)
        long_high, long_low = climb(long_high, long_low, long_sum, long_rest, value, have, window)
        long_sum, long_rest = slide(long_sum, long_rest, value, x[i - window] if have > window else 0.0)
        if have >= window:
            line = (short_high + short_low) * per_short - (long_high + long_low) * per_long
            out[i] = value if same >= window else line


@kernel
def wilder_step(
    level: float, high: float, low: float, value: float, have: int, same: int, window: int
) -> tuple[float, float, float]:
    """Advance Wilder's average by one value.

    Parameters
    ----------
    level, high, low, value, have, same, window
        As for `ema_step`; the share of a new value is 1 / window.

    Returns
    -------
    tuple of float
        `level`, `high`, `low`; the level is NaN until `window` values have come, then their mean, then the recursion.
    """
    if have > window:
        # A product, because everything waits for this line: a division would take three times as long.
        return (value if window == 1 else level + (1.0 / window) * (value - level)), high, low
    high, low = slide(high, low, value, 0.0)
    if have < window:
        return np.nan, high, low
    return (value if same >= window else (high + low) / window), high, low


@kernel
def wilder_ma(x: Series, window: int, out: Series) -> None:
    """Wilder's average of price, seeded with the mean of the first `window` prices.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the average starts again.
    window : int, trading days
        At least 1; the share of a new price is 1 / window.
    out : ndarray (date), USD
        Receives the averages; NaN until `window` prices have come.

    Notes
    -----
    Wilder (1978), New Concepts in Technical Trading Systems: A = A′ + (x − A′) / window, ′ being the bar before.
    """
    level, high, low, last = np.nan, 0.0, 0.0, np.nan
    have, same = 0, 0
    for i in range(x.size):
        value = x[i]
        if not np.isfinite(value):
            level, high, low, last = np.nan, 0.0, 0.0, np.nan
            have, same = 0, 0
            out[i] = np.nan
            continue
        have += 1
        same = same + 1 if value == last else 1
        last = value
        level, high, low = wilder_step(level, high, low, value, have, same, window)
        out[i] = level


@kernel
def _stacked(x: Series, window: int, triple: bool, out: Series) -> None:
    # Each average reads the one before from its first value on, and is seeded with the mean of its first values.
    one, one_high, one_low, two, two_high, two_low = np.nan, 0.0, 0.0, np.nan, 0.0, 0.0
    three, three_high, three_low = np.nan, 0.0, 0.0
    have, same, last, same_one, before_one, same_two, before_two = 0, 0, np.nan, 0, np.nan, 0, np.nan
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            one_high, one_low, two_high, two_low, three_high, three_low = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            have, same, last, same_one, before_one, same_two, before_two = 0, 0, np.nan, 0, np.nan, 0, np.nan
            continue
        have += 1
        same = same + 1 if value == last else 1
        last = value
        one, one_high, one_low = ema_step(one, one_high, one_low, value, have, same, window)
        ones = have - window + 1
        if ones < 1:
            continue
        same_one = same_one + 1 if one == before_one else 1
        before_one = one
        two, two_high, two_low = ema_step(two, two_high, two_low, one, ones, same_one, window)
        twos = ones - window + 1
        if twos < 1:
            continue
        if not triple:
            out[i] = one + (one - two)
            continue
        same_two = same_two + 1 if two == before_two else 1
        before_two = two
        three, three_high, three_low = ema_step(three, three_high, three_low, two, twos, same_two, window)
        if twos >= window:
            out[i] = 3.0 * (one - two) + three


@kernel
def dema(x: Series, window: int, out: Series) -> None:
    """Double exponential average of price: twice the average less the average of the average.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    window : int, trading days
        Of both averages, each seeded with the mean of its own first values.
    out : ndarray (date), USD
        Receives the averages; NaN until 2 · `window` − 1 prices have come.

    Notes
    -----
    Mulloy (1994).
    """
    _stacked(x, window, False, out)


@kernel
def tema(x: Series, window: int, out: Series) -> None:
    """Triple exponential average of price: 3·E₁ − 3·E₂ + E₃, each the average of the one before.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the averages start again.
    window : int, trading days
        Of all three averages, each seeded with the mean of its own first values.
    out : ndarray (date), USD
        Receives the averages; NaN until 3 · `window` − 2 prices have come.

    Notes
    -----
    Mulloy (1994).
    """
    _stacked(x, window, True, out)


@kernel
def kama(x: Series, window: int, out: Series) -> None:
    """Kaufman's adaptive average of price, which follows the faster the straighter the price moves.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the average starts again.
    window : int, trading days
        Over which way and path are compared. On equal prices the path is 0 and counts as aimless.
    out : ndarray (date), USD
        Receives the averages; NaN until `window` + 1 prices have come, of which the last is the seed.

    Notes
    -----
    Kaufman (1995), with the shares of averages over 2 and 30 days. Others seed with the price one bar earlier.
    """
    level, high, low = np.nan, 0.0, 0.0
    have = 0
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            have, high, low = 0, 0.0, 0.0
            continue
        have += 1
        if have == 1:
            continue
        leaving = abs(x[i - window] - x[i - window - 1]) if have > window + 1 else 0.0
        high, low = slide(high, low, abs(value - x[i - 1]), leaving)
        if have == window + 1:
            level = value
        elif have > window + 1:
            path = high + low
            straight = abs(value - x[i - window]) / path if path > 0.0 else 0.0
            share = straight * (FASTEST - SLOWEST) + SLOWEST
            level += share * share * (value - level)
        if have > window:
            out[i] = level


@kernel
def price_vs_sma(x: Series, window: int, out: Series) -> None:
    """How far the price is above the mean of the last `window` prices.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 1; a window of 1 gives 0.
    out : ndarray (date), percent
        Receives the distance; NaN where the window is not full or holds a missing value, and where the mean is 0.
    """
    mean_of(x, window, PRICE, 1.0, out)
    for i in range(x.size):
        above = 100.0 * ((x[i] - out[i]) / out[i])
        out[i] = above if np.isfinite(above) else np.nan
