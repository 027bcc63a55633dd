"""Running sums that do not lose digits when a series falls by many orders of magnitude; no indicator lives here.

A sum is a pair (high, low): `high` is the rounded sum and `low` collects what rounding lost, exactly to second order.
A plain running sum keeps the rounding errors of the largest value it ever held, and split-adjusted prices do fall
from 5e11 to 10; `test_moving.py` shows a plain sum failing there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row = NDArray[np.float64]
    Block = NDArray[np.float64]


@kernel
def slide(high: float, low: float, incoming: float, outgoing: float) -> tuple[float, float]:
    """Move a window on: add the value that enters a compensated sum, and take off the one that leaves.

    Parameters
    ----------
    high, low : float
        The sum so far.
    incoming, outgoing : float
        The value that enters and the value that leaves, 0 while the window fills; must be finite.

    Returns
    -------
    tuple of float
        The new pair; its value is ``high + low``.
    """
    # The difference is formed first, exactly as (step, lost): one dependent addition per bar instead of two.
    step = incoming - outgoing
    part = step - incoming
    lost = (incoming - (step - part)) - (outgoing + part)
    total = high + step
    part = total - high
    return total, low + (lost + ((high - (total - part)) + (step - part)))


@kernel
def slide_along(before: Row, incoming: Block, outgoing: Block, highs: Block, lows: Block) -> None:
    """Move two windows on by several values at once: `slide` for one after the other, bit for bit.

    Parameters
    ----------
    before : ndarray (4)
        The sums so far: high and low of the one, high and low of the other.
    incoming, outgoing : ndarray (2, step)
        The values that enter and those that leave; must be finite. What leaves is overwritten.
    highs, lows : ndarray (2, step), written
        The pairs after every step.

    Notes
    -----
    Only the two additions of a step wait for the step before. They have loops of their own, those of both sums side
    by side, so that the processor does all the rest for several steps at once.
    """
    for which in range(2):
        enter, step, lost = incoming[which], outgoing[which], lows[which]
        for k in range(step.size):
            leave = step[k]
            step[k] = enter[k] - leave
            part = step[k] - enter[k]
            lost[k] = (enter[k] - (step[k] - part)) - (leave + part)
    total, other = before[0], before[2]
    for k in range(highs.shape[1]):
        total += outgoing[0, k]
        other += outgoing[1, k]
        highs[0, k], highs[1, k] = total, other
    for which in range(2):
        step, lost, high = outgoing[which], lows[which], highs[which]
        part = high[0] - before[2 * which]
        lost[0] += (before[2 * which] - (high[0] - part)) + (step[0] - part)
        for k in range(1, step.size):
            part = high[k] - high[k - 1]
            lost[k] += (high[k - 1] - (high[k] - part)) + (step[k] - part)
    total, other = before[1], before[3]
    for k in range(lows.shape[1]):
        total += lows[0, k]
        other += lows[1, k]
        lows[0, k], lows[1, k] = total, other


@kernel
def product(a: float, b: float) -> tuple[float, float]:
    """Multiply without losing a digit.

    Parameters
    ----------
    a, b : float
        Finite, and below 1e150.

    Returns
    -------
    tuple of float
        The rounded product and what rounding lost; ``high + low`` is the exact product.
    """
    high = a * b
    wide = 134217729.0 * a  # 2**27 + 1 cuts the 53 bits of a number in two halves whose products are exact
    a_high = wide - (wide - a)
    a_low = a - a_high
    wide = 134217729.0 * b
    b_high = wide - (wide - b)
    b_low = b - b_high
    return high, ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low


@kernel
def climb(
    high: float,
    low: float,
    sum_high: float,
    sum_low: float,
    incoming: float,
    have: int,
    window: int,
) -> tuple[float, float]:
    """Move a linearly weighted sum on: the newest value counts `window` times, the one before once less, and so on.

    Parameters
    ----------
    high, low : float
        The weighted sum so far.
    sum_high, sum_low : float
        The plain sum of the same values, before the new one.
    incoming : float
        The value that enters; must be finite.
    have : int
        Number of values since the last missing one, this one counted; while the window fills it is the weight.
    window : int, trading days

    Returns
    -------
    tuple of float
        The new pair.
    """
    part, lost = product(float(min(have, window)), incoming)
    if have <= window:
        high, low = slide(high, low, part, 0.0)
        return high, low + lost
    # Every value that stays weighs one less, and so does the one that leaves, which had the weight 1.
    high, low = slide(high, low, part, sum_high)
    return high, low + (lost - sum_low)
