"""The loss report: what became of every block of a document, as an object, text and JSON.

Lives here: the finished report. Does not live here: writing it while a document is read (`draft`), and HTML
(`report_html`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from ..strategy.outline import safe
from ._nesting import joined, tail

__all__ = ["LOSSES", "STATUSES", "Entry", "Line", "Note", "Report", "Status"]

Status = Literal["kept", "cosmetic", "mapped", "repaired", "dropped", "unsupported"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""From the least to the gravest.

kept: says the same here. cosmetic: a key that is only seen, such as an id or a colour, is left out. mapped: the same
meaning in other words. repaired: the document was broken or silent there, and this was put in. dropped: something that
may mean something is left out. unsupported: it cannot be said here.
"""
LOSSES: frozenset[Status] = frozenset({"repaired", "dropped", "unsupported"})
"""What `strict` refuses."""
MOST_LINES = 60
_WIDE = 500
_MEANINGS: Mapping[Status, str] = {
    "kept": "kept",
    "cosmetic": "only seen, left out",
    "mapped": "said in other words",
    "repaired": "repaired",
    "dropped": "left out, may have a meaning",
    "unsupported": "cannot be said here",
}


@dataclass(frozen=True, slots=True)
class Note:
    """One remark about a block."""

    status: Status
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One block of the document."""

    number: int
    """Its place in the report; a block comes before the blocks inside it."""
    parent: int
    """The number of the block around it, -1 for the outermost."""
    step: str
    """The way from there: "children[0]", "then[1]"."""
    kind: str
    """The word of the document: "if", "wt-cash-equal", "weight-equal"."""
    name: str
    """The name or ticker it carries, or nothing."""
    notes: tuple[Note, ...] = ()
    line: int | None = None
    column: int | None = None

    @property
    def status(self) -> Status:
        """The gravest of its notes."""
        if not self.notes:
            return "kept"
        return max((note.status for note in self.notes), key=STATUSES.index)

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        return f"{self.kind} {self.name[:40]!r}" if self.name else self.kind


@dataclass(frozen=True)
class Line:
    """One remark with its place, or several equal ones with their first place."""

    status: Status
    text: str
    path: str
    label: str
    line: int | None = None
    column: int | None = None
    times: int = 1

    def __str__(self) -> str:
        """Say it in one line."""
        where = f"line {self.line}, column {self.column}, " if self.line is not None else ""
        more = f"  (×{self.times:,})" if self.times > 1 else ""
        return (
            f"{where}{safe(tail(self.path), _WIDE) or 'document'} ({safe(self.label)}): {safe(self.text, _WIDE)}{more}"
        )


@dataclass(frozen=True, repr=False)
class Report:
    """What became of every block."""

    format: str
    """The format that was read or written."""
    entries: tuple[Entry, ...]

    @property
    def losses(self) -> tuple[Line, ...]:
        """Everything that `strict` refuses, in the order of the document."""
        return self.lines(LOSSES)

    @property
    def lossless(self) -> bool:
        """Whether nothing was repaired, left out or unsupported."""
        return not any(entry.notes and entry.status in LOSSES for entry in self.entries)

    @cached_property
    def counts(self) -> dict[Status, int]:
        """How many blocks have which status, all statuses, the least first."""
        found = Counter(entry.status for entry in self.entries)
        return {status: found[status] for status in STATUSES}

    @cached_property
    def kinds(self) -> dict[str, int]:
        """How many blocks there are of which kind, in the words of the document."""
        return dict(Counter(entry.kind for entry in self.entries))

    def path(self, number: int) -> str:
        """The place of a block in the document, such as "children[0].children[1]"; a very long one is cut."""
        return joined(self._steps(number))

    def _steps(self, number: int) -> Iterator[str]:
        while number >= 0:
            entry = self.entries[number]
            yield entry.step
            number = entry.parent

    def lines(self, statuses: Iterable[Status] = STATUSES) -> tuple[Line, ...]:
        """Every remark of these statuses with its place, in the order of the document."""
        wanted = frozenset(statuses)
        return tuple(
            Line(note.status, note.text, self.path(entry.number), entry.label, entry.line, entry.column)
            for entry in self.entries
            for note in entry.notes
            if note.status in wanted
        )

    def summary(self) -> tuple[Line, ...]:
        """Every different remark once, with its first place and how often it was made, the gravest first."""
        first: dict[tuple[Status, str], Entry] = {}
        times: Counter[tuple[Status, str]] = Counter()
        for entry in self.entries:
            for note in entry.notes:
                key = (note.status, note.text)
                first.setdefault(key, entry)
                times[key] += 1
        lines = [
            Line(status, text, self.path(entry.number), entry.label, entry.line, entry.column, times[status, text])
            for (status, text), entry in first.items()
        ]
        return tuple(sorted(lines, key=lambda line: -STATUSES.index(line.status)))

    @property
    def headline(self) -> str:
        """One sentence: how many blocks, and what became of them."""
        said = ", ".join(f"{count:,} {status}" for status, count in self.counts.items() if count)
        return f"{self.format}: {len(self.entries):,} blocks — {said or 'none'}"

    def text(self, *, most: int = MOST_LINES) -> str:
        """Write the report as text, equal remarks once, at most `most` lines of them."""
        out = [self.headline]
        before = None
        lines = self.summary()
        for line in lines[:most]:
            if line.status != before:
                before = line.status
                out.append(f"{_MEANINGS[line.status]}:")
            out.append(f"  {line}")
        if len(lines) > most:
            out.append(f"… and {len(lines) - most:,} more remarks; .lines() has all of them")
        return "\n".join(out)

    def to_json(self) -> dict[str, Any]:
        """Give the whole report as plain JSON values.

        Returns
        -------
        dict
            `format`, `lossless`, `counts` by status, `kinds` by word, and `blocks`: for each its `parent` (number, -1
            for none), `step`, `kind`, `name`, `status`, `line` and `column` or null, and `notes`; `path` where there
            are notes.
        """
        blocks = []
        for entry in self.entries:
            block: dict[str, Any] = {
                "parent": entry.parent,
                "step": entry.step,
                "kind": entry.kind,
                "name": entry.name,
                "status": entry.status,
                "line": entry.line,
                "column": entry.column,
                "notes": [{"status": note.status, "text": note.text} for note in entry.notes],
            }
            if entry.notes:
                block["path"] = self.path(entry.number)
            blocks.append(block)
        return {
            "format": self.format,
            "lossless": self.lossless,
            "counts": dict(self.counts),
            "kinds": dict(self.kinds),
            "blocks": blocks,
        }

    def __repr__(self) -> str:
        """Show the report as text."""
        return self.text()

    def _repr_html_(self) -> str:
        from .report_html import html

        return html(self)
