"""Traces: every column on days that can be worked out by hand, and the laws of any trace over random trees."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sbc_lab.engine import trace as trace_module
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.strategy import (
    Asset,
    If,
    Node,
    Rebalance,
    Strategy,
    blend,
    branch,
    call,
    cash,
    constant,
    cumulative_return,
    each,
    equal,
    formula,
    group,
    larger,
    latch,
    month,
    node_at,
    price,
    rolling_change,
    rolling_mean,
    rsi,
    sma,
    sqrt,
    switch,
    top,
    weighted,
    when,
)
from sbc_lab.errors import BacktestError
from sbc_lab.testing import synthetic_candles, trees
from tests.engine.money import missing, money, rebalances

DAYS = ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08")
CLOSES = {"UP": [10.0, 11.0, 12.0, 13.0, 14.0, 15.0], "DOWN": [50.0, 40.0, 44.0, 33.0, 22.0, 11.0]}


def candles() -> xr.Dataset:
    dates = np.array(DAYS, dtype="datetime64[ns]")
    values = np.array(list(CLOSES.values()))
    return xr.Dataset({"close": (("ticker", "date"), values)}, coords={"ticker": list(CLOSES), "date": dates})


def run_of(tree: Node | str, **how: object) -> Backtest:
    return backtest(Strategy("Try", tree), candles(), **how)  # type: ignore[arg-type]  # settings by name


# ---------------------------------------------------------------- one run by hand


def test_every_column_of_a_run_of_six_days() -> None:
    """UP is above 12 on the last three dates; it is held on the dates before, DOWN afterwards."""
    run = run_of(when(price("UP") > 12).then("DOWN").otherwise("UP"), cost_bps=0)
    nodes = run.trace.nodes
    assert nodes["path"].values.tolist() == ["/", "/0", "/1"]
    assert nodes["sentence"].values.tolist() == ["if price('UP') > 12", "DOWN", "UP"]
    assert nodes["kind"].values.tolist() == ["if", "asset", "asset"]
    assert nodes["parent"].values.tolist() == [-1, 0, 0]
    assert nodes["active_days"].values.tolist() == [6, 3, 3]
    np.testing.assert_array_equal(nodes["share"].values, [1.0, 0.5, 0.5])
    # UP earns 10 → 13 until the close of the fourth day, then DOWN falls 33 → 11 on what that had become.
    np.testing.assert_allclose(nodes["contribution"].values, [1.3 / 3 - 1, 1.3 * (1 / 3 - 1), 0.3], rtol=1e-14)
    assert float(nodes["cost"]) == 0.0
    assert float(nodes["total_return"]) == pytest.approx(1.3 / 3 - 1)
    assert nodes["first_active"].values.astype("datetime64[D]").astype(str).tolist() == [DAYS[0], DAYS[3], DAYS[0]]
    assert nodes["last_active"].values.astype("datetime64[D]").astype(str).tolist() == [DAYS[5], DAYS[5], DAYS[2]]
    np.testing.assert_array_equal(run.trace.share.values[1:], [[0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0]])
    np.testing.assert_array_equal(run.trace.active.values, run.trace.share.values > 0)
    conditions = run.trace.conditions
    assert conditions["sentence"].values.tolist() == ["price('UP') > 12"]
    assert (conditions["unit"].item(), conditions["node"].item(), conditions["part_of"].item()) == ("USD", 0, -1)
    assert [conditions[name].item() for name in ("true", "true_when_active", "state")] == [0.5, 0.5, 1]
    assert [conditions[name].item() for name in ("left", "right", "distance")] == [15.0, 12.0, 3.0]
    np.testing.assert_array_equal(run.trace.truth.values, [[0, 0, 0, 1, 1, 1]])
    np.testing.assert_array_equal(run.trace.left.values, [CLOSES["UP"]])
    np.testing.assert_array_equal(run.trace.right.values, [[12.0] * 6])
    np.testing.assert_array_equal(run.trace.distance.values, [[-2, -1, 0, 1, 2, 3]])


def test_cost_is_what_is_missing_from_the_leaves() -> None:
    run = run_of("UP", cost_bps=100)
    nodes = run.trace.nodes
    assert float(nodes["cost"]) == pytest.approx(-0.01)
    assert nodes["contribution"].item() == pytest.approx(0.99 * 0.5)
    assert float(nodes["cash"]) == 0.0


def test_ruin_is_a_cost_of_everything() -> None:
    nodes = run_of("UP", cost_bps=10_000).trace.nodes
    assert float(nodes["cost"]) == float(nodes["total_return"]) == -1.0


def test_drifting_holdings_belong_to_the_leaves_that_asked_for_them() -> None:
    """Bought on the first day in equal parts; which place would be active later does not matter."""
    later = when(price("UP") > 12).then("DOWN").otherwise("UP")
    run = run_of(equal(later, "DOWN"), rebalance="none", cost_bps=0)
    nodes = run.trace.nodes
    gained = dict(zip(nodes["path"].values.tolist(), nodes["contribution"].values.tolist(), strict=True))
    assert gained["/0/1"] == pytest.approx(0.5 * 0.5)
    assert gained["/1"] == pytest.approx(0.5 * (11 / 50 - 1))
    assert gained["/0/0"] == 0.0
    assert gained["/0"] + gained["/1"] == pytest.approx(gained["/"])


def test_a_compound_condition_has_its_parts_below_it() -> None:
    high, low = price("UP") > 12, price("UP") > 99
    run = run_of(when(high & ~low).then("UP").when(low).then("DOWN").otherwise(cash()))
    conditions = run.trace.conditions
    assert conditions["kind"].values.tolist() == ["all", "comparison", "not", "comparison"]
    # What is asked in two places is one row, and a block asks it.
    assert conditions["part_of"].values.tolist() == [-1, 0, 0, -1]
    assert conditions["active_days"].values.tolist() == [6, 6, 6, 6]
    assert np.isnan(conditions["distance"].values[[0, 2]]).all()
    np.testing.assert_array_equal(run.trace.asked.values, np.ones((4, 6)))


def test_a_condition_below_an_untaken_branch_is_not_asked() -> None:
    inner = when(price("DOWN") > 30).then("UP").otherwise("DOWN")
    run = run_of(when(price("UP") > 12).then(inner).otherwise("UP"))
    conditions = run.trace.conditions
    assert conditions["active_days"].values.tolist() == [6, 3]
    assert conditions["true"].values[1] == pytest.approx(4 / 6)
    assert conditions["true_when_active"].values[1] == pytest.approx(1 / 3)


def test_conditions_on_branches_are_apart_when_the_branches_are_others() -> None:
    falls = cumulative_return(branch("then"), 1) < 0
    tree = equal(when(falls).then("UP").otherwise(cash()), when(falls).then("DOWN").otherwise(cash()))
    sentences = run_of(tree).trace.conditions["sentence"].values.tolist()
    assert sentences == ["cumulative_return('UP', 1) < 0", "cumulative_return('DOWN', 1) < 0"]


def test_a_condition_of_dates_has_no_sides() -> None:
    conditions = run_of(when(month(1)).then("UP").otherwise("DOWN")).trace.conditions
    assert conditions["true"].item() == 1.0
    assert conditions["unit"].item() == ""
    assert np.isnan(conditions["left"].item())


def test_a_called_strategy_is_a_group_with_its_name() -> None:
    saved = Strategy("Saved one", when(price("UP") > 12).then("DOWN").otherwise("UP"))
    tree = equal(call("saved"), "UP")
    run = backtest(Strategy("Try", tree), candles(), bots={"saved": saved}, cost_bps=0)
    nodes = run.trace.nodes
    assert nodes["sentence"].values.tolist()[:3] == ["equal", "group 'saved'", "if price('UP') > 12"]
    assert nodes["contribution"].values[1] == pytest.approx(nodes["contribution"].values[2])
    assert run.trace.conditions["path"].item() == "/0/0"


def test_days_at_a_cap_and_at_a_floor_are_counted_where_the_block_was_reached() -> None:
    capped = weighted(("UP", 0.9), ("DOWN", 0.1), floor=0.2, cap=0.7, fallback="UP")
    run = run_of(when(price("UP") > 12).then(capped).otherwise("UP"), cost_bps=0)
    nodes = run.trace.nodes
    found = {path: place for place, path in enumerate(nodes["path"].values.tolist())}
    assert nodes["at_cap_days"].values[found["/0/0"]] == 3
    assert nodes["at_floor_days"].values[found["/0/1"]] == 0
    low = run_of(weighted(("UP", 0.9), ("DOWN", 0.1), floor=0.2), cost_bps=0).trace.nodes
    assert low["at_floor_days"].values.tolist() == [0, 0, 6]
    assert low["at_cap_days"].values.tolist() == [0, 0, 0]
    assert "at its floor 100% of its days" in repr(run_of(weighted(("UP", 0.9), ("DOWN", 0.1), floor=0.2)).trace)


def test_a_fallback_earns_what_the_caps_leave_it() -> None:
    run = run_of(equal("UP", cap=0.25, fallback="DOWN"), cost_bps=0)
    nodes = run.trace.nodes
    assert nodes["path"].values.tolist() == ["/", "/0", "/1"]
    np.testing.assert_allclose(nodes["share"].values, [1.0, 0.25, 0.75])
    whole = run.contributions["tickers"].sum("date")
    assert nodes["contribution"].values[1:] == pytest.approx(whole.sel(ticker=["UP", "DOWN"]).values)


def test_a_latch_that_cannot_tell_holds_nothing_and_earns_nothing() -> None:
    holed = candles()["close"].sel(ticker="UP").assign_coords(ticker="GONE").copy()
    holed[3] = np.nan
    prices = xr.concat([candles()["close"], holed], "ticker")
    enter, leave = rsi("GONE", 1) > 101, rsi("GONE", 1) < -1
    tree = latch(enter=enter, exit=leave, on="DOWN", off="UP")
    run = backtest(Strategy("Try", tree), xr.Dataset({"close": prices}), on_missing="cash", cost_bps=0)
    share, nodes = run.trace.share, run.trace.nodes
    np.testing.assert_allclose(share.values[1:].sum(axis=0), run.target.values.sum(axis=0))
    assert float(nodes["contribution"].values[0]) == pytest.approx(float(nodes["total_return"]), abs=1e-15)


def test_calculated_sides_keep_the_unit_of_what_they_are_of() -> None:
    apart = price("UP") - price("DOWN")
    for condition, unit in (
        (abs(apart) > 3, "USD"),
        (rolling_mean(apart, 2) > 3, "USD"),
        (larger(price("UP"), price("DOWN")) > 3, "USD"),
        (rolling_change(price("UP"), 1) > 3, "percent"),
        (price("UP") * price("DOWN") > 3, "number"),
        (sqrt(price("UP")) > 3, "number"),
        (price("UP") + cumulative_return("UP", 1) > 3, "number"),
        (formula("abs(close - sma(close, N))", name="apart")("UP", 2) > 1, "USD"),
    ):
        one = run_of(when(condition).then("UP").otherwise("DOWN")).trace.conditions
        assert one["unit"].item() == unit, condition
        assert one["distance"].item() == pytest.approx(one["left"].item() - one["right"].item())


# ---------------------------------------------------------------- dead branches


@pytest.mark.parametrize(
    ("tree", "reasons"),
    [
        (when(price("UP") > 99).then("UP").otherwise("DOWN"), {"/0": "never true"}),
        (when(price("UP") > 1).then("UP").otherwise("DOWN"), {"/1": "never false"}),
        (when(constant(1) > 2).then("UP").otherwise("DOWN"), {"/0": "constant condition"}),
        (
            when(price("UP") > 99).then(equal("UP", "DOWN")).otherwise("DOWN"),
            {"/0": "never true", "/0/0": "never reached", "/0/1": "never reached"},
        ),
        (switch([price("UP") > 99], ["UP", "DOWN"], rule="any"), {"/0": "never chosen"}),
        (latch(enter=price("UP") > 99, exit=price("UP") > 99, on="UP", off="DOWN"), {"/0": "never chosen"}),
        (top("UP", "DOWN", n=1, by=sma(each, 1) * 0), {"/1": "never picked"}),
        (equal("UP", cash()), {"/1": "never held"}),
        (blend(price("UP"), "UP", "DOWN", begin=20, end=30), {"/1": "never held"}),
    ],
    ids=lambda value: value.kind if isinstance(value, Node) else "",
)
def test_what_was_never_reached_has_its_reason(tree: Node, reasons: dict[str, str]) -> None:
    dead = run_of(tree).trace.dead
    assert dict(zip(dead["path"].values.tolist(), dead["reason"].values.tolist(), strict=True)) == reasons
    assert (dead["active_days"].values == 0).all()


# ---------------------------------------------------------------- undecided spans


def test_undecided_spans_say_from_when_to_when_and_how_often_it_mattered() -> None:
    holed = synthetic_candles(("UP", "DOWN"), days=60, holes={"DOWN": range(20, 30)})
    tree = when(price("DOWN") > 1).then("UP").otherwise(cash())
    run = backtest(Strategy("Try", tree), holed)
    spans = run.trace.undecided
    # Five bars are carried first.
    assert spans["bars"].values.tolist() == spans["active_bars"].values.tolist() == [5]
    assert spans["first"].values[0] == run.dates[25]
    assert spans["last"].values[0] == run.dates[29]
    assert spans["sentence"].values.tolist() == ["price('DOWN') > 1"]
    assert run.trace.conditions["unknown_days"].item() == 5
    assert run_of("UP").trace.undecided.sizes["span"] == 0


# ---------------------------------------------------------------- choosing rows, size


def test_rows_are_chosen_by_words_or_numbers_and_keep_their_numbers() -> None:
    trace = run_of(when(price("UP") > 12).then(group("Fall", "DOWN")).otherwise(Asset("UP", title="Rise"))).trace
    assert trace.select("fall").nodes["node"].values.tolist() == [1]
    assert trace.select("rise").nodes["path"].values.tolist() == ["/1"]
    some = trace.select([0, 3])
    assert some.share.sizes == {"node": 2, "date": 6}
    assert some.share["node"].values.tolist() == [0, 3]
    assert some.conditions.sizes["condition"] == 1
    assert trace.select(3).conditions.sizes["condition"] == 0
    assert trace.select(conditions="price").truth.sizes["condition"] == 1
    assert float(some.nodes["total_return"]) == float(trace.nodes["total_return"])
    for wrong in ("nothing like it", 99, [0, 99]):
        with pytest.raises(BacktestError, match=r"trace.select\(nodes=.*no such rows; give a part of a sentence"):
            trace.select(wrong)


def test_a_path_leads_to_its_node() -> None:
    tree = when(price("UP") > 12).then(equal("UP", group("Fall", "DOWN"))).otherwise("UP")
    trace = run_of(tree).trace
    for row, words in zip(trace.nodes["node"].values, trace.nodes["sentence"].values, strict=True):
        node = node_at(tree, trace.path(row))
        assert words in repr(node) or node.kind in ("if", "weight", "group", "asset")
        assert "/" + "/".join(map(str, trace.path(row))) == trace.nodes["path"].values[int(row)]


def test_an_array_that_is_too_large_is_refused_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_module, "MOST_BYTES", 100)
    trace = run_of(when(price("UP") > 12).then("DOWN").otherwise("UP")).trace
    with pytest.raises(
        BacktestError, match=r"trace.share of 3 nodes on 6 dates would take .* trace.select\(\[0, 1\]\)"
    ):
        _ = trace.share
    assert trace.select(0).share.sizes["node"] == 1


# ---------------------------------------------------------------- trees of any size


def test_a_tree_of_countless_paths_has_a_row_for_every_different_block() -> None:
    node: Node = when(price("UP") > 12).then("DOWN").otherwise("UP")
    for _ in range(60):
        node = equal(node, node)
    run = run_of(node, cost_bps=0)
    nodes = run.trace.nodes
    assert nodes.sizes["node"] == 63
    assert nodes.attrs["rows"].startswith("different blocks")
    assert nodes["places"].values[-3:].tolist() == [2**60] * 3
    np.testing.assert_allclose(nodes["share"].values[:61], 1.0)
    np.testing.assert_allclose(nodes["contribution"].values[-2:].sum(), float(nodes["total_return"]))
    assert "63 different blocks" in repr(run.trace)


def test_a_tree_of_5000_levels_is_traced() -> None:
    node: Node = Asset("UP")
    for level in range(5_000):
        node = If(price("UP") > 1 + level / 10_000, node, Asset("DOWN"))
    trace = run_of(node, cost_bps=0).trace
    assert trace.conditions.sizes["condition"] == 5_000
    assert trace.nodes["share"].values[-2:].tolist() != [0.0, 0.0]
    assert float(trace.nodes["contribution"].values[0]) == pytest.approx(0.5)
    assert max(map(len, trace.nodes["path"].values)) < 200
    assert len(trace.path(4_999)) == 4_999
    assert len(repr(trace).splitlines()) < 80


def test_equal_blocks_in_two_places_are_two_rows() -> None:
    same = when(price("UP") > 12).then("DOWN").otherwise("UP")
    nodes = run_of(weighted((same, 0.75), (same, 0.25))).trace.nodes
    assert nodes.sizes["node"] == 7
    assert nodes["places"].values.tolist() == [1, 2, 2, 2, 2, 2, 2]
    np.testing.assert_allclose(nodes["share"].values[[1, 4]], [0.75, 0.25])


# ---------------------------------------------------------------- shown and stored


def test_a_trace_shows_shares_conditions_and_what_is_dead() -> None:
    tree = when(price("UP") > 12).then(when(price("UP") > 99).then("UP").otherwise("DOWN")).otherwise("UP")
    lines = repr(run_of(tree, cost_bps=0).trace).splitlines()
    assert lines[0].startswith("Trace of 5 blocks  2024-01-01 to 2024-01-08  total return -56.67%")
    assert "  50.00%   50.00%      +30.00%    UP" in lines
    assert " 100.00%   50.00%       50.00%  price('UP') > 12" in lines
    assert lines[-1] == "  /0/0 UP: never true"


def test_hostile_titles_do_nothing_in_a_page() -> None:
    evil = "<script>alert(1)</script>\u202e\n"
    trace = run_of(when(price("UP") > 99).then(Asset("UP", title=evil)).otherwise(group(evil, "DOWN"))).trace
    assert "<script>" not in trace._repr_html_()
    assert "&lt;script&gt;" in trace._repr_html_()
    assert "\u202e" not in trace._repr_html_() + repr(trace)


def test_a_page_insets_a_block_by_its_depth() -> None:
    page = run_of(when(price("UP") > 12).then(group("box", "DOWN")).otherwise("UP")).trace._repr_html_()
    assert re.findall(r"padding-left:([\d.]+)em", page) == ["0.6", "1.8", "3.0", "1.8", "0.6"]


def test_a_run_with_its_trace_can_be_pickled() -> None:
    run = run_of(when(price("UP") > 12).then("DOWN").otherwise("UP"))
    tables = run.trace.nodes
    xr.testing.assert_identical(pickle.loads(pickle.dumps(run)).trace.nodes, tables)


def test_every_variable_has_its_unit_and_its_long_name() -> None:
    trace = run_of(when(price("UP") > 12).then("DOWN").otherwise("UP")).trace
    for table in (trace.nodes, trace.conditions):
        for name in table.data_vars:
            assert table[name].attrs["long_name"]
            assert table[name].dtype.kind == "M" or table[name].attrs["units"]
    assert trace.truth.attrs["flag_meanings"] == "false true unknown"


# ---------------------------------------------------------------- any tree


FLAWED = synthetic_candles(
    ("SPY", "TLT", "GLD", "BIL"),
    days=160,
    seed=2,
    listed={"TLT": 25},
    delisted={"SPY": 140},
    holes={"TLT": tuple(range(60, 75))},
    flat={"BIL": (30, 70)},
)
FLAWED["open"].values[:, 70:78:3] = np.nan
BOTS: dict[str, Strategy] = {}
RANDOM = trees(("SPY", "TLT", "GLD", "BIL"), windows=(2, 10), max_leaves=8, bots=BOTS)


def random_run(tree: Node, **how: object) -> Backtest:
    try:
        return backtest(Strategy("random", tree), FLAWED, bots=BOTS, **how)  # type: ignore[arg-type]  # drawn from what is allowed
    except BacktestError:
        assume(False)
        raise


@given(
    tree=RANDOM,
    rebalance=rebalances,
    on_missing=missing,
    how=st.fixed_dictionaries({"cost_bps": st.sampled_from((0, 5, 500))}) | money,
    most=st.sampled_from((10_000, 0)),
)
@settings(max_examples=300)
def test_leaves_cash_and_cost_add_up_to_the_total_return(
    tree: Node, rebalance: Rebalance, on_missing: str, how: dict[str, object], most: int
) -> None:
    run = random_run(tree, rebalance=rebalance, on_missing=on_missing, **how)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sbc_lab.engine._written.MOST_PLACES", most)
        nodes = run.trace.nodes
    leaves = np.isin(nodes["kind"].values, ("asset", "cash"))
    gained = nodes["contribution"].values
    whole = float(nodes["total_return"])
    assert whole == float(run.equity.values[-1] - 1.0)
    cost, interest = float(nodes["cost"]), float(nodes["cash"])
    scale = 1.0 + np.abs(gained[leaves]).sum() + abs(cost) + abs(interest)
    assert abs(gained[leaves].sum() + interest + cost - whole) <= 1e-12 * scale
    for ticker, added in run.contributions["tickers"].sum("date").to_series().items():
        mine = leaves & (nodes["sentence"].values == ticker)
        assert abs(gained[mine].sum() - added) <= 1e-12 * scale
    assert abs(gained[0] - gained[leaves].sum()) <= 1e-12 * scale
    if nodes.attrs["rows"] == "places":
        parents = nodes["parent"].values
        for row in np.flatnonzero(~leaves):
            assert abs(gained[row] - gained[parents == row].sum()) <= 1e-12 * scale


@given(tree=RANDOM, on_missing=missing)
@settings(max_examples=150)
def test_the_shares_of_the_leaves_are_the_target(tree: Node, on_missing: str) -> None:
    run = random_run(tree, on_missing=on_missing)
    share, target = run.trace.share, run.target
    assert (share.values >= 0.0).all()
    np.testing.assert_array_equal(share.values[0], 1.0)
    closes = FLAWED["close"].values
    # A missing bar carries the last close for five bars.
    seen = np.isfinite(np.pad(closes, ((0, 0), (5, 0)), constant_values=np.nan))
    available = xr.zeros_like(FLAWED["close"], dtype=bool)
    available.values[:] = np.lib.stride_tricks.sliding_window_view(seen, 6, axis=1).any(axis=2)
    for ticker in target["ticker"].values.tolist():
        leaves = (share["kind"] == "asset") & (share["sentence"] == ticker)
        mine = share.values[leaves.values].sum(axis=0)
        held = available.sel(ticker=ticker, date=run.dates).values
        np.testing.assert_allclose(mine * held, target.sel(ticker=ticker).values, atol=1e-12)
    np.testing.assert_allclose(run.trace.nodes["share"].values, share.values.mean(axis=1), atol=1e-12)


@given(tree=RANDOM)
@settings(max_examples=100)
def test_conditions_are_those_that_explanations_show(tree: Node) -> None:
    run = random_run(tree)
    trace = run.trace
    conditions = trace.conditions
    np.testing.assert_allclose(
        trace.distance.values, trace.left.values - trace.right.values, rtol=0, atol=0, equal_nan=True
    )
    truth = trace.truth.values
    np.testing.assert_array_equal(conditions["true"].values, (truth == 1).mean(axis=1))
    np.testing.assert_array_equal(conditions["unknown_days"].values, (truth == 2).sum(axis=1))
    np.testing.assert_array_equal(conditions["active_days"].values, (trace.asked.values > 0).sum(axis=1))
    spans = trace.undecided
    assert int(spans["bars"].sum()) == int((truth == 2).sum())
    assert int(spans["active_bars"].sum()) == int(((truth == 2) & (trace.asked.values > 0)).sum())
    said = str(run.explain(run.dates[-1]))
    for row in np.flatnonzero((conditions["part_of"].values < 0) & (trace.asked.values[:, -1] > 0)):
        state = ("false", "true", "unknown")[int(conditions["state"].values[row])]
        if "branch(" not in said and len(said.splitlines()) < 150:
            assert f"{conditions['sentence'].values[row]}: {state}" in said or "same on every date" in said
