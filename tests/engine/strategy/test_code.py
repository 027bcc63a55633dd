"""The written Python builds the very same object, whatever its size, and nothing in it can break out of its quotes."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given

import sbc_lab.engine.strategy as room
from sbc_lab.engine.strategy import (
    Asset,
    Condition,
    Expression,
    Node,
    Not,
    Strategy,
    Term,
    Ticker,
    Weighting,
    all_of,
    axis,
    call,
    cash,
    constant,
    equal,
    group,
    inverse_vol,
    price,
    rsi,
    sma,
    threshold,
    to_code,
    weighted,
    when,
)
from sbc_lab.engine.strategy.code import LANGUAGE_WORDS
from sbc_lab.engine.strategy.layout import WIDTH
from sbc_lab.errors import StrategyError
from sbc_lab.testing import conditions, expressions, strategies, trees


def evaluated(text: str, name: str = "strategy") -> Any:
    names: dict[str, Any] = {}
    exec(compile(text, "written", "exec"), names)
    return names[name]


CALM = Strategy(
    "Calm seas",
    when(rsi("QQQ", 10) > 79)
    .then("UVXY")
    .otherwise(
        when(price("SPY") > sma("SPY", 200)).then("TQQQ").otherwise(inverse_vol("TLT", "GLD", "BIL", window=20))
    ),
)


def test_it_reads_like_what_a_researcher_types() -> None:
    assert to_code(CALM, name="calm") == (
        "from sbc_lab.engine.strategy import Strategy, inverse_vol, price, rsi, sma, when\n"
        "\n"
        "calm = Strategy(\n"
        "    'Calm seas',\n"
        "    when(rsi('QQQ', 10) > 79).then('UVXY').otherwise(\n"
        "        when(price('SPY') > sma('SPY', 200)).then('TQQQ').otherwise(\n"
        "            inverse_vol('TLT', 'GLD', 'BIL', window=20)\n"
        "        )\n"
        "    )\n"
        ")\n"
    )


def test_every_word_it_may_import_is_public() -> None:
    assert set(room.__all__) >= LANGUAGE_WORDS


@given(strategies(trees(looks=True)))
def test_evaluating_gives_the_same_strategy(strategy: Strategy) -> None:
    assert evaluated(to_code(strategy)) is strategy


@given(trees(looks=True))
def test_evaluating_gives_every_part(tree: Node) -> None:
    for term in room.walk(tree):
        assert evaluated(to_code(term, name="part"), "part") is term


@given(expressions())
def test_evaluating_gives_the_same_expression(expression: Expression) -> None:
    assert evaluated(to_code(expression)) is expression


@given(conditions())
def test_evaluating_gives_the_same_condition(condition: Condition) -> None:
    assert evaluated(to_code(condition)) is condition


@pytest.mark.parametrize(
    "term",
    [
        Asset("SPY"),
        Asset("SPY", title="t", color="#fff", folded=True),
        Ticker("SPY"),
        constant(5),
        constant(-1e300),
        cash().replaced(title="nothing"),
        call("hot", version="0123abcd").replaced(folded=True),
        Weighting("fixed", shares=(1.0,)),
        weighted((Asset("SPY", title="x"), 1 / 3), ("TLT", 2 / 3)),
        rsi(Asset("SPY", title="x"), 5) > 3,
        Strategy("X", "SPY", rebalance=threshold(0.123456789), description="why"),
        Strategy("X", "SPY", rebalance="monthly"),
        Strategy("X", "SPY").rebalance,
    ],
)
def test_looks_rules_and_plain_parts_are_kept(term: Term) -> None:
    assert evaluated(to_code(term)) is term


def test_a_shared_subtree_is_written_once() -> None:
    shelter = inverse_vol("TLT", "GLD", window=20)
    text = to_code(equal(shelter, group("again", shelter)))
    assert text.count("inverse_vol(") == 1
    assert "weight_1 = inverse_vol('TLT', 'GLD', window=20)" in text
    assert "equal(weight_1, group('again', weight_1))" in text


def test_a_short_part_is_said_again() -> None:
    text = to_code(when((rsi("SPY", 10) > 3) & (rsi("SPY", 10) < 9)).then("SPY").otherwise("SPY"))
    assert text.count(" = ") == 1


def test_axes_become_variables_whatever_they_are_called() -> None:
    tree = (
        when(rsi("QQQ", axis("rsi", [5, 6])) > axis("strategy", [60.5, 70]))
        .then("SPY")
        .otherwise(equal("BIL", cap=0.5).replaced(title="x"))
    )
    hot = Strategy("Hot", tree)
    text = to_code(hot)
    assert "rsi_ = axis('rsi', [5, 6])\nstrategy_ = axis('strategy', [60.5, 70])\n" in text
    assert evaluated(text) is hot


@pytest.mark.parametrize("name", ["", "a b", "for", "1a", "x; import os"])
def test_the_variable_must_be_a_name(name: str) -> None:
    with pytest.raises(StrategyError, match="must be an identifier"):
        to_code(CALM, name=name)


@pytest.mark.parametrize("name", ["when", "Strategy", "weight_1"])
def test_the_variable_may_be_called_like_a_word(name: str) -> None:
    shelter = inverse_vol("TLT", "GLD", window=20)
    tree = Strategy("X", when(rsi("SPY") > 3).then(equal(shelter, shelter)).otherwise("BIL"))
    assert evaluated(to_code(tree, name=name), name) is tree


HOSTILE = [
    "'); import os; ('",
    '"""',
    "\\",
    "\\'",
    "a\nb",
    "\u202e",
    "\u2028",
    "#",
    "(((",
    "{x}",
    "'\"" * 40,
    "]" * 200,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_inside_their_quotes(text: str) -> None:
    strategy = Strategy("X" + text, group(text, Asset("SPY", title=text, color=text)), description=text)
    code = to_code(strategy)
    assert evaluated(code) is strategy
    assert {type(statement) for statement in ast.parse(code).body} == {ast.ImportFrom, ast.Assign}


@given(strategies(trees(max_leaves=20)))
def test_lines_stay_narrow_where_brackets_allow(strategy: Strategy) -> None:
    for line in to_code(strategy).splitlines():
        assert len(line) <= WIDTH + 40


def test_deep_wide_and_shared_trees_are_written_and_evaluated() -> None:
    deep: Node = Asset("SPY")
    shared: Node = equal("SPY", "TLT")
    for level in range(5_000):
        deep = when(rsi("QQQ", 10) > level).then("TLT").otherwise(deep)
    for _ in range(60):
        shared = equal(shared, shared)
    wide = equal(*(f"T{number}" for number in range(10_000)))
    for tree in (deep, shared, wide):
        assert evaluated(to_code(tree)) is tree


def test_deep_and_wide_conditions_and_expressions_are_written_and_evaluated() -> None:
    negated: Condition = rsi("SPY") > 3
    expression: Expression = rsi("SPY")
    for number in range(3_000):
        negated, expression = Not(negated), expression * 2 + number
    wide = all_of(*(rsi("SPY") > number for number in range(3_000)))
    for term in (negated, expression, wide, wide | ~wide):
        assert evaluated(to_code(term)) is term
