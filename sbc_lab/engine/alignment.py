"""Bars of several tickers put on the sessions of the exchange, as plain arrays.

Here live the names of the columns, the adjustment for dividends, and the alignment. Nothing here reads a file or puts
labels on an array, which is why a backtest that needs neither starts from here; see `candles` for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, unknown_name

Day = str | date | np.datetime64
Columns = Mapping[str, NDArray[Any]]

FIELDS = ("open", "high", "low", "close", "adj_close", "volume")
"""The variables of a candle Dataset, in this order."""
COLUMNS = ("date", *FIELDS, "dividends", "splits")
"""The columns of one ticker's file, in this order."""
PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, eq=False)
class Bars:
    """The bars of some tickers on one axis of sessions.

    Attributes
    ----------
    tickers : tuple of str
    dates : ndarray (date) of datetime64[ns], ascending
    values : dict of str to ndarray (ticker, date) of float64, USD and shares
        By field; NaN where a ticker has no bar.
    snapshot : str
        The id of the snapshot they came from.
    adjusted : bool
        Whether open, high, low and close are adjusted for dividends.
    dropped : int
        How many bars fell on no session.
    """

    tickers: tuple[str, ...]
    dates: NDArray[np.datetime64]
    values: dict[str, NDArray[np.float64]]
    snapshot: str
    adjusted: bool
    dropped: int


def needed_columns(fields: Iterable[str], *, adjust: bool) -> tuple[str, ...]:
    """The columns to read for some variables; an unknown variable is an error that lists the nearest."""
    wanted = set()
    for name in fields:
        if name not in FIELDS:
            raise unknown_name("field", name, FIELDS, where="candles")
        wanted.add("adj_close" if adjust and name == "close" else name)
    if adjust and wanted & set(PRICES):
        wanted |= {"close", "adj_close"}
    return ("date", *(column for column in FIELDS if column in wanted))


def align(
    bars: Mapping[str, Columns],
    sessions: NDArray[np.datetime64],
    *,
    start: Day | None = None,
    end: Day | None = None,
    adjust: bool = True,
    fields: Iterable[str] = FIELDS,
    snapshot: str,
) -> Bars:
    """Put the bars of several tickers on the sessions of the exchange; for the parameters see `assemble_candles`."""
    if not bars:
        raise DataError("no ticker was asked for; name at least one, for example 'SPY'")
    span = _span(bars, _day(start, "start"), _day(end, "end"))
    days = sessions.astype("datetime64[D]")
    axis = days[np.searchsorted(days, span[0]) : np.searchsorted(days, span[1], side="right")]
    names = tuple(name for name in FIELDS if name in set(fields))
    values = {name: np.full((len(bars), len(axis)), np.nan) for name in names}
    dropped = 0
    for row, columns in enumerate(bars.values()):
        dropped += _place(columns, axis, span, row=row, adjust=adjust, values=values)
    return Bars(tuple(bars), axis.astype("datetime64[ns]"), values, snapshot, adjust, dropped)


def _place(
    columns: Columns,
    axis: NDArray[np.datetime64],
    span: tuple[np.datetime64, np.datetime64],
    *,
    row: int,
    adjust: bool,
    values: dict[str, NDArray[np.float64]],
) -> int:
    """Write one ticker's bars into its row; return how many bars fell on no session."""
    days = columns["date"].astype("datetime64[D]")
    inside = slice(np.searchsorted(days, span[0]), np.searchsorted(days, span[1], side="right"))
    days = days[inside]
    place = np.searchsorted(axis, days)
    held = place < len(axis)
    held[held] = axis[place[held]] == days[held]
    place = place[held]
    for name, target in values.items():
        if adjust and name == "close":
            column = columns["adj_close"][inside]
        elif adjust and name in PRICES:
            column = columns[name][inside] * (columns["adj_close"][inside] / columns["close"][inside])
        else:
            column = columns[name][inside]
        target[row, place] = column[held]
    return int(len(days) - len(place))


def _span(
    bars: Mapping[str, Columns], start: np.datetime64 | None, end: np.datetime64 | None
) -> tuple[np.datetime64, np.datetime64]:
    """First and last bar of all tickers inside the range asked for."""
    if start is not None and end is not None and start > end:
        raise DataError(f"start must not lie after end, got start={start} and end={end}")
    firsts, lasts = [], []
    for columns in bars.values():
        days = columns["date"].astype("datetime64[D]")
        low = 0 if start is None else int(np.searchsorted(days, start))
        high = len(days) if end is None else int(np.searchsorted(days, end, side="right"))
        if low < high:
            firsts.append(days[low])
            lasts.append(days[high - 1])
    if firsts:
        return min(firsts), max(lasts)
    held = "; ".join(
        f"{ticker} {columns['date'][0].astype('datetime64[D]')} to {columns['date'][-1].astype('datetime64[D]')}"
        for ticker, columns in list(bars.items())[:4]
        if len(columns["date"])
    )
    asked = f"from {start or 'the beginning'} to {end or 'the end'}"
    raise DataError(f"there are no bars {asked}; there are: {held or 'none'}{' …' if len(bars) > 4 else ''}")


def _day(value: Day | None, name: str) -> np.datetime64 | None:
    if value is None:
        return None
    day = value.astype("datetime64[D]") if isinstance(value, np.datetime64) else np.datetime64("NaT", "D")
    text = value.date().isoformat() if isinstance(value, datetime) else str(value)
    if isinstance(value, str | date):
        with suppress(ValueError):
            day = np.datetime64(text, "D")
    if np.isnat(day):
        raise DataError(f"{name} must be a day such as '2010-01-31', got {value!r}")
    return day
