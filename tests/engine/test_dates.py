"""Laws of dates as a person types them: every way to write a day, and what is refused with one to copy."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.engine.dates import as_date
from sbc_lab.errors import BacktestError
from sbc_lab.testing import synthetic_candles

NEW_YORK = timezone(timedelta(hours=-5))


@pytest.mark.parametrize(
    "typed",
    [
        "2010-01-04",
        date(2010, 1, 4),
        datetime(2010, 1, 4, 16, 30),  # noqa: DTZ001  # what a person types
        np.datetime64("2010-01-04"),
        np.datetime64("2010-01-04T16:30", "ns"),
        pd.Timestamp("2010-01-04 16:30"),
    ],
)
def test_every_kind_of_date_is_its_day(typed: object) -> None:
    day = as_date(typed, name="start")
    assert day == np.datetime64("2010-01-04", "D")
    assert day is not None
    assert day.dtype == "datetime64[D]"


def test_no_date_is_none() -> None:
    assert as_date(None, name="start") is None


@pytest.mark.parametrize(
    "typed",
    ["", "yesterday", "2010-13-01", "04.01.2010", "NaT", 20100104, 0, 2010.0, True, [], np.int64(14_613), pd.NaT],
)
@pytest.mark.parametrize("name", ["start", "end"])
def test_what_is_no_date_is_refused_with_one_to_copy(typed: object, name: str) -> None:
    with pytest.raises(BacktestError, match=rf"^{name} must be a date such as '2010-01-04', got ") as caught:
        as_date(typed, name=name)
    assert repr(typed) in str(caught.value)


@pytest.mark.parametrize(
    "typed",
    [
        pd.Timestamp("2013-01-07 20:00", tz="America/New_York"),
        datetime(2013, 1, 7, 20, tzinfo=NEW_YORK),
        datetime(2013, 1, 7, 3, tzinfo=timezone(timedelta(hours=9))),
        "2013-01-07T20:00-05:00",
        "2013-01-07 20:00:00+09:00",
        xr.DataArray(np.datetime64("2013-01-07T20:00", "ns")),
    ],
)
def test_an_hour_with_a_zone_stays_on_the_day_that_was_written(typed: object) -> None:
    assert as_date(typed, name="start") == np.datetime64("2013-01-07")


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2013", "2013-01-01", "2013-12-31"),
        ("2013-05", "2013-05-01", "2013-05-31"),
        ("2012-02", "2012-02-01", "2012-02-29"),
        (np.datetime64("2013"), "2013-01-01", "2013-12-31"),
        (np.datetime64("2013-05"), "2013-05-01", "2013-05-31"),
        ("2013-05-04", "2013-05-04", "2013-05-04"),
    ],
)
def test_a_year_or_a_month_begins_with_its_first_day_and_ends_with_its_last(
    typed: object, first: str, last: str
) -> None:
    assert as_date(typed, name="start") == np.datetime64(first)
    assert as_date(typed, name="end", last=True) == np.datetime64(last)


@pytest.mark.parametrize("typed", ["20130107", 20130107, np.int64(20130107)])
def test_digits_run_together_are_refused_with_what_to_type(typed: object) -> None:
    with pytest.raises(BacktestError, match=r"start must be a date .*, got .*; type '2013-01-07'$"):
        as_date(typed, name="start")


def test_a_run_ends_with_the_year_it_was_given() -> None:
    run = lab.backtest(lab.Strategy("x", "SPY"), synthetic_candles(("SPY",), days=600), start="2016", end="2016-03")
    assert [str(day)[:10] for day in run.dates[[0, -1]]] == ["2016-01-01", "2016-03-31"]


@pytest.mark.parametrize(
    "how",
    [
        {"start": "2015-01-06"},
        {"start": "2014-01-06"},
        {"start": "2016-06-01"},
        {"start": "2015-02-02", "end": "2015-02-02"},
        {"end": "2015-01-02"},
        {"start_policy": "all_assets", "start": "2015-01-20"},
    ],
)
def test_both_engines_refuse_a_span_with_the_same_sentence(how: dict[str, str]) -> None:
    tree = lab.when(lab.rsi("SPY", 10) > 50).then("SPY").otherwise("TLT")
    said = []
    for engine in ("numba", "numpy"):
        with lab.options(engine=engine), pytest.raises(BacktestError) as caught:
            lab.backtest(
                lab.Strategy("x", tree),
                synthetic_candles(("SPY", "TLT"), days=60, listed={"TLT": 20}),
                **how,  # type: ignore[arg-type]  # each of them is a word
            )
        said.append(str(caught.value))
    assert said[0] == said[1]
