"""What a snapshot store on disk says about itself: publications, manifests, where the objects lie.

Here live the layout of the store, the frozen `Snapshot` and the choice of one by id or by moment. Values of prices are
read in `candles`; nothing here writes, which is the business of the room `data`.

A store is a directory: `publications.json` (which snapshot was published when; the last entry is the present one),
`snapshots/<id>.json` (per ticker the object, its bars, its first and last day) and `objects/<hash>.parquet`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import DataError, StoreError, unknown_name

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "FORMAT",
    "VERSION",
    "Coverage",
    "Moment",
    "Publication",
    "Quarantine",
    "Snapshot",
    "default_store",
    "load_publications",
    "load_snapshot",
    "log_path",
    "manifest_path",
    "object_path",
]

Moment = str | date | datetime

FORMAT = "sbc-candles"
VERSION = 1

_HEX = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True)
class Coverage:
    """What a snapshot holds of one ticker."""

    object: str  # hash of the values, and the name of the file
    rows: int  # bars
    first: date
    last: date


@dataclass(frozen=True)
class Quarantine:
    """Why a ticker was refused when a snapshot was published."""

    reason: str
    kept: bool  # the ticker's last good state from the snapshot before is still there


@dataclass(frozen=True)
class Publication:
    """One moment at which a snapshot became the present one."""

    snapshot: str
    published_at: datetime  # with its time zone, UTC
    source: str = ""
    quarantine: Mapping[str, Quarantine] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Snapshot:
    """An immutable, content-hashed state of all candles.

    Two snapshots with equal `id` hold equal values, wherever and whenever they were published.
    """

    id: str
    published_at: datetime = field(compare=False)
    root: Path = field(compare=False)
    sessions: str = field(compare=False, repr=False)
    bars: Mapping[str, Coverage] = field(compare=False, repr=False)
    quarantine: Mapping[str, Quarantine] = field(compare=False, repr=False)
    source: str = field(compare=False, default="")

    @property
    def tickers(self) -> tuple[str, ...]:
        """Every ticker of the snapshot, sorted."""
        return tuple(sorted(self.bars))

    @property
    def path(self) -> Path:
        """The manifest on disk."""
        return manifest_path(self.root, self.id)

    @property
    def coverage(self) -> xr.Dataset:
        """Table (ticker) of the first day, the last day and the number of bars."""
        # here, because choosing a snapshot needs neither and the command line starts without them
        import numpy as np
        import xarray as xr

        held = [self.bars[ticker] for ticker in self.tickers]
        columns = {
            "first": np.array([entry.first for entry in held], dtype="datetime64[ns]"),
            "last": np.array([entry.last for entry in held], dtype="datetime64[ns]"),
            "bars": np.array([entry.rows for entry in held], dtype=np.int64),
        }
        variables = {name: ("ticker", values) for name, values in columns.items()}
        return xr.Dataset(variables, {"ticker": list(self.tickers)}, {"snapshot": self.id})

    def load_coverage(self, ticker: str) -> Coverage:
        """What there is of one ticker; an unknown one is an error that lists the nearest."""
        if ticker not in self.bars:
            raise unknown_name("ticker", ticker, self.bars, where=f"snapshot {self.id[:12]}")
        return self.bars[ticker]


def default_store() -> Path:
    """Where the candles lie when nobody says otherwise.

    Returns
    -------
    Path
        The folder `candles` under `SBC_HOME`, else under `$XDG_DATA_HOME/sbc_lab`, else under `~/.local/share/sbc_lab`.
    """
    home = os.environ.get("SBC_HOME")
    if home:
        return Path(home).expanduser() / "candles"
    shared = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return shared.expanduser() / "sbc_lab" / "candles"


def log_path(root: Path) -> Path:
    """The file that says which snapshot was published when; with it a directory is a store."""
    return root / "publications.json"


def manifest_path(root: Path, snapshot: str) -> Path:
    """The file that says what a snapshot holds."""
    return root / "snapshots" / f"{snapshot}.json"


def object_path(root: Path, name: str) -> Path:
    """The file with the values of one ticker, or with the sessions."""
    return root / "objects" / f"{name}.parquet"


def load_publications(store: str | os.PathLike[str] | None = None) -> tuple[Publication, ...]:
    """Every publication of the store at this path, oldest first; `default_store()` when left out."""
    root = _root(store)
    path = log_path(root)
    if not path.exists():
        raise StoreError(
            f"there are no candles in {root}; "
            "run `sbc data sample` for sample data or `sbc data import DIR` for your own files"
        )
    document = _load_document(path)
    try:
        return tuple(_publication(entry) for entry in document["publications"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _damaged(path) from None


def load_snapshot(
    store: str | os.PathLike[str] | None = None, snapshot: str | None = None, *, as_of: Moment | None = None
) -> Snapshot:
    """The present snapshot of a store, or an earlier one.

    Parameters
    ----------
    store : path, optional
        Root of the store; `default_store()` when left out.
    snapshot : str, optional
        Id of a published snapshot, or an unambiguous beginning of it.
    as_of : moment, optional
        Take the newest snapshot published at or before it. A day counts to its end; without a zone, UTC.
    """
    root = _root(store)
    chosen = _choose(root, load_publications(root), snapshot, as_of)
    path = manifest_path(root, chosen.snapshot)
    document = _load_document(path)
    try:
        bars = {
            ticker: Coverage(
                _hex(entry["object"]),
                int(entry["rows"]),
                date.fromisoformat(entry["first"]),
                date.fromisoformat(entry["last"]),
            )
            for ticker, entry in document["tickers"].items()
        }
        sessions = _hex(document["sessions"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _damaged(path) from None
    return Snapshot(
        id=chosen.snapshot,
        published_at=chosen.published_at,
        root=root,
        sessions=sessions,
        bars=MappingProxyType(bars),
        quarantine=chosen.quarantine,
        source=chosen.source,
    )


def _root(store: object) -> Path:
    if store is None:
        return default_store()
    if not isinstance(store, str | os.PathLike):
        raise StoreError(f"a store is the path of a directory, or None for the default one; got {store!r}")
    return Path(store)


def _choose(
    root: Path, publications: tuple[Publication, ...], snapshot: str | None, as_of: Moment | None
) -> Publication:
    if snapshot is not None and as_of is not None:
        raise DataError(f"say snapshot or as_of, not both; got snapshot={snapshot!r} and as_of={as_of!r}")
    if not publications:
        raise _damaged(log_path(root))
    if snapshot is not None:
        found = [entry for entry in publications if snapshot and entry.snapshot.startswith(snapshot)]
        ids = {entry.snapshot for entry in found}
        if not found:
            raise unknown_name("snapshot", snapshot, {entry.snapshot for entry in publications}, where=str(root))
        if len(ids) > 1:
            raise DataError(f"snapshot {snapshot!r} could be any of {', '.join(sorted(ids))}; type more of it")
        return found[-1]
    if as_of is None:
        return publications[-1]
    moment = _moment(as_of)
    earlier = [entry for entry in publications if entry.published_at <= moment]
    if not earlier:
        first = publications[0].published_at.isoformat(timespec="seconds")
        raise DataError(
            f"no snapshot was published at or before {moment.isoformat()}; the first in {root} is of {first}"
        )
    return earlier[-1]


def _moment(value: Moment) -> datetime:
    """A moment with its zone; a plain day counts to its end."""
    parsed: object = value
    if isinstance(value, str):
        try:
            parsed = date.fromisoformat(value) if len(value) <= len("2024-01-31") else datetime.fromisoformat(value)
        except ValueError:
            parsed = None
    if not isinstance(parsed, date):
        raise DataError(
            f"as_of must be a day or a moment such as '2024-01-31' or '2024-01-31T21:15+00:00', got {value!r}"
        )
    moment = parsed if isinstance(parsed, datetime) else datetime.combine(parsed, time.max)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _load_document(path: Path) -> dict[str, Any]:
    """A JSON document of this format, or an error that names the file."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise _damaged(path) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _damaged(path)
    if document.get("version") != VERSION:
        raise StoreError(
            f"{path} has version {document.get('version')!r} of the format and this sbc_lab reads version {VERSION}; "
            "update sbc_lab or import the prices again into an empty directory"
        )
    return document


def _publication(entry: Mapping[str, Any]) -> Publication:
    refused = {
        ticker: Quarantine(str(state["reason"]), bool(state["kept"])) for ticker, state in entry["quarantine"].items()
    }
    published_at = datetime.fromisoformat(entry["published_at"])
    if published_at.tzinfo is None:
        raise ValueError(entry["published_at"])
    return Publication(_hex(entry["snapshot"]), published_at, str(entry["source"]), MappingProxyType(refused))


def _hex(text: str) -> str:
    """Names of files come out of documents; nothing but a hash may become part of a path."""
    if not _HEX.fullmatch(text):
        raise ValueError(text)
    return text


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"{path} is missing or damaged; restore it from a backup, or move the folder {_store_of(path)} away and import "
        "the prices again"
    )


def _store_of(path: Path) -> Path:
    """The folder of the store that a file of it lies in: importing into it again would read the same damaged file."""
    return path.parent if path.parent.name not in ("objects", "snapshots") else path.parent.parent
