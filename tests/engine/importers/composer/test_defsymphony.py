"""Laws of `defsymphony`: every form, as text and as lists of JSON; what is no form is refused with its line."""

from __future__ import annotations

import json

import pytest

from sbc_lab.engine.importers import load
from sbc_lab.engine.strategy import (
    Node,
    Rebalance,
    all_of,
    any_of,
    bottom,
    cash,
    cumulative_return,
    each,
    equal,
    group,
    inverse_vol,
    price,
    rsi,
    sma,
    stdev_return,
    threshold,
    top,
    weighted,
    when,
)
from sbc_lab.engine.strategy.indicators import ppo
from sbc_lab.errors import StrategyImportError
from tests.engine.importers.documents import FORMS

RSI = rsi("SPY", 10)
HEAD = '(defsymphony "Calm" {:asset-class "EQUITIES", :rebalance-frequency :daily}'


def body(form: str) -> Node:
    return load(f"{HEAD} {form})").strategy.root


def test_a_whole_document() -> None:
    found = load(FORMS)
    rest = weighted(
        (top("SPY", "TLT", n=1, by=cumulative_return(each, 20)), 0.6), (inverse_vol("GLD", "BIL", window=20), 0.4)
    )
    uvxy = equal("UVXY").children[0].replaced(title="ProShares Ultra VIX")
    assert found.strategy.root is equal(when(rsi("QQQ", 10) > 79).then(uvxy).otherwise(group("Rest", rest)))
    assert (found.strategy.name, found.strategy.rebalance) == ("Calm seas", threshold(0.05))
    assert (found.format, found.settings, found.report.lossless) == ("defsymphony", {"profile": "composer"}, True)
    assert found.report.kinds == {
        "defsymphony": 1, "weight-equal": 1, "if": 1, "condition": 1, "asset": 5, "group": 1, "weight-specified": 1,
        "filter": 1, "weight-inverse-volatility": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("form", "node"),
    [
        ('(asset "SPY")', equal("SPY").children[0]),
        ('(asset "SPY" nil)', equal("SPY").children[0]),
        ('(weight-equal (asset "SPY") (asset "TLT"))', equal("SPY", "TLT")),
        ("(weight-equal [])", cash()),
        ('(weight-specified 0.5 (asset "SPY") 0.5 (asset "TLT"))', weighted(("SPY", 0.5), ("TLT", 0.5))),
        ('(weight-specified [1/2 (asset "SPY") 1/2 (asset "TLT")])', weighted(("SPY", 0.5), ("TLT", 0.5))),
        ('(weight-specified 60 (asset "SPY") 40 (asset "TLT"))', weighted(("SPY", 0.6), ("TLT", 0.4))),
        ('(weight-specified 0.6 (asset "SPY") ##NaN (asset "TLT"))', weighted(("SPY", 0.6), ("TLT", 0.4))),
        (
            '(filter (rsi {:window 5}) (select-bottom 2) [(asset "A") (asset "B")])',
            bottom("A", "B", n=2, by=rsi(each, 5)),
        ),
        (
            '(filter (stdev-return {:window 5}) (select-top 1) [(asset "A") (group "G" [(asset "B")])])',
            top("A", group("G", "B"), n=1, by=stdev_return(each, 5)),
        ),
    ],
)
def test_blocks(form: str, node: Node) -> None:
    assert body(form) is node


@pytest.mark.parametrize(
    ("form", "condition"),
    [
        ('(> (rsi "SPY" {:window 10}) 50)', RSI > 50),
        ('(<= (rsi "SPY" {:window 10}) 50)', RSI <= 50),
        ('(< 50 (rsi "SPY" {:window 10}))', RSI > 50),
        ('(= (rsi "SPY" {:window 10}) 50)', all_of(RSI >= 50, RSI <= 50)),
        ('(>= (current-price "SPY") (moving-average-price "SPY" {:window 200}))', price("SPY") >= sma("SPY", 200)),
        ('(and (> (rsi "SPY" {:window 10}) 50) (< (rsi "SPY" {:window 10}) 70))', all_of(RSI > 50, RSI < 70)),
        ('(or (> (rsi "SPY" {:window 10}) 50) (not (< (rsi "SPY" {:window 10}) 70)))', any_of(RSI > 50, ~(RSI < 70))),
        (
            '(> ((unimplemented :percentage-price-oscillator) "SPY" {:short-window 12, :long-window 26}) 0)',
            ppo("SPY", short=12, long=26) > 0,
        ),
    ],
)
def test_conditions(form: str, condition: object) -> None:
    assert body(f'(if {form} [(asset "A")] [(asset "B")])') is when(condition).then("A").otherwise("B")  # type: ignore[arg-type]  # one is given


def test_branches_may_hold_several_blocks_or_stand_without_brackets() -> None:
    asked = '(> (rsi "SPY" {:window 10}) 50)'
    assert body(f'(if {asked} [(asset "A") (asset "B")] [])') is when(RSI > 50).then(equal("A", "B")).otherwise(cash())
    assert body(f'(if {asked} (asset "A") (asset "B"))') is when(RSI > 50).then("A").otherwise("B")


def test_the_same_document_as_lists_of_json() -> None:
    asked = [">", ["rsi", "SPY", {":window": 10}], 50]
    lists = [
        "defsymphony",
        "Calm",
        {":rebalance-frequency": ":weekly"},
        ["weight-equal", [["if", asked, [["asset", "A"]], []]]],
    ]
    found = load(json.dumps(lists))
    assert found.format == "defsymphony-json"
    assert found.strategy.root is equal(when(RSI > 50).then("A").otherwise(cash()))
    assert found.strategy.rebalance is Rebalance("weekly")


def test_a_bare_form_becomes_a_whole_strategy_and_says_so() -> None:
    found = load('; a note\n(if (> (rsi "SPY" {:window 10}) 50) (asset "A") (asset "B"))')
    assert found.strategy.root is equal(when(RSI > 50).then("A").otherwise("B"))
    assert (found.strategy.name, found.strategy.rebalance) == ("Imported", Rebalance("daily"))
    assert [line.status for line in found.report.lines()] == ["repaired", "mapped"]


def test_missing_brackets_are_a_repair_with_line_and_column() -> None:
    cut = FORMS.rstrip()[:-3]
    found = load(cut)
    assert found.strategy.fingerprint == load(FORMS).strategy.fingerprint
    (line,) = found.report.losses
    assert (line.status, line.line, line.column) == ("repaired", 1, 1)
    assert "3 brackets are never closed, they were closed at the end of the text: [ of line 5, column 3" in line.text
    with pytest.raises(StrategyImportError, match="line 1, column 1, document") as caught:
        load(cut, strict=True)
    assert (caught.value.line, caught.value.column) == (1, 1)


def test_a_text_that_breaks_off_inside_a_block_is_refused() -> None:
    with pytest.raises(StrategyImportError, match="never closed"):
        load(FORMS[: FORMS.index("UVXY")] + 'X"')
    with pytest.raises(StrategyImportError, match="got 2 of these 3"):
        load(FORMS[: FORMS.index("[(group")])


@pytest.mark.parametrize(
    ("form", "says", "path"),
    [
        ("(asset)", "an asset has a ticker and a name", "[0]"),
        ("(asset 5)", "ticker must be a ticker", "[0]"),
        ("(cash)", "there is no form 'cash'; known are asset", "[0]"),
        ('(weight-marketcap [(asset "A")])', "use equal or specified weights", "[0]"),
        ('(weight-equal [(asset "A") 5])', "a block is a form", "[0][1]"),
        ("(weight-equal [()])", "a block is a form", "[0][0]"),
        ('(weight-specified 0.5 (asset "A") 0.6)', "pairs of a weight and a block", "[0]"),
        ('(weight-specified 0.5 (asset "A") 0.6 (asset "B"))', "these add up to 1.1: 0.5, 0.6", "[0]"),
        ('(weight-inverse-volatility [(asset "A")])', "begins with its window", "[0]"),
        ('(group [(asset "A")])', "a group begins with its name", "[0]"),
        ('(filter (rsi {:window 5}) (pick 1) [(asset "A")])', "a selection is (select-top n)", "[0]"),
        ('(filter (rsi) (select-top 1) [(asset "A")])', "rsi needs window", "[0]"),
        ('(filter rsi (select-top 1) [(asset "A")])', "a function is a form", "[0]"),
        ('(if (> 1) (asset "A") (asset "B"))', "> compares two values, got 1", "[0].condition"),
        ('(if (~ 1 2) (asset "A") (asset "B"))', "a condition compares with > >= < <= or =", "[0].condition"),
        ('(if true (asset "A") (asset "B"))', "a condition is a form", "[0].condition"),
        ('(if (and) (asset "A") (asset "B"))', "there are none", "[0].condition"),
        ('(if (> (rsi "A" {:window 0}) 1) (asset "A") (asset "B"))', "window must be a whole number", "[0].condition"),
        ('(if (> (rsi "A" {:window 5} 5) 1) (asset "A") (asset "B"))', "takes one map of parameters", "[0].condition"),
        ('(if (> (rsi "A" {:window 5}) 1) (asset "A"))', "got 2 of these 3", "[0]"),
    ],
)
def test_what_is_no_form_is_refused(form: str, says: str, path: str) -> None:
    with pytest.raises(StrategyImportError) as caught:
        load(f"{HEAD}\n {form})")
    assert says in str(caught.value)
    assert caught.value.path == path
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("{:rebalance-frequency :hourly}", "the rebalance rule is one of daily"),
        ("{:rebalance-threshold :wide}", "must be a number"),
        ('{":rebalance-frequency" :daily :rebalance-frequency :daily}', "with and without a colon"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: str, says: str) -> None:
    with pytest.raises(StrategyImportError, match=says):
        load(f'(defsymphony "Calm" {options} (asset "A"))')


def test_a_tree_five_thousand_levels_deep_is_read() -> None:
    depth = 5_000
    asked = '(if (> (rsi "SPY" {:window 10}) 50) [(asset "A")] ['
    found = load(f'{HEAD} {asked * depth}(asset "B"){"])" * depth})')
    assert found.report.kinds["if"] == depth
    assert len(found.strategy.fingerprint) == 64
    assert len(found.report.path(len(found.report.entries) - 1)) < 500
