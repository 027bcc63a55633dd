"""Laws of a run's money: the rules of the settings reach the trades, and the arrays are those of the run's dates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sbc_lab.engine.compile import compile_strategy
from sbc_lab.engine.evaluate import evaluate
from sbc_lab.engine.panel import Panel
from sbc_lab.engine.settings import Settings
from sbc_lab.engine.strategy import Node, Rebalance, Strategy, equal, price, threshold, weighted, when
from sbc_lab.engine.strategy.strategy import RebalanceRule
from sbc_lab.engine.trading import Portfolio, trade
from tests.engine.reference.hand import NAN, panel

DOUBLING = panel(A=[1, 2, 4], B=[1, 1, 1])
HALVES = equal("A", "B")


def traded(root: Node, prices: Panel = DOUBLING, rule: RebalanceRule | Rebalance = "daily", **more: Any) -> Portfolio:
    program = compile_strategy(Strategy("by hand", root))
    rebalance = rule if isinstance(rule, Rebalance) else Rebalance(rule)
    settings = Settings(rebalance=rebalance, **{"cost_bps": 0.0, **more})
    return trade(evaluate(program, prices.select(program.tickers), settings))


def trades(found: Portfolio) -> list[int]:
    """Bars of the run on which anything is traded."""
    return np.flatnonzero(found.turnover > 1e-12).tolist()


def test_daily_holds_the_target_after_every_close() -> None:
    found = traded(HALVES)
    assert found.equity.tolist() == [1.0, 1.5, 2.25]
    assert found.turnover.tolist() == pytest.approx([1.0, 1 / 3, 1 / 3])
    assert found.cost.tolist() == [0.0] * 3
    assert found.allocation.tolist() == [[0.5, 0.5]] * 3


def test_none_trades_on_the_first_date_and_drifts() -> None:
    found = traded(HALVES, rule="none")
    assert found.equity.tolist() == [1.0, 1.5, 2.5]
    assert found.turnover.tolist() == [1.0, 0.0, 0.0]
    assert found.allocation[2].tolist() == pytest.approx([0.8, 0.2])


@pytest.mark.parametrize("rule", ["daily", "none"])
def test_a_basis_point_is_a_ten_thousandth_of_what_is_traded(rule: RebalanceRule) -> None:
    found = traded(equal("A"), rule=rule, cost_bps=5.0)
    assert found.cost.tolist() == pytest.approx([0.0005, 0.0, 0.0])
    assert found.equity.tolist() == pytest.approx([0.9995, 2 * 0.9995, 4 * 0.9995])


def test_the_decision_of_a_date_earns_from_its_close_on() -> None:
    prices = panel(A=[1, 2, 4, 1], B=[1, 1, 1, 1])
    found = traded(when(price("A") > 1).then("A").otherwise("B"), prices)
    # B on the first date, A from the second to the third, and down to the fourth; sold there
    assert found.equity.tolist() == [1.0, 1.0, 2.0, 0.5]
    assert found.turnover.tolist() == [1.0, 2.0, 0.0, 2.0]


def test_the_last_decision_is_made_and_charged() -> None:
    found = traded(when(price("A") > 2).then("A").otherwise("B"), cost_bps=100.0)
    assert found.turnover.tolist() == [1.0, 0.0, 2.0]
    assert found.equity.tolist() == pytest.approx([0.99, 0.99, 0.99 * 0.98])


@pytest.mark.parametrize(
    ("rule", "first", "traded_on"),
    [
        ("weekly", "2024-01-04", [0, 4, 11]),  # a Thursday; then Mondays
        ("weekly", "2018-12-28", [0, 3, 10]),  # the week of New Year is one week
        ("monthly", "2024-01-30", [0, 2]),
        ("quarterly", "2024-03-25", [0, 7]),
        ("quarterly", "2024-04-25", [0]),
        ("yearly", "2023-12-22", [0, 10]),
        ("none", "2023-12-22", [0]),
        ("daily", "2023-12-22", list(range(14))),
    ],
)
def test_a_period_trades_on_its_first_bar_and_the_start_always(
    rule: RebalanceRule, first: str, traded_on: list[int]
) -> None:
    prices = panel(first, A=[1.1**bar for bar in range(14)], B=[1.0] * 14)
    assert trades(traded(HALVES, prices, rule)) == traded_on


def test_a_run_that_starts_inside_a_period_waits_for_the_next() -> None:
    prices = panel("2024-01-28", A=[1.1**bar for bar in range(8)], B=[1.0] * 8)
    found = traded(HALVES, prices, "monthly", start=np.datetime64("2024-01-29"), end=np.datetime64("2024-02-02"))
    assert trades(found) == [0, 3]
    assert len(found.equity) == 5
    assert found.equity[0] == 1.0


def test_a_run_on_the_first_of_a_period_knows_the_bar_before_it() -> None:
    # the panel begins in January, the run on the 2nd of February: no first of a month lies in it
    prices = panel("2024-01-31", A=[1.1**bar for bar in range(5)], B=[1.0] * 5)
    assert trades(traded(HALVES, prices, "monthly", start=np.datetime64("2024-02-02"))) == [0]


def test_a_threshold_takes_its_width_from_the_rule() -> None:
    assert trades(traded(HALVES, rule=threshold(0.16))) == [0, 1, 2]
    assert trades(traded(HALVES, rule=threshold(0.17))) == [0, 2]
    assert trades(traded(HALVES, rule=threshold(0.31))) == [0]


def test_a_period_does_not_trade_because_a_holding_is_far_away() -> None:
    assert trades(traded(HALVES, rule="yearly")) == [0]


def test_what_is_delisted_is_sold_at_its_last_close_between_trades() -> None:
    prices = panel(A=[1, 2, NAN, NAN], B=[1, 1, 2, 2])
    found = traded(HALVES, prices, "none", cost_bps=100.0)
    # 2/3 against 1/3; B doubles, so half of the value is sold and stays in cash
    assert found.turnover.tolist() == pytest.approx([1.0, 0.0, 0.5, 0.0])
    assert found.allocation[:, 0].tolist() == pytest.approx([0.5, 2 / 3, 0.0, 0.0])
    assert found.allocation[3].tolist() == pytest.approx([0.0, 0.5])
    assert found.equity[3] == pytest.approx(0.99 * 1.5 * (4 / 3) * 0.995)


def test_a_delisting_makes_a_threshold_trade() -> None:
    prices = panel(A=[1, NAN, NAN], B=[1, 1, 1])
    found = traded(weighted(("A", 0.01), ("B", 0.99)), prices, threshold(0.5))
    assert found.allocation.tolist() == [[0.01, 0.99], [0.0, 1.0], [0.0, 1.0]]


@pytest.mark.parametrize("rule", ["daily", "weekly"])
def test_a_ruined_run_is_cut_where_its_equity_reaches_zero(rule: RebalanceRule) -> None:
    days = np.datetime64("2024-01-01") + np.arange(0, 28, 7)
    prices = panel(A=[1, 3, 1, 3], B=[1, 1, 1, 1])
    mondays = Panel(prices.tickers, days.astype("datetime64[ns]"), prices.close, prices.traded)
    found = traded(when(price("A") > 2).then("A").otherwise("B"), mondays, rule, cost_bps=6_000.0)
    assert found.equity.tolist() == [0.4, 0.0]
    assert [len(row) for row in (found.turnover, found.cost, found.allocation)] == [2, 2, 2]
    assert found.turnover.tolist() == [1.0, 2.0]


def test_a_run_does_not_change_the_targets_it_follows() -> None:
    program = compile_strategy(Strategy("by hand", HALVES))
    found = evaluate(program, DOUBLING.select(("A", "B")), Settings(rebalance=Rebalance("none"), cost_bps=0.0))
    trade(found)
    assert found.target.tolist() == [[0.5, 0.5]] * 3
