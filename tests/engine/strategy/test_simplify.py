"""What each rewrite does, on the smallest tree that has it; that no number changes is proved in test_simplify_laws."""

from __future__ import annotations

import pytest

from sbc_lab.engine.strategy import (
    Asset,
    Axis,
    Cash,
    Condition,
    Expression,
    Node,
    Strategy,
    all_of,
    any_of,
    at_least,
    branch,
    call,
    cash,
    constant,
    count_nodes,
    equal,
    group,
    inverse_vol,
    lag,
    latch,
    month,
    nav,
    rsi,
    simplify,
    switch,
    top,
    weighted,
    when,
)
from sbc_lab.engine.strategy.terms import each
from sbc_lab.errors import StrategyError

heat = rsi("QQQ", 10)
hot, cold = heat > 79, heat < 30
ALWAYS, NEVER = constant(1) > 0, constant(1) < 0


def condition(written: Condition) -> Condition:
    """What becomes of a condition."""
    root = simplify(when(written).then("A").otherwise("B")).tree
    return root.condition if hasattr(root, "condition") else {"A": ALWAYS, "B": NEVER}[root.ticker]  # type: ignore[attr-defined]  # an asset


@pytest.mark.parametrize(
    ("written", "same"),
    [
        (~~hot, hot),
        (~hot, heat <= 79),
        (~(hot.for_days(3)), ~(hot.for_days(3))),
        (all_of(hot), hot),
        (all_of(hot, hot, cold, hot), hot & cold),
        (any_of(hot, any_of(cold, any_of(hot, month(1)))), any_of(hot, cold, month(1))),
        (all_of(hot, any_of(cold, month(1))), all_of(hot, any_of(cold, month(1)))),
        (hot & NEVER, NEVER),
        (hot & ALWAYS, hot),
        (hot | ALWAYS, ALWAYS),
        (hot | NEVER, hot),
        (~(NEVER & hot), ALWAYS),
        (at_least(1, hot, cold), hot | cold),
        (at_least(2, hot, cold), hot & cold),
        (at_least(0, hot, cold), ALWAYS),
        (at_least(2, hot, ALWAYS, cold, NEVER), hot | cold),
        (at_least(2, hot, hot, cold), at_least(2, hot, hot, cold)),
        (constant(3) * 2 > constant(5), ALWAYS),
        (constant(3).crosses_above(2), NEVER),
        ((constant(3) > 2).for_days(5), ALWAYS),
        (constant(3) / 0 > constant(5), constant(3) / 0 > constant(5)),
    ],
)
def test_conditions(written: Condition, same: Condition) -> None:
    assert condition(written) is same


@pytest.mark.parametrize(
    ("written", "same"),
    [
        (lag(heat, 0), heat),
        (lag(lag(heat, 2), 3), lag(heat, 5)),
        (lag(lag(heat, 3_000), 3_000), lag(lag(heat, 3_000), 3_000)),
        (heat + 0, heat),
        (heat * 1, heat),
        (heat / 1 - 0, heat),
        (0 + heat * (constant(4) - 3), heat),
        (0 - heat, 0 - heat),
        (heat * 0, heat * 0),
        (heat - heat, heat - heat),
    ],
)
def test_expressions(written: Expression, same: Expression) -> None:
    assert condition(written > 5) is (same > 5)


AB, either = equal("A", "B"), month(1) & ~month(2)
USES_ONE = rsi(branch(1), 9) > 5


@pytest.mark.parametrize(
    ("written", "same"),
    [
        (equal("A"), Asset("A")),
        (weighted((equal("A"), 1.0)), Asset("A")),
        (equal("A", cap=0.5), equal("A", cap=0.5)),
        (inverse_vol("A", window=9), inverse_vol("A", window=9)),
        (equal(equal("A", "B"), "C"), equal(equal("A", "B"), "C")),
        (equal("A", "A"), equal("A", "A")),
        (equal("A", cash(), "B"), AB),
        (equal("A", cash()), equal("A", cash())),
        (group("", AB), AB),
        (group("Box", AB), group("Box", AB)),
        (when(ALWAYS).then("A").otherwise("B"), Asset("A")),
        (when(hot & NEVER).then("A").otherwise(equal("B")), Asset("B")),
        (when(hot).then("A").otherwise("A"), when(hot).then("A").otherwise("A")),
        (when(either).then(AB).otherwise(AB), AB),
        (when(either).then("A").otherwise("A"), when(month(1) & ~month(2)).then("A").otherwise("A")),
        (when(either).then(call("x")).otherwise(call("x")), when(either).then(call("x")).otherwise(call("x"))),
        (latch(enter=NEVER, exit=ALWAYS, on="A", off="B"), Asset("B")),
        (latch(enter=NEVER, exit=hot, on="A", off="B"), latch(enter=NEVER, exit=hot, on="A", off="B")),
        (latch(enter=ALWAYS, exit=NEVER, on="A", off="B"), Asset("A")),
        (latch(enter=either, exit=month(7), on=AB, off=AB), AB),
        (switch([hot], ["A", "B"], rule="any"), when(hot).then("A").otherwise("B")),
        (switch([hot], ["A", "B"]), switch([hot], ["A", "B"])),
        (switch([hot], ["A", "B"], rule="none"), switch([hot], ["A", "B"], rule="none")),
        (switch([NEVER, ALWAYS], ["A", "B", "C"]), Asset("B")),
        (switch([hot, NEVER, cold], ["A", "B", "C", "D"]), switch([hot, cold], ["A", "B", "C"])),
        (switch([hot, ALWAYS, cold], ["A", "B", "C", "D"]), switch([hot, cold], ["B", "C", "D"])),
        (
            switch([hot, NEVER, cold], ["A", "B", "C", "D"], rule="first"),
            switch([hot, cold], ["A", "C", "D"], rule="first"),
        ),
        (
            switch([NEVER, USES_ONE, cold], ["A", "B", "C", "D"], rule="first"),
            switch([rsi(branch(0), 9) > 5, cold], ["B", "C", "D"], rule="first"),
        ),
        (
            switch([hot, NEVER, USES_ONE], ["A", "B", "C", "D"], rule="first"),
            switch([hot, NEVER, USES_ONE], ["A", "B", "C", "D"], rule="first"),
        ),
        (
            switch([hot, ALWAYS, cold], ["A", "B"], rule="exactly", count=2),
            switch([hot, cold], ["A", "B"], rule="exactly", count=1),
        ),
        (switch([USES_ONE], ["A", "B"], rule="all"), when(rsi(branch("otherwise"), 9) > 5).then("A").otherwise("B")),
        (
            top(equal("A"), group("G", equal("B")), n=1, by=rsi(each, 9) + 0),
            top("A", group("G", "B"), n=1, by=rsi(each, 9)),
        ),
        (
            when(rsi(nav(equal(AB)), 9) > 5).then("A").otherwise("B"),
            when(rsi(nav(AB), 9) > 5).then("A").otherwise("B"),
        ),
    ],
)  # fmt: skip
def test_nodes(written: Node, same: Node) -> None:
    assert simplify(written).tree is same


def test_named_boxes_go_only_when_asked() -> None:
    boxed = group("Outer", group("Inner", equal("A", "B")))
    assert simplify(boxed).tree is boxed
    assert simplify(boxed, boxes=True).tree is equal("A", "B").replaced(title="Inner")


def test_titles_and_colours_move_to_what_is_left() -> None:
    dressed = equal("A").replaced(title="Core", color="red")
    assert simplify(dressed).tree is Asset("A", title="Core", color="red")
    assert simplify(equal(Asset("A", title="Own")).replaced(title="Core")).tree.title == "Own"


def test_nothing_to_do_gives_the_very_object() -> None:
    strategy = Strategy("Calm", when(hot).then("A").otherwise("B"), rebalance="weekly")
    found = simplify(strategy)
    assert found.tree is strategy
    assert (dict(found.changes), found.shared) == ({}, 0)
    assert "nothing to simplify" in repr(found)


def test_it_counts_what_it_did_and_what_is_shared() -> None:
    pair = equal(equal("A"), "B")
    found = simplify(Strategy("Calm", when(hot).then(pair).otherwise(equal(pair))))
    assert dict(found.changes) == {"a weight of one child": 2}
    assert (found.nodes, found.different) == ((10, 7), (6, 4))
    assert found.shared == 3
    assert count_nodes(found.tree) == 7
    assert "2 × a weight of one child" in repr(found)


def test_open_axes_are_left_alone() -> None:
    level = Axis("level", (70, 80))
    root = when(constant(level) > 75).then("A").otherwise(equal("B"))
    assert simplify(root).tree is when(constant(level) > 75).then("A").otherwise("B")


def test_what_is_no_tree_is_refused() -> None:
    with pytest.raises(StrategyError, match="a node or a strategy is needed"):
        simplify("SPY")  # type: ignore[type-var]  # what a person may type


def test_a_tree_of_5000_levels_and_a_dag_of_2_to_60_leaves_are_simplified() -> None:
    deep: Node = Asset("A")
    for level in range(5_000):
        deep = equal(when(heat > level).then("B").otherwise(deep))
    assert simplify(deep).changes["a weight of one child"] == 5_000
    wide: Node = equal("A")
    for _ in range(60):
        wide = equal(wide, wide)
    assert simplify(wide).nodes[1] == 2**61 - 1


def test_everything_is_simplified_at_once() -> None:
    found = simplify(
        when(~~hot).then(equal(equal(equal("A")))).otherwise(when(ALWAYS).then(cash()).otherwise("B"))
    ).tree
    assert found is when(hot).then("A").otherwise(Cash())
    assert simplify(found).tree is found
