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
