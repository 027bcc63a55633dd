"""Prices from a directory of files, one per ticker, into a store.

Here live the rules for file names and the reading of parquet and CSV; the checks are in `integrity`, the publishing in
`store`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from ..engine.candles import COLUMNS
from ..errors import DataError, StoreError
from .bars import Bars
from .report import ImportReport
from .store import SnapshotStore

__all__ = ["find_files", "import_directory", "read_bars"]

SUFFIXES = (".parquet", ".csv")


def import_directory(
    path: str | os.PathLike[str], store: SnapshotStore | str | os.PathLike[str] | None = None, *, keep: bool = True
) -> ImportReport:
    """Publish every file of a directory that passes the checks.

    Parameters
    ----------
    path : path
        Directory of files `TICKER.parquet` or `TICKER.csv` with the columns of `COLUMNS`: open, high, low, close in
        USD adjusted for splits and not for dividends, adj_close adjusted for both.
    store : SnapshotStore or path, optional
        Where to publish; `default_store()` when left out.
    keep : bool
        True: tickers that the store has and the directory has not stay.

    Returns
    -------
    ImportReport
        A file that cannot be read or does not pass is refused, the others are published.
    """
    root = Path(path)
    files = find_files(root)
    if not files:
        raise DataError(f"there is no file TICKER.parquet or TICKER.csv in {root}; name the directory that holds them")
    bars: dict[str, Bars] = {}
    refused: dict[str, str] = {}
    for ticker, candidates in files.items():
        if len(candidates) > 1:
            refused[ticker] = f"there are two files, {' and '.join(file.name for file in candidates)}; keep one"
            continue
        try:
            bars[ticker] = read_bars(candidates[0])
        except ValueError as mistake:
            refused[ticker] = str(mistake)
    target = store if isinstance(store, SnapshotStore) else SnapshotStore(store)
    return target.publish(bars, keep=keep, source=f"directory {root.name}", refused=refused)


def find_files(root: Path) -> dict[str, list[Path]]:
    """Files of a directory by ticker; more than one file for a ticker is left to the caller."""
    try:
        paths = sorted(root.iterdir())
    except OSError as mistake:
        raise StoreError(f"cannot read the directory {root}: {mistake.strerror}; give an existing one") from None
    files: dict[str, list[Path]] = {}
    for path in paths:
        if path.suffix in SUFFIXES and not path.name.startswith(".") and path.is_file():
            files.setdefault(path.stem, []).append(path)
    return files


def read_bars(path: Path) -> pa.Table:
    """Read one file as it is, only the columns that matter.

    Raises
    ------
    ValueError
        It is no readable parquet or CSV file; the sentence names the file.
    """
    try:
        if path.suffix == ".csv":
            table = pc.read_csv(path)
            return table.select([name for name in table.column_names if name in COLUMNS])
        with pq.ParquetFile(path) as file:
            return file.read(columns=[name for name in file.schema_arrow.names if name in COLUMNS], use_threads=False)
    except (pa.ArrowException, OSError) as mistake:
        reason = str(mistake).splitlines()[0][:120] if str(mistake) else type(mistake).__name__
        raise ValueError(f"the file {path.name} cannot be read: {reason}") from None
