"""Many backtests in one call: what they have in common is computed once, within a stated memory.

Every run is, bit for bit, what `backtest` gives for its strategy alone. How they are put in order, and what they share,
is in `_batch_plan` and `_shared_rows`; what comes out is in `runs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from ._batch_plan import Errors, Plan, Progress
from .backtest import as_strategy
from .runs import Estimate, Runs
from .settings import DateLike, Execution, OnMissing, Profile, Settings, StartPolicy, settle

if TYPE_CHECKING:
    import xarray as xr

    from .costs import CostModel
    from .strategy import Bots, Rebalance, Strategy
    from .strategy.strategy import RebalanceRule

__all__ = ["Estimate", "Runs", "backtest_many", "estimate_many"]


def backtest_many(
    strategies: Iterable[Strategy],
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
    errors: Errors = "raise",
    progress: Progress | None = None,
    announce: Callable[[Estimate], object] | None = None,
) -> Runs:
    """Run many strategies over the same candles, computing what they share once.

    Parameters
    ----------
    strategies : iterable of Strategy
        Names may repeat; the order is kept.
    candles, start, end, cost_bps, rebalance, execution, start_policy, on_missing, profile, benchmark, delay, costs
        As in `backtest`, the same for all.
    cash, bots
        As in `backtest`, the same for all.
    errors : {"raise", "collect"}
        "raise" stops at the first strategy that cannot be run and names it. "collect" goes on: its metrics are
        missing, its error is in `Runs.errors`, and asking for that run raises it.
    progress : callable (done, total), optional
        Called after every strategy.
    announce : callable (Estimate), optional
        Called once with what is about to be done, such as ``print``, before anything is computed.

    Returns
    -------
    Runs
        Metrics (strategy) and equity (strategy, date) of all; each run in full when it is asked for.

    Raises
    ------
    BacktestError
        When it needs more memory than ``options(memory=…)`` allows even strategy by strategy, and as `backtest`.

    Examples
    --------
    >>> from sbc_lab.engine.strategy import Strategy, inverse_vol, price, sma, when
    >>> from sbc_lab.testing import synthetic_candles
    >>> calm = inverse_vol("SPY", "TLT", window=20)
    >>> tree = lambda days: when(price("SPY") > sma("SPY", days)).then("SPY").otherwise(calm)
    >>> variants = [Strategy(f"{days} days", tree(days)) for days in (50, 100, 150)]
    >>> runs = backtest_many(variants, synthetic_candles(("SPY", "TLT"), days=500))
    >>> len(runs), runs[1].strategy.name, runs.estimate.rows < runs.estimate.rows_alone
    (3, '100 days', True)
    """
    settled = partial(
        settle,
        start=start,
        end=end,
        cost_bps=cost_bps,
        execution=execution,
        start_policy=start_policy,
        on_missing=on_missing,
        delay=delay,
        costs=costs,
        cash=cash,
        profile=profile,
    )

    def settings(rule: Rebalance) -> Settings:
        return settled(rebalance=rule if rebalance is None else rebalance)

    plan = Plan(tuple(strategies), candles, settings, errors=errors, benchmark=as_strategy(benchmark), bots=bots)
    if announce is not None:
        announce(plan.estimate)
    plan.check_memory()
    return Runs(tuple(plan.strategies), plan.run(progress), plan.estimate, plan.again)


def estimate_many(
    strategies: Iterable[Strategy],
    candles: xr.Dataset | None = None,
    *,
    errors: Errors = "raise",
    bots: Bots | None = None,
) -> Estimate:
    """Say what `backtest_many` would compute and need, without running anything.

    Parameters
    ----------
    strategies, candles, errors, bots
        As in `backtest_many`.

    Returns
    -------
    Estimate
    """
    return Plan(
        tuple(strategies),
        candles,
        lambda rule: Settings(rebalance=rule),
        errors=errors,
        bots=bots,
    ).estimate
