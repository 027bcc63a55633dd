"""The node half of the rows: what each node waits for, what it chooses, how its children share, what it earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._memory import empty
from .idle_money import cash_growth
from .kernels import choices, portfolio, selection, truths
from .program import Block, Kind, Program
from .strategy import Blend, Filter, Latch, Switch, Weight, Weighting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .panel import Panel
    from .settings import Settings

MISSING = {"otherwise": choices.OTHERWISE, "hold": choices.HOLD, "cash": choices.CASH}
COUNT_RULES = {"any": 0, "all": 1, "none": 2, "exactly": 3, "at_least": 4, "at_most": 5, "ladder": 6}


class NodeRows:
    """Choices, shares and returns of the nodes of one program over one panel.

    Attributes
    ----------
    ready : dict of (int, int)
        The bar from which a node can decide, and the value it waits for (-1: none).
    alive : dict of ndarray (date) or None
        Where a node holds something; None when it always does on the dates that matter.
    interest : ndarray (date) or None, fraction
        What cash earned since the date before, in the NAV of a node.
    """

    def __init__(self, program: Program, panel: Panel, settings: Settings) -> None:
        bars = len(panel.dates)
        self.program, self.panel, self.settings = program, panel, settings
        self.choices: NDArray[np.int32] = empty((max(program.choice_rows, 1), bars), np.int32)
        self.shares: NDArray[np.float64] = empty((max(program.share_rows, 1), bars), np.float64)
        self._earned: NDArray[np.float64] = empty((len(program.in_nav), bars), np.float64)
        self.ready: dict[int, tuple[int, int]] = {}
        self.alive: dict[int, NDArray[np.uint8] | None] = {}
        self.returns: dict[int, NDArray[np.float64]] = {}
        self.dropped: dict[int, int] = {}
        growth = cash_growth(settings.cash, panel)
        self.interest: NDArray[np.float64] | None = None if growth is None else growth.close - 1.0
        self._born: dict[int, int] = {}
        self._latest: dict[int, int] = {}

    def value(self, number: int) -> NDArray[np.float64]:
        """Read a row of values, (date)."""
        raise AssertionError("rows of values belong to Rows")

    def values(self, numbers: tuple[int, ...]) -> NDArray[np.float64]:
        """Read several rows of values as one block, (row, date)."""
        raise AssertionError("rows of values belong to Rows")

    def truth(self, number: int) -> NDArray[np.uint8]:
        """Read a row of truths, (date)."""
        raise AssertionError("rows of truths belong to Rows")

    def first(self, number: int) -> int:
        """Find the first bar on which a row of values has one."""
        raise AssertionError("rows of values belong to Rows")

    def known_from(self, number: int) -> tuple[int, int]:
        """Find from which bar a condition can be decided, and which value it waits for."""
        raise AssertionError("rows of truths belong to Rows")

    def note(self, number: int) -> None:
        """Note what a node waits for; its children have been noted."""
        block = self.program.nodes[number]
        if block.kind is Kind.ASSET:
            self.ready[number] = (0, -1)
            self._born[number] = self._latest[number] = int(self.panel.first[block.slot])
            return
        waits = [self.ready[child] for child in block.children]
        waits += [self.known_from(truth) for truth in block.truths]
        waits += [(self.first(value), value) for value in (*block.values, *block.volatilities)]
        self.ready[number] = max(waits, default=(0, -1))
        never = len(self.panel.dates)
        self._born[number] = min((self._born[child] for child in block.children), default=never + 1)
        self._latest[number] = max((self._latest[child] for child in block.children), default=0)

    def listed(self, number: int) -> int:
        """Find the bar from which a node's tickers are listed: the first of them, or all, as the start policy says."""
        if self.settings.start_policy == "all_assets":
            return self._latest[number]
        born = self._born[number]
        return born if born <= len(self.panel.dates) else 0  # nothing but cash waits for nobody

    def decide(self, number: int, first: int, last: int) -> None:
        """Fill the choices or shares of a node, and where it holds something, on some dates."""
        block = self.program.nodes[number]
        if block.kind is Kind.ASSET:
            whole = self.panel.steady[block.slot] <= first
            self.alive[number] = None if whole else self.panel.available[block.slot]
        elif block.kind is Kind.CASH:
            self.alive[number] = np.zeros(len(self.panel.dates), dtype=np.uint8)
        elif block.kind is Kind.CHOOSE:
            self._choose(block)
            self.alive[number] = self._alive_choice(block, first, last)
        elif block.kind is Kind.STATIC:
            self.alive[number] = self._alive_static(block)
        else:
            self._share(number, block, first, last)
            self.alive[number] = self._alive_rows(block, first, last)

    def _choose(self, block: Block) -> None:
        missing = MISSING[self.settings.on_missing]
        out = self.choices[block.slot]
        term = block.term
        if isinstance(term, Latch):
            choices.latch(self.truth(block.truths[0]), self.truth(block.truths[1]), missing, out)
        elif isinstance(term, Switch):
            choices.settle(out, self._count(block, term, out), missing)
        else:
            choices.choose(self.truth(block.truths[0]), missing, out)

    def _count(self, block: Block, term: Switch, out: NDArray[np.int32]) -> NDArray[np.int32]:
        """Write the case of a switch with the unknown taken as false, and return where that is not certain."""
        if term.rule != "first":
            true, unknown = self.tally(block.truths)
            choices.count_cases(COUNT_RULES[term.rule], true, unknown, len(block.truths), term.count or 0, out)
            return unknown
        unsure = np.zeros(len(out), dtype=np.int32)
        out.fill(len(block.truths))
        for place in range(len(block.truths) - 1, -1, -1):
            choices.first_case(self.truth(block.truths[place]), place, out, unsure)
        return unsure

    def unsure(self, number: int) -> NDArray[np.bool_]:
        """Find the dates on which what is unknown leaves open what a node does, so that `on_missing` is followed."""
        block = self.program.nodes[number]
        if isinstance(block.term, Latch):
            out: NDArray[np.int32] = np.empty(len(self.panel.dates), dtype=np.int32)
            choices.latch(self.truth(block.truths[0]), self.truth(block.truths[1]), choices.CASH, out)
            return out < 0
        if isinstance(block.term, Switch):
            return self._count(block, block.term, np.empty(len(self.panel.dates), dtype=np.int32)) > 0
        if isinstance(block.term, Blend):
            unknown: NDArray[np.bool_] = np.isnan(self.value(block.values[0]))
            return unknown
        if block.kind is Kind.CHOOSE:
            row: NDArray[np.uint8] = self.truth(block.truths[0])
            return np.equal(row, choices.UNKNOWN)
        return np.zeros(len(self.panel.dates), dtype=np.bool_)

    def bounds(self, number: int) -> NDArray[np.int8]:
        """Tell which children of a capped node stand at their floor (-1) or at their cap (1), (child, date)."""
        block = self.program.nodes[number]
        assert isinstance(block.term, (Weight, Filter)), "only these have floors and caps"
        weighting = block.term.weighting
        shares = self.shares[block.slot : block.slot + len(block.term.members)]
        at_cap = (shares == weighting.cap) & (weighting.cap < 1.0)
        at_floor = (shares == weighting.floor) & (weighting.floor > 0.0)
        return np.where(at_cap, 1, np.where(at_floor, -1, 0)).astype(np.int8)

    def tally(self, numbers: tuple[int, ...]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Count how many conditions hold and how many are unknown, (date) each."""
        bars = len(self.panel.dates)
        true, unknown = np.zeros(bars, dtype=np.int32), np.zeros(bars, dtype=np.int32)
        for number in numbers:
            truths.tally(self.truth(number), true, unknown)
        return true, unknown

    def _alive_choice(self, block: Block, first: int, last: int) -> NDArray[np.uint8] | None:
        picked = self.choices[block.slot]
        nothing = self.settings.on_missing == "cash" and bool((picked[first : last + 1] < 0).any())
        if not nothing and all(self.alive[child] is None for child in block.children):
            return None
        row = np.zeros(len(picked), dtype=np.uint8)
        for place, child in enumerate(block.children):
            mask = picked == place
            alive = self.alive[child]
            row[mask] = 1 if alive is None else alive[mask]
        return row

    def _alive_static(self, block: Block) -> NDArray[np.uint8] | None:
        held = np.zeros(len(self.panel.dates), dtype=np.uint8)
        for child in block.children:
            row = self.alive[child]
            if row is None:
                return None
            held |= row
        return held

    def _alive_rows(self, block: Block, first: int, last: int) -> NDArray[np.uint8] | None:
        held = self.shares[block.slot : block.slot + len(block.children)] > 0.0
        if isinstance(block.term, Blend):
            held &= self._alive_block(block.children).view(np.bool_)
        row: NDArray[np.uint8] = np.logical_or.reduce(held).view(np.uint8)
        return None if row[first : last + 1].all() else row

    def _alive_block(self, children: tuple[int, ...]) -> NDArray[np.uint8]:
        alive = np.ones((len(children), len(self.panel.dates)), dtype=np.uint8)
        for place, child in enumerate(children):
            row = self.alive[child]
            if row is not None:
                alive[place] = row
        return alive

    def _share(self, number: int, block: Block, first: int, last: int) -> None:
        out = self.shares[block.slot : block.slot + len(block.children)]
        term = block.term
        if isinstance(term, Blend):
            hold = int(self.settings.on_missing == "hold")
            levels = (float(term.begin), float(term.end))  # type: ignore[arg-type]  # axes are refused before
            selection.mix(self.value(block.values[0]), *levels, hold, out)
            if self.settings.profile == "quantmage":
                selection.lean(self._alive_block(block.children), out)
            return
        assert isinstance(term, (Weight, Filter))
        weighting, rest = term.weighting, out[len(term.members) :]
        out = out[: len(term.members)]
        ranks: NDArray[np.int32] = empty(out.shape, np.int32)
        if isinstance(term, Filter):
            side = int(term.side == "top")
            selection.pick(self.values(block.values), int(term.count), side, first, last, ranks)  # type: ignore[arg-type]  # axes are refused before
        else:
            ranks[:] = np.arange(len(out), dtype=np.int32)[:, np.newaxis] if weighting.mode == "fixed" else 0
        self._weigh(number, block, weighting, ranks, first, last, out)
        selection.normalise(first, last, out)
        if weighting.capped:
            selection.fill(weighting.floor, weighting.cap, first, last, out)
        for row in rest:
            selection.leave(weighting.cap, self._alive_block(block.children[-1:])[0], first, last, out, row)

    def _weigh(
        self,
        number: int,
        block: Block,
        weighting: Weighting,
        ranks: NDArray[np.int32],
        first: int,
        last: int,
        out: NDArray[np.float64],
    ) -> None:
        alive = self._alive_block(block.children[: len(out)])
        if weighting.mode == "equal":
            selection.weigh_equal(ranks, alive, first, last, out)
        elif weighting.mode == "fixed":
            selection.weigh_ranks(ranks, alive, np.array(weighting.shares), first, last, out)
        else:
            sigma = self.values(block.volatilities)
            inverse = int(weighting.mode == "inverse_vol")
            self.dropped[number] = selection.weigh_volatility(sigma, ranks, alive, inverse, first, last, out)

    def earn(self, number: int) -> None:
        """Fill the daily returns of a node, its own target held from each date to the next, (date), fraction."""
        block = self.program.nodes[number]
        if block.kind is Kind.ASSET:
            self.returns[number] = self._asset_returns(block.slot)
            return
        out = self.returns[number] = self._earned[len(self.returns)]
        self._earn_idle(block, out)
        if block.kind is Kind.CHOOSE:
            for place, child in enumerate(block.children):
                portfolio.earn_choice(self.choices[block.slot], place, self.returns[child], out)
        elif block.kind is Kind.ROWS:
            for place, child in enumerate(block.children):
                portfolio.earn(self.shares[block.slot + place], self.returns[child], out)
        elif block.kind is Kind.STATIC:
            self._earn_static(block, out)

    def _asset_returns(self, row: int) -> NDArray[np.float64]:
        earned: NDArray[np.float64] = self.panel.returns[row]
        if self.interest is None:
            return earned
        earned = earned.copy()
        gone = np.flatnonzero(self.panel.available[row, :-1] == 0)
        earned[gone + 1] = self.interest[gone + 1]
        return earned

    def _earn_idle(self, block: Block, out: NDArray[np.float64]) -> None:
        """Begin a node's daily returns with what the part that it does not hand to its children earns as cash."""
        out.fill(0.0)
        if self.interest is None:
            return
        if block.kind is Kind.ROWS:
            held = self.shares[block.slot : block.slot + len(block.children)].sum(axis=0)
            out[1:] = (1.0 - held[:-1]) * self.interest[1:]
        elif block.kind is Kind.STATIC:
            out[1:] = np.where(self._alive_block(block.children)[:, :-1].any(axis=0), 0.0, self.interest[1:])
        else:
            out[1:] = self.interest[1:]  # a branch that is chosen overwrites it

    def _earn_static(self, block: Block, out: NDArray[np.float64]) -> None:
        weights = self.program.statics[block.slot : block.slot + len(block.children)]
        alive = self._alive_block(block.children)
        total = np.zeros(len(out))
        for weight, row in zip(weights, alive, strict=True):
            total += weight * row
        for place, child in enumerate(block.children):
            portfolio.earn_static(float(weights[place]), total, alive[place], self.returns[child], out)
