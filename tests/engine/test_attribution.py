"""Contributions add up to what the portfolio earned, by hand and for every way to trade."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import sbc_lab as lab
from sbc_lab.engine.attribution import contributions, earned, round_trips
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.strategy import Node, Rebalance, Strategy
from sbc_lab.engine.strategy.strategy import RebalanceRule
from sbc_lab.errors import BacktestError
from sbc_lab.testing import synthetic_candles, trees
from tests.engine.money import PANELS, TICKERS, missing, money, rebalances

CANDLES = synthetic_candles(("SPY", "TLT", "GLD"), days=90)
RULES = [rule for rule in get_args(RebalanceRule) if rule != "threshold"]


def taken_apart(run: Backtest) -> Any:
    close = CANDLES["close"].sel(ticker=run.allocation["ticker"], date=run.dates).values.T
    growth = np.concatenate((np.ones_like(close[:1]), close[1:] / close[:-1]))
    return contributions(run.allocation.values.T, growth, run.equity.values, run.cost.values)


def test_two_assets_and_a_cost_by_hand() -> None:
    # half A, half B for 1 %; A doubles, both drift to 2/3 and 1/3; then B halves
    held = np.array([[0.5, 0.5], [2 / 3, 1 / 3], [0.8, 0.2]])
    growth = np.array([[np.nan, np.nan], [2.0, 1.0], [1.0, 0.5]])
    equity = 0.99 * np.array([1.0, 1.5, 1.25])
    found = contributions(held, growth, equity, np.array([0.01, 0.0, 0.0]))
    np.testing.assert_allclose(found.assets, 0.99 * np.array([[0.0, 0.0], [0.5, 0.0], [0.0, -0.25]]), atol=1e-15)
    np.testing.assert_array_equal(found.cash, [0.0, 0.0, 0.0])
    np.testing.assert_allclose(found.cost, [-0.01, 0.0, 0.0], atol=1e-17)


def test_cash_earns_what_it_is_said_to_earn() -> None:
    held, growth = np.array([[0.25], [0.0]]), np.array([[1.0], [1.2]])
    found = contributions(held, growth, np.array([1.0, 1.05 + 0.075]), np.zeros(2), cash_growth=np.array([9.0, 1.1]))
    assert found.cash == pytest.approx([0.0, 0.075])
    assert float(found.assets.sum()) == pytest.approx(0.05)


def test_a_cost_of_more_than_everything_takes_everything() -> None:
    held, growth = np.array([[1.0], [0.0]]), np.array([[1.0], [1.0]])
    found = contributions(held, growth, np.array([0.5, 0.0]), np.array([0.5, 1.5]))
    assert found.cost.tolist() == [-0.5, -0.5]


def test_parts_of_a_portfolio_earn_alone_what_they_earn_together() -> None:
    share, growth = np.array([[0.2, 0.3], [0.0, 0.0]]), np.array([[1.0, 1.0], [1.5, 0.5]])
    equity = np.array([2.0, 1.9])
    together = earned(share, growth, equity)
    alone = [earned(share[:, [part]], growth[:, [part]], equity) for part in range(2)]
    np.testing.assert_array_equal(together, np.hstack(alone))
    np.testing.assert_allclose(together[1], [0.2, -0.3], rtol=1e-15)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=15, deadline=None)
@given(cost=st.floats(0.0, 500.0), window=st.integers(2, 12))
def test_everything_adds_up_to_the_total_return(rule: RebalanceRule, cost: float, window: int) -> None:
    tree = lab.when(lab.rsi("GLD", window) > 50).then(lab.weighted(("SPY", 0.3), ("TLT", 0.7))).otherwise(lab.cash())
    run = backtest(Strategy("Try", tree), CANDLES, cost_bps=cost, rebalance=rule)
    found = taken_apart(run)
    each = found.assets.sum(axis=1) + found.cash + found.cost
    np.testing.assert_allclose(each, np.diff(run.equity.values, prepend=1.0), rtol=0, atol=1e-13)
    assert found.assets.sum() + found.cash.sum() + found.cost.sum() == pytest.approx(
        float(run.equity[-1]) - 1.0, abs=1e-12
    )


def test_a_trip_within_the_day_pays_twice_and_rests_over_the_night() -> None:
    # all in A, cash earns 1 % a night; 10 % to buy, 20 % to sell, and A doubles within the day
    found = round_trips(
        np.array([[1.0]]),
        np.array([[2.0]]),
        np.array([1.01 * 0.9 * 2.0 * 0.8]),
        (np.array([0.1]), np.array([0.2])),
        overnight=False,
        night=np.array([1.01]),
    )
    assert found.cash == pytest.approx([0.01])
    assert found.assets.ravel() == pytest.approx([1.01 * 0.9])
    assert found.cost == pytest.approx([-1.01 * 0.1 - 1.01 * 0.9 * 2.0 * 0.2])


def test_a_trip_over_the_night_sells_first_and_rests_through_the_day() -> None:
    # half in A, which doubles over the night; cash earns 2 % a night and 1 % a day
    found = round_trips(
        np.array([[0.5], [0.0]]),
        np.array([[9.0], [2.0]]),
        np.array([1.0, 1.51 * 0.9 * 1.01 * 0.8]),
        (np.array([0.0, 0.1]), np.array([0.0, 0.2])),
        overnight=True,
        night=np.array([1.0, 1.02]),
        day=np.array([1.0, 1.01]),
    )
    assert found.assets.ravel() == pytest.approx([0.0, 0.5])
    assert found.cash == pytest.approx([0.0, 0.01 + 1.51 * 0.9 * 0.01])
    assert found.cost == pytest.approx([0.0, -1.51 * 0.1 - 1.51 * 0.9 * 1.01 * 0.2])


BOTS: dict[str, Strategy] = {}


@given(
    tree=trees(TICKERS, windows=(2, 25), max_leaves=8, bots=BOTS),
    candles=st.sampled_from(sorted(PANELS)),
    rebalance=rebalances,
    on_missing=missing,
    how=st.fixed_dictionaries({"cost_bps": st.sampled_from((0, 5, 10_000))}) | money,
    engine=st.sampled_from(("numba", "numba", "numpy")),
)
@settings(max_examples=200)
def test_tickers_cash_and_cost_of_every_date_are_the_change_of_the_equity(
    tree: Node, candles: str, rebalance: Rebalance, on_missing: Any, how: dict[str, Any], engine: Any
) -> None:
    how = {"rebalance": rebalance, "on_missing": on_missing, "bots": BOTS, **how}
    with lab.options(engine=engine):
        try:
            run = backtest(Strategy("random", tree), PANELS[candles], **how)
        except BacktestError:
            assume(False)
            raise
        daily, data = run.contributions, run.by_ticker.data
    scale = max(1.0, float(run.equity.max()))
    each = daily["tickers"].sum("ticker") + daily["cash"] + daily["cost"]
    np.testing.assert_allclose(each, np.diff(run.equity.values, prepend=1.0), rtol=0, atol=1e-12 * scale)
    assert (daily["cost"].values <= 0.0).all()
    if how.get("cash") is None:
        np.testing.assert_allclose(daily["cash"].values, 0.0, atol=0)
    whole = float(data["contribution"].sum() + data["cash"] + data["cost"])
    assert abs(whole - float(data["total_return"])) <= 1e-12 * scale
    # What has no holding period has earned nothing.
    never = data["periods"].values == 0
    np.testing.assert_allclose(data["contribution"].values[never], 0.0, atol=1e-12 * scale)
