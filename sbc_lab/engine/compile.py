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
from .strategy import Each, Strategy, user_words
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
    for key in program.user_words:
        if not user_words.is_current(key):
            raise StrategyError(
                f"Strategy({strategy.name!r}) was built with an earlier {key.partition('@')[0]}, which has been "
                "registered anew since; build the strategy again to use the new one"
            )
    return program


def compile_once(strategy: Strategy, made: dict[tuple[object, ...], object] | None = None) -> Program:
    """Compile a strategy of many without keeping its program for as long as the strategy lives.

    Parameters
    ----------
    strategy : Strategy
    made : dict, optional
        Terms that were built for the strategies before, handed from one to the next: alike trees need the same ones.
    """
    return _PROGRAMS.get(strategy) or _Compiler(strategy, made).run()


class _Compiler(NodeEmitter):
    def __init__(self, strategy: Strategy, made: dict[tuple[object, ...], object] | None = None) -> None:
        super().__init__()
        self.made = {} if made is None else made
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
            user_words=tuple(self.user_words),
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
