"""Terms that say the same are one object, at any depth, through copies, pickles and threads."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref

import pytest
from hypothesis import given

from sbc_lab.engine.strategy import (
    Asset,
    Axis,
    Node,
    Not,
    Strategy,
    Term,
    Weight,
    all_of,
    axis,
    equal,
    group,
    rsi,
    walk,
    when,
)
from sbc_lab.engine.strategy.wire import pack, unpack
from sbc_lab.errors import StrategyError, WireError
from sbc_lab.testing import strategies, trees

DEEP = 5_000


def deep_chain(levels: int = DEEP) -> Node:
    node: Node = Asset("SPY")
    for level in range(levels):
        node = when(rsi("QQQ", 10) > level).then("TLT").otherwise(node)
    return node


def test_the_same_words_are_the_same_object() -> None:
    assert Asset("SPY") is Asset("SPY")
    assert equal("SPY", "TLT") is equal("SPY", Asset("TLT"))
    assert (rsi("SPY", 10) > 70) is (rsi("SPY", 10.0) > 70.0)  # type: ignore[arg-type]  # a whole float is taken


@pytest.mark.parametrize(
    "other",
    [Asset("TLT"), Asset("SPY", title="x"), Asset("SPY", color="#fff"), Asset("SPY", folded=True), group("SPY", "SPY")],
)
def test_other_words_are_other_objects(other: Node) -> None:
    assert Asset("SPY") is not other
    assert Asset("SPY") != other


def test_a_copy_is_the_object_itself() -> None:
    tree = equal("SPY", group("Core", "TLT"))
    assert copy.copy(tree) is tree
    assert copy.deepcopy([tree, tree]) == [tree, tree]


@given(strategies(trees(looks=True)))
def test_a_pickle_gives_the_same_object(strategy: Strategy) -> None:
    for term in walk(strategy):
        assert pickle.loads(pickle.dumps(term)) is term


def test_a_pickle_keeps_an_open_axis() -> None:
    hot = Strategy(
        "Hot", when(rsi("QQQ", axis("lookback", [5, 10])) > axis("limit", [60.5, 70])).then("SPY").otherwise("BIL")
    )
    assert pickle.loads(pickle.dumps(hot)) is hot


def test_a_pickle_of_a_term_that_nobody_holds_any_more_is_built_anew() -> None:
    data = pickle.dumps(equal("SPY", "AAA", "BBB"))
    gc.collect()
    assert pickle.loads(data) is equal("SPY", "AAA", "BBB")


@pytest.mark.parametrize(
    "table", [None, {}, {"root": 0}, {"root": 0, "nodes": []}, {"root": 1, "nodes": [{"kind": "cash"}]}]
)
def test_a_broken_pickle_is_an_error(table: dict[str, object]) -> None:
    with pytest.raises(WireError):
        unpack(table)


def test_a_table_of_a_term_is_flat_and_says_every_part_once() -> None:
    node = equal("SPY", "SPY")
    assert pack(node) == {
        "root": 2,
        "nodes": [
            {"kind": "weighting", "mode": "equal"},
            {"kind": "asset", "ticker": "SPY"},
            {"kind": "weight", "weighting": 0, "members": [1, 1]},
        ],
    }


def test_a_deep_tree_is_built_pickled_copied_and_freed() -> None:
    node: Node | None = deep_chain()
    assert pickle.loads(pickle.dumps(node)) is node
    assert copy.deepcopy(node) is node
    gone = weakref.ref(node)
    del node
    gc.collect()
    assert gone() is None


def test_a_very_deep_condition_and_expression_are_freed() -> None:
    condition = rsi("QQQ", 10) > 3
    expression = rsi("QQQ", 10) + 1
    deep: Term = condition
    for _ in range(100_000):
        deep = Not(deep)  # type: ignore[arg-type]  # a Not is a condition
        expression = expression + 1
    gone = weakref.ref(deep), weakref.ref(expression)
    del deep, expression
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_shared_subtrees_cost_nothing() -> None:
    condition = rsi("QQQ", 10) > 3
    node: Node = Asset("SPY")
    both = all_of(condition, condition)
    for _ in range(60):
        node, both = equal(node, node), all_of(both, both)
    assert node is not equal(node, node)
    assert pickle.loads(pickle.dumps(both)) is both


def test_threads_that_build_the_same_get_the_same() -> None:
    found: list[list[Weight]] = [[] for _ in range(4)]
    ready = threading.Barrier(4)

    def build(into: list[Weight]) -> None:
        ready.wait()
        into += [equal("SPY", f"T{number}") for number in range(300)]

    threads = [threading.Thread(target=build, args=(into,)) for into in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(set(same)) == 1 for same in zip(*found, strict=True))


def test_a_term_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Asset("SPY").ticker = "TLT"  # type: ignore[misc]  # that is the point


def test_replaced_is_checked_like_new() -> None:
    assert Asset("SPY").replaced(ticker="TLT") is Asset("TLT")
    with pytest.raises(StrategyError):
        Asset("SPY").replaced(ticker="spy")


def test_what_is_open_is_known_at_once() -> None:
    lookback = axis("lookback", [5, 10])
    assert (rsi("SPY", lookback) > 3).free == {lookback}
    assert equal("SPY").free == frozenset()


@pytest.mark.parametrize(
    ("name", "points", "word"),
    [
        ("a b", [1], "identifier"),
        ("for", [1], "identifier"),
        (3, [1], "identifier"),
        ("a", [], "at least one number"),
        ("a", ["x"], "at least one number"),
        ("a", [True], "at least one number"),
        ("a", [1, 1.0], "every value once"),
    ],
)
def test_an_axis_needs_a_name_and_numbers(name: str, points: list[float], word: str) -> None:
    with pytest.raises(StrategyError, match=word):
        Axis(name, tuple(points))


def test_an_axis_shows_the_call_that_makes_it() -> None:
    assert repr(axis("a", [1, 2.5])) == "axis('a', [1, 2.5])"
    assert repr(axis("a", range(9))) == "axis('a', [0, 1, 2, 3, 4, 5, …])"
