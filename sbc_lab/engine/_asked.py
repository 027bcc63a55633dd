"""The conditions that the nodes of a tree ask, every different one once, with the parts that each is made of.

Lives here: rows of conditions, and the share of the portfolio that depended on each. Does not live here: tables
(`trace`) and how a comparison is written (`_sides`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ._reach import asked_by
from ._sides import COMPOUND
from ._written import CHOICES, Flow, always
from .strategy import Condition, Not

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .program import Program


@dataclass(frozen=True, eq=False)
class Asked:
    """One condition, wherever it is asked."""

    term: Condition
    truth: int
    """Its row of truths; a condition on a branch means another one for every node that owns such a branch."""
    node: int
    """The row of the first node that asks it, or asks what it is a part of."""
    askers: list[int] = field(default_factory=list)
    """The rows of the nodes that ask it."""
    wholes: list[int] = field(default_factory=list)
    """The rows of the conditions that it is a part of."""


def list_asked(flow: Flow) -> list[Asked]:
    """List every different condition that a node asks, and after each the parts it is made of."""
    rows: dict[tuple[Condition, int], int] = {}
    found: list[Asked] = []
    for number, node in enumerate(flow.written.nodes):
        if not isinstance(node, CHOICES) or flow.block(number) is None:
            continue
        block = flow.block(number)
        assert block is not None
        terms = asked_by(node)
        truths = block.truths
        if always(flow.constants, node) is not None:
            continue  # what is the same on every date was not compiled; `lint` tells of it
        for term, truth in zip(terms, truths, strict=True):
            row = _add(flow.program, rows, found, (term, truth), number)
            if number not in found[row].askers[-1:]:
                found[row].askers.append(number)
    return found


def _add(
    program: Program,
    rows: dict[tuple[Condition, int], int],
    found: list[Asked],
    key: tuple[Condition, int],
    node: int,
) -> int:
    """Number a condition and its parts, unless they are known, and give its row."""
    stack: list[tuple[tuple[Condition, int], int]] = [(key, -1)]
    while stack:
        (term, truth), whole = stack.pop()
        row = rows.setdefault((term, truth), len(found))
        fresh = row == len(found)
        if fresh:
            found.append(Asked(term, truth, node))
        if whole >= 0:
            found[row].wholes.append(whole)
        if fresh and isinstance(term, COMPOUND):
            inner = (term.condition,) if isinstance(term, Not) else term.conditions
            below = program.truths[truth].parts  # none of what is the same on every date
            parts = list(zip(inner, below, strict=True)) if below else []
            stack.extend((part, row) for part in reversed(parts))
    return rows[key]


def shares_of(asked: list[Asked], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give every condition the largest share of any node that asks it, or asks what it is a part of, (condition, date).

    The largest and not the sum, because a node below another that asks the same has its share from there.
    """
    out = np.zeros((len(asked), shares.shape[1]))
    # A part is always numbered before the whole, so going down the numbers a whole is settled before its parts.
    for row in sorted(range(len(asked)), key=lambda row: -asked[row].truth):
        for node in asked[row].askers:
            np.maximum(out[row], shares[node], out=out[row])
        for whole in asked[row].wholes:
            np.maximum(out[row], out[whole], out=out[row])
    return out
