"""A tree in the words of Composer, before it is written as maps or forms.

Lives here: what Composer can say of every node and condition, what it cannot, and what is close. Does not live here:
the two notations (`targets`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ...strategy import (
    All,
    Asset,
    Cash,
    Comparison,
    Condition,
    Constant,
    Expression,
    Filter,
    Group,
    If,
    Indicator,
    Node,
    Not,
    Switch,
    Term,
    Ticker,
    Weight,
    Weighting,
    load_word,
    sentence,
)
from ...strategy.terms import Each
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Map, Value
from .words import FUNCTIONS, ticker_out

__all__ = ["Notation", "TreeWriter"]

STAND_IN = "BIL"
"""What people hold there in the place of cash: treasury bills."""
_NAMES: Mapping[str, str] = {function.indicator: name for name, function in FUNCTIONS.items()}
_NEGATED = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


class Notation(Protocol):
    """One way of writing; every method gives the value of a finished block."""

    def asset(self, symbol: str, name: str) -> Value:
        """Write a ticker."""

    def empty(self) -> Value | None:
        """Write a place that holds nothing; None when the notation has no word for it."""

    def group(self, name: str, child: Value) -> Value:
        """Write a named box."""

    def equal(self, children: Sequence[Value]) -> Value:
        """Write equal weights."""

    def specified(self, shares: Sequence[float], children: Sequence[Value]) -> Value:
        """Write fixed weights."""

    def inverse_vol(self, window: int, children: Sequence[Value]) -> Value:
        """Write weights of 1/σ."""

    def choose(self, condition: Value, then: Value, otherwise: Value) -> Value:
        """Write an if."""

    def filter(self, side: str, count: int, by: Value, children: Sequence[Value]) -> Value:
        """Write a filter."""

    def function(self, name: str, symbol: str | None, parameters: Map) -> Value:
        """Write a function of a ticker, or of each child when there is none."""

    def compare(self, left: Value, op: str, right: Value) -> Value:
        """Write a comparison; the right side may be a number."""

    def join(self, operator: str, conditions: Sequence[Value]) -> Value:
        """Write conditions joined by any or all."""


class TreeWriter:
    """Takes nodes apart for `assemble`; approximations only when they were asked for."""

    def __init__(self, notation: Notation, *, approximate: bool) -> None:
        self.notation = notation
        self.approximate = approximate
        self._nodes: Mapping[type[Node], Callable[[Any, Place], Block]] = {
            Asset: self._asset,
            Cash: self._cash,
            Group: self._group,
            Weight: self._weight,
            If: self._if,
            Switch: self._switch,
            Filter: self._filter,
        }

    def part(self, step: str, node: Node) -> Part:
        """Wrap a node for the walk."""
        return Part(step, node, self.node, NOTHING)

    def node(self, node: Value, place: Place) -> Block:
        """Take one node apart."""
        place.kind = node.kind
        place.name = str(getattr(node, "ticker", "") or getattr(node, "name", "") or "")
        for name in ("color", "title"):
            if getattr(node, name) and not (name == "title" and isinstance(node, Asset)):
                place.cosmetic(f"{name} of a block")
        writer = self._nodes.get(type(node))
        if writer is None:
            raise Unsupported(f"there is no {node.kind} there: {_said(node)}")
        return writer(node, place)

    def _asset(self, node: Asset, place: Place) -> Block:
        symbol = self._symbol(node.ticker)
        return Block((), lambda _: self.notation.asset(symbol, node.title))

    @staticmethod
    def _symbol(ticker: str) -> str:
        symbol = ticker_out(ticker)
        if symbol is None:
            raise Unsupported(f"{ticker!r} is no ticker there: equities of US exchanges and crypto in USD are")
        return symbol

    def _close(self, place: Place, what: str, instead: str) -> None:
        """Accept what is close, or refuse it."""
        if not self.approximate:
            raise Unsupported(f"{what}; approximate=True writes {instead}")
        place.dropped(f"{what}; written as {instead}")

    def _cash(self, node: Cash, place: Place) -> Block:
        empty = self.notation.empty()
        if empty is None or self.approximate:
            self._close(place, "there is no cash there", STAND_IN)
            return Block((), lambda _: self.notation.asset(STAND_IN, ""))
        place.mapped("an empty block, which it asks to fill before it trades")
        return Block((), lambda _: empty)

    def _group(self, node: Group, place: Place) -> Block:
        return Block([self.part("[0]", node.child)], lambda found: self.notation.group(node.name, found[0]))

    def _weight(self, node: Weight, place: Place) -> Block:
        weighting = node.weighting
        if weighting.capped:
            self._close(place, "weights have no floor, cap or fallback there", "weights without them")
        parts = [self.part(f"[{number}]", child) for number, child in enumerate(node.members)]
        if weighting.mode == "equal":
            return Block(parts, self.notation.equal)
        if weighting.mode == "fixed":
            return Block(parts, lambda found: self.notation.specified(weighting.shares, found))
        if weighting.mode == "inverse_vol" and isinstance(weighting.window, int):
            window = weighting.window
            return Block(parts, lambda found: self.notation.inverse_vol(window, found))
        raise Unsupported(f"there are no weights by {weighting.mode} there")

    def _if(self, node: If, place: Place) -> Block:
        parts = [self._asked(node.condition), self.part("[0]", node.then), self.part("[1]", node.otherwise)]
        return Block(parts, lambda found: self.notation.choose(*found))

    def _switch(self, node: Switch, place: Place) -> Block:
        """Write the two that are ifs in other words: the first that holds, and any or all of the conditions."""
        asked = [self._asked(condition, f"conditions[{number}]") for number, condition in enumerate(node.conditions)]
        cases = [self.part(f"[{number}]", case) for number, case in enumerate(node.cases)]
        count = len(asked)
        if node.rule == "first":
            place.mapped("a chain of ifs")

            def chain(found: list[Value]) -> Value:
                built = found[-1]
                for condition, case in zip(reversed(found[:count]), reversed(found[count:-1]), strict=True):
                    built = self.notation.choose(condition, case, built)
                return built

            return Block([*asked, *cases], chain)
        if node.rule in {"any", "all"}:
            rule = str(node.rule)
            place.mapped(f"an if over {rule} of the conditions")
            return Block(
                [*asked, *cases],
                lambda found: self.notation.choose(self._joined(rule, found[:count]), found[count], found[count + 1]),
            )
        raise Unsupported(f"there is no switch by {node.rule} there: {_said(node)}")

    def _filter(self, node: Filter, place: Place) -> Block:
        if (
            not isinstance(node.by, Indicator)
            or not isinstance(node.by.series, Each)
            or not isinstance(node.count, int)
        ):
            raise Unsupported(f"a filter ranks by one indicator of its children there, got {_said(node.by)}")
        if load_word(node.by.name).price_level and not all(isinstance(child, Asset) for child in node.members):
            raise Unsupported(f"only tickers can be ranked by {node.by.name} there, which is a price level")
        if node.weighting != Weighting("equal"):
            self._close(place, "a filter weighs equally there", "equal weights")
        by, side, count = self._function(node.by), node.side, node.count
        parts = [self.part(f"[{number}]", child) for number, child in enumerate(node.members)]
        return Block(parts, lambda found: self.notation.filter(side, count, by, found))

    # ---------------------------------------------------------------- conditions

    def _asked(self, condition: Condition, step: str = "condition", *, negated: bool = False) -> Part:
        return Part(step, (condition, negated), self.condition, NOTHING)

    def condition(self, value: Value, place: Place) -> Block:
        """Take one condition apart; a negation goes inwards, where it turns comparisons round."""
        condition, negated = value
        place.kind = condition.kind
        if isinstance(condition, Not):
            place.mapped("a negation is said by the opposite comparisons")
            return Block([self._asked(condition.condition, "not", negated=not negated)], lambda found: found[0])
        if condition.kind in {"all", "any"}:
            operator = "all" if isinstance(condition, All) is not negated else "any"
            parts = [
                self._asked(inner, f"conditions[{number}]", negated=negated)
                for number, inner in enumerate(condition.conditions)
            ]
            return Block(parts, lambda found: self._joined(operator, found))
        if not isinstance(condition, Comparison):
            raise Unsupported(f"there is no such condition there: {_said(condition)}")
        return self._comparison(condition, place, negated=negated)

    def _joined(self, operator: str, found: list[Value]) -> Value:
        return found[0] if len(found) == 1 else self.notation.join(operator, found)

    def _comparison(self, condition: Comparison, place: Place, *, negated: bool) -> Block:
        if condition.days != 1:
            raise Unsupported(f"a condition holds on one day there, not on several: {_said(condition)}")
        if condition.op not in _NEGATED:
            raise Unsupported(f"there are no crossings there: {_said(condition)}")
        op = _NEGATED[condition.op] if negated else str(condition.op)
        left, right = condition.left, condition.right
        if isinstance(left, Constant):
            place.mapped("the number goes to the right side")
            left, right, op = right, left, _MIRRORED[op]
        sides = self._function(left), self._side(right)
        return Block((), lambda _: self.notation.compare(sides[0], op, sides[1]))

    def _side(self, side: Expression) -> Value:
        return plain(side.value) if isinstance(side, Constant) else self._function(side)

    def _function(self, expression: Expression) -> Value:
        if not isinstance(expression, Indicator) or expression.name not in _NAMES:
            known = ", ".join(sorted(_NAMES))
            raise Unsupported(f"{_said(expression)} is nothing that it computes; it knows {known}")
        series = expression.series
        if not isinstance(series, (Ticker, Each)):
            raise Unsupported(f"an indicator is computed of a ticker there, not of {_said(series)}")
        symbol = None if isinstance(series, Each) else self._symbol(series.symbol)
        name = _NAMES[expression.name]
        ours = dict(expression.parameters)
        parameters = Map((theirs, plain(ours[mine])) for theirs, mine in FUNCTIONS[name].parameters.items())
        return self.notation.function(name, symbol, parameters)


def plain(value: Any) -> int | float:
    """Write 79.0 as 79; every other number as it is."""
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _said(term: Term) -> str:
    return f"`{sentence(term, limit=120)}`"
