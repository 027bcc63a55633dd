"""Laws of QuantMage's conditions: every field means something, and what is not known is refused with its path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sbc_lab.engine.importers import load
from sbc_lab.engine.strategy import (
    Comparison,
    Condition,
    Constant,
    all_of,
    any_of,
    branch,
    call,
    constant,
    cumulative_return,
    lag,
    month,
    nav,
    percentile,
    rolling_max,
    rolling_min,
    rsi,
    sma,
    when,
)
from tests.engine.importers.quantmage.spells import (
    HOT,
    Block,
    asked,
    condition,
    if_else,
    notes,
    refused,
    spell,
    ticker,
    tree,
)

heat = rsi("QQQ", 10)
BOTH = {
    "type": "BothIndicators",
    "rh_indicator": {"type": "MovingAverage", "window": 200},
    "rh_ticker_symbol": "SPY",
}


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({}, heat > 79),
        ({"greater_than": False}, heat <= 79),
        ({"for_days": 3}, (heat > 79).for_days(3)),
        ({"for_days": 0}, heat > 79),
        ({"lh_days_ago": 2}, lag(heat, 2) > 79),
        ({"rh_value": "79"}, heat > 79),
        ({"rh_weight": 2, "rh_bias": 1}, heat > 159),
        (BOTH, heat > sma("SPY", 200)),
        ({**BOTH, "type": "IndicatorAndIndicator"}, heat > sma("SPY", 200)),
        ({**BOTH, "rh_weight": 0.9}, heat > sma("SPY", 200) * 0.9),
        ({**BOTH, "rh_bias": -2}, heat > sma("SPY", 200) + -2),
        ({**BOTH, "rh_weight": 0.9, "rh_bias": 5.0}, heat > sma("SPY", 200) * 0.9 + 5.0),
        ({**BOTH, "rh_days_ago": 4, "lh_days_ago": 1}, lag(heat, 1) > lag(sma("SPY", 200), 4)),
        ({"lh_ticker_symbol": 'Subspell "Then"'}, rsi(branch("then"), 10) > 79),
        ({"lh_ticker_symbol": 'subspell "else"'}, rsi(branch("otherwise"), 10) > 79),
        ({"lh_ticker_symbol": 'Subspell "Other"'}, rsi(nav(call("Other")), 10) > 79),
        ({"type": "IndicatorPercentile", "rh_value_int": 100, "rh_value": 90}, percentile(heat, 100) > 90),
        (
            {"type": "IndicatorStochastic", "rh_value_int": 100, "rh_value": 90},
            (heat - rolling_min(heat, 100)) / (rolling_max(heat, 100) - rolling_min(heat, 100)) * 100 > 90,
        ),
        ({"type": "Month", "rh_value_int": 10}, month(11, 12)),
        ({"type": "Month", "rh_value_int": 2, "greater_than": False}, month(1, 2)),
        ({"type": "Month", "rh_value_int": 12}, constant(1) < 0),
        ({"type": "Month", "rh_value_int": 12, "greater_than": False}, constant(1) > 0),
    ],
)
def test_what_every_field_means(fields: Block, means: Condition) -> None:
    assert condition(asked(**fields)) is means


def test_thresholds_of_returns_stay_percent_points() -> None:
    fallen = asked(lh_indicator={"type": "CumulativeReturn", "window": 6}, greater_than=False, rh_value=-12.0)
    assert condition(fallen) is Comparison(cumulative_return("QQQ", 6), "<=", Constant(-12.0))


@pytest.mark.parametrize(
    ("kind", "join"),
    [
        ("AllOf", all_of),
        ("AnyOf", any_of),
        ("And", all_of),
        ("Or", any_of),
        ("AndCondition", all_of),
        ("OrCondition", any_of),
    ],
)
def test_conditions_are_joined_and_may_nest(kind: str, join: Any) -> None:
    inner = {"condition_type": "AnyOf", "conditions": [HOT, asked(rh_value=1)]}
    assert condition({"condition_type": kind, "conditions": [inner, HOT]}) is join(
        any_of(heat > 79, heat > 1), heat > 79
    )
    assert condition({"condition_type": kind, "conditions": [HOT]}) is (heat > 79)


def test_a_condition_nested_a_thousand_deep_is_read() -> None:
    opening, closing = '{"condition_type": "AllOf", "conditions": [', "]}"
    text = json.dumps(spell(if_else({"here": 1}, None, None)))
    found = load(text.replace('{"here": 1}', opening * 1_000 + json.dumps(HOT) + closing * 1_000))
    assert found.strategy.root.condition is (heat > 79)  # type: ignore[attr-defined]  # an if


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"type": "Weekday"}, "the type of a condition is one of"),
        ({"condition_type": "Maybe"}, "condition_type is one of"),
        ({"greater_than": None}, "greater_than is missing"),
        ({"greater_than": "yes"}, "must be true or false"),
        ({"rh_value": None}, "rh_value must be a number"),
        ({"rh_value": "NaN"}, "rh_value must be a number"),
        ({"lh_ticker_symbol": ""}, "lh_ticker_symbol must be a ticker"),
        ({"lh_indicator": {"type": "Entropy", "window": 3}}, "there is no indicator 'Entropy'"),
        ({"lh_indicator": {"type": "MovingAverage"}}, "needs a window"),
        ({"lh_indicator": {"type": "MovingAverage", "window": 0}}, "window must be a whole number"),
        ({"lh_ticker_symbol": 'Subspell "From"'}, "there is no branch('from') here"),
        ({"lh_bias": 3}, "lh_bias is not known to mean anything"),
        ({"type": "Month", "rh_value_int": 4, "for_days": 3}, "a month has no for_days"),
        ({"type": "Month", "rh_value_int": None}, "the number of the month"),
        ({"type": "IndicatorPercentile", "rh_value_int": 1}, "lookback must be a whole number"),
    ],
)
def test_what_is_not_known_is_refused(fields: Block, says: str) -> None:
    block = spell(if_else(asked(**fields), ticker("SPY"), None))
    path = "incantation" if "From" in str(fields) else "incantation.condition"
    refused(block, says, path)


def test_a_missing_type_is_found_by_what_is_there_and_told() -> None:
    block = {key: held for key, held in HOT.items() if key != "type"}
    assert condition(block) is (heat > 79)
    assert [status for status, _ in notes(spell(if_else(block, ticker("SPY"), None)))] == ["repaired"]


def test_an_unknown_key_is_a_loss() -> None:
    block = spell(if_else(asked(hedge=2), ticker("SPY"), None))
    assert notes(block) == [("dropped", "key 'hedge': not known here, it may have a meaning")]


def test_a_reference_to_a_branch_means_that_of_the_block_around() -> None:
    inner = if_else(asked(lh_ticker_symbol='Subspell "Then"'), ticker("SPY"), ticker("TLT"))
    outer = tree(if_else(HOT, inner, ticker("GLD")))
    assert outer is when(heat > 79).then(when(rsi(branch("then"), 10) > 79).then("SPY").otherwise("TLT")).otherwise(
        "GLD"
    )
