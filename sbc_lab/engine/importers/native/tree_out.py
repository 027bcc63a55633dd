"""A tree as a native document: what it can say of every node, what it cannot, and what is close.

Does not live here: conditions (`lines_out`), and what stands around a tree (`targets`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ...strategy import (
    Asset,
    Blend,
    Call,
    Cash,
    Comparison,
    Condition,
    Constant,
    Filter,
    Group,
    If,
    Indicator,
    Latch,
    Node,
    Not,
    Switch,
    Weight,
    Weighting,
)
from ...strategy.terms import Each
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Map, Value, Vector
from .lines_out import lines_out, metric_out, said, scaled_out
from .words import DEFAULT_TITLES, EMPTY, series_out

__all__ = ["NativeWriter"]

_MODES = {"equal": "equal", "fixed": "defined", "inverse_vol": "inverse", "vol": "pro"}
_QUANTIFIERS = {
    "any": "any",
    "all": "all",
    "none": "none",
    "exactly": "exactly",
    "at_least": "atLeast",
    "at_most": "atMost",
    "ladder": "ladder",
}
_TWO = {"then": "then", "otherwise": "else"}


class NativeWriter:
    """Takes nodes apart for `assemble`; approximations only when they were asked for."""

    def __init__(self, seed: str, *, approximate: bool) -> None:
        self.seed = seed
        self.count = 0
        self.approximate = approximate
        self._nodes: Mapping[type[Node], Callable[[Any, Place], Block]] = {
            Asset: lambda node, _: self._leaf("position", positions=Vector([node.ticker])),
            Cash: lambda _node, _: self._leaf("position", positions=Vector([EMPTY])),
            Call: self._call,
            Group: self._group,
            Weight: self._weight,
            If: self._if,
            Switch: self._switch,
            Filter: self._filter,
            Blend: self._blend,
            Latch: self._latch,
        }

    def part(self, step: str, node: Node) -> Part:
        """Wrap a node for the walk."""
        return Part(step, node, self.node, NOTHING)

    def node(self, node: Value, place: Place) -> Block:
        """Take one node apart."""
        place.kind = node.kind
        place.name = str(getattr(node, "ticker", "") or getattr(node, "name", "") or getattr(node, "bot", "") or "")
        block = self._nodes[type(node)](node, place)
        return Block(block.parts, lambda found: self._looked(block.make(found), node))

    @staticmethod
    def _looked(block: Map, node: Node) -> Map:
        for key, held in (("title", node.title), ("bgColor", node.color), ("collapsed", node.folded)):
            if held:
                block[key] = held
        return block

    def _block(self, kind: str, children: Mapping[str, Sequence[Value]], **fields: Value) -> Map:
        self.count += 1
        named = DEFAULT_NAMES[kind]
        slots = Map((slot, Vector(held)) for slot, held in children.items())
        found = Map(id=f"node-{self.seed[:12]}-{self.count}", kind=kind, title=named, weighting="equal")
        return Map({**found, **fields, "children": slots})

    def _leaf(self, kind: str, **fields: Value) -> Block:
        return Block((), lambda _: self._block(kind, {}, **fields))

    def _close(self, place: Place, what: str, instead: str) -> None:
        """Accept what is close, or refuse it."""
        if not self.approximate:
            raise Unsupported(f"{what}; approximate=True writes {instead}")
        place.dropped(f"{what}; written as {instead}")

    def _call(self, node: Call, place: Place) -> Block:
        if node.version != "latest":
            self._close(place, "a call has no version there", "a call of the latest")
        return self._leaf("call", callRefId=node.bot)

    def _group(self, node: Group, place: Place) -> Block:
        place.mapped("a group is said as a weighted block of one with its name")
        title = node.name if node.name not in DEFAULT_TITLES else f"{node.name} "
        return Block(
            [self.part("[0]", node.child)],
            lambda found: Map({**self._block("basic", {"next": found}), "title": title}),
        )

    def _parts(self, nodes: Sequence[Node]) -> list[Part]:
        return [self.part(f"[{at}]", node) for at, node in enumerate(nodes)]

    def _weight(self, node: Weight, place: Place) -> Block:
        weighting = node.weighting
        fields = self._sharing(weighting, place)
        functions = any(isinstance(child, Filter) for child in node.members)
        if weighting.mode == "fixed" and functions:
            place.mapped("a filter with a fixed weight gets a block around it: there its weight would be its window")

        def made(found: list[Value]) -> Map:
            children = list(found)
            if weighting.mode == "fixed":
                for at, share in enumerate(weighting.shares):
                    if children[at]["kind"] == "function":
                        children[at] = self._block("basic", {"next": [children[at]]})
                    children[at]["window"] = _percent(share)
            return self._block("basic", {"next": children}, **fields)

        return Block(self._parts(node.members), made)

    def _sharing(self, weighting: Weighting, place: Place) -> Map:
        fields = Map(weighting=_MODES[weighting.mode])
        if weighting.window is not None:
            fields["volWindow"] = weighting.window
        if not weighting.capped:
            return fields
        if weighting.mode == "fixed":
            self._close(place, "fixed weights have no floor, cap or fallback there", "weights without them")
            return fields
        if weighting.mode == "equal":
            fields["weighting"] = "capped"
        fallback = weighting.fallback
        if fallback is not None and (weighting.mode != "equal" or not isinstance(fallback, Asset)):
            self._close(place, "only equal weights have a fallback there, and it is a ticker", "weights without it")
            fallback = None
        if weighting.mode == "equal":
            fields["cappedFallback"] = fallback.ticker if isinstance(fallback, Asset) else EMPTY
        fields.update(minCap=_percent(weighting.floor), maxCap=_percent(weighting.cap))
        return fields

    def _if(self, node: If, place: Place) -> Block:
        denied = _denied(node.condition)
        lines = lines_out(node.condition if denied is None else denied, _TWO, place)
        if denied is None:
            fields, kind = Map(conditions=lines), "indicator"
        else:
            what = f"there is only above and below there: {said(node.condition)}"
            self._close(place, what, "a count of none, which differs where a side is unknown")
            items = Vector([Map(id="item-0", conditions=lines)])
            fields, kind = Map(numbered=Map(quantifier="none", n=1, items=items)), "numbered"
        return Block(
            self._parts(node.children),
            lambda found: self._block(kind, {"then": found[:1], "else": found[1:]}, **fields),
        )

    def _latch(self, node: Latch, place: Place) -> Block:
        branches = {"on": "enter", "off": "exit"}
        enter, leave = lines_out(node.enter, branches, place), lines_out(node.exit, branches, place)
        return Block(
            self._parts(node.children),
            lambda found: self._block(
                "altExit", {"then": found[:1], "else": found[1:]}, entryConditions=enter, exitConditions=leave
            ),
        )

    def _blend(self, node: Blend, place: Place) -> Block:
        if not isinstance(node.by, Indicator):
            raise Unsupported(f"a scaling goes by one metric there, not by {said(node.by)}")
        metric, window, series = metric_out(node.by)
        ticker = series_out(series, {"from": "from", "to": "to"})
        begin, end = (scaled_out(float(level), node.by) for level in (node.begin, node.end))  # type: ignore[arg-type]  # no axis is open
        fields = Map(scaleMetric=metric, scaleWindow=window, scaleTicker=ticker, scaleFrom=begin, scaleTo=end)
        return Block(
            self._parts(node.children),
            lambda found: self._block("scaling", {"then": found[:1], "else": found[1:]}, **fields),
        )

    def _filter(self, node: Filter, place: Place) -> Block:
        if not isinstance(node.by, Indicator) or not isinstance(node.by.series, Each):
            raise Unsupported(f"a filter ranks by one metric of its children there, got {said(node.by)}")
        if node.weighting.mode == "fixed":
            self._close(place, "the weights of a filter cannot go to ranks there", "equal weights")
            sharing = Map(weighting="equal")
        else:
            sharing = self._sharing(node.weighting, place)
        metric, window, _ = metric_out(node.by)
        fields = sharing | Map(metric=metric, window=window, bottom=node.count, rank=node.side.capitalize())
        return Block(self._parts(node.members), lambda found: self._block("function", {"next": found}, **fields))

    def _switch(self, node: Switch, place: Place) -> Block:
        cases = self._parts(node.cases)
        if node.rule == "first":
            return self._chain(node, cases, place)
        branches = {} if node.rule == "ladder" else _TWO
        items = Vector(
            Map(id=f"item-{at}", conditions=lines_out(condition, branches, place))
            for at, condition in enumerate(node.conditions)
        )
        told = Map(quantifier=_QUANTIFIERS[node.rule], n=1 if node.count is None else node.count, items=items)

        def made(found: list[Value]) -> Map:
            if node.rule == "ladder":
                slots = {f"ladder-{at}": [case] for at, case in enumerate(found)}
                return self._block("numbered", slots, numbered=told)
            return self._block("numbered", {"then": found[:1], "else": found[1:]}, numbered=told)

        return Block(cases, made)

    def _chain(self, node: Switch, cases: list[Part], place: Place) -> Block:
        place.mapped("a chain of ifs")
        lists = [lines_out(condition, {}, place) for condition in node.conditions]

        def made(found: list[Value]) -> Value:
            built = found[-1]
            for lines, case in zip(reversed(lists), reversed(found[:-1]), strict=True):
                built = self._block("indicator", {"then": [case], "else": [built]}, conditions=lines)
            return built

        return Block(cases, made)


def _denied(condition: Condition) -> Condition | None:
    """Find the condition of which this one is the opposite, when only that one can be said."""
    if isinstance(condition, Not):
        return condition.condition
    opposite = {">=": "<", "<=": ">"}
    if isinstance(condition, Comparison) and condition.op in opposite and condition.days == 1:
        numbers = isinstance(condition.left, Constant) or isinstance(condition.right, Constant)
        return None if numbers else condition.replaced(op=opposite[condition.op])
    return None


DEFAULT_NAMES = {
    "position": "Position",
    "basic": "Basic",
    "function": "Sort",
    "indicator": "Indicator",
    "numbered": "Numbered",
    "altExit": "Alt Exit",
    "scaling": "Scaling",
    "call": "Call Reference",
}
"""What a new block of every kind is titled there."""


def _percent(share: float) -> int | float | str:
    """Write a share in percent so that dividing by 100 gives its last bit back; as a text when no number does."""
    exact = Decimal(repr(share)) * 100
    if exact == exact.to_integral_value():
        return int(exact)
    return float(exact) if Decimal(repr(float(exact))) == exact else format(exact, "f")
