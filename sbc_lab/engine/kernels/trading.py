"""From shares to money: a portfolio that is brought to its orders, drifts between them and pays for what is traded.

Two loops for the plain case, a rate on the traded value and nothing earned by cash, and two for all the others. A row
is one date; which order is filled on it, and at which price, is settled by the caller. How a tree comes to its shares
is in `portfolio`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row = NDArray[np.float64]
    Block = NDArray[np.float64]
    Alive = NDArray[np.uint8]

LEAST_ORDER = 1e-9
"""Less than this share of the portfolio is the rounding of a sum, not an order that a broker would charge for."""


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
            # Cash apart: 1 + Σ share · (growth - 1) would lose the digits of what a crash leaves.
            cash = 1.0
            grown = 0.0
            for k in range(assets):
                cash -= target[t - 1, k]
                grown += target[t - 1, k] * growth[t, k]
            total = cash + grown
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
    available: Alive,
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
            cash = 1.0
            grown = 0.0
            for k in range(assets):
                cash -= held[t - 1, k]
                grown += held[t - 1, k] * growth[t, k]
            total = cash + grown
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


@kernel
def charge(
    change: float,
    value: float,
    price: float,
    t: int,
    k: int,
    rates: Block,
    sale_rates: Block,
    per_share: Block,
    per_share_sold: Block,
    costs: Block,
) -> float:
    """Add what every model takes for one order to its costs, and return the sum.

    Parameters
    ----------
    change : float
        Share of the portfolio that is bought, or sold where it is negative.
    value : float
        What the portfolio is worth, in USD.
    price : float
        Of one share as it was traded, in USD.
    t, k : int
        Date and asset.
    rates : ndarray (model, asset), fraction of the traded value
    sale_rates : ndarray (model, date), fraction of the value sold
    per_share : ndarray (model, 3)
        USD a share, least USD an order, most as a fraction of the traded value.
    per_share_sold : ndarray (2 · model, date)
        USD a share sold, and below it the most USD an order.
    costs : ndarray (date, model), fraction of the portfolio, added to
    """
    traded = abs(change)
    sold = -change if change < 0.0 else 0.0
    total = 0.0
    for m in range(rates.shape[0]):
        part = rates[m, k] * traded + sale_rates[m, t] * sold
        if traded > LEAST_ORDER:
            if per_share[m, 0] > 0.0 or per_share[m, 1] > 0.0:
                dollars = traded * value
                fee = max(per_share[m, 0] * dollars / price, per_share[m, 1])
                part += min(fee, per_share[m, 2] * dollars) / value
            if sold > 0.0 and per_share_sold[2 * m, t] > 0.0:
                fee = per_share_sold[2 * m, t] * sold * value / price
                part += min(fee, per_share_sold[2 * m + 1, t]) / value
        costs[t, m] += part
        total += part
    return total


@kernel
def _asks(target: Row, held: Row, width: float) -> bool:
    """Tell whether a threshold asks for a trade: a share is too far off, or the tickers change."""
    asked = False
    for k in range(target.size):
        asked |= abs(target[k] - held[k]) > width or (target[k] > 0.0) != (held[k] > 0.0)
    return asked


@kernel
def trade_charged(
    growth: Block,
    idle: Row,
    target: Block,
    available: Alive,
    due: NDArray[np.uint8],
    width: float,
    prices: Block,
    capital: float,
    rates: Block,
    sale_rates: Block,
    per_share: Block,
    per_share_sold: Block,
    equity: Row,
    turnover: Row,
    costs: Block,
    held: Block,
) -> int:
    """Run a portfolio that drifts between trades, whose cash earns, and that pays several models.

    Parameters
    ----------
    idle : ndarray (date)
        What 1 in cash has become since the date before; row 0 is not used.
    prices : ndarray (date, asset)
        Of one share as it was traded, in USD.
    capital : float
        What the portfolio is worth when the equity is 1, in USD.
    rates, sale_rates, per_share, per_share_sold
        As `charge` says.
    costs : ndarray (date, model), written
        Share of the portfolio paid to every model.
    growth, target, available, due, width, equity, turnover, held
        As `trade_drifting` says.

    Returns
    -------
    int
        The number of dates that were run: fewer than all when the equity reached 0.
    """
    bars, assets = target.shape
    value = 1.0
    before = np.zeros(assets)
    for t in range(bars):
        if t > 0:
            cash = 1.0
            grown = 0.0
            for k in range(assets):
                cash -= held[t - 1, k]
                grown += held[t - 1, k] * growth[t, k]
            total = cash * idle[t] + grown
            value *= total
            for k in range(assets):
                before[k] = held[t - 1, k] * growth[t, k] / total
        trade = due[t] == 1 or (width >= 0.0 and _asks(target[t], before, width))
        costs[t] = 0.0
        traded = 0.0
        cost = 0.0
        for k in range(assets):
            after = target[t, k] if trade else (before[k] if available[t, k] == 1 else 0.0)
            held[t, k] = after
            change = after - before[k]
            if change != 0.0:
                traded += abs(change)
                worth = value * capital
                cost += charge(change, worth, prices[t, k], t, k, rates, sale_rates, per_share, per_share_sold, costs)
        turnover[t] = traded
        value *= 1.0 - cost
        if not value > 0.0:
            equity[t] = 0.0
            return t + 1
        equity[t] = value
    return int(bars)


@kernel
def trade_round_trips(
    growth: Block,
    overnight: bool,
    night: Row,
    day: Row,
    target: Block,
    available: Alive,
    due: NDArray[np.uint8],
    width: float,
    bought_at: Block,
    sold_at: Block,
    capital: float,
    rates: Block,
    sale_rates: Block,
    per_share: Block,
    per_share_sold: Block,
    equity: Row,
    turnover: Row,
    costs: Block,
    early: Row,
    held: Block,
) -> int:
    """Run a portfolio that is bought and sold again every day, and pays for both.

    Parameters
    ----------
    growth : ndarray (date, asset)
        From the purchase to the sale that falls on the date.
    overnight : bool
        True: bought at the close, sold at the next open. False: bought at the open, sold at the close of the date.
    night, day : ndarray (date)
        What 1 in cash becomes from the close before to the open of the date, and from its open to its close; 1 on
        row 0.
    bought_at, sold_at : ndarray (date, asset)
        Price of one share as it was traded, in USD, at the purchase and at the sale of the date.
    early : ndarray (date), written
        What the first of the two legs of the date cost, in the portfolio before that leg; a part of `costs`.
    held : ndarray (date, asset), written
        Share of the portfolio bought on the date: its order, or between orders what was bought the date before.
    target, available, due, width, capital, rates, sale_rates, per_share, per_share_sold, equity, turnover, costs
        As `trade_charged` says.

    Returns
    -------
    int
        The number of dates that were run: fewer than all when the equity reached 0.
    """
    bars, assets = target.shape
    value = 1.0
    nothing = np.zeros(assets)
    for t in range(bars):
        costs[t] = 0.0
        early[t] = 0.0
        turnover[t] = 0.0
        before = held[t - 1] if t > 0 else nothing
        if not overnight:
            value *= night[t]
        # The sale of what was bought the evening before comes first, that of what is bought this morning last.
        for leg in range(2):
            if (leg == 0) == overnight:
                lot = before if overnight else held[t]
                value = _sell(
                    lot, growth[t], night[t] if overnight else day[t], value, capital, sold_at[t], t,
                    rates, sale_rates, per_share, per_share_sold, turnover, costs,
                )  # fmt: skip
                if overnight:
                    value *= day[t]
            else:
                trade = due[t] == 1 or (width >= 0.0 and _asks(target[t], before, width))
                cost = 0.0
                for k in range(assets):
                    held[t, k] = target[t, k] if trade else (before[k] if available[t, k] == 1 else 0.0)
                    if held[t, k] != 0.0:
                        turnover[t] += held[t, k]
                        cost += charge(
                            held[t, k], value * capital, bought_at[t, k], t, k,
                            rates, sale_rates, per_share, per_share_sold, costs,
                        )  # fmt: skip
                value *= 1.0 - cost
            if leg == 0:
                early[t] = costs[t].sum()
            if not value > 0.0:
                equity[t] = 0.0
                if overnight and leg == 0:
                    held[t] = 0.0
                return t + 1
        equity[t] = value
    return int(bars)


@kernel
def _sell(
    lot: Row,
    growth: Row,
    idle: float,
    value: float,
    capital: float,
    prices: Row,
    t: int,
    rates: Block,
    sale_rates: Block,
    per_share: Block,
    per_share_sold: Block,
    turnover: Row,
    costs: Block,
) -> float:
    """Let a lot grow, sell all of it, and return what the portfolio is worth after the cost of that."""
    cash = 1.0
    grown = 0.0
    for k in range(lot.size):
        cash -= lot[k]
        grown += lot[k] * growth[k]
    total = cash * idle + grown
    value *= total
    cost = 0.0
    for k in range(lot.size):
        sold = lot[k] * growth[k] / total
        if sold != 0.0:
            turnover[t] += sold
            cost += charge(-sold, value * capital, prices[k], t, k, rates, sale_rates, per_share, per_share_sold, costs)
    return value * (1.0 - cost)
