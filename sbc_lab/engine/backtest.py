"""A backtest is a function, its result is data: `backtest(strategy, candles)` → `Backtest`.

Checks what was typed, picks the engine, and puts names on the arrays. How a tree is decided is in `evaluate`, what
became of the money in `trading`, the plain twin of both in `reference`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BacktestError, DataError
from ..options import options
from .candles import candles as read_candles
from .compile import compile_strategy
from .evaluate import evaluate
from .panel import load_panel
from .result import Backtest
from .settings import DateLike, Execution, OnMissing, Profile, Settings, StartPolicy, settle
from .strategy import Strategy, expand
from .trading import Portfolio, trade

if TYPE_CHECKING:
    import xarray as xr

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
    bots: Bots | None = None,
) -> Backtest:
    """Run a strategy over daily candles.

    The decision of date t uses data up to and including t, is filled at the close of t, and earns from t to t+1.

    Parameters
    ----------
    strategy : Strategy
        The tree and its rebalance rule.
    candles : Dataset (ticker, date), optional
        Adjusted candles as `sbc_lab.candles` loads them; by default those of the strategy's tickers from the local
        store. Indicators see all the history in here, also from before the start.
    start, end : date, optional
        First and last date to trade. By default the run starts at the first bar on which every condition, score and
        volatility has a value, and goes on to the last bar of any ticker of the tree. `start` also takes the policies
        "conditions" and "all_assets".
    cost_bps : float, default 5
        Cost of trading in 1/10,000 of the traded value; going from cash to fully invested trades 1.
    rebalance : str or Rebalance, optional
        Instead of the strategy's own rule.
    execution : {"close"}
        Where the decision is filled.
    start_policy : {"conditions", "all_assets"}, optional
        "all_assets" also waits until every ticker of the tree trades, and is the default of profile "composer";
        everywhere else "conditions" is.
    on_missing : {"otherwise", "hold", "cash"}
        What a node does after the start on a date on which it cannot be decided.
    profile : {"composer", "quantmage"}, optional
        Whose rules to follow where they differ from ours; the table of them is in `sbc_lab/engine/README.md`.
    benchmark : str or Strategy, optional
        What to compare with, run on the same dates with the same settings.
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

    Examples
    --------
    >>> from sbc_lab.testing import synthetic_candles
    >>> run = backtest(Strategy("Hold", "SPY"), synthetic_candles(("SPY",), days=300))
    >>> round(run.metrics["total_return"], 4), len(run.warnings)
    (-0.0978, 0)
    """
    if not isinstance(strategy, Strategy):
        raise BacktestError(
            f"backtest takes a Strategy, got {strategy!r}; give the tree a name: Strategy('name', tree)"
        )
    settings = settle(
        start=start,
        end=end,
        start_policy=start_policy,
        cost_bps=cost_bps,
        rebalance=strategy.rebalance if rebalance is None else rebalance,
        execution=execution,
        on_missing=on_missing,
        profile=profile,
    )
    other = _as_strategy(benchmark)
    if bots is not None:
        strategy, other = expand(strategy, bots), None if other is None else expand(other, bots)
    program = compile_strategy(strategy)
    if not program.tickers:
        raise BacktestError(
            f"Strategy({strategy.name!r}) names no ticker, so there are no dates to run it on; "
            "put one such as 'SPY' into it"
        )
    if candles is None:
        both = (program,) if other is None else (program, compile_strategy(other))
        wanted = dict.fromkeys(ticker for one in both for ticker in one.tickers)
        candles = read_candles(wanted, fields=("close", *dict.fromkeys(name for one in both for name in one.fields)))
    candles = _adjusted(candles)
    run = _run(strategy, program, candles, settings)
    return run if other is None else run.beside(_benchmark(other, candles, run))


def _adjusted(candles: xr.Dataset) -> xr.Dataset:
    if not bool(getattr(candles, "attrs", {}).get("adjusted", True)):
        raise DataError(
            "these candles are not adjusted, so dividends and splits would look like losses; load them with adjust=True"
        )
    return candles


def _run(
    strategy: Strategy, program: Program, candles: xr.Dataset, settings: Settings, *, beside: Panel | None = None
) -> Backtest:
    whole = load_panel(candles, program.fields, reader=program.fields)
    panel = whole.select(program.tickers) if beside is None else whole.select_beside(program.tickers, beside)
    if options.engine == "numpy":
        return _run_plain(strategy, program, panel, settings)
    evaluation = evaluate(program, panel, settings)
    portfolio = trade(evaluation)
    return Backtest(strategy, settings, program, panel, evaluation.start, evaluation.target, portfolio, "numba")


def _run_plain(strategy: Strategy, program: Program, panel: Panel, settings: Settings) -> Backtest:
    """Compute the same with the plain reference, which does not look at the program."""
    from .reference import simulate

    plain = simulate(strategy, panel, settings)
    held = slice(None, program.assets)
    portfolio = Portfolio(plain.equity, plain.turnover, plain.cost, plain.allocation[held].T)
    return Backtest(strategy, settings, program, panel, plain.start, plain.target[held].T, portfolio, "numpy")


def _as_strategy(benchmark: str | Strategy | None) -> Strategy | None:
    if benchmark is None or isinstance(benchmark, Strategy):
        return benchmark
    return Strategy(benchmark, benchmark)


def _benchmark(other: Strategy, candles: xr.Dataset, run: Backtest) -> Backtest:
    dates = run.dates
    settings = Settings(
        start=dates[0].astype("datetime64[D]"),
        end=dates[-1].astype("datetime64[D]"),
        start_policy=run.settings.start_policy,
        cost_bps=run.settings.cost_bps,
        rebalance=other.rebalance,
        execution=run.settings.execution,
        on_missing=run.settings.on_missing,
        profile=run.settings.profile,
    )
    advice = "choose another benchmark or other dates"
    try:
        beside = _run(other, compile_strategy(other), candles, settings, beside=run._panel)
    except BacktestError as error:
        raise BacktestError(f"benchmark {other.name!r}: {str(error).split(';')[0]}; {advice}") from None
    if len(beside.dates) != len(dates) or (beside.dates != dates).any():
        raise BacktestError(
            f"benchmark {other.name!r} has bars from {beside.dates[0].astype('datetime64[D]')} to "
            f"{beside.dates[-1].astype('datetime64[D]')}, the run needs {dates[0].astype('datetime64[D]')} to "
            f"{dates[-1].astype('datetime64[D]')}; {advice}"
        )
    return beside
