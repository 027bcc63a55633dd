"""How expressions move with the level of prices."""

from __future__ import annotations

import pytest

from sbc_lab.engine.strategy import (
    Expression,
    equal,
    formula,
    lag,
    log,
    macd,
    named,
    percentile,
    price,
    ratio,
    rolling_change,
    rolling_stdev,
    rsi,
    sma,
    sqrt,
)
from sbc_lab.engine.strategy.scale import price_powers

P, Q = price("SPY"), price("QQQ")


@pytest.mark.parametrize(
    ("term", "powers"),
    [
        (P, {"SPY": 1.0}),
        (rsi("SPY", 5), {}),
        (price(ratio("SPY", "QQQ")), {}),
        (price(equal("SPY", "QQQ")), {}),
        (P / sma("SPY", 5), {}),
        (P / Q, {"SPY": 1.0, "QQQ": -1.0}),
        (P * P, {"SPY": 2.0}),
        (P - sma("SPY", 5), {"SPY": 1.0}),
        (P - Q, None),
        (P - 100, None),
        (-P, {"SPY": 1.0}),
        ((P - sma("SPY", 5)) / rolling_stdev(P, 5), {}),
        (formula("(close - sma(close, 20)) / stdev(close, 20)")("SPY"), {}),
        (lag(named("x", P), 3), {"SPY": 1.0}),
        (rolling_change(P, 3), {}),
        (percentile(P, 3), {}),
        (abs(P) % P, {"SPY": 1.0}),
        (sqrt(P), {"SPY": 0.5}),
        (sqrt(P) ** 2, {"SPY": 1.0}),
        (P**0, {}),
        (P**Q, None),
        (log(P), None),
        (log(P / lag(P, 1)), {}),
        (log(P) / log(Q), None),
        (macd("SPY") / P, {}),
        (formula("sign(close - open)")("SPY"), {}),
    ],
)
def test_the_power_of_each_tickers_price(term: Expression, powers: dict[str, float] | None) -> None:
    assert price_powers(term) == powers


def test_a_deep_expression_is_walked_without_recursion() -> None:
    term: Expression = P
    for _ in range(5_000):
        term = term + P
    assert price_powers(term) == {"SPY": 1.0}
