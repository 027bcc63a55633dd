"""Targets → money: trade at the close, drift between trades, pay for what is traded. Arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ._memory import empty
from .calendars import first_of_period
from .kernels import portfolio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .evaluate import Evaluation

BPS = 1e-4


@dataclass(frozen=True, eq=False)
class Portfolio:
    """What became of a portfolio.

    Attributes
    ----------
    equity : ndarray (date), growth of 1
        Net of cost, after the trade of the date.
    turnover : ndarray (date), fraction
        Traded value / portfolio value.
    cost : ndarray (date), fraction
        Share of the portfolio paid for the trade of the date.
    allocation : ndarray (date, asset), fraction
        Held after the trade of the date.
    """

    equity: NDArray[np.float64]
    turnover: NDArray[np.float64]
    cost: NDArray[np.float64]
    allocation: NDArray[np.float64]


def trade(evaluation: Evaluation) -> Portfolio:
    """Run the portfolio of an evaluation; a run whose equity reaches 0 is cut there."""
    settings, panel = evaluation.settings, evaluation.panel
    span = slice(evaluation.start, evaluation.end + 1)
    assets = evaluation.program.assets
    growth = panel.asset_growth(assets)[span]
    bars = len(growth)
    equity, turnover = np.empty(bars), np.empty(bars)
    rate = settings.cost_bps * BPS
    if settings.rebalance.rule == "daily":
        held = evaluation.target
        run = portfolio.trade_daily(growth, held, rate, equity, turnover)
    else:
        due = first_of_period(panel.dates, settings.rebalance.rule)[span].copy()
        due[0] = 1
        width = -1.0 if settings.rebalance.width is None else settings.rebalance.width
        held = empty(evaluation.target.shape, np.float64)
        available = np.ascontiguousarray(panel.available[:assets, span].T)
        run = portfolio.trade_drifting(growth, evaluation.target, available, due, width, rate, equity, turnover, held)
    return Portfolio(equity[:run], turnover[:run], turnover[:run] * rate, held[:run])
