"""Candles as the engine sees them: the bars of a snapshot become a Dataset over (ticker, date).

Here live the reading of columns from a snapshot's files and the alignment of tickers on the exchange sessions that the
snapshot brings along. Nothing here downloads, checks, repairs or writes prices, and nothing here knows a calendar:
that is the room `data`, which builds on these names. What a store says about itself is read in `snapshots`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xarray as xr
from numpy.typing import NDArray

from ..errors import DataError, unknown_name
from .snapshots import Moment, default_store, load_snapshot, object_path

__all__ = [
    "COLUMNS",
    "FIELDS",
    "Columns",
    "Day",
    "assemble_candles",
    "candles",
    "default_store",
    "load_candles",
    "needed_columns",
    "read_columns",
]

Day = str | date | np.datetime64
Columns = Mapping[str, NDArray[Any]]

FIELDS = ("open", "high", "low", "close", "adj_close", "volume")
"""The variables of a candle Dataset, in this order."""
COLUMNS = ("date", *FIELDS, "dividends", "splits")
"""The columns of one ticker's file, in this order."""

SESSIONS = {"long_name": "Session of the exchange", "calendar": "exchange"}
"""What the dates of candles say of themselves: `calendar` tells that every session is there, traded or not."""

_PRICES = ("open", "high", "low", "close")
_LABELS = {
    "open": ("First price of the session", "USD"),
    "high": ("Highest price of the session", "USD"),
    "low": ("Lowest price of the session", "USD"),
    "close": ("Last price of the session", "USD"),
    "adj_close": ("Last price adjusted for splits and dividends", "USD"),
    "volume": ("Traded volume, adjusted for splits", "shares"),
}


def candles(
    tickers: str | Iterable[str],
    *,
    start: Day | None = None,
    end: Day | None = None,
    store: str | os.PathLike[str] | None = None,
    snapshot: str | None = None,
    as_of: Moment | None = None,
    adjust: bool = True,
    fields: Iterable[str] = FIELDS,
) -> xr.Dataset:
    """Candles of some tickers, out of the default store unless another is named.

    `load_candles` with the tickers first, as one types it in a notebook; see there.

    Parameters
    ----------
    tickers, start, end, store, snapshot, as_of, adjust, fields
        As in `load_candles`.

    Returns
    -------
    Dataset (ticker, date), USD and shares
    """
    return load_candles(
        store, tickers, start=start, end=end, snapshot=snapshot, as_of=as_of, adjust=adjust, fields=fields
    )


def load_candles(
    store: str | os.PathLike[str] | None,
    tickers: str | Iterable[str],
    *,
    start: Day | None = None,
    end: Day | None = None,
    snapshot: str | None = None,
    as_of: Moment | None = None,
    adjust: bool = True,
    fields: Iterable[str] = FIELDS,
) -> xr.Dataset:
    """Candles of some tickers on the sessions of the exchange.

    Parameters
    ----------
    store : path or None
        Root of the store; None means `default_store()`.
    tickers : str or iterable of str
        Each is read once, in the order given.
    start, end : day, optional
        First and last day, both included.
    snapshot, as_of : optional
        Which snapshot, see `load_snapshot`; the present one when both are left out.
    adjust : bool
        True: open, high, low, close × adj_close / close, so that close equals adj_close. False: as stored, adjusted
        for splits only.
    fields : iterable of str
        Which variables to read, all by default; reading one is several times faster than reading six.

    Returns
    -------
    Dataset (ticker, date), USD and shares
        float64, NaN where a ticker has no bar. `date` holds every session from the first to the last bar of these
        tickers. Attributes: `snapshot` (id), `adjusted` (bool), `off_session_bars` (bars dropped because their day is
        no session of the exchange).
    """
    chosen = load_snapshot(store, snapshot, as_of=as_of)
    names = (tickers,) if isinstance(tickers, str) else tuple(dict.fromkeys(tickers))
    wanted = tuple(fields)
    columns = needed_columns(wanted, adjust=adjust)
    bars = {}
    for ticker in names:
        entry = chosen.load_coverage(ticker)
        bars[ticker] = read_columns(object_path(chosen.root, entry.object), columns, label=ticker)
        if len(bars[ticker]["date"]) != entry.rows:
            raise _unreadable(ticker, object_path(chosen.root, entry.object))
    sessions = read_columns(object_path(chosen.root, chosen.sessions), ("date",), label="exchange sessions")["date"]
    return assemble_candles(bars, sessions, start=start, end=end, adjust=adjust, fields=wanted, snapshot=chosen.id)


def needed_columns(fields: Iterable[str], *, adjust: bool) -> tuple[str, ...]:
    """The columns to read for some variables; an unknown variable is an error that lists the nearest."""
    wanted = set()
    for name in fields:
        if name not in FIELDS:
            raise unknown_name("field", name, FIELDS, where="candles")
        wanted.add("adj_close" if adjust and name == "close" else name)
    if adjust and wanted & set(_PRICES):
        wanted |= {"close", "adj_close"}
    return ("date", *(column for column in FIELDS if column in wanted))


def read_columns(path: Path, columns: Iterable[str], *, label: str) -> dict[str, NDArray[Any]]:
    """Some columns of one object, in the order asked for.

    Parameters
    ----------
    path : Path
        The parquet file.
    columns : iterable of str
        Names out of `COLUMNS`.
    label : str
        What the file holds, for the message when it cannot be read.

    Returns
    -------
    dict of arrays (bar)
        `date` as datetime64[ns], all others as float64.
    """
    names = list(columns)
    try:
        with pq.ParquetFile(path, memory_map=True, page_checksum_verification=True) as file:
            table = file.read(columns=names, use_threads=False)
        return {name: table.column(name).to_numpy() for name in names}
    except (pa.ArrowException, OSError, KeyError):
        raise _unreadable(label, path) from None


def assemble_candles(
    bars: Mapping[str, Columns],
    sessions: NDArray[np.datetime64],
    *,
    start: Day | None = None,
    end: Day | None = None,
    adjust: bool = True,
    fields: Iterable[str] = FIELDS,
    snapshot: str,
) -> xr.Dataset:
    """Put the bars of several tickers on the sessions of the exchange.

    Parameters
    ----------
    bars : mapping of ticker to arrays (bar)
        The columns that `needed_columns` names; days ascending, each once.
    sessions : datetime64 array (date)
        Ascending; at least from the first to the last bar.
    start, end, adjust, fields
        As in `load_candles`.
    snapshot : str
        Id that goes into the attributes.

    Returns
    -------
    Dataset (ticker, date)
        As `load_candles` says.
    """
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
    return _dataset(list(bars), axis, values, {"snapshot": snapshot, "adjusted": adjust, "off_session_bars": dropped})


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
        elif adjust and name in _PRICES:
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


def _dataset(
    tickers: list[str], axis: NDArray[np.datetime64], values: dict[str, NDArray[np.float64]], attributes: dict[str, Any]
) -> xr.Dataset:
    variables = {}
    for name, array in values.items():
        label, unit = _LABELS[name]
        if name in _PRICES:
            label += ", adjusted for splits and dividends" if attributes["adjusted"] else ", adjusted for splits"
        variables[name] = (("ticker", "date"), array, {"long_name": label, "units": unit})
    coordinates = {
        "ticker": ("ticker", np.array(tickers), {"long_name": "Ticker"}),
        "date": ("date", axis.astype("datetime64[ns]"), SESSIONS),
    }
    return xr.Dataset(variables, coordinates, attributes)


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


def _unreadable(label: str, path: Path) -> DataError:
    return DataError(f"{label}: the candle file {path} is missing or damaged; run `sbc data verify` to see all that is")
