"""The loop behind all standard deviations; what is made of it, and Bollinger's bands, is in `spread.py`.

It goes over the sums of y and y², y = value − shift, where `shift` is a value of the series. The two sums are exact to
second order, so the only loss is the subtraction Σy² − (Σy)²/n. It stays small while `shift` lies near the window; when
it does not, the sums are made anew around the newest value. Returns stay near their shift for long, so many bars of
them are done at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._jit import kernel
from .moving import LOG_RETURN, RETURN, Series, value_at
from .sums import slide, slide_along

Block = npt.NDArray[np.float64]

# Below this share of the largest sum of squares they have held, the second-order error of the sums could show.
_COLLAPSE = 1e-14

DEVIATION, BAND, PLACE, WIDTH = 0, 1, 2, 3
"""What is made of mean and deviation."""
SHIFT, WIDEST, LAST, HAVE, CHANGED = 4, 5, 6, 7, 8
"""Where the loop keeps, behind its two sums: what is taken off, the largest Σy², the newest value, how many there are
since the last missing one, and the bar since which they are equal."""
TILE = 128
"""Returns are taken so many at once, so that the processor does several in one step; prices are not, because they soon
leave every shift behind."""


@kernel
def _sums(x: Series, first: int, last: int, of: int, shift: float) -> tuple[float, float, float, float]:
    high, low, high2, low2 = 0.0, 0.0, 0.0, 0.0
    for i in range(first, last + 1):
        y = value_at(x, i, of) - shift
        high, low = slide(high, low, y, 0.0)
        high2, low2 = slide(high2, low2, y * y, 0.0)
    return high, low, high2, low2


@kernel
def _flat(form: int, value: float) -> float:
    # What is made of a deviation of exactly 0: the middle of the band is as good a place in it as any.
    if form == BAND:
        return value
    if form == PLACE:
        return 0.5
    return 0.0


@kernel
def _made(form: int, value: float, shift: float, mean: float, spread: float) -> float:
    # The mean is that of value - shift; the spread is share * sigma, as `_bars` says.
    if form == DEVIATION:
        return spread
    if form == BAND:
        return shift + mean + spread
    if form == PLACE:
        return 0.5 + 0.5 * ((value - shift) - mean) / spread
    return spread / (shift + mean)


@kernel
def _bars(
    x: Series,
    first: int,
    stop: int,
    window: int,
    of: int,
    lost: int,
    form: int,
    share: float,
    state: Series,
    out: Series,
) -> None:
    limit = _limit(window)
    per_value, per_freedom = 1.0 / window, 1.0 / (window - lost)
    high, low, high2, low2, shift, widest, last = state[:7]
    have, changed = int(state[HAVE]), int(state[CHANGED])
    for i in range(first, stop):
        value = value_at(x, i, of)
        if not np.isfinite(value):
            have, last = 0, np.nan
            out[i] = np.nan
            continue
        if have == 0:
            high, low, high2, low2 = 0.0, 0.0, 0.0, 0.0
            shift, widest = value, 0.0
        have += 1
        changed = i if value != last else changed
        last = value
        new = value - shift
        old = value_at(x, i - window, of) - shift if have > window else 0.0
        high, low = slide(high, low, new, old)
        high2, low2 = slide(high2, low2, new * new, old * old)
        if have < window:
            out[i] = np.nan
            continue
        total, squares = high + low, high2 + low2
        level = total * total * per_value
        moment = squares - level
        widest = max(widest, squares)
        if moment <= limit * level + _COLLAPSE * widest:
            if i - changed >= window - 1:
                out[i] = _flat(form, value)
                continue
            shift = value
            high, low, high2, low2 = _sums(x, i - window + 1, i, of, shift)
            total, widest = high + low, high2 + low2
            moment = widest - total * total * per_value
        out[i] = _made(form, value, shift, total * per_value, share * np.sqrt(moment * per_freedom))
    state[0], state[1], state[2], state[3], state[4], state[5], state[6] = high, low, high2, low2, shift, widest, last
    state[HAVE], state[CHANGED] = have, changed


@kernel
def _limit(window: int) -> float:
    # While `shift` is a value of the window, (Σy)²/n is below n times the squared deviations. So past this limit it
    # has left the window, and making the sums anew costs at most one window of work per window of bars.
    return 1.0 / (window + 64.0)


@kernel
def _returns(x: Series, of: int, shift: float, out: Series) -> bool:
    # Every return less the shift, and whether all are finite; a loop that may take a logarithm is not taken several
    # steps at once, so there are two.
    fine = True
    if of == RETURN:
        for k in range(out.size):
            value = value_at(x, k + 1, RETURN)
            fine &= abs(value) < np.inf
            out[k] = value - shift
    else:
        for k in range(out.size):
            value = value_at(x, k + 1, LOG_RETURN)
            fine &= abs(value) < np.inf
            out[k] = value - shift
    return fine


@kernel
def _tile(x: Series, first: int, window: int, of: int, share: float, state: Series, work: Block, out: Series) -> bool:
    # `TILE` bars at once, bit for bit as one by one; False, and nothing but `out` touched, when one of them is missing
    # or may need its sums made anew.
    entering, leaving, highs, lows = work[:2], work[2:4], work[4:6], work[6:]
    new, new2, old, old2 = work[0], work[1], work[2], work[3]
    shift, per_value, per_freedom = state[SHIFT], 1.0 / window, 1.0 / (window - 1)
    fine = _returns(x[first - 1 : first + TILE], of, shift, new)
    _returns(x[first - window - 1 : first - window + TILE], of, shift, old)
    if not fine:
        return False
    for k in range(TILE):  # a loop that writes four arrays would not be taken several steps at once
        new2[k] = new[k] * new[k]
    for k in range(TILE):
        old2[k] = old[k] * old[k]
    slide_along(state[:4], entering, leaving, highs, lows)
    high, high2, low, low2 = work[4], work[5], work[6], work[7]
    widest = state[WIDEST]
    for k in range(TILE):
        widest = max(widest, high2[k] + low2[k])
    least = _COLLAPSE * widest
    for k in range(TILE):
        total = high[k] + low[k]
        level = total * total * per_value
        moment = (high2[k] + low2[k]) - level
        fine &= moment > _limit(window) * level + least
        out[first + k] = share * np.sqrt(moment * per_freedom)
    if not fine:
        return False
    end = TILE - 1
    state[0], state[1], state[2], state[3], state[WIDEST] = high[end], low[end], high2[end], low2[end], widest
    changed = first + end
    state[LAST] = value_at(x, changed, of)
    while value_at(x, changed - 1, of) == state[LAST]:
        changed -= 1
    state[HAVE] += TILE
    state[CHANGED] = changed
    return True


@kernel
def spread_one_by_one(x: Series, window: int, of: int, lost: int, form: int, share: float, out: Series) -> None:
    """Make something of the mean and the deviation of the last `window` values, one bar after the other.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; a value that is not finite is missing.
    window : int, trading days
        At least 2.
    of : int
        What it is a deviation of, as for `value_at`.
    lost : int
        What is taken off `window` before it divides: 1 for the sample, 0 for the population.
    form : int
        `DEVIATION`: share · σ. `BAND`: mean + share · σ. `PLACE`: 0.5 + (newest − mean) / (2 · share · σ).
        `WIDTH`: share · σ / mean.
    share : float
    out : ndarray (date)
        Receives what is made; NaN where the window is not full or holds a missing value.
    """
    state = np.zeros(9)
    state[LAST] = np.nan
    _bars(x, 0, x.size, window, of, lost, form, share, state, out)


@kernel
def spread_of_returns(x: Series, window: int, of: int, share: float, out: Series) -> None:
    """Write `share` sample deviations of the last `window` returns, many bars at once where that is possible.

    Parameters
    ----------
    x, window, share, out
        As for `spread_one_by_one`, which gives the same, bit for bit. Takes scratch memory: 8 numbers a bar of a tile.
    of : int
        `RETURN` or `LOG_RETURN`.
    """
    state, work = np.zeros(9), np.empty((8, TILE))
    state[LAST] = np.nan
    for first in range(0, x.size, TILE):
        stop = min(first + TILE, x.size)
        ready = state[HAVE] >= window and stop - first == TILE
        if not (ready and _tile(x, first, window, of, share, state, work, out)):
            _bars(x, first, stop, window, of, 1, DEVIATION, share, state, out)
