"""Laws of what can be reached and in which order nodes are settled."""

from __future__ import annotations

import pytest

from sbc_lab.engine.reference.shape import constant_truth, decided_child, in_order, reachable, used
from sbc_lab.engine.strategy import (
    Asset,
    Condition,
    Node,
    all_of,
    any_of,
    at_least,
    branch,
    constant,
    crosses_above,
    equal,
    group,
    lag,
    latch,
    month,
    nav,
    percentile,
    price,
    rsi,
    switch,
    when,
)
from sbc_lab.engine.strategy.nodes import SwitchRule

TRUE, FALSE, OPEN = constant(1) > 0, constant(0) > 1, price("X") > 1


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (TRUE, True),
        (FALSE, False),
        (OPEN, None),
        (month(1), None),
        (all_of(TRUE, month(1)), None),
        (all_of(FALSE, OPEN), False),  # what the constants decide is decided, whatever else is asked
        (all_of(TRUE, OPEN), None),
        (any_of(TRUE, OPEN), True),
        (at_least(2, TRUE, OPEN, FALSE), None),
        (at_least(2, FALSE, OPEN, FALSE), False),
        (constant(1) / 0 > 3, None),  # never known, so the run will say that it is
        (constant(6) / 2 - 1 >= 2, True),
        (lag(constant(2), 3) * 2 < 4, False),
        (percentile(constant(7), 5) >= 100, True),
        (TRUE.for_days(4), True),
        (crosses_above(constant(1), 1), False),
        (~FALSE & any_of(FALSE, TRUE), True),
        (at_least(2, TRUE, FALSE, TRUE), True),
    ],
)
def test_a_condition_of_constants_is_decided_once(condition: Condition, expected: bool | None) -> None:
    assert constant_truth(condition) is expected


def named(nodes: tuple[Node, ...]) -> str:
    return "".join(node.ticker for node in nodes if isinstance(node, Asset))


def test_an_if_on_a_constant_is_its_branch() -> None:
    node = when(TRUE).then("A").otherwise("B")
    assert (decided_child(node), used(node)) == (Asset("A"), (Asset("A"),))
    assert decided_child(when(FALSE).then("A").otherwise("B")) is Asset("B")
    assert named(reachable(when(OPEN).then("A").otherwise("B"))) == "AB"


@pytest.mark.parametrize(
    ("rule", "count", "conditions", "expected"),
    [
        ("ladder", None, [TRUE, OPEN], "BC"),
        ("ladder", None, [TRUE, FALSE], "B"),
        ("first", None, [FALSE, OPEN, TRUE, OPEN], "BC"),
        ("first", None, [FALSE, OPEN], "BC"),
        ("any", None, [TRUE, OPEN], "A"),
        ("all", None, [TRUE, OPEN], "AB"),
        ("none", None, [OPEN, FALSE], "AB"),
        ("exactly", 2, [TRUE, FALSE, OPEN], "AB"),
        ("at_least", 3, [FALSE, OPEN, OPEN], "B"),
        ("at_most", 1, [FALSE, FALSE, OPEN], "A"),
    ],
)
def test_a_switch_reaches_the_cases_its_constants_leave(
    rule: SwitchRule, count: int | None, conditions: list[Condition], expected: str
) -> None:
    cases = list("ABCDE")[: len(conditions) + 1] if rule in ("ladder", "first") else ["A", "B"]
    node = switch(conditions, cases, rule=rule, count=count)
    assert named(reachable(node)) == expected
    assert (decided_child(node) is not None) == (OPEN not in conditions)


@pytest.mark.parametrize(
    ("enter", "leave", "reached", "decided"),
    [
        (FALSE, OPEN, "B", None),
        (FALSE, TRUE, "B", Asset("B")),
        (TRUE, FALSE, "A", Asset("A")),
        (TRUE, TRUE, "AB", None),
        (TRUE, OPEN, "AB", None),
        (OPEN, FALSE, "AB", None),
    ],
)
def test_a_latch_reaches_the_states_its_constants_leave(
    enter: Condition, leave: Condition, reached: str, decided: Node | None
) -> None:
    node = latch(enter=enter, exit=leave, on="A", off="B")
    assert (named(reachable(node)), decided_child(node)) == (reached, decided)


def test_a_node_is_settled_behind_all_that_it_uses() -> None:
    inner = equal("A", "B")
    node = when(rsi(nav(inner), 2) > rsi(branch("otherwise"), 2)).then("C").otherwise(group("g", inner))
    order = [step for step, _ in in_order(equal(node, inner))]
    places = {step: place for place, step in enumerate(order)}
    assert len(order) == len(places)
    assert all(places[below] < places[step] for step, uses in in_order(equal(node, inner)) for below in uses)


def test_five_thousand_levels_are_put_in_order() -> None:
    root: Node = Asset("A")
    for level in range(5_000):
        root = when(price("X") > level).then(root).otherwise("B")
    assert len(in_order(root)) == 5_002
