"""Laws of a run's dates and decisions, on panels small enough to decide by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sbc_lab import options
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.compile import compile_strategy
from sbc_lab.engine.evaluate import Evaluation, evaluate
from sbc_lab.engine.panel import Panel
from sbc_lab.engine.settings import Settings, settle
from sbc_lab.engine.strategy import (
    Condition,
    Node,
    Strategy,
    Weighting,
    any_of,
    at_least,
    blend,
    bottom,
    cash,
    constant,
    cumulative_return,
    each,
    equal,
    group,
    inverse_vol,
    lag,
    latch,
    month,
    nav,
    percentile,
    price,
    rsi,
    sma,
    switch,
    top,
    vol,
    weighted,
    when,
)
from sbc_lab.errors import BacktestError
from sbc_lab.options import Engine
from sbc_lab.testing import synthetic_candles
from tests.engine.reference.hand import NAN, panel

# A rises by one a day from the 1st of January 2024, a Monday; B stands; LATE comes on the 4th day; GONE leaves on it.
PRICES = panel(
    A=[10, 11, 12, 13, 12, 11],
    B=[20, 20, 20, 20, 20, 20],
    LATE=[NAN, NAN, NAN, 5, 5, 10],
    GONE=[8, 8, 8, NAN, NAN, NAN],
)


def run(root: Node | str, prices: Panel = PRICES, **typed: Any) -> Evaluation:
    program = compile_strategy(Strategy("by hand", root))
    words: dict[str, Any] = {
        "start": None,
        "end": None,
        "start_policy": None,
        "cost_bps": 0,
        "rebalance": "daily",
        "execution": "close",
        "on_missing": "otherwise",
    }
    return evaluate(program, prices.select(program.tickers), settle(**{**words, **typed}))


def held(root: Node | str, prices: Panel = PRICES, **typed: Any) -> dict[str, list[float]]:
    """Targets by ticker on the dates of the run, without the tickers that are never held."""
    found = run(root, prices, **typed)
    rows = zip(found.program.tickers, found.target.T.round(12).tolist(), strict=False)
    return {ticker: row for ticker, row in rows if any(row)}


def span(root: Node | str, prices: Panel = PRICES, **typed: Any) -> tuple[str, str]:
    found = run(root, prices, **typed)
    days = np.datetime_as_string(found.panel.dates, unit="D")
    return str(days[found.start]), str(days[found.end])


def refused(root: Node | str, prices: Panel = PRICES, **typed: Any) -> str:
    with pytest.raises(BacktestError) as caught:
        run(root, prices, **typed)
    return str(caught.value)


def test_a_ticker_alone_is_held_from_its_first_bar_to_its_last() -> None:
    assert held("A") == {"A": [1.0] * 6}
    assert span("LATE") == ("2024-01-04", "2024-01-06")
    assert span("GONE") == ("2024-01-01", "2024-01-03")


def test_a_run_starts_where_the_last_condition_has_a_value() -> None:
    # an RSI of 2 days needs three closes
    assert span(when(rsi("A", 2) > 50).then("A").otherwise("B"))[0] == "2024-01-03"
    assert span(when(rsi("A", 2) > lag(price("B"), 4)).then("A").otherwise("B"))[0] == "2024-01-05"
    assert span(when((price("A") > 1).for_days(4)).then("A").otherwise("B"))[0] == "2024-01-04"
    assert span(when(price("A").crosses_above(11)).then("A").otherwise("B"))[0] == "2024-01-02"
    assert span(when(percentile(price("A"), 5) > 1).then("A").otherwise("B"))[0] == "2024-01-05"
    assert span(top("A", "B", n=1, by=cumulative_return(each, 3)))[0] == "2024-01-04"
    assert span(inverse_vol("A", "B", window=2))[0] == "2024-01-03"
    assert span(blend(sma("A", 3), "A", "B", begin=0, end=1))[0] == "2024-01-03"
    assert span(when(month(1)).then("A").otherwise("B"))[0] == "2024-01-01"


def test_a_branch_deep_in_the_tree_is_waited_for_too() -> None:
    inner = when(rsi("B", 4) > 50).then("B").otherwise("A")
    assert span(when(price("A") > 1).then("A").otherwise(equal("A", inner)))[0] == "2024-01-05"


def test_all_assets_waits_for_every_ticker_and_conditions_do_not() -> None:
    assert span(equal("A", "LATE"))[0] == "2024-01-01"
    assert span(equal("A", "LATE"), start="all_assets")[0] == "2024-01-04"
    assert span(equal("LATE", cash()))[0] == "2024-01-04"


def test_a_start_that_is_too_early_is_refused_with_the_reason_and_what_to_type() -> None:
    root = when(rsi("A", 2) > 50).then("A").otherwise("B")
    message = refused(root, start="2024-01-02")
    assert message == (
        "start 2024-01-02 is too early: rsi('A', 2) has its first value on 2024-01-03; "
        "ask for start='2024-01-03' or later"
    )
    assert span(root, start="2024-01-03")[0] == "2024-01-03"


def test_the_reason_may_be_a_price_or_a_listing() -> None:
    late = when(price("LATE") > 1).then("A").otherwise("B")
    assert "price('LATE') has its first value on 2024-01-04" in refused(late, start="2024-01-02")
    waits = refused(equal("A", "LATE"), start="2024-01-02", start_policy="all_assets")
    assert "LATE has its first bar on 2024-01-04" in waits


def test_what_never_has_a_value_is_named_with_the_bars_there_are() -> None:
    message = refused(when(sma("A", 7) > 1).then("A").otherwise("B"))
    assert message.startswith("sma('A', 7) has no value on any of the 6 bars from 2024-01-01 to 2024-01-06 (A, B)")
    assert message.endswith("load more history or use a shorter window")


@pytest.mark.parametrize("policy", ["conditions", "all_assets"])
def test_a_ticker_without_a_bar_that_is_waited_for_is_named(policy: str) -> None:
    prices = panel(A=[1, 2, 3], NEVER=[NAN] * 3)
    root = when(price("A") > 1).then("NEVER").otherwise(equal("NEVER", "NEVER"))
    message = refused(root, prices, start_policy=policy)
    assert message.startswith("NEVER has no bar from 2024-01-01 to 2024-01-03; load candles that hold it")


def test_a_start_or_end_without_a_bar_moves_inwards() -> None:
    prices = panel(A=[1, 2, 3, 4, 5])
    days = np.array(["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09", "2024-01-12"], dtype="datetime64[ns]")
    weekdays = Panel(prices.tickers, days, prices.close, prices.traded)
    assert span("A", weekdays, start="2024-01-06", end="2024-01-11") == ("2024-01-08", "2024-01-09")
    assert span("A", weekdays, end="2030-01-01")[1] == "2024-01-12"


def test_a_day_means_its_bar_at_whatever_hour_that_is_stamped() -> None:
    prices = panel(A=[1, 2, 3, 4])
    evening = Panel(prices.tickers, prices.dates + np.timedelta64(16, "h"), prices.close, prices.traded)
    assert span("A", evening, start="2024-01-02", end="2024-01-03") == ("2024-01-02", "2024-01-03")


@pytest.mark.parametrize(
    ("typed", "begins", "stops"),
    [
        ({"end": "2024-01-01"}, "2024-01-01", "end 2024-01-01"),
        ({"start": "2024-01-06"}, "2024-01-06", "the last bar, 2024-01-06"),
        ({"start": "2025-01-01"}, "2025-01-01", "the last bar, 2024-01-06"),
        ({"end": "2020-01-01"}, "2024-01-01", "end 2020-01-01"),
    ],
)
def test_a_run_of_less_than_two_bars_is_refused(typed: dict[str, Any], begins: str, stops: str) -> None:
    message = refused("A", **typed)
    assert f"a run needs two bars, but it would begin on {begins} and stop at {stops};" in message
    assert message.endswith("the candles of this tree reach from 2024-01-01 to 2024-01-06")


def test_a_target_is_decided_with_the_close_of_its_own_date() -> None:
    assert held(when(price("A") > 12).then("A").otherwise("B")) == {"A": [0, 0, 0, 1, 0, 0], "B": [1, 1, 1, 0, 1, 1]}


def test_the_share_of_what_is_not_listed_goes_to_its_siblings_and_back() -> None:
    assert held(equal("A", "LATE")) == {"A": [1, 1, 1, 0.5, 0.5, 0.5], "LATE": [0, 0, 0, 0.5, 0.5, 0.5]}
    assert held(weighted(("A", 0.25), ("GONE", 0.75))) == {"A": [0.25] * 3 + [1] * 3, "GONE": [0.75] * 3 + [0] * 3}


def test_what_only_looks_is_not_held() -> None:
    assert run(when(price("B") > 1).then("A").otherwise("A")).target.shape == (6, 1)
    assert held(when(price("B") > 1).then("A").otherwise(cash())) == {"A": [1] * 6}


@pytest.mark.parametrize(
    ("on_missing", "a", "b"),
    [("otherwise", [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]), ("hold", [1] * 6, None), ("cash", [1] * 3 + [0] * 3, None)],
)
def test_after_the_start_an_unknown_condition_follows_the_setting(
    on_missing: str, a: list[float], b: list[float] | None
) -> None:
    expected = {"A": a} if b is None else {"A": a, "B": b}
    assert held(when(price("GONE") > 1).then("A").otherwise("B"), on_missing=on_missing) == expected
    assert held(switch([price("GONE") < 1], ["A", "B"]), on_missing=on_missing) == (
        {"A": [1] * 6} if on_missing == "otherwise" else expected
    )


def test_a_switch_counts_and_the_first_that_holds_wins() -> None:
    asked = [price("A") > 10, price("A") > 12]
    ladder = held(switch(asked, ["B", "A", cash()]))
    assert ladder == {"B": [1, 0, 0, 0, 0, 0], "A": [0, 1, 1, 0, 1, 1]}
    first = held(switch(asked, ["A", cash(), "B"], rule="first"))
    assert first == {"A": [0, 1, 1, 1, 1, 1], "B": [1, 0, 0, 0, 0, 0]}


def test_a_latch_remembers_what_it_saw_before_the_run() -> None:
    node = latch(enter=price("A") >= 13, exit=price("A") <= 10, on="A", off="B")
    assert held(node) == {"A": [0, 0, 0, 1, 1, 1], "B": [1, 1, 1, 0, 0, 0]}
    assert held(node, start="2024-01-05") == {"A": [1, 1]}


def test_a_filter_keeps_the_best_in_document_order_and_never_what_has_no_score() -> None:
    by = cumulative_return(each, 1)
    prices = panel(A=[1, 2, 2, 1], B=[1, 1, 2, 2], C=[1, 2, 2, NAN])
    assert held(top("A", "B", "C", n=1, by=by), prices) == {"A": [1, 0, 0], "B": [0, 1, 1]}
    assert held(bottom("A", "B", "C", n=1, by=by), prices) == {"A": [0, 1, 1], "B": [1, 0, 0]}
    shares = held(top("A", "B", "C", n=2, by=by, weighting=Weighting("fixed", shares=(0.75, 0.25))), prices)
    assert shares == {"A": [0.75, 0.25, 0.25], "B": [0, 0.75, 0.75], "C": [0.25, 0, 0]}


@pytest.mark.parametrize(
    "weighting", [Weighting("equal"), Weighting("fixed", shares=(0.5, 0.5)), Weighting("vol", window=2)]
)
def test_what_is_picked_and_holds_nothing_leaves_its_share_to_the_others(weighting: Weighting) -> None:
    resting = group("rests above 11", when(price("A") > 11).then(cash()).otherwise("A"))
    found = held(top(resting, "A", n=2, by=cumulative_return(each, 1), weighting=weighting), start="2024-01-03")
    assert found == {"A": [1, 1, 1, 1]}
    assert held(top("B", "GONE", n=2, by=price(each)))["B"] == [0.5] * 3 + [1] * 3


def test_a_filter_of_nodes_ranks_them_by_what_they_earned() -> None:
    halves = group("half", equal("A", "B"))
    # on the 4th the half has earned 1/24 and A 1/12; on the 5th and 6th A has lost more
    assert held(top(halves, "A", n=1, by=cumulative_return(each, 1)), start="2024-01-04") == {
        "A": [1, 0.5, 0.5],
        "B": [0, 0.5, 0.5],
    }


def test_inverse_volatility_weighs_by_the_childs_own_returns_and_drops_what_is_flat() -> None:
    # returns of A: 1, -1/2; of B: 1/2, -1/4; the deviation of A is twice that of B
    prices = panel(A=[1, 2, 1, 2], B=[4, 6, 4.5, 6.75], FLAT=[1, 1, 1, 1])
    third, two = round(1 / 3, 12), round(2 / 3, 12)
    assert held(inverse_vol("A", "B", window=2), prices)["A"][0] == third
    assert held(vol("A", "B", window=2), prices)["A"][0] == two
    assert held(inverse_vol("A", "FLAT", window=2), prices) == {"A": [1, 1]}
    assert held(inverse_vol("FLAT", group("f", equal("FLAT", cash())), window=2), prices) == {"FLAT": [1, 1]}


def test_a_blend_mixes_and_leaves_an_empty_side_in_cash() -> None:
    assert held(blend(price("A"), "B", "A", begin=10, end=12)) == {
        "B": [1, 0.5, 0, 0, 0, 0.5],
        "A": [0, 0.5, 1, 1, 1, 0.5],
    }
    assert held(blend(price("A"), cash(), "A", begin=10, end=14)) == {"A": [0, 0.25, 0.5, 0.75, 0.5, 0.25]}


def test_a_nav_starts_at_one_on_its_first_bar_and_earns_what_its_node_held() -> None:
    prices = panel(A=[1, 2, 4, 2], B=[1, 1, 1, 1])
    node = when(price("A") > 1).then(equal("A", "B")).otherwise("B")
    asked = run(when(price(nav(node)) > 1.2).then("A").otherwise("B"), prices)
    values = [asked.rows.value(number) for number, v in enumerate(asked.program.values) if v.term == nav(node)]
    # B on the 1st; half of A from the 2nd: half of 100 %, then half of -50 %
    assert values[0].tolist() == [1.0, 1.0, 1.5, 1.125]
    assert asked.target.T.tolist() == [[0, 0, 1, 0], [1, 1, 0, 1]]


def test_a_nav_begins_when_its_node_can_be_computed() -> None:
    node = when(rsi("A", 2) > 50).then("A").otherwise("B")
    root = when(price(nav(node)) >= 1).then("A").otherwise("B")
    assert span(root)[0] == "2024-01-03"
    assert span(when(rsi(nav(node), 2) > 50).then("A").otherwise("B"))[0] == "2024-01-05"


def test_a_nav_waits_for_all_its_tickers_only_when_asked_to() -> None:
    root = when(price(nav(equal("A", "LATE"))) >= 1).then("A").otherwise("B")
    assert span(root)[0] == "2024-01-01"
    assert span(root, start_policy="all_assets")[0] == "2024-01-04"


def test_a_level_of_a_tickers_nav_is_not_in_dollars() -> None:
    assert held(when(price(nav("A")) > 1.15).then("A").otherwise("B"))["A"] == [0, 0, 1, 1, 1, 0]
    assert held(when(price("A") > 1.15).then("A").otherwise("B"))["A"] == [1] * 6


def test_evaluating_with_settings_made_by_hand_is_the_same() -> None:
    program = compile_strategy(Strategy("by hand", equal("A", "B")))
    found = evaluate(program, PRICES.select(("A", "B")), Settings(start=np.datetime64("2024-01-02")))
    assert (found.start, found.end) == (1, 5)
    assert found.target.tolist() == [[0.5, 0.5]] * 5


def test_a_start_long_before_the_first_bar_is_refused_and_one_on_a_holiday_is_not() -> None:
    candles = synthetic_candles(("SPY",), days=30, start="2015-01-05")
    hold = Strategy("hold", "SPY")
    for engine in ("numba", "numpy"):
        with options(engine=engine):
            assert str(backtest(hold, candles, start="2015-01-01").dates[0])[:10] == "2015-01-05"
            with pytest.raises(BacktestError, match=r"start 2014-12-01 is too early.*2015-01-05"):
                backtest(hold, candles, start="2014-12-01")


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_a_latch_advances_from_its_first_computable_bar_whenever_the_run_starts(engine: Engine) -> None:
    candles = synthetic_candles(("A", "B"), days=200, seed=4)
    memory = latch(enter=rsi("A", 3) > 70, exit=rsi("A", 3) < 30, on="A", off="B")
    slow = when(sma("B", 60) > 0).then(memory).otherwise(cash())
    with options(engine=engine):
        early = backtest(Strategy("early", memory), candles)
        # another condition delays the start, or a person starts later: the same state
        for run in (
            backtest(Strategy("slow", slow), candles),
            backtest(Strategy("asked", memory), candles, start=early.dates[77]),
        ):
            same = early.target.sel(date=run.dates)
            np.testing.assert_array_equal(run.target.values, same.values)
        seldom = backtest(Strategy("seldom", when(rsi("B", 2) > 80).then(memory).otherwise(cash())), candles)
    reached = seldom.target.values.sum(axis=0) > 0
    assert 5 < reached.sum() < 100
    np.testing.assert_array_equal(
        seldom.target.values[:, reached], early.target.sel(date=seldom.dates).values[:, reached]
    )
    assert set(early.target.sel(ticker="A").values.tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize(
    ("condition", "bar"),
    [
        # what the constants decide is not waited for, what they leave open is
        ((rsi("A", 5) > 50) & (constant(1) < 0) | (rsi("A", 2) > 50), 2),
        (((rsi("A", 5) > 50) | (constant(1) > 0)) & (rsi("A", 2) > 50), 2),
        ((rsi("A", 5) > 50) | (constant(1) < 0), 5),
        (at_least(2, constant(1) > 0, rsi("A", 5) > 50, rsi("A", 2) > 50), 5),
        (any_of(constant(1).crosses_above(0), rsi("A", 2) > 50), 2),
        ((constant(1) > 0).for_days(9) & (rsi("A", 2) > 50), 2),
    ],
)
def test_a_start_waits_only_for_what_can_matter(condition: Condition, bar: int, engine: Engine) -> None:
    candles = synthetic_candles(("A", "B"), days=40)
    with options(engine=engine):
        run = backtest(Strategy("try", when(condition).then("A").otherwise("B")), candles)
    assert (run.dates[0] == candles["date"].values[bar]).all()


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize("mode", [inverse_vol, vol])
def test_a_weight_by_volatility_of_one_child_is_ranked_by_its_own_nav(engine: Engine, mode: Any) -> None:
    candles = synthetic_candles(("A", "B"), days=40)
    by = cumulative_return(each, 3)
    with options(engine=engine):
        run = backtest(Strategy("try", top(mode("A", window=5), "B", n=1, by=by)), candles)
        boxed = backtest(Strategy("try", top(group("g", equal("A")), "B", n=1, by=by)), candles)
    # the NAV begins with the volatility, on bar 5, and its return over 3 days three bars later
    assert run.dates[0] == candles["date"].values[8]
    assert boxed.dates[0] == candles["date"].values[3]


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_what_goes_stale_is_sold_after_five_bars_and_its_share_goes_to_its_sibling_until_it_is_back(
    engine: Engine,
) -> None:
    candles = synthetic_candles(("A", "B"), days=30, holes={"B": tuple(range(10, 17))})
    with options(engine=engine):
        run = backtest(Strategy("try", equal("A", "B")), candles, cost_bps=0)
        never = backtest(Strategy("try", equal("A", "B")), candles, cost_bps=0, rebalance="none")
    halves = np.full(30, 0.5)
    halves[15:17] = 0.0  # bars 10 to 14 carry the close of bar 9
    np.testing.assert_array_equal(run.target.sel(ticker="B").values, halves)
    np.testing.assert_array_equal(run.target.sel(ticker="A").values, 1.0 - halves)
    # what is not rebalanced is sold as well, at the last close, and stays cash
    assert (never.allocation.sel(ticker="B").values[:15] > 0).all()
    assert (never.allocation.sel(ticker="B").values[15:] == 0).all()
    close = candles["close"].sel(ticker="B").values
    sold = 1.0 - never.allocation.sel(ticker="A").values[15]
    assert sold * never.equity.values[15] == pytest.approx(0.5 * close[9] / close[0], rel=1e-12)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize("policy", ["conditions", "all_assets"])
def test_a_delisted_ticker_is_carried_five_bars_and_then_left_out_for_good(engine: Engine, policy: str) -> None:
    candles = synthetic_candles(("A", "B", "C"), days=40, delisted={"B": 20}, listed={"C": 5})
    tree = top("A", "B", "C", n=3, by=cumulative_return(each, 2))
    with options(engine=engine):
        run = backtest(Strategy("try", tree), candles, start_policy=policy)  # type: ignore[arg-type]  # both are
    assert run.dates[0] == candles["date"].values[7]
    held = run.target.sel(ticker="B").values
    assert (held[: 25 - 7] > 0).all()
    assert (held[25 - 7 :] == 0).all()
    assert run.target.values.sum(axis=0) == pytest.approx(np.ones(len(run.dates)))


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_a_late_listing_delays_the_start_only_when_all_assets_are_waited_for(engine: Engine) -> None:
    candles = synthetic_candles(("A", "LATE"), days=40, listed={"LATE": 12})
    tree = when(sma("A", 3) > 0).then(equal("A", "LATE")).otherwise("A")
    with options(engine=engine):
        early = backtest(Strategy("try", tree), candles)
        late = backtest(Strategy("try", tree), candles, start="all_assets")
        with pytest.raises(BacktestError, match="is too early"):
            backtest(Strategy("try", tree), candles, start_policy="all_assets", start=candles["date"].values[11])
    assert (early.dates[0], late.dates[0]) == (candles["date"].values[2], candles["date"].values[12])
    assert early.target.sel(ticker="A").values[:11].tolist() == [1.0] * 10 + [0.5]
