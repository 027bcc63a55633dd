"""A moving metric is the metric of the window that ends there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sbc_lab as lab
from sbc_lab.engine import rolling as module
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.metrics import METRICS, measure_returns
from sbc_lab.engine.rolling import ROLLING, ROLLING_BESIDE, rolling
from sbc_lab.engine.strategy import Strategy
from sbc_lab.errors import BacktestError
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("SPY", "TLT"), days=120)
RUN = backtest(Strategy("Try", lab.equal("SPY", "TLT")), CANDLES, benchmark="SPY", cost_bps=100)
moves = st.integers(-300, 300).map(lambda mill: mill / 1000)
series = st.lists(moves, min_size=3, max_size=25).map(np.array)


@given(series, st.data())
def test_every_window_is_measured_as_a_run_of_its_own(returns: np.ndarray, data: st.DataObject) -> None:
    window = data.draw(st.integers(2, len(returns)))
    other = returns[::-1].round(1)
    equity, beside = (0.9 * np.append(np.ones(1), np.cumprod(1.0 + values)) for values in (returns, other))
    found = rolling(equity, window, beside)
    for bar in range(len(equity)):
        if bar < window:
            assert np.isnan([row[bar] for row in found.values()]).all()
            continue
        inside = slice(bar - window, bar)
        own = measure_returns(returns[inside], benchmark=other[inside])
        for name in (*ROLLING, *ROLLING_BESIDE):
            value = own[name]
            expected = float("nan") if value is None else pytest.approx(float(value), rel=1e-7, abs=1e-9)
            assert found[name][bar] == expected or (value is None and np.isnan(found[name][bar])), (name, bar)


def test_the_first_cost_is_in_no_window() -> None:
    free = backtest(RUN.strategy, CANDLES, benchmark="SPY", cost_bps=0)
    first = RUN.rolling(20).isel(date=20)
    assert (
        float(first["total_return"])
        == pytest.approx(float(RUN.equity[20] / RUN.equity[0]) - 1.0)
        != pytest.approx(float(free.rolling(20)["total_return"][20]), abs=1e-6)
    )


def test_windows_of_many_blocks_are_those_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = RUN.rolling(10)
    monkeypatch.setattr(module, "_BLOCK", 70)
    assert RUN.rolling(10).identical(whole)


def test_rolling_metrics_have_the_labels_of_the_table() -> None:
    found = RUN.rolling(30)
    assert list(found.data_vars) == [*ROLLING, *ROLLING_BESIDE]
    assert found["sharpe"].dims == ("date",)
    assert found["sharpe"].attrs == {"long_name": METRICS["sharpe"].label, "units": "ratio"}
    assert found.attrs["window"] == 30
    np.testing.assert_array_equal(found["date"], RUN.dates)
    assert "beta" not in backtest(RUN.strategy, CANDLES).rolling(30)


def test_nothing_moves_ahead() -> None:
    head = backtest(RUN.strategy, CANDLES.isel(date=slice(0, 80)), benchmark="SPY", cost_bps=100)
    whole = RUN.rolling(15).isel(date=slice(0, len(head.dates)))
    for name in whole.data_vars:
        np.testing.assert_array_equal(head.rolling(15)[name], whole[name])


@pytest.mark.parametrize("window", [1, 0, 120, True, 2.5, "20"])
def test_a_window_has_at_least_two_returns_and_at_most_all(window: object) -> None:
    with pytest.raises(BacktestError, match=rf"rolling takes a window of 2 to 119 trading days.*got {window!r}"):
        RUN.rolling(window)  # type: ignore[arg-type]  # that it is refused is the law


def test_a_fall_that_is_rounding_noise_is_none() -> None:
    found = rolling(np.array([1.0, 1.0 - 1e-15, 1.0, 1.0]), 2)
    assert found["max_drawdown"].tolist()[2:] == [0.0, 0.0]
    assert np.isnan(found["sharpe"]).all()
