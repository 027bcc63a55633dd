"""Walking: every term once, places, finding, counting; nothing grows with the number of paths."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given

from sbc_lab.engine.strategy import (
    Asset,
    Branch,
    Call,
    Comparison,
    Nav,
    Node,
    Strategy,
    Ticker,
    branch,
    call,
    count_nodes,
    count_unique,
    cumulative_return,
    depth,
    each,
    equal,
    find,
    group,
    nav,
    needs,
    node_at,
    ordered,
    paths,
    rsi,
    substitute,
    tickers,
    top,
    walk,
    when,
)
from sbc_lab.errors import StrategyError
from sbc_lab.testing import trees

HOT = rsi("QQQ", 10) > 79
TREE = when(HOT).then("UVXY").otherwise(equal("SPY", group("Safe", equal("TLT", "GLD"))))


def doubled(levels: int) -> Node:
    node: Node = Asset("SPY")
    for _ in range(levels):
        node = equal(node, node)
    return node


def chain(levels: int) -> Node:
    node: Node = Asset("SPY")
    for level in range(levels):
        node = when(rsi("QQQ", 10) > level).then("TLT").otherwise(node)
    return node


def test_ordered_gives_parts_before_wholes_and_each_once() -> None:
    found = ordered(TREE)
    assert found[-1] is TREE
    assert len(found) == len(set(found))
    assert all(found.index(part) < place for place, term in enumerate(found) for part in term.parts)


@given(trees())
def test_walk_and_ordered_meet_the_same_terms(tree: Node) -> None:
    assert set(walk(tree)) == set(ordered(tree))
    assert next(walk(tree)) is tree


def test_tickers_come_in_the_order_in_which_they_are_met() -> None:
    assert tickers(TREE) == ("QQQ", "UVXY", "SPY", "TLT", "GLD")


def test_needs_say_the_score_of_every_child() -> None:
    inner = equal("TLT", "GLD")
    found = needs(top("SPY", inner, n=1, by=cumulative_return(each, 60)))
    assert found == (cumulative_return("SPY", 60), cumulative_return(inner, 60))
    assert found[1].series is Nav(inner)


def test_substitute_changes_every_place_and_shares_the_rest() -> None:
    changed = substitute(TREE, {Asset("GLD"): Asset("BIL"), Ticker("QQQ"): Ticker("SPY")})
    assert changed is when(rsi("SPY", 10) > 79).then("UVXY").otherwise(equal("SPY", group("Safe", equal("TLT", "BIL"))))
    assert substitute(TREE, {Asset("XYZ"): Asset("BIL")}) is TREE


def test_a_place_is_the_child_numbers_from_the_root() -> None:
    assert node_at(TREE, ()) is TREE
    assert node_at(TREE, (0,)) is Asset("UVXY")
    assert node_at(TREE, [1, 1, 0, 1]) is Asset("GLD")
    assert node_at(Strategy("X", TREE), (1, 0)) is Asset("SPY")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ((2,), r"the path \[2\] leads only to \[\]: this if has children 0 to 1, got 2"),
        ((1, 1, 0, 2), r"leads only to \[1, 1, 0\]: this weight has children 0 to 1, got 2"),
        ((0, 0), r"leads only to \[0\]: asset 'UVXY' has no children, got 0"),
        ((-1,), r"has children 0 to 1, got -1"),
        ((True,), "child numbers such as"),
        (("a",), "child numbers such as"),
    ],
)
def test_a_path_that_leads_nowhere_says_how_far_it_went(path: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(StrategyError, match=sentence):
        node_at(TREE, path)


@given(trees())
def test_paths_lead_to_every_node_parents_first(tree: Node) -> None:
    found = list(paths(tree))
    assert len(found) == len(set(found)) == count_nodes(tree)
    assert found == sorted(found)
    assert max(map(len, found)) + 1 == depth(tree)
    assert len({node_at(tree, path) for path in found}) == count_unique(tree)


def test_paths_are_lazy() -> None:
    assert list(islice(paths(doubled(60)), 3)) == [(), (0,), (0, 0)]


@pytest.mark.parametrize(
    ("what", "places"),
    [
        ("GLD", [(1, 1, 0, 1)]),
        ("gld", [(1, 1, 0, 1)]),
        ("QQQ", [()]),
        ("safe", [(1, 1)]),
        ("nothing", []),
        ("SP", []),
    ],
)
def test_find_by_ticker_or_name(what: str, places: list[tuple[int, ...]]) -> None:
    assert find(TREE, what) == places
    assert find(Strategy("X", TREE), what) == places


def test_find_by_title_bot_and_ratio() -> None:
    tree = equal(
        Asset("SPY", title="The Market"), call("Calm seas"), when(rsi("TLT/IEF", 3) > 5).then("A").otherwise("B")
    )
    assert find(tree, "market") == [(0,)]
    assert find(tree, "calm") == [(1,)]
    assert find(tree, "TLT/IEF") == find(tree, "ief") == [(2,)]


def test_find_by_function_gives_the_node_that_owns_the_part() -> None:
    assert find(TREE, lambda term: isinstance(term, Comparison)) == [()]
    assert find(TREE, lambda term: isinstance(term, Asset)) == [(0,), (1, 0), (1, 1, 0, 0), (1, 1, 0, 1)]
    assert find(TREE, lambda term: isinstance(term, Call)) == []


def test_what_a_condition_looks_at_belongs_to_the_condition() -> None:
    tree = when(rsi(equal("TLT", "GLD"), 5) > 3).then("SPY").otherwise("BIL")
    assert find(tree, "GLD") == [()]


@given(trees())
def test_find_agrees_with_looking_at_every_place(tree: Node) -> None:
    everywhere = [path for path in paths(tree) if isinstance(node_at(tree, path), Asset)]
    owned = [
        path for path in find(tree, lambda term: isinstance(term, Asset)) if isinstance(node_at(tree, path), Asset)
    ]
    assert owned == everywhere[: len(owned)]


def test_find_is_bounded_by_what_it_shows() -> None:
    assert len(find(doubled(60), "SPY", limit=7)) == 7
    assert find(doubled(60), "TLT") == []


def test_counting_never_walks_the_expanded_tree() -> None:
    tree = doubled(60)
    assert count_nodes(tree) == 2**61 - 1
    assert count_unique(tree) == 61
    assert depth(tree) == 61


def test_a_small_tree_is_counted_by_hand() -> None:
    assert (count_nodes(TREE), count_unique(TREE), depth(TREE)) == (8, 8, 5)
    assert count_nodes(Strategy("X", equal("SPY", "SPY"))) == 3
    assert count_unique(Strategy("X", equal("SPY", "SPY"))) == 2


def test_deep_and_wide_trees_are_walked() -> None:
    deep, wide = chain(5_000), equal(*(f"T{number}" for number in range(10_000)))
    assert depth(deep) == 5_001
    assert count_nodes(deep) == 10_001
    assert len(tickers(deep)) == 3
    assert find(deep, "SPY") == [(1,) * 5_000]
    assert node_at(deep, (1,) * 5_000) is Asset("SPY")
    assert count_nodes(wide) == 10_001
    assert find(wide, "T9999") == [(9_999,)]


def test_only_a_tree_has_places() -> None:
    with pytest.raises(StrategyError, match="a node or a strategy is needed, got 'SPY'"):
        list(paths("SPY"))  # type: ignore[arg-type]  # that is the point


def test_a_node_inside_keeps_its_own_branches_and_its_own_each() -> None:
    inner = when(rsi(branch("then"), 5) > 50).then("GLD").otherwise("SLV")
    outer = (rsi(branch("then"), 10) > 50) & (rsi(nav(inner), 10) > 50)
    assert substitute(outer, {Branch("then"): Ticker("SPY")}) is (rsi("SPY", 10) > 50) & (rsi(nav(inner), 10) > 50)
    ranked = top("GLD", "SLV", n=1, by=rsi(each, 5))
    assert substitute(rsi(each, 10) - rsi(nav(ranked), 10), {each: Ticker("SPY")}) is rsi("SPY", 10) - rsi(
        nav(ranked), 10
    )


def test_the_needs_of_filters_nested_3000_deep_are_found_in_one_walk() -> None:
    node: Node = Asset("SPY")
    for place in range(3_000):
        node = top(node, "TLT", n=1, by=rsi(each, place % 7 + 2))
    found = needs(node)
    assert len(found) == len(set(found)) == 3_000 + 7  # of each node below, and seven of TLT
