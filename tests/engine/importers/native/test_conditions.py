"""Laws of native conditions: and binds before or, fractions become percent points, no guess is silent."""

from __future__ import annotations

from typing import Any

import pytest

from sbc_lab.engine.importers.native.words import METRICS
from sbc_lab.engine.strategy import (
    WORDS,
    Comparison,
    Condition,
    Constant,
    DateRange,
    OnOrAfter,
    all_of,
    any_of,
    atr,
    branch,
    constant,
    cumulative_return,
    max_drawdown,
    ratio,
    rsi,
    sma,
)
from tests.engine.importers.native.payloads import Block, condition, indicator, line, notes, position, refused, tree

heat = rsi("QQQ", 10)
hot = heat > 79


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({}, hot),
        ({"comparator": "lt"}, heat < 79),
        ({"comparator": ">"}, hot),
        ({"comparator": "gte"}, heat >= 79),
        ({"comparator": "crossAbove"}, heat.crosses_above(79)),
        ({"comparator": "crossBelow"}, heat.crosses_below(79)),
        ({"threshold": "79"}, hot),
        ({"forDays": 3}, hot.for_days(3)),
        ({"window": 10.9}, hot),
        ({"window": 0}, rsi("QQQ", 1) > 79),
        ({"ticker": " qqq "}, hot),
        ({"ticker": "SPY/XLU"}, rsi(ratio("SPY", "XLU"), 10) > 79),
        ({"ticker": "branch:then"}, rsi(branch("then"), 10) > 79),
        ({"ticker": "BRANCH:ELSE"}, rsi(branch("otherwise"), 10) > 79),
        ({"expanded": True, "rightTicker": "SPY"}, heat > rsi("SPY", 10)),
        (
            {"expanded": True, "rightMetric": "Simple Moving Average", "rightWindow": 200, "rightTicker": "SPY"},
            heat > sma("SPY", 200),
        ),
        ({"metric": "Average True Range"}, atr("QQQ", 10) > 79),
    ],
)
def test_what_every_field_means(fields: Block, means: Condition) -> None:
    assert condition(line(**fields)) is means


def test_fractions_become_percent_points_exactly() -> None:
    assert condition(line(metric="Max Drawdown", threshold=0.07)) is (max_drawdown("QQQ", 10) > 7)
    assert condition(line(metric="Cumulative Return", threshold="-0.12")) is (cumulative_return("QQQ", 10) > -12)
    assert condition(line(metric="Rate of Change", threshold=5.5)) is (cumulative_return("QQQ", 10) > 5.5)
    suspect = indicator([line(metric="Cumulative Return", threshold=5.5)], position("SPY"), None)
    assert any("often meant as percent" in text for _, text in notes(suspect))


def test_a_fraction_beside_a_percentage_is_compared_in_the_units_of_the_document() -> None:
    mixed = line(metric="Max Drawdown", expanded=True, rightMetric="Rate of Change", rightTicker="SPY")
    assert condition(mixed) is (max_drawdown("QQQ", 10) / 100 > cumulative_return("SPY", 10))
    alike = line(metric="Max Drawdown", expanded=True, rightTicker="SPY")
    assert condition(alike) is (max_drawdown("QQQ", 10) > max_drawdown("SPY", 10))


@pytest.mark.parametrize(
    ("types", "join"),
    [
        (("if", "and", "and"), all_of),
        (("if", "or", "and"), lambda a, b, c: any_of(a, all_of(b, c))),
        (("if", "and", "or"), lambda a, b, c: any_of(all_of(a, b), c)),
        (("or", "if", None), lambda a, b, c: any_of(a, all_of(b, c))),
        ((None, None, "if"), lambda a, b, c: any_of(all_of(a, b), c)),
    ],
)
def test_and_binds_before_or(types: tuple[str | None, ...], join: Any) -> None:
    lines = [line(type=how, threshold=level) for how, level in zip(types, (1, 2, 3), strict=True)]
    assert condition(*lines) is join(heat > 1, heat > 2, heat > 3)


def test_no_line_is_never_true() -> None:
    assert condition() is (constant(1) < 0)


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({"dateMonth": 3, "dateDay": 15}, OnOrAfter((3, 15))),
        ({"expanded": True, "dateMonth": 11, "dateTo": {"month": 4}}, DateRange((11, 1), (4, 30))),
        ({"expanded": True, "dateMonth": 5, "dateDay": 10}, DateRange((5, 10), (5, 31))),
        ({"expanded": True, "dateTo": {"month": 2, "day": 31}}, DateRange((1, 1), (2, 29))),
    ],
)
def test_dates(fields: Block, means: Condition) -> None:
    assert condition({"type": "if", "metric": "Date", **fields}) is means


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"comparator": "near"}, "the comparator is one of"),
        ({"comparator": None}, "the comparator is one of"),
        ({"comparator": ["gt"]}, "the comparator is one of"),
        ({"type": "xor"}, "joined by if, and or or"),
        ({"type": ["if"]}, "joined by if, and or or"),
        ({"metric": "Entropy"}, "there is no metric 'Entropy'"),
        ({"metric": None}, "metric must be a word"),
        ({"threshold": None}, "threshold must be a number"),
        ({"threshold": "1e999"}, "threshold must be a number"),
        ({"ticker": "Empty"}, "ticker is empty"),
        ({"ticker": "branch:from/"}, "there is no branch"),
        ({"metric": "custom:ci_9"}, "there is no custom indicator with the id 'ci_9'"),
        ({"metric": "Date"}, "a date needs dateMonth and dateDay"),
        ({"metric": "Date", "dateMonth": 13, "dateDay": 1}, "there is no day 1 of month 13"),
        ({"expanded": "yes"}, "expanded must be true or false"),
    ],
)
def test_what_means_nothing_is_refused(fields: Block, says: str) -> None:
    block = indicator([line(**fields)], position("SPY"), None)
    refused(block, says, "payload.conditions[0]")


def test_what_nothing_reads_there_is_read_and_told() -> None:
    block = {key: held for key, held in line().items() if key != "comparator"} | {"comparison": "Less Than"}
    assert condition(block) is (heat < 79)
    told = notes(indicator([block], position("SPY"), None))
    assert [status for status, _ in told] == ["repaired"]
    missing = {key: held for key, held in line().items() if key != "window"}
    assert condition(missing) is (rsi("QQQ", 14) > 79)
    assert [status for status, _ in notes(indicator([missing], position("SPY"), None))] == ["repaired"]


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_of_the_menu_is_an_indicator_here(name: str) -> None:
    found = condition(line(metric=name, window=20, threshold=1))
    assert isinstance(found, Comparison)
    assert isinstance(found.right, Constant)
    assert METRICS[name].indicator in WORDS
    assert found.right.value == (100.0 if METRICS[name].percent else 1.0)


def test_a_reference_to_a_branch_means_the_whole_slot_of_the_block_around() -> None:
    block = indicator([line(ticker="branch:else")], position("SPY"), position("TLT"))
    block["children"]["else"].append(position("GLD"))
    root = tree(block)
    assert root.otherwise.members[1].ticker == "GLD"  # type: ignore[attr-defined]  # an if over an equal weight
    inner = indicator([line()], block, None)
    assert tree(inner).then is root  # type: ignore[attr-defined]  # an if
