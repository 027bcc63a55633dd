"""Laws of QuantMage's documents: the header says name, rule and costs; what it does not say is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sbc_lab.engine.importers import load
from sbc_lab.engine.strategy import Asset, Rebalance, count_nodes, threshold
from sbc_lab.errors import StrategyImportError
from tests.engine.importers.quantmage.spells import ALL, notes, read, refused, spell, ticker


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"trading_type": "Daily"}, Rebalance("daily")),
        ({"trading_type": "monthly"}, Rebalance("monthly")),
        ({"trading_type": "Yearly", "threshold": 5}, Rebalance("yearly")),
        ({"trading_type": "Threshold", "threshold": 5}, threshold(0.05)),
        ({"trading_type": "Threshold", "threshold": "0.5"}, threshold(0.005)),
        ({"trading_type": None}, Rebalance("daily")),
    ],
)
def test_rebalance_rules(fields: dict[str, Any], rule: Rebalance) -> None:
    assert read(spell(ticker("SPY"), **fields)).strategy.rebalance is rule


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"trading_type": "Hourly"}, "trading_type is one of"),
        ({"trading_type": ["Daily"]}, "trading_type is one of"),
        ({"trading_type": "Threshold"}, "threshold must be a number"),
        ({"trading_type": "Threshold", "threshold": 500}, "from 0 to 100 percent"),
        ({"slippage_bps": "much"}, "slippage_bps must be a number"),
        ({"slippage_bps": -1}, "slippage_bps must be from 0"),
    ],
)
def test_a_header_that_means_nothing_is_refused(fields: dict[str, Any], says: str) -> None:
    refused(spell(ticker("SPY"), **fields), says, "document")


def test_profile_and_costs_are_settings_and_not_part_of_the_tree() -> None:
    found = read(spell(ticker("SPY"), slippage_bps=7, benchmark_ticker="SPY", version=2))
    assert found.settings == {"profile": "quantmage", "cost_bps": 7.0}
    assert found.strategy.fingerprint == read(spell(ticker("SPY"))).strategy.fingerprint
    assert found.report.lossless


def test_a_bare_incantation_becomes_a_whole_spell_and_says_so() -> None:
    found = read(ticker("SPY", name="Box"))
    assert (found.strategy.name, found.strategy.root) == ("Box", Asset("SPY", title="Box"))
    assert not found.report.lossless


def test_what_a_document_lacks_is_repaired_and_refused_when_strict() -> None:
    document = {"incantation": ticker("SPY")}
    assert [status for status, _ in notes(document)] == ["repaired", "repaired"]
    with pytest.raises(StrategyImportError, match="would lose something"):
        load(json.dumps(document), strict=True)


def test_the_document_with_everything_is_read_without_loss() -> None:
    found = read(ALL, strict=True)
    assert found.report.lossless
    assert found.strategy.rebalance is threshold(0.05)


def counted(value: Any) -> int:
    """Incantations of a document, by a plain count of its maps."""
    stack, found = [value], 0
    while stack:
        inner = stack.pop()
        if isinstance(inner, dict):
            found += "incantation_type" in inner
            stack += inner.values()
        elif isinstance(inner, list):
            stack += inner
    return found


def test_every_real_spell_is_read_and_nothing_is_left_behind(shared: Path) -> None:
    paths = sorted((shared / "strategies").glob("quantmage*/*.json"))
    assert len(paths) >= 5
    for path in paths:
        found = load(path)
        blocks = found.report.kinds
        words = {"Ticker", "Weighted", "Filtered", "Mixed", "IfElse", "Switch", "EnterExit"}
        assert sum(count for kind, count in blocks.items() if kind in words) == counted(json.loads(path.read_text()))
        assert found.report.counts["dropped"] == found.report.counts["unsupported"] == 0
        assert found.settings["profile"] == "quantmage"
        assert count_nodes(found.strategy) == counted(json.loads(path.read_text())) + blocks.get("empty", 0)
