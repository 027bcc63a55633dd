"""How siblings share: which candidates a filter keeps, and the share of each child on every date.

Everything here is given as rows of numbers, one per child; what the children are is not known here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .truths import Floats

CALM = 1e-12
"""A volatility below this is none."""

ROUNDING = 1e-12
"""Less than this share left over is none."""

SIGNIFICANT_DIGITS = 10
MOST_DECIMALS = 9
NOT_PICKED = -1


def volatility(returns: Floats, window: int) -> Floats:
    """Sample standard deviation of the last `window` returns.

    Parameters
    ----------
    returns : ndarray (date), fraction
        NaN where there is none.
    window : int, trading days

    Returns
    -------
    ndarray (date), fraction
        NaN where one of the returns is missing.
    """
    out = np.full(len(returns), np.nan)
    if len(returns) >= window:
        out[window - 1 :] = sliding_window_view(returns, window).std(axis=1, ddof=1)
    return out


def rounded(scores: Floats) -> Floats:
    """Scores at 10 significant digits and at most 9 decimals, half to even; float noise below that never ranks."""
    out = scores.copy()
    for place, score in enumerate(scores.tolist()):
        if math.isfinite(score) and score != 0.0:
            decimals = min(MOST_DECIMALS, SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(score))))
            power = float(10 ** abs(decimals))
            out[place] = np.rint(score * power) / power if decimals >= 0 else np.rint(score / power) * power
    return out


def ranks(scores: Sequence[Floats], count: int, *, highest_first: bool) -> NDArray[np.int64]:
    """Rank the candidates of every date and keep the best.

    Parameters
    ----------
    scores : sequence of ndarray (date)
        One row per candidate; NaN never ranks.
    count : int
        How many are kept; fewer where fewer have a score.
    highest_first : bool
        Which end is the best; equal scores stay in the order of the candidates either way.

    Returns
    -------
    ndarray (child, date) of int
        0 for the best, `NOT_PICKED` for those that are not kept.
    """
    table = np.array([rounded(row) for row in scores])
    sign = -1.0 if highest_first else 1.0
    out = np.full(table.shape, NOT_PICKED, dtype=np.int64)
    for bar in range(table.shape[1]):
        scored = [child for child in range(len(table)) if not np.isnan(table[child, bar])]
        best = sorted(scored, key=lambda child, bar=bar: sign * table[child, bar])  # type: ignore[misc]  # a default binds the bar
        for rank, child in enumerate(best[:count]):
            out[child, bar] = rank
    return out


def shares(claims: Floats, active: NDArray[np.bool_]) -> Floats:
    """Share of each child: its claim among the claims of the active ones.

    Parameters
    ----------
    claims : ndarray (child, date)
        In any unit; what inactive children claim goes to the active ones in proportion.
    active : ndarray (child, date) of bool

    Returns
    -------
    ndarray (child, date), fraction
        Each date adds to 1, or to 0 when no child is active.
    """
    counted = np.where(active, claims, 0.0)
    total = np.zeros(claims.shape[1])
    for row in counted:
        total = total + row
    return np.where(total > 0.0, counted / np.where(total > 0.0, total, 1.0), 0.0)


def capped_shares(parts: Floats, floor: float, cap: float) -> Floats:
    """Keep shares between a floor and a cap: clip(λ · share, floor, cap), with the λ that makes them add to 1.

    Parameters
    ----------
    parts : ndarray (child, date), fraction
        A child with 0 takes no part.
    floor, cap : float, fraction

    Returns
    -------
    ndarray (child, date), fraction
        Adds to 1 on every date, or to less where even all at the cap do.
    """
    out = np.zeros_like(parts)
    for bar in range(parts.shape[1]):
        takes = parts[:, bar] > 0.0
        if takes.any():
            out[takes, bar] = _filled(parts[takes, bar], floor, cap)
    return out


def _filled(parts: Floats, floor: float, cap: float) -> Floats:
    if len(parts) * cap <= 1.0:
        return np.full(len(parts), cap)
    if len(parts) * floor >= 1.0:
        return np.full(len(parts), 1.0 / len(parts))
    if ((parts >= floor) & (parts <= cap)).all():
        return parts
    # The sum rises with λ, in straight lines between the λ at which a child leaves its floor or reaches its cap.
    edges = np.unique([0.0, *(floor / parts), *(cap / parts)])
    reached = [float(np.clip(edge * parts, floor, cap).sum()) for edge in edges]
    place = next((number for number, total in enumerate(reached) if number and total >= 1.0), len(edges) - 1)
    between = (edges[place - 1] + edges[place]) / 2.0
    low, high = between * parts <= floor, between * parts >= cap
    out = np.where(low, floor, cap)
    free = ~low & ~high
    if free.any():
        room = 1.0 - floor * np.count_nonzero(low) - cap * np.count_nonzero(high)
        out[free] = parts[free] * (room / parts[free].sum())
    return out


def left_over(parts: Floats, cap: float) -> Floats:
    """What is left for a fallback when all that take part stand at the cap, (date), fraction."""
    short = 1.0 - cap * (parts > 0.0).sum(axis=0)
    return np.where(short > ROUNDING, short, 0.0)


def volatility_claims(mode: str, sigma: Floats, active: NDArray[np.bool_]) -> Floats:
    """What each child may claim under `inverse_vol` and `vol`, (child, date).

    A child without volatility, or with one that is not known, claims nothing; when that is every active child, they
    claim equally.
    """
    moving = active & (sigma >= CALM)
    risk = np.where(moving, sigma, 1.0)
    claims = np.where(moving, risk if mode == "vol" else 1.0 / risk, 0.0)
    return np.where(moving.any(axis=0), claims, 1.0)
