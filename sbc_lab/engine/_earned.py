"""What a portfolio earned, in parts of its first value: by ticker and date, by cost, and what no ticker explains.

Lives here: money that adds up to the total return exactly. Does not live here: which node of the tree it came through
(`_written`, `trace`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .evaluate import Evaluation
    from .trading import Portfolio

SAME = 1e-12


@dataclass(frozen=True, eq=False)
class Earned:
    """Where the total return of a run came from; everything in parts of the first value of the portfolio.

    Attributes
    ----------
    per_unit : ndarray (date, asset)
        What one unit of a ticker's target of that date earned until the portfolio next held what the tree asked for.
    cost : float
        What trading cost, at most 0.
    unassigned : float
        What is neither cost nor earned by a ticker that the tree had asked for, such as the interest of cash.
    total : float
        The total return; `per_unit` times the targets, cost and unassigned add up to it.
    """

    per_unit: NDArray[np.float64]
    cost: float
    unassigned: float
    total: float


def decided(target: NDArray[np.float64], held: NDArray[np.float64]) -> NDArray[np.int64]:
    """Find for every date the last one on which the portfolio held what the tree asked for, (date); -1: none yet.

    Between trades holdings drift, and they belong to the blocks that asked for them when they were last as asked.
    """
    as_asked = (np.abs(target - held) <= SAME).all(axis=1)
    places = np.where(as_asked, np.arange(len(held)), -1)
    found: NDArray[np.int64] = np.maximum.accumulate(places)
    return found


def earned(evaluation: Evaluation, portfolio: Portfolio) -> Earned:
    """Split the total return of a run by ticker and date, each gain weighted by the equity that earned it."""
    equity, held = portfolio.equity, portfolio.allocation
    bars, assets = held.shape
    target = evaluation.target[:bars]
    growth = evaluation.panel.asset_growth(assets)[evaluation.start : evaluation.start + bars]
    gains = equity[:-1, None] * held[:-1] * (growth[1:] - 1.0)
    before = np.concatenate(([1.0], equity[:-1] + gains.sum(axis=1)))
    cost = -float((before * np.minimum(portfolio.cost, 1.0)).sum())
    per_unit = np.zeros((bars, assets))
    owner = decided(target, held)[:-1]
    first = int(np.searchsorted(owner, 0))
    if first < len(owner):
        # Owners never go back, so that each has one unbroken run of dates.
        begins = first + np.flatnonzero(np.diff(owner[first:], prepend=-1))
        per_unit[owner[begins]] = np.add.reduceat(gains, begins, axis=0)
    np.divide(per_unit, target, out=per_unit, where=target > 0.0)
    per_unit[~(target > 0.0)] = 0.0
    total = float(equity[-1] - 1.0)
    return Earned(per_unit, cost, total - cost - float((per_unit * target).sum()), total)
