"""Laws of native blocks: every kind becomes the node that means the same, every slot keeps its own way of sharing."""

from __future__ import annotations

from typing import Any

import pytest

from sbc_lab.engine.strategy import (
    Asset,
    Cash,
    Filter,
    Node,
    Switch,
    Weighting,
    blend,
    bottom,
    branch,
    call,
    cash,
    constant,
    cumulative_return,
    each,
    equal,
    inverse_vol,
    latch,
    max_drawdown,
    rsi,
    top,
    vol,
    weighted,
    when,
)
from tests.engine.importers.native.payloads import (
    CHAINS,
    LINE,
    Block,
    basic,
    bot,
    function,
    indicator,
    line,
    notes,
    position,
    read,
    refused,
    tree,
)

hot = rsi("QQQ", 10) > 79
SPY, TLT = position("SPY"), position("TLT")


@pytest.mark.parametrize(
    ("block", "means"),
    [
        (position("SPY"), Asset("SPY")),
        (position("Empty"), Cash()),
        (position("SPY", "TLT", "SPY"), equal("SPY", "TLT", "SPY")),
        (position("Empty", "SPY"), Asset("SPY")),
        (position("SPY", title="Position"), Asset("SPY")),
        (
            position("SPY", title="Core", bgColor="#aa3300", collapsed=True),
            Asset("SPY", title="Core", color="#aa3300", folded=True),
        ),
    ],
)
def test_positions(block: Block, means: Node) -> None:
    assert tree(block) is means


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({}, equal("SPY", "TLT")),
        ({"weighting": None}, equal("SPY", "TLT")),
        ({"weighting": "inverse", "volWindow": 15}, inverse_vol("SPY", "TLT", window=15)),
        ({"weighting": "pro", "volWindow": "30"}, vol("SPY", "TLT", window=30)),
        (
            {"weighting": "inverse", "volWindow": 15, "minCap": 10, "maxCap": 60},
            inverse_vol("SPY", "TLT", window=15, floor=0.1, cap=0.6),
        ),
        ({"weighting": "capped", "maxCap": 60, "cappedFallback": "Empty"}, equal("SPY", "TLT", cap=0.6)),
        (
            {"weighting": "capped", "minCap": 0, "maxCap": 7, "cappedFallback": "BIL"},
            equal("SPY", "TLT", cap=0.07, fallback="BIL"),
        ),
    ],
)
def test_every_way_of_sharing(fields: Block, means: Node) -> None:
    assert tree(basic(SPY, TLT, **fields)) is means


@pytest.mark.parametrize(
    ("weights", "means", "statuses"),
    [
        ((60, 40), weighted(("SPY", 0.6), ("TLT", 0.4)), []),
        (("57", 43), weighted(("SPY", 0.57), ("TLT", 0.43)), []),
        ((30, 10), weighted(("SPY", 0.75), ("TLT", 0.25)), ["mapped"]),
        ((100, 0), weighted(("SPY", 1.0)), ["dropped"]),
        ((None, None), equal("SPY", "TLT"), ["repaired"]),
    ],
)
def test_defined_weights_stand_at_the_children(weights: tuple[Any, Any], means: Node, statuses: list[str]) -> None:
    block = basic(*(position(name, window=held) for name, held in zip(("SPY", "TLT"), weights, strict=True)))
    block["weighting"] = "defined"
    assert tree(block) is means
    assert [status for status, _ in notes(block)] == statuses


def test_older_documents_write_the_cap_at_each_child() -> None:
    block = basic(position("SPY", window=40), position("TLT", window=40), weighting="capped")
    assert tree(block) is equal("SPY", "TLT", cap=0.4)
    uneven = basic(position("SPY", window=40), position("TLT", window=50), weighting="capped")
    refused(uneven, "a cap of its own", "payload")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"weighting": "randomly"}, "the weighting is one of"),
        ({"weighting": {}}, "the weighting is one of"),
        ({"weighting": "inverse", "volWindow": 0}, "window must be a whole number"),
        ({"weighting": "capped", "minCap": 70, "maxCap": 60}, "floor"),
        ({"children": []}, "children must be a map of slots"),
        ({"children": {"next": "SPY"}}, "the slot next must be a list"),
    ],
)
def test_sharing_that_means_nothing_is_refused(fields: Block, says: str) -> None:
    refused(basic(SPY, TLT) | fields, says, "payload")


def test_weights_that_are_partly_missing_are_refused() -> None:
    block = basic(position("SPY", window=40), TLT, weighting="defined")
    refused(block, "1 of 2 children do not say their weight", "payload")


def test_a_single_child_needs_no_weight_in_a_branch_and_keeps_it_in_a_block() -> None:
    assert tree(basic(SPY)) is equal("SPY")
    assert tree(indicator([LINE], basic(SPY), None)) is when(hot).then(equal("SPY")).otherwise(cash())


def test_every_branch_shares_in_its_own_way() -> None:
    block = indicator([LINE], SPY, TLT, weightingThen="inverse", volWindowThen=9, weighting="pro", volWindow=30)
    block["children"]["then"].append(position("QQQ"))
    block["children"]["else"].append(position("GLD"))
    assert tree(block) is when(hot).then(inverse_vol("SPY", "QQQ", window=9)).otherwise(vol("TLT", "GLD", window=30))


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({}, top("SPY", "TLT", n=1, by=cumulative_return(each, 20))),
        ({"rank": "Bottom", "bottom": 2}, bottom("SPY", "TLT", n=2, by=cumulative_return(each, 20))),
        ({"metric": "Max Drawdown"}, top("SPY", "TLT", n=1, by=max_drawdown(each, 20))),
        (
            {"weighting": "inverse", "volWindow": 9},
            Filter(
                "top", 1, cumulative_return(each, 20), Weighting("inverse_vol", window=9), equal("SPY", "TLT").members
            ),
        ),
    ],
)
def test_filters(fields: Block, means: Node) -> None:
    assert tree(function(SPY, TLT, **fields)) is means


def test_what_a_filter_does_not_say_is_what_a_new_one_begins_with_and_told() -> None:
    block = {"kind": "function", "children": {"next": [SPY, TLT]}}
    assert tree(block) is bottom("SPY", "TLT", n=1, by=rsi(each, 10))
    assert [status for status, _ in notes(block)] == ["repaired"] * 4


@pytest.mark.parametrize(
    ("quantifier", "rule", "count"),
    [
        ("any", "any", None),
        ("all", "all", None),
        ("none", "none", None),
        ("exactly", "exactly", 1),
        ("atLeast", "at_least", 1),
        ("atMost", "at_most", 1),
    ],
)
def test_blocks_that_count(quantifier: str, rule: Any, count: int | None) -> None:
    items = [{"conditions": [LINE, line(type="or", threshold=90)], "groupLogic": "or"}, {"conditions": []}]
    block = {
        "kind": "numbered",
        "numbered": {"quantifier": quantifier, "n": 1, "items": items},
        "children": {"then": [SPY], "else": [TLT]},
    }
    asked = (hot | (rsi("QQQ", 10) > 90), constant(1) < 0)
    assert tree(block) is Switch(rule, asked, (Asset("SPY"), Asset("TLT")), count)


def test_a_ladder_has_a_slot_for_every_count() -> None:
    block: Block = {
        "kind": "numbered",
        "numbered": {"quantifier": "ladder", "items": [{"conditions": [LINE]}]},
        "children": {"ladder-0": [SPY, position("GLD")], "ladder-1": [TLT], "then": [None]},
    }
    assert tree(block) is Switch("ladder", (hot,), (equal("SPY", "GLD"), Asset("TLT")))
    block["children"]["ladder-7"] = [SPY]
    assert ("dropped", "the slot 'ladder-7', which a block of this kind never evaluates there") in notes(block)


def test_enter_and_exit_is_a_latch() -> None:
    block: Block = {
        "kind": "altExit",
        "entryConditions": [LINE],
        "exitConditions": [line(ticker="branch:exit")],
        "children": {"then": [SPY], "else": [TLT]},
    }
    assert tree(block) is latch(enter=hot, exit=rsi(branch("off"), 10) > 79, on="SPY", off="TLT")
    older: Block = {**block, "conditions": block.pop("entryConditions"), "exitConditions": [LINE]}
    older.pop("entryConditions", None)
    assert tree(older) is latch(enter=hot, exit=hot, on="SPY", off="TLT")
    assert [status for status, _ in notes(older)] == ["repaired"]


def test_scaling_is_a_blend_with_its_limits_in_percent_points() -> None:
    block = {
        "kind": "scaling",
        "scaleMetric": "Max Drawdown",
        "scaleWindow": 20,
        "scaleTicker": "branch:from",
        "scaleFrom": 0.07,
        "scaleTo": 0.2,
        "children": {"then": [SPY], "else": [TLT]},
    }
    assert tree(block) is blend(max_drawdown(branch("from"), 20), "SPY", "TLT", begin=7, end=20)


def test_calls_name_chains_of_the_document() -> None:
    root = basic(SPY, {"kind": "call", "callRefId": "call-1"})
    found = read(bot(root, callChains=CHAINS))
    assert found.strategy.root is equal("SPY", call("Shelter"))
    assert found.bots["Shelter"].root is equal("BIL", call("Gold"))
    assert found.bots["Gold"].root is equal("GLD")
    elsewhere = read(bot(basic({"kind": "call", "callRefId": "call-9"})))
    assert (elsewhere.strategy.root, elsewhere.bots) == (equal(call("call-9")), {})


def test_chains_that_call_each_other_in_a_circle_are_refused() -> None:
    circle = [{"id": "call-1", "name": "A", "root": {"kind": "call", "callRefId": "call-1"}}]
    says = "call each other in a circle"
    refused(basic({"kind": "call", "callRefId": "call-1"}), says, "document", callChains=circle)


def test_chains_of_one_name_are_called_by_their_ids() -> None:
    chains: list[Block] = [{**chain, "name": "Same"} for chain in CHAINS]
    found = read(bot(basic({"kind": "call", "callRefId": "call-1"}), callChains=chains))
    assert sorted(found.bots) == ["call-1", "call-2"]


def test_what_no_engine_evaluates_is_refused_or_told() -> None:
    refused(basic(SPY, {"kind": "rolling", "children": {}}), "marks a search", "payload.children.next[1]")
    refused(basic(SPY, {"kind": "magic"}), "there is no kind 'magic'", "payload.children.next[1]")
    refused(basic(SPY, 7), "a block is a map with a kind", "payload.children.next[1]")
    refused(position(7), "ticker must be a ticker", "payload")  # type: ignore[arg-type]  # what a document may hold
    searched = position("SPY", positionMode="ticker_list", positionTickerListId="t1")
    assert [status for status, _ in notes(searched)] == ["dropped"]
    assert [status for status, _ in notes(position("SPY", leverage=3))] == ["dropped"]
