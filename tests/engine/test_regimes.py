"""Returns are sorted by what was known the day before, and the regimes together are the run."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.metrics import measure_returns
from sbc_lab.engine.strategy import Strategy
from sbc_lab.errors import BacktestError, DataError, UnknownNameError
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("SPY", "TLT", "GLD"), days=260)
TREE = lab.when(lab.rsi("SPY", 5) > 50).then(lab.equal("SPY", "TLT")).otherwise("TLT")
RUN = backtest(Strategy("Try", TREE), CANDLES, cost_bps=30)
CALM = lab.price("SPY") > lab.sma("SPY", 30)


def tiny(*closes: float) -> Backtest:
    dates = np.datetime64("2024-01-01", "ns") + np.arange(len(closes)) * np.timedelta64(1, "D")
    candles = xr.Dataset({"close": (("ticker", "date"), [list(closes)])}, coords={"ticker": ["A"], "date": dates})
    return backtest(Strategy("Tiny", "A"), candles, cost_bps=0)


def on(run: Backtest, values: object) -> xr.DataArray:
    return xr.DataArray(values, dims="date", coords={"date": run.dates}, name="mood")


def test_the_regime_of_a_date_is_applied_to_the_next_return() -> None:
    run = tiny(1.0, 2.0, 1.0, 4.0, 2.0)  # returns: 1, −0.5, 3, −0.5
    data = run.by(on(run, [True, False, True, True, False])).data
    assert data["regime"].values.tolist() == ["true", "false"]
    assert data["days"].values.tolist() == [3, 1]
    np.testing.assert_allclose(data["best_day"], [3.0, -0.5])
    np.testing.assert_allclose(data["time"], [0.75, 0.25])
    assert data["spells"].values.tolist() == [2, 1]
    np.testing.assert_allclose(data["mean_return"], [252 * 3.5 / 3, 252 * -0.5])
    np.testing.assert_allclose(data["growth"], [2.0 * 4.0 * 0.5 - 1.0, -0.5])


@pytest.mark.parametrize(
    ("how", "known", "days"),
    [
        ({}, [0, 0, 1, 2, 3], 0),
        ({"execution": "next_open"}, [None, 0, 0, 1, 2], 1),
        ({"delay": 2}, [None, None, 0, 0, 1], 2),
        ({"execution": "open_to_close"}, [None, 0, 1, 2, 3], 1),
        ({"execution": "close_to_open"}, [0, 0, 1, 2, 3], 0),
    ],
)
def test_a_return_belongs_to_the_regime_of_the_date_that_decided_it(
    how: dict[str, object], known: list[int | None], days: int
) -> None:
    dates = np.datetime64("2024-01-01", "ns") + np.arange(5) * np.timedelta64(1, "D")
    prices = {"close": (("ticker", "date"), [[1.0, 2.0, 1.0, 4.0, 2.0]])}
    prices["open"] = (("ticker", "date"), [[1.0, 1.5, 3.0, 2.0, 5.0]])
    candles = xr.Dataset(prices, coords={"ticker": ["A"], "date": dates})
    run = backtest(Strategy("Tiny", "A"), candles, **how)  # type: ignore[arg-type]  # settings by name
    data = run.by(on(run, list("abcde"))).data
    expected = ["unknown" if place is None else "abcde"[place] for place in known[-4:]]
    for regime in set(expected):
        assert int(data["days"].sel(regime=regime)) == expected.count(regime)
    decided = run.returns["decision_date"].values[1:]
    unknown = int(data["days"].sel(regime="unknown")) if "unknown" in expected else 0
    assert unknown == int(np.isnat(decided).sum())
    assert unknown == max(days - 1, 0)


def test_a_fall_is_one_of_a_single_spell() -> None:
    run = tiny(1.0, 0.5, 1.0, 0.5, 0.4)  # returns: −0.5, 1, −0.5, −0.2
    data = run.by(on(run, [True, False, True, True, True])).data
    # two spells, −50 % and −60 %; put end to end they would have lost 80 %
    np.testing.assert_allclose(data["max_drawdown"], [-0.6, 0.0])


def test_a_condition_gives_what_its_decisions_give_as_an_array() -> None:
    found = RUN.by(CALM).data
    close = CANDLES["close"].sel(ticker="SPY")
    mean = close.rolling(date=30).mean()
    states = np.where(np.isnan(mean), "unknown", np.where(close > mean, "true", "false"))
    labels = xr.DataArray(states, dims="date", coords={"date": close["date"]})
    same = RUN.by(labels).data
    assert found["regime"].values.tolist() == ["true", "false", "unknown"]
    for name in found.data_vars:
        np.testing.assert_allclose(found[name].sortby("regime"), same[name].sortby("regime"), rtol=1e-12)


def test_both_engines_decide_the_same() -> None:
    fast = RUN.by(CALM).data
    with lab.options(engine="numpy"):
        plain = RUN.by(CALM).data
    xr.testing.assert_identical(fast, plain)


@pytest.mark.parametrize("cash", [0.9, "GLD"])
def test_a_condition_is_decided_as_the_run_decides_it(cash: float | str) -> None:
    # Half of the node is cash, so what its NAV does depends on what cash earns.
    half = lab.equal("SPY", cap=0.5)
    rises = lab.cumulative_return(half, 5) > lab.cumulative_return("SPY", 5)
    run = backtest(Strategy("Rises", lab.when(rises).then("SPY").otherwise("TLT")), CANDLES, cash=cash)
    decided = run.target.sel(ticker="SPY").values[:-1] == 1.0
    days = run.by(rises).data["days"]
    assert float(days.sel(regime="true")) == decided.sum()
    assert float(days.sel(regime="false")) == (~decided).sum()


def test_all_regimes_together_are_the_run() -> None:
    for regime in (CALM, lab.rsi("TLT", 10) > 50):
        data = RUN.by(regime).data
        assert int(data["days"].sum()) == RUN.metrics["days"]
        assert float(data["time"].sum()) == pytest.approx(1.0)
        growth = float((1.0 + data["growth"]).prod()) * float(RUN.equity[0])
        assert growth - 1.0 == pytest.approx(RUN.metrics["total_return"], rel=1e-12)


def test_each_regime_is_measured_by_the_metrics_of_its_returns() -> None:
    mask = RUN.drawdown.values[:-1] < -0.02
    data = RUN.by(RUN.drawdown < -0.02).data
    for regime, picked in (("true", mask), ("false", ~mask)):
        own = measure_returns(RUN.returns.values[1:][picked])
        for name in ("mean_return", "volatility", "sharpe", "win_rate", "best_day", "worst_day"):
            assert float(data[name].sel(regime=regime)) == pytest.approx(own[name])


def test_a_later_price_changes_no_earlier_regime() -> None:
    cut = CANDLES["date"].values[200]
    head = backtest(Strategy("Try", TREE), CANDLES.sel(date=slice(None, cut)), cost_bps=30)
    changed = CANDLES.copy(deep=True)
    changed["close"][:, 201:] *= 3.0
    other = backtest(Strategy("Try", TREE), changed, cost_bps=30, end=str(cut)[:10])
    xr.testing.assert_allclose(head.by(CALM).data, other.by(CALM).data, rtol=1e-12)


def test_labels_and_numbers_are_regimes_in_their_order() -> None:
    words = np.where(np.arange(len(RUN.dates)) % 3 == 0, "wild", "calm")
    assert RUN.by(on(RUN, words)).data["regime"].values.tolist() == ["calm", "wild"]
    numbers = np.where(np.arange(len(RUN.dates)) < 9, np.nan, np.arange(len(RUN.dates)) % 3)
    found = RUN.by(on(RUN, numbers)).data
    assert found["regime"].values.tolist() == ["0", "1", "2", "unknown"]
    assert float(found["days"].sel(regime="unknown")) == 9


def test_a_condition_on_other_tickers_needs_their_candles() -> None:
    gold = lab.price("GLD") > lab.sma("GLD", 20)
    with pytest.raises(BacktestError, match=r"no candles of GLD; give .*: run.by\(condition, candles=candles\)"):
        RUN.by(gold)
    found = RUN.by(gold, candles=CANDLES).data
    assert int(found["days"].sum()) == RUN.metrics["days"]
    with pytest.raises(UnknownNameError, match="no ticker 'XYZ'"):
        RUN.by(lab.price("XYZ") > 1, candles=CANDLES)
    with pytest.raises(DataError, match="not adjusted"):
        RUN.by(gold, candles=CANDLES.assign_attrs(adjusted=False))


def test_dates_beyond_the_condition_s_prices_are_unknown_and_gaps_keep_the_last_state() -> None:
    gold = lab.price("GLD") > lab.sma("GLD", 20)
    short = CANDLES.sel(ticker=["GLD"]).isel(date=slice(30, 200))
    gappy = short.isel(date=[*range(60), *range(61, 170)])
    known = RUN.by(gold, candles=short).data
    assert float(known["days"].sel(regime="unknown")) >= len(CANDLES["date"]) - 201
    assert int(RUN.by(gold, candles=gappy).data["days"].sum()) == RUN.metrics["days"]


def test_the_same_answer_on_every_date_is_no_regime() -> None:
    with pytest.raises(BacktestError, match="it is the same on every date; compare a price"):
        RUN.by(lab.language.Constant(1.0) > 0)


@pytest.mark.parametrize(
    ("regime", "message"),
    [
        (True, r"by takes a condition such as .*, or a labelled array \(date\), got bool"),
        (RUN.allocation, r"got one of \('ticker', 'date'\)"),
        (xr.DataArray([1.0], dims="date"), "by takes a condition"),
        (RUN.drawdown, "at most 24 regimes, got .* different values; compare the array with a number"),
        (on(RUN, np.ones(len(RUN.dates), bool))[5:], rf"no value on {str(RUN.dates[0])[:10]}, .*method='ffill'"),
    ],
)
def test_what_is_no_regime_is_refused(regime: object, message: str) -> None:
    with pytest.raises(BacktestError, match=message):
        RUN.by(regime)  # type: ignore[arg-type]  # that it is refused is the law


def test_the_table_names_who_decides_and_ends_with_all_days() -> None:
    table = RUN.by(CALM)
    lines = repr(table).splitlines()
    assert lines[0] == "Try: the day after price('SPY') > sma('SPY', 30)"
    assert [line.split()[0] for line in lines[2:]] == ["true", "false", "unknown", "all"]
    assert table.data.attrs["decided_by"] == "price('SPY') > sma('SPY', 30)"
    assert repr(RUN.by(on(RUN, RUN.drawdown.values < -0.01))).startswith("Try: the day after mood\n")
    assert "<table" in table._repr_html_()
