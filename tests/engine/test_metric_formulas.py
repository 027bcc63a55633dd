"""Every metric on series small enough to check by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sbc_lab.engine.metrics import Value, measure, measure_returns

UP_DOWN = [0.10, -0.05, 0.0, 0.02]


def days(count: int, start: str = "2024-01-01") -> np.ndarray:
    return np.datetime64(start, "D") + np.arange(count)


def run(equity: list[float], **more: object) -> dict[str, Value]:
    return measure(equity, dates=days(len(equity)), **more)  # type: ignore[arg-type]  # what goes in is the test's


def test_the_first_cost_is_part_of_the_growth_and_of_nothing_else() -> None:
    found = run([0.5, 1.0])
    assert found["total_return"] == 0.0
    assert found["best_day"] == 1.0
    assert found["max_drawdown"] == 0.0


def test_growth_per_year_counts_252_returns() -> None:
    found = run([1.0] * 126 + [1.1])
    assert found["days"] == 126
    assert found["cagr"] == pytest.approx(1.1**2 - 1.0)


def test_the_first_cost_is_part_of_the_growth_per_year() -> None:
    assert run([0.9] * 253)["cagr"] == pytest.approx(-0.1)


def test_volatility_is_the_sample_spread_of_a_year() -> None:
    # deviations ±0.01 from the mean 0.01: the sum of squares 2e-4 is divided by 1, not by 2
    assert measure_returns([0.02, 0.0])["volatility"] == pytest.approx(math.sqrt(2e-4) * math.sqrt(252))


def test_sharpe_is_the_mean_over_the_sample_spread() -> None:
    assert measure_returns([0.02, 0.0])["sharpe"] == pytest.approx(0.01 / math.sqrt(2e-4) * math.sqrt(252))


def test_sortino_divides_by_the_negative_part_over_all_days() -> None:
    downside = math.sqrt(0.05**2 / 4)
    expected = 252 * (0.07 / 4) / (math.sqrt(252) * downside)
    assert measure_returns(UP_DOWN)["sortino"] == pytest.approx(expected)


def test_calmar_is_the_growth_per_year_over_the_depth_of_the_fall() -> None:
    found = run([1.0, 1.25, 1.0, 1.5])
    assert found["calmar"] == pytest.approx((1.5 ** (252 / 3) - 1.0) / 0.2)


def test_the_deepest_fall_has_a_peak_a_trough_and_a_recovery() -> None:
    found = run([1.0, 2.0, 2.0, 1.8, 1.0, 1.5, 2.0, 1.9])
    assert found["max_drawdown"] == -0.5
    assert found["max_drawdown_peak"] == "2024-01-03"  # the last date at the high
    assert found["max_drawdown_trough"] == "2024-01-05"
    assert found["max_drawdown_recovery"] == "2024-01-07"  # back at the high, not above it


def test_of_two_equal_falls_the_first_is_named() -> None:
    found = run([1.0, 0.5, 1.0, 0.5])
    assert found["max_drawdown_trough"] == "2024-01-02"
    assert found["max_drawdown_recovery"] == "2024-01-03"


def test_an_open_fall_has_no_recovery() -> None:
    found = run([1.0, 0.5, 0.9])
    assert found["max_drawdown_trough"] == "2024-01-02"
    assert found["max_drawdown_recovery"] is None


def test_a_run_that_never_falls_has_no_dates_of_a_fall() -> None:
    found = run([1.0, 1.1, 1.1, 1.2])
    assert found["max_drawdown"] == 0.0
    assert found["longest_under_water"] == 0
    assert [found[f"max_drawdown_{date}"] for date in ("peak", "trough", "recovery")] == [None] * 3


@pytest.mark.parametrize(
    ("equity", "longest"),
    [
        ([1.0, 0.9, 1.0], 1),  # the day of the recovery is above water
        ([1.0, 0.9, 0.8, 1.1, 1.0, 1.2], 2),
        ([1.0, 0.9, 1.1, 1.0, 0.9, 1.0], 3),  # open at the end
        ([1.0, 0.9, 0.95], 2),
    ],
)
def test_time_under_water_counts_the_bars_below_a_high(equity: list[float], longest: int) -> None:
    assert run(equity)["longest_under_water"] == longest


def test_the_win_rate_leaves_out_flat_days() -> None:
    assert measure_returns(UP_DOWN)["win_rate"] == pytest.approx(2 / 3)


def test_the_best_and_the_worst_day_are_the_extremes() -> None:
    found = measure_returns(UP_DOWN)
    assert (found["best_day"], found["worst_day"]) == (0.10, -0.05)


def test_skew_is_the_sample_skewness() -> None:
    # n = 3, deviations −1, −1, 2 (in units of 0.01): σ² = 6/2, Σd³ = 6, so 3/(2·1) · 6/3^1.5
    assert measure_returns([0.0, 0.0, 0.03])["skew"] == pytest.approx(1.5 * 6 / 3**1.5)


def test_kurtosis_is_the_sample_excess() -> None:
    # n = 4, deviations ±1, ±1: σ² = 4/3, Σ(d/σ)⁴ = 4·9/16; 20/(3·2·1) · 9/4 − 3·9/(2·1)
    assert measure_returns([0.01, -0.01, 0.01, -0.01])["kurtosis"] == pytest.approx(20 / 6 * 9 / 4 - 13.5)


def test_the_tail_ratio_compares_the_sizes_of_the_twentieths() -> None:
    # 21 days: the 5th and 95th percentiles are the second from either end
    returns = [-0.5, -0.02, *[0.0] * 17, 0.03, 0.9]
    assert measure_returns(returns)["tail_ratio"] == pytest.approx(1.5)


def test_the_best_days_share_the_logarithm_of_the_growth() -> None:
    returns = [*[1.0] * 6, -0.5, -0.5]  # six doublings, two halvings: growth 16
    assert measure_returns(returns)["best_5_days"] == pytest.approx(5 / 4)
    assert measure_returns([*returns, 0.0, 0.0])["best_10_days"] == pytest.approx(1.0)


def test_without_growth_the_best_days_have_no_share() -> None:
    assert measure_returns([0.1, -0.5, 0.0, 0.0, 0.0])["best_5_days"] is None
    assert measure_returns([1.0, -0.5, 0.0, 0.0, 0.0])["best_5_days"] is None


def test_a_levered_benchmark_has_the_beta_of_its_leverage() -> None:
    benchmark = [0.02, -0.01, 0.03]
    found = measure_returns([2 * r + 0.001 for r in benchmark], benchmark=benchmark)
    assert found["beta"] == pytest.approx(2.0)
    assert found["alpha"] == pytest.approx(0.252)
    assert found["correlation"] == pytest.approx(1.0)
    assert found["treynor"] == pytest.approx(252 * (2 * 0.04 / 3 + 0.001) / 2)


def test_beta_is_the_covariance_over_the_variance() -> None:
    # deviations (1, −1, 0) and (1, 0, −1): covariance 1, variance 2, correlation 1/2
    found = measure_returns([0.01, -0.01, 0.0], benchmark=[0.01, 0.0, -0.01])
    assert found["beta"] == pytest.approx(0.5)
    assert found["correlation"] == pytest.approx(0.5)


def test_a_benchmark_is_a_curve_of_any_scale() -> None:
    assert run([1.0, 1.1, 1.2], benchmark=[4.0, 4.4, 4.8]) == run([1.0, 1.1, 1.2], benchmark=[1.0, 1.1, 1.2])


def test_a_still_benchmark_has_no_beta() -> None:
    found = run([1.0, 1.1, 1.0], benchmark=[5.0, 5.0, 5.0])
    assert [found[name] for name in ("beta", "alpha", "treynor", "correlation")] == [None] * 4


def test_a_still_run_has_beta_zero_and_neither_treynor_nor_correlation() -> None:
    found = run([1.0, 1.0, 1.0], benchmark=[5.0, 6.0, 5.0])
    assert (found["beta"], found["alpha"]) == (0.0, 0.0)
    assert (found["treynor"], found["correlation"]) == (None, None)


def test_the_averages_of_the_holdings_run_over_every_decision() -> None:
    allocation = [[1.0, 0.5, 0.0, 0.2], [0.0, 0.5, 0.0, 0.2]]  # one ticker, two, cash, two with much cash
    found = run([1.0, 1.0, 1.0, 1.0], allocation=allocation, turnover=[1.0, 1.0, 1.0, 0.4])
    assert found["average_holdings"] == 5 / 4
    assert found["herfindahl"] == pytest.approx((1.0 + 0.5 + 0.5) / 3)
    assert found["time_in_market"] == 0.75
    assert found["average_turnover"] == pytest.approx(0.85)


def test_a_share_of_rounding_dust_is_not_held() -> None:
    found = run([1.0, 1.0], allocation=[[1.0, 1e-17], [1e-17, 0.0]])
    assert found["average_holdings"] == 0.5
    assert found["time_in_market"] == 0.5


def test_all_in_cash_has_no_concentration() -> None:
    found = run([1.0, 1.0], allocation=[[0.0, 0.0]])
    assert found["herfindahl"] is None
    assert found["time_in_market"] == 0.0


def test_no_volatility_has_no_ratio() -> None:
    found = measure_returns([0.01] * 9)
    assert found["volatility"] == 0.0
    assert [found[name] for name in ("sharpe", "sortino", "calmar", "skew", "kurtosis")] == [None] * 5


def test_no_down_day_has_no_sortino() -> None:
    assert measure_returns([0.01, 0.0, 0.02])["sortino"] is None


def test_no_day_that_moves_has_no_win_rate() -> None:
    assert measure_returns([0.0, 0.0])["win_rate"] is None


# ---------------------------------------------------------------- shape of the returns and of the falls


def test_the_mean_return_of_a_year_is_not_compounded() -> None:
    assert measure_returns([0.02, 0.0])["mean_return"] == pytest.approx(0.01 * 252)


def test_downside_risk_is_the_divisor_of_sortino() -> None:
    found = measure_returns(UP_DOWN)
    assert found["downside_risk"] == pytest.approx(math.sqrt(0.05**2 / 4) * math.sqrt(252))
    assert found["sortino"] == pytest.approx(found["mean_return"] / found["downside_risk"])  # type: ignore[operator]  # both are numbers here


def test_every_fall_counts_once_in_the_average_drawdown() -> None:
    # one fall to −50 % by way of −10 %, one to −20 %, still open
    found = run([1.0, 0.9, 0.5, 1.0, 2.0, 1.6])
    assert found["average_drawdown"] == pytest.approx((-0.5 - 0.2) / 2)
    assert run([1.0, 1.1])["average_drawdown"] == 0.0


def test_the_ulcer_index_is_the_root_of_the_mean_squared_fall() -> None:
    assert run([1.0, 0.9, 1.0])["ulcer_index"] == pytest.approx(math.sqrt(0.1**2 / 2))


def test_growth_at_one_rate_is_stable() -> None:
    assert measure_returns([0.01] * 5)["stability"] == pytest.approx(1.0)
    assert measure_returns([0.0] * 5)["stability"] is None
    assert measure_returns([0.1, -1.0])["stability"] is None  # the logarithm of nothing


def test_payoff_and_profit_factor_of_up_and_down_days() -> None:
    found = measure_returns(UP_DOWN)
    assert found["payoff_ratio"] == pytest.approx(0.06 / 0.05)
    assert found["profit_factor"] == pytest.approx(0.12 / 0.05)
    without = measure_returns([0.1, 0.0])
    assert (without["payoff_ratio"], without["profit_factor"]) == (None, None)


def test_the_tail_is_at_least_one_day() -> None:
    found = measure_returns([0.03, -0.02, 0.01])
    assert found["median_day"] == 0.01
    assert found["expected_shortfall"] == -0.02
    assert found["value_at_risk"] == pytest.approx(-0.02 + 0.1 * 0.03)  # a tenth of the way to the next day
    many = measure_returns([-0.03, -0.01, *[0.0] * 19])
    assert many["expected_shortfall"] == pytest.approx(-0.02)


# ---------------------------------------------------------------- against the benchmark, and in the market


def test_what_is_above_the_benchmark_by_hand() -> None:
    found = measure_returns([0.03, 0.0], benchmark=[0.01, 0.0])
    assert found["tracking_error"] == pytest.approx(math.sqrt(2e-4) * math.sqrt(252))
    assert found["information_ratio"] == pytest.approx(0.01 / math.sqrt(2e-4) * math.sqrt(252))
    assert found["r_squared"] == pytest.approx(1.0)


def test_capture_compares_the_growth_of_the_days_the_benchmark_moved() -> None:
    found = measure_returns([0.02, -0.03, 0.5], benchmark=[0.01, -0.01, 0.0])
    assert found["up_capture"] == pytest.approx((1.02**252 - 1) / (1.01**252 - 1))
    assert found["down_capture"] == pytest.approx((0.97**252 - 1) / (0.99**252 - 1))
    assert measure_returns([0.02], benchmark=[0.01])["down_capture"] is None


def test_turnover_and_growth_of_a_year() -> None:
    shares = [[1.0, 0.0, 0.0]]
    found = run([1.0, 1.1, 1.1], allocation=shares, turnover=[1.0, 1.0, 0.0])
    assert found["annual_turnover"] == pytest.approx(252 * 2 / 3)
    assert found["timar"] == pytest.approx(3 * (1.1**126 - 1.0))
    assert run([1.0, 1.1], allocation=[[0.0, 0.0]])["timar"] is None
