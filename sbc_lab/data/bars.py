"""The bars of one ticker in their canonical form: nine columns, fixed types, one hash of the values.

Here live the way from a DataFrame or an Arrow table to those columns, the content hashes of a ticker and of a whole
snapshot, and the parquet file that holds them. Whether the values make sense is judged in `integrity`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..engine.candles import COLUMNS, Columns
from ..engine.snapshots import FORMAT, VERSION

__all__ = ["OPTIONAL", "Bars", "columns_hash", "snapshot_hash", "to_columns", "write_columns"]

Bars: TypeAlias = pd.DataFrame | pa.Table
"""What may be handed in for one ticker."""

OPTIONAL = ("dividends", "splits")
"""Columns that may be missing: then there were none."""

_DAY = "datetime64[D]"


def to_columns(bars: Bars) -> dict[str, NDArray[Any]]:
    """Bring the bars of one ticker into canonical columns.

    Parameters
    ----------
    bars : DataFrame or Table (bar)
        Columns `date`, `open`, `high`, `low`, `close`, `adj_close`, `volume`, and `dividends`, `splits` when there
        are any; others are left aside.

    Returns
    -------
    dict of arrays (bar)
        `date` as datetime64[ns] at midnight, all others as float64, in the order of `COLUMNS`. Volume is float64 too:
        adjusted for reverse splits it is no whole number.

    Raises
    ------
    ValueError
        A column is missing or has values of another kind; the sentence can be shown to a user.
    """
    names = list(bars.column_names if isinstance(bars, pa.Table) else bars.columns)
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"columns {', '.join(twice)} occur more than once")
    missing = [name for name in COLUMNS if name not in names and name not in OPTIONAL]
    if missing:
        raise ValueError(f"columns {', '.join(missing)} are missing; the columns must be {', '.join(COLUMNS)}")
    columns: dict[str, NDArray[Any]] = {"date": _days(_array(bars, "date"))}
    for name in COLUMNS[1:]:
        if name in names:
            columns[name] = _numbers(_array(bars, name), name)
        else:
            columns[name] = np.zeros(len(columns["date"]))
    return columns


def columns_hash(columns: Columns) -> str:
    """Hash of the values of some columns: the same for any file format, writer version and machine.

    Parameters
    ----------
    columns : mapping of arrays (bar)
        `date` and any others; their order does not matter.

    Returns
    -------
    str
        32 hex digits.
    """
    digest = hashlib.sha256(f"{FORMAT}/{VERSION}".encode())
    for name in sorted(columns):
        values = columns[name]
        # adding 0.0 makes -0.0 and 0.0 one price
        data = values.astype(_DAY).astype("<i8") if name == "date" else values.astype("<f8") + 0.0
        digest.update(f"/{name}/{len(data)}/".encode())
        digest.update(np.ascontiguousarray(data).tobytes())
    return digest.hexdigest()[:32]


def snapshot_hash(objects: Mapping[str, str], sessions: str) -> str:
    """Id of a snapshot from the hashes of its tickers and of its sessions; time and origin do not count."""
    content = {"format": FORMAT, "version": VERSION, "sessions": sessions, "tickers": dict(objects)}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def write_columns(path: Path, columns: Columns) -> None:
    """Write columns as a parquet file that `read_columns` reads fast and whose pages carry checksums."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    pq.write_table(table, path, compression="lz4", use_dictionary=False, write_page_checksum=True)


def _array(bars: Bars, name: str) -> NDArray[Any]:
    if isinstance(bars, pa.Table):
        kind = bars.schema.field(name).type
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            raise ValueError("column date has a time zone; it must hold plain days of the exchange")
        return np.asarray(bars.column(name).to_numpy())
    return np.asarray(bars[name].to_numpy())


def _days(values: NDArray[Any]) -> NDArray[np.datetime64]:
    if values.dtype.kind != "M":
        raise ValueError(f"column date must hold plain days of the exchange, got values of type {values.dtype}")
    days = values.astype(_DAY)
    if bool(np.any((days.astype(values.dtype) != values) & ~np.isnat(values))):
        raise ValueError("column date holds times of day; it must hold plain days of the exchange")
    return days.astype("datetime64[ns]")


def _numbers(values: NDArray[Any], name: str) -> NDArray[np.float64]:
    if values.dtype.kind not in "iuf":
        raise ValueError(f"column {name} must hold numbers, got values of type {values.dtype}")
    return values.astype(np.float64) + 0.0
