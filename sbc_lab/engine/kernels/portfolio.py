"""From decisions to money: allocations from the root down, returns of nodes from the leaves up, and the portfolio.

Nodes are numbered children first, so a parent always has the higher number.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row = NDArray[np.float64]
    Block = NDArray[np.float64]
    Numbers = NDArray[np.int64]

ASSET, CASH_LEAF, CHOOSE, STATIC, ROWS = 0, 1, 2, 3, 4


@kernel
def allocate(
    kind: Numbers,
    slot: Numbers,
    begin: Numbers,
    end: Numbers,
    links: Numbers,
    alive_row: Numbers,
    choices: NDArray[np.int32],
    shares: Block,
    statics: Row,
    alive: NDArray[np.uint8],
    available: NDArray[np.uint8],
    first: int,
    last: int,
    out: Block,
) -> None:
    """Hand the portfolio down the tree on every date from `first` to `last`, the root being node 0.

    Parameters
    ----------
    kind, slot, begin, end : ndarray (node)
        What a node is; where its asset, choice row, static shares or share rows begin; its part of `links`.
    links : ndarray
        The children of every node, by number; parents come before children here.
    alive_row : ndarray (node)
        The row of `alive` that says when a node holds something, -1 when it always does.
    out : ndarray (date, asset), written
        Share of the portfolio of every asset.
    """
    # What every node has been handed on a date. An asset's place lies behind those of the nodes, so that handing down
    # needs no question; only nodes with children are visited, and most nodes are assets.
    nodes, assets = kind.size, out.shape[1]
    handed = np.zeros(nodes + assets)
    home = np.arange(nodes)
    home[kind == ASSET] = nodes + slot[kind == ASSET]
    inner = np.flatnonzero(kind >= CHOOSE)
    for t in range(first, last + 1):
        handed[home[0]] = 1.0
        for node in inner:
            share = handed[node]
            if share == 0.0:
                continue
            handed[node] = 0.0
            at = slot[node]
            if kind[node] == CHOOSE:
                chosen = choices[at, t]
                if chosen >= 0:
                    handed[home[links[begin[node] + chosen]]] += share
            elif kind[node] == STATIC:
                total = 0.0
                for j in range(end[node] - begin[node]):
                    row = alive_row[links[begin[node] + j]]
                    if row < 0 or alive[row, t] == 1:
                        total += statics[at + j]
                for j in range(end[node] - begin[node]):
                    child = links[begin[node] + j]
                    row = alive_row[child]
                    if row < 0 or alive[row, t] == 1:
                        handed[home[child]] += share * (statics[at + j] / total)
            else:
                for j in range(end[node] - begin[node]):
                    part = shares[at + j, t]
                    if part != 0.0:
                        handed[home[links[begin[node] + j]]] += share * part
        for k in range(assets):
            out[t - first, k] = handed[nodes + k] if available[k, t] == 1 else 0.0
            handed[nodes + k] = 0.0


@kernel
def earn(share: Row, child: Row, out: Row) -> None:
    """Add what a child earned to its parent's daily returns: yesterday's share times today's return."""
    for t in range(1, out.size):
        out[t] += share[t - 1] * child[t]


@kernel
def earn_static(weight: float, total: Row, alive: NDArray[np.uint8], child: Row, out: Row) -> None:
    """Add what a child with a fixed raw weight earned; `total` is the raw weight of all that hold something."""
    for t in range(1, out.size):
        if alive[t - 1] == 1:
            out[t] += weight / total[t - 1] * child[t]


@kernel
def earn_choice(choice: NDArray[np.int32], number: int, child: Row, out: Row) -> None:
    """Write what a branch earned on the dates after it was chosen."""
    for t in range(1, out.size):
        if choice[t - 1] == number:
            out[t] = child[t]


@kernel
def compound(returns: Row, begin: int, out: Row) -> None:
    """Write the NAV: NaN before `begin`, 1 there, then one daily return after the other."""
    for t in range(min(begin, out.size)):
        out[t] = math.nan
    value = 1.0
    for t in range(begin, out.size):
        if t > begin:
            value *= 1.0 + returns[t]
        out[t] = value


@kernel
def trade_daily(growth: Block, target: Block, rate: float, equity: Row, turnover: Row) -> int:
    """Run a portfolio that is brought to its target on every date.

    Parameters
    ----------
    growth : ndarray (date, asset)
        Close divided by the close before; row 0 is not used.
    target : ndarray (date, asset)
        Share of the portfolio after the trade of that date.
    rate : float
        Cost of one unit of traded value.
    equity, turnover : ndarray (date), written
        Growth of 1 net of cost, after the trade; traded value / portfolio value.

    Returns
    -------
    int
        The number of dates that were run: fewer than all when the equity reached 0.
    """
    bars, assets = target.shape
    value = 1.0
    for t in range(bars):
        traded = 0.0
        if t == 0:
            for k in range(assets):
                traded += abs(target[0, k])
        else:
            total = 1.0
            for k in range(assets):
                total += target[t - 1, k] * (growth[t, k] - 1.0)
            value *= total
            for k in range(assets):
                traded += abs(target[t, k] - target[t - 1, k] * growth[t, k] / total)
        turnover[t] = traded
        value *= 1.0 - rate * traded
        if not value > 0.0:
            equity[t] = 0.0
            return t + 1
        equity[t] = value
    return int(bars)


@kernel
def trade_drifting(
    growth: Block,
    target: Block,
    available: NDArray[np.uint8],
    due: NDArray[np.uint8],
    width: float,
    rate: float,
    equity: Row,
    turnover: Row,
    held: Block,
) -> int:
    """Run a portfolio that drifts between trades.

    Parameters
    ----------
    due : ndarray (date) of uint8
        1 where the calendar says to trade.
    width : float
        Trade also when any target is further than this from what is held, or the tickers change; negative: never.
    available : ndarray (date, asset) of uint8
        0 where a ticker cannot be held: what is left of it is sold on that date.
    held : ndarray (date, asset), written
        Share of the portfolio after the trade of that date.

    Returns
    -------
    int
        The number of dates that were run: fewer than all when the equity reached 0.
    """
    bars, assets = target.shape
    value = 1.0
    for t in range(bars):
        if t > 0:
            total = 1.0
            for k in range(assets):
                total += held[t - 1, k] * (growth[t, k] - 1.0)
            value *= total
            for k in range(assets):
                held[t, k] = held[t - 1, k] * growth[t, k] / total
        trade = due[t] == 1
        if not trade and width >= 0.0:
            for k in range(assets):
                if abs(target[t, k] - held[t, k]) > width or (target[t, k] > 0.0) != (held[t, k] > 0.0):
                    trade = True
        traded = 0.0
        for k in range(assets):
            before = held[t, k] if t > 0 else 0.0
            after = target[t, k] if trade else (before if available[t, k] == 1 else 0.0)
            traded += abs(after - before)
            held[t, k] = after
        turnover[t] = traded
        value *= 1.0 - rate * traded
        if not value > 0.0:
            equity[t] = 0.0
            return t + 1
        equity[t] = value
    return int(bars)
