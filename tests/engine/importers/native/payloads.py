"""What the tests of native documents share: small blocks, reading them, and a refusal looked at. No tests live here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sbc_lab.engine.importers import Import, load
from sbc_lab.engine.strategy import Condition, If, Node
from sbc_lab.errors import StrategyImportError

Block = dict[str, Any]

LINE: Block = {
    "id": "c1",
    "type": "if",
    "metric": "Relative Strength Index",
    "window": 10,
    "ticker": "QQQ",
    "comparator": "gt",
    "threshold": 79,
    "expanded": False,
}
"""rsi('QQQ', 10) > 79."""


def position(*symbols: str, **more: Any) -> Block:
    return {"id": "p", "kind": "position", "positions": list(symbols), "children": {}, **more}


def basic(*members: Any, **more: Any) -> Block:
    return {"id": "b", "kind": "basic", "weighting": "equal", "children": {"next": list(members)}, **more}


def line(**fields: Any) -> Block:
    return {**LINE, **fields}


def indicator(lines: list[Block], then: Any, otherwise: Any, **more: Any) -> Block:
    children = {"then": [then], "else": [otherwise], "next": [None]}
    return {"id": "i", "kind": "indicator", "conditions": lines, "children": children, **more}


def function(*members: Any, **more: Any) -> Block:
    ranking = {"metric": "Rate of Change", "window": 20, "bottom": 1, "rank": "Top"}
    return {"id": "f", "kind": "function", **ranking, "children": {"next": list(members)}, **more}


def bot(payload: Block, **more: Any) -> Block:
    return {"id": "x", "name": "Calm", "payload": payload, **more}


def read(document: Block, **how: Any) -> Import:
    return load(json.dumps(document), **how)


def tree(payload: Block, **more: Any) -> Node:
    """What a tree becomes."""
    return read(bot(payload, **more)).strategy.root


def condition(*lines: Block) -> Condition:
    """What a list of lines becomes."""
    node = tree(indicator(list(lines), position("SPY"), position("TLT")))
    assert isinstance(node, If)
    return node.condition


def notes(payload: Block, **more: Any) -> list[tuple[str, str]]:
    report = read(bot(payload, **more)).report
    return [(one.status, one.text) for one in report.lines() if one.status != "cosmetic"]


def refused(payload: Block, says: str, path: str, **more: Any) -> StrategyImportError:
    with pytest.raises(StrategyImportError) as caught:
        read(bot(payload, **more))
    assert says in str(caught.value)
    assert caught.value.path == path
    return caught.value


CHAINS: list[Block] = [
    {"id": "call-1", "name": "Shelter", "root": basic(position("BIL"), {"kind": "call", "callRefId": "call-2"})},
    {"id": "call-2", "name": "Gold", "root": basic(position("GLD"), title="Call"), "collapsed": True},
]
OWN = [{"id": "ci_1", "name": "stretch", "formula": "(close - sma) / stdev(close, 20)", "createdAt": 5}]

ALL: Block = bot(
    basic(
        indicator([LINE, line(type="and", metric="custom:ci_1", window=50, threshold=2)], position("UVXY"), None),
        function(position("SPY"), basic(position("TLT", "GLD")), weighting="inverse", volWindow=15),
        {
            "kind": "numbered",
            "numbered": {
                "quantifier": "ladder",
                "items": [{"conditions": [LINE]}, {"conditions": [line(threshold=60)]}],
            },
            "children": {"ladder-0": [position("SPY")], "ladder-1": [position("QQQ")], "ladder-2": [position("UVXY")]},
        },
        {
            "kind": "altExit",
            "entryConditions": [LINE],
            "exitConditions": [line(comparator="crossBelow", threshold=50, ticker="branch:enter")],
            "children": {"then": [position("SPY")], "else": [position("BIL"), position("SHY")]},
            "weightingElse": "pro",
            "volWindowElse": 30,
        },
        {
            "kind": "scaling",
            "scaleMetric": "Max Drawdown",
            "scaleWindow": 20,
            "scaleTicker": "SPY/TLT",
            "scaleFrom": 0.05,
            "scaleTo": 0.2,
            "children": {"then": [position("SPY")], "else": [{"kind": "call", "callRefId": "call-1"}]},
        },
        weighting="capped",
        minCap=5,
        maxCap=40,
        cappedFallback="BIL",
    ),
    callChains=CHAINS,
    customIndicators=OWN,
    backtestMode="OO",
    backtestCostBps=3,
    visibility="private",
    tags=["a"],
)
"""One of every block."""
