"""Laws of comparing: equal things are passed over, every difference is found once, with its places in both trees."""

from __future__ import annotations

import pytest
from hypothesis import given

from sbc_lab.engine.strategy import (
    Asset,
    Differences,
    Node,
    Strategy,
    axis,
    bottom,
    clone,
    compare,
    each,
    equal,
    fingerprint,
    group,
    node_at,
    replace,
    rsi,
    switch,
    threshold,
    top,
    weighted,
    when,
)
from sbc_lab.errors import StrategyError
from sbc_lab.testing import trees

heat = rsi("QQQ", 10)
hot, cold = heat > 79, heat < 30


def told(first: Node, second: Node) -> list[tuple[str, tuple[int, ...] | None, tuple[int, ...] | None]]:
    return [(change.kind, change.before, change.after) for change in compare(first, second).changes]


def test_equal_trees_have_no_differences_whatever_they_are_called() -> None:
    first = Strategy("One", group("A", equal("SPY", Asset("TLT", title="bonds"))))
    second = Strategy("Two", group("B", equal("SPY", "TLT").replaced(color="red")), description="x")
    found = compare(first, second)
    assert (found.same, found.similarity, found.changes) == (True, 1.0, ())
    assert "the same meaning" in found.headline


def test_a_changed_condition_says_how_it_was_and_is() -> None:
    found = compare(when(hot).then("A").otherwise("B"), when(heat > 80).then("A").otherwise("B"))
    (change,) = found.changes
    assert (change.kind, change.before, change.after) == ("changed", (), ())
    assert change.detail == ("condition: rsi('QQQ', 10) > 79 → rsi('QQQ', 10) > 80",)
    assert not found.same


@pytest.mark.parametrize(
    ("first", "second", "changes"),
    [
        (equal("A", "B"), equal("A", "B", "C"), [("added", None, (2,))]),
        (equal("A", "B", "C"), equal("A", "C"), [("removed", (1,), None)]),
        (equal("A", "B"), equal("A", "C"), [("removed", (1,), None), ("added", None, (1,))]),
        (equal("A", "B", "C"), equal("C", "A", "B"), [("moved", (2,), (0,))]),
        (
            equal("A", equal("B", "C")),
            equal("A", equal("B", "D")),
            [("removed", (1, 1), None), ("added", None, (1, 1))],
        ),
        (weighted(("A", 0.6), ("B", 0.4)), weighted(("A", 0.5), ("B", 0.5)), [("changed", (), ())]),
        (top("A", "B", n=1, by=rsi(each, 9)), bottom("A", "B", n=1, by=rsi(each, 9)), [("changed", (), ())]),
        (when(hot).then("A").otherwise("B"), when(hot).then("C").otherwise("B"), [("changed", (0,), (0,))]),
        (equal("A", "B"), group("Box", equal("A", "B")), [("added", None, ())]),
        (
            group("Box", equal("A", "B")),
            equal("A", "C"),
            [("removed", (), None), ("removed", (0, 1), None), ("added", None, (1,))],
        ),
        (equal("A", "B"), when(hot).then(equal("A", "B")).otherwise("C"), [("added", None, ()), ("added", None, (1,))]),
        (switch([hot, cold], ["A", "B", "C"]), switch([hot, heat < 20], ["A", "B", "C"]), [("changed", (), ())]),
        (
            equal("A", equal("X", "Z", when(hot).then("S").otherwise("T"))),
            equal("A", equal("X", "Z"), when(hot).then("S").otherwise("T")),
            [("moved", (1, 2), (2,))],
        ),
        (
            when(hot).then(equal("A", "B")).otherwise("C"),
            when(hot).then("C").otherwise(equal("A", "B")),
            [("moved", (0,), (1,)), ("moved", (1,), (0,))],
        ),
    ],
)
def test_every_kind_of_difference(first: Node, second: Node, changes: list[object]) -> None:
    assert told(first, second) == changes


def test_what_was_removed_is_what_is_added_the_other_way_round() -> None:
    first, second = equal("A", equal("B", "C"), "D"), equal("A", equal("B", "E"))
    forth, back = compare(first, second), compare(second, first)
    assert forth.counts["removed"] == back.counts["added"] == 2
    assert forth.similarity == back.similarity


def test_another_rebalance_rule_is_a_difference() -> None:
    found = compare(Strategy("A", "SPY"), Strategy("B", "SPY", rebalance=threshold(0.05)))
    assert not found.same
    assert found.changes[0].detail == ("rebalance: daily → threshold(0.05)",)


def test_a_shared_subtree_is_looked_at_once_and_counted() -> None:
    def many(level: int) -> Node:
        shared = when(heat > level).then("A").otherwise("B")
        return equal(*(equal(f"T{number}", shared) for number in range(5)))

    (change,) = compare(many(70), many(71)).changes
    assert (change.kind, change.times) == ("changed", 5)
    wide: list[Node] = [when(heat > level).then("A").otherwise("B") for level in (1, 2)]
    for _ in range(60):
        wide = [equal(one, one) for one in wide]
    assert compare(*wide).changes[0].kind == "changed"


def test_5000_levels_and_10000_children_are_compared() -> None:
    deep: list[Node] = [Asset("A"), Asset("B")]
    for level in range(5_000):
        deep = [when(heat > level).then("C").otherwise(one) for one in deep]
    found = compare(*deep)
    assert [change.detail for change in found.changes] == [("ticker: 'A' → 'B'",)]
    assert len(found.changes[0].before or ()) == 5_000
    assert len(found.text()) < 2_000
    names = [f"T{number}" for number in range(10_000)]
    assert compare(equal(*names), equal(*reversed(names))).counts["moved"] == 9_999


def test_text_and_html_are_bounded_and_safe() -> None:
    nasty = group("<script>\u202e\n", equal("A"))
    found = compare(equal("X", nasty), equal("X", "Y"))
    page = found._repr_html_()
    assert "<script>" not in page
    assert "\u202e" not in page + found.text()
    many = compare(equal(*(f"A{number}" for number in range(500))), equal("X"))
    assert len(many.text().splitlines()) < 70
    assert page.count("<table>") == 1


def test_open_axes_and_what_is_no_tree_are_refused() -> None:
    with pytest.raises(StrategyError, match="still open"):
        compare(when(heat > axis("level", [70, 80])).then("A").otherwise("B"), equal("A"))
    with pytest.raises(StrategyError, match="a node or a strategy is needed"):
        compare("SPY", equal("A"))  # type: ignore[arg-type]  # what a person may type


@given(first=trees(), second=trees())
def test_places_lead_to_what_is_told_and_nothing_is_told_of_equal_trees(first: Node, second: Node) -> None:
    found = compare(first, second)
    assert isinstance(found, Differences)
    assert found.same is (fingerprint(first) == fingerprint(second))
    assert bool(found.changes) is not found.same
    assert 0.0 <= found.similarity <= 1.0
    assert compare(first, first).changes == ()
    for change in found.changes:
        before = None if change.before is None else node_at(first, change.before)
        after = None if change.after is None else node_at(second, change.after)
        if change.kind == "moved":
            assert before is not None
            assert after is not None
            assert fingerprint(before) == fingerprint(after)
        elif change.kind == "changed":
            assert before is not None
            assert after is not None
            assert before.kind == after.kind
        else:
            assert (before is None) is (change.kind == "added")
            assert (after is None) is (change.kind == "removed")


@given(tree=trees(max_leaves=12))
def test_one_edit_is_one_difference(tree: Node) -> None:
    box = equal("SPY", tree)
    assert [change.kind for change in compare(box, replace(box, (0,), Asset("ZZZ"))).changes] == ["removed", "added"]
    assert [change.kind for change in compare(box, clone(box, (0,))).changes] == ["added"]
