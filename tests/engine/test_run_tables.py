"""Laws of every table over random trees, on candles with every flaw that real ones have."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import sbc_lab as lab
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.metrics import METRICS
from sbc_lab.engine.strategy import Node, Rebalance, Strategy, threshold
from sbc_lab.errors import BacktestError
from sbc_lab.testing import KINDS, synthetic_candles, trees

TICKERS = ("SPY", "TLT", "GLD")
FLAWED = synthetic_candles(
    TICKERS, days=200, seed=4, listed={"TLT": 25}, delisted={"SPY": 180}, holes={"GLD": (80, 81, *range(120, 132))}
)
random_trees = trees(TICKERS, kinds=KINDS - {"call", "caps"}, windows=(2, 15), max_leaves=6)
rebalances = st.sampled_from((Rebalance("daily"), Rebalance("monthly"), Rebalance("none"), threshold(0.05)))


def run_of(tree: Node, rebalance: Rebalance) -> Backtest:
    try:
        return backtest(Strategy("Try", tree), FLAWED, cost_bps=30, rebalance=rebalance)
    except BacktestError:
        assume(False)
        raise


@settings(max_examples=60, deadline=None)
@given(random_trees, rebalances)
def test_every_table_of_a_run_adds_up_to_the_run(tree: Node, rebalance: Rebalance) -> None:
    run = run_of(tree, rebalance)
    total = run.metrics["total_return"]
    by_ticker, monthly, coverage = run.by_ticker.data, run.monthly.data, run.coverage.data
    parts = by_ticker["contribution"].sum() + by_ticker["cash"] + by_ticker["cost"]
    scale = max(1.0, float(np.abs(run.contributions["tickers"]).sum()))
    assert float(parts) == pytest.approx(float(run.equity[-1]) - 1.0, abs=1e-12 * scale)
    assert float((1.0 + monthly["total"]).prod()) - 1.0 == pytest.approx(total, abs=1e-12 * scale)
    np.testing.assert_array_equal(coverage["bars"] + coverage["carried"] + coverage["unavailable"], len(run.dates))
    held = set(by_ticker["ticker"].values[by_ticker["days_held"].values > 0])
    assert held <= set(coverage["ticker"].values[["held" in str(role) for role in coverage["role"].values]])
    assert (coverage["needed_from"] <= run.dates[0]).all()
    growth = (1.0 + run.by(lab.price("GLD") > lab.sma("GLD", 10), candles=FLAWED).data["growth"]).prod()
    assert float(growth) * float(run.equity[0]) - 1.0 == pytest.approx(total, abs=1e-12 * scale)


@settings(max_examples=30, deadline=None)
@given(random_trees)
def test_a_table_of_the_plain_engine_is_that_of_the_fast_one(tree: Node) -> None:
    fast = run_of(tree, Rebalance("monthly"))
    with lab.options(engine="numpy"):
        plain = run_of(tree, Rebalance("monthly"))
    for name in ("monthly", "yearly", "by_ticker"):
        left, right = getattr(fast, name).data, getattr(plain, name).data
        for variable in left.data_vars:
            np.testing.assert_allclose(left[variable], right[variable], rtol=1e-9, atol=1e-10, err_msg=variable)
    assert fast.coverage.data.identical(plain.coverage.data)


def test_a_run_keeps_its_tables_when_it_travels() -> None:
    run = backtest(Strategy("Try", lab.equal("SPY", "TLT")), FLAWED)
    shown = [repr(run.monthly), repr(run.yearly), repr(run.by_ticker), repr(run.coverage), repr(run.split(0.5))]
    other = pickle.loads(pickle.dumps(run))
    assert [repr(table) for table in (other.monthly, other.yearly, other.by_ticker, other.coverage)] == shown[:-1]
    assert repr(other.split(0.5)) == shown[-1]


def test_every_metric_of_a_split_has_its_place() -> None:
    run = backtest(Strategy("Try", lab.equal("SPY", "TLT")), FLAWED, benchmark="GLD")
    assert list(run.split(0.5).data.data_vars) == list(METRICS)
