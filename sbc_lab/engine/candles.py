"""Candles as the engine sees them: the bars of a snapshot become a Dataset over (ticker, date).

Here live the reading of columns from a snapshot's files and the labels. The alignment of tickers on the exchange
sessions that the snapshot brings along is in `alignment`, what a store says about itself in `snapshots`. Nothing here
downloads, checks, repairs or writes prices, and nothing here knows a calendar: that is the room `data`, which builds on
these names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..errors import DataError
from .alignment import COLUMNS, FIELDS, PRICES, Bars, Columns, Day, align, needed_columns
from .snapshots import Moment, default_store, load_snapshot, object_path

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "COLUMNS",
    "FIELDS",
    "Columns",
    "Day",
    "assemble_candles",
    "candles",
    "default_store",
    "load_bars",
    "load_candles",
    "needed_columns",
    "read_columns",
]

SESSIONS = {"long_name": "Session of the exchange", "calendar": "exchange"}
"""What the dates of candles say of themselves: `calendar` tells that every session is there, traded or not."""

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
    return _dataset(
        load_bars(store, tickers, start=start, end=end, snapshot=snapshot, as_of=as_of, adjust=adjust, fields=fields)
    )


def load_bars(
    store: str | os.PathLike[str] | None,
    tickers: str | Iterable[str],
    *,
    start: Day | None = None,
    end: Day | None = None,
    snapshot: str | None = None,
    as_of: Moment | None = None,
    adjust: bool = True,
    fields: Iterable[str] = FIELDS,
) -> Bars:
    """The same as `load_candles`, without labels: plain arrays, for which xarray need not be imported."""
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
    return align(bars, sessions, start=start, end=end, adjust=adjust, fields=wanted, snapshot=chosen.id)


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
        return {name: _numbers(table.column(name)) for name in names}
    except (pa.ArrowException, OSError, KeyError):
        raise _unreadable(label, path) from None


def _numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """The values of a column, read where they lie in memory; pyarrow would import pandas for that, 0.15 s of it."""
    column = column.combine_chunks()
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    plain = (pa.float64(), pa.int64(), pa.timestamp("ns"))
    if len(chunks) != 1 or chunks[0].null_count or chunks[0].type not in plain:
        values: NDArray[Any] = column.to_numpy()
        return values
    dtype = np.dtype("datetime64[ns]" if pa.types.is_timestamp(chunks[0].type) else chunks[0].type.to_pandas_dtype())
    return np.frombuffer(chunks[0].buffers()[1], dtype, len(chunks[0]), chunks[0].offset * dtype.itemsize)


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
    return _dataset(align(bars, sessions, start=start, end=end, adjust=adjust, fields=fields, snapshot=snapshot))


def _dataset(bars: Bars) -> xr.Dataset:
    # here, because a backtest of what lies in the store needs the arrays alone, and these cost more than all the rest
    import pandas as pd
    import xarray as xr
    from xarray.indexes import PandasIndex

    # Checked variables and ready indexes: to look at plain arrays, xarray imports dask where it is installed, 0.3 s.
    variables = {}
    for name, array in bars.values.items():
        label, unit = _LABELS[name]
        if name in PRICES:
            label += ", adjusted for splits and dividends" if bars.adjusted else ", adjusted for splits"
        said = {"long_name": label, "units": unit}
        variables[name] = xr.Variable(("ticker", "date"), array, said, fastpath=True)
    tickers = np.array(bars.tickers)
    indexes = {
        "ticker": PandasIndex(pd.Index(tickers.astype(object)), "ticker", coord_dtype=tickers.dtype),
        "date": PandasIndex(pd.DatetimeIndex(bars.dates), "date"),
    }
    coordinates = {name: index.create_variables()[name] for name, index in indexes.items()}
    coordinates["ticker"].attrs["long_name"] = "Ticker"
    coordinates["date"].attrs.update(SESSIONS)
    attributes = {"snapshot": bars.snapshot, "adjusted": bars.adjusted, "off_session_bars": bars.dropped}
    return xr.Dataset(variables, xr.Coordinates(coordinates, indexes), attributes)


def _unreadable(label: str, path: Path) -> DataError:
    return DataError(f"{label}: the candle file {path} is missing or damaged; run `sbc data verify` to see all that is")
