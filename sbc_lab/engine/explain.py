"""Why a portfolio was what it was on one date: the path that was taken, with both sides of every comparison.

Lives here: the walk down the tree as it was written, so names and boxes are the researcher's own; the numbers are the
run's rows. Does not live here: how a comparison and its numbers are written (`_sides`).
"""

from __future__ import annotations

import html
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BacktestError
from ._reach import asked_by, cases_of
from ._sides import Sides
from .evaluate import Evaluation, day
from .kernels import selection
from .program import Kind
from .strategy import Asset, Blend, Cash, Filter, Group, If, Latch, Node, Switch, Weight, sentence
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
SAME = 1e-12
_Steps = tuple[list[str], list["_Visit"]]


@dataclass(frozen=True)
class Explanation:
    """The path taken on one date; printing it shows it.

    Attributes
    ----------
    date : str
        YYYY-MM-DD.
    lines : tuple of str
        At most `MOST_LINES`; the last says the target.
    """

    date: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        """Show the path as text."""
        return "\n".join(self.lines)

    def __repr__(self) -> str:
        """Show the path as text."""
        return str(self)

    def _repr_html_(self) -> str:
        return f'<pre style="line-height:1.35">{html.escape(str(self))}</pre>'


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
        self.sides = Sides(self.program, self.rows)
        self.last = evaluation.start + len(portfolio.equity) - 1

    def bar(self, date: np.datetime64) -> int:
        """Find the bar of a date of the run, or say which dates are around it."""
        bar = int(np.searchsorted(self.panel.dates, date.astype("datetime64[ns]")))
        first = self.evaluation.start
        if bar < len(self.panel.dates) and self.panel.dates[bar].astype("datetime64[D]") != date and bar > first:
            bar -= bar > self.last
        if not first <= bar <= self.last or date > self.panel.dates[self.last].astype("datetime64[D]"):
            span = f"{day(self.panel, first)} to {day(self.panel, self.last)}"
            raise BacktestError(f"explain({str(date)!r}): the run reaches from {span}")
        if self.panel.dates[bar].astype("datetime64[D]") != date:
            around = f"{day(self.panel, bar - 1)} or {day(self.panel, bar)}" if bar > first else day(self.panel, bar)
            raise BacktestError(f"explain({str(date)!r}): that is no trading day; ask for {around}")
        return bar
