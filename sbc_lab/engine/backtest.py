"""A backtest is a function, its result is data: `backtest(strategy, candles)` → `Backtest`.

Checks what was typed, picks the engine, and puts names on the arrays. How a tree is decided is in `evaluate`, what
became of the money in `trading`, the plain twin of both in `reference`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BacktestError
from ..options import options
from ._prices import Prices
from .compile import compile_strategy
from .evaluate import evaluate
from .executions import ROUND_TRIPS
from .result import Backtest
from .settings import DateLike, Execution, OnMissing, Profile, Settings, StartPolicy, settle
from .strategy import Strategy, expand
from .trading import Portfolio, trade

if TYPE_CHECKING:
    import xarray as xr

    from ._rows import Rows
    from .costs import CostModel
    from .panel import Panel
    from .program import Program
    from .strategy import Bots, Rebalance
    from .strategy.strategy import RebalanceRule

__all__ = ["Backtest", "backtest"]


def backtest(
    strategy: Strategy,
    candles: xr.Dataset | None = None,
    *,
    start: DateLike | None = None,
    end: DateLike | None = None,
    cost_bps: float = 5.0,
    rebalance: Rebalance | RebalanceRule | None = None,
    execution: Execution = "close",
    start_policy: StartPolicy | None = None,
    on_missing: OnMissing = "otherwise",
    profile: Profile | None = None,
    benchmark: str | Strategy | None = None,
    delay: int = 0,
    costs: CostModel | None = None,
    cash: str | float | xr.DataArray | None = None,
    bots: Bots | None = None,
) -> Backtest:
    """Run a strategy over daily candles.

    The decision of date t uses data up to and including t, is filled at the close of t, and earns from t to t+1; other
    fills are a matter of `execution` and `delay`.

    Parameters
    ----------
    strategy : Strategy
        The tree and its rebalance rule.
    candles : Dataset (ticker, date), optional
        Adjusted candles as `sbc_lab.candles` loads them; by default those of the strategy's tickers from the local
        store. Indicators see all the history in here, also from before the start.
    start, end : date, optional
        First date that decides, and last date. By default the run starts at the first bar on which every condition,
        score and volatility has a value, and goes on to the last bar of any ticker of the tree. A year or a month, such
        as "2013" or "2013-05", begins with its first day and ends with its last. `start` also takes the policies
        "conditions" and "all_assets". What the first date decides is always filled; until then all is cash.
    cost_bps : float, default 5
        Cost of trading in 1/10,000 of the traded value; going from cash to fully invested trades 1.
    rebalance : str or Rebalance, optional
        Instead of the strategy's own rule.
    execution : {"close", "next_open", "open_to_close", "close_to_open"}
        Where the decision of the close of t is filled, at adjusted prices: "close", at that same close, earning from
        close to close; "next_open", at the open of t+1, from open to open; "open_to_close", bought at the open of t+1
        and sold at its close; "close_to_open", bought at the close of t and sold at the open of t+1. See Notes.
    start_policy : {"conditions", "all_assets"}, optional
        "all_assets" also waits until every ticker of the tree trades, and is the default of profile "composer";
        everywhere else "conditions" is.
    on_missing : {"otherwise", "hold", "cash"}
        What a node does after the start on a date on which it cannot be decided.
    profile : {"composer", "quantmage"}, optional
        Whose rules to follow where they differ from ours; the table of them is in `sbc_lab/engine/README.md`.
    benchmark : str or Strategy, optional
        What to compare with, run on the same dates with the same settings.
    delay : int, default 0
        Bars by which every fill is later than `execution` says.
    costs : CostModel, optional
        Instead of `cost_bps`, a model of `lab.costs` or a sum of them, such as
        lab.costs.PerShare() + lab.costs.Slippage(2).
    cash : str, float or DataArray (date), optional
        What the uninvested part earns, in the portfolio and in the NAV of every node: the returns of a ticker of the
        candles such as "BIL", a yearly yield such as 0.03, or yearly yields by date, of which the one known on a date
        is earned until the next. A yield is earned by calendar days, (1 + yield) ** (days / 365), over the night.
    bots : mapping of str to Strategy, or Library, optional
        The saved strategies that `call` names; each is put in the place of its call before anything is computed, so
        the run, its fingerprint and its explanations are those of the whole tree.

    Returns
    -------
    Backtest
        Equity, returns, drawdown, turnover, cost (date); allocation (ticker, date); metrics, warnings, identity.

    Raises
    ------
    BacktestError
        When the dates asked for cannot be traded; the message names what is missing and the first date that can.
    UnknownNameError
        When the candles do not hold a ticker of the tree; the message lists the nearest.
    StrategyError
        When called strategies call each other in a circle, or a version that is called is not there.

    Notes
    -----
    The executions are those that are also called CC ("close"), OO ("next_open"), OC ("open_to_close") and CO
    ("close_to_open"). A row of the result has the date on which its value was known: equity is measured after the fill
    of its date, at the close, and with "next_open" at the open. `allocation` is what was filled on the date, with the
    coordinates `decision_date` and `return_date`; `returns` names in `decision_date` what earned it.

    "open_to_close" and "close_to_open" buy and sell every day, pay for both, and are cash for the other half of it.
    Between two dates of a calendar rule they buy the same shares of the portfolio again; a threshold compares the
    order with these. With any execution a rule counts by the date of the decision, and a threshold is measured when
    the order could be filled, against what is held then.

    A ticker whose bar is missing on the date of a fill is filled at its carried close; one that is unavailable is not
    bought, that part stays in cash, and it is a warning. What the last bars decide is reported in `target`, and
    charged as far as it can be filled: the orders of the last `delay` bars, one more with fills at the next open, are
    still open when the run ends.

    Examples
    --------
    >>> from sbc_lab.testing import synthetic_candles
    >>> run = backtest(Strategy("Hold", "SPY"), synthetic_candles(("SPY",), days=300))
    >>> round(run.metrics["total_return"], 4), len(run.warnings)
    (-0.0978, 0)
    """
    check_strategy(strategy)
    settings = settle(
        start=start,
        end=end,
        start_policy=start_policy,
        cost_bps=cost_bps,
        rebalance=strategy.rebalance if rebalance is None else rebalance,
        execution=execution,
        on_missing=on_missing,
        delay=delay,
        costs=costs,
        cash=cash,
        profile=profile,
    )
    other = as_strategy(benchmark)
    if bots is not None:
        strategy, other = expand(strategy, bots), None if other is None else expand(other, bots)
    program = check_program(strategy, compile_strategy(strategy))
    prices = Prices(candles, (program,) if other is None else (program, compile_strategy(other)), settings)
    run = run_on(strategy, program, prices.panel(program), settings)
    return run if other is None else run.beside(beside(other, prices, run))


def check_strategy(strategy: object) -> None:
    """Refuse what is no strategy."""
    if not isinstance(strategy, Strategy):
        raise BacktestError(
            f"backtest takes a Strategy, got {strategy!r}; give the tree a name: Strategy('name', tree)"
        )


def check_program(strategy: Strategy, program: Program) -> Program:
    """Refuse what has nothing to run it on."""
    if not program.tickers:
        raise BacktestError(
            f"Strategy({strategy.name!r}) names no ticker, so there are no dates to run it on; "
            "put one such as 'SPY' into it"
        )
    return program


def run_on(
    strategy: Strategy, program: Program, panel: Panel, settings: Settings, rows: Rows | None = None
) -> Backtest:
    """Run a compiled strategy over the panel of exactly its tickers, in rows of its own or in those given."""
    if options.engine == "numpy":
        return _run_plain(strategy, program, panel, settings)
    evaluation = evaluate(program, panel, settings, rows)
    portfolio = trade(evaluation)
    return Backtest(strategy, settings, program, panel, evaluation.start, evaluation.target, portfolio, "numba")


def _run_plain(strategy: Strategy, program: Program, panel: Panel, settings: Settings) -> Backtest:
    """Compute the same with the plain reference, which does not look at the program."""
    from .reference import simulate

    plain = simulate(strategy, panel, settings)
    held = slice(None, program.assets)
    costs = plain.costs.T if len(plain.costs) > 1 else None
    early = plain.early if settings.execution in ROUND_TRIPS else None
    portfolio = Portfolio(
        plain.equity,
        plain.turnover,
        plain.cost,
        plain.allocation[held].T,
        costs,
        one_way_given=plain.one_way,
        early_cost=early,
    )
    return Backtest(strategy, settings, program, panel, plain.start, plain.target[held].T, portfolio, "numpy")


def as_strategy(benchmark: str | Strategy | None) -> Strategy | None:
    """Take the name of a ticker as the strategy that holds it."""
    if benchmark is None or isinstance(benchmark, Strategy):
        return benchmark
    if not isinstance(benchmark, str) or not benchmark.strip():
        raise BacktestError(f"benchmark must be a ticker such as 'SPY', or a Strategy, got {benchmark!r:.80}")
    return Strategy(benchmark, benchmark)


def beside(other: Strategy, prices: Prices, run: Backtest) -> Backtest:
    """Run a benchmark on the dates of a run, with its settings."""
    dates = run.dates
    last = run._panel.dates[run._start + max(len(dates), 2) - 1]  # a run that ended on its first bar is compared too
    settings = replace(
        run.settings,
        start=dates[0].astype("datetime64[D]"),
        end=last.astype("datetime64[D]"),
        rebalance=other.rebalance,
    )
    advice = "choose another benchmark or other dates"
    try:
        program = compile_strategy(other)
        found = run_on(other, program, prices.beside(program, run._panel), settings)
    except BacktestError as error:
        raise BacktestError(f"benchmark {other.name!r}: {str(error).split(';')[0]}; {advice}") from None
    if not np.array_equal(found.dates[: len(dates)], dates):
        raise BacktestError(
            f"benchmark {other.name!r} has bars from {found.dates[0].astype('datetime64[D]')} to "
            f"{found.dates[-1].astype('datetime64[D]')}, the run needs {dates[0].astype('datetime64[D]')} to "
            f"{dates[-1].astype('datetime64[D]')}; {advice}"
        )
    return found
