"""A part of a run knows nothing of the rest, and parts that follow each other make the whole."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import sbc_lab as lab
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.metrics import METRICS, measure_returns
from sbc_lab.engine.strategy import Strategy
from sbc_lab.errors import BacktestError
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("SPY", "TLT", "GLD"), days=300)
TREE = lab.when(lab.rsi("GLD", 5) > 50).then(lab.equal("SPY", "TLT")).otherwise("TLT")
RUN = backtest(Strategy("Try", TREE), CANDLES, benchmark="SPY", cost_bps=20)
DAYS = RUN.dates.astype("datetime64[D]")


def tiny(*closes: float, first: str = "2024-01-01") -> Backtest:
    """One ticker on days in a row, bought for 1 %."""
    dates = np.datetime64(first, "ns") + np.arange(len(closes)) * np.timedelta64(1, "D")
    candles = xr.Dataset({"close": (("ticker", "date"), [list(closes)])}, coords={"ticker": ["A"], "date": dates})
    return backtest(Strategy("Tiny", "A"), candles, cost_bps=100)


def test_a_split_by_hand() -> None:
    found = tiny(1.0, 2.0, 1.0, 3.0).split("2024-01-03")
    early, late = found.in_sample, found.out_of_sample
    np.testing.assert_allclose(early.equity.values, [0.99, 1.98])
    np.testing.assert_allclose(late.equity.values, [0.5, 1.5])  # from 1 on the bar before
    assert early.base_date is None
    assert late.base_date == np.datetime64("2024-01-02")
    np.testing.assert_allclose(late.drawdown.values, [-0.5, 0.0])
    np.testing.assert_allclose(early.drawdown.values, [0.0, 0.0])
    assert late.metrics["max_drawdown_peak"] == "2024-01-02"
    assert early.metrics["total_return"] == pytest.approx(0.98)
    assert late.metrics["total_return"] == pytest.approx(0.5)
    assert (early.metrics["days"], late.metrics["days"]) == (1, 2)


def test_the_threshold_itself_is_out_of_sample() -> None:
    found = RUN.split(str(DAYS[100]))
    assert found.out_of_sample.dates[0] == RUN.dates[100]
    assert found.in_sample.dates[-1] == RUN.dates[99]
    assert found.threshold == DAYS[100]


def test_a_threshold_between_two_bars_splits_there() -> None:
    saturday = DAYS[np.flatnonzero(np.diff(DAYS) > np.timedelta64(1, "D"))[3]] + np.timedelta64(1, "D")
    found = RUN.split(saturday)
    assert found.in_sample.dates[-1] < saturday < found.out_of_sample.dates[0]


@pytest.mark.parametrize(("share", "first"), [(0.5, "2024-01-06"), (0.7, "2024-01-08"), (0.71, "2024-01-09")])
def test_a_share_is_one_of_calendar_time(share: float, first: str) -> None:
    # ten days from the first date to the last
    found = tiny(*(1.0 + 0.1 * day for day in range(11))).split(share)
    assert str(found.threshold) == first
    assert str(found.out_of_sample.dates[0].astype("datetime64[D]")) == first


@settings(max_examples=25, deadline=None)
@given(st.integers(2, len(DAYS) - 1))
def test_two_parts_make_the_whole(cut: int) -> None:
    found = RUN.split(DAYS[cut])
    parts = (found.in_sample, found.out_of_sample)
    totals = [float(part.metrics["total_return"] or 0.0) for part in parts]
    assert (1 + totals[0]) * (1 + totals[1]) - 1 == pytest.approx(RUN.metrics["total_return"], rel=1e-12)
    for name in ("returns", "allocation"):
        xr.testing.assert_identical(xr.concat([getattr(part, name) for part in parts], "date"), getattr(RUN, name))
    for part in parts:
        assert part.equity.values[-1] - 1.0 == pytest.approx(part.metrics["total_return"], abs=1e-12)
        assert part.drawdown.values.min() == pytest.approx(part.metrics["max_drawdown"], abs=1e-12)


def test_a_part_is_measured_from_its_own_returns_alone() -> None:
    part = RUN.between(DAYS[60], DAYS[120])
    assert RUN.benchmark is not None
    own = measure_returns(
        RUN.returns.values[60:121], dates=RUN.dates[59:121], benchmark=RUN.benchmark.returns.values[60:121]
    )
    for name, value in own.items():
        if METRICS[name].needs <= {"returns", "benchmark"}:
            assert part.metrics[name] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value), name
    assert part.metrics["average_turnover"] == pytest.approx(RUN.turnover.values[60:121].mean())


def test_what_follows_a_part_does_not_change_it() -> None:
    head = backtest(RUN.strategy, CANDLES.sel(date=slice(None, DAYS[150])), benchmark="SPY", cost_bps=20)
    whole, cut = RUN.between(DAYS[50], DAYS[150]), head.between(DAYS[50])
    assert dict(whole.metrics) == dict(cut.metrics)


def test_a_part_without_ends_is_the_run() -> None:
    part = RUN.between()
    assert dict(part.metrics) == dict(RUN.metrics)
    xr.testing.assert_identical(part.equity, RUN.equity)
    xr.testing.assert_identical(part.drawdown, RUN.drawdown)


def test_the_table_holds_both_parts_and_the_whole() -> None:
    found = RUN.split(0.6)
    data = found.data
    assert data["part"].values.tolist() == ["in-sample", "out-of-sample", "whole"]
    assert set(data.data_vars) == set(METRICS)
    assert float(data["cagr"].sel(part="in-sample")) == found.in_sample.metrics["cagr"]
    peak = data["max_drawdown_peak"].sel(part="out-of-sample").values
    assert str(peak.astype("datetime64[D]")) == found.out_of_sample.metrics["max_drawdown_peak"]
    assert data["cagr"].attrs == {"long_name": "CAGR", "units": "fraction", "formula": METRICS["cagr"].formula}
    text = repr(found)
    assert text.splitlines()[0] == f"Try: in-sample before {found.threshold}, out-of-sample from {found.threshold}"
    assert METRICS["cagr"].show(found.out_of_sample.metrics["cagr"]) in text
    assert "<table" in found._repr_html_()


def test_what_no_part_has_is_not_shown_and_is_nothing_in_the_data() -> None:
    found = tiny(1.0, 2.0, 3.0).split("2024-01-03")
    assert "max drawdown: peak" not in repr(found)
    assert np.isnat(found.data["max_drawdown_peak"].values).all()
    assert np.isnan(found.data["beta"].values).all()


def test_a_part_shows_its_span_and_its_main_metrics() -> None:
    lines = repr(RUN.between(DAYS[10], DAYS[20])).splitlines()
    assert lines[0] == f"Part '{DAYS[10]} to {DAYS[20]}'  {DAYS[10]} to {DAYS[20]}  11 bars"
    assert "CAGR" in lines[1]


@pytest.mark.parametrize("at", [DAYS[0], DAYS[1], DAYS[-1] + 1, "1999-01-01"])
def test_a_split_that_leaves_a_part_without_a_return_is_refused(at: object) -> None:
    with pytest.raises(BacktestError, match=f"each part needs a return of its own; choose a date from {DAYS[2]} to"):
        RUN.split(at)


@pytest.mark.parametrize("at", [0.0, 1.0, -0.1, float("nan")])
def test_a_share_lies_between_0_and_1(at: float) -> None:
    with pytest.raises(BacktestError, match=r"split takes a date or a share of the time between 0 and 1, such as 0\.7"):
        RUN.split(at)


@pytest.mark.parametrize("at", [None, 2015, "soon"])
def test_a_split_takes_a_date_or_a_share(at: object) -> None:
    with pytest.raises(BacktestError, match="split"):
        RUN.split(at)


def test_an_empty_part_is_refused_with_what_there_is() -> None:
    with pytest.raises(BacktestError, match=r"between\('1999-01-01', '1999-12-31'\): no return of the run .* from"):
        RUN.between("1999-01-01", "1999-12-31")
    with pytest.raises(BacktestError, match="no return of the run is dated within it"):
        RUN.between(DAYS[20], DAYS[10])
    with pytest.raises(BacktestError, match="no return of the run is dated within it"):
        RUN.between(None, DAYS[0])
