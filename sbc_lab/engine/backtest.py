"""A backtest is a function, its result is data: `backtest(strategy, candles)` → `Backtest`.

Checks what was typed, picks the engine, and puts names on the arrays. How a tree is decided is in `evaluate`, what
became of the money in `trading`, the plain twin of both in `reference`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from ..errors import BacktestError, DataError
from ..options import options
from .candles import load_bars
from .compile import compile_strategy
from .evaluate import evaluate
from .panel import load_panel, panel_of_bars
from .result import Backtest
from .settings import DateLike, Execution, OnMissing, Settings, StartPolicy, settle
from .strategy import Strategy
from .trading import Portfolio, trade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import xarray as xr

    from ._rows import Rows
    from .panel import Panel
    from .program import Program
    from .strategy import Rebalance
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
    start_policy: StartPolicy = "conditions",
    on_missing: OnMissing = "otherwise",
    benchmark: str | Strategy | None = None,
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
    start_policy : {"conditions", "all_assets"}
        "all_assets" also waits until every ticker of the tree trades.
    on_missing : {"otherwise", "hold", "cash"}
        What a node does after the start on a date on which its condition cannot be decided.
    benchmark : str or Strategy, optional
        What to compare with, run on the same dates with the same settings.

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
    UnsupportedError
        When this version cannot compute a node; the message names it.

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
    )
    program = check_strategy(strategy, compile_strategy(strategy))
    other = as_strategy(benchmark)
    read = reader_of(candles, (program,) if other is None else (program, compile_strategy(other)))
    run = run_on(strategy, program, read(program).select(program.tickers), settings)
    return run if other is None else run.beside(beside(other, read, run))


@overload
def check_strategy(strategy: object) -> None: ...
@overload
def check_strategy(strategy: object, program: Program) -> Program: ...
def check_strategy(strategy: object, program: Program | None = None) -> Program | None:
    """Refuse what is no strategy, or has nothing to run it on."""
    if not isinstance(strategy, Strategy):
        raise BacktestError(
            f"backtest takes a Strategy, got {strategy!r}; give the tree a name: Strategy('name', tree)"
        )
    if program is not None and not program.tickers:
        raise BacktestError(
            f"Strategy({strategy.name!r}) names no ticker, so there are no dates to run it on; "
            "put one such as 'SPY' into it"
        )
    return program


def reader_of(candles: xr.Dataset | None, programs: Iterable[Program]) -> Callable[[Program], Panel]:
    """Say where the bars of some programs come from: the candles that were given, or the store, read here and once."""
    if candles is not None:
        given = _adjusted(candles)
        return lambda program: load_panel(given, program.fields, reader=program.fields)
    known = tuple(programs)
    wanted = dict.fromkeys(ticker for program in known for ticker in program.tickers)
    fields = dict.fromkeys(name for program in known for name in program.fields)
    bars = load_bars(None, wanted, fields=("close", *fields))
    # No candles with labels here: importing what makes them would cost more than the first backtest.
    return lambda program: panel_of_bars(bars, program.fields)


def _adjusted(candles: xr.Dataset) -> xr.Dataset:
    if not bool(getattr(candles, "attrs", {}).get("adjusted", True)):
        raise DataError(
            "these candles are not adjusted, so dividends and splits would look like losses; load them with adjust=True"
        )
    return candles


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
    portfolio = Portfolio(plain.equity, plain.turnover, plain.cost, plain.allocation[held].T)
    return Backtest(strategy, settings, program, panel, plain.start, plain.target[held].T, portfolio, "numpy")


def as_strategy(benchmark: str | Strategy | None) -> Strategy | None:
    """Take the name of a ticker as the strategy that holds it."""
    if benchmark is None or isinstance(benchmark, Strategy):
        return benchmark
    return Strategy(benchmark, benchmark)


def beside(other: Strategy, read: Callable[[Program], Panel], run: Backtest) -> Backtest:
    """Run a benchmark on the dates of a run, with its settings."""
    dates = run.dates
    settings = Settings(
        start=dates[0].astype("datetime64[D]"),
        end=dates[-1].astype("datetime64[D]"),
        start_policy=run.settings.start_policy,
        cost_bps=run.settings.cost_bps,
        rebalance=other.rebalance,
        execution=run.settings.execution,
        on_missing=run.settings.on_missing,
    )
    advice = "choose another benchmark or other dates"
    try:
        program = compile_strategy(other)
        found = run_on(other, program, read(program).select(program.tickers), settings)
    except BacktestError as error:
        raise BacktestError(f"benchmark {other.name!r}: {str(error).split(';')[0]}; {advice}") from None
    if len(found.dates) != len(dates) or (found.dates != dates).any():
        raise BacktestError(
            f"benchmark {other.name!r} has bars from {found.dates[0].astype('datetime64[D]')} to "
            f"{found.dates[-1].astype('datetime64[D]')}, the run needs {dates[0].astype('datetime64[D]')} to "
            f"{dates[-1].astype('datetime64[D]')}; {advice}"
        )
    return found
