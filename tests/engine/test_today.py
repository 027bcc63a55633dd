"""The last date of a run: targets, trades, latches, and how near conditions are, on days worked out by hand."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.strategy import (
    Asset,
    Condition,
    Node,
    Rebalance,
    Strategy,
    cash,
    constant,
    crosses_above,
    equal,
    lag,
    latch,
    month,
    price,
    ratio,
    rsi,
    sma,
    threshold,
    when,
)
from sbc_lab.engine.today import Today
from sbc_lab.errors import BacktestError
from sbc_lab.testing import KINDS, synthetic_candles, trees
from tests.engine.money import FLAWED, TICKERS, money, rebalances

BOTS: dict[str, Strategy] = {}
DAYS = ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08")
CLOSES = {"UP": [10.0, 11.0, 12.0, 13.0, 14.0, 15.0], "DOWN": [50.0, 40.0, 44.0, 33.0, 22.0, 11.0]}


def candles() -> xr.Dataset:
    dates = np.array(DAYS, dtype="datetime64[ns]")
    values = np.array(list(CLOSES.values()))
    return xr.Dataset({"close": (("ticker", "date"), values)}, coords={"ticker": list(CLOSES), "date": dates})


def run_of(tree: Node | str, **how: object) -> Backtest:
    return backtest(Strategy("Try", tree), candles(), **how)  # type: ignore[arg-type]  # settings by name


def today_of(condition: Condition) -> Today:
    return run_of(when(condition).then("UP").otherwise("DOWN")).today()


def weights(today: Today, name: str) -> dict[str, float]:
    return dict(zip(today.weights["ticker"].values.tolist(), today.weights[name].values.tolist(), strict=True))


# ---------------------------------------------------------------- weights and trades


def test_a_change_of_branch_is_a_trade() -> None:
    today = run_of(when(price("UP") > 14).then("DOWN").otherwise("UP")).today()
    assert (today.date, today.traded) == (DAYS[5], True)
    assert weights(today, "target") == weights(today, "after") == {"DOWN": 1.0, "UP": 0.0}
    assert weights(today, "target_before") == weights(today, "held") == {"DOWN": 0.0, "UP": 1.0}
    assert weights(today, "trade") == {"DOWN": 1.0, "UP": -1.0}
    assert repr(today).splitlines()[:4] == [
        "Try on 2024-01-08, the last date of its prices",
        "target: 100% DOWN",
        "before: 100% UP",
        "trade: sell 100% UP, buy 100% DOWN",
    ]


def test_what_drifted_is_brought_back_or_is_not_traded() -> None:
    """Half each at 14 and 22: UP grows to 15, DOWN falls to half."""
    up, down = 0.5 * 15 / 14, 0.5 * 11 / 22
    daily = run_of(equal("UP", "DOWN")).today()
    assert weights(daily, "held") == pytest.approx({"UP": up / (up + down), "DOWN": down / (up + down)})
    assert weights(daily, "trade")["UP"] == pytest.approx(0.5 - up / (up + down))
    none = run_of(equal("UP", "DOWN"), rebalance="none").today()
    assert not none.traded
    assert weights(none, "trade") == pytest.approx({"UP": 0.0, "DOWN": 0.0}, abs=1e-15)
    assert "trade: the target is not traded on this date, rebalance is none" in repr(none)
    assert "held: 87.21% UP, 12.79% DOWN" in repr(none)


def test_the_day_after_a_ruin_there_is_nothing_to_hold() -> None:
    today = run_of("UP", cost_bps=10_000).today()
    assert today.date == DAYS[0]
    assert weights(today, "held") == {"UP": 0.0}


def test_a_ticker_without_a_bar_is_named() -> None:
    holed = synthetic_candles(("UP", "DOWN"), days=60, holes={"DOWN": (59,)})
    today = backtest(Strategy("Try", equal("UP", "DOWN")), holed).today()
    assert today.carried == ("DOWN",)
    assert "no bar: DOWN on this date; the last close was taken" in repr(today)


# ---------------------------------------------------------------- fills on other dates


OPENS = {"UP": [10.0, 10.5, 11.5, 12.5, 13.5, 14.5], "DOWN": [50.0, 45.0, 42.0, 38.0, 27.0, 16.0]}


def opened(tree: Node | str, **how: object) -> Today:
    opens = xr.DataArray(list(OPENS.values()), dims=("ticker", "date"))
    return backtest(Strategy("Try", tree), candles().assign(open=opens), **how).today()  # type: ignore[arg-type]  # settings by name


def test_a_delayed_order_is_open_until_it_is_filled() -> None:
    tree = when(price("UP") > 13).then("DOWN").otherwise("UP")
    today = run_of(tree, delay=2).today()
    assert weights(today, "now") == weights(today, "after") == {"DOWN": 0.0, "UP": 1.0}
    assert weights(today, "to_trade") == {"DOWN": 1.0, "UP": -1.0}
    assert today.traded
    assert [(order.decided, order.bars, order.filled, order.due, order.target) for order in today.open_orders] == [
        (DAYS[4], 1, "at the next close", True, {"DOWN": 1.0}),
        (DAYS[5], 2, "at the close 2 bars on", True, {"DOWN": 1.0}),
    ]
    assert repr(today).splitlines()[3:7] == [
        "filled: nothing on this date",
        "held: 100% UP, at the close of the date",
        "open: 100% DOWN, decided on 2024-01-05, filled at the next close",
        "open: 100% DOWN, decided on 2024-01-08, filled at the close 2 bars on",
    ]


def test_what_the_rule_does_not_trade_is_no_order_to_wait_for() -> None:
    (order,) = run_of(equal("UP", "DOWN"), delay=1, rebalance="none").today().open_orders
    assert order.due is False
    today = run_of(equal("UP", "DOWN"), delay=1, rebalance=threshold(0.9)).today()
    assert today.open_orders[0].due is None
    assert "if rebalance threshold" in repr(today)


def test_a_fill_at_the_open_drifts_until_the_close() -> None:
    """Half each at the opens of 14.5 and 16, worth 15 and 11 at the close."""
    today = opened(equal("UP", "DOWN"), execution="next_open")
    up, down = 0.5 * 15 / 14.5, 0.5 * 11 / 16
    assert weights(today, "after") == pytest.approx({"UP": 0.5, "DOWN": 0.5})
    assert weights(today, "now") == pytest.approx({"UP": up / (up + down), "DOWN": down / (up + down)})
    before_up, before_down = 0.5 * 14.5 / 13.5, 0.5 * 16 / 27
    assert weights(today, "held")["UP"] == pytest.approx(before_up / (before_up + before_down))
    assert weights(today, "to_trade")["UP"] == pytest.approx(0.5 - up / (up + down))
    assert today.open_orders[0].filled == "at the next open"


def test_a_trip_over_the_day_holds_nothing_at_the_close() -> None:
    today = opened(equal("UP", "DOWN"), execution="open_to_close")
    assert weights(today, "trade") == {"DOWN": 0.5, "UP": 0.5}
    assert weights(today, "held") == weights(today, "after") == weights(today, "now") == {"DOWN": 0.0, "UP": 0.0}
    assert weights(today, "to_trade") == {"DOWN": 0.5, "UP": 0.5}
    assert today.open_orders[0].filled == "at the next open, and sold at its close"
    assert "filled: bought 50% DOWN, bought 50% UP, at its open, and sold at its close" in repr(today)


def test_a_trip_over_the_night_is_bought_at_the_close_of_the_date() -> None:
    today = opened(equal("UP", "DOWN"), execution="close_to_open")
    assert weights(today, "held") == {"DOWN": 0.0, "UP": 0.0}
    assert weights(today, "trade") == weights(today, "now") == {"DOWN": 0.5, "UP": 0.5}
    assert not today.open_orders
    assert today.traded


@given(
    tree=trees(TICKERS, windows=(2, 10), max_leaves=6, bots=BOTS),
    rebalance=rebalances,
    how=money,
    end=st.integers(90, 200),
)
@settings(max_examples=100)
def test_tomorrow_begins_with_what_is_held_today(
    tree: Node, rebalance: Rebalance, how: dict[str, Any], end: int
) -> None:
    """What the run holds before its fill a bar later follows from what it holds now, and its orders are those said."""
    try:
        early, late = (
            backtest(Strategy("Try", tree), FLAWED.isel(date=slice(None, stop)), bots=BOTS, rebalance=rebalance, **how)
            for stop in (end, end + 1)
        )
    except BacktestError:
        assume(False)
        raise
    assume(len(late.dates) == len(early.dates) + 1 and float(late.equity[-1]) > 0.0)
    today, tomorrow = early.today(), late.today()
    now, target = today.weights["now"].values, today.weights["target"].values
    np.testing.assert_allclose(today.weights["to_trade"].values, target - now)
    np.testing.assert_array_equal(tomorrow.weights["target_before"].values, target)
    np.testing.assert_allclose(
        tomorrow.weights["held"].values + tomorrow.weights["trade"].values, late.allocation.values[:, -1], atol=1e-12
    )
    nothing = how["execution"] in ("open_to_close", "close_to_open")
    if nothing or not now.any():
        assert not tomorrow.weights["held"].values.any()
    assert [order.bars for order in today.open_orders] == list(range(1, 1 + len(today.open_orders)))
    if today.open_orders and today.open_orders[0].due and tomorrow.traded:
        first = today.open_orders[0].target
        filled = dict(zip(late.allocation["ticker"].values.tolist(), late.allocation.values[:, -1], strict=True))
        # What has no price when it would be filled stays in cash.
        assert all(share in (0.0, first.get(ticker, 0.0)) for ticker, share in filled.items())


# ---------------------------------------------------------------- conditions


def test_a_price_against_a_number_says_how_far_and_by_which_move() -> None:
    one = today_of(price("UP") > 18).conditions.isel(condition=0)
    assert [float(one[name]) for name in ("state", "left", "right", "distance")] == [0.0, 15.0, 18.0, -3.0]
    assert float(one["price_move"]) == pytest.approx(0.2)
    # UP rises by 1 a day.
    assert float(one["days_away"]) == 3.0
    assert (one["unit"].item(), one["sentence"].item()) == ("USD", "price('UP') > 18")


@pytest.mark.parametrize(
    ("condition", "move"),
    [
        (price("UP") > 18, 0.2),
        (price("UP") <= 12, -0.2),
        (constant(18) < price("UP"), 0.2),
        (price("UP") > price("DOWN"), 11 / 15 - 1),
        (price("UP") > -1, None),
        (price("UP") > sma("UP", 2), None),
        (price("UP") > sma("DOWN", 2), None),
        (price("UP") > lag(price("UP"), 1), None),
        (price("UP") * 2 > 36, None),
        (price(ratio("UP", "DOWN")) > 2, None),
        (sma("UP", 1) > 18, None),
        ((price("UP") > 18).for_days(2), None),
        (crosses_above(price("UP"), 18), None),
        (rsi("UP", 2) > 50, None),
    ],
    ids=repr,
)
def test_the_move_of_a_price_is_said_only_where_nothing_else_moves(condition: Condition, move: float | None) -> None:
    found = float(today_of(condition).conditions["price_move"].values[0])
    assert math.isnan(found) if move is None else found == pytest.approx(move)


def test_conditions_are_sorted_by_typical_days_and_say_whether_they_are_asked() -> None:
    inner = when(price("DOWN") > 30).then("UP").otherwise("DOWN")
    tree = when(month(1)).then(when(price("UP") > 99).then(inner).otherwise("UP")).otherwise("DOWN")
    conditions = run_of(tree).today().conditions
    assert conditions["sentence"].values.tolist() == ["price('DOWN') > 30", "price('UP') > 99", "month(1)"]
    # DOWN moved by 10, 4, 11, 11 and 11 and is 19 below; UP by 1 a day and is 84 below.
    np.testing.assert_allclose(conditions["days_away"].values, [19 / (47 / 5), 84.0, np.nan])
    assert conditions["asked"].values.tolist() == [False, True, True]
    assert conditions["state"].values.tolist() == [0, 0, 1]


def test_parts_are_listed_and_conditions_of_constants_are_not() -> None:
    tree = (
        when((price("UP") > 12) & ~(price("DOWN") > 12)).then("UP").when(constant(1) > 2).then("UP").otherwise(cash())
    )
    assert run_of(tree).today().conditions["sentence"].values.tolist() == ["price('DOWN') > 12", "price('UP') > 12"]


def test_latches_say_since_when() -> None:
    tree = latch(enter=price("DOWN") > 43, exit=price("DOWN") < 30, on="UP", off="DOWN")
    (found,) = run_of(when(price("UP") > 99).then(tree).otherwise("UP")).today().latches
    assert (found.path, found.state, found.since, found.asked) == ("/0", "off", DAYS[4], False)
    assert run_of(tree, end=DAYS[3]).today().latches[0].since is None
    assert "latch: off since 2024-01-05, at /" in repr(run_of(tree).today())


# ---------------------------------------------------------------- forms


def test_plain_values_are_json() -> None:
    tree = when(price("UP") > 18).then("UP").when(month(1)).then("DOWN").otherwise("UP")
    plain = json.loads(json.dumps(run_of(tree).today().as_json(), allow_nan=False))
    assert plain["date"] == DAYS[5]
    assert plain["weights"]["DOWN"]["target"] == 1.0
    first, second = plain["conditions"]
    assert (first["state"], first["distance"], first["unit"]) == ("false", -3.0, "USD")
    assert (second["state"], second["distance"], second["price_move"]) == ("true", None, None)


def test_a_hostile_name_is_only_text() -> None:
    evil = "<script>alert(1)</script>\u202e"
    same = price("UP") > 12
    tree = latch(enter=same, exit=~same, on=Asset("UP", title=evil), off="DOWN").replaced(title=evil)
    today = backtest(Strategy(evil, tree), candles()).today()
    for text in (today._repr_html_(), repr(today)):
        assert "\u202e" not in text
    assert "<script>" not in today._repr_html_()
    assert "&lt;script&gt;" in today._repr_html_()


def test_a_page_leaves_out_the_columns_in_which_nothing_stands() -> None:
    plain, computed = (
        run_of(when(left > 12).then("UP").otherwise("DOWN")).today() for left in (price("UP"), sma("UP", 2))
    )
    assert "move in price" in plain._repr_html_()
    assert "move in price" not in computed._repr_html_()
    assert "distance" in computed._repr_html_()


def test_many_conditions_are_cut_in_the_text_and_not_in_the_data() -> None:
    tree: Node = Asset("UP")
    for level in range(5_000):
        tree = when(price("UP") > 20 + level).then("DOWN").otherwise(tree)
    today = run_of(tree).today()
    assert today.conditions.sizes["condition"] == 5_000
    assert len(repr(today).splitlines()) < 25
    assert "and 4988 more in .conditions" in repr(today)


CANDLES = synthetic_candles(("SPY", "TLT", "GLD", "BIL"), days=120, seed=2, holes={"TLT": tuple(range(60, 75))})
RANDOM = trees(("SPY", "TLT", "GLD", "BIL"), kinds=KINDS - {"call", "caps"}, windows=(2, 10), max_leaves=8)


@given(tree=RANDOM)
@settings(max_examples=80)
def test_today_is_the_last_row_of_the_run_and_of_its_trace(tree: Node) -> None:
    try:
        run = backtest(Strategy("random", tree), CANDLES, rebalance="weekly")
    except BacktestError:
        assume(False)
    today = run.today()
    np.testing.assert_array_equal(today.weights["target"].values, run.target.values[:, -1])
    np.testing.assert_array_equal(today.weights["after"].values, run.allocation.values[:, -1])
    traded = np.abs(today.weights["trade"].values).sum()
    if len(run.dates) > 1:
        assert traded == pytest.approx(float(run.turnover.values[-1]), abs=1e-12)
    rows = run.trace.conditions
    states = dict(zip(rows["sentence"].values.tolist(), rows["state"].values.tolist(), strict=True))
    for sentence, state in zip(
        today.conditions["sentence"].values.tolist(), today.conditions["state"].values.tolist(), strict=True
    ):
        assert states[sentence] == state
    json.dumps(today.as_json(), allow_nan=False)
    assert repr(today)
    assert today._repr_html_()
