"""Laws of the calendar: which dates a condition means, and which trading day is the first of its period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sbc_lab.engine.calendars import first_of_period, holds
from sbc_lab.engine.panel import Panel
from sbc_lab.engine.strategy import Condition, DateRange, Month, OnOrAfter, between, constant, month, on_or_after


def days(*texts: str) -> NDArray[np.datetime64]:
    return np.array(texts, dtype="datetime64[ns]")


def every_day(first: str, last: str, *, weekdays: bool = False) -> NDArray[np.datetime64]:
    found = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    return found[np.is_busday(found)] if weekdays else found


def on(dates: NDArray[np.datetime64]) -> Panel:
    close = np.ones((1, len(dates)))
    return Panel(("A",), dates.astype("datetime64[ns]"), close, np.isfinite(close))


def texts(dates: NDArray[np.datetime64]) -> list[str]:
    return [str(text) for text in np.datetime_as_string(dates, unit="D")]


def true_on(condition: Condition, dates: NDArray[np.datetime64]) -> list[str]:
    found = holds(condition, on(dates))
    assert found.dtype == np.uint8
    assert set(found.tolist()) <= {0, 1}
    return texts(dates[found == 1])


def first_days(dates: NDArray[np.datetime64], rule: str) -> list[str]:
    return texts(dates[first_of_period(dates, rule) == 1])


def test_a_month_holds_on_each_of_its_days() -> None:
    dates = days("2023-01-31", "2023-02-01", "2023-02-28", "2023-03-01", "2024-02-29", "2024-12-31")
    assert true_on(month(2, 12), dates) == ["2023-02-01", "2023-02-28", "2024-02-29", "2024-12-31"]


def test_dates_before_1970_have_their_own_day() -> None:
    dates = days("1968-02-29", "1969-12-31", "1970-01-01")
    assert true_on(month(12), dates) == ["1969-12-31"]
    assert true_on(between("02-29", "02-29"), dates) == ["1968-02-29"]


def test_a_range_includes_both_its_days() -> None:
    dates = days("2024-03-09", "2024-03-10", "2024-05-01", "2024-06-20", "2024-06-21")
    assert true_on(between("03-10", "06-20"), dates) == ["2024-03-10", "2024-05-01", "2024-06-20"]


def test_a_range_may_wrap_the_years_end() -> None:
    dates = days("2023-10-31", "2023-11-01", "2023-12-31", "2024-01-01", "2024-04-30", "2024-05-01")
    assert true_on(between("11-01", "04-30"), dates) == ["2023-11-01", "2023-12-31", "2024-01-01", "2024-04-30"]


def test_a_range_of_one_day_is_that_day() -> None:
    dates = days("2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28")
    assert true_on(between("02-29", "02-29"), dates) == ["2024-02-29"]


def test_on_or_after_is_the_first_trading_day_from_a_holiday_on() -> None:
    # the 4th of July is a holiday, in 2020 the 3rd was one in its place and a weekend followed
    dates = days("2019-07-03", "2019-07-05", "2019-07-08", "2020-07-02", "2020-07-06", "2020-07-07")
    assert true_on(on_or_after("07-04"), dates) == ["2019-07-05", "2020-07-06"]


def test_on_or_after_a_trading_day_is_that_day_once_a_year() -> None:
    dates = every_day("2022-01-03", "2024-01-10", weekdays=True)
    assert true_on(on_or_after("01-05"), dates) == ["2022-01-05", "2023-01-05", "2024-01-05"]


def test_on_or_after_a_last_day_without_trading_is_in_the_next_year() -> None:
    dates = days("2022-12-29", "2022-12-30", "2023-01-03", "2023-12-29", "2024-01-02", "2024-12-31", "2025-01-02")
    # the 31st was a Saturday, and then a Sunday
    assert true_on(on_or_after("12-31"), dates) == ["2023-01-03", "2024-01-02", "2024-12-31"]


def test_on_or_after_a_leap_day_is_in_march_of_other_years() -> None:
    dates = days("2023-02-28", "2023-03-01", "2024-02-28", "2024-02-29", "2024-03-01")
    assert true_on(on_or_after("02-29"), dates) == ["2023-03-01", "2024-02-29"]


def test_on_or_after_holds_nowhere_when_no_date_reaches_it() -> None:
    assert true_on(on_or_after("12-01"), days("2024-01-02", "2024-01-03")) == []


@given(
    st.tuples(st.integers(1, 12), st.integers(1, 28)),
    st.tuples(st.integers(1, 12), st.integers(1, 28)),
    st.integers(1960, 2040),
)
def test_calendar_conditions_are_those_of_the_date(first: tuple[int, int], last: tuple[int, int], year: int) -> None:
    dates = np.datetime64(f"{year}-01-01", "D") + np.arange(0, 900, 3)
    plain = [date.fromisoformat(text) for text in np.datetime_as_string(dates).tolist()]
    inside = [
        first <= (day.month, day.day) <= last
        if first <= last
        else (day.month, day.day) >= first or (day.month, day.day) <= last
        for day in plain
    ]
    assert holds(DateRange(first, last), on(dates)).tolist() == inside
    assert holds(Month((first[0],)), on(dates)).tolist() == [day.month == first[0] for day in plain]
    came = [date(of, *first) for of in range(year, year + 4)]
    firsts = {min((day for day in plain if day >= one), default=None) for one in came}
    assert holds(OnOrAfter(first), on(dates)).tolist() == [day in firsts for day in plain]


def test_what_is_no_calendar_condition_is_an_error() -> None:
    with pytest.raises(AssertionError, match="not a calendar condition"):
        holds(constant(1) > 0, on(days("2024-01-02", "2024-01-03")))


def test_daily_is_every_day_and_the_rules_without_periods_are_none() -> None:
    dates = days("2024-01-02", "2024-01-03", "2024-02-01")
    assert first_of_period(dates, "daily").tolist() == [1, 1, 1]
    assert first_of_period(dates, "none").tolist() == [0, 0, 0]
    assert first_of_period(dates, "threshold").tolist() == [0, 0, 0]


def test_a_week_begins_on_its_first_trading_day() -> None:
    # Monday the 20th of January 2020 was a holiday
    dates = days("2020-01-16", "2020-01-17", "2020-01-21", "2020-01-22", "2020-01-24", "2020-01-27")
    assert first_days(dates, "weekly") == ["2020-01-16", "2020-01-21", "2020-01-27"]


@pytest.mark.parametrize(
    ("around", "begins"),
    [
        # the 1st of January is in the middle of a week, and in week 53 of the year before
        (("2020-12-28", "2021-01-08"), ["2020-12-28", "2021-01-04"]),
        (("2018-12-24", "2019-01-08"), ["2018-12-24", "2018-12-31", "2019-01-07"]),
        # a year that begins on a Monday
        (("2023-12-28", "2024-01-09"), ["2023-12-28", "2024-01-01", "2024-01-08"]),
    ],
)
def test_the_week_of_new_year_is_one_week(around: tuple[str, str], begins: list[str]) -> None:
    assert first_days(every_day(*around, weekdays=True), "weekly") == begins


def test_sunday_belongs_to_the_week_before_it() -> None:
    assert first_days(every_day("2024-03-02", "2024-03-11"), "weekly") == ["2024-03-02", "2024-03-04", "2024-03-11"]


def test_months_quarters_and_years_begin_on_their_first_trading_day() -> None:
    dates = every_day("2022-12-28", "2024-01-03", weekdays=True)
    months = first_days(dates, "monthly")
    assert months[:4] == ["2022-12-28", "2023-01-02", "2023-02-01", "2023-03-01"]
    assert len(months) == 14
    quarters = ["2022-12-28", "2023-01-02", "2023-04-03", "2023-07-03", "2023-10-02", "2024-01-01"]
    assert first_days(dates, "quarterly") == quarters
    assert first_days(dates, "yearly") == ["2022-12-28", "2023-01-02", "2024-01-01"]


def test_the_same_month_of_the_next_year_is_another_period() -> None:
    dates = days("2022-05-10", "2023-05-09", "2023-05-10")
    for rule in ("monthly", "quarterly", "yearly"):
        assert first_of_period(dates, rule).tolist() == [1, 1, 0]


PERIODS: dict[str, Callable[[date], object]] = {
    "weekly": lambda day: day.isocalendar()[:2],
    "monthly": lambda day: (day.year, day.month),
    "quarterly": lambda day: (day.year, (day.month - 1) // 3),
    "yearly": lambda day: day.year,
}


@given(st.lists(st.integers(-8_000, 30_000), min_size=2, max_size=40, unique=True), st.sampled_from(sorted(PERIODS)))
def test_a_period_begins_where_its_name_changes(numbers: list[int], rule: str) -> None:
    dates = np.array(sorted(numbers), dtype="datetime64[D]")
    names = [PERIODS[rule](date.fromisoformat(text)) for text in np.datetime_as_string(dates).tolist()]
    expected = [True, *(names[bar] != names[bar - 1] for bar in range(1, len(names)))]
    assert first_of_period(dates.astype("datetime64[ns]"), rule).tolist() == expected


def test_candles_that_begin_after_the_day_do_not_know_its_first_trading_day() -> None:
    for first, expected in (("2022-12-20", 0), ("2022-01-05", 1)):
        dates = np.busday_offset(np.datetime64(first), np.arange(40)).astype("datetime64[ns]")
        panel = Panel(("SPY",), dates, np.ones((1, 40)), np.ones((1, 40), dtype=bool))
        assert holds(OnOrAfter((1, 5)), panel)[0] == expected
