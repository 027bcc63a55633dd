"""The checks of one ticker: what is an error, what is a warning, and what each says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.data.calendar import sessions
from sbc_lab.data.integrity import Finding, check_bars, check_ticker
from sbc_lab.engine.candles import COLUMNS

MakeBars = Callable[..., pd.DataFrame]
TODAY = date(2026, 1, 2)
SESSIONS = sessions("2023-12-01", "2025-12-31")


def check(bars: pd.DataFrame) -> tuple[dict[str, Any] | None, tuple[Finding, ...]]:
    return check_bars("SPY", bars, sessions=SESSIONS, today=TODAY)


def changed(bars: pd.DataFrame, column: str, row: int, value: Any) -> pd.DataFrame:
    bars = bars.copy()
    bars[column] = bars[column].astype(float) if column != "date" else bars[column]
    bars.loc[row, column] = value
    return bars


def test_good_bars_have_no_findings_and_come_back_as_columns(make_bars: MakeBars) -> None:
    columns, findings = check(make_bars())
    assert findings == ()
    assert columns is not None
    assert tuple(columns) == COLUMNS


def test_zero_volume_is_allowed(make_bars: MakeBars) -> None:
    assert check(make_bars().assign(volume=0))[1] == ()


@pytest.mark.parametrize(
    ("column", "value", "name", "sentence"),
    [
        ("close", np.nan, "missing value", "close has no number on 1 bar (2024-01-03)"),
        ("adj_close", np.inf, "missing value", "adj_close has no number on 1 bar (2024-01-03)"),
        ("volume", np.nan, "missing value", "volume has no number on 1 bar (2024-01-03)"),
        ("open", 0.0, "non-positive", "open must be above 0, it is not on 1 bar (2024-01-03)"),
        ("adj_close", -1.0, "non-positive", "adj_close must be above 0, it is not on 1 bar (2024-01-03)"),
        ("volume", -1.0, "negative", "volume must not be below 0, it is on 1 bar (2024-01-03)"),
        ("splits", -2.0, "negative", "splits must not be below 0, it is on 1 bar (2024-01-03)"),
        ("date", pd.NaT, "missing value", "there is no date on 1 bar"),
        ("date", pd.Timestamp("2024-01-02"), "duplicate", "a day may occur once, more often occurs 1 day (2024-01-02)"),
        ("date", pd.Timestamp("2023-12-29"), "order", "dates must ascend, they step back on 1 bar (2023-12-29)"),
        (
            "date",
            pd.Timestamp("2204-01-03"),
            "future",
            "prices cannot lie after today, 2026-01-02, as they do on 1 bar (2204-01-03)",
        ),
    ],
)
def test_an_unusable_value_refuses_the_ticker(
    make_bars: MakeBars, column: str, value: object, name: str, sentence: str
) -> None:
    columns, findings = check(changed(make_bars(), column, 1, value))
    assert columns is None
    found = {finding.check: finding for finding in findings}
    assert found[name].severity == "error"
    assert found[name].count == 1
    assert found[name].sentence == sentence


def test_no_bar_at_all_refuses_the_ticker(make_bars: MakeBars) -> None:
    columns, findings = check(make_bars().iloc[:0])
    assert columns is None
    assert findings[0].sentence == "there is not one bar"


def test_wrong_columns_refuse_the_ticker(make_bars: MakeBars) -> None:
    columns, findings = check(make_bars().drop(columns="adj_close"))
    assert columns is None
    assert findings[0].sentence.startswith("columns adj_close are missing")


def test_missing_dividends_are_a_warning(make_bars: MakeBars) -> None:
    columns, findings = check(make_bars().drop(columns=["dividends", "splits"]))
    assert columns is not None
    assert str(findings[0]) == "warning: SPY: there is no column dividends and no column splits; taken as none"


def test_disorder_in_few_bars_is_a_warning_and_changes_nothing(make_bars: MakeBars) -> None:
    bars = changed(make_bars([10.0] * 40), "open", 3, 12.0)
    columns, findings = check(bars)
    assert [(finding.check, finding.severity, finding.count) for finding in findings] == [("ohlc", "warning", 1)]
    assert findings[0].sentence == "open or close lies outside low..high on 1 bar; left as it came (2024-01-05)"
    assert columns is not None
    assert columns["open"][3] == 12.0
    assert columns["high"][3] == bars["high"][3]


def test_disorder_in_many_bars_refuses_the_ticker(make_bars: MakeBars) -> None:
    bars = make_bars([10.0] * 40).rename(columns={"high": "low", "low": "high"})
    columns, findings = check(bars)
    assert columns is None
    assert findings[0].sentence == "high lies below low on 40 bars (2024-01-02 to 2024-02-28)"


def test_disorder_within_rounding_is_none(make_bars: MakeBars) -> None:
    bars = make_bars([10.0] * 40)
    assert check(changed(bars, "close", 3, 10.1009))[1] == ()
    assert len(check(changed(bars, "close", 3, 10.1021))[1]) == 1


def test_a_missing_session_is_a_warning_with_the_longest_run(make_bars: MakeBars) -> None:
    columns, findings = check(make_bars([10.0] * 40).drop(index=[3, 4, 8]))
    assert columns is not None
    assert findings[0].check == "gap"
    assert findings[0].count == 3
    assert findings[0].sentence == "there is no bar on 3 sessions, at most 2 in a row (2024-01-05 to 2024-01-12)"


def test_a_gap_too_long_to_carry_says_so(make_bars: MakeBars) -> None:
    _, findings = check(make_bars([10.0] * 40).drop(index=range(3, 9)))
    assert "at most 6 in a row; more than 5 are not carried over" in findings[0].sentence


def test_weekly_bars_are_refused(make_bars: MakeBars) -> None:
    columns, findings = check(make_bars([10.0] * 40).iloc[::5])
    assert columns is None
    assert findings[0].check == "gap"


def test_a_bar_on_a_holiday_is_a_warning(make_bars: MakeBars) -> None:
    extra = make_bars([10.0] * 30)
    extra.loc[len(extra)] = extra.iloc[-1]
    extra.loc[len(extra) - 1, "date"] = pd.Timestamp("2024-02-17")
    columns, findings = check(extra.sort_values("date").reset_index(drop=True))
    assert columns is not None
    assert findings[0].sentence == "outside the sessions of the exchange, and not used: 1 bar (2024-02-17)"


def test_bars_on_no_session_at_all_are_refused(make_bars: MakeBars) -> None:
    columns, findings = check(make_bars().iloc[:1].assign(date=pd.Timestamp("2024-07-04")))
    assert columns is None
    assert findings[0].check == "off session"


def test_a_jump_that_stays_is_a_warning(make_bars: MakeBars) -> None:
    columns, findings = check(make_bars([10.0, 10.0, 16.0, 16.0]))
    assert columns is not None
    assert [(finding.check, str(finding.first)) for finding in findings] == [("jump", "2024-01-04")]


def test_a_jump_that_is_taken_back_is_a_spike_on_one_bar(make_bars: MakeBars) -> None:
    _, findings = check(make_bars([25.0, 25.25, 8.99, 25.58, 25.6]))
    assert [(finding.check, finding.count, str(finding.first)) for finding in findings] == [("spike", 1, "2024-01-04")]


def test_a_move_by_the_ratio_of_a_booked_split_is_a_warning(make_bars: MakeBars) -> None:
    _, findings = check(changed(make_bars([3.0, 3.0, 23.7, 23.7]), "splits", 2, 8.0))
    assert [finding.check for finding in findings] == ["split"]


def test_a_booked_split_without_a_move_is_fine(make_bars: MakeBars) -> None:
    assert check(changed(make_bars([3.0, 3.0, 3.1, 3.0]), "splits", 2, 8.0))[1] == ()


def test_prices_as_traded_are_a_warning(make_bars: MakeBars) -> None:
    bars = make_bars([40.0, 40.0, 20.0, 20.0]).assign(adj_close=[20.0, 20.0, 20.0, 20.0])
    assert [finding.check for finding in check(bars)[1]] == ["as traded"]


@given(st.lists(st.floats(1.0, 1.2), min_size=2, max_size=60))
def test_quiet_prices_pass_whatever_their_level(growth: list[float]) -> None:
    close = np.cumprod(growth)
    days = SESSIONS[: len(close)].astype("datetime64[ns]")
    bars = pd.DataFrame({"date": days} | dict.fromkeys(COLUMNS[1:6], close) | dict.fromkeys(COLUMNS[6:], 0.0))
    assert check(bars)[1] == ()


@pytest.mark.parametrize("ticker", ["SPY", "^VIX", "BRK-B", "EURUSD=X", "000001.SS", "CALM SEAS"])
def test_tickers_of_all_exchanges_are_allowed_but_spaces_are_not(ticker: str) -> None:
    assert (check_ticker(ticker) is None) == (" " not in ticker)


@pytest.mark.parametrize("ticker", ["", "A/B", "..\\x", "X" * 25, "A\n", "a'b", "spy", 7])
def test_what_cannot_be_a_ticker_is_told(ticker: object) -> None:
    assert "ticker" in str(check_ticker(ticker))


@pytest.mark.parametrize(
    ("ticker", "day", "name"),
    [("CLSM", "2025-10-27", "split"), ("DFEN", "2024-06-03", "spike"), ("NVDS", "2023-08-09", "split")],
)
def test_known_incidents_are_warned_about(shared: Path, ticker: str, day: str, name: str) -> None:
    bars = pd.read_parquet(shared / "data" / "eod_dirty" / f"{ticker}.parquet")
    columns, findings = check_bars(ticker, bars, sessions=sessions("2010-01-01", "2026-01-01"))
    assert columns is not None
    assert (name, day) in [(finding.check, str(finding.first)) for finding in findings]


def test_a_volatility_index_with_careless_opens_is_kept(shared: Path) -> None:
    bars = pd.read_parquet(shared / "data" / "eod" / "^VIX.parquet")
    columns, findings = check_bars("^VIX", bars, sessions=sessions("1990-01-01", bars["date"].iloc[-1].date()))
    assert columns is not None
    counts = {finding.check: finding.count for finding in findings}
    assert counts["ohlc"] == 47
    assert counts["off session"] == 33
    assert counts["gap"] == 4
    assert {finding.severity for finding in findings} == {"warning"}
