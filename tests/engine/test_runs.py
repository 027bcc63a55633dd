"""The collection of many runs: by place, by name, as a table."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.batch import backtest_many
from sbc_lab.engine.metrics import METRICS
from sbc_lab.engine.runs import MOST_SHOWN, shown_bytes
from sbc_lab.engine.strategy import Strategy, equal
from sbc_lab.errors import BacktestError, UnknownNameError
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("SPY", "TLT"), days=120, seed=1)
RUNS = backtest_many([Strategy("a", "SPY"), Strategy("b", "TLT"), Strategy("a", equal("SPY", "TLT"))], CANDLES)


def test_a_run_is_found_by_place_and_by_name() -> None:
    assert RUNS[-1].strategy.root == equal("SPY", "TLT")
    assert RUNS["b"].strategy.name == "b"
    assert [run.strategy.name for run in RUNS] == ["a", "b", "a"]
    assert [run.strategy.name for run in RUNS[1:]] == ["b", "a"]


def test_a_name_that_is_unknown_or_repeats_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="nearest first: "):
        RUNS["c"]
    with pytest.raises(BacktestError, match="type a place: 0, 2"):
        RUNS["a"]
    with pytest.raises(IndexError):
        RUNS[3]


def test_metrics_are_those_of_the_runs() -> None:
    assert list(RUNS.metrics["strategy"].values) == ["a", "b", "a"]
    assert set(RUNS.metrics.data_vars) == set(METRICS)
    for place, run in enumerate(RUNS):
        assert float(RUNS.metrics["sharpe"][place]) == run.metrics["sharpe"]
        peak = run.metrics["max_drawdown_peak"]
        assert str(RUNS.metrics["max_drawdown_peak"].values[place])[:10] == peak
    assert np.isnan(RUNS.metrics["beta"].values).all()
    assert RUNS.metrics["cagr"].attrs["units"] == "fraction"


def test_equity_is_that_of_the_runs() -> None:
    assert RUNS.equity.dims == ("strategy", "date")
    np.testing.assert_array_equal(RUNS.equity.values[1], RUNS[1].equity.values)


def test_runs_show_names_and_headlines_as_text_and_html() -> None:
    said = repr(RUNS)
    assert said.splitlines()[0] == "3 runs"
    assert "CAGR" in said
    odd = backtest_many([Strategy("<script>", "SPY")] * (MOST_SHOWN + 2), CANDLES)
    assert "<script>" not in odd._repr_html_()
    assert "2 more in .metrics" in repr(odd)


def test_bytes_are_said_for_a_person() -> None:
    assert shown_bytes(3 << 19) == "1.5 MiB"
    assert shown_bytes(5 << 30) == "5.0 GiB"
