"""The numbers of a trace: one walk down the tree for every block of dates, added up row by row. Arrays, no labels.

Does not live here: the tables (`trace`), how a share is handed down (`_written`), the money (`_earned`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ._asked import Asked, list_asked, shares_of
from ._earned import earned
from ._sides import unit_of
from ._written import CHOICES, Above, Flow, always, path_text, read_tree
from .strategy import Comparison, Filter, If, Weight
from .strategy.outline import label, safe, said

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .evaluate import Evaluation
    from .strategy import Node
    from .trading import Portfolio

    Span = tuple[int, int, int, int]

BLOCK_BYTES = 1 << 20
"""What the shares of all nodes on one block of dates take: few enough that they stay in the cache of a processor."""
LARGEST = 1 << 62


@dataclass(eq=False)
class Traced:
    """The tables of a trace as plain columns; it holds no node, each of which would be stored with all below it."""

    apart: bool
    above: Above
    dates: NDArray[np.datetime64]
    nodes: dict[str, NDArray[Any]]
    node_coords: dict[str, NDArray[Any]]
    conditions: dict[str, NDArray[Any]]
    condition_coords: dict[str, NDArray[Any]]
    sums: dict[str, float]
    askers: list[list[int]]
    """For every condition the nodes that ask it, or the first that asks what it is a part of."""
    reasons: dict[int, str] = field(default_factory=dict)
    """Why a node was never reached."""
    spans: list[Span] = field(default_factory=list)
    """Condition, first and last date of the run on which it was unknown, and on how many of them it was asked."""


class _Sums:
    """What is added up over the dates."""

    def __init__(self, nodes: int, asked: int, unknown: int) -> None:
        self.days = np.zeros(nodes, dtype=np.int64)
        self.total, self.gained = np.zeros(nodes), np.zeros(nodes)
        self.first, self.last = np.full(nodes, -1), np.full(nodes, -1)
        self.asked_days, self.true = np.zeros(asked, dtype=np.int64), np.zeros(asked, dtype=np.int64)
        self.asked_total = np.zeros(asked)
        self.unknown = np.zeros((asked, unknown), dtype=np.bool_)
        self.at_cap, self.at_floor = np.zeros(nodes, dtype=np.int64), np.zeros(nodes, dtype=np.int64)

    def add_nodes(self, shares: NDArray[np.float64], places: slice) -> None:
        """Add the shares of some dates."""
        active = shares > 0.0
        days = active.sum(axis=1)
        self.days += days
        self.total += shares.sum(axis=1)
        here = days > 0
        self.first = np.where(here & (self.first < 0), places.start + active.argmax(axis=1), self.first)
        self.last = np.where(here, places.stop - 1 - active[:, ::-1].argmax(axis=1), self.last)


class Tracer:
    """Reads the numbers of a trace from one evaluation."""

    def __init__(self, root: Node, evaluation: Evaluation, portfolio: Portfolio) -> None:
        self.written = read_tree(root)
        self.flow = Flow(self.written, evaluation)
        self.evaluation, self.portfolio = evaluation, portfolio
        self.program, self.rows = evaluation.program, evaluation.rows
        self.asked = list_asked(self.flow)
        self.first = evaluation.start
        self.bars = len(portfolio.equity)
        self.span = slice(self.first, self.first + self.bars)
        self.dates = evaluation.panel.dates[self.span]

    def _blocks(self) -> Iterator[tuple[slice, slice]]:
        """Cut the dates of the run: the bars of the panel, and the same dates counted from the start."""
        width = max(512, BLOCK_BYTES // (8 * (len(self.written.nodes) + len(self.asked))))
        for begin in range(0, self.bars, width):
            end = min(begin + width, self.bars)
            yield slice(self.first + begin, self.first + end), slice(begin, end)

    # ------------------------------------------------------------ tables

    def summary(self) -> Traced:
        """Add everything up over the dates of the run."""
        money = earned(self.evaluation, self.portfolio)
        sums = _Sums(len(self.written.nodes), len(self.asked), self.bars if self._some_unknown() else 0)
        for bars, places in self._blocks():
            shares = self.flow.shares(bars)
            worth = self.flow.worth(bars, shares, money.per_unit[places])
            sums.gained += np.einsum("nd,nd->n", shares, worth)
            sums.add_nodes(shares, places)
            self._add_bounds(sums, shares, bars)
            self._add_conditions(sums, shares_of(self.asked, shares), bars, places)
        found = Traced(
            apart=self.written.apart,
            above=self.written.above,
            dates=self.dates,
            nodes=self._node_columns(sums),
            node_coords=self._node_coords(),
            conditions=self._condition_columns(sums),
            condition_coords=self._condition_coords(),
            sums={"cash": money.cash, "cost": money.cost, "total_return": money.total},
            askers=[one.askers or [one.node] for one in self.asked],
            reasons=self._reasons(sums.days),
        )
        if sums.unknown.size:
            found.spans = list(self._spans(sums.unknown))
        return found

    def _add_bounds(self, sums: _Sums, shares: NDArray[np.float64], bars: slice) -> None:
        """Count on how many dates a child stood at its cap or floor in any block that holds something."""
        seen: dict[int, NDArray[np.bool_]] = {}
        for row, bounds in self._bounds.items():
            reached = shares[row] > 0.0
            for child, bound in zip(self.written.below[row], bounds[:, bars], strict=False):  # the fallback has none
                found = seen.setdefault(child, np.zeros((2, len(reached)), dtype=np.bool_))
                found |= np.stack([bound > 0, bound < 0]) & reached
        for child, (cap, floor) in seen.items():
            sums.at_cap[child] += int(cap.sum())
            sums.at_floor[child] += int(floor.sum())

    @cached_property
    def _bounds(self) -> dict[int, NDArray[np.int8]]:
        """Where the children of every capped node stand at a bound, (child, date) each."""
        found: dict[int, NDArray[np.int8]] = {}
        for row, node in enumerate(self.written.nodes):
            if isinstance(node, (Weight, Filter)) and node.weighting.capped:
                number = self.program.number_of.get(node)
                if number is not None:
                    found[row] = self.rows.bounds(number)
        return found

    def _add_conditions(self, sums: _Sums, depends: NDArray[np.float64], bars: slice, places: slice) -> None:
        asked = depends > 0.0
        sums.asked_days += asked.sum(axis=1)
        sums.asked_total += depends.sum(axis=1)
        for row, one in enumerate(self.asked):
            truth = self.rows.truth(one.truth)[bars]
            sums.true[row] += np.count_nonzero((truth == 1) & asked[row])
            if sums.unknown.size:
                sums.unknown[row, places] = (truth == 2) & asked[row]

    def _node_columns(self, sums: _Sums) -> dict[str, NDArray[Any]]:
        days = sums.days
        never = np.datetime64("NaT", "ns")
        dates = self.dates.astype("datetime64[ns]")
        return {
            "active_days": days,
            "active": days / self.bars,
            "share": sums.total / self.bars,
            "contribution": sums.gained,
            "first_active": np.where(days > 0, dates[sums.first], never),
            "last_active": np.where(days > 0, dates[sums.last], never),
            "at_cap_days": sums.at_cap,
            "at_floor_days": sums.at_floor,
        }

    def _node_coords(self) -> dict[str, NDArray[Any]]:
        written = self.written
        plain = [label(node).removesuffix(f'  "{safe(node.title)}"') for node in written.nodes]
        return {
            "path": np.array([path_text(written.above, row) for row in range(len(plain))], dtype=object),
            "sentence": np.array(plain, dtype=object),
            "kind": np.array([node.kind for node in written.nodes], dtype=object),
            "title": np.array([node.title for node in written.nodes], dtype=object),
            "parent": np.array([parent for parent, _ in written.above], dtype=np.int64),
            "level": np.array(written.level, dtype=np.int64),
            "places": np.array([min(places, LARGEST) for places in written.places], dtype=np.int64),
        }

    def _condition_columns(self, sums: _Sums) -> dict[str, NDArray[Any]]:
        days = sums.asked_days
        count = len(self.asked)
        true, unknown = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        state, sides = np.zeros(count, dtype=np.int64), np.full((2, count), np.nan)
        last = self.first + self.bars - 1
        for row, one in enumerate(self.asked):
            truth = self.rows.truth(one.truth)[self.span]
            true[row], unknown[row], state[row] = (truth == 1).sum(), (truth == 2).sum(), truth[-1]
            for side, value in enumerate(self.program.truths[one.truth].values):
                sides[side, row] = self.rows.value(value)[last]
        often = np.full(count, np.nan)
        np.divide(sums.true, days, out=often, where=days > 0)
        return {
            "active_days": days,
            "active": days / self.bars,
            "share": sums.asked_total / self.bars,
            "true": true / self.bars,
            "true_when_active": often,
            "unknown_days": unknown,
            "state": state,
            "left": sides[0],
            "right": sides[1],
            "distance": sides[0] - sides[1],
        }

    def _condition_coords(self) -> dict[str, NDArray[Any]]:
        written = self.written
        return {
            "sentence": np.array([self._sentence(one) for one in self.asked], dtype=object),
            "kind": np.array([one.term.kind for one in self.asked], dtype=object),
            "unit": np.array([self.unit(one) for one in self.asked], dtype=object),
            "node": np.array([one.node for one in self.asked], dtype=np.int64),
            "path": np.array([path_text(written.above, one.node) for one in self.asked], dtype=object),
            "title": np.array([written.nodes[one.node].title for one in self.asked], dtype=object),
            "part_of": np.array([-1 if one.askers else one.wholes[0] for one in self.asked], dtype=np.int64),
        }

    def _sentence(self, one: Asked) -> str:
        # What `branch` means is in the program; as it was written two of them would look alike.
        return said(self.program.truths[one.truth].term if one.term.free else one.term)

    def unit(self, one: Asked) -> str:
        """Name the unit of a comparison's sides; "" for a condition of dates and of other conditions."""
        values = self.program.truths[one.truth].values
        if not values or not isinstance(one.term, Comparison):
            return ""
        return next((unit for value in values if (unit := unit_of(self.program.values[value]))), "number")

    def _some_unknown(self) -> bool:
        return any((self.rows.truth(one.truth)[self.span] == 2).any() for one in self.asked)

    def _spans(self, asked: NDArray[np.bool_]) -> Iterator[Span]:
        for row, one in enumerate(self.asked):
            inside = np.flatnonzero(self.rows.truth(one.truth)[self.span] == 2)
            for span in np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1) if len(inside) else ():
                first, last = int(span[0]), int(span[-1])
                yield row, first, last, int(asked[row, first : last + 1].sum())

    def _reasons(self, days: NDArray[np.int64]) -> dict[int, str]:
        """Say for every node that was never reached what kept the portfolio from it, nearest the root first."""
        found: dict[int, str] = {}
        for row in self.written.order:
            for place, child in enumerate(self.written.below[row]):
                if days[child] == 0 and (days[row] > 0 or child not in found):
                    found[child] = self._reason(row, place) if days[row] > 0 else "never reached"
        return found

    def _reason(self, row: int, place: int) -> str:
        node = self.written.nodes[row]
        if isinstance(node, CHOICES) and always(self.flow.constants, node) is not None:
            return "constant condition"
        if isinstance(node, If):
            return ("never true", "never false")[place]
        if isinstance(node, CHOICES):
            return "never chosen"
        return "never picked" if isinstance(node, Filter) else "never held"

    # ------------------------------------------------------------ every date

    def daily(self, name: str, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Read one quantity of some rows on every date of the run, (row, date)."""
        if name in ("share", "active", "asked"):
            return self._shares(name, rows)
        picked = [self.asked[row] for row in rows.tolist()]
        if name == "truth":
            out = np.empty((len(picked), self.bars), dtype=np.uint8)
            for place, one in enumerate(picked):
                out[place] = self.rows.truth(one.truth)[self.span]
            return out
        sides: NDArray[np.float64] = np.full((len(picked), self.bars), np.nan)
        for place, one in enumerate(picked):
            values = self.program.truths[one.truth].values
            if values:
                left, right = (self.rows.value(value)[self.span] for value in values)
                sides[place] = {"left": left, "right": right}.get(name, left - right)
        return sides

    def _shares(self, name: str, rows: NDArray[np.int64]) -> NDArray[Any]:
        out: NDArray[Any] = np.empty((len(rows), self.bars), dtype=np.bool_ if name == "active" else np.float64)
        for bars, places in self._blocks():
            shares = self.flow.shares(bars)
            whole = shares_of(self.asked, shares) if name == "asked" else shares
            out[:, places] = whole[rows] > 0.0 if name == "active" else whole[rows]
        return out
