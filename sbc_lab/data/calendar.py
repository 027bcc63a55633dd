"""The sessions of the New York Stock Exchange.

Here lives the one use of the calendar library; it is imported when sessions are asked for, because it is slow and a
reader of candles never needs it (a snapshot brings its sessions along).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

__all__ = ["EARLIEST", "covering", "sessions", "today"]

EARLIEST = np.datetime64("1970-01-01", "D")
"""Before this day the library's list of holidays is not complete."""


def sessions(start: str | date | np.datetime64, end: str | date | np.datetime64) -> NDArray[np.datetime64]:
    """Trading days of the exchange, both ends included.

    Parameters
    ----------
    start, end : day
        From 1970-01-01 on.

    Returns
    -------
    datetime64[D] array (date)
        Ascending; empty when no session lies in the range.

    Examples
    --------
    >>> sessions("2024-07-03", "2024-07-08").astype(str).tolist()
    ['2024-07-03', '2024-07-05', '2024-07-08']
    """
    first, last = np.datetime64(str(start), "D"), np.datetime64(str(end), "D")
    if first < EARLIEST:
        raise DataError(f"sessions of the exchange are known from {EARLIEST} on, got start={first}")
    if last < first:
        raise DataError(f"start must not lie after end, got start={first} and end={last}")
    known = _until(max(last, EARLIEST).astype("datetime64[Y]").item().year)
    return known[np.searchsorted(known, first) : np.searchsorted(known, last, side="right")].copy()


def covering(days: Iterable[NDArray[np.datetime64]]) -> dict[str, NDArray[np.datetime64]]:
    """Sessions from the first to the last of some days, as the one column `date` that a snapshot stores.

    Parameters
    ----------
    days : iterable of datetime64 arrays
        At least one, none of them empty.

    Returns
    -------
    dict of one datetime64[ns] array (date)
    """
    ends = [(held.min().astype("datetime64[D]"), held.max().astype("datetime64[D]")) for held in days]
    first = max(min(low for low, _ in ends), EARLIEST)
    last = max(first, *(high for _, high in ends))
    return {"date": sessions(first, last).astype("datetime64[ns]")}


def today() -> date:
    """The present day in UTC: the last one that can have a bar."""
    return datetime.now(UTC).date()


@cache
def _until(year: int) -> NDArray[np.datetime64]:
    """Every session up to the end of a year; a calendar takes a tenth of a second to build."""
    import exchange_calendars  # here, because it is slow and only publishing needs it

    with warnings.catch_warnings():
        # the library uses what newer pandas deprecates; that is its business, and a reader could do nothing about it
        warnings.simplefilter("ignore", DeprecationWarning)
        calendar = exchange_calendars.get_calendar("XNYS", start=str(EARLIEST), end=f"{year}-12-31")
    return np.asarray(calendar.sessions.to_numpy().astype("datetime64[D]"))
