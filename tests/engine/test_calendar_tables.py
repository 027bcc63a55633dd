"""Months compound to years, years to the total return, and the tables show them."""

from __future__ import annotations

import numpy as np
import pytest

import sbc_lab as lab
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.metrics import measure_returns, monthly_returns
from sbc_lab.engine.strategy import Strategy
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("SPY", "TLT"), days=700)
RUN = backtest(Strategy("Try", lab.equal("SPY", "TLT")), CANDLES, cost_bps=50, benchmark="SPY", rebalance="monthly")


def test_months_compound_to_years_and_years_to_the_total_return() -> None:
    data = RUN.monthly.data
    np.testing.assert_allclose((1.0 + data["returns"]).prod("month"), 1.0 + data["total"], rtol=1e-12)
    assert float((1.0 + data["total"]).prod()) - 1.0 == pytest.approx(RUN.metrics["total_return"], rel=1e-12)
    np.testing.assert_array_equal(RUN.yearly.data["returns"], data["total"])


def test_every_bar_belongs_to_one_month() -> None:
    data = RUN.monthly.data
    assert data["returns"].dims == ("year", "month")
    assert data["month"].values.tolist() == list(range(1, 13))
    assert int(data["bars"].sum()) == len(RUN.dates) == int(RUN.yearly["bars"].sum())
    np.testing.assert_array_equal(data["bars"].values > 0, ~np.isnan(data["returns"].values))
    first = RUN.dates[0].astype("datetime64[M]")
    assert int(data["bars"].values[0, int(first.astype(int)) % 12]) == int(
        (RUN.dates.astype("datetime64[M]") == first).sum()
    )


def test_a_year_is_measured_from_its_own_returns() -> None:
    table = RUN.yearly
    assert list(table.data.data_vars) == [
        *("returns", "benchmark", "difference", "volatility", "sharpe", "max_drawdown", "bars")
    ]
    year = int(table.data["year"].values[1])
    inside = RUN.dates.astype("datetime64[Y]").astype(int) + 1970 == year
    own = measure_returns(RUN.returns.values[inside])
    for name in ("volatility", "sharpe", "max_drawdown"):
        assert float(table[name].sel(year=year)) == pytest.approx(own[name], rel=1e-9)
    assert float(table["returns"].sel(year=year)) == pytest.approx(own["total_return"], rel=1e-9)
    assert RUN.benchmark is not None
    np.testing.assert_array_equal(
        table["benchmark"], monthly_returns(RUN.benchmark.equity.values, RUN.benchmark.dates).totals
    )
    np.testing.assert_allclose(table["difference"], table["returns"] - table["benchmark"])


def test_without_a_benchmark_there_is_no_column_of_it() -> None:
    alone = backtest(RUN.strategy, CANDLES)
    assert "benchmark" not in alone.yearly.data
    assert "Benchmark" not in repr(alone.yearly)


def test_the_month_table_shows_percents_and_leaves_months_without_a_bar_empty() -> None:
    lines = repr(RUN.monthly).splitlines()
    assert lines[0] == "Try: returns by month, net of cost"
    assert lines[1].split() == [
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Year")
    ]
    assert len(lines) == 2 + RUN.monthly.data.sizes["year"]
    assert f"{float(RUN.monthly['total'][0]):.2%}" in lines[2]
    assert RUN.monthly._repr_html_().count("background:rgba(") > 10
