"""The metrics against the values of other libraries: their own tests, and their output on real prices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sbc_lab.engine.metrics import measure, measure_returns, monthly_returns

Floats = NDArray[np.float64]

# test of empyrical → (metric, is a day without a return a day on which nothing was earned?)
# Its growth counts such days in n, its means and spreads leave them out.
EMPYRICAL = {
    "test_cum_returns_final": ("total_return", True),
    "test_max_drawdown": ("max_drawdown", True),
    "test_annual_ret": ("cagr", True),
    "test_cagr": ("cagr", True),
    "test_calmar": ("calmar", True),
    "test_annual_volatility": ("volatility", False),
    "test_sharpe_ratio": ("sharpe", False),
    "test_sortino": ("sortino", False),
}


def records(shared: Path, *tests: str) -> Iterator[tuple[dict[str, Any], Floats, list[Any]]]:
    """Daily records of these tests: the record, its returns above any hurdle (series, date), one expectation each."""
    golden = json.loads((shared / "golden/empyrical/expected.json").read_text(encoding="utf-8"))
    for record in golden["records"]:
        inputs = record["inputs"]
        if record["test"] not in tests or inputs.get("period", "daily") != "daily":
            continue  # weeks and months are annualised otherwise; we measure days
        given = inputs["returns"]
        frame = list(given["frame"].values()) if "frame" in given else [golden["series"][given["series"]]["values"]]
        # we have no hurdle: what is measured is the return above it
        hurdle = inputs.get("risk_free") or inputs.get("required_return")
        level = np.array(golden["series"][hurdle["series"]]["values"] if hurdle else [0.0], dtype=float)
        expected = record["expected"] if "frame" in given else [record["expected"]]
        yield record, np.array(frame, dtype=float) - level, expected


def test_empyrical_expects_the_same(shared: Path) -> None:
    compared = 0
    for record, frame, expectations in records(shared, *EMPYRICAL):
        metric, kept = EMPYRICAL[record["test"]]
        for returns, text in zip(frame, expectations, strict=True):
            found = measure_returns(np.nan_to_num(returns) if kept else returns[~np.isnan(returns)])[metric]
            expected, start = float(text), record["inputs"].get("starting_value")
            expected = expected / start - 1.0 if start else expected
            # totals are given to 5 digits; undefined is None here, NaN or an infinity there
            close = pytest.approx(expected, abs=1e-4 if metric == "total_return" else 1e-8)
            assert found == (close if np.isfinite(expected) else None), record
            compared += 1
    assert compared == 41


def test_empyrical_compounds_the_same(shared: Path) -> None:
    compared = 0
    for record, (returns,), (levels,) in records(shared, "test_cum_returns"):
        start = record["inputs"]["starting_value"]
        for bar, expected in enumerate(levels):
            total = measure_returns(np.nan_to_num(returns[: bar + 1]))["total_return"]
            assert isinstance(total, float)
            # the levels are given to 5 digits
            assert (start * (1.0 + total) if start else total) == pytest.approx(expected, abs=1e-4)
        compared += 1
    assert compared == 4


# metric → the names under which each library gives the same number. Left out because the convention differs: cagr and
# calmar of ffn (calendar years). alpha of empyrical is compounded, see below.
PEERS = {
    "total_return": {"empyrical": "cum_returns_final", "ffn": "total_return", "quantstats": "comp"},
    "cagr": {"empyrical": "annual_return", "quantstats": "cagr"},
    "volatility": {"empyrical": "annual_volatility", "ffn": "daily_vol", "quantstats": "volatility"},
    "sharpe": {"empyrical": "sharpe_ratio", "ffn": "daily_sharpe", "quantstats": "sharpe"},
    "sortino": {"empyrical": "sortino_ratio", "ffn": "daily_sortino", "quantstats": "sortino"},
    "calmar": {"empyrical": "calmar_ratio", "quantstats": "calmar"},
    "max_drawdown": {"empyrical": "max_drawdown", "ffn": "max_drawdown", "quantstats": "max_drawdown"},
    "beta": {"empyrical": "beta"},
    "win_rate": {"quantstats": "win_rate"},
    "best_day": {"ffn": "best_day"},
    "worst_day": {"ffn": "worst_day"},
    "skew": {"ffn": "daily_skew", "quantstats": "skew"},
    "kurtosis": {"ffn": "daily_kurt", "quantstats": "kurtosis"},
    "tail_ratio": {"empyrical": "tail_ratio", "quantstats": "tail_ratio"},
}


def adjusted(shared: Path, ticker: str, window: list[str]) -> tuple[NDArray[np.datetime64], Floats]:
    """Dates and adjusted closes of a ticker, both days of the window included."""
    table = pytest.importorskip("pyarrow.parquet").read_table(shared / f"data/eod/{ticker}.parquet")
    dates, close = table.column("date").to_numpy(), table.column("adj_close").to_numpy()
    inside = (dates >= np.datetime64(window[0])) & (dates <= np.datetime64(window[1]))
    return dates[inside], close[inside]


@pytest.mark.parametrize("ticker", ["SPY", "TQQQ", "TLT", "UVXY", "SVXY", "BIL"])
def test_other_libraries_give_the_same_on_real_prices(shared: Path, ticker: str) -> None:
    golden = json.loads((shared / "golden/metrics_peers/metrics.json").read_text(encoding="utf-8"))
    window, peers = golden["window_of_prices"], golden["series"][ticker]
    dates, close = adjusted(shared, ticker, window)
    _, benchmark = adjusted(shared, golden["benchmark"], window)
    found = measure(close / close[0], dates=dates, benchmark=benchmark)
    assert found["days"] == peers["n"]
    for metric, names in PEERS.items():
        for library, name in names.items():
            assert found[metric] == pytest.approx(peers[library][name], rel=1e-9), (metric, library)
    alpha = found["alpha"]
    assert isinstance(alpha, float)
    assert (1.0 + alpha / 252) ** 252 - 1.0 == pytest.approx(peers["empyrical"]["alpha"], rel=1e-9, abs=1e-12)
    # ffn leaves out the first month and the first year, which have no price before them
    _, months, totals = monthly_returns(close / close[0], dates)
    for values, unit in ((months.ravel()[1:], "month"), (totals[1:], "year")):
        assert np.nanmax(values) == pytest.approx(peers["ffn"][f"best_{unit}"], rel=1e-9)
        assert np.nanmin(values) == pytest.approx(peers["ffn"][f"worst_{unit}"], rel=1e-9)
    assert np.mean(totals[1:] > 0.0) == pytest.approx(peers["ffn"]["win_year_perc"])
