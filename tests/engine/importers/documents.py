"""Small documents that many tests start from, and a mutator that breaks documents in every way it knows.

Lives here: what has no test of its own. Does not live here: tests.
"""

from __future__ import annotations

import json
import random
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

NASTY = (
    "##NaN", "NaN", "1e999", "-1e999", "9" * 5000, "1e-999", "null", "nil", "true", '""', '"\\ud800"', '"\\u0000"', "{}",
    "[]", "()", "{:a 1}", '{"a":1}', "0", "-1", "1.5", "1/3", "1/0", ":", "#", "#_", "'", "\\a", "\\", '"', "\u202e",
    "\ufeff", "\x00", "(asset \"SPY\" nil)", '{"step":"asset","ticker":"SPY"}', "%", "::", "CRYPTO::BTC//USD", "OPTIONS::X//USD",
    "BRK/B", "weight-marketcap", '"step"', '"children":[]', "(" * 300, "[" * 3000, "]", ")", "}", ";", "\n", ",", '"1e9999"',
)  # fmt: skip


def mutated(document: str, dice: random.Random) -> str | bytes:
    """Break a document in one to four places."""
    broken = document
    for _ in range(dice.randint(1, 4)):
        broken = _once(broken, dice)
    if dice.random() < 0.05:
        content = bytearray(broken.encode("utf-8", "surrogatepass"))
        for _ in range(dice.randint(1, 5)):
            if content:
                content[dice.randrange(len(content))] = dice.randrange(256)
        return bytes(content)
    return broken


ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 10**400, 1e308, float("nan"), float("inf"), 0.5, 2.5, "", "0", "1e400", "x" * 600, "\ud800",
    "\x00", "SPY", "spy ", "BRK.B", "EQUITIES::SPY//USD", "CRYPTO::BTC//USD", "OPTIONS::X//USD", "a/b/c", "%", [], {}, [[]],
    [None], {"step": "asset"}, {"num": 1}, {"num": "NaN", "den": 100}, {"num": 1, "den": 0}, "filter", "if", "any", "eq",
    {"condition-type": "compound", "operator": "any", "conditions": [{}]}, "lhs-fn", "window", 5001, "5001", "10.0",
)  # fmt: skip


def reshaped(document: str, dice: random.Random) -> str:
    """Break the values of a JSON document and leave its text well formed."""
    value = json.loads(document)
    for _ in range(dice.randint(1, 4)):
        spots: list[tuple[Any, Any]] = []
        stack = [value]
        while stack:
            inner = stack.pop()
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            spots += [(inner, key) for key in keys]
            stack += [inner[key] for key in keys if isinstance(inner[key], (dict, list))]
        if not spots:
            break
        owner, key = dice.choice(spots)
        match dice.randrange(5):
            case 0:
                del owner[key]
            case 1 | 2:
                owner[key] = json.loads(json.dumps(dice.choice(ODD)))
            case 3:
                other, name = dice.choice(spots)
                owner[key] = json.loads(json.dumps(other[name])) if _has(other, name) else None
            case _:
                if isinstance(owner, list):
                    owner.insert(key, json.loads(json.dumps(owner[key])))
                else:
                    owner[dice.choice(("weight", "children", "condition", "select?", "odd", "rhs-val"))] = owner[key]
    return json.dumps(value)


def _has(owner: Any, key: Any) -> bool:
    return key in owner if isinstance(owner, dict) else key < len(owner)


def _once(text: str, dice: random.Random) -> str:
    if not text:
        return dice.choice(NASTY)
    at, end = sorted((dice.randrange(len(text)), dice.randrange(len(text))))
    near = min(len(text), at + dice.randint(1, 12))
    spot = _token(text, at)
    match dice.randrange(9):
        case 0:
            return text[:at] + text[near:]
        case 1:
            return text[:at] + dice.choice(NASTY) + text[at:]
        case 2:
            return text[: spot[0]] + dice.choice(NASTY) + text[spot[1] :]
        case 3:
            return text[:at]
        case 4:
            return text[:at] + text[at:end] + text[at:]
        case 5:
            other = _token(text, end)
            return text[: spot[0]] + text[other[0] : other[1]] + text[spot[1] :]
        case 6:
            return text[:at] + dice.choice('()[]{}",:;\\ \n0123456789.-eE%#') + text[near:]
        case 7:
            return text[: spot[0]] + text[spot[1] :]
        case _:
            return text[:at] + chr(dice.choice((0, 9, 127, 0x2028, 0xD800, 0xFEFF, 0x1F600, 0xE000))) + text[at:]


def _token(text: str, at: int) -> tuple[int, int]:
    """Find the word, number or bracket around a place."""
    stops = set(' \n\t,()[]{}":')
    begin = end = at
    while begin > 0 and text[begin - 1] not in stops and at - begin < 60:
        begin -= 1
    while end < len(text) and text[end] not in stops and end - at < 60:
        end += 1
    return begin, max(end, begin + 1)


def corpus(shared: Path) -> Iterator[Path]:
    """Every document of Composer in the collection of real ones."""
    folder = shared / "strategies"
    for name in ("alchemiser-quant", "compose_symphony_parser", "composer-mcp-examples", "composer-parser",
                 "composer-trade-common", "composer-trade-py", "composer_json", "test-symphonies", "tradingapp"):  # fmt: skip
        yield from (
            path
            for path in sorted((folder / name).iterdir())
            if path.suffix in {".clj", ".edn", ".json"} and path.stem != "weird"  # which is a result, no strategy
        )
