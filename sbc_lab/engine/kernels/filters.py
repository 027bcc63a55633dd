"""Ehlers' filters: the two smoothers of price, and the strength index of a Laguerre filter.

A recursion starts again after a missing value, as if the series began there. All kernels write every element of
`out`; `x` and `out` must not share memory. The recursions are written in differences, which are exact where the price
stands still: the published sums of five products would let a constant series leave the constant.
"""

from __future__ import annotations

import math

import numpy as np

from ._jit import kernel
from .moving import Series

ROOT_TWO_PI = 1.414 * math.pi
"""Ehlers writes √2 with these digits, and so does everybody after him."""
LAGUERRE_BARS = 10
"""Bars without a value, while the four poles of the Laguerre filter leave the first price."""
STILL = 1e-13
"""Differences below this share of the price are what rounding leaves of a price that stands still."""


@kernel
def super_smoother(x: Series, window: int, out: Series) -> None:
    """Ehlers' two-pole super smoother of price.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the filter starts again.
    window : int, trading days
        Shorter waves are taken out.
    out : ndarray (date), USD
        Receives the smoothed prices; NaN for the first max(2, `window`) bars, while the filter holds the prices.

    Notes
    -----
    Ehlers (2013): y = c₁·x + c₂·y₋₁ + c₃·y₋₂ with a = exp(−1.414·π/window), c₂ = 2a·cos(1.414·π/window), c₃ = −a²
    and c₁ = 1 − c₂ − c₃, so that a constant passes unchanged.
    """
    angle = ROOT_TWO_PI / window
    radius = math.exp(-angle)
    turn = math.sin(0.5 * angle)
    # 1 − c₂ − c₃ = (1 − a)² + 4a·sin²(angle / 2), without the digits that the subtraction loses on long windows.
    gain = math.expm1(-angle) ** 2 + 4.0 * radius * turn * turn
    momentum = radius * radius
    begin = max(2, window)
    before, earlier = 0.0, 0.0
    have = 0
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            have = 0
            continue
        have += 1
        level = value
        if have > begin:
            level = before + (gain * (value - before) + momentum * (before - earlier))
            out[i] = level
        earlier, before = before, level


@kernel
def ultimate_smoother(x: Series, window: int, out: Series) -> None:
    """Ehlers' ultimate smoother of price: the price less its high-pass.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the filter starts again.
    window : int, trading days
        Shorter waves are taken out.
    out : ndarray (date), USD
        Receives the smoothed prices; NaN for the first max(2, `window`) bars, while the filter holds the prices.

    Notes
    -----
    Ehlers (2024): y = (1 − c₁)·x + (2c₁ − c₂)·x₋₁ − (c₁ + c₃)·x₋₂ + c₂·y₋₁ + c₃·y₋₂ with c₂ and c₃ as in the super
    smoother and c₁ = (1 + c₂ − c₃) / 4. Computed as x − h, h = c₁·(x − 2x₋₁ + x₋₂) + c₂·h₋₁ + c₃·h₋₂.
    """
    angle = ROOT_TWO_PI / window
    radius = math.exp(-angle)
    one, two = 2.0 * radius * math.cos(angle), -radius * radius
    gain = 0.25 * (1.0 + one - two)
    begin = max(2, window)
    before, earlier = 0.0, 0.0
    have = 0
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            have, before, earlier = 0, 0.0, 0.0
            continue
        have += 1
        if have > begin:
            bend = (value - x[i - 1]) - (x[i - 1] - x[i - 2])
            high = gain * bend + (one * before + two * earlier)
            out[i] = value - high
            earlier, before = before, high


@kernel
def laguerre_rsi(x: Series, gamma: float, out: Series) -> None:
    """Relative strength index over the four stages of a Laguerre filter.

    Parameters
    ----------
    x : ndarray (date), USD
        Prices; after a value that is not finite the filter starts again.
    gamma : float
        From 0 to below 1; the larger, the slower.
    out : ndarray (date), 0-100
        Receives the index; NaN for the first 10 bars, and where the stages do not differ.

    Notes
    -----
    Ehlers (2004): L₀ = (1−γ)·x + γ·L₀′ and Lₖ = −γ·Lₖ₋₁ + Lₖ₋₁′ + γ·Lₖ′, ′ being the bar before; the index is the
    share of the positive ones in the sum of |Lₖ − Lₖ₊₁|. All four begin at the first price: begun at 0, as published,
    every series looks as if it had risen from nothing.
    """
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    have = 0
    for i in range(x.size):
        value = x[i]
        out[i] = np.nan
        if not np.isfinite(value):
            have = 0
            continue
        have += 1
        if have == 1:
            first, second, third, fourth = value, value, value, value
        new_first = first + (1.0 - gamma) * (value - first)
        new_second = first + gamma * (second - new_first)
        new_third = second + gamma * (third - new_second)
        new_fourth = third + gamma * (fourth - new_third)
        first, second, third, fourth = new_first, new_second, new_third, new_fourth
        if have <= LAGUERRE_BARS:
            continue
        up = max(first - second, 0.0) + max(second - third, 0.0) + max(third - fourth, 0.0)
        down = max(second - first, 0.0) + max(third - second, 0.0) + max(fourth - third, 0.0)
        if up + down > STILL * (abs(first) + abs(fourth)):
            out[i] = 100.0 * (up / (up + down))
