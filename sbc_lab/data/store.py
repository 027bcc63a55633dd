"""The snapshot store: checked prices go in, immutable snapshots come out.

Here lives publishing. An object is named by the hash of its values, so tickers that did not change are
shared between snapshots and nothing is ever rewritten with other values. `publications.json` is replaced last and in
one step, so a reader sees the snapshot before or the one after, and never a mixture. Reading is in `engine.candles`,
proving the values in `verification`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..engine.candles import Columns, load_candles
from ..engine.snapshots import (
    FORMAT,
    VERSION,
    Coverage,
    Moment,
    Publication,
    Quarantine,
    Snapshot,
    default_store,
    load_publications,
    load_snapshot,
    log_path,
    manifest_path,
    object_path,
)
from ..errors import DataError, StoreError
from . import calendar
from .atomic import alone, remove_leftovers, write_whole
from .bars import Bars, columns_hash, snapshot_hash, write_columns
from .integrity import Finding, check_bars, check_ticker, refusal
from .report import ImportReport
from .verification import Verification, coverage_of, holds, verify_snapshot

__all__ = ["SnapshotStore"]


class SnapshotStore:
    """A directory of snapshots.

    Parameters
    ----------
    path : path, optional
        Root of the store; `default_store()` when left out. It is made by the first `publish`.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = default_store() if path is None else Path(path)

    def __repr__(self) -> str:
        return f"SnapshotStore({str(self.path)!r})"

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def exists(self) -> bool:
        """True when something has been published here."""
        return log_path(self.path).exists()

    def snapshots(self) -> tuple[Publication, ...]:
        """Every publication, oldest first."""
        return load_publications(self.path)

    def snapshot(self, id: str | None = None, *, as_of: Moment | None = None) -> Snapshot:  # noqa: A002 - the glossary's word
        """The present snapshot, the one whose id begins with `id`, or the newest one published up to `as_of`."""
        return load_snapshot(self.path, id, as_of=as_of)

    def candles(self, tickers: str | list[str] | tuple[str, ...], **choice: Any) -> xr.Dataset:
        """Candles of this store; see `engine.candles.load_candles`."""
        return load_candles(self.path, tickers, **choice)

    def publish(
        self,
        bars: Mapping[str, Bars],
        *,
        keep: bool = True,
        published_at: datetime | None = None,
        source: str = "",
        refused: Mapping[str, str] | None = None,
    ) -> ImportReport:
        """Check prices and make them the present snapshot.

        A ticker with an error goes into quarantine and keeps its state from the snapshot before, if it had one.
        Publishing what is already the present snapshot changes nothing.

        Parameters
        ----------
        bars : mapping of ticker to DataFrame or Table (bar)
            Columns as in `COLUMNS`.
        keep : bool
            True: tickers of the snapshot before that are not in `bars` stay.
        published_at : datetime with a time zone, optional
            Now when left out; not before the last publication.
        source : str
            Where the prices come from, for the reader of the list of snapshots.
        refused : mapping of ticker to reason, optional
            Tickers that could not even be read.

        Returns
        -------
        ImportReport
        """
        if published_at is not None and published_at.tzinfo is None:
            raise DataError(f"published_at must have a time zone, got {published_at!r}; add tzinfo=datetime.UTC")
        good, findings = _check(bars, refused or {})
        reasons = {finding.ticker: finding.sentence for finding in reversed(findings) if finding.severity == "error"}
        with self._publishing():
            before = self.snapshot() if self.exists else None
            held = dict(before.bars) if before else {}
            entries = {ticker: entry for ticker, entry in held.items() if keep or ticker in reasons}
            entries |= {ticker: self._write_ticker(columns) for ticker, columns in sorted(good.items())}
            if not entries or not (good or reasons):
                told = "; ".join(f"{ticker}: {reason}" for ticker, reason in list(reasons.items())[:3])
                raise DataError(f"there is nothing to publish{': every ticker was refused, ' + told if told else ''}")
            quarantine = {ticker: Quarantine(reason, ticker in held) for ticker, reason in sorted(reasons.items())}
            snapshot = self._write_snapshot(entries)
            self._announce(Publication(snapshot, _moment(published_at), source, quarantine), asked=published_at)
            after = self.snapshot()
        return ImportReport(
            snapshot=after,
            added=tuple(sorted(set(good) - set(held))),
            changed=tuple(sorted(ticker for ticker in good if ticker in held and held[ticker] != entries[ticker])),
            unchanged=tuple(sorted(ticker for ticker in good if held.get(ticker) == entries[ticker])),
            findings=findings,
        )

    def verify(self, id: str | None = None) -> Verification:  # noqa: A002 - the glossary's word
        """Read every value of a snapshot again and compare it with its hash."""
        return verify_snapshot(self.snapshot(id))

    @contextmanager
    def _publishing(self) -> Iterator[None]:
        """The lock, the directories, and one sentence for everything a directory can refuse."""
        try:
            for directory in (self.path, self.path / "objects", self.path / "snapshots"):
                directory.mkdir(parents=True, exist_ok=True)
            with alone(self.path / "lock"):
                for directory in (self.path, self.path / "objects", self.path / "snapshots"):
                    remove_leftovers(directory)
                yield
        except StoreError:
            raise
        except OSError as mistake:
            raise StoreError(
                f"cannot write candles to {self.path}: {mistake.strerror or mistake}; "
                "choose a directory of your own with --store or SBC_HOME, or make this one writable"
            ) from mistake

    def _write_ticker(self, columns: Columns) -> Coverage:
        name = columns_hash(columns)
        self._write_object(name, columns)
        return coverage_of(name, columns)

    def _write_object(self, name: str, columns: Columns) -> None:
        path = object_path(self.path, name)
        # a damaged file is written anew: same name, same values, so this is no change
        if not holds(path, name, tuple(columns)):
            write_whole(path, partial(write_columns, columns=columns))

    def _write_snapshot(self, entries: Mapping[str, Coverage]) -> str:
        days = calendar.covering(
            np.array([entry.first, entry.last], dtype="datetime64[D]") for entry in entries.values()
        )
        sessions = columns_hash(days)
        self._write_object(sessions, days)
        snapshot = snapshot_hash({ticker: entry.object for ticker, entry in entries.items()}, sessions)
        tickers = {
            ticker: {
                "object": entry.object,
                "rows": entry.rows,
                "first": entry.first.isoformat(),
                "last": entry.last.isoformat(),
            }
            for ticker, entry in sorted(entries.items())
        }
        document = {"format": FORMAT, "version": VERSION, "id": snapshot, "sessions": sessions, "tickers": tickers}
        path, content = manifest_path(self.path, snapshot), _json(document)
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, lambda temporary: temporary.write_bytes(content))
        return snapshot

    def _announce(self, publication: Publication, *, asked: datetime | None) -> None:
        """Make a snapshot the present one; nothing before this step can be seen by a reader."""
        log = list(self.snapshots()) if self.exists else []
        if log:
            last = log[-1]
            if last.snapshot == publication.snapshot and last.quarantine == publication.quarantine:
                return
            if publication.published_at < last.published_at:
                given = "published_at" if asked else "the clock"
                raise StoreError(
                    f"{given} says {publication.published_at.isoformat()}, but the last snapshot in {self.path} "
                    f"was published at {last.published_at.isoformat()}; publish at that moment or later"
                )
        entries = [
            {
                "snapshot": entry.snapshot,
                "published_at": entry.published_at.isoformat(),
                "source": entry.source,
                "quarantine": {
                    ticker: {"reason": state.reason, "kept": state.kept} for ticker, state in entry.quarantine.items()
                },
            }
            for entry in [*log, publication]
        ]
        content = _json({"format": FORMAT, "version": VERSION, "publications": entries})
        write_whole(log_path(self.path), lambda temporary: temporary.write_bytes(content))


def _check(bars: Mapping[str, Bars], refused: Mapping[str, str]) -> tuple[dict[str, Columns], tuple[Finding, ...]]:
    today = calendar.today()
    known = calendar.sessions(calendar.EARLIEST, today)
    good: dict[str, Columns] = {}
    findings = [refusal(ticker, "file", reason) for ticker, reason in sorted(refused.items())]
    for ticker, given in bars.items():
        reason = check_ticker(ticker)
        if reason:
            findings.append(refusal(str(ticker), "name", reason))
            continue
        columns, found = check_bars(ticker, given, sessions=known, today=today)
        findings.extend(found)
        if columns is not None:
            good[ticker] = columns
    return good, tuple(findings)


def _moment(given: datetime | None) -> datetime:
    return datetime.now(UTC) if given is None else given.astimezone(UTC)


def _json(document: object) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=True) + "\n").encode()
