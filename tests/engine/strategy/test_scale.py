"""Which power of the scale of prices an expression takes on; what it means for decisions is tested with `lint`."""

from __future__ import annotations

import pytest

from sbc_lab.engine.strategy import (
    Expression,
    Ticker,
    constant,
    equal,
    formula,
    lag,
    log,
    macd,
    named,
    nav,
    percentile,
    price,
    ratio,
    rolling_change,
    rolling_stdev,
    rsi,
    sma,
    smaller,
    sqrt,
    stdev_price,
)
from sbc_lab.engine.strategy.scale import Scale, scale_of

A, B = price("A"), price("B")


@pytest.mark.parametrize(
    ("expression", "power"),
    [
        (A, 1),
        (sma("A", 5) - B, 1),
        (-macd("A"), 1),
        (lag(stdev_price("A", 5), 2) * 3, 1),
        (A * B, 2),
        (A / B, 0),
        (1 / A, -1),
        (price(ratio("A", "B")), 0),
        (sma(nav(equal("A", "B")), 5), 0),
        (rsi("A", 5), 0),
        (A + 1, None),
        ((A + 1) * B, None),
        (percentile(A, 5), 0),
        (percentile(A + 1, 5), None),
        (A + 0, 1),
        (constant(2) * 3, 0),
        ((A - sma("A", 5)) / rolling_stdev(A, 5), 0),
        (formula("(close - sma(close, 20)) / stdev(close, 20)")("A"), 0),
        (lag(named("x", A), 3), 1),
        (rolling_change(A, 3), 0),
        (rolling_change(A + 1, 3), None),
        (abs(A) % B, 1),
        (smaller(A, B), 1),
        (smaller(A, constant(7)), None),
        (sqrt(A), 0.5),
        (sqrt(A) ** 2, 1),
        (A**0, 0),
        (A**B, None),
        (log(A), None),
        (log(A / lag(A, 1)), 0),
        (macd("A") / A, 0),
        (formula("sign(close - open)")("A"), 0),
    ],
    ids=repr,
)
def test_the_power_of_an_expression(expression: Expression, power: int | None) -> None:
    assert scale_of(expression).power == power


def test_nothing_is_of_every_kind() -> None:
    assert scale_of((A + 1) * 0) == Scale(0, 0.0)
    assert scale_of(A * 0).like(scale_of(B))
    assert not scale_of(A + 1).like(scale_of(constant(0)))


def test_a_line_of_prices_is_a_price_and_a_nav_is_none() -> None:
    assert scale_of(Ticker("A")) == Scale(1)
    assert scale_of(nav(equal("A", "B"))) == Scale(0)


def test_a_deep_expression_is_walked_without_recursion() -> None:
    term: Expression = A
    for _ in range(5_000):
        term = term + A
    assert scale_of(term).power == 1
