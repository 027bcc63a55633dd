"""A table of results: labelled arrays that show themselves as text and as HTML, without a kernel.

Lives here: how rows and cells are written. Does not live here: any number, and what a table is about; whoever makes a
table hands over the arrays and the cells that show them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import unknown_name
from . import pages
from .metric_kind import UNDEFINED
from .strategy.outline import safe

if TYPE_CHECKING:
    import xarray as xr

MOST_ROWS = 60
"""Rows that are shown; the rest are in `data`."""

_LONGEST_TITLE = 200
_GAIN, _LOSS = "46,160,67", "220,60,50"
# half transparent, so that the text of a light and of a dark page can both be read on it
_MOST_OPAQUE = 0.45


@dataclass(frozen=True)
class Cell:
    """What is written in one place of a table."""

    text: str
    shade: float = 0.0
    """From −1, the deepest loss of the table, to 1, its largest gain."""
    note: str = ""
    """Shown when a pointer rests on the cell."""


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Labelled arrays and the way to show them.

    Attributes
    ----------
    data : Dataset
        The numbers, as fractions; every variable has units and a long name.
    title : str
        What the table is about, in one line.
    heads : tuple of str
        What stands above the columns.
    rows : tuple of tuple of Cell
        The first cell of a row says what the row is about.
    words : tuple of int
        The columns that hold words, which stand left; numbers stand right.
    """

    data: xr.Dataset
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: tuple[int, ...] = (0,)

    def __getitem__(self, name: str) -> xr.DataArray:
        """Look a variable up; an unknown name lists the nearest."""
        if name not in self.data:
            raise unknown_name("variable", name, [str(known) for known in self.data.variables], where=self.title)
        return self.data[name]

    def __repr__(self) -> str:
        """Show the table as text."""
        shown = [[safe(cell.text) for cell in row] for row in self.rows[:MOST_ROWS]]
        lines = [list(self.heads), *shown]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.heads))]
        text = [
            "  ".join(
                word.ljust(width) if place in self.words else word.rjust(width)
                for place, (word, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([safe(self.title, _LONGEST_TITLE), *text, *self._rest()])

    def _repr_html_(self) -> str:
        heads = [safe(word) for word in self.heads]
        head = pages.title(safe(self.title, _LONGEST_TITLE))
        rows = (
            (_written(cell, place in self.words) for place, cell in enumerate(row)) for row in self.rows[:MOST_ROWS]
        )
        rest = "".join(pages.faint(line) for line in self._rest())
        return f"<div>{head}{pages.table(heads, rows, left=self.words)}{rest}</div>"

    def _rest(self) -> list[str]:
        more = len(self.rows) - MOST_ROWS
        return [f"… and {more} more in .data"] if more > 0 else []


def shaded(value: float, text: str, largest: float) -> Cell:
    """Make a cell whose colour says how its value compares with the largest one of the table.

    Parameters
    ----------
    value : float
        NaN where there is nothing; the cell is empty then.
    text : str
        The value as it is written.
    largest : float
        Size of the value that is coloured most.
    """
    if math.isnan(value):
        return Cell("")
    return Cell(text, max(-1.0, min(1.0, value / largest)) if largest > 0.0 else 0.0)


def percent(value: float) -> str:
    """Write a fraction; "–" where it is not known."""
    return UNDEFINED if math.isnan(value) else format(value, "z,.2%")


def number(value: float) -> str:
    """Write a ratio or a mean; "–" where it is not known."""
    return UNDEFINED if math.isnan(value) else format(value, "z,.2f")


def _written(cell: Cell, left: bool) -> str:
    colour = _GAIN if cell.shade > 0.0 else _LOSS
    style = f"background:rgba({colour},{abs(cell.shade) * _MOST_OPAQUE:.2f})" if cell.shade else ""
    note = safe(cell.note, _LONGEST_TITLE) if cell.note else ""
    return pages.cell(safe(cell.text), left=left, style=style, note=note)
