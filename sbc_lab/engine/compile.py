"""Strategy → Program: every unique subtree once, numbered, with the steps in an order that can be run.

Meaning decides what is the same: titles, colours and boxes with a name are gone here, a box of one child is that
child, and a branch that a constant condition never takes does not exist. Calls have been put in before
(`strategy.expand`); one that was not is refused with its sentence. No prices are known yet.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np

from ..errors import StrategyError
from ._emit_nodes import NodeEmitter
from .program import Layout, Program
from .strategy import Each, Strategy
from .strategy.terms import Branch

if TYPE_CHECKING:
    from .strategy import Node, Term

_PROGRAMS: weakref.WeakKeyDictionary[Strategy, Program] = weakref.WeakKeyDictionary()


def compile_strategy(strategy: Strategy) -> Program:
    """Compile a strategy, once for the same strategy.

    Raises
    ------
    StrategyError
        When an axis is still open.
    BacktestError
        When a call can be reached that nobody has put in; the message says how.
    """
    program = _PROGRAMS.get(strategy)
    if program is None:
        program = _PROGRAMS[strategy] = _Compiler(strategy).run()
    return program


class _Compiler(NodeEmitter):
    def __init__(self, strategy: Strategy) -> None:
        super().__init__()
        self.strategy = strategy

    def run(self) -> Program:
        if self.strategy.axes:
            names = ", ".join(f"{axis.name}=…" for axis in self.strategy.axes)
            raise StrategyError(f"Strategy({self.strategy.name!r}) has open axes; put values in with .at({names})")
        root = self.node(self.strategy.root)
        held = list(self.asset_rows)
        looked = [ticker for ticker in self.ticker_values if ticker not in self.asset_rows]
        return Program(
            tickers=tuple(held + looked),
            assets=len(held),
            values=tuple(self.values),
            truths=tuple(self.truths),
            nodes=tuple(self.blocks),
            steps=tuple(self.steps),
            root=root,
            in_nav=frozenset(self.in_nav),
            choice_rows=self.choice_rows,
            share_rows=self.share_rows,
            statics=np.array(self.statics, dtype=np.float64),
            layout=self._layout(root),
            row_of=dict(self.row_of),
            number_of=dict(self.known),
            fields=dict(self.fields),
        )

    def compile_term(self, term: Term) -> None:
        """Emit a term after its parts, skipping what is known and what only its owner can resolve."""
        stack: list[tuple[Term, bool]] = [(term, False)]
        while stack:
            item, finished = stack.pop()
            if item in self.known:
                continue
            if finished:
                self.emit(item)
                continue
            stack.append((item, True))
            stack.extend(
                (part, False)
                for part in reversed(self.wanted(item))
                if part not in self.known and not any(isinstance(thing, (Each, Branch)) for thing in part.free)
            )

    def node(self, term: Node) -> int:
        self.compile_term(term)
        return self.known[term]

    def _layout(self, root: int) -> Layout:
        below = {root}
        for number in range(root, -1, -1):
            if number in below:
                below.update(self.blocks[number].children)
        order = sorted(below, reverse=True)
        place = {number: position for position, number in enumerate(order)}
        links: list[int] = []
        begin, end = [], []
        for number in order:
            begin.append(len(links))
            links.extend(place[child] for child in self.blocks[number].children)
            end.append(len(links))
        whole = [self.blocks[number] for number in order]
        return Layout(
            nodes=np.array(order, dtype=np.int64),
            kind=np.array([int(block.kind) for block in whole], dtype=np.int64),
            slot=np.array([block.slot for block in whole], dtype=np.int64),
            begin=np.array(begin, dtype=np.int64),
            end=np.array(end, dtype=np.int64),
            links=np.array(links or [0], dtype=np.int64),
        )
