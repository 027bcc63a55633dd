"""Laws of NAVs, and of what `each`, `branch` and `nav` mean."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.reference.evaluation import Evaluation
from sbc_lab.engine.settings import Settings, StartPolicy
from sbc_lab.engine.strategy import (
    Asset,
    Indicator,
    Node,
    branch,
    cash,
    constant,
    cumulative_return,
    equal,
    group,
    lag,
    nav,
    price,
    ratio,
    sma,
    when,
)
from sbc_lab.engine.strategy.terms import Branch, Nav
from tests.engine.reference.hand import NAN, panel

PRICES = panel(A=[100, 110, 99, 108.9], B=[50, 50, 60, 60], LATE=[NAN, NAN, 10, 20])


def nav_of(node: Node | str, policy: StartPolicy = "conditions") -> list[float]:
    root = when(price(nav(node)) > 0).then("A").otherwise(node)
    evaluation = Evaluation(root, PRICES, Settings(start_policy=policy))
    return list(evaluation.reader.nav(root.otherwise))


def value(indicator: Indicator, *children: Node | str) -> list[float]:
    """Values of an indicator that a node with these children reads."""
    root = when(indicator > 0).then(children[0] if children else "A").otherwise("B")
    evaluation = Evaluation(root, PRICES, Settings())
    return list(evaluation.reader.answers((indicator,), evaluation.reader.branches(root)).values[indicator])


def same(found: list[float], expected: list[float]) -> bool:
    return bool(np.allclose(found, expected, rtol=1e-14, atol=0.0, equal_nan=True))


def test_a_nav_is_rebalanced_daily_without_costs() -> None:
    # halves: +10 % and 0, -10 % and +20 %, +10 % and 0
    assert same(nav_of(equal("A", "B")), [1.0, 1.05, 1.05 * 1.05, 1.05 * 1.05 * 1.05])


def test_a_nav_earns_what_was_decided_the_bar_before() -> None:
    node = when(cumulative_return("A", 1) > 0).then("A").otherwise("B")
    # known from bar 1: A over bar 2 (-10 %), B over bar 3 (0)
    assert same(nav_of(node), [NAN, 1.0, 0.9, 0.9])


def test_the_nav_of_cash_is_one_from_the_first_bar() -> None:
    assert nav_of(cash()) == [1.0, 1.0, 1.0, 1.0]


def test_a_nav_begins_with_the_first_ticker_or_with_all_of_them() -> None:
    node = equal("LATE", when(price("B") > 1).then("A").otherwise("B"))
    assert same(nav_of(node), [1.0, 1.1, 0.99, 0.99 * 1.55])
    assert same(nav_of(node, "all_assets"), [NAN, NAN, 1.0, 1.55])
    assert same(nav_of(equal("LATE", cash())), [NAN, NAN, 1.0, 2.0])


def test_a_nav_earns_nothing_where_a_price_is_missing() -> None:
    prices = panel(A=[100, 200, NAN, 50, 100])
    root = when(price(nav(equal("A", cash()))) > 0).then(equal("A", cash())).otherwise("A")
    evaluation = Evaluation(root, prices, Settings())
    # A one-child weight would be the ticker itself; beside cash it is a NAV, fully in A.
    assert evaluation.reader.nav(root.then).tolist() == [1.0, 2.0, 2.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "child",
    [
        "A",
        group("g", equal("A")),
        when(constant(1) > 0).then("A").otherwise("LATE"),
        equal(group("g", when(constant(1) < 0).then(cash()).otherwise("A"))),
    ],
)
def test_a_branch_that_is_always_one_ticker_is_its_prices(child: Node | str) -> None:
    assert value(price(Branch("then")), child) == PRICES.close[0].tolist()


def test_any_other_branch_is_its_nav() -> None:
    assert same(value(price(branch("then")), equal("A", cash())), [1.0, 1.1, 0.99, 1.089])


def test_a_branch_belongs_to_the_node_that_owns_the_question() -> None:
    inner = when(price(branch("then")) > 55).then("B").otherwise("A")  # its own `then` is B, not the outer one
    root = when(price(nav(inner)) > price(branch("then"))).then("A").otherwise("B")
    evaluation = Evaluation(root, PRICES, Settings())
    assert evaluation.reader.allocations.keys() == {root}
    assert same(evaluation.reader.nav(inner).tolist(), [1.0, 1.1, 0.99, 0.99])


def test_the_nav_of_one_ticker_is_its_prices_except_for_price_levels() -> None:
    late = Nav(equal("LATE"))
    assert same(value(price(late)), [NAN, NAN, 1.0, 2.0])
    assert same(value(sma(late, 2)), [NAN, NAN, NAN, 1.5])
    assert same(value(cumulative_return(Nav(Asset("A")), 1)), [NAN, 10.0, -10.0, 10.0])


def test_a_ratio_is_missing_where_either_side_is() -> None:
    assert same(value(price(ratio("A", "LATE"))), [NAN, NAN, 9.9, 5.445])


def test_a_comparison_waits_for_both_sides_and_for_the_dates_it_looks_at() -> None:
    def wait(condition_days: int, crossing: bool) -> tuple[int, str]:
        left, right = sma("A", 2), lag(price("B"), 1)
        condition = left.crosses_above(right) if crossing else left > right
        root = when(condition.for_days(condition_days)).then("A").otherwise("B")
        found = Evaluation(root, PRICES, Settings()).outcome.wait
        return found.bar, found.says()

    assert wait(1, False) == (1, "sma('A', 2)")
    assert wait(1, True)[0] == 2
    assert wait(3, False) == (3, "sma('A', 2)")
    assert wait(3, True)[0] == 4
