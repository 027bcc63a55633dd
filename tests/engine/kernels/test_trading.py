"""Laws of trading: what is traded, what that costs, what drifts, and what cash earns in between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sbc_lab.engine.kernels import trading


def block(rows: list[list[float]]) -> NDArray[np.float64]:
    return np.array(rows, dtype=float)


def daily(growth: list[list[float]], target: list[list[float]], rate: float = 0.0) -> tuple[list[float], list[float]]:
    equity, turnover = np.full(len(target), 7e77), np.full(len(target), 7e77)
    run = trading.trade_daily(block(growth), block(target), rate, equity, turnover)
    return equity[:run].tolist(), turnover[:run].tolist()


def drifting(
    growth: list[list[float]],
    target: list[list[float]],
    *,
    due: list[int] | None = None,
    width: float = -1.0,
    rate: float = 0.0,
    available: list[list[int]] | None = None,
) -> tuple[list[float], list[float], list[list[float]]]:
    bars = len(target)
    equity, turnover, held = np.full(bars, 7e77), np.full(bars, 7e77), np.full((bars, len(target[0])), 7e77)
    run = trading.trade_drifting(
        block(growth),
        block(target),
        np.array(available or [[1] * len(target[0])] * bars, dtype=np.uint8),
        np.array(due or [1] + [0] * (bars - 1), dtype=np.uint8),
        width,
        rate,
        equity,
        turnover,
        held,
    )
    return equity[:run].tolist(), turnover[:run].tolist(), held[:run].round(12).tolist()


DOUBLING = [[7.0, 7.0], [2.0, 1.0], [2.0, 1.0]]
HALVES = [[0.5, 0.5]] * 3
THIRD = round(1 / 3, 12)


def test_daily_trading_brings_back_what_drifted() -> None:
    equity, turnover = daily(DOUBLING, HALVES)
    assert equity == [1.0, 1.5, 2.25]
    # 1/2 and 1/2 became 2/3 and 1/3: a sixth is sold, a sixth is bought
    assert turnover == pytest.approx([1.0, 1 / 3, 1 / 3])


def test_the_first_day_is_charged_for_what_is_bought_from_cash() -> None:
    equity, turnover = daily([[1.0], [1.0]], [[0.4], [0.4]], rate=0.01)
    assert turnover == [0.4, 0.0]
    assert equity == pytest.approx([0.996, 0.996])


def test_cost_is_paid_after_the_day_was_earned_and_on_what_is_traded() -> None:
    equity, turnover = daily([[1.0, 1.0], [2.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]], rate=0.01)
    assert turnover == [1.0, 2.0]
    assert equity == pytest.approx([0.99, 0.99 * 2.0 * 0.98])


def test_cash_earns_nothing_and_its_share_shrinks_as_the_rest_grows() -> None:
    equity, turnover = daily([[1.0], [3.0]], [[0.5], [0.5]])
    assert equity == [1.0, 2.0]
    assert turnover == pytest.approx([0.5, 0.25])


def test_a_run_is_cut_on_the_bar_its_equity_reaches_zero() -> None:
    flips = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    flat = [[1.0, 1.0]] * 3
    assert daily(flat, flips, rate=0.5) == ([0.5, 0.0], [1.0, 2.0])
    assert drifting(flat, flips, due=[1, 1, 1], rate=0.6)[:2] == ([0.4, 0.0], [1.0, 2.0])
    assert daily(flat, flips, rate=1.0) == ([0.0], [1.0])


def test_trading_once_drifts_with_the_returns() -> None:
    equity, turnover, held = drifting(DOUBLING, HALVES)
    assert equity == [1.0, 1.5, 2.5]
    assert turnover == [1.0, 0.0, 0.0]
    assert held == [[0.5, 0.5], [round(2 / 3, 12), THIRD], [0.8, 0.2]]


def test_a_date_that_is_due_trades_to_its_own_target() -> None:
    equity, turnover, held = drifting(DOUBLING, [[0.5, 0.5], [0.0, 1.0], [0.25, 0.25]], due=[1, 0, 1], rate=0.01)
    # the target of the second date is never traded; 4/5 and 1/5 become a quarter each
    assert held[2] == [0.25, 0.25]
    assert turnover == pytest.approx([1.0, 0.0, 0.55 + 0.05])
    assert equity == pytest.approx([0.99, 0.99 * 1.5, 0.99 * 2.5 * (1 - 0.006)])


@pytest.mark.parametrize(
    ("width", "traded"), [(0.16, [1.0, 1 / 3, 1 / 3]), (0.17, [1.0, 0.0, 0.6]), (0.31, [1.0, 0.0, 0.0])]
)
def test_a_threshold_trades_when_one_holding_is_further_away_than_its_width(width: float, traded: list[float]) -> None:
    # 1/2 drifts to 2/3 in a day and to 4/5 in two
    assert drifting(DOUBLING, HALVES, width=width)[1] == pytest.approx(traded)


def test_exactly_the_width_is_not_further() -> None:
    flat = [[1.0, 1.0]] * 2
    assert drifting(flat, [[0.5, 0.5], [0.75, 0.25]], width=0.25)[1] == [1.0, 0.0]
    assert drifting(flat, [[0.5, 0.5], [0.75, 0.25]], width=0.2499)[1] == [1.0, 0.5]


def test_a_threshold_looks_at_todays_target_and_not_at_the_last_one_traded() -> None:
    targets = [[0.5, 0.5], [0.6, 0.4], [0.7, 0.3]]
    held = drifting([[1.0, 1.0]] * 3, targets, width=0.15)[2]
    assert held == [[0.5, 0.5], [0.5, 0.5], [0.7, 0.3]]


@pytest.mark.parametrize("moved", [[0.999, 0.001], [1.0, 0.0]])
def test_a_threshold_trades_whenever_the_tickers_change(moved: list[float]) -> None:
    before = [1.0, 0.0] if moved[1] else [0.999, 0.001]
    assert drifting([[1.0, 1.0]] * 2, [before, moved], width=0.9)[2][1] == moved


def test_a_negative_width_never_trades_by_itself() -> None:
    assert drifting(DOUBLING, [[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]], width=-1.0)[1] == [1.0, 0.0, 0.0]


def test_what_is_no_longer_available_is_sold_and_paid_for_and_the_rest_stays() -> None:
    available = [[1, 1], [1, 1], [0, 1]]
    equity, turnover, held = drifting(
        [[1.0, 1.0], [2.0, 1.0], [1.0, 2.0]], [[0.5, 0.5]] * 2 + [[0.0, 1.0]], available=available, rate=0.01
    )
    # 2/3 and 1/3; the third doubles, so half of the value is sold and stays in cash
    assert held == [[0.5, 0.5], [round(2 / 3, 12), THIRD], [0.0, 0.5]]
    assert turnover == pytest.approx([1.0, 0.0, 0.5])
    assert equity[2] == pytest.approx(equity[1] * (4 / 3) * (1 - 0.005))


prices = st.lists(st.tuples(st.floats(0.5, 2.0), st.floats(0.5, 2.0)), min_size=2, max_size=12)


@given(prices, st.floats(0.0, 1.0), st.floats(0.0, 0.02))
def test_trading_on_every_date_is_daily_trading(growth: list[tuple[float, float]], share: float, rate: float) -> None:
    rows, target = [list(row) for row in growth], [[share, 1.0 - share]] * len(growth)
    equity, turnover, held = drifting(rows, target, due=[1] * len(growth), rate=rate)
    plain, traded = daily(rows, target, rate)
    assert equity == pytest.approx(plain, rel=1e-12)
    assert turnover == pytest.approx(traded, abs=1e-12)
    assert held == [[round(share, 12), round(1.0 - share, 12)]] * len(growth)


@given(prices, st.floats(0.0, 1.0))
def test_holding_without_trading_is_the_value_of_what_was_bought(
    growth: list[tuple[float, float]], share: float
) -> None:
    rows = [list(row) for row in growth]
    equity, _, held = drifting(rows, [[share, 1.0 - share]] * len(growth))
    worth = np.cumprod(np.array([[1.0, 1.0], *rows[1:]]), axis=0) * [share, 1.0 - share]
    assert equity == pytest.approx(worth.sum(axis=1).tolist(), rel=1e-12)
    np.testing.assert_allclose(held, worth / worth.sum(axis=1, keepdims=True), atol=1e-11)


def test_a_single_holding_stays_all_of_the_portfolio_through_any_crash() -> None:
    growth = np.array([[1.0], [1e-8], [3.0]])
    target = np.ones((3, 1))
    equity, turnover, held = np.empty(3), np.empty(3), np.empty((3, 1))
    due = np.array([1, 0, 0], dtype=np.uint8)
    available = np.ones((3, 1), dtype=np.uint8)
    trading.trade_drifting(growth, target, available, due, -1.0, 0.0, equity, turnover, held)
    assert held.ravel().tolist() == [1.0, 1.0, 1.0]
    assert equity.tolist() == pytest.approx([1.0, 1e-8, 3e-8], rel=1e-15)
    trading.trade_daily(growth, target, 0.0, equity, turnover)
    assert equity.tolist() == pytest.approx([1.0, 1e-8, 3e-8], rel=1e-15)
    assert turnover.tolist() == [1.0, 0.0, 0.0]
