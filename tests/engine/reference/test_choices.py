"""Laws of choosing a branch."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.reference.choices import NO_CASE, chosen_case, latched, possible_cases
from sbc_lab.engine.reference.truths import NO, UNKNOWN, YES, Truth
from sbc_lab.engine.settings import OnMissing
from sbc_lab.engine.strategy import Switch, price, switch, when
from sbc_lab.engine.strategy.nodes import SwitchRule


def truth(text: str) -> Truth:
    return np.array([{"y": YES, "n": NO, "?": UNKNOWN}[letter] for letter in text], dtype=np.int8)


EITHER = when(price("A") > 1).then("A").otherwise("B")


def three(rule: SwitchRule, count: int | None = None) -> Switch:
    conditions = [price("A") > level for level in (1, 2, 3)]
    cases = ["A", "B", "C", "D"] if rule in ("ladder", "first") else ["A", "B"]
    return switch(conditions, cases, rule=rule, count=count)


@pytest.mark.parametrize(
    ("on_missing", "expected"),
    [
        ("otherwise", [1, 0, 1, 1, 1]),
        ("hold", [1, 0, 0, 1, 1]),  # the first bar has nothing to hold on to
        ("cash", [NO_CASE, 0, NO_CASE, 1, NO_CASE]),
    ],
)
def test_an_undecided_if_follows_on_missing(on_missing: OnMissing, expected: list[int]) -> None:
    assert chosen_case(EITHER, [truth("?y?n?")], on_missing).tolist() == expected


@pytest.mark.parametrize(
    ("rule", "count", "expected"),
    [
        ("any", None, [1, 0, 0, 0]),
        ("all", None, [1, 1, 1, 0]),
        ("none", None, [0, 1, 1, 1]),
        ("exactly", 2, [1, 1, 0, 1]),
        ("at_least", 2, [1, 1, 0, 0]),
        ("at_most", 1, [0, 0, 1, 1]),
        ("ladder", None, [0, 1, 2, 3]),
        ("first", None, [3, 2, 1, 0]),
    ],
)
def test_a_switch_counts_what_holds(rule: SwitchRule, count: int | None, expected: list[int]) -> None:
    truths = [truth("nnny"), truth("nnyy"), truth("nyyy")]
    assert chosen_case(three(rule, count), truths, "otherwise").tolist() == expected


@pytest.mark.parametrize(
    ("on_missing", "expected"), [("otherwise", [1, 1, 0]), ("hold", [1, 1, 1]), ("cash", [NO_CASE, 1, NO_CASE])]
)
def test_a_switch_with_an_unknown_condition_follows_on_missing(on_missing: OnMissing, expected: list[int]) -> None:
    truths = [truth("?n?"), truth("yyn"), truth("nnn")]
    assert chosen_case(three("ladder"), truths, on_missing).tolist() == expected


def test_a_latch_remembers_and_moves_at_most_once_a_bar() -> None:
    assert latched(truth("nynnyy"), truth("nnnyyy"), "otherwise").tolist() == [1, 0, 0, 1, 0, 1]


def test_a_latch_sleeps_until_both_conditions_are_known_on_one_bar() -> None:
    assert latched(truth("yynn"), truth("??nn"), "otherwise").tolist() == [1, 1, 1, 1]


def test_an_unknown_condition_counts_as_false_once_a_latch_is_awake() -> None:
    assert latched(truth("ny??n"), truth("n?n?y"), "otherwise").tolist() == [1, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("rule", "count", "states", "cases"),
    [
        ("any", None, "?y?", {0}),
        ("any", None, "?n?", {0, 1}),
        ("all", None, "?n?", {1}),
        ("none", None, "y??", {1}),
        ("exactly", 2, "y??", {0, 1}),
        ("exactly", 0, "y??", {1}),
        ("exactly", 2, "yy?", {0, 1}),
        ("at_least", 2, "yy?", {0}),
        ("at_least", 3, "n??", {1}),
        ("at_most", 1, "yy?", {1}),
        ("at_most", 2, "n??", {0}),
        ("ladder", None, "y?n", {1, 2}),
        ("first", None, "y??", {0}),
        ("first", None, "n?y", {1, 2}),
        ("first", None, "n??", {1, 2, 3}),
    ],
)
def test_a_switch_is_certain_when_the_unknown_cannot_change_it(
    rule: SwitchRule, count: int | None, states: str, cases: set[int]
) -> None:
    assert possible_cases(three(rule, count), truth(states).tolist()) == cases


@pytest.mark.parametrize("on_missing", ["otherwise", "hold", "cash"])
def test_a_switch_whose_case_is_certain_follows_it_whatever_is_unknown(on_missing: OnMissing) -> None:
    truths = [truth("n?"), truth("ny"), truth("n?")]
    assert chosen_case(three("any"), truths, on_missing).tolist() == [1, 0]


def test_a_latch_in_cash_remembers_while_it_holds_nothing() -> None:
    enter, leave = truth("n?y?nn"), truth("?nn??y")
    assert latched(enter, leave, "cash").tolist() == [1, NO_CASE, 0, NO_CASE, NO_CASE, 1]
    assert latched(enter, leave, "hold").tolist() == latched(enter, leave, "otherwise").tolist() == [1, 1, 0, 0, 0, 1]
