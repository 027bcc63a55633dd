"""Who earned it: the growth of a portfolio taken apart into what each asset, the cash and the cost added to it.

Lives here: the arithmetic of contributions, one for every way to fill orders, on plain arrays. Does not live here:
labels and tables of a run (ticker_table.py), which block of the tree earned it (_earned.py), and the way from targets
to trades (trading.py).

A contribution is money: a share of the portfolio of the first day. What was held after the trade of t−1 is multiplied
by the equity of t−1, so the contributions of all assets, of cash and of cost add up to the equity at the end minus 1,
whatever was traded or drifted in between. Returns weighted by shares alone would only add up to the sum of the returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .executions import ROUND_TRIPS, load_fills
from .idle_money import cash_growth as load_cash_growth

if TYPE_CHECKING:
    from .panel import Panel
    from .settings import Settings
    from .trading import Portfolio

Floats = NDArray[np.float64]


class Contributions(NamedTuple):
    """What each part of a portfolio added to its equity; all of them together add up to the change of the equity."""

    assets: Floats
    """(date, asset), share of the portfolio of the first day, before cost."""
    cash: Floats
    """(date), what the money that was not invested earned."""
    cost: Floats
    """(date), what was paid for trading, at most 0."""


def contributions(
    allocation: Floats, growth: Floats, equity: Floats, cost: Floats, *, cash_growth: Floats | None = None
) -> Contributions:
    """Take the growth of a portfolio apart.

    Parameters
    ----------
    allocation : ndarray (date, asset), fraction
        Share of the portfolio held after the trade of each date, drifted or traded.
    growth : ndarray (date, asset)
        Growth of each asset from the date before to the date; row 0 is not used.
    equity : ndarray (date), growth of 1
        Net of cost, after the trade of each date; before the first trade it is 1.
    cost : ndarray (date), fraction
        Share of the portfolio paid for the trade of each date; nobody pays more than there is.
    cash_growth : ndarray (date), optional
        Growth of the money that is not invested; 1 unless given.

    Returns
    -------
    Contributions
        With E_(−1) = 1: E_(t−1) · w_(t−1) · (g_t − 1) for every asset and for cash, and −cost_t of what that leaves.
        Σ over dates of assets, cash and cost is the last equity − 1.

    Examples
    --------
    >>> held, grown = np.array([[0.5], [0.5]]), np.array([[1.0], [1.2]])
    >>> found = contributions(held, grown, np.array([1.0, 1.1]), np.zeros(2))
    >>> found.assets.ravel().round(12), found.cost
    (array([0. , 0.1]), array([-0., -0.]))
    """
    assets = earned(allocation, growth, equity)
    cash = np.zeros(len(equity))
    if cash_growth is not None:
        cash = earned(1.0 - allocation.sum(axis=1, keepdims=True), cash_growth[:, None], equity)[:, 0]
    gross = _before(equity) + assets.sum(axis=1) + cash
    return Contributions(assets, cash, -gross * np.minimum(cost, 1.0))


def earned(share: Floats, growth: Floats, equity: Floats) -> Floats:
    """What holding shares of a portfolio added to its equity, before cost.

    Parameters
    ----------
    share : ndarray (date, part), fraction
        Share of the portfolio that is in each part after the trade of each date; a part is an asset, a node or cash.
    growth : ndarray (date, part)
        Growth of each part from the date before to the date; row 0 is not used.
    equity : ndarray (date), growth of 1
        Of the whole portfolio, net of cost, after the trade of each date.

    Returns
    -------
    ndarray (date, part), share of the portfolio of the first day
        E_(t−1) · share_(t−1) · (growth_t − 1); 0 on the first date, on which nothing has been earned yet.

    Examples
    --------
    >>> earned(np.array([[1.0], [1.0]]), np.array([[1.0], [1.5]]), np.array([0.5, 0.75])).ravel()
    array([0.  , 0.25])
    """
    out = np.zeros(share.shape)
    out[1:] = equity[:-1, None] * share[:-1] * (growth[1:] - 1.0)
    return out


def round_trips(
    bought: Floats,
    growth: Floats,
    equity: Floats,
    legs: tuple[Floats, Floats],
    *,
    overnight: bool,
    night: Floats | None = None,
    day: Floats | None = None,
) -> Contributions:
    """Take the growth of a portfolio apart that is bought and sold again every day.

    Parameters
    ----------
    bought : ndarray (date, asset), fraction
        Share of the portfolio bought on each date.
    growth : ndarray (date, asset)
        Growth of each asset from the purchase to the sale that falls on the date.
    equity : ndarray (date), growth of 1
        Net of cost, after both legs of each date; before the first it is 1.
    legs : two ndarrays (date), fraction
        What the first and the second leg of each date cost, each in the portfolio before that leg.
    overnight : bool
        True: a date sells what was bought the evening before, and buys. False: it buys, and sells that again.
    night, day : ndarray (date), optional
        Growth of cash up to the open of each date, and from its open to its close; 1 unless given.

    Returns
    -------
    Contributions
        Σ over dates of assets, cash and cost is the last equity − 1.

    Examples
    --------
    >>> one, nothing = np.array([[1.0], [1.0]]), np.zeros(2)
    >>> found = round_trips(one, np.array([[1.5], [0.5]]), np.array([1.5, 0.75]), (nothing, nothing), overnight=False)
    >>> found.assets.ravel()
    array([ 0.5 , -0.75])
    """
    nights, days = (np.ones(len(equity)) if part is None else part for part in (night, day))
    early, late = (np.clip(leg, 0.0, 1.0) for leg in legs)
    before = _before(equity)
    if not overnight:
        rested = before * nights
        begun = rested * (1.0 - early)
        assets = begun[:, None] * bought * (growth - 1.0)
        idle = begun * (1.0 - bought.sum(axis=1)) * (days - 1.0)
        sold = begun + assets.sum(axis=1) + idle
        return Contributions(assets, before * (nights - 1.0) + idle, -rested * early - sold * late)
    held = np.zeros(bought.shape)
    held[1:] = bought[:-1]
    assets = before[:, None] * held * (growth - 1.0)
    idle = before * (1.0 - held.sum(axis=1)) * (nights - 1.0)
    sold = before + assets.sum(axis=1) + idle
    rested = sold * (1.0 - early)
    return Contributions(assets, idle + rested * (days - 1.0), -sold * early - rested * days * late)


def take_apart(portfolio: Portfolio, panel: Panel, settings: Settings, start: int) -> Contributions:
    """Take the growth of a run apart, at the fills of its execution.

    Parameters
    ----------
    portfolio : Portfolio
    panel : Panel
    settings : Settings
    start : int
        First bar of the run in the dates of the panel.
    """
    held, equity, cost = portfolio.allocation, portfolio.equity, portfolio.cost
    span = slice(start, start + len(equity))
    growth = load_fills(panel, settings.execution, held.shape[1]).growth[span]
    idle = load_cash_growth(settings.cash, panel)
    if settings.execution not in ROUND_TRIPS:
        if idle is None:
            return contributions(held, growth, equity, cost)
        earns = (idle.open if settings.execution == "next_open" else idle.close)[span]
        return contributions(held, growth, equity, cost, cash_growth=earns)
    early = portfolio.early_cost
    assert early is not None, "both engines keep the legs of a round trip apart"
    night, day = np.ones(len(equity)), np.ones(len(equity))
    if idle is not None:
        night[1:], day[1:] = idle.night[span][1:], idle.day[span][1:]  # the first date begins with its first order
    overnight = settings.execution == "close_to_open"
    return round_trips(held, growth, equity, (early, cost - early), overnight=overnight, night=night, day=day)


def _before(equity: Floats) -> Floats:
    return np.concatenate(([1.0], equity[:-1]))
