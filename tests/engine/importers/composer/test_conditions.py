"""Laws of conditions in Composer's maps: flat keys in every dialect, and the blocks that override them."""

from __future__ import annotations

from typing import Any

import pytest

from sbc_lab.engine.importers import load
from sbc_lab.engine.strategy import (
    all_of,
    any_of,
    cumulative_return,
    price,
    rsi,
    sma,
    when,
)
from sbc_lab.engine.strategy.indicators import lower_bollinger, ppo, ppo_signal
from tests.engine.importers.composer.reading import RSI, asked, notes, read, refused, tree
from tests.engine.importers.documents import (
    COMPOUND,
    HOT,
    Block,
    asset,
    branch,
    choose,
    indicator,
    otherwise,
    root,
    text,
)

# ---------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    "flat",
    [
        {},
        {"lhs-fn-params": None, "lhs-window-days": "10"},
        {"rhs-val": 79},
        {"rhs-fn": "moving-average-price", "rhs-fn-params": {"window": 200}},
        {"rhs-fixed-value?": None},
        {"lhs-fn-params": {"window": "10"}},
        {"lhs-window-days": "14"},
        {"lhs-window-days": "10"},
    ],
)
def test_flat_conditions_in_every_dialect(flat: Block) -> None:
    assert tree(asked(**flat)) is when(RSI > 79).then("SPY").otherwise("TLT")


def test_where_two_windows_differ_the_parameters_count_and_it_is_told() -> None:
    assert notes(root(asked(**{"lhs-window-days": "10"}))) == []
    assert notes(root(asked(**{"lhs-window-days": "14"}))) == [
        ("mapped", "lhs-fn-params says another window than lhs-window-days; lhs-fn-params counts")
    ]


def test_both_sides_can_be_indicators_and_a_price_has_no_window() -> None:
    flat = {
        "lhs-fn": "current-price",
        "lhs-fn-params": {"window": 14},
        "lhs-val": "SPY",
        "rhs-fixed-value?": False,
        "rhs-fn": "moving-average-price",
        "rhs-window-days": "200",
        "rhs-val": "SPY",
    }
    assert tree(asked(**flat)) is when(price("SPY") > sma("SPY", 200)).then("SPY").otherwise("TLT")
    assert read(root(asked(**flat))).report.lossless


def test_percent_thresholds_stay_percent() -> None:
    flat = {"lhs-fn": "cumulative-return", "comparator": "lt", "rhs-val": "-2"}
    assert tree(asked(**flat)) is when(cumulative_return("QQQ", 10) < -2).then("SPY").otherwise("TLT")


@pytest.mark.parametrize(
    ("comparator", "condition"),
    [("gt", RSI > 79), ("gte", RSI >= 79), ("lt", RSI < 79), ("lte", RSI <= 79), ("eq", (RSI >= 79) & (RSI <= 79))],
)
def test_every_comparison_stays_what_it_is(comparator: str, condition: Any) -> None:
    assert tree(asked(comparator=comparator)) is when(condition).then("SPY").otherwise("TLT")


def test_a_condition_block_overrides_its_flat_mirror() -> None:
    block = choose(branch(asset("SPY"), **HOT, condition=COMPOUND), otherwise(asset("TLT")))
    wild = any_of(*(rsi(ticker, 10) < rsi("GLD", 20) for ticker in ("SPY", "TLT")))
    assert tree(block) is when(all_of(RSI > 79, wild)).then("SPY").otherwise("TLT")
    said = [text for status, text in notes(root(block)) if status == "mapped"]
    assert "the condition block counts; the flat keys beside it only mirror a part of it" in said


def test_the_other_spelling_of_a_condition_block_is_read_too() -> None:
    side = {"fn": "relative-strength-index", "fn-params": {"window": 10}, "val": "QQQ"}
    block = {"conditions": [{"lhs": side, "comparator": "gt", "rhs": 79}], "operator": "any"}
    assert tree(choose(branch(asset("SPY"), condition=block), otherwise(asset("TLT")))) is tree(asked())


@pytest.mark.parametrize(
    ("condition", "says", "path"),
    [
        ({**COMPOUND, "operator": ["any"]}, "joined by any or all", ""),
        ({**COMPOUND, "conditions": []}, "needs a list of conditions", ""),
        ({**COMPOUND, "condition-type": "ternary"}, "condition-type is one of binary, compound", ""),
        ({"lhs": indicator("%"), "comparator": "gt", "rhs": {"constant": 1}}, "% stands for each", ""),
        (
            {**COMPOUND, "conditions": [{"lhs": indicator("A"), "comparator": "~", "rhs": 1}]},
            "got '~'",
            ".conditions[0]",
        ),
        ({**COMPOUND, "conditions": [5]}, "a condition is a map", ".conditions[0]"),
    ],
)
def test_a_condition_block_that_means_nothing_is_refused(condition: Any, says: str, path: str) -> None:
    block = choose(branch(asset("SPY"), condition=condition), otherwise(asset("TLT")))
    refused(block, says, f"children[0].children[0].children[0].condition{path}")


def test_a_condition_a_thousand_levels_deep_is_read() -> None:
    condition: Block = {"lhs": indicator("QQQ"), "comparator": "gt", "rhs": {"constant": 79}}
    depth = 1_000
    inner = text(condition)
    opening = '{"condition-type": "compound", "operator": "all", "conditions": ['
    block = choose(branch(asset("SPY"), condition="HERE"), otherwise(asset("TLT")))
    document = text(root(block)).replace('"HERE"', opening * depth + inner + "]}" * depth)
    assert load(document).strategy.root is tree(asked())


@pytest.mark.parametrize(
    ("flat", "says"),
    [
        ({"comparator": "near"}, "the comparison is one of gt"),
        ({"comparator": None}, "the comparison is one of gt"),
        ({"rhs-val": "SPY"}, "rhs-val must be a number, got 'SPY'"),
        ({"rhs-val": None}, "rhs-val must be a number"),
        ({"rhs-val": "1e400"}, "rhs-val must be a number"),
        ({"rhs-val": "1_000"}, "rhs-val must be a number"),
        ({"rhs-val": True}, "rhs-val must be a number"),
        ({"lhs-val": ""}, "lhs-val must be a ticker"),
        ({"lhs-fn": "rsj"}, "there is no function 'rsj'"),
        ({"rhs-fixed-value?": "yes"}, "rhs-fixed-value? must be true or false"),
        ({"rhs-fixed-value?": False}, "rhs-fn is missing"),
    ],
)
def test_a_flat_condition_that_means_nothing_is_refused(flat: Block, says: str) -> None:
    refused(asked(**flat), says, "children[0].children[0].children[0]")


def test_functions_with_several_parameters() -> None:
    short = {"short-window": 12, "long-window": 26}
    flat = {"lhs-fn": "percentage-price-oscillator", "lhs-fn-params": short, "rhs-val": 0}
    assert tree(asked(**flat)) is when(ppo("QQQ", short=12, long=26) > 0).then("SPY").otherwise("TLT")
    flat = {
        **flat,
        "lhs-fn": "percentage-price-oscillator-signal",
        "lhs-fn-params": {**short, "smooth-window": 9},
    }
    assert tree(asked(**flat)) is when(ppo_signal("QQQ", short=12, long=26, smooth=9) > 0).then("SPY").otherwise("TLT")
    bands = {"window": 20, "standard-deviations": 2}
    flat = {"lhs-fn": "lower-bollinger", "lhs-fn-params": bands, "rhs-val": 1}
    assert tree(asked(**flat)) is when(lower_bollinger("QQQ", 20, deviations=2) > 1).then("SPY").otherwise("TLT")
