"""The other half of the compiler: nodes become numbered blocks with the steps that make their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BacktestError
from ._constants import Constants
from ._emit_terms import TermEmitter, of_each
from ._reach import asked_by, cases_of
from .program import Block, Kind, Op, Step
from .strategy import (
    Asset,
    Blend,
    Call,
    Cash,
    Condition,
    Expression,
    Filter,
    Group,
    If,
    Indicator,
    Latch,
    Nav,
    Node,
    Series,
    Switch,
    Ticker,
    Weight,
    Weighting,
    sentence,
    substitute,
)
from .strategy.terms import Branch

if TYPE_CHECKING:
    from .strategy import Term


class NodeEmitter(TermEmitter):
    """Numbers the nodes of a strategy."""

    def __init__(self) -> None:
        super().__init__()
        self.asset_rows: dict[str, int] = {}
        self.in_nav: set[int] = set()
        self.choice_rows = 0
        self.share_rows = 0
        self.statics: list[float] = []
        self.constants = Constants()

    def compile_term(self, term: Term) -> None:
        """Emit a term after its parts."""
        raise AssertionError("the compiler walks")

    def wanted(self, term: Term) -> tuple[Term, ...]:
        """The parts that must be numbered before this term: of a node only the branches it can ever take."""
        if isinstance(term, (If, Switch, Latch)):
            asked, known = self._asked(term)
            children = tuple(term.children[case] for case in sorted(cases_of(term, known)))
            if None not in known and len(children) == 1:
                return children
            # A branch that is never taken can still be looked at.
            named = [thing for condition in asked for thing in condition.free if isinstance(thing, Branch)]
            return (*asked, *children, *(term.branches[branch.which] for branch in named))
        if isinstance(term, Indicator):
            return (term.series.node,) if isinstance(term.series, Nav) else ()
        if isinstance(term, (Weight, Filter)):
            # The expression of a filter is numbered once for each child, its weighting with the node.
            return (*term.members, *_fallback(term.weighting))
        return term.parts

    def _asked(self, term: If | Switch | Latch) -> tuple[list[Condition], list[bool | None]]:
        """What a node asks, without the parts that cannot matter, and what each of it always is."""
        asked = [self.constants.settled(condition) for condition in asked_by(term)]
        return asked, [self.constants.truth(condition) for condition in asked]

    def emit(self, term: Term) -> None:
        """Number one term whose wanted parts are numbered."""
        if isinstance(term, Indicator):
            self.known[term] = self.indicator(term, self._source(term))
        elif isinstance(term, Expression):
            self.known[term] = self.expression(term)
        elif isinstance(term, Condition):
            self.known[term] = self.condition(term)
        elif isinstance(term, Node):
            self.known[term] = self.emit_node(term)
        elif isinstance(term, Nav):
            self.known[term] = self._nav(term)
        elif isinstance(term, Series):
            self.known[term] = self.series(term)
        else:
            raise AssertionError(f"nothing to number in {type(term).__name__}")

    def _source(self, term: Indicator) -> int:
        word = term.word
        if word.reads_bars:
            self.note_fields(term, word)
        if not isinstance(term.series, Nav):
            return self.series(term.series)
        block = self._plain(term.series.node)
        if block.kind is Kind.ASSET and word.price_level:
            # A NAV starts at 1, and only a level can tell it from the ticker's own dollars.
            closes = self._closes(block)
            return self.add_value(("rebase", closes), term.series, (Op.REBASE, (closes,)))
        return self._nav(term.series)

    def _closes(self, block: Block) -> int:
        assert isinstance(block.term, Asset)
        return self.ticker(block.term.ticker)

    def _nav(self, series: Nav) -> int:
        block = self._plain(series.node)
        if block.kind is Kind.ASSET:
            return self._closes(block)
        number = self.known[series.node]
        self._need_returns(number)
        return self.add_value(("nav", number), series, (Op.NAV, (number,)))

    def _need_returns(self, number: int) -> None:
        """Add the daily returns of a node and of everything below it, children first."""
        below: set[int] = set()
        stack = [number]
        while stack:
            item = stack.pop()
            if item in below or item in self.in_nav:
                continue
            below.add(item)
            stack.extend(self.blocks[item].children)
        for item in sorted(below):
            self.in_nav.add(item)
            self.steps.append(Step(Op.RETURNS, item))

    def own_series(self, child: Node) -> Ticker | Nav:
        """The series that stands for a child: a ticker's own closes when that is all it is, else its NAV."""
        block = self._plain(child)
        return self.make(Ticker, block.term.ticker) if isinstance(block.term, Asset) else self.make(Nav, child)

    def _plain(self, node: Node) -> Block:
        """The block that a node's series is of; a box, or an equal or fixed weight of one child, is that child."""
        return self.blocks[self.known[node]]

    def owned(self, node: Node, term: Condition | Expression) -> int:
        """Number a condition or expression of a node, its `branch` series resolved."""
        open_ = [thing for thing in term.free if isinstance(thing, Branch)]
        if open_:
            term = substitute(term, {branch: self.own_series(node.branches[branch.which]) for branch in open_})
        self.compile_term(term)
        return self.known[term]

    def emit_node(self, term: Node) -> int:
        """Number a node, or find the one that means the same."""
        maker = {
            Asset: self._asset,
            Cash: self._cash,
            Group: self._group,
            Weight: self._weight,
            If: self._if,
            Switch: self._switch,
            Latch: self._latch,
            Filter: self._filter,
            Blend: self._blend,
        }.get(type(term))
        if isinstance(term, Call):
            raise uncalled(term)
        assert maker is not None, f"no maker for {type(term).__name__}"
        return maker(term)  # type: ignore[no-any-return, operator]  # the table pairs each class with its maker

    def add_block(self, key: tuple[object, ...], block: Block) -> int:
        """Number a block, or find the one that means the same."""
        if key in self.keys:
            return self.keys[key]
        number = self.keys[key] = len(self.blocks)
        self.blocks.append(block)
        self.steps.append(Step(Op.NODE, number))
        return number

    def _asset(self, term: Asset) -> int:
        self.ticker(term.ticker)
        row = self.asset_rows.setdefault(term.ticker, len(self.asset_rows))
        return self.add_block(("asset", row), Block(Kind.ASSET, term, slot=row))

    def _cash(self, term: Cash) -> int:
        return self.add_block(("cash",), Block(Kind.CASH, term))

    def _group(self, term: Group) -> int:
        return self.known[term.child]

    def _if(self, term: If) -> int:
        return self._branching(term, ("if",))

    def _switch(self, term: Switch) -> int:
        return self._branching(term, ("switch", term.rule, term.count))

    def _latch(self, term: Latch) -> int:
        return self._branching(term, ("latch",))

    def _branching(self, term: If | Switch | Latch, words: tuple[object, ...]) -> int:
        """Number a node that takes one branch; a branch it can never take is nothing."""
        asked, known = self._asked(term)
        cases = cases_of(term, known)
        if None not in known and len(cases) == 1:
            return self.known[term.children[min(cases)]]
        truths = tuple(self.owned(term, condition) for condition in asked)
        children = tuple(
            self.known[child] if case in cases else self._cash(Cash()) for case, child in enumerate(term.children)
        )
        return self._choice((*words, truths, children), term, children, truths)

    def _choice(self, key: tuple[object, ...], term: Node, children: tuple[int, ...], truths: tuple[int, ...]) -> int:
        if key not in self.keys:
            self.choice_rows += 1
        return self.add_block(key, Block(Kind.CHOOSE, term, children, self.choice_rows - 1, truths))

    def _weight(self, term: Weight) -> int:
        weighting = term.weighting
        children = tuple(self.known[member] for member in term.members)
        if weighting.mode in ("equal", "fixed") and not weighting.capped:
            if len(children) == 1:
                return children[0]
            shares = weighting.shares or (1.0,) * len(children)
            key = ("static", shares, children)
            if key not in self.keys:
                self.statics.extend(shares)
            return self.add_block(key, Block(Kind.STATIC, term, children, len(self.statics) - len(shares)))
        sigmas = self._volatilities(weighting, term.members)
        return self._shared(("weight",), term, sigmas, ())

    def _filter(self, term: Filter) -> int:
        scores = tuple(self._score(term, member) for member in term.members)
        return self._shared(
            ("filter", term.side, term.count, scores), term, self._volatilities(term.weighting, term.members), scores
        )

    def _shared(
        self, words: tuple[object, ...], term: Weight | Filter, sigmas: tuple[int, ...], scores: tuple[int, ...]
    ) -> int:
        """Number a node whose shares change from date to date; what takes the rest is its last child."""
        weighting = term.weighting
        members = tuple(self.known[member] for member in term.members)
        rest = tuple(self.known[node] for node in _fallback(weighting))
        key = (*words, weighting.mode, weighting.shares, weighting.floor, weighting.cap, sigmas, members, rest)
        return self._rows(key, Block(Kind.ROWS, term, (*members, *rest), values=scores, volatilities=sigmas))

    def _score(self, term: Filter, member: Node) -> int:
        by = self.make(of_each, term.by, self.own_series(member))
        self.compile_term(by)
        return self.known[by]

    def _blend(self, term: Blend) -> int:
        by = self.owned(term, term.by)
        children = (self.known[term.first], self.known[term.second])
        return self._rows(("blend", by, term.begin, term.end, children), Block(Kind.ROWS, term, children, values=(by,)))

    def _rows(self, key: tuple[object, ...], block: Block) -> int:
        if key in self.keys:
            return self.keys[key]
        placed = Block(
            block.kind, block.term, block.children, self.share_rows, block.truths, block.values, block.volatilities
        )
        self.share_rows += len(block.children)
        return self.add_block(key, placed)

    def _volatilities(self, weighting: Weighting, members: tuple[Node, ...]) -> tuple[int, ...]:
        """Number the volatility of each child's own daily returns, in percent points; none for the other modes."""
        found: list[int] = []
        if weighting.window is None:
            return ()
        for member in members:
            sigma = self.make(Indicator, "stdev_return", self.own_series(member), (("window", weighting.window),))
            self.compile_term(sigma)
            found.append(self.known[sigma])
        return tuple(found)


def _fallback(weighting: Weighting) -> tuple[Node, ...]:
    """What takes the rest when the caps leave some, if anything does."""
    return () if weighting.fallback is None else (weighting.fallback,)


def uncalled(term: Call) -> BacktestError:
    """Build the error for a call of a strategy that nobody gave."""
    return BacktestError(
        f"`{sentence(term, limit=120)}` names another strategy; say where it is, "
        f"for example backtest(…, bots={{{term.bot!r}: strategy}})"
    )
