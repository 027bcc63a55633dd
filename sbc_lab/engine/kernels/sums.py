"""Running sums that do not lose digits when a series falls by many orders of magnitude; no indicator lives here.

A sum is a pair (high, low): `high` is the rounded sum and `low` collects what rounding lost, exactly to second order.
A plain running sum keeps the rounding errors of the largest value it ever held, and split-adjusted prices do fall
from 5e11 to 10; `test_moving.py` shows a plain sum failing there.
"""

from __future__ import annotations

from ._jit import kernel


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
