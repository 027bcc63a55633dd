"""The result of a run: labels, units and dates of its series, its metrics, its identity, and how it is shown."""

from __future__ import annotations

import html
import json
import math
import pickle
import re

import numpy as np
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.engine import result
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.costs import PerShare, Slippage
from sbc_lab.engine.metric_values import Metrics
from sbc_lab.engine.metrics import METRICS
from sbc_lab.engine.strategy import Node, Strategy, threshold
from sbc_lab.errors import UnknownNameError
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("SPY", "TLT", "GLD"), days=120)
TREE = lab.when(lab.rsi("GLD", 5) > 50).then(lab.equal("SPY", "TLT")).otherwise("TLT")
EVIL = "<script>alert(1)</script>"


def run_of(tree: Node | str = TREE, *, name: str = "Try", candles: xr.Dataset = CANDLES, **how: object) -> Backtest:
    return backtest(Strategy(name, tree), candles, **how)  # type: ignore[arg-type]  # settings by name


def tiny() -> Backtest:
    """Half A, half B, bought on the first day at 100 basis points: A doubles, then B halves."""
    close = np.array([[10.0, 20.0, 20.0], [4.0, 4.0, 2.0]])
    dates = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[ns]")
    candles = xr.Dataset({"close": (("ticker", "date"), close)}, coords={"ticker": ["A", "B"], "date": dates})
    return backtest(Strategy("Tiny", lab.equal("A", "B")), candles, cost_bps=100, rebalance="none")


# ---------------------------------------------------------------- series


def test_a_run_of_three_days_by_hand() -> None:
    run = tiny()
    np.testing.assert_allclose(run.equity.values, [0.99, 0.99 * 1.5, 0.99 * 1.25], rtol=1e-15)
    np.testing.assert_allclose(run.returns.values, [-0.01, 0.5, -1 / 6], rtol=1e-13)
    np.testing.assert_allclose(run.drawdown.values, [0.0, 0.0, -1 / 6], rtol=1e-13)
    np.testing.assert_allclose(run.allocation.values, [[0.5, 2 / 3, 0.8], [0.5, 1 / 3, 0.2]], rtol=1e-14)
    np.testing.assert_array_equal(run.target.values, [[0.5] * 3] * 2)
    np.testing.assert_array_equal(run.turnover.values, [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(run.cost.values, [0.01, 0.0, 0.0])


@pytest.mark.parametrize(
    ("name", "dims", "units", "label"),
    [
        ("equity", ("date",), "1", "Growth of 1, net of cost"),
        ("returns", ("date",), "fraction", "Daily return, net of cost"),
        ("drawdown", ("date",), "fraction", "Fall from the running maximum"),
        ("turnover", ("date",), "fraction", "Traded value / portfolio value"),
        ("cost", ("date",), "fraction", "Cost of trading"),
        ("allocation", ("ticker", "date"), "fraction", "Share of the portfolio"),
        ("target", ("ticker", "date"), "fraction", "Share that the tree asks for"),
    ],
)
def test_every_series_has_its_name_dimensions_unit_and_label(
    name: str, dims: tuple[str, ...], units: str, label: str
) -> None:
    run = run_of()
    series = getattr(run, name)
    assert (series.name, series.dims) == (name, dims)
    assert series.attrs == {"long_name": label, "units": units}
    np.testing.assert_array_equal(series["date"].values, run.dates)
    assert np.isfinite(series.values).all()
    xr.testing.assert_identical(run.data[name].reset_coords(drop=True), series.reset_coords(drop=True))


def test_rows_know_when_they_were_decided_and_until_when_they_earn() -> None:
    run = tiny()
    days = run.dates
    np.testing.assert_array_equal(run.returns["decision_date"].values, [days[0], days[0], days[1]])
    until = run.allocation["return_date"].values
    np.testing.assert_array_equal(until[:-1], days[1:])
    assert np.isnat(until[-1])
    assert "return_date" in run.target.coords
    earned = run.allocation.values[:, 0] @ [1.0, 0.0]
    assert run.returns.values[1] == pytest.approx(earned)


def test_only_held_tickers_have_a_share_and_shares_add_to_one() -> None:
    run = run_of()
    assert list(run.allocation["ticker"].values) == ["SPY", "TLT"]
    np.testing.assert_allclose(run.allocation.sum("ticker").values, 1.0, rtol=1e-12)


def test_returns_compound_to_the_equity() -> None:
    run = run_of(cost_bps=25, rebalance="weekly")
    np.testing.assert_allclose(np.cumprod(1.0 + run.returns.values), run.equity.values, rtol=1e-12)


def test_the_dataset_says_which_run_it_is() -> None:
    run = run_of()
    assert run.data.attrs == {"strategy": "Try", "identity": run.identity}


# ---------------------------------------------------------------- metrics and benchmark


def test_metrics_are_a_mapping_in_the_order_of_the_table() -> None:
    metrics = run_of().metrics
    assert list(metrics) == list(METRICS)
    assert len(metrics) == len(METRICS)
    assert metrics["days"] == len(run_of().dates) - 1
    with pytest.raises(UnknownNameError, match="no metric 'sharp'; known, nearest first: sharpe"):
        metrics["sharp"]
    assert metrics.get("cagr") == metrics["cagr"]


def test_metrics_are_shown_as_a_table_of_labels_and_values() -> None:
    shown = Metrics({"cagr": 0.1234, "sharpe": None, "max_drawdown": -0.5})
    assert repr(shown).splitlines() == [
        f"{METRICS['cagr'].label:<12}  {'12.34%':>12}",
        f"{METRICS['sharpe'].label:<12}  {'–':>12}",
        f"{METRICS['max_drawdown'].label:<12}  {'-50.00%':>12}",
    ]
    page = shown._repr_html_()
    assert page.count("<tr>") == 3
    assert "12.34%" in page
    assert METRICS["cagr"].label in page


def test_every_metric_stands_on_a_page_once_in_its_order() -> None:
    page = run_of(benchmark="SPY").metrics._repr_html_()
    assert page.count("<table") == 2
    found = re.findall(r"<bdi>(.*?)</bdi>", page)
    assert found == [html.escape(METRICS[name].label) for name in METRICS]
    assert Metrics({})._repr_html_()


def test_a_benchmark_adds_the_metrics_that_need_one_and_changes_no_other() -> None:
    alone, beside = run_of(), run_of(benchmark="SPY")
    assert beside.benchmark is not None
    np.testing.assert_array_equal(beside.benchmark.dates, beside.dates)
    needing = {name for name, metric in METRICS.items() if "benchmark" in metric.needs}
    assert {name for name in METRICS if alone.metrics[name] != beside.metrics[name]} == needing
    assert {name for name, value in alone.metrics.items() if value is None} >= needing
    assert alone.identity != beside.identity != run_of(benchmark="TLT").identity
    assert alone.equity.identical(beside.equity)


def test_a_run_beside_itself_has_beta_one() -> None:
    run = run_of("SPY", benchmark="SPY")
    assert run.metrics["beta"] == pytest.approx(1.0)
    assert run.metrics["alpha"] == pytest.approx(0.0, abs=1e-12)
    assert run.metrics["correlation"] == pytest.approx(1.0)


# ---------------------------------------------------------------- identity


def test_identity_changes_with_everything_that_can_change_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = CANDLES.copy(deep=True)
    changed["close"].values[2, 60] *= 1.0000001
    runs = {
        "as it is": run_of(),
        "start": run_of(start="2015-02-02"),
        "end": run_of(end="2015-05-01"),
        "start policy": run_of(start_policy="all_assets"),
        "cost": run_of(cost_bps=6),
        "weekly": run_of(rebalance="weekly"),
        "threshold": run_of(rebalance=threshold(0.1)),
        "another threshold": run_of(rebalance=threshold(0.2)),
        "on_missing": run_of(on_missing="hold"),
        "one price": run_of(candles=changed),
        "delay": run_of(delay=1),
        "execution": run_of(execution="next_open"),
        "costs": run_of(costs=PerShare()),
        "other costs": run_of(costs=PerShare() + Slippage(1)),
        "a yield": run_of(cash=0.03),
        "a ticker for cash": run_of(cash="TLT"),
        "yields": run_of(cash=xr.DataArray([0.03], dims="date", coords={"date": [np.datetime64("2015-01-05", "ns")]})),
        "benchmark": run_of(benchmark="SPY"),
        "fewer bars": run_of(candles=CANDLES.isel(date=slice(0, 119))),
        "tree": run_of(lab.when(lab.rsi("GLD", 5) > 51).then(lab.equal("SPY", "TLT")).otherwise("TLT")),
    }
    with lab.options(engine="numpy"):
        runs["engine"] = run_of()
    identities = {name: run.identity for name, run in runs.items()}
    monkeypatch.setattr(result, "ENGINE_VERSION", "another")
    identities["version"] = run_of().identity
    assert len(set(identities.values())) == len(identities), identities
    assert all(len(identity) == 64 and int(identity, 16) >= 0 for identity in identities.values())


def test_identity_does_not_change_with_names_looks_or_repetition() -> None:
    assert run_of().identity == run_of().identity == run_of(name="Another").identity
    assert run_of(lab.group("one name", TREE)).identity == run_of(lab.group("another", TREE)).identity
    more = synthetic_candles(("SPY", "TLT", "GLD", "BIL"), days=120)
    same = more.assign(close=more["close"]).sel(ticker=["GLD", "SPY", "TLT"])
    assert run_of(candles=same).identity == run_of(candles=same.isel(ticker=[2, 0, 1])).identity


def test_the_rule_of_the_strategy_and_the_same_rule_given_are_the_same_run() -> None:
    own = backtest(Strategy("Try", TREE, rebalance="weekly"), CANDLES)
    given = backtest(Strategy("Try", TREE), CANDLES, rebalance="weekly")
    np.testing.assert_array_equal(own.equity.values, given.equity.values)
    assert own.settings == given.settings


# ---------------------------------------------------------------- shown


def test_the_text_has_name_span_headlines_and_the_number_of_warnings() -> None:
    text = repr(tiny())
    assert text.splitlines()[0] == "Backtest 'Tiny'  2024-01-01 to 2024-01-03  3 bars"
    assert "max drawdown -16.67%" in text
    assert text.endswith("\nno warnings")
    one = run_of("SPY", candles=synthetic_candles(("SPY",), days=60, holes={"SPY": (20,)}))
    assert repr(one).endswith("\n1 warning: see .warnings")
    two = run_of("SPY", candles=synthetic_candles(("SPY",), days=60, holes={"SPY": (20, 30)}))
    assert repr(two).endswith("\n2 warnings: see .warnings")


def test_a_page_shows_names_as_text() -> None:
    page = run_of(lab.group(EVIL, lab.equal("SPY", lab.cash())), name=EVIL)._repr_html_()
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert "<details><summary>1 warning</summary>" in page
    assert page.count("<") == page.count(">")


def test_a_page_lists_ten_warnings_and_counts_the_rest() -> None:
    holes = {"SPY": tuple(range(10, 34, 2))}
    page = run_of("SPY", candles=synthetic_candles(("SPY",), days=60, holes=holes))._repr_html_()
    assert page.count("<li>") == 11
    assert "… and 2 more in .warnings" in page


def test_a_name_of_two_lines_stays_on_one() -> None:
    assert len(repr(run_of(name="first\nsecond")).splitlines()) == 3


def test_the_summary_is_plain_json_and_says_the_same() -> None:
    run = run_of("SPY", candles=synthetic_candles(("SPY",), days=3), benchmark="SPY")
    text = json.dumps(run.summary(), allow_nan=False)
    read = json.loads(text)
    assert read["identity"] == run.identity
    assert read["fingerprint"] == run.strategy.fingerprint
    assert (read["start"], read["end"], read["bars"]) == ("2015-01-05", "2015-01-07", 3)
    assert read["settings"] == run.settings.as_json()
    assert read["benchmark"] == {"name": "SPY", "identity": run.benchmark.identity}  # type: ignore[union-attr]  # it has one
    assert read["warnings"] == [str(warning) for warning in run.warnings]
    assert set(read["metrics"]) == set(METRICS)
    assert all(value is None or isinstance(value, str) or math.isfinite(value) for value in read["metrics"].values())
    assert run_of().summary()["benchmark"] is None


def test_a_run_comes_out_of_a_pickle_as_it_went_in() -> None:
    run = run_of(benchmark="GLD")
    again = pickle.loads(pickle.dumps(run))
    assert again.identity == run.identity
    assert again.strategy is run.strategy
    assert again.warnings == run.warnings
    assert str(again.explain(run.dates[9])) == str(run.explain(run.dates[9]))
    xr.testing.assert_identical(again.data, run.data)
    assert again.benchmark.identity == run.benchmark.identity  # type: ignore[union-attr]  # it was given


def test_the_pickle_of_a_deep_tree_is_about_as_large_as_the_tree() -> None:
    node: Node = lab.equal("SPY", "TLT")
    for place in range(2_000):
        node = lab.when(lab.rsi("GLD", 5) > place / 20).then("SPY").otherwise(node)
    run = run_of(node)
    assert len(pickle.dumps(run)) < 3 * len(pickle.dumps(run.strategy)) + 200_000
    assert pickle.loads(pickle.dumps(run)).identity == run.identity
