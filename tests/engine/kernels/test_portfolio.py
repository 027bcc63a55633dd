"""Laws of the money: who holds what, what it earns, what is traded and what that costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sbc_lab.engine.kernels import portfolio

NAN = float("nan")

# One tree, parents first. 0 shares 1:3 between 1 and 2; 1 chooses between assets A and B; 2 has share rows for B, C
# and cash.
KIND = [portfolio.STATIC, portfolio.CHOOSE, portfolio.ROWS, portfolio.ASSET, portfolio.ASSET, portfolio.ASSET, 1]
SLOT = [0, 0, 0, 2, 1, 0, -1]
BEGIN = [0, 2, 4, 7, 7, 7, 7]
END = [2, 4, 7, 7, 7, 7, 7]
LINKS = [1, 2, 5, 4, 4, 3, 6]
STATICS = [0.25, 0.75]
SHARES = [0.5, 0.25, 0.25]


def allocated(
    choices: list[int],
    *,
    alive: dict[int, list[int]] | None = None,
    available: list[list[int]] | None = None,
    first: int = 0,
    last: int = 3,
) -> list[list[float]]:
    """What A, B and C get on every date."""
    rows = alive or {}
    alive_row = np.full(len(KIND), -1, dtype=np.int64)
    for row, node in enumerate(rows):
        alive_row[node] = row
    bars = len(choices)
    out = np.full((last + 1 - first, 3), 7e77)
    kind, slot, begin, end, links = (np.array(row, dtype=np.int64) for row in (KIND, SLOT, BEGIN, END, LINKS))
    portfolio.allocate(
        kind,
        slot,
        begin,
        end,
        links,
        alive_row,
        np.array([choices], dtype=np.int32),
        np.array([[part] * bars for part in SHARES]),
        np.array(STATICS),
        np.array(list(rows.values()) or [[1] * bars], dtype=np.uint8),
        np.array(available or [[1] * bars] * 3, dtype=np.uint8),
        first,
        last,
        out,
    )
    rounded: list[list[float]] = out.round(12).tolist()
    return rounded


def test_the_portfolio_is_handed_down_and_a_ticker_on_several_paths_is_summed() -> None:
    # 1/4 to A or B; of 3/4 half to B, a quarter to C, a quarter stays cash
    assert allocated([0, 1, 0, 1]) == [[0.25, 0.375, 0.1875], [0, 0.625, 0.1875]] * 2


def test_a_choice_of_nothing_leaves_its_part_in_cash() -> None:
    assert allocated([-1, 0, -1, -1])[0] == [0, 0.375, 0.1875]


def test_the_share_of_a_child_that_holds_nothing_goes_to_its_siblings() -> None:
    found = allocated([0, 0, 0, 0], alive={1: [1, 0, 1, 0], 2: [1, 1, 0, 0]})
    assert found == [[0.25, 0.375, 0.1875], [0, 0.5, 0.25], [1, 0, 0], [0, 0, 0]]


def test_what_is_not_available_is_not_held() -> None:
    assert allocated([0] * 4, available=[[1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]) == [
        [0.25, 0.375, 0.1875],
        [0, 0.375, 0.1875],
        [0.25, 0, 0.1875],
        [0.25, 0.375, 0],
    ]


def test_only_the_dates_asked_for_are_allocated() -> None:
    assert allocated([0, 1, 0, -1], first=1, last=2) == allocated([0, 1, 0, -1])[1:3]


def test_a_long_run_is_the_same_on_every_date_as_a_short_one() -> None:
    pattern = [0, 1, -1]
    asked = {1: [1, 1, 0] * 200, 2: [1, 0, 1] * 200}
    found = allocated(pattern * 200, alive=asked, first=5, last=598)
    short = allocated(pattern, alive={1: [1, 1, 0], 2: [1, 0, 1]}, last=2)
    assert short == [[0.25, 0.375, 0.1875], [0, 1, 0], [0, 0.5, 0.25]]
    assert found == (short * 200)[5:599]


def test_a_node_earns_on_the_date_after_what_it_held() -> None:
    out = np.zeros(4)
    portfolio.earn(np.array([0.5, 0.0, 1.0, 9.0]), np.array([9.0, 0.1, 0.2, 0.3]), out)
    portfolio.earn(np.array([0.5, 1.0, 0.0, 9.0]), np.array([9.0, 0.2, 0.4, 0.5]), out)
    assert out.tolist() == pytest.approx([0.0, 0.15, 0.4, 0.3])


def test_fixed_weights_earn_among_those_that_hold_something() -> None:
    out = np.zeros(4)
    total = np.array([1.0, 0.5, 0.0, 1.0])
    child, alive = np.array([9.0, 0.1, 0.2, 0.4]), np.array([1, 1, 0, 1], dtype=np.uint8)
    portfolio.earn_static(0.25, total, alive, child, out)
    assert out.tolist() == pytest.approx([0.0, 0.025, 0.1, 0.0])


def test_a_branch_earns_on_the_date_after_it_was_chosen() -> None:
    out = np.zeros(4)
    choice = np.array([0, 1, -1, 1], dtype=np.int32)
    portfolio.earn_choice(choice, 0, np.array([9.0, 0.1, 0.2, 0.3]), out)
    portfolio.earn_choice(choice, 1, np.array([9.0, 0.4, 0.5, 0.6]), out)
    assert out.tolist() == [0.0, 0.1, 0.5, 0.0]


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        (0, [1.0, 1.5, 0.75, 0.75]),
        (1, [NAN, 1.0, 0.5, 0.5]),
        (3, [NAN, NAN, NAN, 1.0]),
        (4, [NAN] * 4),
        (9, [NAN] * 4),
    ],
)
def test_a_nav_starts_at_one_on_its_first_bar(begin: int, expected: list[float]) -> None:
    out = np.full(4, 7e77)
    portfolio.compound(np.array([9.0, 0.5, -0.5, 0.0]), begin, out)
    np.testing.assert_array_equal(out, expected)


def block(rows: list[list[float]]) -> NDArray[np.float64]:
    return np.array(rows, dtype=float)


def daily(growth: list[list[float]], target: list[list[float]], rate: float = 0.0) -> tuple[list[float], list[float]]:
    equity, turnover = np.full(len(target), 7e77), np.full(len(target), 7e77)
    run = portfolio.trade_daily(block(growth), block(target), rate, equity, turnover)
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
    run = portfolio.trade_drifting(
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
    portfolio.trade_drifting(growth, target, available, due, -1.0, 0.0, equity, turnover, held)
    assert held.ravel().tolist() == [1.0, 1.0, 1.0]
    assert equity.tolist() == pytest.approx([1.0, 1e-8, 3e-8], rel=1e-15)
    portfolio.trade_daily(growth, target, 0.0, equity, turnover)
    assert equity.tolist() == pytest.approx([1.0, 1e-8, 3e-8], rel=1e-15)
    assert turnover.tolist() == [1.0, 0.0, 0.0]
