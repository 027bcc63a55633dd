"""The words a researcher types build exactly the terms they say."""

from __future__ import annotations

import pytest

import sbc_lab.engine.strategy as room
from sbc_lab.engine.strategy import (
    Asset,
    Blend,
    Call,
    Cash,
    Filter,
    Group,
    If,
    Latch,
    Switch,
    Weight,
    Weighting,
    blend,
    bottom,
    call,
    cash,
    each,
    equal,
    group,
    inverse_vol,
    latch,
    rsi,
    switch,
    top,
    vol,
    weighted,
    when,
)
from sbc_lab.errors import StrategyError

HOT, COLD = rsi("SPY") > 70, rsi("SPY") < 30
A, B, C = Asset("SPY"), Asset("TLT"), Asset("GLD")


def test_every_public_name_exists_once() -> None:
    assert len(set(room.__all__)) == len(room.__all__)
    for name in room.__all__:
        assert hasattr(room, name), name


def test_weights() -> None:
    assert equal("SPY", "TLT") is Weight(Weighting("equal"), (A, B))
    assert weighted(("SPY", 0.6), (B, 0.4)) is Weight(Weighting("fixed", shares=(0.6, 0.4)), (A, B))
    assert inverse_vol("SPY", "TLT", window=20) is Weight(Weighting("inverse_vol", window=20), (A, B))
    assert vol("SPY", window=20, cap=0.5) is Weight(Weighting("vol", window=20, cap=0.5), (A,))
    assert equal("SPY", floor=0.1, fallback="TLT") is Weight(Weighting("equal", floor=0.1, fallback=B), (A,))


def test_boxes_and_leaves() -> None:
    assert group("Core", "SPY") is Group("Core", A)
    assert cash() is Cash()
    assert call("hot", version="0123abcd") is Call("hot", "0123abcd")


def test_branches() -> None:
    assert when(HOT).then("SPY").otherwise("TLT") is If(HOT, A, B)
    assert when(HOT).then("SPY").when(COLD).then("TLT").otherwise("GLD") is If(HOT, A, If(COLD, B, C))


def test_filters_switches_blends_and_latches() -> None:
    assert top("SPY", "TLT", n=1, by=rsi(each)) is Filter("top", 1, rsi(each), Weighting("equal"), (A, B))
    assert bottom("SPY", n=1, by=rsi(each), weighting="equal") is Filter(
        "bottom", 1, rsi(each), Weighting("equal"), (A,)
    )
    assert switch([HOT], ["SPY", "TLT"]) is Switch("ladder", (HOT,), (A, B))
    assert switch([HOT], ["SPY", "TLT"], rule="exactly", count=1) is Switch("exactly", (HOT,), (A, B), 1)
    assert blend(rsi("SPY"), "SPY", "TLT", begin=30, end=70) is Blend(rsi("SPY"), 30.0, 70.0, A, B)
    assert latch(enter=HOT, exit=COLD, on="SPY", off="TLT") is Latch(HOT, COLD, A, B)


def test_an_indicator_without_a_series_is_of_each() -> None:
    assert rsi() is rsi(each, 14)


def test_weights_that_add_to_more_than_one_name_their_children() -> None:
    with pytest.raises(StrategyError) as caught:
        weighted(("SPY", 0.6), ("TLT", 0.5))
    assert str(caught.value) == "weights must add up to 1, these add up to 1.1: SPY=0.6, TLT=0.5"


def test_shares_in_percent_are_told_how_to_write_them() -> None:
    with pytest.raises(StrategyError, match=r"add up to 100: SPY=60, TLT=40; a share is a fraction, 60 % is 0\.6$"):
        weighted(("SPY", 60), ("TLT", 40))


def test_a_branch_that_is_not_finished_says_what_is_left_to_type() -> None:
    with pytest.raises(StrategyError, match=r"add \.then\(…\)\.otherwise\(…\)"):
        equal("SPY", when(HOT))  # type: ignore[arg-type]  # the mistake that is tested
    with pytest.raises(StrategyError, match=r"add \.otherwise\(…\)"):
        equal("SPY", when(HOT).then("TLT"))  # type: ignore[arg-type]  # the mistake that is tested


def test_shares_may_miss_one_by_float_noise_only() -> None:
    third = 1 / 3
    assert weighted(("SPY", third), ("TLT", third), ("GLD", third)).weighting.shares == (third, third, third)
    with pytest.raises(StrategyError, match=r"add up to 0\.99999999"):
        weighted(("SPY", 0.5), ("TLT", 0.49999999))


@pytest.mark.parametrize("pair", ["SPY", ("SPY",), ("SPY", 1, 2), 0.5, None])
def test_weighted_takes_pairs(pair: tuple[str, float]) -> None:
    with pytest.raises(StrategyError, match="give pairs such as"):
        weighted(pair)


@pytest.mark.parametrize("share", ["half", None, True, float("nan")])
def test_a_share_is_a_number(share: float) -> None:
    with pytest.raises(StrategyError, match="a share must be"):
        weighted(("SPY", share))


def test_an_empty_tree_says_what_to_type() -> None:
    with pytest.raises(StrategyError, match=r"at least one child; for nothing held type cash\(\)"):
        equal()
    with pytest.raises(StrategyError, match=r"fixed: give at least one child"):
        weighted()


def test_an_unfinished_branch_says_what_is_missing() -> None:
    with pytest.raises(StrategyError, match=r"is not finished; add \.otherwise"):
        equal(when(HOT).then("SPY"))  # type: ignore[arg-type]  # that is the point


def test_a_condition_that_python_decided_is_refused() -> None:
    with pytest.raises(StrategyError, match="no == here"):
        when(rsi("SPY") == 70)  # type: ignore[arg-type, comparison-overlap]  # that is the point


def test_ten_thousand_children_and_else_ifs() -> None:
    assert len(equal(*(f"T{number}" for number in range(10_000))).members) == 10_000
    chain = when(HOT).then("SPY")
    for level in range(5_000):
        chain = chain.when(rsi("SPY") > level).then("TLT")
    assert isinstance(chain.otherwise("GLD"), If)
