"""Sessions of the exchange."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sbc_lab.data.calendar import EARLIEST, covering, sessions
from sbc_lab.errors import DataError


def test_a_holiday_and_a_weekend_are_no_sessions() -> None:
    assert sessions("2024-07-03", "2024-07-08").astype(str).tolist() == ["2024-07-03", "2024-07-05", "2024-07-08"]


def test_both_ends_are_included_and_days_are_plain() -> None:
    found = sessions("2024-01-02", "2024-01-03")
    assert found.dtype == "datetime64[D]"
    assert found.astype(str).tolist() == ["2024-01-02", "2024-01-03"]


def test_a_range_without_a_session_is_empty() -> None:
    assert len(sessions("2024-07-06", "2024-07-07")) == 0


def test_the_four_days_after_september_11_are_no_sessions() -> None:
    assert sessions("2001-09-10", "2001-09-17").astype(str).tolist() == ["2001-09-10", "2001-09-17"]


def test_the_caller_cannot_change_what_others_get() -> None:
    sessions("2024-01-02", "2024-01-03")[:] = np.datetime64("1999-01-01")
    assert str(sessions("2024-01-02", "2024-01-03")[0]) == "2024-01-02"


def test_a_day_before_the_first_known_one_is_an_error() -> None:
    with pytest.raises(DataError, match=r"known from 1970-01-01 on, got start=1969-12-31"):
        sessions("1969-12-31", "1970-01-10")


def test_start_after_end_is_an_error() -> None:
    with pytest.raises(DataError, match=r"got start=2024-01-03 and end=2024-01-02"):
        sessions("2024-01-03", "2024-01-02")


def test_covering_spans_all_days_and_begins_where_sessions_are_known() -> None:
    days = [np.array(["2024-01-04"], "datetime64[D]"), np.array(["2024-01-02", "2024-01-03"], "datetime64[D]")]
    assert covering(days)["date"].astype("datetime64[D]").astype(str).tolist() == [
        "2024-01-02",
        "2024-01-03",
        "2024-01-04",
    ]
    early = covering([np.array(["1950-01-03", "1970-01-05"], "datetime64[D]")])["date"]
    assert early[0] >= EARLIEST


def test_sessions_are_the_days_that_the_oldest_fund_traded(shared: Path) -> None:
    traded = pd.read_parquet(shared / "data" / "eod" / "SPY.parquet")["date"].to_numpy().astype("datetime64[D]")
    assert np.array_equal(sessions(traded[0], traded[-1]), traded)
