"""What the tests of QuantMage share: small spells, reading them, and how a refusal is looked at. No tests live here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sbc_lab.engine.importers import Import, load
from sbc_lab.engine.strategy import Condition, If, Node
from sbc_lab.errors import StrategyImportError

Block = dict[str, Any]

HOT: Block = {
    "condition_type": "SingleCondition",
    "type": "IndicatorAndNumber",
    "lh_indicator": {"type": "RelativeStrengthIndex", "window": 10},
    "lh_ticker_symbol": "QQQ",
    "greater_than": True,
    "rh_value": 79.0,
    "for_days": 1,
}
"""rsi('QQQ', 10) > 79."""


def ticker(symbol: str, **more: Any) -> Block:
    return {"incantation_type": "Ticker", "symbol": symbol, **more}


def weighted(*members: Any, **more: Any) -> Block:
    return {"incantation_type": "Weighted", "type": "Equal", "incantations": list(members), **more}


def filtered(*members: Any, **more: Any) -> Block:
    by = {"type": "CumulativeReturn", "window": 20}
    return {
        "incantation_type": "Filtered",
        "sort_indicator": by,
        "bottom": False,
        "count": 1,
        "incantations": list(members),
        **more,
    }


def if_else(condition: Block, then: Any, otherwise: Any) -> Block:
    return {
        "incantation_type": "IfElse",
        "condition": condition,
        "then_incantation": then,
        "else_incantation": otherwise,
    }


def asked(**fields: Any) -> Block:
    return {**HOT, **fields}


def spell(incantation: Any, **more: Any) -> Block:
    return {"name": "Calm", "trading_type": "Daily", **more, "incantation": incantation}


def read(document: Block, **how: Any) -> Import:
    return load(json.dumps(document), **how)


def tree(incantation: Block) -> Node:
    """What an incantation becomes."""
    return read(spell(incantation)).strategy.root


def condition(block: Block) -> Condition:
    """What a condition becomes."""
    node = tree(if_else(block, ticker("SPY"), ticker("TLT")))
    assert isinstance(node, If)
    return node.condition


def notes(document: Block) -> list[tuple[str, str]]:
    return [(line.status, line.text) for line in read(document).report.lines() if line.status != "cosmetic"]


def refused(document: Block, says: str, path: str) -> StrategyImportError:
    with pytest.raises(StrategyImportError) as caught:
        read(document)
    assert says in str(caught.value)
    assert caught.value.path == path
    return caught.value


ALL: Block = spell(
    weighted(
        if_else({"condition_type": "AllOf", "conditions": [HOT, asked(greater_than=False)]}, ticker("UVXY"), None),
        {
            "incantation_type": "Switch",
            "conditions": [HOT, asked(rh_value=60)],
            "incantations": [ticker("SPY"), ticker("QQQ"), weighted(ticker("TLT"), ticker("GLD"))],
        },
        {
            "incantation_type": "EnterExit",
            "enter_condition": HOT,
            "exit_condition": asked(
                type="BothIndicators",
                rh_indicator={"type": "MovingAverage", "window": 200},
                rh_ticker_symbol='Subspell "Exit"',
                rh_weight=0.5,
                rh_bias=-2,
                rh_days_ago=3,
                lh_days_ago=1,
                for_days=2,
            ),
            "enter_incantation": ticker("SPY"),
            "exit_incantation": filtered(ticker("TLT"), ticker("GLD"), weight_type="InverseVolatility",
                                         inverse_volatility_window=20, count=2, bottom=True),
        },
        {
            "incantation_type": "Mixed",
            "indicator": {"type": "Volatility", "window": 20},
            "ticker_symbol": 'Subspell "From"',
            "from_value": 1,
            "to_value": 3,
            "from_incantation": ticker("SPY"),
            "to_incantation": ticker('Subspell "Another spell"'),
        },
        type="Custom",
        weights=[10, "20.5", 30.5, 39],
    ),
    trading_type="Threshold",
    threshold=5,
    slippage_bps=2,
)  # fmt: skip
"""One of every incantation."""
