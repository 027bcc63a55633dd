"""Laws of Composer's maps: every detail that breaks importers, each in the smallest document that has it."""

from __future__ import annotations

from typing import Any

import pytest

from sbc_lab.engine.importers import Import, load
from sbc_lab.engine.strategy import (
    Node,
    Rebalance,
    all_of,
    any_of,
    cash,
    cumulative_return,
    each,
    equal,
    group,
    inverse_vol,
    price,
    rsi,
    sma,
    threshold,
    top,
    weighted,
    when,
)
from sbc_lab.engine.strategy.indicators import lower_bollinger, ppo, ppo_signal
from sbc_lab.errors import StrategyImportError
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
    weight,
)

RSI = rsi("QQQ", 10)


def read(block: Block, **how: Any) -> Import:
    return load(text(block), **how)


def tree(block: Block) -> Node:
    """What a single block below an equal weight of one becomes."""
    found = read(root(weight(block))).strategy.root
    (child,) = found.children
    return child


def refused(block: Block, says: str, path: str) -> StrategyImportError:
    with pytest.raises(StrategyImportError) as caught:
        read(root(weight(block)))
    assert says in str(caught.value)
    assert caught.value.path == path
    assert caught.value.line == 1
    return caught.value


def notes(block: Block) -> list[tuple[str, str]]:
    return [(line.status, line.text) for line in read(block).report.lines() if line.status != "cosmetic"]


def asked(**flat: Any) -> Block:
    """An if with one flat condition."""
    return choose(branch(asset("SPY"), **{**HOT, **flat}), otherwise(asset("TLT")))


# ---------------------------------------------------------------- weights


def test_weights_of_every_kind() -> None:
    assert tree(weight(asset("SPY"), asset("TLT"))) is equal("SPY", "TLT")
    found = tree(weight(asset("SPY"), asset("TLT"), step="wt-inverse-vol", **{"window-days": "20"}))
    assert found is inverse_vol("SPY", "TLT", window=20)
    sixty, forty = {"num": "60", "den": 100}, {"num": 40, "den": 100}
    found = tree(weight(asset("SPY", weight=sixty), asset("TLT", weight=forty), step="wt-cash-specified"))
    assert found is weighted(("SPY", 0.6), ("TLT", 0.4))


def test_a_share_is_read_to_the_last_bit() -> None:
    shares = [{"num": "66.67", "den": 100}, {"num": 33.33, "den": 100}]
    found = tree(weight(*(asset(f"A{n}", weight=share) for n, share in enumerate(shares)), step="wt-cash-specified"))
    assert found is weighted(("A0", 0.6667), ("A1", 0.3333))


def specified(*numbers: Any) -> Block:
    parts = [asset(f"A{n}", weight=None if num is None else {"num": num, "den": 100}) for n, num in enumerate(numbers)]
    return weight(*parts, step="wt-cash-specified")


def test_rounded_weights_are_scaled_and_told() -> None:
    third = 1 / 3
    assert tree(specified(33.33, 33.33, 33.33)) is weighted(("A0", third), ("A1", third), ("A2", third))
    assert ("repaired", "the weights add up to 0.9999; each is divided by that sum") in notes(
        root(weight(specified(33.33, 33.33, 33.33)))
    )


@pytest.mark.parametrize("missing", [None, "NaN", float("nan")])
def test_one_missing_weight_is_what_the_others_leave(missing: Any) -> None:
    assert tree(specified(60, missing)) is weighted(("A0", 0.6), ("A1", 0.4))
    assert [status for status, _ in notes(root(specified(60, missing)))] == ["repaired"]


def test_a_weight_of_zero_leaves_its_child_out_and_says_so() -> None:
    assert tree(specified(100, 0)) is weighted(("A0", 1.0))
    assert [status for status, _ in notes(root(specified(100, 0)))] == ["dropped"]


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ((50, 30), "weights must add up to 1, these add up to 0.8: 0.5, 0.3"),
        ((60, 60), "these add up to 1.2"),
        ((0, 0), "these add up to 0"),
        ((150, -50), "weights must not be negative"),
        ((None, None, 10), "2 of 3 weights are missing"),
        ((120, None), "the others add up to 1.2 already"),
        (("x", 10), "num of a weight must be a number, got 'x'"),
        ((10**400, 10), "num of a weight must be a number, got inf"),
    ],
)
def test_weights_that_mean_nothing_are_refused(numbers: tuple[Any, ...], says: str) -> None:
    refused(specified(*numbers), says, "children[0].children[0]")


@pytest.mark.parametrize("step", ["wt-marketcap", "wt-market-cap"])
def test_weights_by_market_capitalisation_are_refused_with_advice(step: str) -> None:
    refused(weight(asset("SPY"), step=step), "use equal or specified weights", "children[0].children[0]")


def test_a_window_that_is_not_said_is_never_made_up() -> None:
    refused(weight(asset("SPY"), step="wt-inverse-vol"), "window-days must be a number", "children[0].children[0]")
    refused(
        asked(**{"lhs-fn-params": None}), "relative-strength-index needs window", "children[0].children[0].children[0]"
    )


# ---------------------------------------------------------------- groups, empty places, filters


def test_groups_keep_their_names_and_may_hold_several_blocks_or_none() -> None:
    assert tree({"step": "group", "name": "Box", "children": [weight(asset("SPY"))]}) is group("Box", equal("SPY"))
    found = tree({"step": "group", "name": "Old", "children": [asset("SPY"), asset("TLT")]})
    assert found is group("Old", equal("SPY", "TLT"))
    assert tree({"step": "group", "name": "None", "children": []}) is group("None", cash())
    assert notes(root({"step": "group", "name": "None"})) == [("mapped", "empty, so it holds nothing: cash()")]


def test_an_empty_block_holds_nothing() -> None:
    assert tree({"step": "empty"}) is cash()
    assert tree(weight()) is cash()


@pytest.mark.parametrize("window", [{"sort-by-fn-params": {"window": 20}}, {"sort-by-window-days": "20"}])
@pytest.mark.parametrize("count", [1, "1"])
def test_a_filter_in_the_old_and_the_new_notation(window: Block, count: Any) -> None:
    block = {"step": "filter", "select-fn": "top", "select-n": count, "sort-by-fn": "cumulative-return", **window}
    found = tree({**block, "children": [asset("SPY"), asset("TLT")]})
    assert found is top("SPY", "TLT", n=1, by=cumulative_return(each, 20))


def test_a_filter_that_only_sorts_keeps_all() -> None:
    block = {"step": "filter", "select?": False, "children": [asset("SPY"), asset("TLT")]}
    assert tree(block) is equal("SPY", "TLT")
    assert [status for status, _ in notes(root(block))] == ["mapped"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"select-fn": "middle"}, "a filter keeps top or bottom, got 'middle'"),
        ({"select-n": "many"}, "select-n must be a number"),
        ({"select-n": 0}, "n must be a whole number from 1"),
        ({"select-n": 1.5}, "select-n must be a whole number"),
        ({"sort-by-fn": "sharpe"}, "there is no function 'sharpe'; known, nearest first"),
        ({"sort-by-fn-params": {"window": 6000}}, "window must be a whole number of trading days from 1 to 5000"),
        ({"sort-by?": False}, "a filter must say by what it chooses"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(changes: Block, says: str) -> None:
    block = {"step": "filter", "select-fn": "top", "select-n": 1, "sort-by-fn": "cumulative-return"}
    params = {"sort-by-fn-params": {"window": 20}}
    refused({**block, **params, "children": [asset("SPY")], **changes}, says, "children[0].children[0]")


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


# ---------------------------------------------------------------- ifs


def test_more_than_two_branches_are_a_chain_of_ifs() -> None:
    cold = {**HOT, "comparator": "lt", "rhs-val": 30}
    block = choose(branch(asset("SPY"), **HOT), branch(asset("GLD"), **cold), otherwise(asset("TLT")))
    assert tree(block) is when(RSI > 79).then("SPY").when(RSI < 30).then("GLD").otherwise("TLT")


def test_a_branch_may_hold_several_blocks_or_none() -> None:
    block = choose(branch(asset("SPY"), asset("QQQ"), **HOT), otherwise())
    assert tree(block) is when(RSI > 79).then(equal("SPY", "QQQ")).otherwise(cash())


@pytest.mark.parametrize(
    ("branches", "says"),
    [
        ([branch(asset("SPY"), **HOT)], "one branch for when nothing is true, here are 0"),
        ([branch(asset("SPY"), **HOT), otherwise(), otherwise()], "here are 2"),
        ([otherwise(asset("SPY"))], "needs a branch with a condition"),
        ([], "needs a branch with a condition"),
    ],
)
def test_an_if_without_an_answer_is_refused(branches: list[Block], says: str) -> None:
    refused(choose(*branches), says, "children[0].children[0]")


# ---------------------------------------------------------------- tickers


@pytest.mark.parametrize(
    ("written", "symbol"),
    [
        ("SPY", "SPY"),
        ("BRK/B", "BRK-B"),
        ("BRK.B", "BRK-B"),
        ("EQUITIES::SPY//USD", "SPY"),
        ("EQUITIES::BRK/B//USD", "BRK-B"),
        ("CRYPTO::BTC//USD", "BTC-USD"),
        ("spy ", "SPY"),
    ],
)
def test_every_dialect_of_a_ticker(written: str, symbol: str) -> None:
    assert tree(asset(written)) is equal(symbol).children[0]
    assert bool(notes(root(asset(written)))) == (written != symbol)


@pytest.mark.parametrize(
    "written", ["OPTIONS::AAPL250117C00200000//USD", "FX::EUR//USD", "A/B/C", "", 5, "CRYPTO::BTC//EUR"]
)
def test_what_is_no_ticker_is_refused(written: Any) -> None:
    refused(asset(written), "", "children[0].children[0]")


# ---------------------------------------------------------------- keys and the header


def test_what_is_only_seen_changes_nothing_and_is_listed() -> None:
    looks = {
        "id": "x",
        "collapsed?": True,
        "price": 1.5,
        "exchange": "ARCX",
        "children-count": 0,
        "has_marketcap": None,
    }
    found = read(root(weight(asset("SPY", **looks), id="x", color="red"), id="same"))
    assert found.strategy.fingerprint == read(root(weight(asset("SPY")))).strategy.fingerprint
    assert found.report.lossless
    assert {line.text for line in found.report.lines()} == {
        "id",
        "color",
        "collapsed?",
        "price",
        "exchange",
        "children-count",
    }


def test_an_unknown_key_is_a_loss() -> None:
    block = root(weight(asset("SPY", hedge=0.5)))
    assert notes(block) == [("dropped", "key 'hedge': not known here, it may have a meaning")]
    with pytest.raises(StrategyImportError, match="would lose something"):
        read(block, strict=True)


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ({"rebalance": "monthly"}, Rebalance("monthly")),
        ({"rebalance": "none"}, Rebalance("none")),
        ({"rebalance": "none", "rebalance-corridor-width": 0.05}, threshold(0.05)),
        ({"rebalance": "none", "rebalance-corridor-width": "0.05"}, threshold(0.05)),
        ({"rebalance": "none", "rebalance-corridor-width": "7"}, threshold(0.07)),
        ({"rebalance": "none", "rebalance-corridor-width": "7%"}, threshold(0.07)),
        ({"rebalance": "weekly", "rebalance-corridor-width": 0.05}, Rebalance("weekly")),
        ({"rebalance": None}, Rebalance("daily")),
    ],
)
def test_rebalance_rules(keys: Block, rule: Rebalance) -> None:
    assert read(root(weight(asset("SPY")), **keys)).strategy.rebalance is rule


def test_guesses_of_the_header_are_repairs() -> None:
    for keys in ({"rebalance": None}, {"rebalance": "none", "rebalance-corridor-width": 10}, {"name": None}):
        assert [status for status, _ in notes(root(weight(asset("SPY")), **keys))] == ["repaired"]


@pytest.mark.parametrize("keys", [{"rebalance": "hourly"}, {"rebalance": "none", "rebalance-corridor-width": -1}])
def test_a_rule_that_does_not_exist_is_refused(keys: Block) -> None:
    with pytest.raises(StrategyImportError):
        read(root(weight(asset("SPY")), **keys))


def test_names_are_kept_and_mended_when_they_cannot_be_stored() -> None:
    found = read(root(weight(asset("SPY", name="SPDR")), name="a\ud800b\n", description="d" * 600))
    assert (found.strategy.name, len(found.strategy.description)) == ("a b ", 500)
    assert found.strategy.root is equal("SPY").replaced(members=(equal("SPY").children[0].replaced(title="SPDR"),))
    assert [status for status, _ in notes(root(asset("SPY"), name="a\ud800b", description="d" * 600))] == [
        "repaired"
    ] * 2


def test_a_bare_block_becomes_a_whole_strategy_and_says_so() -> None:
    found = read({"step": "group", "name": "Box", "children": [weight(asset("SPY"))]})
    assert found.strategy.name == "Box"
    assert found.strategy.root is equal(group("Box", equal("SPY")))
    assert not found.report.lossless


def test_a_request_around_a_strategy_gives_its_costs_to_the_settings() -> None:
    found = read({"capital": 10000, "slippage-percent": 0.0005, "symphony": root(weight(asset("SPY")))})
    assert found.settings == {"profile": "composer", "cost_bps": 5.0}
    assert found.strategy.root is equal("SPY")
    assert found.report.entries[1].step == "symphony"


def test_everything_unsupported_is_listed_at_once() -> None:
    block = root(weight(asset("A/B/C"), weight(step="wt-marketcap"), asset("SPY")))
    with pytest.raises(StrategyImportError) as caught:
        read(block)
    assert len(caught.value.report.losses) == 2
    assert caught.value.path == "children[0].children[0]"


def test_a_partial_result_holds_cash_where_something_could_not_be_said() -> None:
    block = root(weight(weight(step="wt-marketcap"), asset("SPY"), asked(comparator="near")))
    found = read(block, partial=True)
    gone = cash().replaced(title="not imported")
    assert found.strategy.root is equal(gone, "SPY", gone)
    assert found.report.counts["unsupported"] == 2
