"""The metrics against the values of other libraries: their own tests, and their output on real prices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import NormalDist
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
    "test_downside_risk": ("downside_risk", False),
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
        known = golden["series"][hurdle["series"]]["values"] if isinstance(hurdle, dict) else [hurdle or 0.0]
        level = np.array(known, dtype=float)
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
    assert compared == 48


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


# metric → the names under which each library gives the same number. Where a convention differs, see below.
PEERS = {
    "total_return": {"empyrical": "cum_returns_final", "ffn": "total_return", "quantstats": "comp"},
    "cagr": {"empyrical": "annual_return", "quantstats": "cagr"},
    "mean_return": {"ffn": "daily_mean"},
    "volatility": {"empyrical": "annual_volatility", "ffn": "daily_vol", "quantstats": "volatility"},
    "sharpe": {"empyrical": "sharpe_ratio", "ffn": "daily_sharpe", "quantstats": "sharpe"},
    "sortino": {"empyrical": "sortino_ratio", "ffn": "daily_sortino", "quantstats": "sortino"},
    "calmar": {"empyrical": "calmar_ratio", "quantstats": "calmar"},
    "max_drawdown": {"empyrical": "max_drawdown", "ffn": "max_drawdown", "quantstats": "max_drawdown"},
    "downside_risk": {"empyrical": "downside_risk"},
    "average_drawdown": {"ffn": "avg_drawdown"},
    "stability": {"empyrical": "stability_of_timeseries"},
    "beta": {"empyrical": "beta"},
    "up_capture": {"empyrical": "up_capture"},
    "down_capture": {"empyrical": "down_capture"},
    "payoff_ratio": {"quantstats": "payoff_ratio"},
    "profit_factor": {"empyrical": "omega_ratio", "quantstats": "profit_factor"},
    "value_at_risk": {"empyrical": "value_at_risk_5"},
    "expected_shortfall": {"empyrical": "conditional_value_at_risk_5"},
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
            if (metric, ticker) != ("average_drawdown", "BIL"):  # ffn misses 7 of its 181 highs by the last digit
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


@pytest.mark.parametrize("ticker", ["SPY", "TQQQ", "TLT", "UVXY", "SVXY", "BIL"])
def test_what_other_libraries_define_otherwise_follows_from_our_numbers(shared: Path, ticker: str) -> None:
    golden = json.loads((shared / "golden/metrics_peers/metrics.json").read_text(encoding="utf-8"))
    peers = golden["series"][ticker]
    dates, close = adjusted(shared, ticker, golden["window_of_prices"])
    found: dict[str, Any] = dict(measure(close / close[0], dates=dates))
    days, win = found["days"], found["win_rate"]
    normal = NormalDist(found["mean_return"] / 252, found["volatility"] / np.sqrt(252))
    low = normal.inv_cdf(0.05)
    # ffn counts calendar years, from the day before the first return on
    years = (dates[-1] - dates[1] + np.timedelta64(1, "D")) / np.timedelta64(1, "D") / 365.25
    growth = (1.0 + found["total_return"]) ** (1.0 / years) - 1.0
    _, months, totals = monthly_returns(close / close[0], dates)
    month, year = months.ravel()[1:], totals[1:]
    month = month[~np.isnan(month)]
    whole = np.cumprod(np.concatenate(([1.0], 1.0 + month)))
    for (library, name), value in {
        ("quantstats", "ulcer_index"): found["ulcer_index"] * np.sqrt(days / (days - 1)),  # n − 1 there
        ("quantstats", "gain_to_pain_ratio"): found["profit_factor"] - 1.0,
        ("quantstats", "omega"): found["profit_factor"],
        ("quantstats", "kelly_criterion"): win - (1.0 - win) / found["payoff_ratio"],
        # of a normal distribution there, of the days here
        ("quantstats", "var"): low,
        ("quantstats", "cvar"): normal.mean - normal.stdev**2 * normal.pdf(low) / 0.05,
        ("ffn", "cagr"): growth,
        ("ffn", "calmar"): growth / -found["max_drawdown"],
        ("ffn", "monthly_mean"): month.mean() * 12,
        ("ffn", "monthly_vol"): month.std(ddof=1) * np.sqrt(12),
        ("ffn", "monthly_sharpe"): month.mean() / month.std(ddof=1) * np.sqrt(12),
        ("ffn", "yearly_mean"): year.mean(),
        ("ffn", "yearly_vol"): year.std(ddof=1),
        ("ffn", "twelve_month_win_perc"): np.mean(whole[12:] > whole[:-12]),
    }.items():
        if (name, ticker) != ("twelve_month_win_perc", "BIL"):  # a year ends where it began, but for the last digit
            assert value == pytest.approx(peers[library][name], rel=1e-9), (library, name)


def test_empyrical_takes_the_same_returns_from_prices(shared: Path) -> None:
    golden = json.loads((shared / "golden/empyrical/expected.json").read_text(encoding="utf-8"))
    compared = 0
    for record in golden["records"]:
        if record["test"] != "test_simple_returns":
            continue
        prices = np.array(golden["series"][record["inputs"]["prices"]["series"]]["values"], dtype=float)
        expected = np.array(record["expected"], dtype=float)
        above = int(np.isinf(expected).sum())  # one series begins with a price of 0, which is a ruin here
        found = measure(prices[above:], dates=np.datetime64("2024-01-01") + np.arange(len(prices) - above))
        assert found["best_day"] == pytest.approx(expected[above:].max(), abs=1e-4)
        assert found["worst_day"] == pytest.approx(expected[above:].min(), abs=1e-4)
        compared += 1
    assert compared == 2
