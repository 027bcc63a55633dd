"""A sentence is Python: evaluated with the names of the room it gives the same object back."""

from __future__ import annotations

import pytest
from hypothesis import given

import sbc_lab.engine.strategy as room
from sbc_lab.engine.strategy import (
    Condition,
    Constant,
    Expression,
    Node,
    Not,
    Strategy,
    Term,
    all_of,
    any_of,
    axis,
    branch,
    constant,
    crosses_above,
    equal,
    inverse_vol,
    lag,
    month,
    percentile,
    rsi,
    sentence,
    threshold,
    top,
    vol,
    weighted,
    when,
)
from sbc_lab.testing import conditions, expressions, strategies, trees

A, B, C = rsi("SPY") > 30, rsi("SPY") < 70, rsi("TLT") > 5
X = rsi("SPY", 10)


def evaluated(text: str) -> object:
    return eval(text, dict(vars(room)))


def whole(term: Term) -> str:
    return sentence(term, limit=10**9)


@pytest.mark.parametrize(
    ("term", "said"),
    [
        (A, "rsi('SPY', 14) > 30"),
        (A & B, "(rsi('SPY', 14) > 30) & (rsi('SPY', 14) < 70)"),
        ((A & B) | C, "(rsi('SPY', 14) > 30) & (rsi('SPY', 14) < 70) | (rsi('TLT', 14) > 5)"),
        ((A | B) & C, "((rsi('SPY', 14) > 30) | (rsi('SPY', 14) < 70)) & (rsi('TLT', 14) > 5)"),
        (~A, "~(rsi('SPY', 14) > 30)"),
        (~(A & B), "~((rsi('SPY', 14) > 30) & (rsi('SPY', 14) < 70))"),
        (~month(1), "~month(1)"),
        (Not(Not(month(1))), "Not(~month(1))"),
        (~month(1) & month(2), "~month(1) & month(2)"),
        (all_of(A), "all_of(rsi('SPY', 14) > 30)"),
        (all_of(month(1), all_of(month(2))), "all_of(month(1), all_of(month(2)))"),
        (any_of(*[month(1)] * 9), f"any_of({', '.join(['month(1)'] * 9)})"),
        (A.for_days(3), "(rsi('SPY', 14) > 30).for_days(3)"),
        (crosses_above(X, 5).for_days(2), "crosses_above(rsi('SPY', 10), 5).for_days(2)"),
        (constant(5) > X, "constant(5) > rsi('SPY', 10)"),
        (X > -5.5, "rsi('SPY', 10) > -5.5"),
        (X + 1 - 2 > 3, "rsi('SPY', 10) + 1 - 2 > 3"),
        (X - (X - 1) > 3, "rsi('SPY', 10) - (rsi('SPY', 10) - 1) > 3"),
        ((X + 1) * 2 > 3, "(rsi('SPY', 10) + 1) * 2 > 3"),
        (X + 2 * X > 3, "rsi('SPY', 10) + 2 * rsi('SPY', 10) > 3"),
        (-X > 3, "0 - rsi('SPY', 10) > 3"),
        (X - constant(-2) > 3, "rsi('SPY', 10) - -2 > 3"),
        (constant(1) + constant(2) > X, "constant(1) + 2 > rsi('SPY', 10)"),
        (percentile(lag(X, 2), 20), "percentile(lag(rsi('SPY', 10), 2), 20)"),
        (rsi(branch("then"), 5), "rsi(branch('then'), 5)"),
        (rsi(equal("SPY"), 5), "rsi(equal('SPY'), 5)"),
        (equal("SPY", "TLT", cap=0.5), "equal('SPY', 'TLT', cap=0.5)"),
        (weighted(("SPY", 0.6), ("TLT", 0.4)), "weighted(('SPY', 0.6), ('TLT', 0.4))"),
        (inverse_vol("SPY", window=20, fallback="BIL"), "inverse_vol('SPY', window=20, fallback='BIL')"),
        (vol("SPY", window=axis("n", [5, 6])), "vol('SPY', window=n)"),
        (when(A).then("SPY").otherwise("TLT"), "when(rsi('SPY', 14) > 30).then('SPY').otherwise('TLT')"),
        (top("SPY", n=1, by=rsi()), "top('SPY', n=1, by=rsi(each, 14))"),
        (Strategy("X", "SPY", rebalance=threshold(0.123456789)).rebalance, "threshold(0.123456789)"),
        (X > axis("limit", [1, 2]), "rsi('SPY', 10) > limit"),  # noqa: SIM300  # as a researcher types it
    ],
)
def test_a_term_is_said_as_it_is_typed(term: Term, said: str) -> None:
    assert sentence(term) == said


@given(expressions())
def test_an_expression_evaluates_to_itself(expression: Expression) -> None:
    assert evaluated(whole(expression)) is expression


@given(conditions(max_leaves=10))
def test_a_condition_evaluates_to_itself(condition: Condition) -> None:
    assert evaluated(whole(condition)) is condition


@given(strategies(trees()))
def test_a_strategy_and_all_its_parts_evaluate_to_themselves(strategy: Strategy) -> None:
    assert evaluated(whole(strategy)) is strategy
    for term in room.walk(strategy):
        if isinstance(term, (Condition, Node)) and not isinstance(term, (room.Asset, Constant)):
            assert evaluated(whole(term)) is term


def test_a_sentence_stops_at_its_limit_however_large_the_term() -> None:
    condition: Condition = A
    expression: Expression = X
    for _ in range(60):
        condition = all_of(condition, condition)
    for _ in range(5_000):
        expression = expression + 1
    wide = equal(*(f"T{number}" for number in range(10_000)))
    for term in (condition, expression, wide):
        assert len(sentence(term)) == 300
        assert sentence(term).endswith("…")
        assert len(sentence(term, limit=50)) == 50
    assert repr(expression) == sentence(expression)


def test_hostile_texts_stay_inside_their_quotes() -> None:
    name = '\'); import os; (\'\n"""\\'
    assert evaluated(whole(room.group(name, "SPY"))) is room.group(name, "SPY")
