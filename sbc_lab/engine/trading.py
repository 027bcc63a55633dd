"""Targets → money: fill orders, drift between trades, earn on cash, pay for what is traded. Arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from . import fees
from ._memory import empty
from .costs import Bps, PerShare, RegulatoryFees, Slippage, capital_of
from .executions import ROUND_TRIPS, due_dates, due_decisions, load_fills, orders, share_prices
from .idle_money import cash_growth
from .kernels import trading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .costs import CostModel
    from .evaluate import Evaluation
    from .executions import Fills
    from .idle_money import CashGrowth

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
        Held after the trade of the date; bought on it, in a round trip.
    costs : ndarray (date, model) or None, fraction
        The cost by model; None when there is only one.
    drift : tuple of ndarray (date, asset) and ndarray (date) or None, or None
        Growth of assets since the fill before, and of cash unless it earns nothing; None in a round trip, where every
        leg goes one way.
    early_cost : ndarray (date) or None, fraction
        Of a round trip: the part of `cost` that the first leg of the date took, in the portfolio before that leg.
    """

    equity: NDArray[np.float64]
    turnover: NDArray[np.float64]
    cost: NDArray[np.float64]
    allocation: NDArray[np.float64]
    costs: NDArray[np.float64] | None = None
    drift: tuple[NDArray[np.float64], NDArray[np.float64] | None] | None = None
    one_way_given: NDArray[np.float64] | None = None
    early_cost: NDArray[np.float64] | None = None

    @cached_property
    def one_way(self) -> NDArray[np.float64]:
        """Half of what is traded, cash included: the larger of purchases and sales, (date), fraction."""
        if self.one_way_given is not None:
            return self.one_way_given
        if self.drift is None:
            return self.turnover
        growth, idle = self.drift
        before = np.zeros(len(self.allocation))
        held = self.allocation[:-1]
        grown = np.einsum("ta,ta->t", held, growth[1 : len(self.allocation)])
        cash = 1.0 - held.sum(axis=1)
        before[1:] = grown / (grown + (cash if idle is None else cash * idle[1 : len(self.allocation)]))
        # Σ of all changes, cash included, is 0: what the assets gain together, cash has lost.
        moved: NDArray[np.float64] = np.abs(self.allocation.sum(axis=1) - before)
        return 0.5 * (self.turnover + moved)


@dataclass(frozen=True, eq=False)
class _Tariff:
    """Cost models as the numbers that `kernels.trading.charge` reads."""

    rates: NDArray[np.float64]
    sale_rates: NDArray[np.float64]
    per_share: NDArray[np.float64]
    per_share_sold: NDArray[np.float64]


def trade(evaluation: Evaluation) -> Portfolio:
    """Run the portfolio of an evaluation; a run whose equity reaches 0 is cut there."""
    settings, panel = evaluation.settings, evaluation.panel
    span = slice(evaluation.start, evaluation.end + 1)
    fills = load_fills(panel, settings.execution, evaluation.program.assets)
    idle = cash_growth(settings.cash, panel)
    plain = settings.costs is None and idle is None
    if settings.execution in ROUND_TRIPS:
        return _round_trips(evaluation, fills, idle, span)
    return _plain(evaluation, fills, span) if plain else _charged(evaluation, fills, idle, span)


def _due(evaluation: Evaluation, span: slice) -> NDArray[np.uint8]:
    settings = evaluation.settings
    due = due_decisions(evaluation.panel.dates, settings, evaluation.start)[span]
    return due if settings.lag == 0 else due_dates(due, settings.lag)


def _width(evaluation: Evaluation) -> float:
    width = evaluation.settings.rebalance.width
    return -1.0 if width is None else width


def _plain(evaluation: Evaluation, fills: Fills, span: slice) -> Portfolio:
    """A rate on the traded value, and nothing on cash: the two loops that need to know nothing else."""
    settings = evaluation.settings
    order = orders(evaluation.target, fills, settings, evaluation.start)
    growth = fills.growth[span]
    equity, turnover = np.empty(len(growth)), np.empty(len(growth))
    rate = settings.cost_bps * BPS
    if settings.rebalance.rule == "daily":
        held = order
        run = trading.trade_daily(growth, held, rate, equity, turnover)
    else:
        held = empty(order.shape, np.float64)
        due, available = _due(evaluation, span), fills.available[span]
        run = trading.trade_drifting(growth, order, available, due, _width(evaluation), rate, equity, turnover, held)
    return Portfolio(equity[:run], turnover[:run], turnover[:run] * rate, held[:run], drift=(growth, None))


def _charged(evaluation: Evaluation, fills: Fills, idle: CashGrowth | None, span: slice) -> Portfolio:
    settings = evaluation.settings
    order = orders(evaluation.target, fills, settings, evaluation.start)
    growth = fills.growth[span]
    earned = np.ones(len(growth))
    if idle is not None:
        earned = (idle.open if settings.execution == "next_open" else idle.close)[span]
    tariff, prices = _tariff(evaluation, span), _prices(evaluation, fills.bought_at, span)
    equity, turnover = np.empty(len(growth)), np.empty(len(growth))
    costs = np.empty((len(growth), len(settings.model.parts)))
    held = empty(order.shape, np.float64)
    run = trading.trade_charged(
        growth,
        earned,
        order,
        fills.available[span],
        _due(evaluation, span),
        _width(evaluation),
        prices,
        capital_of(settings.model),
        tariff.rates,
        tariff.sale_rates,
        tariff.per_share,
        tariff.per_share_sold,
        equity,
        turnover,
        costs,
        held,
    )
    return _portfolio(equity, turnover, costs, held, run, drift=(growth, earned))


def _round_trips(evaluation: Evaluation, fills: Fills, idle: CashGrowth | None, span: slice) -> Portfolio:
    settings = evaluation.settings
    order = orders(evaluation.target, fills, settings, evaluation.start)
    growth = fills.growth[span]
    night, day = np.ones(len(growth)), np.ones(len(growth))
    if idle is not None:
        night[1:], day[1:] = idle.night[span][1:], idle.day[span][1:]
    tariff = _tariff(evaluation, span)
    equity, turnover, early = np.empty(len(growth)), np.empty(len(growth)), np.empty(len(growth))
    costs = np.empty((len(growth), len(settings.model.parts)))
    held = empty(order.shape, np.float64)
    run = trading.trade_round_trips(
        growth,
        settings.execution == "close_to_open",
        night,
        day,
        order,
        fills.available[span],
        _due(evaluation, span),
        _width(evaluation),
        _prices(evaluation, fills.bought_at, span),
        _prices(evaluation, fills.sold_at, span),
        capital_of(settings.model),
        tariff.rates,
        tariff.sale_rates,
        tariff.per_share,
        tariff.per_share_sold,
        equity,
        turnover,
        costs,
        early,
        held,
    )
    return replace(_portfolio(equity, turnover, costs, held, run, drift=None), early_cost=early[:run])


def _portfolio(
    equity: NDArray[np.float64],
    turnover: NDArray[np.float64],
    costs: NDArray[np.float64],
    held: NDArray[np.float64],
    run: int,
    *,
    drift: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
) -> Portfolio:
    whole = costs[:run].sum(axis=1)
    parts = costs[:run] if costs.shape[1] > 1 else None
    return Portfolio(equity[:run], turnover[:run], whole, held[:run], parts, drift)


def _prices(evaluation: Evaluation, prices: NDArray[np.float64], span: slice) -> NDArray[np.float64]:
    # Models that count no shares never look at them, so any prices of the right shape will do.
    return share_prices(evaluation.panel, prices)[span] if evaluation.settings.model.counts_shares else prices[span]


def _tariff(evaluation: Evaluation, span: slice) -> _Tariff:
    program, models = evaluation.program, evaluation.settings.model.parts
    days = evaluation.panel.days[span]
    tariff = _Tariff(
        np.zeros((len(models), program.assets)),
        np.zeros((len(models), len(days))),
        np.tile((0.0, 0.0, np.inf), (len(models), 1)),
        np.zeros((2 * len(models), len(days))),
    )
    for place, model in enumerate(models):
        _enter(tariff, place, model, program.tickers[: program.assets], days)
    return tariff


def _enter(
    tariff: _Tariff, place: int, model: CostModel, tickers: tuple[str, ...], days: NDArray[np.datetime64]
) -> None:
    if isinstance(model, Bps):
        tariff.rates[place] = model.bps * BPS
    elif isinstance(model, Slippage):
        tariff.rates[place] = [model.rate_of(ticker) * BPS for ticker in tickers]
    elif isinstance(model, PerShare):
        tariff.per_share[place] = (model.rate, model.minimum, np.inf if model.maximum is None else model.maximum)
    elif isinstance(model, RegulatoryFees):
        if model.section_31:
            tariff.sale_rates[place] = fees.section_31(days)
        if model.trading_activity:
            tariff.per_share_sold[2 * place : 2 * place + 2] = fees.trading_activity(days)
    else:
        raise AssertionError(f"a model that the engine does not know: {model!r}")
