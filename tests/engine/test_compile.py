"""Laws of compiling: what means the same is one, what is never taken does not exist, what cannot be is refused."""

from __future__ import annotations

import gc
import weakref
from collections import Counter

import numpy as np
import pytest

from sbc_lab.engine.compile import compile_strategy
from sbc_lab.engine.program import Kind, Op, Program
from sbc_lab.engine.strategy import (
    Asset,
    Node,
    Strategy,
    Weight,
    Weighting,
    at_least,
    axis,
    blend,
    bottom,
    branch,
    call,
    cash,
    cumulative_return,
    each,
    equal,
    group,
    inverse_vol,
    latch,
    nav,
    price,
    rsi,
    sma,
    switch,
    top,
    weighted,
    when,
)
from sbc_lab.errors import BacktestError, StrategyError

ASK, OTHER = rsi("LOOK", 10) > 50, rsi("LOOK", 20) > 50


def compiled(root: Node | str, name: str = "tested") -> Program:
    return compile_strategy(Strategy(name, root))


def steps(program: Program) -> Counter[Op]:
    return Counter(step.op for step in program.steps)


def shape(program: Program) -> object:
    """All of a program but the words it would be explained in."""
    arrays = [getattr(program.layout, name).tolist() for name in ("nodes", "kind", "slot", "begin", "end", "links")]
    blocks = [(b.kind, b.children, b.slot, b.truths, b.values, b.volatilities) for b in program.nodes]
    return program.tickers, program.assets, program.steps, program.root, blocks, arrays, program.statics.tolist()


def test_an_asset_is_one_ticker_and_one_node() -> None:
    program = compiled("SPY")
    assert program.tickers == ("SPY",)
    assert program.assets == 1
    assert [block.kind for block in program.nodes] == [Kind.ASSET]
    assert program.layout.kind.tolist() == [Kind.ASSET]


def test_the_tickers_that_are_held_come_before_those_that_are_looked_at() -> None:
    program = compiled(when(rsi("LOOK", 10) > sma("TLT", 5)).then("SPY").otherwise("TLT"))
    assert program.tickers == ("SPY", "TLT", "LOOK")
    assert program.assets == 2


def test_cash_alone_needs_no_ticker() -> None:
    assert compiled(cash()).tickers == ()


def test_the_same_strategy_is_compiled_once() -> None:
    strategy = Strategy("once", when(ASK).then("SPY").otherwise("TLT"))
    assert compile_strategy(strategy) is compile_strategy(strategy)


def test_equal_subtrees_are_computed_once() -> None:
    part = when(ASK).then("SPY").otherwise(inverse_vol("TLT", "GLD", window=5))
    program = compiled(equal(part, group("again", part), when(ASK).then(part).otherwise("SPY")))
    found = steps(program)
    assert found[Op.COMPARE] == 1
    # rsi, and the volatility of TLT and of GLD
    assert found[Op.INDICATOR] == 3
    assert Counter(block.kind for block in program.nodes) == {
        Kind.ASSET: 3,
        Kind.CHOOSE: 2,
        Kind.ROWS: 1,
        Kind.STATIC: 1,
    }


def test_a_child_listed_twice_is_one_node_and_two_children() -> None:
    program = compiled(equal("SPY", "SPY", "TLT"))
    assert program.nodes[program.root].children == (0, 0, 1)
    assert program.statics.tolist() == [1.0, 1.0, 1.0]


def test_weights_with_other_shares_are_other_nodes() -> None:
    one, two = weighted(("SPY", 0.5), ("TLT", 0.5)), weighted(("SPY", 0.6), ("TLT", 0.4))
    program = compiled(when(ASK).then(one).otherwise(two))
    assert program.statics.tolist() == [0.5, 0.5, 0.6, 0.4]
    assert [block.slot for block in program.nodes if block.kind is Kind.STATIC] == [0, 2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (top("SPY", "TLT", n=1, by=rsi(each, 5)), bottom("SPY", "TLT", n=1, by=rsi(each, 5))),
        (top("SPY", "TLT", n=1, by=rsi(each, 5)), top("SPY", "TLT", n=2, by=rsi(each, 5))),
        (top("SPY", "TLT", n=1, by=rsi(each, 5)), top("SPY", "TLT", n=1, by=rsi(each, 6))),
        (top("SPY", "TLT", n=1, by=rsi(each, 5)), top("TLT", "SPY", n=1, by=rsi(each, 5))),
        (inverse_vol("SPY", "TLT", window=5), inverse_vol("SPY", "TLT", window=6)),
        (
            blend(rsi("SPY", 5), "SPY", "TLT", begin=0, end=1),
            blend(rsi("SPY", 5), "SPY", "TLT", begin=0, end=2),
        ),
        (
            latch(enter=ASK, exit=OTHER, on="SPY", off="TLT"),
            switch([ASK, OTHER], ["SPY", "TLT"], rule="any"),
        ),
        (
            switch([ASK, OTHER], ["SPY", "TLT"], rule="exactly", count=1),
            switch([ASK, OTHER], ["SPY", "TLT"], rule="exactly", count=2),
        ),
        (when(ASK.for_days(2)).then("SPY").otherwise("TLT"), when(ASK.for_days(3)).then("SPY").otherwise("TLT")),
        (when(ASK & OTHER).then("SPY").otherwise("TLT"), when(ASK | OTHER).then("SPY").otherwise("TLT")),
        (
            when(at_least(1, ASK, OTHER)).then("SPY").otherwise("TLT"),
            when(at_least(2, ASK, OTHER)).then("SPY").otherwise("TLT"),
        ),
    ],
)
def test_what_means_something_else_is_another_node(one: Node, other: Node) -> None:
    program = compiled(equal(one, other))
    first, second = program.nodes[program.root].children
    assert first != second
    rows = [program.nodes[number].slot for number in (first, second)]
    assert rows[0] != rows[1]


def test_titles_colours_folding_and_names_do_not_matter() -> None:
    plain = when(ASK).then(equal("SPY", "TLT")).otherwise("SPY")
    dressed = plain.replaced(
        title="Look here",
        color="#ff0000",
        folded=True,
        then=group("a box", equal(Asset("SPY", title="equities"), Asset("TLT", color="blue"))),
    )
    assert shape(compiled(plain)) == shape(compiled(dressed, "another name"))
    both = compiled(equal(plain, dressed))
    assert both.nodes[both.root].children[0] == both.nodes[both.root].children[1]


@pytest.mark.parametrize(
    "boxed",
    [
        group("box", "SPY"),
        equal("SPY"),
        weighted(("SPY", 1.0)),
        equal(group("a", equal(group("b", "SPY")))),
        Weight(Weighting("fixed", shares=(1.0,)), (group("a", equal("SPY")),)),
    ],
)
def test_a_box_of_one_child_is_that_child(boxed: Node) -> None:
    assert shape(compiled(boxed)) == shape(compiled("SPY"))


def test_a_ranked_box_of_one_ticker_is_ranked_by_the_tickers_own_closes() -> None:
    by = cumulative_return(each, 5)
    assert shape(compiled(top(group("box", equal("SPY")), "TLT", n=1, by=by))) == shape(
        compiled(top("SPY", "TLT", n=1, by=by))
    )


def test_a_branch_in_a_condition_is_the_series_of_that_branch() -> None:
    program = compiled(
        equal(
            when(rsi(branch("then"), 5) > 50).then("SPY").otherwise("TLT"),
            when(rsi("SPY", 5) > 50).then("SPY").otherwise("TLT"),
        )
    )
    first, second = program.nodes[program.root].children
    assert first == second


def test_the_nav_of_a_ticker_is_its_closes_and_only_a_level_starts_at_one() -> None:
    assert steps(compiled(when(rsi(nav("SPY"), 5) > 50).then("SPY").otherwise("TLT")))[Op.REBASE] == 0
    found = steps(compiled(when(price(nav("SPY")) > 2).then("SPY").otherwise("TLT")))
    assert found[Op.REBASE] == 1
    assert found[Op.NAV] == 0


def test_only_nodes_below_a_nav_earn_returns_children_first() -> None:
    inner = equal("SPY", "TLT")
    program = compiled(when(rsi(nav(inner), 5) > 50).then("GLD").otherwise("BIL"))
    earned = [step.out for step in program.steps if step.op is Op.RETURNS]
    assert len(earned) == 3
    assert earned == sorted(earned)
    assert program.in_nav == frozenset(earned)
    assert set(program.tickers[: program.assets]) == {"SPY", "TLT", "GLD", "BIL"}
    reached = {
        program.nodes[number].slot for number in program.layout.nodes if program.nodes[number].kind is Kind.ASSET
    }
    assert {program.tickers[slot] for slot in reached} == {"GLD", "BIL"}


def test_an_open_axis_is_refused_with_what_to_type() -> None:
    tree = when(rsi("SPY", axis("window", [5, 10])) > axis("level", [50, 60])).then("SPY").otherwise("TLT")
    strategy = Strategy("swept", tree)
    with pytest.raises(
        StrategyError, match=r"Strategy\('swept'\) has open axes; put values in with \.at\(level=…, window=…\)"
    ):
        compile_strategy(strategy)
    assert compile_strategy(strategy.at(window=5, level=50)).tickers == ("SPY", "TLT")


def test_a_call_that_nobody_put_in_is_refused_by_name() -> None:
    with pytest.raises(BacktestError, match=r"`.*momentum bot.*` names another strategy"):
        compiled(equal("SPY", group("deep", call("momentum bot"))))


def test_what_takes_the_rest_is_the_last_child_of_a_capped_node() -> None:
    program = compiled(equal("SPY", "TLT", cap=0.4, fallback=group("rest", "BIL")))
    root = program.nodes[program.root]
    assert root.kind is Kind.ROWS
    assert [program.nodes[child].term for child in root.children] == [Asset("SPY"), Asset("TLT"), Asset("BIL")]
    assert program.share_rows == 3


def test_a_capped_weight_of_one_child_is_not_its_child() -> None:
    assert compiled(equal("SPY")).nodes[0].kind is Kind.ASSET
    program = compiled(equal("SPY", cap=0.4))
    assert program.nodes[program.root].kind is Kind.ROWS


def test_a_chain_of_5000_levels_is_compiled() -> None:
    node: Node = Asset("TLT")
    for place in range(5_000):
        node = when(rsi("SPY", place % 50 + 2) > place).then("SPY").otherwise(node)
    program = compiled(node)
    assert sum(block.kind is Kind.CHOOSE for block in program.nodes) == 5_000
    assert steps(program)[Op.INDICATOR] == 50


def test_navs_nested_300_deep_are_compiled_without_repeating_work() -> None:
    node: Node = Asset("TLT")
    for _ in range(300):
        node = when(rsi(nav(node), 2) > 50).then("SPY").otherwise(node)
    program = compiled(node)
    assert steps(program)[Op.NODE] == 302
    assert steps(program)[Op.RETURNS] <= 302


def test_shared_pairs_nested_60_deep_are_60_nodes() -> None:
    node: Node = when(ASK).then("SPY").otherwise("TLT")
    for _ in range(60):
        node = equal(node, node)
    assert len(compiled(node).nodes) == 63


def test_a_strategy_and_its_program_are_freed_together() -> None:
    strategy = Strategy("soon gone", when(rsi("FREED", 7) > 50).then("SPY").otherwise("FREED"))
    seen = weakref.ref(strategy), weakref.ref(compile_strategy(strategy))
    del strategy
    gc.collect()
    assert [ref() for ref in seen] == [None, None]


def test_a_program_keeps_no_strategy_alive() -> None:
    strategy = Strategy("soon gone too", when(rsi("FREED", 8) > 50).then("SPY").otherwise("FREED"))
    program, seen = compile_strategy(strategy), weakref.ref(strategy)
    del strategy
    gc.collect()
    assert seen() is None
    assert program.tickers == ("SPY", "FREED")


def test_constants_are_one_row_for_one_number() -> None:
    program = compiled(when((rsi("A", 5) > 50) & (rsi("A", 6) > 50.0)).then("A").otherwise("B"))
    assert steps(program)[Op.CONSTANT] == 1
    assert np.isclose(next(v.constant for v in program.values if v.constant is not None), 50.0)
