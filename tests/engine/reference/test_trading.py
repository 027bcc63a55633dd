"""Laws of trading: when, at which cost, and what happens in between."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.reference.trading import Ledger, trade
from sbc_lab.engine.settings import Settings
from sbc_lab.engine.strategy import Rebalance, threshold
from sbc_lab.engine.strategy.strategy import RebalanceRule
from tests.engine.reference.hand import panel

NAN = np.nan


def follow(
    target: list[list[float]],
    close: list[list[float]],
    rule: RebalanceRule | Rebalance = "daily",
    *,
    cost_bps: float = 0.0,
    start: int = 0,
    first: str = "2024-01-01",
) -> Ledger:
    names = [chr(ord("A") + row) for row in range(len(close))]
    rebalance = rule if isinstance(rule, Rebalance) else Rebalance(rule)
    prices = panel(first, **dict(zip(names, close, strict=True)))
    return trade(np.array(target), prices, Settings(rebalance=rebalance, cost_bps=cost_bps), start=start)


DOUBLING = [[1.0, 2.0, 4.0], [1.0, 1.0, 1.0]]
HALVES = [[0.5] * 3, [0.5] * 3]


def test_daily_trades_back_to_the_target_every_bar() -> None:
    ledger = follow(HALVES, DOUBLING)
    assert ledger.equity.tolist() == [1.0, 1.5, 2.25]
    assert ledger.allocation.tolist() == HALVES
    # 1/2 drifted to 2/3: a sixth is sold and a sixth is bought
    assert ledger.turnover.tolist() == pytest.approx([1.0, 1 / 3, 1 / 3])


def test_none_trades_once_and_drifts() -> None:
    ledger = follow(HALVES, DOUBLING, "none")
    assert ledger.equity.tolist() == [1.0, 1.5, 2.5]
    assert ledger.turnover.tolist() == [1.0, 0.0, 0.0]
    assert ledger.allocation[0].tolist() == pytest.approx([1 / 2, 2 / 3, 4 / 5])


def test_the_first_bar_is_charged_and_cash_earns_nothing() -> None:
    ledger = follow([[0.5] * 3], [[1.0, 2.0, 2.0]], cost_bps=100.0)
    # 0.5 traded, 1 % of it; then half doubles, a third is left over the target: 1/6 is sold
    second = 0.995 * 1.5 * (1 - 0.01 / 6)
    assert ledger.equity.tolist() == pytest.approx([0.995, second, second])
    assert ledger.cost.tolist() == pytest.approx([0.005, 0.01 / 6, 0.0])


def test_a_run_begins_in_cash_on_its_own_first_bar() -> None:
    ledger = follow(HALVES, DOUBLING, "none", start=1)
    assert ledger.equity.tolist() == [1.0, 1.5]


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
    ],
)
def test_a_period_trades_on_its_first_bar_and_the_start_trades_always(
    rule: RebalanceRule, first: str, traded_on: list[int]
) -> None:
    close = [[1.1**bar for bar in range(14)], [1.0] * 14]
    ledger = follow([[0.5] * 14, [0.5] * 14], close, rule, first=first)
    assert np.flatnonzero(ledger.turnover > 1e-9).tolist() == traded_on


def test_a_start_inside_a_period_trades_and_waits_for_the_next() -> None:
    close = [[1.1**bar for bar in range(8)], [1.0] * 8]
    ledger = follow([[0.5] * 8, [0.5] * 8], close, "monthly", first="2024-01-28", start=1)
    assert np.flatnonzero(ledger.turnover > 1e-9).tolist() == [0, 3]  # the 29th, and the 1st


def test_a_threshold_trades_when_a_holding_is_further_away_than_its_width() -> None:
    close = [[1.0, 2.0, 2.0, 1.0], [1.0] * 4]
    halves = [[0.5] * 4, [0.5] * 4]
    assert np.flatnonzero(follow(halves, close, threshold(0.16)).turnover).tolist() == [0, 1, 3]
    assert np.flatnonzero(follow(halves, close, threshold(0.17)).turnover).tolist() == [0]


def test_a_threshold_is_measured_from_todays_target_and_trades_when_the_tickers_change() -> None:
    moved = [[0.5, 0.6, 0.7, 0.9999, 1.0], [0.5, 0.4, 0.3, 0.0001, 0.0]]
    ledger = follow(moved, [[1.0] * 5, [1.0] * 5], threshold(0.15))
    assert ledger.allocation[0].tolist() == [0.5, 0.5, 0.7, 0.9999, 1.0]


def test_a_ticker_that_becomes_unavailable_is_sold_at_its_last_close() -> None:
    target = [[0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 1.0, 1.0]]
    close = [[1.0, 2.0, NAN, NAN], [1.0, 1.0, 2.0, 2.0]]
    ledger = follow(target, close, "none", cost_bps=100.0)
    # 2/3 against 1/3; the third doubles, so at the sale the gone one is half of the value
    assert ledger.turnover.tolist() == pytest.approx([1.0, 0.0, 0.5, 0.0])
    assert ledger.allocation[:, 2].tolist() == pytest.approx([0.0, 0.5])
    third = 0.99 * 1.5 * (4 / 3) * 0.995
    assert ledger.equity.tolist() == pytest.approx([0.99, 0.99 * 1.5, third, third])


def test_a_ticker_that_becomes_unavailable_makes_a_threshold_trade() -> None:
    target = [[0.01, 0.0], [0.99, 1.0]]
    ledger = follow(target, [[1.0, NAN], [1.0, 1.0]], threshold(0.5))
    assert ledger.allocation[:, 1].tolist() == [0.0, 1.0]


def test_a_run_stops_on_the_bar_its_equity_reaches_zero() -> None:
    ledger = follow([[1.0, 0.0, 1.0]], [[1.0, 1.0, 1.0]], cost_bps=5_000.0)
    assert ledger.equity.tolist() == [0.5, 0.25, 0.125]
    ruined = follow([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]], [[1.0] * 3, [1.0] * 3], cost_bps=6_000.0)
    assert ruined.equity.tolist() == [0.4, 0.0]
    assert ruined.allocation.shape == (2, 2)
