"""Nodes: what each takes, what each refuses, and which branches a condition may name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    Strategy,
    Switch,
    Weight,
    Weighting,
    axis,
    branch,
    each,
    equal,
    rsi,
    threshold,
)
from sbc_lab.errors import StrategyError, UnknownNameError

HOT = rsi("SPY") > 70
EQUAL = Weighting("equal")
A, B = Asset("SPY"), Asset("TLT")


# The mistakes below are also mistakes of type, which is what they are about.
ANY: Any = room


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: ANY.Asset("spy"), "type 'SPY'"),
        (lambda: ANY.Asset("SPY/TLT"), "which can be compared but not held"),
        (lambda: ANY.Asset("SPY", title="x" * 501), "may have 500 characters, got 501"),
        (lambda: ANY.Asset("SPY", title="\x00"), "control characters"),
        (lambda: ANY.Asset("SPY", title="\ud800"), "half a character"),
        (lambda: ANY.Asset("SPY", title=5), "must be a text"),
        (lambda: ANY.Asset("SPY", folded=1), "True or False"),
        (lambda: ANY.Weighting("evenly"), "one of equal, fixed, inverse_vol, vol, got 'evenly'"),
        (lambda: ANY.Weighting("equal", shares=(1.0,)), "shares belong to mode 'fixed'"),
        (lambda: ANY.Weighting("fixed", shares=(0.5, 0.6)), "weights must add up to 1, these add up to 1.1: 0.5, 0.6"),
        (lambda: ANY.Weighting("fixed", shares=(1.5, -0.5)), "above 0, got -0.5"),
        (lambda: ANY.Weighting("fixed", shares=(1.0, 0.0)), "above 0, got 0"),
        (lambda: ANY.Weighting("inverse_vol"), "say the window"),
        (lambda: ANY.Weighting("inverse_vol", window=1), "from 2 to 5000, got 1"),
        (lambda: ANY.Weighting("equal", window=20), "a window belongs to"),
        (lambda: ANY.Weighting("equal", floor=0.5, cap=0.4), "0 <= floor <= cap <= 1"),
        (lambda: ANY.Weighting("equal", cap=0.0), "cap > 0"),
        (lambda: ANY.Weighting("equal", cap=1.5), "from 0 to 1, got 1.5"),
        (lambda: ANY.Weight(EQUAL, ()), "at least one child"),
        (lambda: ANY.Weight(EQUAL, "SPY"), "give children"),
        (lambda: ANY.Weight(EQUAL, (None,)), "for nothing held type cash"),
        (lambda: ANY.Weight(Weighting("fixed", shares=(1.0,)), (A, B)), "2 children need as many shares, got 1"),
        (lambda: ANY.Weight(5, (A,)), "a weighting such as"),
        (lambda: ANY.Group("Core", None), "group\\('Core'\\): a node is needed"),
        (lambda: ANY.Group("a\x07", A), "control characters"),
        (lambda: ANY.If(True, A, B), "no == here"),
        (lambda: ANY.If(HOT, A, 5), "otherwise: a node or a ticker"),
        (lambda: ANY.Switch("most", (HOT,), (A, B)), "the rule is one of"),
        (lambda: ANY.Switch("ladder", (), (A,)), "at least one condition"),
        (lambda: ANY.Switch("ladder", (HOT,), (A,)), "1 conditions need 2 branches, got 1"),
        (lambda: ANY.Switch("any", (HOT, HOT), (A, B, A)), "need 2 branches, got 3"),
        (lambda: ANY.Switch("exactly", (HOT,), (A, B)), "count must be"),
        (lambda: ANY.Switch("exactly", (HOT,), (A, B), 2), "from 0 to 1, got 2"),
        (lambda: ANY.Switch("any", (HOT,), (A, B), 1), "a count belongs to"),
        (lambda: ANY.Filter("best", 1, rsi(each), EQUAL, (A,)), "'top' or 'bottom', got 'best'"),
        (lambda: ANY.Filter("top", 0, rsi(each), EQUAL, (A,)), "n must be a whole number"),
        (lambda: ANY.Filter("top", 1, rsi("SPY"), EQUAL, (A,)), "rank by something of each child"),
        (
            lambda: ANY.Filter("top", 2, rsi(each), Weighting("fixed", shares=(1.0,)), (A, B)),
            "n=2 ranks need as many shares",
        ),
        (lambda: ANY.Filter("top", 1, rsi(each), EQUAL, ()), "at least one child"),
        (lambda: ANY.Blend(rsi("SPY"), 30, 30, A, B), "begin and end must differ"),
        (lambda: ANY.Blend(rsi("SPY"), float("nan"), 30, A, B), "finite number"),
        (lambda: ANY.Latch(HOT, 5, A, B), "latch exit"),
        (lambda: ANY.Call(""), "must not be empty"),
        (lambda: ANY.Call("hot", "newest"), "'latest' or a fingerprint"),
        (lambda: ANY.Call("hot", "abc"), "8 to 64 of its first hexadecimal digits, got 'abc'"),
        (lambda: ANY.If(rsi(each) > 3, A, B), "here there is none"),
        (lambda: ANY.If(rsi(branch("on")) > 3, A, B), "no branch\\('on'\\) here; its branches: 'then', 'otherwise'"),
        (lambda: ANY.Switch("ladder", (rsi(branch(5)) > 3,), (A, B)), "no branch\\(5\\) here"),
        (lambda: ANY.Strategy("", A), "must not be empty"),
        (lambda: ANY.Strategy("  ", A), "must not be empty"),
        (lambda: ANY.Strategy("X", None), "for nothing held type cash"),
        (lambda: ANY.Strategy("X", A, rebalance=5), "rebalance is a rule"),
        (lambda: ANY.Rebalance("threshold"), "say the width"),
        (lambda: ANY.Rebalance("daily", 0.1), "a width belongs to"),
        (lambda: threshold(1.5), "from 0 to 1"),
    ],
)
def test_what_cannot_mean_anything_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(StrategyError, match=sentence):
        make()


def test_an_unknown_rebalance_rule_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="nearest first: daily"):
        Strategy("X", A, rebalance="dayly")  # type: ignore[arg-type]  # that is the point


def test_children_come_in_the_order_in_which_they_are_written() -> None:
    assert equal(A, B).children == (A, B)
    assert Group("x", A).children == (A,)
    assert If(HOT, A, B).children == (A, B)
    assert Switch("any", (HOT,), (A, B)).children == (A, B)
    assert Filter("top", 1, rsi(each), EQUAL, (B, A)).children == (B, A)
    assert Blend(rsi("SPY"), 1, 2, A, B).children == (A, B)
    assert Latch(HOT, HOT, A, B).children == (A, B)
    assert A.children == Cash().children == Call("hot").children == ()


@pytest.mark.parametrize(
    ("node", "names"),
    [
        (If(HOT, A, B), ["then", "otherwise"]),
        (Switch("any", (HOT,), (A, B)), [0, 1, "then", "otherwise"]),
        (Switch("ladder", (HOT,), (A, B)), [0, 1]),
        (Blend(rsi("SPY"), 1, 2, A, B), ["from", "to"]),
        (Latch(HOT, HOT, A, B), ["on", "off"]),
        (equal(A), []),
    ],
)
def test_a_condition_may_name_the_branches_of_its_node(node: Weight, names: list[str | int]) -> None:
    assert list(node.branches) == names


def test_a_branch_is_closed_by_the_node_that_owns_it() -> None:
    assert If(rsi(branch("then")) > 3, A, B).free == frozenset()
    assert Filter("top", 1, rsi(each), EQUAL, (A,)).free == frozenset()


def test_two_axes_of_one_name_are_refused() -> None:
    tree = If(rsi("SPY", axis("n", [1, 2])) > axis("n", [3, 4]), A, B)
    with pytest.raises(StrategyError, match="two different axes are called 'n'"):
        Strategy("X", tree)


def test_at_puts_values_in_the_place_of_axes() -> None:
    hot = Strategy("Hot", If(rsi("SPY", axis("n", [5, 10])) > axis("limit", [60, 70]), A, B))
    assert [found.name for found in hot.axes] == ["limit", "n"]
    assert hot.at(n=5, limit=70) is Strategy("Hot", If(rsi("SPY", 5) > 70, A, B))
    assert hot.at(n=5).axes == (axis("limit", [60, 70]),)
    with pytest.raises(StrategyError, match=r"at\(n=7\): not on axis"):
        hot.at(n=7)
    with pytest.raises(UnknownNameError, match="no axis 'm'"):
        hot.at(m=7)


def test_a_strategy_knows_its_tickers_and_needs() -> None:
    strategy = Strategy("X", If(rsi("QQQ/IEF", 10) > 3, A, Filter("top", 1, rsi(each, 5), EQUAL, (A, B))))
    assert strategy.tickers == ("QQQ", "IEF", "SPY", "TLT")
    assert strategy.needs == (rsi("QQQ/IEF", 10), rsi("SPY", 5), rsi("TLT", 5))


def test_capped_says_whether_the_bounds_can_matter() -> None:
    assert not EQUAL.capped
    assert Weighting("equal", cap=0.5).capped
    assert Weighting("equal", floor=0.1).capped
    assert Weighting("equal", fallback=A).capped
