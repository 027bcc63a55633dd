"""One way to read candles from a store or from a plain directory of files.

Here lives what a command line needs for `--data DIR_OR_STORE`: a directory is read without importing it, only the
tickers asked for, with the checks of an import.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..engine.candles import FIELDS, Columns, Day, assemble_candles, load_candles, needed_columns
from ..engine.snapshots import Moment, Snapshot, default_store, load_snapshot, log_path
from ..errors import DataError, StoreError, unknown_name
from . import calendar
from .bars import columns_hash, snapshot_hash
from .importing import find_files, read_bars
from .integrity import Finding, check_bars

__all__ = ["CandleSource", "DirectorySource", "StoreSource", "open_source"]


class CandleSource(Protocol):
    """Something that candles can be read from."""

    @property
    def id(self) -> str:
        """Content hash of what is read."""
        ...

    @property
    def tickers(self) -> tuple[str, ...]:
        """Every ticker there is, sorted."""
        ...

    def candles(
        self,
        tickers: str | Iterable[str],
        *,
        start: Day | None = None,
        end: Day | None = None,
        adjust: bool = True,
        fields: Iterable[str] = FIELDS,
    ) -> xr.Dataset:
        """Candles, as `engine.candles.load_candles` gives them."""
        ...


class StoreSource:
    """One snapshot of a store; what is published later does not change what is read here."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @property
    def id(self) -> str:
        """Id of the snapshot."""
        return self.snapshot.id

    @property
    def tickers(self) -> tuple[str, ...]:
        """Every ticker of the snapshot, sorted."""
        return self.snapshot.tickers

    def candles(
        self,
        tickers: str | Iterable[str],
        *,
        start: Day | None = None,
        end: Day | None = None,
        adjust: bool = True,
        fields: Iterable[str] = FIELDS,
    ) -> xr.Dataset:
        """Candles, as `engine.candles.load_candles` gives them."""
        choice: dict[str, Any] = {"start": start, "end": end, "adjust": adjust, "fields": fields}
        return load_candles(self.snapshot.root, tickers, snapshot=self.id, **choice)


class DirectorySource:
    """A directory of `TICKER.parquet` or `TICKER.csv`; each file is read once, when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.findings: tuple[Finding, ...] = ()
        """What the checks noticed in the files read so far."""
        self._files = find_files(path)
        self._columns: dict[str, Columns] = {}
        self._known: NDArray[np.datetime64] | None = None

    @property
    def id(self) -> str:
        """Content hash of the tickers read so far: the id of a store that holds just these."""
        if not self._columns:
            raise DataError(f"nothing has been read from {self.path} yet; ask for candles first")
        return self._hash(self._columns)

    @property
    def tickers(self) -> tuple[str, ...]:
        """Every ticker that there is a file for, sorted."""
        return tuple(sorted(self._files))

    def candles(
        self,
        tickers: str | Iterable[str],
        *,
        start: Day | None = None,
        end: Day | None = None,
        adjust: bool = True,
        fields: Iterable[str] = FIELDS,
    ) -> xr.Dataset:
        """Candles, as `engine.candles.load_candles` gives them.

        The attribute `snapshot` is the hash of these tickers alone.
        """
        wanted = tuple(fields)
        needed_columns(wanted, adjust=adjust)
        names = (tickers,) if isinstance(tickers, str) else tuple(dict.fromkeys(tickers))
        bars = {ticker: self._read(ticker) for ticker in names}
        choice: dict[str, Any] = {"start": start, "end": end, "adjust": adjust, "fields": wanted}
        return assemble_candles(bars, self._sessions(), snapshot=self._hash(bars) if bars else "", **choice)

    def _read(self, ticker: str) -> Columns:
        if ticker in self._columns:
            return self._columns[ticker]
        if ticker not in self._files:
            raise unknown_name("ticker", ticker, self._files, where=str(self.path))
        files = self._files[ticker]
        if len(files) > 1:
            raise DataError(f"{ticker}: there are two files, {files[0]} and {files[1]}; keep one")
        try:
            table = read_bars(files[0])
        except ValueError as mistake:
            raise DataError(f"{ticker}: {mistake}; replace {files[0]}") from None
        columns, findings = check_bars(ticker, table, sessions=self._sessions())
        if columns is None:
            raise DataError(f"{ticker}: {findings[0].sentence}; correct {files[0]}")
        self.findings += findings
        self._columns[ticker] = columns
        return columns

    def _sessions(self) -> NDArray[np.datetime64]:
        if self._known is None:
            self._known = calendar.sessions(calendar.EARLIEST, calendar.today())
        return self._known

    def _hash(self, bars: dict[str, Columns]) -> str:
        span = calendar.covering(columns["date"] for columns in bars.values())
        return snapshot_hash({ticker: columns_hash(columns) for ticker, columns in bars.items()}, columns_hash(span))


def open_source(
    path: str | os.PathLike[str] | None = None, *, snapshot: str | None = None, as_of: Moment | None = None
) -> CandleSource:
    """Open a store or a plain directory of files for reading.

    Parameters
    ----------
    path : path, optional
        Root of a store, or a directory of `TICKER.parquet` or `TICKER.csv`; `default_store()` when left out.
    snapshot, as_of : optional
        Which snapshot of a store; a plain directory has none.

    Returns
    -------
    CandleSource
    """
    root = default_store() if path is None else Path(path)
    if path is None or log_path(root).exists():
        return StoreSource(load_snapshot(root, snapshot, as_of=as_of))
    source = DirectorySource(root)
    if not source.tickers:
        raise StoreError(
            f"{root} is no store of candles and holds no TICKER.parquet or TICKER.csv; give one that is or does"
        )
    if snapshot is not None or as_of is not None:
        raise DataError(
            f"{root} is a plain directory and has no snapshots; import it with `sbc data import {root}` first"
        )
    return source
