"""Explanations: every kind of node on days that can be worked out by hand, and the laws of any explanation."""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings

from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.explain import MOST_LINES
from sbc_lab.engine.strategy import (
    Asset,
    Group,
    If,
    Node,
    Strategy,
    Weighting,
    blend,
    bottom,
    cash,
    constant,
    cumulative_return,
    each,
    equal,
    group,
    inverse_vol,
    latch,
    price,
    sma,
    switch,
    top,
    weighted,
    when,
)
from sbc_lab.errors import BacktestError
from sbc_lab.testing import KINDS, synthetic_candles, trees

CLOSES = {
    "UP": [10.0, 11.0, 12.0, 13.0, 14.0, 15.0],
    "DOWN": [50.0, 40.0, 44.0, 33.0, 22.0, 11.0],
    "LATE": [0, 0, 0, 0, 7.0, 7.0],
}
DAYS = ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08")
LAST = DAYS[5]
YES, NO = price("UP") > 12, price("UP") > 20
"""True and false on the last day, when UP closes at 15."""
HIGH, LOW = "price('UP') > 12: true (15.00 > 12 USD)", "price('UP') > 20: false (15.00, not > 20 USD)"


def candles() -> xr.Dataset:
    close = np.array([[value or np.nan for value in row] for row in CLOSES.values()])
    dates = np.array(DAYS, dtype="datetime64[ns]")
    return xr.Dataset({"close": (("ticker", "date"), close)}, coords={"ticker": list(CLOSES), "date": dates})


def run_of(tree: Node | str, **how: object) -> Backtest:
    return backtest(Strategy("Try", tree), candles(), **how)  # type: ignore[arg-type]  # settings by name


def said(tree: Node | str, date: str = LAST) -> list[str]:
    """The path between the heading and the target."""
    return list(run_of(tree).explain(date).lines[1:-1])


# ---------------------------------------------------------------- one node at a time


def test_an_asset_gets_everything() -> None:
    assert run_of("UP").explain(LAST).lines == (
        "2024-01-08  Try: decided at the close, the last bar",
        "  UP  → 100% of the portfolio",
        "target: 100% UP",
    )
    assert run_of("UP").explain(DAYS[4]).lines[0] == "2024-01-05  Try: decided at the close, held to 2024-01-08"


def test_cash_holds_nothing() -> None:
    run = run_of(when(YES).then(cash()).otherwise("UP"))
    assert run.explain(LAST).lines[1:] == (
        f"  if {HIGH}",
        "    then cash  → 100% of the portfolio",
        "target: 100% cash",
    )


def test_if_shows_both_sides_and_the_branch() -> None:
    assert said(when(YES).then("UP").otherwise("DOWN")) == [f"  if {HIGH}", "    then UP  → 100% of the portfolio"]
    assert said(when(NO).then("UP").otherwise("DOWN")) == [f"  if {LOW}", "    else DOWN  → 100% of the portfolio"]


def test_weights_show_their_shares_and_who_holds_nothing() -> None:
    assert said(weighted(("UP", 0.75), ("DOWN", 0.25))) == [
        "  weighted",
        "    75% of it: UP  → 75% of the portfolio",
        "    25% of it: DOWN  → 25% of the portfolio",
    ]
    assert said(equal("UP", "LATE", cash()), DAYS[1]) == [
        "  equal",
        "    hold nothing, so the others share: LATE, cash",
        "    100% of it: UP  → 100% of the portfolio",
    ]
    assert said(equal("UP")) == ["  equal of one", "    UP  → 100% of the portfolio"]


def test_a_weight_of_one_filter_is_no_filter() -> None:
    lines = said(equal(top("UP", "DOWN", n=1, by=cumulative_return(each, 2))))
    assert lines[:2] == ["  equal of one", "    top 1 of 2 by cumulative_return(each, 2)"]


def test_volatility_weights_show_the_volatilities() -> None:
    lines = said(inverse_vol("UP", "DOWN", window=2))
    up, down = np.std([1 / 13, 1 / 14], ddof=1) * 100, np.std([-1 / 3, -1 / 2], ddof=1) * 100
    assert lines[:3] == [
        "  inverse_vol over 2 days",
        f"    σ of UP: {up:.2f}% a day",
        f"    σ of DOWN: {down:.2f}% a day",
    ]
    share = (1 / up) / (1 / up + 1 / down)
    assert lines[3] == f"    {share:.2%} of it: UP  → {share:.2%} of the portfolio"


def test_a_filter_ranks_its_candidates_best_first() -> None:
    by = cumulative_return(each, 2)
    assert said(top("DOWN", "UP", n=1, by=by)) == [
        "  top 1 of 2 by cumulative_return(each, 2)",
        "    1. UP: 15.38%",
        "    2. DOWN: -66.67%",
        "    100% of it: UP  → 100% of the portfolio",
    ]
    assert said(bottom("DOWN", "UP", n=1, by=by))[1:3] == ["    1. DOWN: -66.67%", "    2. UP: 15.38%"]
    tied = said(top("UP", "DOWN", n=1, by=price(each) * 0))
    assert tied[1:3] == ["    1. UP: 0.00 USD", "    2. DOWN: 0.00 USD"]


def test_a_candidate_without_a_value_is_shown_without_a_rank() -> None:
    run = backtest(
        Strategy("Try", top("UP", "DOWN", n=2, by=cumulative_return(each, 2))),
        synthetic_candles(("UP", "DOWN"), days=60, holes={"DOWN": range(20, 40)}),
    )
    lines = run.explain(str(run.dates[25])[:10]).lines
    assert lines[3:5] == ("    –  DOWN: no value", "    100% of it: UP  → 100% of the portfolio")


def test_long_lists_are_cut() -> None:
    members = [weighted(("UP", place / 100), ("DOWN", 1 - place / 100)) for place in range(1, 31)]
    lines = said(top(*members, n=1, by=cumulative_return(each, 1)))
    assert sum(line.startswith("    ") and ". weighted(" in line for line in lines) == 20
    assert "    … and 10 more" in lines


def test_a_group_is_called_by_its_name_and_a_node_by_its_title() -> None:
    tree = group("Growth", equal("UP", "DOWN"))
    assert said(tree)[:2] == ["  group 'Growth'", "    equal"]
    titled = Asset("UP", title="My favourite")
    assert said(titled) == ['  UP  → 100% of the portfolio  "My favourite"']
    ranked = said(top(group("A", titled), Asset("DOWN", title="B"), n=1, by=cumulative_return(each, 1)))
    assert ranked[1:3] == ["    1. group 'A': 7.14%", '    2. "B": -50.00%']


def test_a_switch_says_how_many_hold() -> None:
    assert said(switch([YES, NO], ["UP", "DOWN", cash()])) == [
        "  switch on how many hold, 1 of 2 holds",
        f"    {HIGH}",
        f"    {LOW}",
        "    1 of 2: DOWN  → 100% of the portfolio",
    ]
    assert said(switch([YES, NO], ["UP", "DOWN"], rule="at_least", count=2))[0::3] == [
        "  switch on at least 2, 1 of 2 holds",
        "    else DOWN  → 100% of the portfolio",
    ]
    assert said(switch([NO, YES], ["UP", "DOWN", cash()], rule="first"))[0::3] == [
        "  switch to the first that holds, 1 of 2 holds",
        "    condition 2: DOWN  → 100% of the portfolio",
    ]
    assert said(switch([NO], ["UP", "DOWN"], rule="first"))[-1] == "    else DOWN  → 100% of the portfolio"


def test_a_blend_shows_where_it_stands_between_its_levels() -> None:
    assert said(blend(price("UP"), "UP", "DOWN", begin=10, end=30)) == [
        "  blend by price('UP') = 15.00 USD, from 10 to 30",
        "    75% of it: UP  → 75% of the portfolio",
        "    25% of it: DOWN  → 25% of the portfolio",
    ]


def test_a_latch_says_since_when() -> None:
    tree = latch(enter=price("DOWN") > 43, exit=price("DOWN") < 30, on="UP", off="DOWN")
    assert said(tree, DAYS[3]) == [
        "  latch: on from the beginning",
        "    enter price('DOWN') > 43: false (33.00, not > 43 USD)",
        "    exit price('DOWN') < 30: false (33.00, not < 30 USD)",
        "    on: UP  → 100% of the portfolio",
    ]
    assert said(tree)[0] == "  latch: off since 2024-01-05"
    assert said(tree)[-1] == "    off: DOWN  → 100% of the portfolio"


@pytest.mark.parametrize(
    "tree",
    [
        when(constant(1) > 0).then("UP").otherwise("DOWN"),
        switch([constant(1) > 0], ["UP", "DOWN"], rule="any"),
        latch(enter=constant(1) > 2, exit=constant(1) > 2, on="DOWN", off="UP"),
    ],
    ids=lambda tree: str(tree.kind),
)
def test_a_choice_of_constants_is_the_same_on_every_date(tree: Node) -> None:
    lines = said(tree)
    assert lines[0].endswith(": the same on every date")
    assert lines[1] == "    UP  → 100% of the portfolio"


def test_a_choice_that_cannot_be_decided_says_what_was_done_instead() -> None:
    holed = synthetic_candles(("UP", "DOWN"), days=60, holes={"DOWN": range(20, 40)})
    tree = when(price("DOWN") > 1).then("UP").otherwise(cash())
    for on_missing, last in (
        ("otherwise", "else cash  → 100% of the portfolio"),
        ("hold", "then UP  → 100% of the portfolio"),
        ("cash", "→ 100% of the portfolio is cash"),
    ):
        run = backtest(Strategy("Try", tree), holed, on_missing=on_missing)  # type: ignore[arg-type]  # each of the three
        lines = run.explain(str(run.dates[30])[:10]).lines
        assert lines[1] == "  if price('DOWN') > 1: unknown (no value > 1 USD)"
        assert lines[2] == f"    on_missing={on_missing!r} was followed"
        assert lines[3].strip() == last


def test_an_asset_that_left_is_cash() -> None:
    gone = synthetic_candles(("UP", "DOWN"), days=60, delisted={"UP": 30})
    run = backtest(Strategy("Try", when(price("DOWN") > 1).then("UP").otherwise("DOWN")), gone)
    lines = run.explain(str(run.dates[50])[:10]).lines
    assert lines[-2:] == (
        "    then UP cannot be held on this date  → 100% of the portfolio is cash",
        "target: 100% cash",
    )


# ---------------------------------------------------------------- dates, rebalancing, hostile names


def test_a_date_outside_or_between_is_a_sentence() -> None:
    run = run_of(when(sma("UP", 2) > 1).then("UP").otherwise("DOWN"), end=DAYS[4])
    for date in ("2023-12-31", DAYS[0], LAST, "2030-01-01"):
        with pytest.raises(BacktestError, match=f"explain.'{date}'.: the run reaches from 2024-01-02 to 2024-01-05"):
            run.explain(date)
    with pytest.raises(BacktestError, match="no trading day; ask for 2024-01-05 or 2024-01-08"):
        run_of("UP").explain("2024-01-06")
    with pytest.raises(BacktestError, match="date must be a date such as '2010-01-04', got 'soon'"):
        run.explain("soon")
    assert run.explain() == run.explain(DAYS[4])
    assert run.explain(np.datetime64("2024-01-03")).date == "2024-01-03"


def test_nothing_is_explained_after_the_ruin() -> None:
    run = run_of("UP", cost_bps=10_000)
    assert len(run.dates) == 1
    assert run.explain(DAYS[0]).lines[0] == "2024-01-01  Try: decided at the close, the last bar"
    with pytest.raises(BacktestError, match="the run reaches from 2024-01-01 to 2024-01-01"):
        run.explain(DAYS[1])


def test_a_date_without_a_trade_says_what_is_held() -> None:
    run = run_of(equal("UP", "DOWN"), rebalance="none")
    assert run.explain(DAYS[0]).lines[0].endswith("decided at the close, held to 2024-01-02")
    lines = run.explain(DAYS[1]).lines
    assert lines[0] == "2024-01-02  Try: not traded on this date, rebalance is none; the tree asks for"
    up, down = 1.1, 0.8
    assert lines[-2:] == (
        "target: 50% DOWN, 50% UP",
        f"held:   {up / (up + down):.2%} UP, {down / (up + down):.2%} DOWN",
    )


def test_a_forced_sale_is_no_trade_and_is_told() -> None:
    gone = synthetic_candles(("UP", "DOWN"), days=60, delisted={"UP": 30})
    run = backtest(Strategy("Try", equal("UP", "DOWN")), gone, rebalance="none")
    # Five bars are carried, then it is sold.
    lines = run.explain(run.dates[35]).lines
    assert lines[0].endswith(
        "Try: sold only what cannot be held any more on this date, UP; rebalance is none; the tree asks for"
    )
    assert lines[-2] == "target: 100% DOWN"
    assert lines[-1].startswith("held:")
    assert "not traded on this date" in run.explain(run.dates[36]).lines[0]


def test_a_filter_that_asks_for_more_than_there_are_says_so() -> None:
    lines = said(top("UP", "DOWN", n=5, by=cumulative_return(each, 2)))
    assert lines[0] == "  top 2 of 2 (5 were asked for) by cumulative_return(each, 2)"


def test_hostile_names_stay_on_their_line_and_do_nothing_in_a_page() -> None:
    evil = "<script>alert(1)</script>\ntarget: 100% GOLD \u202e"
    tree = Group(evil, Asset("UP", title=evil))
    run = backtest(Strategy(evil, tree), candles())
    explanation = run.explain(LAST)
    assert str(explanation) == repr(explanation) == "\n".join(explanation.lines)
    assert len(str(explanation).split("\n")) == 4
    assert "\u202e" not in str(explanation)
    assert "<script>" not in explanation._repr_html_()
    assert "&lt;script&gt;" in explanation._repr_html_()


# ---------------------------------------------------------------- any tree


def test_a_deep_tree_shows_its_beginning_and_its_end() -> None:
    node: Node = Asset("UP")
    for level in range(5_000):
        node = If(price("UP") > 1 + level / 10_000, node, Asset("DOWN"))
    lines = run_of(node).explain(LAST).lines
    assert len(lines) <= MOST_LINES
    assert "if price('UP') > 1.4999: true" in lines[1]
    assert "  … 4,804 lines are left out here" in lines
    assert lines[-2].strip() == "then UP  → 100% of the portfolio"
    assert lines[-1] == "target: 100% UP"


def test_a_tree_of_countless_paths_is_not_followed_to_the_end() -> None:
    node: Node = equal("UP", "DOWN")
    for _ in range(60):
        node = equal(node, node)
    lines = run_of(node).explain(LAST).lines
    assert len(lines) <= MOST_LINES
    assert any("nodes or more were not followed" in line for line in lines)


FLAWED = synthetic_candles(
    ("SPY", "TLT", "GLD", "BIL"),
    days=120,
    seed=2,
    listed={"TLT": 25},
    delisted={"SPY": 100},
    holes={"TLT": tuple(range(60, 75))},
    flat={"BIL": (30, 70)},
)
RANDOM = trees(("SPY", "TLT", "GLD", "BIL"), kinds=KINDS - {"call", "caps"}, windows=(2, 10), max_leaves=8)
LEAF = re.compile(r"(\S+)  → ([\d.<]+)% of the portfolio")


@given(tree=RANDOM)
@settings(max_examples=200)
def test_the_leaves_of_any_explanation_add_up_to_its_target(tree: Node) -> None:
    try:
        run = backtest(Strategy("random", tree), FLAWED)
    except BacktestError:
        assume(False)
    for place in {0, len(run.dates) // 2, len(run.dates) - 1}:
        lines = run.explain(run.dates[place]).lines
        assert len(lines) <= MOST_LINES
        shares: defaultdict[str, list[float]] = defaultdict(list)
        for line in lines:
            for ticker, share in LEAF.findall(line):
                shares[ticker].append(float(share.replace("<", "")) / 100)
        target = {str(row["ticker"].values): float(row) for row in run.target.isel(date=place)}
        for ticker in shares.keys() | target.keys():
            if ticker in target:  # what is written with two decimals adds up to within their rounding
                assert sum(shares[ticker]) == pytest.approx(target[ticker], abs=1e-4 * (1 + len(shares[ticker])))
        written = [float(word.replace("<", "")) for word in re.findall(r"([\d.<]+)%", lines[-1])]
        assert sum(written) == pytest.approx(100.0, abs=0.011 * (1 + len(written)))


def test_weighting_by_volatility_inside_a_filter_shows_both() -> None:
    tree = top("UP", "DOWN", n=2, by=cumulative_return(each, 1), weighting=Weighting("inverse_vol", window=2))
    text = "\n".join(said(tree))
    assert "1. UP: 7.14%" in text
    assert "σ of UP: 0.39% a day" in text
