"""Does the disk still hold what was published: every value of a snapshot is read and hashed again.

Here lives the proof and what it says; whether the values make sense was judged when they came in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..engine.candles import COLUMNS, Columns, read_columns
from ..engine.snapshots import Coverage, Snapshot, object_path
from ..errors import DataError
from .bars import columns_hash, snapshot_hash
from .integrity import Finding, refusal

__all__ = ["Verification", "coverage_of", "holds", "verify_snapshot"]


@dataclass(frozen=True)
class Verification:
    """What reading every value of a snapshot again has shown."""

    snapshot: str
    checked: int
    """Number of tickers."""
    problems: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """True when every value is the one that was published."""
        return not self.problems

    def __str__(self) -> str:
        """Say what is damaged, or that nothing is."""
        head = f"snapshot {self.snapshot[:12]}: {self.checked} ticker{'' if self.checked == 1 else 's'} checked, "
        if self.ok:
            return head + "every value is as published"
        lines = [f"{finding.ticker}: {finding.sentence}" for finding in self.problems]
        return "\n".join([head + f"{len(lines)} damaged; import them again to write the files anew", *lines])


def verify_snapshot(snapshot: Snapshot) -> Verification:
    """Read every value of a snapshot again and compare it with its hash."""
    problems = [_check_ticker_file(snapshot.root, ticker, entry) for ticker, entry in sorted(snapshot.bars.items())]
    path = object_path(snapshot.root, snapshot.sessions)
    if not holds(path, snapshot.sessions, ("date",)):
        problems.append(refusal("*", "sessions", f"{path}, the sessions of the exchange, is missing or damaged"))
    objects = {ticker: entry.object for ticker, entry in snapshot.bars.items()}
    if snapshot_hash(objects, snapshot.sessions) != snapshot.id:
        problems.append(refusal("*", "manifest", f"{snapshot.path} does not hold what its name says"))
    return Verification(snapshot.id, len(objects), tuple(problem for problem in problems if problem))


def coverage_of(name: str, columns: Columns) -> Coverage:
    """State what a manifest says of the object `name` with these columns (bar)."""
    days = columns["date"].astype("datetime64[D]")
    first: date = days[0].item()
    last: date = days[-1].item()
    return Coverage(name, len(days), first, last)


def holds(path: Path, name: str, columns: tuple[str, ...]) -> bool:
    """Whether a file is there and holds the values that its name is the hash of."""
    try:
        return columns_hash(read_columns(path, columns, label=name)) == name
    except DataError:
        return False


def _check_ticker_file(root: Path, ticker: str, entry: Coverage) -> Finding | None:
    path = object_path(root, entry.object)
    try:
        columns = read_columns(path, COLUMNS, label=ticker)
    except DataError:
        return refusal(ticker, "object", f"{path} is missing or cannot be read")
    if columns_hash(columns) != entry.object:
        return refusal(ticker, "object", f"{path} holds other values than were published")
    if coverage_of(entry.object, columns) != entry:
        return refusal(ticker, "manifest", "the manifest states other days or another number of bars than the file has")
    return None
