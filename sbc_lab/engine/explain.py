"""Why a portfolio was what it was on one date: the path that was taken, with both sides of every comparison.

Lives here: the walk down the tree as it was written, so names and boxes are the researcher's own; the numbers are the
run's rows. Does not live here: how a comparison and its numbers are written (`_sides`), and how a node and the branch
it took are called (`_taken`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BacktestError
from . import explain_display
from ._constants import Constants
from ._orders import SAME, Orders
from ._reach import asked_by
from ._sides import Sides
from ._taken import branch_of, holdings, mode_of, opening_of, ranking_of, short_of
from ._written import always, single
from .evaluate import Evaluation, day
from .explain_display import Line
from .kernels import selection
from .program import Kind
from .strategy import Asset, Blend, Cash, Filter, Group, If, Latch, Node, Switch, Weight
from .strategy.outline import label, percent, safe, said

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .program import Block
    from .trading import Portfolio

MOST_LINES = 200
MOST_VISITS = 20_000
"""A tree whose subtrees are shared can have more paths than anybody can follow."""
MOST_CHILDREN = 20
DEEPEST = 24
OFF = 1
"""The child of a latch that is off."""
_Steps = tuple[list[str], list["_Visit"]]


@dataclass(frozen=True)
class Explanation:
    """The path taken on one date; printing it shows it, and a notebook shows it as an outline that folds.

    Attributes
    ----------
    date : str
        YYYY-MM-DD.
    steps : tuple of Line
        At most `MOST_LINES`: the heading, the path with both sides of every comparison, and last the target.
    """

    date: str
    steps: tuple[Line, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The same as lines of text."""
        return tuple(map(str, self.steps))

    def __str__(self) -> str:
        """Show the path as text."""
        return "\n".join(self.lines)

    def __repr__(self) -> str:
        """Show the path as text."""
        return str(self)

    def _repr_html_(self) -> str:
        return explain_display.page(self.steps)


@dataclass(frozen=True)
class _Visit:
    node: Node
    share: float
    """Share of the portfolio that reached this node."""
    depth: int
    said: str = ""
    """What the parent says of this child, such as its share."""


class Explainer:
    """Explains dates of one run."""

    def __init__(self, root: Node, evaluation: Evaluation, portfolio: Portfolio) -> None:
        self.root, self.evaluation, self.portfolio = root, evaluation, portfolio
        self.program, self.panel, self.rows = evaluation.program, evaluation.panel, evaluation.rows
        self.constants = Constants()
        self.sides = Sides(self.program, self.rows)
        self.last = evaluation.start + len(portfolio.equity) - 1
        self.lag = evaluation.settings.lag
        self.orders = Orders(evaluation, portfolio)

    def bar(self, date: np.datetime64) -> int:
        """Find the bar of a date of the run, or say which dates are around it."""
        dates = self.panel.dates.astype("datetime64[D]")
        first, last = self.evaluation.start, self.last
        if not dates[first] <= date <= dates[last]:
            span = f"{day(self.panel, first)} to {day(self.panel, last)}"
            raise BacktestError(f"explain({str(date)!r}): the run reaches from {span}; ask for a date of it")
        bar = int(np.searchsorted(dates, date))
        if dates[bar] != date:
            around = f"{day(self.panel, bar - 1)} or {day(self.panel, bar)}"
            raise BacktestError(f"explain({str(date)!r}): that is no trading day; ask for {around}")
        return bar

    def explain(self, date: np.datetime64, *, name: str) -> Explanation:
        """Follow the portfolio from the root to what it holds."""
        bar = self.bar(date)
        ending = self._ending(bar)
        head = [Line(0, "heading", f"{day(self.panel, bar)}  {safe(name)}: {self.orders.heading(bar)}")]
        most = MOST_LINES - len(ending) - 1
        tail: deque[Line] = deque(maxlen=most // 2)
        said_lines = visits = 0
        stack = [_Visit(self.root, 1.0, 1)]
        while stack and visits < MOST_VISITS:
            visit = stack.pop()
            visits += 1
            lines, below = self._visit(visit, bar)
            for place, line in enumerate(lines):
                said_lines += 1
                words = line if place else f"{visit.said}{line}"
                step = Line(visit.depth, "side" if place else "block", words)
                (head if len(head) < most - most // 2 else tail).append(step)
            stack.extend(reversed(below))
        hidden = said_lines + 1 - len(head) - len(tail)
        gap = [f"… {hidden:,} lines are left out here"] if hidden else []
        if stack:
            gap = [f"… {hidden:,} lines are left out here, and {len(stack):,} nodes or more were not followed"]
        return Explanation(day(self.panel, bar), (*head, *(Line(1, "gap", line) for line in gap), *tail, *ending))

    def _ending(self, bar: int) -> list[Line]:
        place = bar - self.evaluation.start
        target = self.evaluation.target[place]
        lines = [Line(0, "target", f"target: {holdings(target, self.panel.tickers)}")]
        if not self.orders.traded(bar) and bar + self.lag <= self.last:
            held = self.portfolio.allocation[place + self.lag]
            lines.append(Line(0, "target", f"held:   {holdings(held, self.panel.tickers)}"))
        return lines

    def _visit(self, visit: _Visit, bar: int) -> _Steps:
        node, share = visit.node, visit.share
        lines, below = self._said(node, share, visit.depth + 1, bar)
        if node.title:
            lines[0] += f'  "{safe(node.title)}"'
        return lines, below

    def _said(self, node: Node, share: float, depth: int, bar: int) -> _Steps:
        """Say one node, and which of its children the portfolio goes on to."""
        if isinstance(node, Asset):
            return [self._asset(node, share, bar)], []
        if isinstance(node, Cash):
            return [f"cash  → {percent(share)} of the portfolio"], []
        if isinstance(node, Group):
            return [label(node).removesuffix(f'  "{safe(node.title)}"')], [_Visit(node.child, share, depth)]
        number = self.program.number_of[node]
        if isinstance(node, (If, Switch, Latch)):
            one = always(self.constants, node)
            if one is not None:
                # A branch that is never taken was not even compiled, and the node has no block of its own.
                return [f"{opening_of(node)}: the same on every date"], [_Visit(node.children[one], share, depth)]
            return self._choice(node, number, share, depth, bar)
        if isinstance(node, Weight) and single(node):
            return [f"{mode_of(node)} of one"], [_Visit(node.members[0], share, depth)]
        assert isinstance(node, (Weight, Filter, Blend))
        return self._shared(node, number, share, depth, bar)

    def _asset(self, node: Asset, share: float, bar: int) -> str:
        if not self.panel.available[self.panel.rows[node.ticker], bar]:
            return f"{node.ticker} cannot be held on this date  → {percent(share)} of the portfolio is cash"
        return f"{node.ticker}  → {percent(share)} of the portfolio"

    def _choice(self, node: If | Switch | Latch, number: int, share: float, depth: int, bar: int) -> _Steps:
        block = self.program.nodes[number]
        row = self.rows.choices[block.slot]
        chosen = int(row[bar])
        if isinstance(node, If):
            lines = self.sides.condition("if ", node.condition, block.truths[0], bar)
        else:
            words = ("enter ", "exit ") if isinstance(node, Latch) else ("",) * len(block.truths)
            lines = [self._latched(row, bar) if isinstance(node, Latch) else self._counted(node, block, bar)]
            for word, term, truth in zip(words, asked_by(node), block.truths, strict=True):
                lines += [f"  {line}" for line in self.sides.condition(word, term, truth, bar)]
        if self.rows.unsure(number)[bar]:
            lines.append(f"  on_missing={self.evaluation.settings.on_missing!r} was followed")
        if chosen < 0:
            return [*lines, f"  → {percent(share)} of the portfolio is cash"], []
        return lines, [_Visit(node.children[chosen], share, depth, f"{branch_of(node, chosen)} ")]

    def _counted(self, node: Switch, block: Block, bar: int) -> str:
        hold = sum(int(self.rows.truth(truth)[bar]) == 1 for truth in block.truths)
        return f"{opening_of(node)}, {hold} of {len(block.truths)} {'holds' if hold == 1 else 'hold'}"

    def _latched(self, row: NDArray[np.int32], bar: int) -> str:
        # On a date of nothing held (-1) the latch is what it was on the date before that.
        known = np.flatnonzero(row[: bar + 1] >= 0)
        state = int(row[known[-1]]) if len(known) else OFF
        other = known[row[known] != state]
        since = f"since {day(self.panel, int(other[-1]) + 1)}" if len(other) else "from the beginning"
        return f"latch: {'off' if state == OFF else 'on'} {since}"

    def _shared(self, node: Weight | Filter | Blend, number: int, share: float, depth: int, bar: int) -> _Steps:
        block = self.program.nodes[number]
        shares = self._shares(block, bar)
        fallback = None if isinstance(node, Blend) else node.weighting.fallback
        children = [(child, "") for child in node.children]
        children += [] if fallback is None else [(fallback, "left by the caps for the fallback: ")]
        below = [
            _Visit(child, share * part, depth, f"{percent(part)} of it: {why}")
            for (child, why), part in zip(children, shares, strict=True)
            if part > 0.0
        ]
        if isinstance(node, Blend):
            by = self.sides.value(block.values[0], bar)
            lines = [f"blend by {said(node.by)} = {by}, from {node.begin:g} to {node.end:g}"]
        elif isinstance(node, Filter):
            lines = self._ranking(node, block, bar)
        else:
            window = "" if node.weighting.window is None else f" over {node.weighting.window} days"
            lines = [f"{mode_of(node)}{window}"]
        if not isinstance(node, Blend):
            volatile = zip(node.children, block.volatilities, strict=False)
            lines += _cut(
                f"  σ of {short_of(child)}: {self.sides.value(value, bar)} a day" for child, value in volatile
            )
            lines += self._idle(node, block, shares, bar)
            lines += self._capped(node, number, shares, bar) if node.weighting.capped else []
        return lines + ([] if below else [f"  → {percent(share)} of the portfolio is cash"]), below

    def _ranking(self, node: Filter, block: Block, bar: int) -> list[str]:
        """List the candidates, the ranked ones first; ties go by document order, as in the run."""
        scores = np.ascontiguousarray(self.rows.values(block.values)[:, bar : bar + 1])
        ranks = np.full(scores.shape, -1, dtype=np.int32)
        selection.pick(scores, len(scores), int(node.side == "top"), 0, 0, ranks)
        order = sorted(range(len(scores)), key=lambda place: (ranks[place, 0] < 0, int(ranks[place, 0]), place))
        return [
            ranking_of(node),
            *_cut(
                f"  {f'{ranks[place, 0] + 1}.' if ranks[place, 0] >= 0 else '– '} "
                f"{short_of(node.members[place])}: {self.sides.value(block.values[place], bar)}"
                for place in order
            ),
        ]

    def _idle(self, node: Weight | Filter, block: Block, shares: list[float], bar: int) -> list[str]:
        """Say which children hold nothing, so that their share went to the others."""
        ranked = [not np.isnan(self.rows.value(score)[bar]) for score in block.values] or [True] * len(shares)
        names = []
        members = zip(node.children, block.children, shares, ranked, strict=False)  # the fallback is no sibling
        for child, number, part, known in members:
            alive = self.rows.alive[number]
            if known and part == 0.0 and alive is not None and not alive[bar]:
                names.append(short_of(child))
        return [f"  hold nothing, so the others share: {', '.join(names[:MOST_CHILDREN])}"] if names else []

    def _capped(self, node: Weight | Filter, number: int, shares: list[float], bar: int) -> list[str]:
        """Say who stands at a bound, and what the caps leave in cash."""
        bounds = self.rows.bounds(number)[:, bar]
        weighting = node.weighting
        words = {1: f"at its cap {percent(weighting.cap)}", -1: f"at its floor {percent(weighting.floor)}"}
        lines = _cut(
            f"  {short_of(child)} {words[int(bound)]}"
            for child, bound in zip(node.members, bounds, strict=True)
            if bound
        )
        cash = 1.0 - sum(shares)
        return lines + ([f"  the caps leave {percent(cash)} of it in cash"] if cash > SAME and any(shares) else [])

    def _shares(self, block: Block, bar: int) -> list[float]:
        places = slice(block.slot, block.slot + len(block.children))
        if block.kind is Kind.ROWS:
            return [float(part) for part in self.rows.shares[places, bar]]
        raw = self.program.statics[places].copy()
        for place, child in enumerate(block.children):
            alive = self.rows.alive[child]
            if alive is not None and not alive[bar]:
                raw[place] = 0.0
        total = raw.sum()
        return [float(part) for part in (raw / total if total > 0.0 else raw)]


def _cut(lines: Iterable[str]) -> list[str]:
    whole = list(lines)
    more = [f"  … and {len(whole) - MOST_CHILDREN} more"] if len(whole) > MOST_CHILDREN else []
    return whole[:MOST_CHILDREN] + more
