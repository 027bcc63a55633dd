"""Laws of Composer's tickers, keys and headers: every dialect, what is only seen, and what is a guess."""

from __future__ import annotations

from typing import Any

import pytest

from sbc_lab.engine.strategy import (
    Rebalance,
    cash,
    equal,
    group,
    threshold,
)
from sbc_lab.errors import StrategyImportError
from tests.engine.importers.composer.reading import asked, notes, read, refused, tree
from tests.engine.importers.documents import (
    Block,
    asset,
    root,
    weight,
)

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
