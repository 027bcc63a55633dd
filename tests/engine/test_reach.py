"""Laws of what a node can come to: a branch is left out only when no date can lead to it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from sbc_lab.engine._reach import asked_by, cases_of
from sbc_lab.engine.compile import compile_strategy
from sbc_lab.engine.program import Kind, Program
from sbc_lab.engine.strategy import (
    Asset,
    Condition,
    If,
    Latch,
    Node,
    Strategy,
    Switch,
    all_of,
    any_of,
    at_least,
    branch,
    call,
    constant,
    lag,
    latch,
    month,
    percentile,
    rsi,
    switch,
    when,
)
from sbc_lab.engine.strategy.nodes import SwitchRule

ALWAYS, NEVER = constant(1) > 0, constant(1) < 0
ASK, OTHER = rsi("LOOK", 10) > 50, rsi("LOOK", 20) > 50
UNKNOWN = constant(1) / constant(0) > 0

CONDITIONS = [rsi("SPY", window) > 50 for window in (2, 3, 4)]
COUNTED: tuple[SwitchRule, ...] = ("any", "all", "none", "exactly", "at_least", "at_most")
WANTS_A_COUNT = ("exactly", "at_least", "at_most")


def compiled(root: Node) -> Program:
    return compile_strategy(Strategy("tested", root))


def case_of(rule: str, truths: tuple[bool, ...], count: int | None) -> int:
    """The case that a switch comes to on a date on which all is known."""
    holds = sum(truths)
    if rule == "first":
        return truths.index(True) if True in truths else len(truths)
    if rule == "ladder":
        return holds
    met: dict[str, bool] = {
        "any": any(truths),
        "all": all(truths),
        "none": not any(truths),
        "exactly": holds == count,
        "at_least": count is not None and holds >= count,
        "at_most": count is not None and holds <= count,
    }
    return 0 if met[rule] else 1


def every_switch() -> list[Any]:
    rules: list[tuple[SwitchRule, int | None]] = [("ladder", None), ("first", None)]
    rules += [(rule, count) for rule in COUNTED for count in (range(4) if rule in WANTS_A_COUNT else (None,))]
    return [
        pytest.param(
            switch(CONDITIONS, "ABCD" if rule in ("ladder", "first") else "AB", rule=rule, count=count),
            rule,
            count,
            id=f"{rule}-{count}",
        )
        for rule, count in rules
    ]


@pytest.mark.parametrize(("node", "rule", "count"), every_switch())
def test_a_switch_reaches_what_some_completion_of_the_unknown_reaches(
    node: Switch, rule: str, count: int | None
) -> None:
    for known in product((True, False, None), repeat=3):
        ends = product(*((True, False) if truth is None else (truth,) for truth in known))
        assert cases_of(node, known) == {case_of(rule, end, count) for end in ends}, known


@pytest.mark.parametrize(("known", "cases"), [(True, {0}), (False, {1}), (None, {0, 1})])
def test_a_choice_reaches_the_branch_of_its_condition(known: bool | None, cases: set[int]) -> None:
    assert cases_of(when(CONDITIONS[0]).then("A").otherwise("B"), [known]) == cases


@pytest.mark.parametrize(
    ("enter", "leave", "cases"),
    [
        (False, True, {1}),
        (False, False, {1}),
        (False, None, {1}),
        (True, False, {0}),
        # it goes on and off again, day by day
        (True, True, {0, 1}),
        (True, None, {0, 1}),
        (None, True, {0, 1}),
        (None, False, {0, 1}),
        (None, None, {0, 1}),
    ],
)
def test_a_latch_reaches_both_states_unless_it_never_enters_or_never_exits(
    enter: bool | None, leave: bool | None, cases: set[int]
) -> None:
    node = latch(enter=CONDITIONS[0], exit=CONDITIONS[1], on="A", off="B")
    assert cases_of(node, [enter, leave]) == cases


def test_a_node_asks_its_conditions_in_the_order_in_which_they_are_written() -> None:
    first, second, third = CONDITIONS
    assert asked_by(If(first, Asset("A"), Asset("B"))) == (first,)
    assert asked_by(Switch("ladder", (second, ALWAYS), (Asset("A"), Asset("B"), Asset("C")))) == (second, ALWAYS)
    assert asked_by(Latch(third, first, Asset("A"), Asset("B"))) == (third, first)


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        (ALWAYS, "SPY"),
        (NEVER, "TLT"),
        (~NEVER, "SPY"),
        (ALWAYS & NEVER, "TLT"),
        (ALWAYS | NEVER, "SPY"),
        (all_of(ALWAYS, ALWAYS), "SPY"),
        (any_of(NEVER, NEVER), "TLT"),
        (at_least(2, ALWAYS, NEVER, ALWAYS), "SPY"),
        (at_least(3, ALWAYS, NEVER, ALWAYS), "TLT"),
        (constant(2) >= constant(2), "SPY"),
        (constant(2) > constant(2), "TLT"),
        (constant(2) <= constant(2), "SPY"),
        (constant(2) < constant(2), "TLT"),
        (constant(1) + constant(2) * constant(3) - constant(1) >= constant(6), "SPY"),
        (constant(1) / constant(4) > constant(0.2), "SPY"),
        (lag(constant(5), 3) > constant(4), "SPY"),
        (percentile(constant(5), 3) >= constant(100), "SPY"),
        ((constant(1) > constant(0)).for_days(3), "SPY"),
        (constant(2).crosses_above(1), "TLT"),
        # what the constants decide needs nothing else
        (ASK & NEVER, "TLT"),
        (ASK | ALWAYS, "SPY"),
        (at_least(2, ALWAYS, ASK, ALWAYS), "SPY"),
        (at_least(2, NEVER, ASK, NEVER), "TLT"),
        (~(UNKNOWN & NEVER), "SPY"),
        (month(1) & NEVER, "TLT"),
    ],
)
def test_a_constant_condition_leaves_one_branch_and_no_other_ticker(condition: Condition, taken: str) -> None:
    node = when(condition).then("SPY").otherwise("TLT")
    program = compiled(node)
    assert program.tickers == (taken,)
    assert program.nodes[program.root].kind is Kind.ASSET


@pytest.mark.parametrize(
    "condition", [UNKNOWN, percentile(constant(1) / constant(0), 3) > 50, ASK & ALWAYS, ASK | NEVER, month(1)]
)
def test_what_is_unknown_or_depends_on_the_date_is_no_constant(condition: Condition) -> None:
    program = compiled(when(condition).then("SPY").otherwise("TLT"))
    assert {"SPY", "TLT"} <= set(program.tickers)
    assert program.nodes[program.root].kind is Kind.CHOOSE


@pytest.mark.parametrize(
    ("rule", "conditions", "cases", "taken"),
    [
        ("ladder", [ALWAYS, NEVER], ["A", "B", "C"], "B"),
        ("first", [NEVER, ALWAYS], ["A", "B", "C"], "B"),
        ("first", [NEVER, NEVER], ["A", "B", "C"], "C"),
        ("any", [ALWAYS, NEVER], ["A", "B"], "A"),
        ("all", [ALWAYS, NEVER], ["A", "B"], "B"),
        ("none", [NEVER, NEVER], ["A", "B"], "A"),
    ],
)
def test_a_switch_on_constants_is_its_case(
    rule: SwitchRule, conditions: list[Condition], cases: list[str], taken: str
) -> None:
    program = compiled(switch(conditions, cases, rule=rule))
    assert program.tickers == (taken,)
    assert program.nodes[program.root].kind is Kind.ASSET


def test_a_latch_that_never_enters_or_never_exits_is_one_side() -> None:
    assert compiled(latch(enter=ALWAYS, exit=NEVER, on="A", off="B")).tickers == ("A",)
    assert compiled(latch(enter=NEVER, exit=ALWAYS, on="A", off="B")).tickers == ("B",)
    # on one day, off the next
    assert compiled(latch(enter=ALWAYS, exit=ALWAYS, on="A", off="B")).tickers == ("A", "B")


@pytest.mark.parametrize(
    ("node", "held"),
    [
        # ASK alone decides, so 0 or 1 of them hold, never 2
        (switch([ASK, NEVER], ["A", "B", "C"], rule="ladder"), ("A", "B")),
        (switch([ALWAYS, ASK], ["A", "B", "C"], rule="ladder"), ("B", "C")),
        (switch([ASK, ALWAYS, OTHER], ["A", "B", "C", "D"], rule="first"), ("A", "B")),
        (switch([NEVER, ASK], ["A", "B", "C"], rule="first"), ("B", "C")),
        (latch(enter=NEVER, exit=ASK, on="A", off="B"), ("B",)),
    ],
)
def test_a_branch_that_no_date_can_lead_to_needs_no_ticker(node: Node, held: tuple[str, ...]) -> None:
    program = compiled(node)
    assert program.tickers[: program.assets] == held
    # the order of the cases is kept: what is never taken holds nothing
    root = program.nodes[program.root]
    assert len(root.children) == len(node.children)


def test_a_branch_that_is_never_taken_may_be_one_that_is_not_computed() -> None:
    assert compiled(when(ALWAYS).then("SPY").otherwise(call("someone's bot"))).tickers == ("SPY",)


def test_a_branch_that_is_never_taken_can_still_be_looked_at() -> None:
    node = Switch("ladder", (NEVER, rsi(branch(2), 5) > 50), (Asset("A"), Asset("B"), Asset("C")))
    program = compiled(node)
    assert "C" in program.tickers
