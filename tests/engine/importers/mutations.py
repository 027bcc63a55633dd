"""Breaking documents in every way one can think of, the same way for the same dice. Does not live here: tests."""

from __future__ import annotations

import json
import random
from typing import Any

NASTY = (
    "##NaN",
    "NaN",
    "1e999",
    "-1e999",
    "9" * 5000,
    "1e-999",
    "null",
    "nil",
    "true",
    '""',
    '"\\ud800"',
    '"\\u0000"',
    "{}",
    "[]",
    "()",
    "{:a 1}",
    '{"a":1}',
    "0",
    "-1",
    "1.5",
    "1/3",
    "1/0",
    ":",
    "#",
    "#_",
    "'",
    "\\a",
    "\\",
    '"',
    "\u202e",
    "\ufeff",
    "\x00",
    '(asset "SPY" nil)',
    '{"step":"asset","ticker":"SPY"}',
    "%",
    "::",
    "CRYPTO::BTC//USD",
    "OPTIONS::X//USD",
    "BRK/B",
    "weight-marketcap",
    '"step"',
    '"children":[]',
    "(" * 300,
    "[" * 3000,
    "]",
    ")",
    "}",
    ";",
    "\n",
    ",",
    '"1e9999"',
)


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
    None,
    True,
    False,
    0,
    1,
    -1,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    0.5,
    2.5,
    "",
    "0",
    "1e400",
    "x" * 600,
    "\ud800",
    "\x00",
    "SPY",
    "spy ",
    "BRK.B",
    "EQUITIES::SPY//USD",
    "CRYPTO::BTC//USD",
    "OPTIONS::X//USD",
    "a/b/c",
    "%",
    [],
    {},
    [[]],
    [None],
    {"step": "asset"},
    {"num": 1},
    {"num": "NaN", "den": 100},
    {"num": 1, "den": 0},
    "filter",
    "if",
    "any",
    "eq",
    {"condition-type": "compound", "operator": "any", "conditions": [{}]},
    "lhs-fn",
    "window",
    5001,
    "5001",
    "10.0",
)


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
