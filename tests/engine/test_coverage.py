"""The table of prices counts every bar of the run once, and names the first one that the first decision reads."""

from __future__ import annotations

import numpy as np
import pytest

import sbc_lab as lab
import sbc_lab.engine.strategy as lang
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.strategy import Strategy
from sbc_lab.errors import BacktestError
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("SPY", "TLT", "GLD", "BIL"), days=120)
DATES = CANDLES["date"].values


def run_of(tree: object, **how: object) -> Backtest:
    return backtest(Strategy("Try", tree), CANDLES, **how)  # type: ignore[arg-type]  # settings by name


def gone(ticker: str, *bars: int) -> Backtest:
    """Half SPY, half a ticker without some of its bars."""
    candles = CANDLES.copy(deep=True)
    candles["close"].loc[{"ticker": ticker, "date": DATES[list(bars)]}] = np.nan
    return backtest(Strategy("Try", lab.equal("SPY", ticker)), candles)


def test_every_date_is_a_bar_or_carried_or_without_a_price() -> None:
    run = gone("TLT", *range(20, 30), *range(50, 53))
    data = run.coverage.data
    np.testing.assert_array_equal(data["bars"] + data["carried"] + data["unavailable"], len(run.dates))
    tlt = data.sel(ticker="TLT")
    assert (int(tlt["bars"]), int(tlt["carried"]), int(tlt["unavailable"])) == (120 - 13, 5 + 3, 5)
    assert not tlt["listed_late"]
    assert not tlt["ends_early"]


def test_a_late_listing_and_an_early_end_are_named() -> None:
    run = gone("TLT", *range(10), *range(100, 120))
    tlt = run.coverage.data.sel(ticker="TLT")
    assert tlt["first"].values == DATES[10]
    assert tlt["last"].values == DATES[99]
    assert tlt["listed_late"]
    assert tlt["ends_early"]
    assert repr(run.coverage).splitlines()[-1].endswith("listed late, ends early")


def test_bars_outside_the_run_do_not_count() -> None:
    run = backtest(Strategy("Try", "SPY"), CANDLES, start=str(DATES[50])[:10], end=str(DATES[60])[:10])
    row = run.coverage.data.isel(ticker=0)
    assert int(row["bars"]) == 11
    assert row["first"].values == DATES[0]
    assert not row["listed_late"]
    assert not row["ends_early"]


def test_a_ticker_is_held_or_looked_at_or_both() -> None:
    nested = lab.cumulative_return(lab.equal("GLD", "BIL"), 3)
    tree = lab.when((lab.rsi("SPY", 5) > 50) & (nested > 0)).then("SPY").otherwise("TLT")
    data = run_of(tree).coverage.data
    roles = dict(zip(data["ticker"].values.tolist(), data["role"].values.tolist(), strict=True))
    assert roles == {"SPY": "held, looked at", "TLT": "held", "GLD": "looked at", "BIL": "looked at"}


@pytest.mark.parametrize(
    ("condition", "bars"),
    [
        (lab.price("GLD") > 10, 0),
        (lab.rsi("GLD", 10) > 50, 10),
        (lab.sma("GLD", 10) > lab.sma("GLD", 30), 29),
        (lab.price("GLD") > lab.language.lag(lab.sma("GLD", 10), 5), 14),
        (lab.language.percentile(lab.sma("GLD", 10), 20) > 50, 28),
        ((lab.sma("GLD", 10) > 10).for_days(4), 12),
        (lab.price("GLD").crosses_above(lab.sma("GLD", 10)), 10),
        (lab.sma("GLD/SPY", 10) > 1, 9),
        (lab.cumulative_return(lab.when(lab.rsi("GLD", 5) > 50).then("SPY").otherwise("TLT"), 7) > 0, 12),
        (~(lab.price("GLD") > lab.sma("GLD", 10) * 2 - 1), 9),
    ],
    ids=lambda value: str(value)[:60],
)
def test_the_first_bar_needed_is_the_first_without_which_the_run_starts_later(condition: object, bars: int) -> None:
    tree = lab.when(condition).then("SPY").otherwise("TLT")  # type: ignore[arg-type]  # conditions of the table
    run = run_of(tree, start=str(DATES[60])[:10])
    needed = run.coverage.data.sel(ticker="GLD")["needed_from"].values
    assert needed == DATES[60 - bars]
    for first, starts in ((60 - bars, True), (61 - bars, False)):
        candles = CANDLES.copy(deep=True)
        candles["close"].loc[{"ticker": "GLD", "date": DATES[:first]}] = np.nan
        if starts:
            assert backtest(run.strategy, candles, start=str(DATES[60])[:10]).dates[0] == DATES[60]
        elif bars:
            with pytest.raises(BacktestError, match="too early"):
                backtest(run.strategy, candles, start=str(DATES[60])[:10])


def test_what_is_only_held_is_needed_from_the_start_and_what_weighs_it_earlier() -> None:
    start = str(DATES[60])[:10]
    assert (
        run_of(lab.equal("SPY", "TLT"), start=start).coverage["needed_from"].values.tolist()
        == [DATES[60].astype(int)] * 2
    )
    weighed = run_of(lab.inverse_vol("SPY", "TLT", window=20), start=start).coverage
    assert (weighed["needed_from"].values == DATES[40]).all()
    ranked = run_of(lab.top("SPY", "TLT", n=1, by=lab.cumulative_return(lab.each, 15)), start=start).coverage
    assert (ranked["needed_from"].values == DATES[45]).all()


def test_the_table_names_the_run_and_shows_in_both_forms() -> None:
    run = run_of(lab.equal("SPY", "TLT"))
    first, last = str(run.dates[0])[:10], str(run.dates[-1])[:10]
    lines = repr(run.coverage).splitlines()
    assert lines[0] == f"Try: prices behind {first} to {last}, 120 bars"
    assert lines[2].split() == ["SPY", "held", first, last, first, "120", "0", "0"]
    assert "<table" in run.coverage._repr_html_()


def test_functions_and_rolling_measures_read_as_far_back_as_their_windows() -> None:
    smooth = lang.rolling_mean(abs(lab.cumulative_return("GLD", 3)), 4)
    row = run_of(lab.when(smooth > 1).then("SPY").otherwise("TLT")).coverage.data.sel(ticker="GLD")
    assert row["needed_from"].values == DATES[0]
    change = lang.rolling_change(lab.price("GLD"), 4)
    late = run_of(lab.when((change > 1) & (lab.rsi("SPY", 20) > 50)).then("SPY").otherwise("TLT")).coverage.data
    assert late["needed_from"].sel(ticker="GLD").values == DATES[20 - 4]
