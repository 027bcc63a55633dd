"""What is held on the last date of a run, before and after its fill and at its close, and what there is to trade.

Lives here: the shares of one date. Does not live here: the conditions and the orders beside them (`today`, `_orders`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .executions import load_fills
from .idle_money import cash_growth

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .evaluate import Evaluation
    from .trading import Portfolio

WEIGHTS = {
    "target": "Share that the tree asks for",
    "target_before": "Share that the tree asked for on the date before",
    "held": "Share held before the fill of the date, after the prices moved",
    "trade": "Bought at the fill of the date, or below 0 sold",
    "after": "Share held after the fill of the date",
    "now": "Share held at the close of the date",
    "to_trade": "To buy to come from there to the target, or below 0 to sell",
}


def weigh(evaluation: Evaluation, portfolio: Portfolio) -> xr.Dataset:
    """Label the shares of the last date, (ticker); the words for each are in `WEIGHTS`."""
    import xarray as xr

    last, assets = len(portfolio.equity) - 1, portfolio.allocation.shape[1]
    target, filled = evaluation.target[last], portfolio.allocation[last]
    nothing = np.zeros(assets)
    held, after, now = nothing, filled, filled
    execution = evaluation.settings.execution
    if execution == "open_to_close":
        after = now = nothing
    elif execution != "close_to_open":
        if last > 0:
            held = _drifted(portfolio.allocation[last - 1], *_growth(evaluation, last))
        if execution == "next_open":
            now = _drifted(filled, *_until_close(evaluation, last))
    columns = {
        "target": target,
        "target_before": evaluation.target[last - 1] if last > 0 else nothing,
        "held": held,
        "trade": filled - held,
        "after": after,
        "now": now,
        "to_trade": target - now,
    }
    return xr.Dataset(
        {
            name: ("ticker", values.copy(), {"long_name": WEIGHTS[name], "units": "fraction"})
            for name, values in columns.items()
        },
        coords={"ticker": list(evaluation.program.tickers[:assets])},
    )


def _growth(evaluation: Evaluation, last: int) -> tuple[NDArray[np.float64], float]:
    """Growth of the assets and of cash from the fill before to that of the last date."""
    settings, panel, bar = evaluation.settings, evaluation.panel, evaluation.start + last
    idle = cash_growth(settings.cash, panel)
    growth = load_fills(panel, settings.execution, evaluation.program.assets).growth[bar]
    if idle is None:
        return growth, 1.0
    return growth, float((idle.open if settings.execution == "next_open" else idle.close)[bar])


def _until_close(evaluation: Evaluation, last: int) -> tuple[NDArray[np.float64], float]:
    """Growth of the assets and of cash from the open of the last date to its close; 1 where a price is missing."""
    settings, panel, bar = evaluation.settings, evaluation.panel, evaluation.start + last
    idle = cash_growth(settings.cash, panel)
    growth = load_fills(panel, "open_to_close", evaluation.program.assets).growth[bar]
    return growth, 1.0 if idle is None else float(idle.day[bar])


def _drifted(held: NDArray[np.float64], growth: NDArray[np.float64], cash: float) -> NDArray[np.float64]:
    """Let shares of a portfolio drift; nothing is left of one that has lost everything."""
    grown = held * growth
    total = (1.0 - float(held.sum())) * cash + float(grown.sum())
    shares: NDArray[np.float64] = grown / total if total > 0.0 else np.zeros(len(held))
    return shares
