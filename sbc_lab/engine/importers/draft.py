"""From values to a tree, without recursion: blocks are taken apart from the top and put together from below.

Lives here: what every reader of a foreign format builds with. A reader gives one function per kind of place; it looks
at one value, remarks on it, and says which values stand inside and how the finished parts become a whole. The walk,
the report, the limits and what happens to a block that cannot be read are the same for all. Does not live here: any
format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import SbcError, StrategyImportError
from ..strategy import Cash
from ._nesting import joined
from .limits import Limits
from .report import Entry, Note, Report, Status
from .values import Map, TextPlaces, Value, Vector

__all__ = ["NOTHING", "Block", "Draft", "Part", "Place", "Unsupported", "assemble"]

LEFT_OUT = "not imported"


class Unsupported(Exception):  # noqa: N818  # it is caught where it was raised; what users see is StrategyImportError
    """A block cannot be read; the sentence says why and what would do."""


class _Nothing:
    """What stands in the place of a part that is no node and could not be read; its owner is left out as well."""


NOTHING = _Nothing()


class Place:
    """One block of the document while it is read; remarks are made here."""

    __slots__ = ("at", "kind", "name", "notes", "number", "parent", "step")

    def __init__(self, number: int, parent: int, step: str, at: int | None) -> None:
        self.number = number
        self.parent = parent
        self.step = step
        self.at = at
        self.kind = "block"
        self.name = ""
        self.notes: list[tuple[Status, str]] = []

    def cosmetic(self, text: str) -> None:
        """Leave out what is only seen."""
        self.notes.append(("cosmetic", text))

    def mapped(self, text: str) -> None:
        """Say the same in other words."""
        self.notes.append(("mapped", text))

    def repaired(self, text: str) -> None:
        """Put in what the document lacks, or mend what is broken."""
        self.notes.append(("repaired", text))

    def dropped(self, text: str) -> None:
        """Leave out what may have a meaning."""
        self.notes.append(("dropped", text))

    def unsupported(self, text: str) -> None:
        """Leave out what cannot be said here."""
        self.notes.append(("unsupported", text))


@dataclass(slots=True)
class Part:
    """A value inside a block, and the function that reads it."""

    step: str
    value: Value
    read: Callable[[Value, Place], Block]
    spare: Any = None
    """What stands for it when it cannot be read: None for a node, which becomes `cash()`; NOTHING for all else."""
    place: Place | None = None
    """Set when the walk comes to it: a block can remark on its parts once they are made."""


@dataclass(slots=True)
class Block:
    """What a block holds, and how its parts, once finished, become a whole."""

    parts: Sequence[Part]
    make: Callable[[list[Any]], Any]


class Draft:
    """The places of a document, in the order in which they are met."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.text = text
        self.limits = limits
        self.places: list[Place] = []

    def open(self, parent: int, step: str, value: Value) -> Place:
        """Begin a block."""
        number = len(self.places)
        if number >= self.limits.blocks:
            most = self.limits.blocks
            raise StrategyImportError(
                f"the document holds more than {most:,} blocks; if it is a strategy, give limits=Limits(blocks=…)",
                path=self.path(parent),
            )
        at = getattr(value, "at", None) if isinstance(value, (Map, Vector)) else None
        if at is None and parent >= 0:
            at = self.places[parent].at  # a plain value has no place of its own
        place = Place(number, parent, step, at)
        self.places.append(place)
        return place

    def path(self, number: int) -> str:
        """The place of a block, as the report will write it."""
        return joined(self._steps(number))

    def _steps(self, number: int) -> Iterator[str]:
        while number >= 0:
            yield self.places[number].step
            number = self.places[number].parent

    def report(self, format_name: str) -> Report:
        """Finish the report."""
        where = TextPlaces(self.text)
        entries = []
        for place in self.places:
            line, column = (None, None) if place.at is None else where.at(place.at)
            notes = tuple(Note(status, text) for status, text in place.notes)
            entries.append(Entry(place.number, place.parent, place.step, place.kind, place.name, notes, line, column))
        return Report(format_name, tuple(entries))


def assemble(draft: Draft, root: Part, parent: int = -1) -> Any:
    """Build what a value says.

    Parameters
    ----------
    draft : Draft
        Gets one place for every block.
    root : Part
        The outermost block.
    parent : int
        The number of the place around it.

    Returns
    -------
    object
        What the root's `make` gave. A node that cannot be read is noted as unsupported and stands as `cash()`; any
        other part that cannot be read takes its owner with it. Whether that is accepted is decided by `load`.
    """
    finished: list[Any] = []
    stack: list[tuple[Part, int, Block | None, Place | None]] = [(root, parent, None, None)]
    while stack:
        part, above, block, place = stack.pop()
        if block is None:
            place = part.place = draft.open(above, part.step, part.value)
            try:
                block = part.read(part.value, place)
            except (Unsupported, SbcError) as error:
                finished.append(_spare(part, place, error))
                continue
            stack.append((part, above, block, place))
            number = place.number
            stack.extend((inner, number, None, None) for inner in reversed(block.parts))
            continue
        assert place is not None
        count = len(block.parts)
        values = finished[len(finished) - count :]
        del finished[len(finished) - count :]
        if any(value is NOTHING for value in values):
            finished.append(NOTHING if part.spare is NOTHING else Cash(title=LEFT_OUT))
            continue
        try:
            finished.append(block.make(values))
        except (Unsupported, SbcError) as error:
            finished.append(_spare(part, place, error))
    return finished.pop()


def _spare(part: Part, place: Place, error: Exception) -> Any:
    if isinstance(error, StrategyImportError):
        raise error  # a limit: there is nothing to go on with
    place.unsupported(str(error))
    return NOTHING if part.spare is NOTHING else Cash(title=LEFT_OUT)
