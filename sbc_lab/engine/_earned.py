"""Which decision earned it: the gains of tickers by the date on which the tree asked for them, per unit of its target.

Lives here: who owns what is held between two trades. Does not live here: the arithmetic of gains (`attribution`), and
which node of the tree they came through (`_written`, `trace`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .attribution import take_apart
from .executions import load_fills, orders

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
    cash : float
        The interest of what was not invested.
    cost : float
        What trading cost, at most 0.
    total : float
        The total return; `per_unit` times the targets, cash and cost add up to it.
    """

    per_unit: NDArray[np.float64]
    cash: float
    cost: float
    total: float


def decided(order: NDArray[np.float64], held: NDArray[np.float64]) -> NDArray[np.int64]:
    """Find for every date the last one on which the portfolio held what was ordered, (date); -1: none yet.

    Between trades holdings drift, and they belong to the blocks that asked for them when they were last as asked. What
    was never ordered is never held, however little of it there is: the gain of every ticker has an owner.
    """
    as_asked = (np.abs(order - held) <= SAME).all(axis=1) & ((order > 0.0) | (held <= 0.0)).all(axis=1)
    places = np.where(as_asked, np.arange(len(held)), -1)
    found: NDArray[np.int64] = np.maximum.accumulate(places)
    return found


def earned(evaluation: Evaluation, portfolio: Portfolio) -> Earned:
    """Split the total return of a run by ticker and date of the decision."""
    settings, panel = evaluation.settings, evaluation.panel
    bars, assets = portfolio.allocation.shape
    target = evaluation.target[:bars]
    money = take_apart(portfolio, panel, settings, evaluation.start)
    fills = load_fills(panel, settings.execution, assets)
    filled = decided(orders(target, fills, settings, evaluation.start), portfolio.allocation)
    owner = np.maximum(filled - settings.lag, -1)
    if settings.execution != "open_to_close":  # what is bought at an open and sold at the close earns on its own date
        owner = np.concatenate(([-1], owner[:-1]))
    per_unit = np.zeros((bars, assets))
    first = int(np.searchsorted(owner, 0))
    if first < bars:
        # Owners never go back, so that each has one unbroken run of dates.
        begins = first + np.flatnonzero(np.diff(owner[first:], prepend=-1))
        per_unit[owner[begins]] = np.add.reduceat(money.assets, begins, axis=0)
    np.divide(per_unit, target, out=per_unit, where=target > 0.0)
    per_unit[~(target > 0.0)] = 0.0
    return Earned(per_unit, float(money.cash.sum()), float(money.cost.sum()), float(portfolio.equity[-1] - 1.0))
