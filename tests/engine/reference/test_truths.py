"""Laws of three-valued truth over dates."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sbc_lab.engine.reference.truths import NO, UNKNOWN, YES, Truth, at_least, compare, for_days, invert

NAN = np.nan


def truth(text: str) -> Truth:
    return np.array([{"y": YES, "n": NO, "?": UNKNOWN}[letter] for letter in text], dtype=np.int8)


def said(row: Truth) -> str:
    return "".join({1: "y", 0: "n", -1: "?"}[state] for state in row.tolist())


@pytest.mark.parametrize(("op", "expected"), [(">", "ynn???"), (">=", "yyn???"), ("<", "nny???"), ("<=", "nyy???")])
def test_a_comparison_with_a_missing_side_is_unknown(op: str, expected: str) -> None:
    left = np.array([2.0, 1.0, 0.0, NAN, 1.0, NAN])
    right = np.array([1.0, 1.0, 1.0, 1.0, NAN, NAN])
    assert said(compare(op, left, right)) == expected


def test_a_crossing_is_strict_before_and_not_now() -> None:
    left = np.array([1.0, 2.0, 3.0, 2.0, 1.0, 2.0])
    right = np.full(6, 2.0)
    assert said(compare("crosses_above", left, right)) == "?ynnny"
    assert said(compare("crosses_below", left, right)) == "?nnynn"


def test_a_crossing_is_unknown_when_any_of_its_four_values_is() -> None:
    right = np.array([2.0, 2.0, 2.0, NAN, 2.0, 2.0])
    left = np.array([NAN, 1.0, 3.0, 3.0, 3.0, 3.0])
    assert said(compare("crosses_above", left, right)) == "??y??n"


@pytest.mark.parametrize(
    ("row", "days", "expected"),
    [
        ("yyyny", 1, "yyyny"),
        ("yyyny", 3, "??ynn"),
        ("?yyyy", 3, "???yy"),
        ("?nyyy", 2, "?nnyy"),  # one that does not hold decides, whatever is unknown beside it
        ("n", 4, "n"),
        ("y", 4, "?"),
    ],
)
def test_for_days_looks_at_each_of_the_last_bars(row: str, days: int, expected: str) -> None:
    assert said(for_days(truth(row), days)) == expected


def test_not_leaves_the_unknown_unknown() -> None:
    assert said(invert(truth("yn?"))) == "ny?"


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_counting_is_decided_exactly_when_no_unknown_can_change_it(count: int) -> None:
    for states in product("yn?", repeat=3):
        worlds = product(*(("y", "n") if state == "?" else (state,) for state in states))
        answers = {"y" if world.count("y") >= count else "n" for world in worlds}
        expected = answers.pop() if len(answers) == 1 else "?"
        assert said(at_least(count, [truth(state) for state in states])) == expected, states
