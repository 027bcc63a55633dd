"""Rows that several strategies on the same dates have in common, each made once and handed on.

What a row means is its term, so the term is its key; a row is only shared between runs over the same bars with the
same settings, which is why a store belongs to one axis of dates. What the kernels compute is what they compute for a
strategy alone: sharing leaves steps out and changes none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._rows import NOTES, Rows
from .program import Kind, Op, Program, Step

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from numpy.typing import NDArray

    from .panel import Panel
    from .settings import Settings

VALUES = frozenset(
    {
        Op.RATIO,
        Op.REBASE,
        Op.NAV,
        Op.CONSTANT,
        Op.INDICATOR,
        Op.ARITHMETIC,
        Op.PERCENTILE,
        Op.LAG,
        Op.FUNCTION,
        Op.ROLLING,
    }
)
"""Steps that fill a row of numbers with what their term says; an operation that is not here is done by every run."""
TRUTHS = frozenset(NOTES)
DECIDED = (Kind.CHOOSE, Kind.ROWS)
"""Nodes whose choices or shares are worth keeping; the others cost no more than a copy."""


class RowStore:
    """Rows by what they mean, up to a number of bytes.

    Attributes
    ----------
    limit : int, bytes
        A row that does not fit any more is computed by every run that needs it.
    held : int, bytes
    made, shared : int
        How many rows were computed, and how often one was handed on.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0
        self.made = self.shared = 0
        self._rows: dict[Hashable, tuple[Any, ...]] = {}

    def find(self, key: Hashable) -> tuple[Any, ...] | None:
        """Look a row up."""
        found = self._rows.get(key)
        self.shared += found is not None
        return found

    def keep(self, key: Hashable, *parts: object) -> None:
        """Keep a row, and what belongs to it, as long as there is room."""
        self.made += 1
        size = sum(part.nbytes for part in parts if isinstance(part, np.ndarray))
        if self.held + size <= self.limit:
            self.held += size
            self._rows[key] = parts


class _Truths(dict[int, "NDArray[np.uint8]"]):
    """Rows of truths by number, each of them made when it is first asked for."""

    def __init__(self, bars: int) -> None:
        self.bars = bars

    def __missing__(self, number: int) -> NDArray[np.uint8]:
        row = self[number] = np.empty(self.bars, dtype=np.uint8)
        return row


class SharedRows(Rows):
    """The rows of one program, taken from a store where somebody made them before."""

    def __init__(self, program: Program, panel: Panel, settings: Settings, store: RowStore) -> None:
        self._store = store
        self._lines: dict[int, NDArray[np.float64]] = {}
        super().__init__(program, panel, settings)

    def _make_room(self) -> None:
        """Every row stands alone, so that it can outlive the run."""
        self._truths = _Truths(len(self.panel.dates))

    def _out(self, number: int) -> NDArray[np.float64]:
        row = self._lines.get(number)
        if row is None:
            row = self._lines[number] = np.empty(len(self.panel.dates))
        return row

    def values(self, numbers: tuple[int, ...]) -> NDArray[np.float64]:
        """Read several rows of values as one block, (row, date)."""
        return np.stack([self.value(number) for number in numbers])

    def run(self, step: Step) -> None:
        """Do one step, or take over what it would make."""
        key: Hashable
        if step.op in VALUES:
            key = (step.op, self.program.values[step.out].term)
            found = self._store.find(key)
            if found is None:
                super().run(step)
                self._store.keep(key, self._lines[step.out])
            else:
                (self._lines[step.out],) = found
        elif step.op in TRUTHS:
            key = (step.op, self.program.truths[step.out].term)
            found = self._store.find(key)
            if found is None:
                super().run(step)
                self._store.keep(key, self._truths[step.out])
            else:
                (self._truths[step.out],) = found
                self.note_truth(step)
        else:
            super().run(step)

    def decide(self, number: int, first: int, last: int) -> None:
        """Fill the choices or shares of a node, or copy those of the same node on the same dates."""
        block = self.program.nodes[number]
        if block.kind not in DECIDED:
            super().decide(number, first, last)
            return
        chosen = block.kind is Kind.CHOOSE
        rows = self.choices[block.slot] if chosen else self.shares[block.slot : block.slot + len(block.children)]
        key = (Kind, block.term, first, last)
        found = self._store.find(key)
        if found is None:
            super().decide(number, first, last)
            self._store.keep(key, rows.copy(), self.alive[number], self.dropped.get(number))
            return
        rows[...], self.alive[number], dropped = found
        if dropped is not None:
            self.dropped[number] = dropped

    def earn(self, number: int) -> None:
        """Fill the daily returns of a node, or take over those of the same node."""
        block = self.program.nodes[number]
        key = (Op.RETURNS, block.term)
        found = None if block.kind is Kind.ASSET else self._store.find(key)
        if found is not None:
            (self.returns[number],) = found
            return
        super().earn(number)
        if block.kind is not Kind.ASSET:
            self._store.keep(key, self.returns[number].copy())


def row_sizes(program: Program) -> Iterator[tuple[Hashable, int]]:
    """List what a program would keep in a store: the key of each row, and its bytes per date."""
    for step in program.steps:
        if step.op in VALUES:
            yield (step.op, program.values[step.out].term), 8
        elif step.op in TRUTHS:
            yield (step.op, program.truths[step.out].term), 1
        elif step.op is Op.RETURNS and program.nodes[step.out].kind is not Kind.ASSET:
            yield (step.op, program.nodes[step.out].term), 8
        elif step.op is Op.NODE and program.nodes[step.out].kind in DECIDED:
            block = program.nodes[step.out]
            yield (Kind, block.term), 1 + (4 if block.kind is Kind.CHOOSE else 8 * len(block.children))
