"""The tree as it was written, one row for each of its nodes: where they stand, and how a share is handed down.

Lives here: rows of nodes and what each hands to its children on some dates, read from the rows of an evaluation. Does
not live here: labels and tables (`trace`), money (`_earned`). A program knows no titles, boxes and branches that are
never taken; a researcher does, so everything that is told of a run goes by what was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ._constants import Constants
from ._reach import asked_by, cases_of
from .program import Kind
from .strategy import Asset, Cash, Filter, Group, If, Latch, Node, Switch, Weight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .evaluate import Evaluation
    from .program import Block

    Part = float | NDArray[np.float64] | NDArray[np.bool_]

CHOICES = (If, Switch, Latch)
MOST_PLACES = 10_000
"""Up to so many places each has a row of its own; a tree whose subtrees are shared can have more than can be listed."""
LONGEST_PATH = 40
"""Steps of a path that are written out; a whole one of every node of a deep tree would be longer than the tree."""


def children_of(node: Node) -> tuple[Node, ...]:
    """List what a node can hand its share to: its children, and last what takes the rest that its caps leave."""
    if isinstance(node, (Weight, Filter)) and node.weighting.fallback is not None:
        return (*node.children, node.weighting.fallback)
    return node.children


def always(constants: Constants, node: If | Switch | Latch) -> int | None:
    """Find the one child that conditions of constants alone lead to on every date."""
    known = [constants.truth(condition) for condition in asked_by(node)]
    cases = cases_of(node, known)
    return min(cases) if None not in known and len(cases) == 1 else None


def single(node: Node) -> bool:
    """Tell whether a node is nothing but a box around its one child."""
    if isinstance(node, Group):
        return True
    if not isinstance(node, Weight) or len(node.members) != 1:
        return False
    return node.weighting.window is None and not node.weighting.capped


@dataclass(frozen=True, eq=False)
class Written:
    """The nodes of a tree in the order in which they are written.

    Attributes
    ----------
    apart : bool
        True: a row is a node in one place. False: a row is a different node, all its places together, titles counted.
    nodes : list of Node
    below : list of tuple of int
        The rows of what each node can hand its share to, by place.
    order : list of int
        Every row, parents before children.
    above : list of (int, int)
        The row of the parent at the first place and the number of the child there; (-1, 0) for the root.
    level : list of int
        Steps from the root to the first place.
    places : list of int
        In how many places an equal node stands; this can be astronomical.
    """

    apart: bool
    nodes: list[Node]
    below: list[tuple[int, ...]]
    order: list[int]
    above: list[tuple[int, int]]
    level: list[int]
    places: list[int]


Above = list[tuple[int, int]]


def path_of(above: Above, row: int) -> tuple[int, ...]:
    """Give the first place of a node: the child numbers from the root down."""
    return tuple(reversed(list(_climb(above, row))))


def path_text(above: Above, row: int) -> str:
    """Write the first place as "/0/2/1", the root as "/"; of a long one the last steps."""
    steps: list[str] = []
    for step in _climb(above, row):
        if len(steps) == LONGEST_PATH:
            return "…/" + "/".join(reversed(steps))
        steps.append(str(step))
    return "/" + "/".join(reversed(steps))


def _climb(above: Above, row: int) -> Iterator[int]:
    while above[row][0] >= 0:
        row, place = above[row]
        yield place


def read_tree(root: Node) -> Written:
    """List the nodes of a tree: every place of it, or of more than `MOST_PLACES` every different node once.

    Takes time linear in the different nodes and their children, or in `MOST_PLACES`.
    """
    places = _count_places(root)
    apart = sum(places.values()) <= MOST_PLACES
    row_of: dict[Node, int] = {}
    nodes: list[Node] = []
    above: list[tuple[int, int]] = []
    level: list[int] = []
    below: list[list[int]] = []
    stack: list[tuple[Node, int, int]] = [(root, -1, 0)]
    while stack:
        node, parent, place = stack.pop()
        if apart or node not in row_of:
            row_of[node] = len(nodes)
            nodes.append(node)
            above.append((parent, place))
            level.append(level[parent] + 1 if parent >= 0 else 0)
            below.append([])
            children = list(enumerate(children_of(node)))
            stack.extend((child, row_of[node], number) for number, child in reversed(children))
        if parent >= 0:
            below[parent].append(row_of[node])
    kept = [tuple(rows) for rows in below]
    order = list(range(len(nodes))) if apart else _parents_first(kept)
    return Written(apart, nodes, kept, order, above, level, [places[node] for node in nodes])


def _count_places(root: Node) -> dict[Node, int]:
    """Count the paths that lead to every different node."""
    order: dict[Node, None] = {}
    stack = [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order[node] = None
        elif node not in order:
            stack.append((node, True))
            stack.extend((child, False) for child in children_of(node) if child not in order)
    places = dict.fromkeys(reversed(order), 0)
    places[root] = 1
    for node in places:
        for child in children_of(node):
            places[child] += places[node]
    return places


def _parents_first(below: list[tuple[int, ...]]) -> list[int]:
    done: dict[int, None] = {}
    stack = [(0, False)]
    while stack:
        row, finished = stack.pop()
        if finished:
            done[row] = None
        elif row not in done:
            stack.append((row, True))
            stack.extend((child, False) for child in below[row] if child not in done)
    return list(done)[::-1]


class Flow:
    """Hands the portfolio down the tree as it was written, on some dates of one evaluation."""

    def __init__(self, written: Written, evaluation: Evaluation) -> None:
        self.written, self.evaluation = written, evaluation
        self.program, self.rows, self.panel = evaluation.program, evaluation.rows, evaluation.panel
        self.constants = Constants()

    def block(self, row: int) -> Block | None:
        """Find what a node was compiled to; None for one below a branch that is never taken."""
        number = self.program.number_of.get(self.written.nodes[row])
        return None if number is None else self.program.nodes[number]

    def asset(self, row: int) -> int:
        """Find which of the held tickers an asset is."""
        block = self.block(row)
        assert block is not None
        return block.slot

    def parts(self, row: int, span: slice) -> list[tuple[int, Part]]:
        """List which rows a node hands its share to on some bars, and which part of it, (date) or the same on all."""
        node, below = self.written.nodes[row], self.written.below[row]
        if isinstance(node, (Asset, Cash)):
            return []
        if single(node):
            return [(below[0], 1.0)]
        if isinstance(node, CHOICES):
            one = always(self.constants, node)
            if one is not None:
                return [(below[one], 1.0)]
        block = self.block(row)
        assert block is not None, "only what is compiled is reached"
        if block.kind is Kind.CHOOSE:
            chosen = self.rows.choices[block.slot, span]
            return [(child, chosen == place) for place, child in enumerate(below)]
        if block.kind is Kind.STATIC:
            return self._static(block, below, span)
        return [(child, self.rows.shares[block.slot + place, span]) for place, child in enumerate(below)]

    def _static(self, block: Block, below: tuple[int, ...], span: slice) -> list[tuple[int, Part]]:
        weights = self.program.statics[block.slot : block.slot + len(below)]
        alive = [self.rows.alive[child] for child in block.children]
        if all(row is None for row in alive):
            total = weights.sum()
            return [(child, float(weight / total)) for child, weight in zip(below, weights, strict=True)]
        raw = [
            weight * (np.ones(span.stop - span.start) if row is None else row[span])
            for weight, row in zip(weights, alive, strict=True)
        ]
        total = np.sum(raw, axis=0)
        total[total == 0.0] = 1.0
        return [(child, part / total) for child, part in zip(below, raw, strict=True)]

    def shares(self, span: slice) -> NDArray[np.float64]:
        """Compute the share of the portfolio that reaches every node on some bars, (node, date)."""
        out = np.zeros((len(self.written.nodes), span.stop - span.start))
        out[0] = 1.0
        for row in self.written.order:
            share = out[row]
            if share.any():
                for child, part in self.parts(row, span):
                    out[child] += share * part
        return out

    def worth(self, span: slice, shares: NDArray[np.float64], per_unit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute what one unit of each node earned, (node, date), from what one of each ticker did, (date, asset)."""
        out = np.zeros(shares.shape)
        for row in reversed(self.written.order):
            if not shares[row].any():
                continue
            if isinstance(self.written.nodes[row], Asset):
                # Where a ticker cannot be held its target is 0, and so is what a unit of it earned.
                out[row] = per_unit[:, self.asset(row)]
            else:
                for child, part in self.parts(row, span):
                    out[row] += part * out[child]
        return out
