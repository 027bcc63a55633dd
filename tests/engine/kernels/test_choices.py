"""Laws of choosing a branch: what is unknown follows the setting, and a latch remembers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from sbc_lab.engine.kernels import choices

F, T, U = 0, 1, 2
NONE = -1


def truth(*values: int) -> NDArray[np.uint8]:
    return np.array(values, dtype=np.uint8)


def counts(*values: int) -> NDArray[np.int32]:
    return np.array(values, dtype=np.int32)


def latched(enter: list[int], leave: list[int], missing: int = choices.OTHERWISE) -> list[int]:
    out = np.full(len(enter), 77, dtype=np.int32)
    choices.latch(truth(*enter), truth(*leave), missing, out)
    return out.tolist()


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (choices.OTHERWISE, [1, 0, 1, 1, 1, 0, 1]),
        (choices.HOLD, [1, 0, 0, 1, 1, 0, 0]),
        (choices.CASH, [NONE, 0, NONE, 1, NONE, 0, NONE]),
    ],
)
def test_a_choice_that_is_unknown_follows_the_setting(missing: int, expected: list[int]) -> None:
    out = np.full(7, 77, dtype=np.int32)
    choices.choose(truth(U, T, U, F, U, T, U), missing, out)
    assert out.tolist() == expected


def test_holding_through_several_unknown_dates_keeps_the_last_known_choice() -> None:
    out = np.full(5, 77, dtype=np.int32)
    choices.choose(truth(T, U, U, U, F), choices.HOLD, out)
    assert out.tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        # what was picked with the unknown ones counted as false stays
        (choices.OTHERWISE, [5, 3, 6, 7, 4]),
        # before anything is known there is nothing to hold
        (choices.HOLD, [5, 3, 3, 3, 4]),
        (choices.CASH, [NONE, 3, NONE, NONE, 4]),
    ],
)
def test_any_unknown_condition_behind_a_switch_follows_the_setting(missing: int, expected: list[int]) -> None:
    picked = counts(5, 3, 6, 7, 4)
    choices.settle(picked, counts(1, 0, 2, 1, 0), missing)
    assert picked.tolist() == expected


@pytest.mark.parametrize(
    ("rule", "count", "expected"),
    [
        (0, 0, [1, 0, 0, 0]),  # any
        (1, 0, [1, 1, 1, 0]),  # all
        (2, 0, [0, 1, 1, 1]),  # none
        (3, 2, [1, 1, 0, 1]),  # exactly
        (4, 2, [1, 1, 0, 0]),  # at least
        (5, 2, [0, 0, 0, 1]),  # at most
        (5, 0, [0, 1, 1, 1]),
        (4, 0, [0, 0, 0, 0]),
        (6, 0, [0, 1, 2, 3]),  # ladder: the branch with the number of those that hold
    ],
)
def test_how_many_hold_chooses_the_branch(rule: int, count: int, expected: list[int]) -> None:
    out = np.full(4, 77, dtype=np.int32)
    unsure = counts(0, 0, 0, 0)
    choices.count_cases(rule, counts(0, 1, 2, 3), unsure, 3, count, out)
    assert out.tolist() == expected
    assert not unsure.any()


@pytest.mark.parametrize("rule", range(7))
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_count_is_certain_when_every_completion_leads_to_the_same_child(rule: int, size: int) -> None:
    for wanted, true in product(range(size + 1), range(size + 1)):
        unknown = size - true
        ends = counts(*range(true, size + 1))
        cases, sure = np.empty_like(ends), np.zeros_like(ends)
        choices.count_cases(rule, ends, sure, size, wanted, cases)
        out, unsure = counts(77), counts(unknown)
        choices.count_cases(rule, counts(true), unsure, size, wanted, out)
        assert out[0] == cases[0]  # what is unknown counts as false
        assert (unsure[0] == 1) == (len(set(cases.tolist())) > 1), (wanted, true)


def test_the_first_that_holds_wins_when_the_last_is_asked_first() -> None:
    conditions = [truth(F, T, F, T, U, U), truth(F, T, T, F, T, F), truth(F, T, T, T, F, U)]
    out = np.full(6, len(conditions), dtype=np.int32)
    unsure = np.zeros(6, dtype=np.int32)
    for place in (2, 1, 0):
        choices.first_case(conditions[place], place, out, unsure)
    assert out.tolist() == [3, 0, 1, 0, 1, 3]
    assert unsure.tolist() == [0, 0, 0, 0, 1, 1]


def test_what_is_unknown_behind_the_first_that_holds_does_not_matter() -> None:
    out, unsure = np.full(1, 2, dtype=np.int32), np.zeros(1, dtype=np.int32)
    choices.first_case(truth(U), 1, out, unsure)
    choices.first_case(truth(T), 0, out, unsure)
    assert (out[0], unsure[0]) == (0, 0)


def test_a_latch_is_on_from_the_date_it_enters_until_the_date_it_exits() -> None:
    enter = [F, T, F, F, F, T]
    leave = [F, F, F, T, F, F]
    assert latched(enter, leave) == [1, 0, 0, 1, 1, 0]


def test_a_latch_ignores_its_exit_while_off_and_its_entry_while_on() -> None:
    assert latched([F, F, T, T, T], [T, T, F, F, F]) == [1, 1, 0, 0, 0]


def test_a_latch_moves_at_most_once_a_date() -> None:
    # both hold every day: it flips, and never back on the same day
    assert latched([T, T, T, T], [T, T, T, T]) == [0, 1, 0, 1]


def test_a_latch_sleeps_until_both_conditions_are_known_together() -> None:
    assert latched([T, T, U, T, F], [U, U, F, F, F]) == [1, 1, 1, 0, 0]


def test_an_awake_latch_moves_on_what_it_needs_and_keeps_its_state_otherwise() -> None:
    # off and entry unknown: stays off; on and exit unknown: stays on; either moves on the one it needs
    assert latched([F, U, T, F, U], [F, F, U, U, T]) == [1, 1, 0, 0, 1]


def test_a_latch_that_does_not_know_what_it_needs_holds_nothing_in_cash_and_remembers() -> None:
    enter, leave = [F, U, T, U, F, F], [U, F, F, U, U, T]
    assert latched(enter, leave, choices.CASH) == [1, NONE, 0, NONE, NONE, 1]
    assert latched(enter, leave, choices.HOLD) == latched(enter, leave) == [1, 1, 0, 0, 0, 1]
