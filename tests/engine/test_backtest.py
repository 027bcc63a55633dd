"""The one call: what its arguments do, on runs small enough to work out by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.data import SnapshotStore
from sbc_lab.engine.strategy import Rebalance, Strategy, call, equal, group, threshold
from sbc_lab.errors import BacktestError, UnknownNameError
from sbc_lab.options import Engine
from sbc_lab.testing import assert_same, synthetic_candles

NAN = float("nan")
DAYS = ("2024-01-29", "2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02", "2024-02-05")
DOUBLING = Strategy("Hold A", "A")
HALVES = Strategy("Halves", lab.equal("A", "B"))


def candles(*, a: tuple[float, ...] = (1, 2, 4, 8, 16, 32), b: tuple[float, ...] = (5,) * 6) -> xr.Dataset:
    dates = np.array(DAYS, dtype="datetime64[ns]")
    return xr.Dataset({"close": (("ticker", "date"), [a, b])}, coords={"ticker": ["A", "B"], "date": dates})


def spans(run: lab.Backtest) -> tuple[str, str]:
    return str(run.dates[0])[:10], str(run.dates[-1])[:10]


@pytest.fixture(params=["numba", "numpy"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return "numba" if request.param == "numba" else "numpy"


def test_a_decision_earns_from_its_close_to_the_next(engine: Engine) -> None:
    up = lab.Strategy("Up", lab.when(lab.price("A") > 3).then("A").otherwise("B"))
    with lab.options(engine=engine):
        run = lab.backtest(up, candles(), cost_bps=0)
    assert run.engine == engine
    np.testing.assert_array_equal(run.allocation.sel(ticker="A").values, [0, 0, 1, 1, 1, 1])
    np.testing.assert_allclose(run.equity.values, [1, 1, 1, 2, 4, 8])


def test_cost_is_charged_on_what_is_traded(engine: Engine) -> None:
    with lab.options(engine=engine):
        free, dear = lab.backtest(DOUBLING, candles(), cost_bps=0), lab.backtest(DOUBLING, candles(), cost_bps=100)
    np.testing.assert_allclose(free.equity.values, [1, 2, 4, 8, 16, 32])
    np.testing.assert_allclose(dear.equity.values, 0.99 * free.equity.values)
    assert lab.backtest(DOUBLING, candles()).cost.values[0] == pytest.approx(5e-4)


def test_start_and_end_are_both_traded() -> None:
    run = lab.backtest(DOUBLING, candles(), start=DAYS[1], end=DAYS[3], cost_bps=0)
    assert spans(run) == (DAYS[1], DAYS[3])
    np.testing.assert_allclose(run.equity.values, [1, 2, 4])


def test_dates_between_bars_are_rounded_inwards() -> None:
    run = lab.backtest(DOUBLING, candles(), start="2024-01-27", end="2024-02-04")
    assert spans(run) == (DAYS[0], DAYS[4])


def test_a_date_may_be_a_text_a_date_or_a_datetime64() -> None:
    for start in (DAYS[1], dt.date(2024, 1, 30), np.datetime64(DAYS[1]), np.datetime64(DAYS[1], "ns")):
        assert spans(lab.backtest(DOUBLING, candles(), start=start))[0] == DAYS[1]


def test_history_from_before_the_start_is_seen() -> None:
    tree = Strategy("Mean", lab.when(lab.price("A") > lab.sma("A", 3)).then("A").otherwise("B"))
    whole, late = lab.backtest(tree, candles()), lab.backtest(tree, candles(), start=DAYS[4])
    assert spans(whole)[0] == DAYS[2]
    np.testing.assert_array_equal(late.target.values, whole.target.values[:, 2:])


def test_the_start_policy_may_stand_in_the_place_of_the_start() -> None:
    late = synthetic_candles(("A", "B"), days=30, listed={"B": 10})
    first = lab.backtest(HALVES, late)
    assert spans(first)[0] == "2015-01-05"
    for run in (lab.backtest(HALVES, late, start="all_assets"), lab.backtest(HALVES, late, start_policy="all_assets")):
        assert spans(run)[0] == "2015-01-19"
    assert_same(lab.backtest(HALVES, late, start="conditions"), first)


def test_the_rule_given_wins_over_that_of_the_strategy() -> None:
    monthly = Strategy("Halves", HALVES.root, rebalance="monthly")
    traded = {
        "monthly": lab.backtest(monthly, candles()),
        "none": lab.backtest(monthly, candles(), rebalance="none"),
        "daily": lab.backtest(monthly, candles(), rebalance=Rebalance("daily")),
        "threshold": lab.backtest(monthly, candles(), rebalance=threshold(0.2)),
    }
    days = {name: list(np.flatnonzero(run.turnover.values > 0)) for name, run in traded.items()}
    assert days == {"monthly": [0, 3], "none": [0], "daily": [0, 1, 2, 3, 4, 5], "threshold": [0, 2, 4]}


def test_a_benchmark_has_the_same_dates_and_its_own_rule() -> None:
    late = lab.backtest(HALVES, candles(), start=DAYS[2], rebalance="none", benchmark="A", cost_bps=0)
    assert late.benchmark is not None
    np.testing.assert_array_equal(late.benchmark.dates, late.dates)
    np.testing.assert_allclose(late.benchmark.equity.values, [1, 2, 4, 8])
    other = Strategy("Other", lab.equal("A", "B"), rebalance="monthly")
    beside = lab.backtest(DOUBLING, candles(), benchmark=other)
    assert beside.benchmark is not None
    assert (beside.benchmark.strategy, beside.benchmark.settings.rebalance.rule) == (other, "monthly")


def test_a_run_that_is_ruined_on_its_first_bar_has_a_benchmark_all_the_same() -> None:
    run = lab.backtest(DOUBLING, candles(), benchmark="B", cost_bps=0, costs=lab.costs.PerShare(capital=1.0))
    assert run.equity.values.tolist() == [0.0]
    assert run.benchmark is not None
    assert run.metrics["total_return"] is None
    assert run.benchmark.dates[0] == run.dates[0]


@pytest.mark.parametrize("given", [5, "", " ", ["A"], DOUBLING.root])
def test_a_benchmark_is_a_ticker_or_a_strategy(given: object) -> None:
    with pytest.raises(BacktestError, match="benchmark must be a ticker such as 'SPY', or a Strategy, got "):
        lab.backtest(DOUBLING, candles(), benchmark=given)  # type: ignore[arg-type]  # the point of the test


def test_a_benchmark_that_is_not_there_on_every_date_is_refused() -> None:
    gone = synthetic_candles(("A", "B"), days=30, delisted={"B": 20})
    with pytest.raises(BacktestError, match="benchmark 'B' has bars from 2015-01-05 to 2015-01-30, the run needs"):
        lab.backtest(DOUBLING, gone, benchmark="B")
    late = synthetic_candles(("A", "B"), days=30, listed={"B": 5})
    with pytest.raises(BacktestError, match="benchmark 'B' has bars from 2015-01-12 to 2015-02-13, the run needs"):
        lab.backtest(DOUBLING, late, benchmark="B")


def test_candles_come_from_the_store_when_none_are_given(sample_home: Path) -> None:
    tree = Strategy("IBM", lab.when(lab.price("^GSPC") > lab.sma("^GSPC", 20)).then("IBM").otherwise(lab.cash()))
    run = lab.backtest(tree, end="2002-01-02", benchmark="MSFT")
    given = lab.candles(("IBM", "^GSPC", "MSFT"), fields=("close",))
    assert_same(run, lab.backtest(tree, given, end="2002-01-02"))
    assert run.summary()["benchmark"] is not None
    assert SnapshotStore(sample_home / "candles").snapshot().id == run._panel.snapshot


def test_more_tickers_and_other_orders_change_nothing() -> None:
    base = lab.backtest(HALVES, candles())
    swapped = candles().sel(ticker=["B", "A"])
    assert_same(base, lab.backtest(HALVES, swapped), tolerance=0.0)
    more = xr.concat([candles(), candles().isel(ticker=[0]).assign_coords(ticker=["C"])], "ticker")
    run = lab.backtest(HALVES, more)
    assert_same(base, run, tolerance=0.0)
    assert run.identity == base.identity


def test_a_call_without_a_library_says_how_to_give_one() -> None:
    with pytest.raises(
        BacktestError, match=r"call\('another'\)` names another strategy; .*bots=\{'another': strategy\}"
    ):
        lab.backtest(Strategy("Call", call("another")), candles())


def test_a_called_strategy_is_computed_in_the_place_of_its_call() -> None:
    saved = {"half": Strategy("Half", equal("A", "B"), rebalance="yearly")}
    run = lab.backtest(Strategy("Call", call("half")), candles(), bots=saved)
    assert_same(run, lab.backtest(Strategy("By hand", equal("A", "B")), candles()), tolerance=0.0)
    assert str(run.settings.rebalance) == "daily"  # the called strategy's own rule does not count
    assert "half" in str(run.explain(run.dates[3]))
    assert run.strategy.root == group("half", equal("A", "B"))


def test_a_benchmark_may_call_too_and_identity_follows_what_is_called() -> None:
    one, other = ({"x": Strategy("x", ticker)} for ticker in "AB")
    tree, beside = Strategy("Call", equal("A", call("x"))), Strategy("Beside", call("x"))
    run = lab.backtest(tree, candles(), bots=one, benchmark=beside)
    assert run.benchmark is not None
    assert run.benchmark.strategy.root == group("x", "A")
    assert run.identity != lab.backtest(tree, candles(), bots=other, benchmark=beside).identity
    more = {**one, "never called": Strategy("n", "B")}
    assert run.identity == lab.backtest(tree, candles(), bots=more, benchmark=beside).identity


def test_a_ticker_that_the_candles_do_not_hold_lists_those_they_do() -> None:
    with pytest.raises(UnknownNameError, match="candles: there is no ticker 'AA'; known, nearest first: A, B"):
        lab.backtest(Strategy("x", "AA"), candles())


def test_a_ticker_of_nobody_adds_no_date_to_handmade_candles() -> None:
    alone = candles(a=(1, 2, NAN, 4, 8, 16), b=(5,) * 6)
    run = lab.backtest(DOUBLING, alone, benchmark="B")
    assert [str(date)[8:10] for date in run.dates] == ["29", "30", "01", "02", "05"]
    assert run.benchmark is not None
    assert (run.benchmark.dates == run.dates).all()
    assert run.warnings == ()
