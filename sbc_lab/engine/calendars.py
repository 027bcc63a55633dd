"""What a date says by itself: conditions on the day of the year, and the first trading day of a period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .strategy import DateRange, Month, OnOrAfter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .panel import Panel


def holds(term: object, panel: Panel) -> NDArray[np.uint8]:
    """Decide a calendar condition on every date, (date), 0 or 1."""
    days = panel.month_day
    if isinstance(term, Month):
        return np.isin(days // 100, term.months).astype(np.uint8)
    if isinstance(term, DateRange):
        first, last = (100 * month + day for month, day in (term.first, term.last))
        after, before = days >= first, days <= last
        return ((after & before) if first <= last else (after | before)).astype(np.uint8)
    if isinstance(term, OnOrAfter):
        day = 100 * term.day[0] + term.day[1]
        # By years alone a day at the end of December would be lost whenever no trading day of its year follows it.
        came = panel.dates.astype("datetime64[Y]").astype(np.int64) - (days < day)
        held = np.zeros(len(days), dtype=np.uint8)
        held[1:] = came[1:] != came[:-1]
        # Candles that begin after the day say nothing about which trading day was the first after it.
        held[0] = days[0] == day
        return held
    raise AssertionError(f"not a calendar condition: {term!r}")


def first_of_period(dates: NDArray[np.datetime64], rule: str) -> NDArray[np.uint8]:
    """Mark the first trading day of every week (Monday to Sunday), month, quarter or year, (date), 0 or 1."""
    if rule == "daily":
        return np.ones(len(dates), dtype=np.uint8)
    if rule in ("none", "threshold"):
        return np.zeros(len(dates), dtype=np.uint8)
    if rule == "weekly":
        # Day 0 is Thursday 1970-01-01; three days on, whole sevens begin on a Monday.
        period = (dates.astype("datetime64[D]").astype(np.int64) + 3) // 7
    elif rule == "yearly":
        period = dates.astype("datetime64[Y]").astype(np.int64)
    else:
        months = dates.astype("datetime64[M]").astype(np.int64)
        period = months if rule == "monthly" else months // 3
    first = np.ones(len(dates), dtype=np.uint8)
    first[1:] = period[1:] != period[:-1]
    return first
