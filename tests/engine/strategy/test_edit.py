"""Edits by place: what changes, what is shared, and how fixed weights keep their proportions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.strategy import (
    Asset,
    Node,
    Strategy,
    Weight,
    blend,
    cash,
    clone,
    cumulative_return,
    delete,
    each,
    equal,
    group,
    insert,
    latch,
    move,
    node_at,
    paths,
    replace,
    replace_ticker,
    rsi,
    switch,
    top,
    walk,
    weighted,
    when,
)
from sbc_lab.errors import StrategyError
from sbc_lab.testing import trees

NOTHING: Any = None
FIVE: Any = 5
HOT = rsi("QQQ", 10) > 79
SAFE = group("Safe", equal("TLT", "GLD"))
TREE = when(HOT).then("UVXY").otherwise(equal("SPY", SAFE))
FIXED = weighted(("SPY", 0.5), ("TLT", 0.3), ("GLD", 0.2))
BRANCHED = [
    when(HOT).then("SPY").otherwise("TLT"),
    switch([HOT], ["SPY", "TLT"]),
    blend(rsi("SPY"), "SPY", "TLT", begin=1, end=2),
    latch(enter=HOT, exit=HOT, on="SPY", off="TLT"),
]


def shares(node: Node) -> tuple[float, ...]:
    assert isinstance(node, Weight)
    return node.weighting.shares


def test_replace_changes_one_place() -> None:
    assert replace(TREE, (0,), "BIL") is when(HOT).then("BIL").otherwise(equal("SPY", SAFE))
    assert replace(TREE, (1, 1, 0, 1), "BIL") is when(HOT).then("UVXY").otherwise(
        equal("SPY", group("Safe", equal("TLT", "BIL")))
    )
    assert replace(TREE, (), "BIL") is Asset("BIL")


def test_an_edit_shares_what_it_does_not_touch() -> None:
    changed = replace(TREE, (1, 0), "BIL")
    assert node_at(changed, (1, 1)) is SAFE
    assert node_at(changed, (0,)) is node_at(TREE, (0,))


def test_a_strategy_stays_a_strategy_with_name_and_rule() -> None:
    before = Strategy("Calm", TREE, rebalance="monthly", description="why")
    after = replace(before, (0,), "BIL")
    assert after is Strategy("Calm", replace(TREE, (0,), "BIL"), rebalance=before.rebalance, description="why")
    assert delete(before, ()).root is cash()


def test_a_twin_elsewhere_is_left_alone() -> None:
    twins = equal(SAFE, SAFE)
    assert replace(twins, (1, 0, 0), "BIL") is equal(SAFE, group("Safe", equal("BIL", "GLD")))


@given(trees(looks=True), st.data())
def test_replacing_a_node_by_itself_changes_nothing(tree: Node, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(paths(tree))))
    assert replace(tree, path, node_at(tree, path)) is tree


@given(trees(looks=True), st.data())
def test_replaced_and_put_back_is_the_same_tree(tree: Node, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(paths(tree))))
    changed = replace(tree, path, Asset("NEW"))
    assert node_at(changed, path) is Asset("NEW")
    assert replace(changed, path, node_at(tree, path)) is tree


def test_insert_puts_a_node_before_another_or_at_the_end() -> None:
    assert insert(equal("A", "B"), (0,), "C") is equal("C", "A", "B")
    assert insert(equal("A", "B"), (2,), "C") is equal("A", "B", "C")
    assert insert(TREE, (1, 1, 0, 1), "C") is replace(TREE, (1, 1, 0), equal("TLT", "C", "GLD"))
    by = cumulative_return(each, 60)
    assert insert(top("A", n=1, by=by), (1,), "B") is top("A", "B", n=1, by=by)


def test_insert_into_fixed_weights_scales_the_others() -> None:
    assert insert(FIXED, (1,), "BIL", share=0.5) is weighted(("SPY", 0.25), ("BIL", 0.5), ("TLT", 0.15), ("GLD", 0.1))


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 2.0, float("nan"), "half"])
def test_a_share_lies_between_nothing_and_all(share: float) -> None:
    with pytest.raises(StrategyError, match="share must be"):
        insert(FIXED, (0,), "BIL", share=share)


def test_delete_keeps_the_proportions_of_the_others() -> None:
    assert delete(equal("A", "B"), (0,)) is equal("B")
    assert shares(delete(FIXED, (0,))) == pytest.approx((0.6, 0.4), abs=1e-15)
    assert delete(FIXED, (0,)).children == (Asset("TLT"), Asset("GLD"))


def test_shares_of_ranks_stay_when_a_candidate_goes() -> None:
    from sbc_lab.engine.strategy import Weighting

    ranks = Weighting("fixed", shares=(0.7, 0.3))
    by = cumulative_return(each, 60)
    assert delete(top("A", "B", "C", n=2, by=by, weighting=ranks), (1,)) is top("A", "C", n=2, by=by, weighting=ranks)


def test_where_something_must_stand_delete_leaves_cash() -> None:
    assert delete(equal("A"), (0,)) is equal(cash())
    assert delete(weighted(("A", 1.0)), (0,)) is weighted((cash(), 1.0))
    assert delete(group("x", "A"), (0,)) is group("x", cash())
    assert delete(Asset("A"), ()) is cash()


@pytest.mark.parametrize("node", BRANCHED)
def test_a_branch_is_emptied_and_never_removed(node: Node) -> None:
    for number in (0, 1):
        emptied = delete(node, (number,))
        assert emptied.children[number] is cash()
        assert emptied.children[1 - number] is node.children[1 - number]


@given(trees(), st.data())
def test_after_a_delete_the_tree_still_stands(tree: Node, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(paths(tree))))
    left = delete(tree, path)
    assert isinstance(left, Node)
    assert len(list(paths(left))) <= len(list(paths(tree)))


def test_move_within_siblings_reorders_and_keeps_shares() -> None:
    three = equal("A", "B", "C")
    assert move(three, (0,), (3,)) is equal("B", "C", "A")
    assert move(three, (2,), (0,)) is equal("C", "A", "B")
    assert move(three, (1,), (1,)) is three
    assert move(three, (1,), (2,)) is three
    assert move(FIXED, (2,), (0,)) is weighted(("GLD", 0.2), ("SPY", 0.5), ("TLT", 0.3))


def test_move_to_other_parents_counts_places_as_they_were() -> None:
    tree = equal("A", equal("B", "C"), "D")
    assert move(tree, (0,), (1, 0)) is equal(equal("A", "B", "C"), "D")
    assert move(tree, (1, 0), (0,)) is equal("B", "A", equal("C"), "D")
    assert move(tree, (2,), (1, 2)) is equal("A", equal("B", "C", "D"))


def test_move_out_of_a_branch_leaves_cash() -> None:
    tree = equal(when(HOT).then("A").otherwise("B"), "C")
    assert move(tree, (0, 0), (2,)) is equal(when(HOT).then(cash()).otherwise("B"), "C", "A")


def test_move_into_fixed_weights_needs_a_share() -> None:
    tree = equal(FIXED, "BIL", "SHY")
    with pytest.raises(StrategyError, match="say the share"):
        move(tree, (1,), (0, 0))
    moved = move(tree, (1,), (0, 0), share=0.5)
    assert shares(node_at(moved, (0,))) == (0.5, 0.25, 0.15, 0.1)


def test_clone_stands_right_after_and_halves_a_fixed_share() -> None:
    assert clone(equal("A", "B"), (0,)) is equal("A", "A", "B")
    assert clone(FIXED, (0,)) is weighted(("SPY", 0.25), ("SPY", 0.25), ("TLT", 0.3), ("GLD", 0.2))


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda: insert(TREE, (0,), "A"), "insert: this if has a fixed number of branches; use replace"),
        (lambda: insert(TREE, (), "A"), "insert: the root has no siblings"),
        (lambda: insert(equal("A"), (2,), "B"), "takes a child at 0 to 1, got 2"),
        (lambda: insert(equal("A"), (-1,), "B"), "takes a child at 0 to 1, got -1"),
        (lambda: insert(equal("A"), (0,), "B", share=0.5), "leave share out"),
        (lambda: insert(FIXED, (0,), "B"), "say the share, for example share=0.1"),
        (lambda: insert(equal("A"), (0,), NOTHING), "for nothing held type cash"),
        (lambda: delete(TREE, (5,)), r"the path \[5\] leads only to \[\]"),
        (lambda: delete(TREE, (0, 0)), "has no children"),
        (lambda: delete(Asset("A"), (0,)), "has no children"),
        (lambda: clone(TREE, ()), "clone: the root has no siblings"),
        (lambda: clone(TREE, (0,)), r"wrap this one in equal\(…\) first"),
        (lambda: move(TREE, (), (0,)), "the root has no siblings"),
        (lambda: move(TREE, (1,), ()), "the root has no siblings"),
        (lambda: move(TREE, (1,), (1, 0)), "cannot stand inside itself"),
        (lambda: move(TREE, (0,), (1,)), "have names, not an order"),
        (lambda: move(equal("A", "B"), (0,), (5,)), "takes a child at 0 to 2, got 5"),
        (lambda: replace(TREE, (7, 7), "A"), "leads only to"),
        (lambda: replace(FIVE, (), "A"), "a node or a strategy is needed, got 5"),
        (lambda: replace(TREE, (), "spy"), "type 'SPY'"),
        (lambda: replace_ticker(TREE, "spy", "QQQ"), "type 'SPY'"),
    ],
)
def test_an_edit_that_cannot_be_made_says_why(edit: Callable[[], object], sentence: str) -> None:
    with pytest.raises(StrategyError, match=sentence):
        edit()


def test_replace_ticker_reaches_holdings_and_conditions_and_counts_places() -> None:
    tree = when(rsi("SPY/SPY", 3) > rsi("SPY", 5)).then(Asset("SPY", title="x")).otherwise(equal(SAFE, SAFE, "SPY"))
    changed, count = replace_ticker(tree, "SPY", "VOO")
    assert count == 5
    assert changed is when(rsi("VOO/VOO", 3) > rsi("VOO", 5)).then(Asset("VOO", title="x")).otherwise(
        equal(SAFE, SAFE, "VOO")
    )
    assert replace_ticker(tree, "TLT", "IEF")[1] == 2
    assert replace_ticker(tree, "XYZ", "IEF") == (tree, 0)


@given(trees(("SPY", "TLT")))
def test_replace_ticker_there_and_back(tree: Node) -> None:
    changed, count = replace_ticker(tree, "SPY", "NEW")
    assert "SPY" not in {getattr(term, "ticker", getattr(term, "symbol", "")) for term in walk(changed)}
    back, again = replace_ticker(changed, "NEW", "SPY")
    assert back is tree
    assert count == again


def test_the_count_may_be_astronomical() -> None:
    node: Node = Asset("SPY")
    for _ in range(60):
        node = equal(node, node)
    assert replace_ticker(node, "SPY", "TLT")[1] == 2**60


@given(st.lists(st.sampled_from([Asset("SPY"), SAFE, FIXED, TREE]), min_size=1, max_size=4), st.integers(0, 4))
def test_inserting_and_deleting_changes_nothing(members: list[Node], place: int) -> None:
    tree = group("x", equal(*members))
    at = (0, min(place, len(members)))
    assert delete(insert(tree, at, "NEW"), at) is tree


def test_deep_and_wide_trees_are_edited() -> None:
    deep: Node = equal("SPY", "TLT")
    for level in range(5_000):
        deep = when(rsi("QQQ", 10) > level).then("TLT").otherwise(deep)
    at = (1,) * 5_000
    assert node_at(insert(deep, (*at, 0), "BIL"), at) is equal("BIL", "SPY", "TLT")
    assert node_at(delete(deep, (*at, 0)), at) is equal("TLT")
    wide = equal(*(f"T{number}" for number in range(10_000)))
    assert len(delete(wide, (5_000,)).children) == 9_999
