"""Small documents that many tests start from, and where the real ones lie. Does not live here: breaking documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Block = dict[str, Any]

FORMS = """(defsymphony
 "Calm seas"
 {:asset-class "EQUITIES", :rebalance-threshold 0.05}
 (weight-equal
  [(if
    (> (rsi "QQQ" {:window 10}) 79)
    [(asset "UVXY" "ProShares Ultra VIX")]
    [(group "Rest"
      [(weight-specified
        0.6 (filter (cumulative-return {:window 20}) (select-top 1) [(asset "SPY" nil) (asset "TLT" nil)])
        0.4 (weight-inverse-volatility 20 [(asset "GLD" nil) (asset "BIL" nil)]))])])]))
"""


def asset(ticker: str, **more: Any) -> Block:
    return {"step": "asset", "ticker": ticker, **more}


def weight(*children: Block, step: str = "wt-cash-equal", **more: Any) -> Block:
    return {"step": step, "children": list(children), **more}


def branch(*children: Block, **more: Any) -> Block:
    return {"step": "if-child", "is-else-condition?": False, "children": list(children), **more}


def otherwise(*children: Block) -> Block:
    return {"step": "if-child", "is-else-condition?": True, "children": list(children)}


HOT: Block = {
    "lhs-fn": "relative-strength-index",
    "lhs-fn-params": {"window": 10},
    "lhs-val": "QQQ",
    "comparator": "gt",
    "rhs-fixed-value?": True,
    "rhs-val": "79",
}
"""Flat keys of rsi('QQQ', 10) > 79."""


def choose(*branches: Block) -> Block:
    return {"step": "if", "children": list(branches)}


def root(*children: Block, **more: Any) -> Block:
    return {"step": "root", "name": "Calm", "rebalance": "daily", **more, "children": list(children)}


def text(block: Any) -> str:
    return json.dumps(block)


MAPS = text(
    root(
        weight(
            choose(
                branch(asset("UVXY", name="ProShares Ultra VIX", id="1"), **HOT),
                otherwise(
                    {
                        "step": "group",
                        "name": "Rest",
                        "children": [
                            weight(
                                {
                                    "step": "filter",
                                    "select-fn": "top",
                                    "select-n": "1",
                                    "sort-by-fn": "cumulative-return",
                                    "sort-by-window-days": "20",
                                    "weight": {"num": "60", "den": 100},
                                    "children": [asset("SPY"), asset("TLT")],
                                },
                                weight(
                                    asset("GLD"),
                                    asset("BIL"),
                                    step="wt-inverse-vol",
                                    **{"window-days": 20, "weight": {"num": 40, "den": 100}},
                                ),
                                step="wt-cash-specified",
                            )
                        ],
                    }
                ),
            )
        ),
        **{"rebalance": "none", "rebalance-corridor-width": 0.05},
    )
)


def indicator(ticker: str, window: int = 10) -> Block:
    return {"fn": "relative-strength-index", "ticker": ticker, "params": {"window": window}}


COMPOUND: Block = {
    "condition-type": "compound",
    "operator": "all",
    "conditions": [
        {"condition-type": "binary", "lhs": indicator("QQQ"), "comparator": "gt", "rhs": {"constant": 79}},
        {
            "condition-type": "binary-compound",
            "operator": "any",
            "tickers": ["SPY", "TLT"],
            "lhs": indicator("%"),
            "comparator": "lt",
            "rhs": indicator("GLD", 20),
        },
    ],
}
"""rsi('QQQ', 10) > 79, and rsi of SPY or TLT below that of GLD."""

BLOCKS = text(root(weight(choose(branch(asset("SPY"), **HOT, condition=COMPOUND), otherwise(asset("BIL"))))))

_FOLDERS = (
    "alchemiser-quant",
    "compose_symphony_parser",
    "composer-mcp-examples",
    "composer-parser",
    "composer-trade-common",
    "composer-trade-py",
    "composer_json",
    "test-symphonies",
    "tradingapp",
)


def corpus(shared: Path) -> Iterator[Path]:
    """Every document of Composer in the collection of real ones."""
    folder = shared / "strategies"
    for name in _FOLDERS:
        yield from (
            path
            for path in sorted((folder / name).iterdir())
            if path.suffix in {".clj", ".edn", ".json"} and path.stem != "weird"  # which is a result, no strategy
        )
