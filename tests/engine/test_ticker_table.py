"""What tickers, cash and cost added is the total return, and every holding period is one that was held."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import sbc_lab as lab
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.strategy import Rebalance, Strategy
from sbc_lab.engine.strategy.strategy import RebalanceRule
from sbc_lab.engine.ticker_table import holding_periods
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("SPY", "TLT", "GLD"), days=160)
TREE = lab.when(lab.rsi("GLD", 5) > 50).then(lab.equal("SPY", "TLT")).otherwise(lab.cash())
RULES = [Rebalance(rule, 0.05 if rule == "threshold" else None) for rule in get_args(RebalanceRule)]
RUN = backtest(Strategy("Try", TREE), CANDLES, cost_bps=20)


def tiny(tree: object, *rows: list[float], **how: object) -> Backtest:
    dates = np.datetime64("2024-01-01", "ns") + np.arange(len(rows[0])) * np.timedelta64(1, "D")
    names = ["A", "B", "C"][: len(rows)]
    candles = xr.Dataset({"close": (("ticker", "date"), list(rows))}, coords={"ticker": names, "date": dates})
    return backtest(Strategy("Tiny", tree), candles, **how)  # type: ignore[arg-type]  # settings by name


def test_two_tickers_and_a_cost_by_hand() -> None:
    run = tiny(lab.equal("A", "B"), [10.0, 20.0, 20.0], [4.0, 4.0, 2.0], cost_bps=100, rebalance="none")
    data = run.by_ticker.data
    np.testing.assert_allclose(data["contribution"], [0.99 * 0.5, -0.99 * 0.25])
    assert float(data["cost"]) == pytest.approx(-0.01)
    assert float(data["cash"]) == 0.0
    assert float(data["total_return"]) == pytest.approx(0.99 * 1.25 - 1.0)
    np.testing.assert_allclose(data["share_of_result"], [0.495 / 0.2375, -0.2475 / 0.2375])
    np.testing.assert_array_equal(data["days_held"], [2, 2])
    np.testing.assert_allclose(data["mean_share"], [(0.5 + 2 / 3 + 0.8) / 3, (0.5 + 1 / 3 + 0.2) / 3])
    np.testing.assert_array_equal(data["periods"], [1, 1])
    np.testing.assert_allclose(data["expectancy"], [1.0, -0.5])
    np.testing.assert_array_equal(data["win_rate"], [1.0, 0.0])
    np.testing.assert_allclose(data["best_period"], [1.0, -0.5])


@pytest.mark.parametrize("rule", RULES, ids=str)
@settings(max_examples=10, deadline=None)
@given(cost=st.floats(0.0, 300.0), limit=st.integers(30, 70))
def test_contributions_add_up_to_the_total_return(rule: Rebalance, cost: float, limit: int) -> None:
    tree = lab.when(lab.rsi("GLD", 5) > limit).then(lab.weighted(("SPY", 0.3), ("TLT", 0.7))).otherwise("GLD")
    run = backtest(Strategy("Try", lab.equal(tree, "TLT")), CANDLES, cost_bps=cost, rebalance=rule)
    daily, data = run.contributions, run.by_ticker.data
    each = daily["tickers"].sum("ticker") + daily["cash"] + daily["cost"]
    np.testing.assert_allclose(each, np.diff(run.equity.values, prepend=1.0), rtol=0, atol=1e-12)
    whole = data["contribution"].sum() + data["cash"] + data["cost"]
    assert float(whole) == pytest.approx(float(data["total_return"]), abs=1e-12)
    assert float(data["total_return"]) == run.metrics["total_return"]


def test_a_ruined_run_is_taken_apart_too() -> None:
    run = tiny(lab.when(lab.price("A") > 1.5).then("A").otherwise("B"), [1.0, 2.0, 1.0], [1.0, 1.0, 1.0], cost_bps=6000)
    assert float(run.equity[-1]) == 0.0
    data = run.by_ticker.data
    assert float(data["contribution"].sum() + data["cost"]) == pytest.approx(-1.0)


def test_a_holding_period_is_an_unbroken_time_of_holding() -> None:
    share = np.array([0.0, 0.5, 1e-15, 0.2, 0.3, 0.0, 0.0, 0.4])
    found = holding_periods(share, np.array([np.nan, 9.0, 2.0, 9.0, 0.5, 3.0, 9.0, 9.0]))
    assert found.bought.tolist() == [1, 3]  # the one of the last bar has earned nothing yet
    assert found.sold.tolist() == [2, 5]
    np.testing.assert_allclose(found.gains, [1.0, 0.5])


def test_a_period_that_is_still_open_ends_on_the_last_bar() -> None:
    found = holding_periods(np.array([1.0, 1.0, 1.0]), np.array([1.0, 1.1, 1.2]))
    assert (found.bought.tolist(), found.sold.tolist()) == ([0], [2])
    np.testing.assert_allclose(found.gains, [0.32])


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.data())
def test_periods_cover_every_return_that_was_held(held: list[bool], data: st.DataObject) -> None:
    growth = np.array(data.draw(st.lists(st.floats(0.5, 2.0), min_size=len(held), max_size=len(held))))
    found = holding_periods(np.array(held, dtype=np.float64), growth)
    assert int((found.sold - found.bought).sum()) == sum(held[:-1])
    earned = np.prod(np.where(held[:-1], growth[1:], 1.0))
    assert np.prod(1.0 + found.gains) == pytest.approx(earned, rel=1e-9)


def test_expectancy_is_the_mean_gain_of_the_periods_that_moved() -> None:
    data, share = RUN.by_ticker.data, RUN.allocation.values
    close = CANDLES["close"].sel(ticker=RUN.allocation["ticker"], date=RUN.dates).values
    for place in range(len(share)):
        growth = np.concatenate(([1.0], close[place, 1:] / close[place, :-1]))
        gains = holding_periods(share[place], growth).gains
        assert len(gains) > 3
        assert float(data["expectancy"][place]) == pytest.approx(gains.mean())
        assert float(data["win_rate"][place]) == pytest.approx((gains > 0.0).mean())
        assert float(data["mean_length"][place]) == pytest.approx(
            float(data["days_held"][place]) / float(data["periods"][place])
        )
        assert float(data["worst_period"][place]) == gains.min()


def test_a_ticker_that_was_never_held_has_no_periods() -> None:
    run = tiny(lab.when(lab.price("A") > 100).then("B").otherwise("A"), [1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    row = run.by_ticker.data.sel(ticker="B")
    assert (float(row["contribution"]), float(row["days_held"]), float(row["periods"])) == (0.0, 0.0, 0.0)
    assert np.isnan([float(row[name]) for name in ("mean_length", "win_rate", "expectancy", "best_period")]).all()


def test_the_table_begins_with_the_largest_contribution_and_ends_with_the_total() -> None:
    lines = repr(RUN.by_ticker).splitlines()
    assert lines[0] == "Try: what each ticker did"
    assert [line.split()[0] for line in lines[-3:]] == ["cash", "cost", "total"]
    order = RUN.by_ticker["contribution"].sortby(-RUN.by_ticker["contribution"])["ticker"].values
    assert [line.split()[0] for line in lines[2:-3]] == list(order)
    assert RUN.by_ticker["contribution"].attrs["units"] == "fraction of the portfolio of the first day"
    assert "<table" in RUN.by_ticker._repr_html_()
