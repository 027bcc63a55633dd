"""Findings of the tree alone: a level is found where multiplying all prices changes a decision, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.lint import lint
from sbc_lab.engine.strategy import (
    Condition,
    Node,
    Strategy,
    atr_percent,
    axis,
    blend,
    bollinger_percent_b,
    branch,
    cash,
    constant,
    cumulative_return,
    each,
    equal,
    group,
    lag,
    latch,
    macd,
    nav,
    percentile,
    price,
    ratio,
    rsi,
    sma,
    stdev_price,
    switch,
    top,
    when,
)
from sbc_lab.errors import StrategyError
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("A", "B"), days=120, seed=3)
FIRST = float(CANDLES["close"].sel(ticker="A").isel(date=60))
A, B = price("A"), price("B")


def kinds(tree: Node) -> list[str]:
    return [found.kind for found in lint(Strategy("Try", tree))]


GENTLE, WIDE = (0.125, 0.5, 2.0, 8.0), (2.0**-20, 0.25, 0.5, 2.0, 4.0, 2.0**20)
"""Scores and percentiles tie at nine decimals, so that nothing is compared at a scale that leaves none."""


def changes(tree: Node, scales: tuple[float, ...]) -> bool:
    """Whether any of these scales of all prices changes a target."""
    plain = backtest(Strategy("Try", tree), CANDLES)
    scaled = (backtest(Strategy("Try", tree), CANDLES * scale) for scale in scales)
    return any(not np.array_equal(plain.target.values, other.target.values) for other in scaled)


LEVELS = [
    A > FIRST,
    A * 2 > 2 * FIRST,
    constant(FIRST) < A,
    lag(A, 1) > FIRST,
    A - sma("A", 10) > 1.0,
    price(branch("then")) > FIRST,
    A + 1 > B,
    A * B > 100 * B,
    A * B > FIRST * FIRST,
    1 / A > 1 / FIRST,
    stdev_price("A", 10) > 1.0,
    macd("A") > 0.5,
    rsi("A", 10) < A,
    price(ratio("A", "B")) < A / 2,
    sma("A", 5) > price(equal("A", "B")),
    (A + 40) / sma("A", 20) > 1.5,
    percentile(A + 100 * (rsi("B", 5) - 50), 10) > 50,
    A.crosses_above(FIRST),
]
STEADY = [
    A > B,
    A > 2 * B,
    A - B > 0,
    A - sma("A", 10) > 0,
    A / sma("A", 10) > 1.01,
    B * sma("A", 3) < A * A,
    stdev_price("A", 10) / A > 0.02,
    macd("A") > 0,
    -macd("A") > 0,
    price(ratio("A", "B")) > 1.0,
    sma(ratio("A", "B"), 5) > 1.0,
    price(equal("A", "B")) > 1.0,
    price(nav(group("box", "A"))) > 1.01,
    percentile(A, 10) > 50,
    percentile(A * B, 10) > 50,
    (A - B) * 0 + 1 > 0,
    A * (constant(2) - 2) + 5 > rsi("A", 5) / 10,
    rsi("A", 10) > 50,
    bollinger_percent_b("A", 10) > 0.5,
    atr_percent("A", 10) > 1,
    A.crosses_above(sma("A", 10)),
]


@pytest.mark.parametrize("condition", LEVELS, ids=repr)
def test_a_level_is_found_where_the_scale_of_prices_decides(condition: Condition) -> None:
    tree = when(condition).then("A").otherwise(cash())
    assert kinds(tree) == ["level"]
    assert changes(tree, WIDE)


@pytest.mark.parametrize("condition", STEADY, ids=repr)
def test_no_level_is_found_where_it_does_not(condition: Condition) -> None:
    tree = when(condition).then("A").otherwise(cash())
    assert kinds(tree) == []
    assert not changes(tree, GENTLE)


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        (blend(A, "A", "B", begin=FIRST, end=FIRST + 20), True),
        (blend(A / B, "A", "B", begin=0, end=2), False),
        (top("A", "B", n=1, by=price(each)), False),
        (top("A", equal("A", "B"), n=1, by=price(each)), True),
        (top("A", "B", n=1, by=sma(each, 5) + rsi(each, 5)), True),
        (top("A", equal("A", "B"), n=1, by=rsi(each, 5)), False),
        (switch([A > FIRST, A > B], ["A", "B"], rule="any"), True),
        (latch(enter=A > FIRST, exit=B > A, on="A", off="B"), True),
        (when(cumulative_return(when(A > FIRST).then("A").otherwise("B"), 3) > 0).then("A").otherwise("B"), True),
    ],
    ids=lambda value: value.kind if isinstance(value, Node) else "",
)
def test_blends_filters_and_navs_are_looked_at_too(tree: Node, found: bool) -> None:
    assert ("level" in kinds(tree)) is found
    assert changes(tree, WIDE if found else GENTLE) is found


def test_messages_say_what_is_compared() -> None:
    (found,) = lint(Strategy("Try", when(A > 400).then("A").otherwise("B")))
    assert str(found).startswith("`price('A') > 400` compares dollars with a fixed number: adjusted prices of the past")
    (found,) = lint(Strategy("Try", when(rsi("A", 10) < A).then("A").otherwise("B")))
    assert "compares numbers that do not change alike with the prices" in str(found)


def test_a_choice_of_constants_and_idle_cash_are_found() -> None:
    dead = when(constant(1) > 2).then("A").otherwise(equal("B", cash()))
    found = lint(Strategy("Try", dead))
    assert [finding.kind for finding in found] == ["cash", "constant"]
    assert str(found[1]) == ("`if constant(1) > 2` is the same on every date: only its branch 'else' can ever be taken")
    # A level below a branch that is never taken decides nothing.
    assert kinds(when(constant(1) > 2).then(when(A > 400).then("A").otherwise("B")).otherwise("B")) == ["constant"]


def test_what_is_no_strategy_and_open_axes_are_refused() -> None:
    with pytest.raises(StrategyError, match="lint takes a Strategy"):
        lint("SPY")  # type: ignore[arg-type]  # what is refused
    with pytest.raises(StrategyError, match="open axes"):
        lint(Strategy("Try", when(rsi("A", axis("n", [2, 3])) > 50).then("A").otherwise("B")))


def test_a_deep_expression_is_looked_at_without_recursion() -> None:
    expression = A
    for _ in range(5_000):
        expression = expression + B  # type: ignore[assignment]  # a sum of a sum
    assert kinds(when(expression > 1).then("A").otherwise("B")) == ["level"]
    assert kinds(when(expression > A).then("A").otherwise("B")) == []
