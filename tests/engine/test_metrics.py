"""Laws of the measurement: what may come in, what is undefined, what must not change a number."""

from __future__ import annotations

import json
from collections.abc import Callable, Set
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sbc_lab.engine.metrics import METRICS, Value, measure, measure_between, measure_returns, monthly_returns
from sbc_lab.errors import DataError

Floats = NDArray[np.float64]

# Whole per mills: no return is so small that rounding decides whether it counts.
moves = st.integers(-900, 1000).map(lambda mill: mill / 1000)
series = st.lists(moves, min_size=1, max_size=40).map(np.array)
GROWTH = {"total_return", "cagr", "calmar"}
ORDERED = {
    *("max_drawdown", "max_drawdown_peak", "max_drawdown_trough", "max_drawdown_recovery", "longest_under_water"),
    *("average_drawdown", "ulcer_index", "stability"),
}


DIVIDED = {"days", "total_return", "average_turnover"}


def backwards(equity: Floats) -> Floats:
    """Returns of the curve read from its end."""
    turned = equity[::-1]
    changes: Floats = turned[1:] / turned[:-1] - 1.0
    return changes


def days(count: int, start: str = "2024-01-01") -> NDArray[np.datetime64]:
    return np.datetime64(start, "D") + np.arange(count)


def curve(returns: Floats, first: float = 1.0) -> Floats:
    growth: Floats = np.concatenate((np.array([first]), 1.0 + returns)).cumprod()
    return growth


def same(left: dict[str, Value], right: dict[str, Value], *, but: Set[str] = frozenset()) -> None:
    for name, value in left.items():
        if name not in but:
            assert right[name] == (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value), (
                name
            )


# ---------------------------------------------------------------- what is undefined


def test_without_a_benchmark_there_is_nothing_against_it() -> None:
    found = measure([1.0, 1.1, 1.0], dates=days(3))
    missing = {name for name, metric in METRICS.items() if metric.needs & {"benchmark", "allocation", "turnover"}}
    assert {name for name in missing if found[name] is not None} == set()
    assert list(found) == list(METRICS)


@pytest.mark.parametrize("returns", [[], [0.01], [0.01, -0.02], [0.01, -0.02, 0.03]])
def test_too_few_returns_are_none(returns: list[float]) -> None:
    found = measure_returns(returns, benchmark=returns, allocation=np.ones((1, len(returns) + 1)))
    for name, metric in METRICS.items():
        if len(returns) < metric.least:
            assert found[name] is None
    assert found["days"] == len(returns)
    assert found["average_holdings"] == 1.0


def test_a_run_stops_at_its_ruin() -> None:
    allocation = np.array([[1.0, 1.0, 1.0, 0.0, 0.0]])
    found = measure([1.0, 1.2, 0.0, 0.0, 0.0], dates=days(5), allocation=allocation, turnover=allocation[0])
    assert found["days"] == 2
    assert (found["total_return"], found["cagr"], found["max_drawdown"], found["worst_day"]) == (-1.0,) * 4
    assert (found["max_drawdown_trough"], found["max_drawdown_recovery"]) == ("2024-01-03", None)
    assert (found["time_in_market"], found["average_turnover"]) == (1.0, 1.0)
    same(measure_returns([0.2, -1.0, 0.5, 0.5]), measure_returns([0.2, -1.0]))


def test_a_run_ruined_by_its_first_cost_has_no_return() -> None:
    found = measure([0.0, 0.0], dates=days(2), turnover=[1.0, 0.0])
    assert (found["days"], found["cagr"], found["average_turnover"]) == (0, None, 1.0)


def test_a_ruined_benchmark_earns_nothing() -> None:
    left = measure([1.0, 1.1, 1.0, 1.2], dates=days(4), benchmark=[1.0, 0.0, 0.0, 0.0])
    right = measure_returns([0.1, 1.0 / 1.1 - 1.0, 0.2], dates=days(4), benchmark=[-1.0, 0.0, 0.0])
    same(left, right)


@given(st.lists(st.one_of(st.just(0.0), st.floats(0.0, 1.7e308)), min_size=1, max_size=12))
def test_every_value_is_a_plain_finite_one_or_none(equity: list[float]) -> None:
    shares = np.ones((2, len(equity))) / 2
    found = measure(equity, dates=days(len(equity)), allocation=shares, turnover=shares[0], benchmark=equity[::-1])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert {type(value) for value in found.values()} <= {float, int, str, type(None)}
    for name, metric in METRICS.items():
        metric.show(found[name])


# ---------------------------------------------------------------- laws


@given(series, st.integers(-20, 20), st.integers(-20, 20))
def test_scale_changes_nothing_but_the_growth(returns: Floats, power: int, other: int) -> None:
    equity, benchmark = curve(returns), curve(returns[::-1])
    left = measure(equity, dates=days(len(equity)), benchmark=benchmark)
    right = measure(equity * 2.0**power, dates=days(len(equity)), benchmark=benchmark * 2.0**other)
    assert {name for name in METRICS if left[name] != right[name]} <= GROWTH


@given(series)
def test_a_part_is_measured_as_a_run_that_starts_from_one(returns: Floats) -> None:
    dates = days(len(returns) + 1)
    same(measure_returns(returns, dates=dates), measure(curve(returns), dates=dates))


@given(series, st.integers(0, 39))
def test_a_part_knows_nothing_of_the_rest(returns: Floats, cut: int) -> None:
    tail = returns[cut:]
    equity = curve(returns)[cut:]
    if len(equity):
        dates = days(len(returns) + 1)[cut:]
        same(measure_returns(tail, dates=dates), measure(equity / equity[0], dates=dates))


@given(series, st.randoms(use_true_random=False))
def test_the_order_of_the_days_matters_only_to_falls(returns: Floats, random: Any) -> None:
    shuffled = list(returns)
    random.shuffle(shuffled)
    same(measure_returns(returns), measure_returns(shuffled), but=ORDERED | {"calmar"})


@given(series)
def test_a_fall_is_at_most_everything(returns: Floats) -> None:
    found = measure_returns(returns, dates=days(len(returns) + 1))
    fall = found["max_drawdown"]
    assert isinstance(fall, float)
    assert -1.0 <= fall <= 0.0
    assert (fall == 0.0) == (found["max_drawdown_peak"] is None) == (found["longest_under_water"] == 0)


@given(series)
def test_a_run_is_its_own_benchmark(returns: Floats) -> None:
    found = measure_returns(returns, benchmark=returns)
    if found["volatility"]:
        assert found["beta"] == pytest.approx(1.0)
        assert found["alpha"] == pytest.approx(0.0, abs=1e-9)
        assert found["correlation"] == pytest.approx(1.0)


@given(
    st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=10), st.permutations(range(3))
)
def test_the_order_of_the_tickers_is_not_measured(shares: list[list[int]], order: list[int]) -> None:
    allocation = np.array(shares, dtype=np.float64).T / 12
    equity = np.ones(len(shares))
    left = measure(equity, dates=days(len(shares)), allocation=allocation)
    same(left, measure(equity, dates=days(len(shares)), allocation=allocation[order]))
    herfindahl = left["herfindahl"]
    assert herfindahl is None or 1 / 3 - 1e-12 <= float(herfindahl) <= 1 + 1e-12


# ---------------------------------------------------------------- months and years


def test_a_month_runs_from_the_last_bar_of_the_month_before() -> None:
    dates = np.array(["2020-11-30", "2020-12-01", "2020-12-31", "2021-02-01", "2021-02-26"], dtype="datetime64[ns]")
    years, months, totals = monthly_returns([0.99, 1.0, 1.1, 1.2, 1.32], dates)
    assert years.tolist() == [2020, 2021]
    assert months.shape == (2, 12)
    assert months[0, 10] == pytest.approx(-0.01)  # the first cost
    assert months[0, 11] == pytest.approx(1.1 / 0.99 - 1.0)
    assert months[1, 1] == pytest.approx(0.2)  # from the last bar there was, in December
    assert np.isnan(months).sum() == 21
    np.testing.assert_allclose(totals, [0.1, 0.2])


def test_a_year_without_a_bar_is_empty() -> None:
    years, months, totals = monthly_returns([1.0, 2.0], np.array(["1968-12-31", "1970-01-01"], dtype="datetime64[D]"))
    assert years.tolist() == [1968, 1969, 1970]
    np.testing.assert_array_equal(totals, [0.0, np.nan, 1.0])
    assert np.isnan(months[1]).all()


def test_there_are_no_months_after_a_ruin() -> None:
    dates = np.array(["2020-01-31", "2020-02-28", "2020-03-31", "2021-01-04"], dtype="datetime64[D]")
    years, months, totals = monthly_returns([1.0, 0.0, 0.0, 0.0], dates)
    np.testing.assert_array_equal(months[0, :3], [0.0, -1.0, np.nan])
    np.testing.assert_array_equal(totals, [-1.0, np.nan])
    assert years.tolist() == [2020, 2021]


@given(series, st.integers(1, 90), st.floats(0.5, 1.0))
def test_months_compound_to_years_and_years_to_the_total(returns: Floats, step: int, first: float) -> None:
    equity = curve(returns, first)
    dates = np.datetime64("1969-06-01") + step * np.arange(len(equity))
    _, months, totals = monthly_returns(equity, dates)
    np.testing.assert_allclose(np.nanprod(1.0 + months, axis=1), np.nan_to_num(1.0 + totals, nan=1.0), rtol=1e-9)
    total = measure(equity, dates=dates)["total_return"]
    assert np.nanprod(1.0 + totals) - 1.0 == pytest.approx(total, rel=1e-9, abs=1e-9)


@given(series, st.integers(1, 40))
def test_months_that_are_over_do_not_change(returns: Floats, bars: int) -> None:
    equity = curve(returns)
    dates = np.datetime64("2019-11-01") + 9 * np.arange(len(equity))
    head, whole = (
        monthly_returns(equity[:bars], dates[:bars]).months.ravel(),
        monthly_returns(equity, dates).months.ravel(),
    )
    over = int((dates[:bars].astype("datetime64[M]")[-1] - np.datetime64("2019-01")).astype(int))
    np.testing.assert_array_equal(head[:over], whole[:over])


# ---------------------------------------------------------------- what may come in


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: measure([], dates=days(0)), "equity: nothing to measure in 0 bars"),
        (lambda: measure([1.0, np.nan], dates=days(2)), "equity: every value must be a finite number, bar 1 is not"),
        (lambda: measure([1.0, -0.5], dates=days(2)), "equity: values must be at least 0, got -0.5 at bar 1"),
        (lambda: measure([[1.0]], dates=days(1)), r"equity: must be an array \(date\), got the shape \(1, 1\)"),
        (lambda: measure("growth", dates=days(1)), "equity: must be an array of numbers, got 'growth'"),
        (lambda: measure([1.0, 1.1], dates=days(3)), "dates: must be 2 values of datetime64"),
        (lambda: measure([1.0], dates=["2024-01-01"]), "np.asarray"),
        (lambda: measure([1.0, 1.1], dates=days(2)[::-1]), "dates: must ascend"),
        (lambda: measure([1.0, 1.1], dates=days(1).repeat(2)), "dates: must ascend, each once"),
        (lambda: measure([1.0], dates=[np.datetime64("NaT")]), "dates: must ascend, each once, none of them missing"),
        (lambda: measure([1.0, 1.1], dates=days(2), turnover=[1.0]), "turnover: .* with 2 dates, got 1"),
        (lambda: measure([1.0, 1.1], dates=days(2), allocation=[1.0, 1.0]), r"allocation: .* \(ticker, date\)"),
        (
            lambda: measure([1.0, 1.1], dates=days(2), allocation=[[1.0, 1.0], [0.0, np.inf]]),
            "allocation: .*bar 1 is not",
        ),
        (lambda: measure([1.0, 1.1], dates=days(2), benchmark=[np.nan, 1.0]), "benchmark: .*bar 0 is not"),
        (lambda: measure_returns([0.1, -1.5]), "returns: .* −1, got -1.5 at bar 1"),
        (lambda: measure_returns([0.1, 0.1], dates=days(2)), "dates: must be 3 values"),
        (lambda: measure_returns([0.1], benchmark=[0.1, 0.2]), "returns of the benchmark: .* with 1 dates, got 2"),
        (lambda: monthly_returns([1.0, 1.1], days(1)), "dates: must be 2 values"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        call()


# ---------------------------------------------------------------- parts of a run


def test_a_part_begins_with_the_return_of_its_first_bar() -> None:
    equity, held, traded = [0.9, 1.8, 0.9, 1.35], [[1.0, 0.0, 1.0, 1.0]], [1.0, 1.0, 1.0, 0.0]
    early = measure_between(equity, 0, 1, dates=days(4), allocation=held, turnover=traded)
    late = measure_between(equity, 2, 3, dates=days(4), allocation=held, turnover=traded)
    assert (early["days"], late["days"]) == (1, 2)
    assert early["total_return"] == pytest.approx(0.8)  # the first cost is in it
    assert late["total_return"] == pytest.approx(-0.25)
    assert late["max_drawdown"] == -0.5
    assert late["max_drawdown_peak"] == "2024-01-02"  # the bar it starts from
    assert (early["time_in_market"], late["time_in_market"]) == (0.5, 1.0)
    assert (early["average_turnover"], late["average_turnover"]) == (1.0, 0.5)


@given(series.filter(lambda returns: len(returns) > 1), st.data())
def test_parts_share_nothing_and_make_the_whole(returns: Floats, data: Any) -> None:
    equity = curve(returns, 0.97)
    count = len(equity)
    cut = data.draw(st.integers(2, count - 1))  # one bar alone has no return
    whole = {"dates": days(count), "turnover": np.arange(count) / count, "benchmark": equity[::-1] / equity[-1]}
    parts = [measure_between(equity, *bars, **whole) for bars in ((0, cut - 1), (cut, count - 1))]
    early, late = ({name: float(part[name] or 0.0) for name in METRICS if name in DIVIDED} for part in parts)
    all_of_it = measure_between(equity, 0, count - 1, **whole)
    same(all_of_it, measure(equity, **whole))
    assert early["days"] + late["days"] == all_of_it["days"]
    assert (1 + early["total_return"]) * (1 + late["total_return"]) - 1 == pytest.approx(
        all_of_it["total_return"], abs=1e-9
    )
    traded = early["average_turnover"] * cut + late["average_turnover"] * (count - cut)
    assert traded / count == pytest.approx(all_of_it["average_turnover"])
    same(
        parts[1],
        measure_returns(returns[cut - 1 :], dates=days(count)[cut - 1 :], benchmark=backwards(equity)[cut - 1 :]),
        but={"average_turnover", "annual_turnover"},
    )


def test_a_part_stops_at_the_ruin_of_the_run() -> None:
    equity = [1.0, 0.5, 0.0, 0.0]
    assert measure_between(equity, 1, 3, dates=days(4))["days"] == 2
    with pytest.raises(DataError, match="nothing is left to measure from bar 3; the equity reached 0 before"):
        measure_between(equity, 3, 3, dates=days(4))
    with pytest.raises(DataError, match="bars must be 0 ≤ first ≤ last ≤ 3, got 2 and 4"):
        measure_between(equity, 2, 4, dates=days(4))


# ---------------------------------------------------------------- the edges

DATES = {"max_drawdown_peak", "max_drawdown_trough", "max_drawdown_recovery"}
HOLDINGS = {
    "average_turnover",
    "annual_turnover",
    "average_turnover_one_way",
    "average_holdings",
    "herfindahl",
    "time_in_market",
}


@pytest.mark.parametrize(
    ("equity", "benchmark", "undefined"),
    [
        pytest.param([0.99], [1.0], set(METRICS) - HOLDINGS - {"days"}, id="one bar"),
        pytest.param(
            [1.0] * 12,
            [1.0] * 12,
            {
                *("sharpe", "sortino", "calmar", "stability", "beta", "alpha", "treynor", "correlation", "r_squared"),
                *("information_ratio", "up_capture", "down_capture", "win_rate", "payoff_ratio", "profit_factor"),
                *("skew", "kurtosis", "tail_ratio", "best_5_days", "best_10_days", *DATES),
            },
            id="nothing earned",
        ),
        pytest.param(
            curve(np.array([0.01, 0.02] * 6)),
            curve(np.array([0.01, -0.01] * 6)),
            {"sortino", "calmar", "payoff_ratio", "profit_factor", *DATES},
            id="no losing day",
        ),
        pytest.param(
            [1.0, 1.2, 0.0],
            [1.0, 1.1, 1.2],
            {
                *("max_drawdown_recovery", "stability", "down_capture", "skew", "kurtosis"),
                *("best_5_days", "best_10_days"),
            },
            id="ruin",
        ),
    ],
)
def test_what_is_undefined_at_the_edges_is_none_and_all_else_has_a_value(
    equity: Floats, benchmark: Floats, undefined: Set[str]
) -> None:
    count = len(equity)
    found = measure(
        equity,
        dates=days(count),
        allocation=np.ones((1, count)),
        turnover=np.zeros(count),
        one_way=np.zeros(count),
        benchmark=benchmark,
    )
    assert {name for name, value in found.items() if value is None} == undefined
