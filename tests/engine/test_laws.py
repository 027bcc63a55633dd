"""The laws of what a strategy means, over random trees on candles with every flaw that real ones have.

Each law of the semantics that the engine must keep has its test here; round trips of documents and code are with the
language. The plain reference is the oracle of law 2, and of nothing else.
"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sbc_lab import options
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.costs import Bps, CostModel, CostSum, PerShare, Slippage
from sbc_lab.engine.lint import lint
from sbc_lab.engine.strategy import (
    Asset,
    Filter,
    Node,
    Rebalance,
    Strategy,
    Weight,
    Weighting,
    call,
    constant,
    cumulative_return,
    each,
    equal,
    expand,
    group,
    inverse_vol,
    nav,
    price,
    rsi,
    sma,
    tickers,
    top,
    walk,
    when,
)
from sbc_lab.errors import BacktestError, DataError
from sbc_lab.testing import KINDS, assert_same, trees
from tests.engine.money import CLEAN, FLAWED, MODELS, PANELS, REBALANCES, TICKERS, missing, money, policies, profiles

BOTS: dict[str, Strategy] = {}
"""The strategies that drawn calls name; a name is made of what it names."""
ALWAYS, NEVER = constant(1) > 0, constant(1) < 0

PRICES = ("open", "high", "low", "close")

candles_of = st.sampled_from(sorted(PANELS)).map(PANELS.__getitem__)
random_trees = trees(TICKERS, windows=(2, 25), max_leaves=8, bots=BOTS)
rebalances = st.sampled_from(REBALANCES)
NOT_RUN = ("has no value on any", "needs two bars", "names no ticker", "hold no bar of")


def scaled(examples: int) -> settings:
    """Draw this many examples, or a fifth of them in the quick checks."""
    return settings(max_examples=max(5, examples * settings().max_examples // 100))


def run_or_skip(tree: Node, candles: xr.Dataset, **how: object) -> Backtest:
    """Run a tree; one that never has a value on so few bars is no example."""
    try:
        return backtest(Strategy("random", tree), candles, bots=BOTS, **how)  # type: ignore[arg-type]  # drawn from what is allowed
    except (BacktestError, DataError) as error:
        assume(not any(words in str(error) for words in NOT_RUN))
        raise


def held(run: Backtest) -> dict[str, NDArray[np.float64]]:
    return {str(ticker): run.allocation.sel(ticker=ticker).values for ticker in run.allocation["ticker"].values}


def assert_same_money(run: Backtest, other: Backtest, *, tolerance: float = 1e-9) -> None:
    """Two trees that mean the same: the same dates, the same tickers with the same shares, the same equity."""
    assert (run.dates == other.dates).all()
    left, right = held(run), held(other)
    for ticker in left.keys() | right.keys():
        nothing = np.zeros(len(run.dates))
        np.testing.assert_allclose(left.get(ticker, nothing), right.get(ticker, nothing), atol=tolerance)
    np.testing.assert_allclose(run.equity.values, other.equity.values, rtol=tolerance)


@given(
    tree=random_trees,
    candles=candles_of,
    cut=st.integers(65, 255),
    rebalance=rebalances,
    on_missing=missing,
    how=st.just({}) | money,
)
@scaled(150)
def test_cutting_the_tail_changes_no_decision_before_it(
    tree: Node, candles: xr.Dataset, cut: int, rebalance: Rebalance, on_missing: str, how: dict[str, object]
) -> None:
    how = {"rebalance": rebalance, "on_missing": on_missing, **how}
    run = run_or_skip(tree, candles, **how)
    shorter = run_or_skip(tree, candles.isel(date=slice(None, cut)), **how)
    seen = len(shorter.dates)
    assert (run.dates[:seen] == shorter.dates).all()
    np.testing.assert_array_equal(run.target.values[:, :seen], shorter.target.values)
    np.testing.assert_array_equal(run.allocation.values[:, :seen], shorter.allocation.values)
    np.testing.assert_array_equal(run.equity.values[:seen], shorter.equity.values)


@given(
    tree=random_trees,
    candles=candles_of,
    rebalance=rebalances,
    policy=policies,
    on_missing=missing,
    profile=profiles,
    how=st.just({}) | money,
)
@scaled(300)
def test_fast_engine_is_the_reference(
    tree: Node,
    candles: xr.Dataset,
    rebalance: Rebalance,
    policy: str,
    on_missing: str,
    profile: str | None,
    how: dict[str, object],
) -> None:
    how = {"rebalance": rebalance, "start_policy": policy, "on_missing": on_missing, "profile": profile, **how}
    try:
        fast = backtest(Strategy("random", tree), candles, bots=BOTS, **how)  # type: ignore[arg-type]  # drawn from what is allowed
    except BacktestError:
        with options(engine="numpy"), pytest.raises(BacktestError):
            backtest(Strategy("random", tree), candles, bots=BOTS, **how)  # type: ignore[arg-type]
        return
    with options(engine="numpy"):
        plain = backtest(Strategy("random", tree), candles, bots=BOTS, **how)  # type: ignore[arg-type]
    assert_same(fast, plain)
    np.testing.assert_allclose(fast.turnover_one_way.values, plain.turnover_one_way.values, atol=1e-12)
    np.testing.assert_allclose(fast.costs.values, plain.costs.values, atol=1e-12)
    legs, plain_legs = fast._portfolio.early_cost, plain._portfolio.early_cost
    if legs is None or plain_legs is None:
        assert legs is plain_legs
    else:
        np.testing.assert_allclose(legs, plain_legs, atol=1e-12)
    np.testing.assert_allclose(fast.costs.values.sum(axis=0), fast.cost.values, atol=1e-12)


@given(tree=random_trees, candles=candles_of, rebalance=rebalances, on_missing=missing)
@scaled(150)
def test_allocation_is_never_negative_and_adds_to_at_most_one(
    tree: Node, candles: xr.Dataset, rebalance: Rebalance, on_missing: str
) -> None:
    run = run_or_skip(tree, candles, rebalance=rebalance, on_missing=on_missing)
    for shares in (run.target.values, run.allocation.values):
        assert (shares >= 0.0).all()
        assert (shares.sum(axis=0) <= 1.0 + 1e-12).all()


@given(tree=trees(TICKERS, kinds=KINDS - {"cash", "caps"}, windows=(2, 25), max_leaves=8, bots=BOTS))
@scaled(100)
def test_fully_invested_leaves_add_to_one(tree: Node) -> None:
    run = run_or_skip(tree, CLEAN)
    # A filter or a blend whose expression has no value on a date holds nothing there; every such date is a warning.
    unknown = {warning.kind for warning in run.warnings} & {"unranked", "undecided"}
    assume(not unknown and not any(term.kind == "blend" for term in walk(expand(tree, BOTS))))
    np.testing.assert_allclose(run.target.values.sum(axis=0), 1.0, atol=1e-12)


@given(tree=random_trees, other=random_trees, candles=candles_of)
@scaled(60)
def test_a_branch_that_is_never_taken_changes_nothing(tree: Node, other: Node, candles: xr.Dataset) -> None:
    run = run_or_skip(tree, candles)
    # The axis is that of the tree's tickers, so both must look at the same ones.
    assume(set(tickers(expand(other, BOTS))) <= set(tickers(expand(tree, BOTS))))
    assert_same_money(run, run_or_skip(when(ALWAYS).then(tree).otherwise(other), candles))
    assert_same_money(run, run_or_skip(when(NEVER).then(other).otherwise(tree), candles))


@given(tree=random_trees, candles=candles_of, rebalance=rebalances)
@scaled(60)
def test_boxes_and_weights_of_one_change_nothing(tree: Node, candles: xr.Dataset, rebalance: Rebalance) -> None:
    run = run_or_skip(tree, candles, rebalance=rebalance)
    for wrapped in (group("box", tree), equal(tree), Weight(Weighting("fixed", shares=(1.0,)), (group("a", tree),))):
        assert_same_money(run, run_or_skip(wrapped, candles, rebalance=rebalance))


@given(tree=random_trees, ticker=st.sampled_from(TICKERS), window=st.integers(2, 9), candles=candles_of)
@scaled(60)
def test_expanding_a_call_by_hand_changes_nothing(tree: Node, ticker: str, window: int, candles: xr.Dataset) -> None:
    bots = {**BOTS, "drawn": Strategy("Drawn", tree, rebalance="monthly")}
    for where in (
        lambda node: equal(node, ticker),
        lambda node: top(node, ticker, n=1, by=cumulative_return(each, window)),
        lambda node: when(cumulative_return(nav(node), window) > 0).then(node).otherwise(ticker),
    ):
        called = Strategy("called", where(call("drawn", version=bots["drawn"].fingerprint)))
        assert_same_money(
            run_or_skip(where(tree), candles), run_or_skip(expand(called, bots).root, candles), tolerance=0.0
        )


@given(children=st.lists(random_trees, min_size=2, max_size=4), candles=candles_of, data=st.data())
@scaled(60)
def test_the_order_of_an_equal_weight_changes_nothing(
    children: list[Node], candles: xr.Dataset, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(children))
    assert_same_money(run_or_skip(equal(*children), candles), run_or_skip(equal(*order), candles))


@given(ticker=st.sampled_from(TICKERS), window=st.integers(2, 20), candles=candles_of)
@scaled(30)
def test_a_box_around_an_asset_is_ranked_like_the_asset(ticker: str, window: int, candles: xr.Dataset) -> None:
    others = [other for other in TICKERS if other != ticker]
    by = cumulative_return(each, window)
    plain = top(ticker, *others, n=1, by=by)
    boxed = top(group("box", equal(ticker)), *others, n=1, by=by)
    assert_same_money(run_or_skip(plain, candles), run_or_skip(boxed, candles))


@given(tree=random_trees, candles=candles_of, scale=st.sampled_from((0.5, 4.0, 1024.0)), rebalance=rebalances)
@scaled(80)
def test_scaling_all_prices_changes_no_weight(
    tree: Node, candles: xr.Dataset, scale: float, rebalance: Rebalance
) -> None:
    # Powers of two scale without rounding. What compares prices with what is no price is where lint warns.
    assume(not any(found.kind == "level" for found in lint(expand(Strategy("random", tree), BOTS))))
    run = run_or_skip(tree, candles, rebalance=rebalance)
    scaled_prices = candles.assign({name: candles[name] * scale for name in PRICES})
    assert_same_money(run, run_or_skip(tree, scaled_prices, rebalance=rebalance))


@given(tree=random_trees, candles=candles_of, rebalance=rebalances)
@scaled(60)
def test_cost_is_never_negative_and_rises_with_its_rate(tree: Node, candles: xr.Dataset, rebalance: Rebalance) -> None:
    free, cheap, dear = (run_or_skip(tree, candles, rebalance=rebalance, cost_bps=bps) for bps in (0, 5, 50))
    assert (free.cost.values == 0.0).all()
    assert (cheap.cost.values >= 0.0).all()
    assert (cheap.cost.values[cheap.turnover.values == 0.0] == 0.0).all()
    assert (cheap.equity.values <= free.equity.values * (1 + 1e-12)).all()
    assert (dear.equity.values <= cheap.equity.values * (1 + 1e-12)).all()
    np.testing.assert_array_equal(free.target.values, dear.target.values)


def scaled_model(model: CostModel, times: float) -> CostModel:
    """The same model, dearer; the dated fees cannot be."""
    dearer: list[CostModel] = []
    for part in model.parts:
        if isinstance(part, PerShare):
            most = None if part.maximum is None else min(1.0, part.maximum * times)
            dearer.append(PerShare(part.rate * times, part.minimum * times, most, part.capital))
        elif isinstance(part, Slippage):
            assert isinstance(part.bps, tuple)
            dearer.append(Slippage({name: bps * times for name, bps in part.bps}, (part.others or 0.0) * times))
        else:
            dearer.append(Bps(part.bps * times) if isinstance(part, Bps) else part)
    return CostSum(tuple(dearer))


@given(tree=random_trees, candles=candles_of, rebalance=rebalances, how=money, model=st.sampled_from(MODELS))
@scaled(60)
def test_every_model_takes_and_never_gives_and_rises_with_its_rates(
    tree: Node, candles: xr.Dataset, rebalance: Rebalance, how: dict[str, object], model: CostModel
) -> None:
    free, cheap, dear = (
        run_or_skip(tree, candles, **{"rebalance": rebalance, **how, "costs": costs})
        for costs in (Bps(0), model, scaled_model(model, 2.0))
    )
    assert (free.cost.values == 0.0).all()
    assert (cheap.costs.values >= 0.0).all()
    assert (cheap.cost.values[cheap.turnover.values == 0.0] == 0.0).all()
    for less, more in ((free, cheap), (cheap, dear)):
        bars = len(more.dates)
        assert (more.equity.values <= less.equity.values[:bars] * (1 + 1e-12)).all()
        np.testing.assert_allclose(more.turnover.values[:-1], less.turnover.values[: bars - 1], atol=1e-12)


@given(tree=random_trees, candles=candles_of, how=money)
@scaled(40)
def test_what_is_decided_does_not_depend_on_where_it_is_filled(
    tree: Node, candles: xr.Dataset, how: dict[str, object]
) -> None:
    plain = run_or_skip(tree, candles, cash=how["cash"])
    other = run_or_skip(tree, candles, **how)
    np.testing.assert_array_equal(other.target.values, plain.target.values[:, : len(other.dates)])


@given(tree=random_trees, delay=st.integers(0, 3), rebalance=rebalances, cash=st.sampled_from((None, 0.04)))
@scaled(40)
def test_an_open_at_the_close_before_is_that_close(
    tree: Node, delay: int, rebalance: Rebalance, cash: float | None
) -> None:
    same = CLEAN.assign(open=CLEAN["close"].shift(date=1).fillna(CLEAN["close"]))
    how: dict[str, object] = {"rebalance": rebalance, "delay": delay}
    opened = run_or_skip(tree, same, execution="next_open", **how)
    closed = run_or_skip(tree, same, **how)
    # the open of a date is the close of the date before, so its rows are those of that date
    np.testing.assert_array_equal(opened.allocation.values[:, 1:], closed.allocation.values[:, :-1])
    np.testing.assert_array_equal(opened.equity.values[1:], closed.equity.values[:-1])
    # and a day that is bought at the last close and sold at today's is a step from close to close
    within = run_or_skip(tree, same, execution="open_to_close", cost_bps=0, rebalance="daily", delay=delay, cash=cash)
    daily = run_or_skip(tree, same, cost_bps=0, delay=delay)
    if cash is None:
        np.testing.assert_allclose(within.equity.values, daily.equity.values, rtol=1e-12)
        overnight = run_or_skip(tree, same, execution="close_to_open", cost_bps=0)
        np.testing.assert_allclose(overnight.equity.values, 1.0, rtol=1e-12)


@given(tree=random_trees, candles=candles_of, rebalance=rebalances)
@scaled(40)
def test_a_rate_by_another_way_is_the_same_rate(tree: Node, candles: xr.Dataset, rebalance: Rebalance) -> None:
    plain = run_or_skip(tree, candles, rebalance=rebalance, cost_bps=5)
    for other in ({"costs": Slippage(5)}, {"costs": Bps(2) + Bps(3)}, {"costs": Bps(5), "cash": 0.0}):
        assert_same(plain, run_or_skip(tree, candles, rebalance=rebalance, **other))


@given(tree=random_trees, candles=candles_of, shift=st.integers(1, 60))
@scaled(80)
def test_what_is_decided_does_not_depend_on_when_one_looks(tree: Node, candles: xr.Dataset, shift: int) -> None:
    run = run_or_skip(tree, candles)
    assume(len(run.dates) > shift + 1)
    later = run_or_skip(tree, candles, start=run.dates[shift])
    np.testing.assert_array_equal(run.target.values[:, shift:], later.target.values)


@given(tree=random_trees, candles=candles_of, bar=st.integers(0, 200))
@scaled(60)
def test_every_date_of_every_run_can_be_explained(tree: Node, candles: xr.Dataset, bar: int) -> None:
    run = run_or_skip(tree, candles)
    date = run.dates[min(bar, len(run.dates) - 1)]
    said = next(line for line in str(run.explain(date)).splitlines() if line.startswith("target: "))
    named = {part.split()[-1] for part in said.removeprefix("target: ").split(", ")}
    held_then = run.target.sel(date=date)
    assert named - {"cash", "nothing"} == {str(ticker) for ticker in held_then["ticker"].values[held_then.values > 0.0]}


def chain(depth: int) -> Node:
    node: Node = Asset("TLT")
    for place in range(depth):
        node = when(rsi("SPY", place % 20 + 2) > 30 + place % 40).then(Asset("GLD")).otherwise(node)
    return node


def test_a_tree_of_5000_levels_is_computed_alike_by_both_engines() -> None:
    deep = Strategy("deep", chain(5_000))
    fast = backtest(deep, CLEAN)
    with options(engine="numpy"):
        assert_same(fast, backtest(deep, CLEAN))


def test_a_weight_of_10000_children_is_computed() -> None:
    wide = equal(*(when(rsi("SPY", 2) > place / 100).then("TLT").otherwise("GLD") for place in range(10_000)))
    run = backtest(Strategy("wide", wide), CLEAN)
    np.testing.assert_allclose(run.allocation.values.sum(axis=0), 1.0, atol=1e-9)


def test_a_filter_of_groups_nested_60_deep_in_shared_pairs_is_computed() -> None:
    node: Node = when(price("SPY") > sma("SPY", 20)).then("SPY").otherwise("TLT")
    for _ in range(60):
        node = equal(node, node)
    other = group("other", inverse_vol("GLD", "BIL", window=5))
    run = backtest(Strategy("shared", top(node, other, n=1, by=rsi(each, 5))), CLEAN)
    assert len(run.dates) > 200


@example(tree=Filter("top", 1, rsi(each, 3), Weighting("equal"), (Asset("SPY"), Asset("TLT"))))
@given(tree=random_trees)
@scaled(40)
def test_the_same_identity_is_the_same_result_bit_for_bit(tree: Node) -> None:
    first, second = run_or_skip(tree, FLAWED), run_or_skip(tree, FLAWED.copy(deep=True))
    assert first.identity == second.identity
    np.testing.assert_array_equal(first.equity.values, second.equity.values)
    assert run_or_skip(tree, FLAWED, cost_bps=6).identity != first.identity
