"""Many backtests in one call are the same backtests, in less memory than was stated."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sbc_lab import options
from sbc_lab.engine._shared_rows import RowStore
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.batch import Estimate, Runs, backtest_many, estimate_many
from sbc_lab.engine.strategy import (
    Node,
    Rebalance,
    Strategy,
    cumulative_return,
    each,
    equal,
    inverse_vol,
    price,
    rolling_mean,
    rsi,
    sma,
    top,
    when,
)
from sbc_lab.errors import BacktestError, UnknownNameError
from sbc_lab.testing import synthetic_candles, trees
from tests.engine.money import CLEAN, PANELS, TICKERS, missing, money, policies, profiles, rebalances

SHARED = top(inverse_vol("SPY", "TLT", window=10), equal("GLD", "BIL"), n=1, by=cumulative_return(each, 20))

BOTS: dict[str, Strategy] = {}
random_trees = trees(TICKERS, windows=(2, 25), max_leaves=6, bots=BOTS)


def variants(count: int, *, shared: Node = SHARED) -> list[Strategy]:
    """Trees with a condition of their own over one that all share."""
    return [
        Strategy(f"variant {number}", when(rsi("SPY", 3 + number) > 50).then(shared).otherwise("BIL"))
        for number in range(count)
    ]


def assert_same_run(runs: Runs, place: int, alone: Any) -> None:
    """The run of a place is that of its strategy alone, bit for bit."""
    again = runs[place]
    assert again.identity == alone.identity
    np.testing.assert_array_equal(again.dates, alone.dates)
    for name in ("equity", "turnover", "turnover_one_way", "costs", "allocation", "target"):
        assert getattr(again, name).values.tobytes() == getattr(alone, name).values.tobytes()
    outcome = runs._outcomes[place]
    assert outcome.equity.tobytes() == alone.equity.values.tobytes()
    np.testing.assert_array_equal(outcome.dates, alone.dates)
    assert dict(outcome.metrics) == dict(alone.metrics)


def test_two_strategies_with_a_common_condition_are_the_runs_of_each_alone() -> None:
    trend = price("SPY") > sma("SPY", 20)
    both = [
        Strategy("a", when(trend).then("SPY").otherwise("TLT")),
        Strategy("b", when(trend).then("GLD").otherwise("SPY")),
    ]
    runs = backtest_many(both, CLEAN)
    # price and constant need no row; sma and the comparison are made once instead of twice, each if of its own
    assert (runs.estimate.rows, runs.estimate.rows_alone) == (4, 6)
    for place, strategy in enumerate(both):
        assert_same_run(runs, place, backtest(strategy, CLEAN))


@given(
    population=st.lists(random_trees, min_size=1, max_size=5),
    candles=st.sampled_from(sorted(PANELS)).map(PANELS.__getitem__),
    rebalance=st.none() | rebalances,
    policy=st.none() | policies,
    on_missing=missing,
    profile=profiles,
    how=st.fixed_dictionaries({"cost_bps": st.sampled_from((0, 5))}) | money,
)
@settings(max_examples=80, deadline=None)
def test_random_populations_are_the_runs_of_each_alone(
    population: list[Node],
    candles: xr.Dataset,
    rebalance: Rebalance | None,
    policy: Any,
    on_missing: Any,
    profile: Any,
    how: dict[str, Any],
) -> None:
    # Every tree again inside another one: all its rows are shared, under another root with another start.
    nested = [when(rsi("BIL", 9) > 50).then(tree).otherwise(equal(tree, "SPY")) for tree in population]
    many = [Strategy(f"{place}", tree) for place, tree in enumerate([*population, *nested])]
    how |= {"rebalance": rebalance, "start_policy": policy, "on_missing": on_missing, "profile": profile, "bots": BOTS}
    runs = backtest_many(many, candles, errors="collect", **how)
    assume(len(runs.errors) < len(many))
    for place, strategy in enumerate(many):
        if place in runs.errors:
            with pytest.raises(type(runs.errors[place])) as caught:
                backtest(strategy, candles, **how)
            assert str(caught.value) == str(runs.errors[place])
        else:
            assert_same_run(runs, place, backtest(strategy, candles, **how))


def test_functions_and_rolling_measures_are_made_once() -> None:
    smooth = rolling_mean(abs(cumulative_return("SPY", 3)), 5)
    many = [Strategy(f"{level}", when(smooth > level).then("SPY").otherwise("TLT")) for level in (1, 2)]
    runs = backtest_many(many, CLEAN)
    # cumulative_return, its size and the mean of that are shared; level, comparison and if are of each alone
    assert (runs.estimate.rows, runs.estimate.rows_alone) == (3 + 6, 12)
    for place, strategy in enumerate(many):
        assert_same_run(runs, place, backtest(strategy, CLEAN))


def test_tickers_with_other_dates_share_nothing_and_run_all_the_same() -> None:
    gone = synthetic_candles(TICKERS, days=200, seed=3, listed={"TLT": 30}, delisted={"TLT": 150})
    trees = [when(rsi(name, 5) > 50).then(name).otherwise(name) for name in ("SPY", "TLT")]
    many = [Strategy("long", trees[0]), Strategy("short", trees[1]), Strategy("long again", trees[0])]
    runs = backtest_many(many, gone)
    assert runs.estimate.blocks == 2
    for place, strategy in enumerate(many):
        assert_same_run(runs, place, backtest(strategy, gone))
    assert np.isnan(runs.equity.sel(strategy="short").values[0])
    assert np.isfinite(runs.equity.sel(strategy="long").values[-1])


def test_a_row_of_other_dates_is_another_row_even_when_it_is_as_long() -> None:
    # SPY trades from bar 50 to 149; with TLT the dates are 0 to 149, with GLD 50 to 199: both times 150 of them.
    gone = synthetic_candles(
        TICKERS, days=200, seed=3, listed={"SPY": 50, "GLD": 50}, delisted={"SPY": 150, "TLT": 150}
    )
    many = [Strategy(other, when(rsi("SPY", 5) > 50).then("SPY").otherwise(other)) for other in ("TLT", "GLD")]
    runs = backtest_many(many, gone)
    assert [len(outcome.equity) for outcome in runs._outcomes] == [95, 145]  # an RSI over 5 days takes 55 and 5 dates
    for place, strategy in enumerate(many):
        assert_same_run(runs, place, backtest(strategy, gone))


@pytest.mark.usefixtures("sample_home")
def test_bars_of_the_store_give_the_same_runs() -> None:
    many = [Strategy(f"{days}", when(rsi("IBM", days) > 50).then("AAPL").otherwise("MSFT")) for days in (5, 10)]
    runs = backtest_many(many)
    for place, strategy in enumerate(many):
        assert_same_run(runs, place, backtest(strategy))


def test_the_plain_engine_runs_many_too() -> None:
    with options(engine="numpy"):
        runs = backtest_many(variants(2), CLEAN)
        assert runs[0].engine == "numpy"
        assert_same_run(runs, 0, backtest(variants(1)[0], CLEAN))


def test_a_benchmark_is_run_beside_every_one() -> None:
    runs = backtest_many(variants(3), CLEAN, benchmark="SPY")
    alone = backtest(variants(3)[2], CLEAN, benchmark="SPY")
    assert runs.metrics["beta"].values[2] == alone.metrics["beta"]
    assert runs[2].benchmark is not None


def test_blocks_change_no_result_and_the_rows_stay_in_the_memory_allowed() -> None:
    candles = synthetic_candles(TICKERS, days=6_000, seed=4)
    many = [
        Strategy(f"{days}", when(rsi("SPY", days) > 50).then(inverse_vol("SPY", "TLT", window=days)).otherwise("GLD"))
        for days in range(2, 402)
    ]
    whole = backtest_many(many[:20], candles)
    with options(memory="64MiB"):
        tracemalloc.start()
        runs = backtest_many(many, candles)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert runs.estimate.blocks > 1
    assert peak <= runs.estimate.memory <= 64 << 20
    for place in range(20):
        assert runs._outcomes[place].equity.tobytes() == whole._outcomes[place].equity.tobytes()


def test_what_does_not_fit_is_refused_before_it_starts_with_what_to_type() -> None:
    candles = synthetic_candles(TICKERS, days=9_000, seed=4)
    done = []
    with options(memory="64MiB"), pytest.raises(BacktestError, match=r"options\(memory=…\)") as caught:
        backtest_many(variants(1_000), candles, progress=lambda *at: done.append(at))
    assert "64.0 MiB" in str(caught.value)
    assert not done


def test_the_estimate_is_announced_before_and_kept() -> None:
    heard: list[Estimate] = []
    runs = backtest_many(variants(4), CLEAN, announce=heard.append)
    assert heard == [runs.estimate]
    assert estimate_many(variants(4), CLEAN) == runs.estimate
    assert str(runs.estimate).startswith("4 strategies in 1 block: ")


def test_progress_counts_to_the_end() -> None:
    heard: list[tuple[int, int]] = []
    backtest_many(variants(3), CLEAN, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_the_first_error_is_raised_and_says_whose_it_is() -> None:
    many = [*variants(1), Strategy("wrong", "QQQ")]
    with pytest.raises(UnknownNameError) as caught:
        backtest_many(many, CLEAN)
    assert caught.value.__notes__ == ["in strategies[1], 'wrong'"]


def test_errors_are_collected_and_the_others_run() -> None:
    anything: Any = "no strategy"
    many = [
        Strategy("wrong", "QQQ"),
        *variants(1),
        anything,
        Strategy("late", when(rsi("SPY", 300) > 1).then("SPY").otherwise("TLT")),
    ]
    runs = backtest_many(many, CLEAN, errors="collect")
    assert sorted(runs.errors) == [0, 2, 3]
    assert_same_run(runs, 1, backtest(variants(1)[0], CLEAN))
    assert np.isnan(runs.metrics["cagr"].values[0])
    with pytest.raises(UnknownNameError, match="QQQ"):
        runs[0]
    assert "3 could not be run" in repr(runs)


def test_an_unknown_way_to_treat_errors_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="collect"):
        backtest_many([], CLEAN, errors="ignore")  # type: ignore[arg-type]  # that is the mistake


def test_no_strategies_are_no_runs() -> None:
    runs = backtest_many([], CLEAN)
    assert len(runs) == 0
    assert runs.metrics.sizes == {"strategy": 0}
    assert runs.equity.shape == (0, 0)
    assert repr(runs).startswith("0 runs")


def test_a_store_keeps_what_fits_and_no_more() -> None:
    store = RowStore(100)
    store.keep("a", np.zeros(10))
    store.keep("b", np.zeros(10))
    assert store.held == 80
    assert store.find("a") is not None
    assert store.find("b") is None
