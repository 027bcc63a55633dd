"""Series and expressions: what they take, what they refuse, and what arithmetic builds."""

from __future__ import annotations

import pytest

from sbc_lab.engine.strategy import (
    Arithmetic,
    Branch,
    Constant,
    Lag,
    Nav,
    Percentile,
    Ratio,
    Ticker,
    axis,
    branch,
    constant,
    each,
    equal,
    lag,
    nav,
    percentile,
    price,
    ratio,
    rsi,
)
from sbc_lab.errors import StrategyError

SPY = price("SPY")


def test_a_text_is_a_ticker_or_a_ratio_and_a_node_is_its_nav() -> None:
    assert rsi("SPY").series is Ticker("SPY")
    assert rsi("SPY/TLT").series is Ratio("SPY", "TLT")
    assert rsi(equal("SPY", "TLT")).series is Nav(equal("SPY", "TLT"))
    assert rsi(each).series is each
    assert ratio("SPY", "TLT") is Ratio("SPY", "TLT")
    assert nav("SPY") is Nav("SPY")  # type: ignore[arg-type]  # a ticker becomes a node there


@pytest.mark.parametrize(
    ("symbol", "word"),
    [
        ("spy", "type 'SPY'"),
        ("", "1 to 24"),
        ("A" * 25, "1 to 24"),
        ("SPY;DROP", "1 to 24"),
        ("<B>", "1 to 24"),
        ("SPY\n/TLT", "type 'SPY'"),
        (" SPY", "type 'SPY'"),
        ("/TLT", "1 to 24"),
        ("SPY/", "1 to 24"),
        (5, "a series is a ticker"),
        (None, "a series is a ticker"),
    ],
)
def test_what_is_no_series_is_refused(symbol: str, word: str) -> None:
    with pytest.raises(StrategyError, match=word):
        price(symbol)


@pytest.mark.parametrize("symbol", ["SPY", "BRK.B", "^GSPC", "BTC-USD", "ES=F", "0700.HK", "A"])
def test_the_symbols_of_the_markets_are_tickers(symbol: str) -> None:
    assert Ticker(symbol).symbol == symbol


@pytest.mark.parametrize("which", ["then", "otherwise", "from", "to", "on", "off", 0, 3])
def test_a_branch_has_a_word_or_a_number(which: str | int) -> None:
    assert branch(which) is Branch(which)


@pytest.mark.parametrize("which", ["else", "", -1, 1.5, True, None])
def test_any_other_branch_is_refused(which: str) -> None:
    with pytest.raises(StrategyError, match="branch"):
        branch(which)


def test_arithmetic_takes_numbers_on_both_sides() -> None:
    assert SPY + 1 is Arithmetic("+", SPY, Constant(1.0))
    assert 1 + SPY is Arithmetic("+", Constant(1.0), SPY)
    assert SPY - 1 is Arithmetic("-", SPY, Constant(1.0))
    assert 1 - SPY is Arithmetic("-", Constant(1.0), SPY)
    assert SPY * 2 is Arithmetic("*", SPY, Constant(2.0))
    assert 2 * SPY is Arithmetic("*", Constant(2.0), SPY)
    assert SPY / 2 is Arithmetic("/", SPY, Constant(2.0))
    assert 2 / SPY is Arithmetic("/", Constant(2.0), SPY)
    assert -SPY is Arithmetic("-", Constant(0.0), SPY)


def test_minus_zero_is_zero() -> None:
    assert constant(-0.0) is constant(0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, "5", None, True, []])
def test_a_constant_is_finite(value: float) -> None:
    with pytest.raises(StrategyError):
        Constant(value)


@pytest.mark.parametrize("other", ["SPY", True, None, SPY > 3, [1]])
def test_arithmetic_with_anything_else_is_refused(other: object) -> None:
    with pytest.raises(StrategyError):
        _ = SPY + other


def test_a_ticker_alone_says_what_to_type() -> None:
    with pytest.raises(StrategyError, match=r"type price\('TLT'\)"):
        _ = SPY > "TLT"


def test_an_expression_has_no_truth() -> None:
    with pytest.raises(StrategyError, match=r"compare it, for example `price\('SPY'\) > 50`"):
        bool(SPY)


def test_an_unknown_operator_is_refused() -> None:
    with pytest.raises(StrategyError, match=r"one of \+ - \* /"):
        Arithmetic("%", SPY, SPY)  # type: ignore[arg-type]  # that is the point


def test_percentile_and_lag_have_bounds() -> None:
    assert percentile(SPY, 20) is Percentile(SPY, 20)
    assert lag(SPY, 0) is Lag(SPY, 0)
    for make in (lambda: percentile(SPY, 1), lambda: lag(SPY, -1), lambda: lag(SPY, 5_001), lambda: lag(SPY, 1.5)):  # type: ignore[arg-type]  # that is the point
        with pytest.raises(StrategyError, match="whole number"):
            make()


def test_a_parameter_is_read_by_its_name() -> None:
    assert rsi("SPY", 10).window == 10
    with pytest.raises(AttributeError):
        _ = rsi("SPY", 10).period


def test_every_point_of_an_axis_is_checked() -> None:
    with pytest.raises(StrategyError, match="window must be"):
        rsi("SPY", axis("n", [5, 0]))
    with pytest.raises(StrategyError, match="whole number"):
        lag(SPY, axis("k", [1, 2.5]))
