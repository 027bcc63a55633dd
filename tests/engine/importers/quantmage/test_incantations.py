"""Laws of QuantMage's incantations: each becomes the block that means the same, and no field is lost in silence."""

from __future__ import annotations

from typing import Any

import pytest

from sbc_lab.engine.strategy import (
    Asset,
    Cash,
    Switch,
    Weighting,
    blend,
    bottom,
    branch,
    call,
    cash,
    cumulative_return,
    each,
    equal,
    fingerprint,
    inverse_vol,
    latch,
    rsi,
    stdev_return,
    top,
    when,
)
from sbc_lab.engine.strategy import (
    weighted as by_shares,
)
from tests.engine.importers.quantmage.spells import (
    HOT,
    Block,
    asked,
    filtered,
    if_else,
    notes,
    refused,
    spell,
    ticker,
    tree,
    weighted,
)

hot = rsi("QQQ", 10) > 79
SPY, TLT = ticker("SPY"), ticker("TLT")


@pytest.mark.parametrize(
    ("written", "symbol"),
    [
        ("SPY", "SPY"),
        ("BRK/B", "BRK-B"),
        ("EQUITIES::SPY//USD", "SPY"),
        ("CRYPTO::BTC//USD", "BTC-USD"),
        ("spy ", "SPY"),
    ],
)
def test_every_dialect_of_a_ticker(written: str, symbol: str) -> None:
    assert tree(ticker(written)) is Asset(symbol)


def test_names_become_titles_and_change_no_meaning() -> None:
    named = tree(ticker("SPY", name="SPDR"))
    assert named is Asset("SPY", title="SPDR")
    assert fingerprint(named) == fingerprint(Asset("SPY"))
    assert tree(if_else(HOT, SPY, TLT) | {"name": "Shelter", "then_comment": "why"}).title == "Shelter"


@pytest.mark.parametrize("block", [ticker("SPY, TLT"), {"incantation_type": "Ticker", "symbols": ["SPY", "TLT"]}])
def test_a_list_of_tickers_is_equally_weighted(block: Block) -> None:
    assert tree(block) is equal("SPY", "TLT")


def test_another_spell_is_called() -> None:
    assert tree(weighted(ticker('Subspell "Calm seas"'), SPY)) is equal(call("Calm seas"), "SPY")
    refused(spell(ticker('Subspell "Then"')), "a branch cannot be held by itself", "incantation")


def test_nothing_is_cash() -> None:
    assert tree(if_else(HOT, SPY, None)) is when(hot).then("SPY").otherwise(cash())
    assert tree(weighted(SPY, None)) is equal("SPY", cash())
    assert tree(weighted()) is Cash()


@pytest.mark.parametrize(
    ("weights", "shares", "statuses"),
    [
        ([60, 40], (0.6, 0.4), []),
        (["66.67", 33.33], (0.6667, 0.3333), []),
        ([57, 43], (0.57, 0.43), []),
        ([0.6, 0.4], (0.6, 0.4), ["repaired"]),
    ],
)
def test_custom_weights_are_percent(weights: list[Any], shares: tuple[float, ...], statuses: list[str]) -> None:
    block = weighted(SPY, TLT, type="Custom", weights=weights)
    assert tree(block) is by_shares(*zip(("SPY", "TLT"), shares, strict=True))
    assert [status for status, _ in notes(spell(block))] == statuses


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"weights": [60]}, "2 children need a list of as many weights"),
        ({"weights": [60, 60]}, "weights must add up to 1"),
        ({"weights": [60, "x"]}, "a weight must be a number"),
        ({"weights": [140, -40]}, "must not be negative"),
        ({"type": "Random"}, "type is Equal, Custom or InverseVolatility"),
        ({"type": ["Equal"]}, "type is Equal, Custom or InverseVolatility"),
        ({"type": "InverseVolatility"}, "inverse_volatility_window must be a number"),
        ({"incantations": "SPY"}, "incantations must be a list"),
    ],
)
def test_weights_that_mean_nothing_are_refused(fields: Block, says: str) -> None:
    refused(spell(weighted(SPY, TLT, **{"type": "Custom", **fields})), says, "incantation")


def test_inverse_volatility_keeps_its_window() -> None:
    block = weighted(SPY, TLT, type="InverseVolatility", inverse_volatility_window=15)
    assert tree(block) is inverse_vol("SPY", "TLT", window=15)


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({}, top("SPY", "TLT", n=1, by=cumulative_return(each, 20))),
        ({"bottom": True, "count": "2"}, bottom("SPY", "TLT", n=2, by=cumulative_return(each, 20))),
        (
            {"weight_type": "InverseVolatility", "inverse_volatility_window": 9},
            top("SPY", "TLT", n=1, by=cumulative_return(each, 20), weighting=Weighting("inverse_vol", window=9)),
        ),
        (
            {"weight_type": "Custom", "weights": [70, 30], "count": 2},
            top("SPY", "TLT", n=2, by=cumulative_return(each, 20), weighting=Weighting("fixed", shares=(0.7, 0.3))),
        ),
    ],
)
def test_filters_rank_cut_and_weigh(fields: Block, means: Any) -> None:
    assert tree(filtered(SPY, TLT, **fields)) is means


def test_a_filter_that_cannot_be_said_is_refused() -> None:
    block = filtered(SPY, TLT, weight_type="Custom", weights=[60, 40], count=1)
    refused(spell(block), "1 children need a list of as many weights", "incantation")
    refused(spell(filtered(SPY, count=None)), "count must be a number", "incantation")


def test_a_mix_is_a_blend() -> None:
    block = {
        "incantation_type": "Mixed",
        "indicator": {"type": "Volatility", "window": 20},
        "ticker_symbol": 'Subspell "From"',
        "from_value": 3,
        "to_value": "1",
        "from_incantation": SPY,
        "to_incantation": TLT,
    }
    assert tree(block) is blend(stdev_return(branch("from"), 20), "SPY", "TLT", begin=3, end=1)
    refused(spell({**block, "to_value": 3}), "begin and end must differ", "incantation")


def test_enter_and_exit_is_a_latch() -> None:
    block = {
        "incantation_type": "EnterExit",
        "enter_condition": HOT,
        "exit_condition": asked(lh_ticker_symbol='Subspell "Enter"'),
        "enter_incantation": SPY,
        "exit_incantation": TLT,
    }
    assert tree(block) is latch(enter=hot, exit=rsi(branch("on"), 10) > 79, on="SPY", off="TLT")


def test_a_switch_counts_from_all_to_none() -> None:
    hotter = rsi("QQQ", 10) > 90
    block = {"incantation_type": "Switch", "conditions": [HOT, asked(rh_value=90)]}
    cases = [ticker("BIL"), SPY, TLT]
    assert tree({**block, "incantations": cases}) is Switch(
        "ladder", (hot, hotter), (Asset("TLT"), Asset("SPY"), Asset("BIL"))
    )
    fewer = {**block, "incantations": cases[:2]}
    assert tree(fewer) is Switch("ladder", (hot, hotter), (Asset("SPY"), Asset("SPY"), Asset("BIL")))
    assert "repaired" in {status for status, _ in notes(spell(fewer))}
    more = {**block, "incantations": [*cases, SPY]}
    assert tree(more) is tree({**block, "incantations": cases})
    assert "dropped" in {status for status, _ in notes(spell(more))}


def test_an_unknown_incantation_or_key_is_told() -> None:
    refused(spell({"incantation_type": "Charm"}), "there is no incantation_type 'Charm'", "incantation")
    refused(spell(weighted(SPY, 5)), "an incantation is a map", "incantation.incantations[1]")
    assert notes(spell(ticker("SPY", leverage=3))) == [
        ("dropped", "key 'leverage': not known here, it may have a meaning")
    ]
