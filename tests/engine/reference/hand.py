"""Panels small enough to compute by hand, for the tests of the plain engine.

Lives here: closes typed as lists, and the shortest way to a run. Does not live here: any expectation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sbc_lab.engine.panel import Panel
from sbc_lab.engine.reference import Reference, simulate
from sbc_lab.engine.settings import Settings
from sbc_lab.engine.strategy import Node, Strategy

NAN = float("nan")
FLAT = [100.0] * 6


def panel(first: str = "2024-01-01", /, **closes: Sequence[float]) -> Panel:
    """Closes by ticker, one bar per calendar day from `first` on; NaN where there is none."""
    close = np.array([list(map(float, row)) for row in closes.values()])
    days = np.datetime64(first, "D") + np.arange(close.shape[1])
    return Panel(tuple(closes), days.astype("datetime64[ns]"), close, np.isfinite(close))


def run(root: Node | str, prices: Panel, **settings: Any) -> Reference:
    """Run a tree without costs unless they are given."""
    return simulate(Strategy("by hand", root), prices, Settings(**{"cost_bps": 0.0, **settings}))


def held(result: Reference, ticker: str) -> list[float]:
    """Shares of one ticker in the daily targets."""
    row = result.target[result.tickers.index(ticker)]
    return [round(share, 12) for share in row.tolist()]
