"""Laws of Composer's maps: every detail that breaks importers, each in the smallest document that has it."""

from __future__ import annotations

from typing import Any

import pytest

from sbc_lab.engine.strategy import (
    cash,
    cumulative_return,
    each,
    equal,
    group,
    inverse_vol,
    top,
    weighted,
    when,
)
from tests.engine.importers.composer.reading import RSI, asked, notes, refused, tree
from tests.engine.importers.documents import (
    HOT,
    Block,
    asset,
    branch,
    choose,
    otherwise,
    root,
    weight,
)

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
