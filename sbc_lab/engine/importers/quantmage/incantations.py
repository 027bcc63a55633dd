"""The incantations of QuantMage: every block of a spell is a map with an `incantation_type`, its keys and its children.

Lives here: one function per type. Does not live here: the header of a document (`formats`) and conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ...strategy import Asset, Blend, Call, Cash, Filter, If, Latch, Node, Switch, Weight, Weighting, each
from .._keys import note_others, take_flag
from ..composer.shared import fixed
from ..composer.words import clean_text, exact, number, ticker, whole
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Map, Value, Vector, outline_of
from .conditions import ConditionReader
from .words import BRANCHES, indicator, series_of, spell_name

__all__ = ["SpellReader"]

_SEEN = frozenset(
    {"id", "comment", "comments", "then_comment", "else_comment", "description", "collapsed", "color", "folded"}
)
_WEIGHTS = frozenset({"incantations", "weights", "inverse_volatility_window"})
_KEYS: Mapping[str, frozenset[str]] = {
    "Ticker": frozenset({"symbol", "symbols"}),
    "Weighted": _WEIGHTS | {"type"},
    "Filtered": _WEIGHTS | {"sort_indicator", "bottom", "count", "weight_type"},
    "Mixed": frozenset({"indicator", "ticker_symbol", "from_value", "to_value", "from_incantation", "to_incantation"}),
    "IfElse": frozenset({"condition", "then_incantation", "else_incantation"}),
    "Switch": frozenset({"conditions", "incantations"}),
    "EnterExit": frozenset({"enter_condition", "exit_condition", "enter_incantation", "exit_incantation"}),
}
_ROUNDING = Fraction(1, 100)


class SpellReader:
    """Reads incantations."""

    def __init__(self) -> None:
        self.conditions = ConditionReader()
        self.readers: Mapping[str, Callable[[Map, Place], Block]] = {
            "Ticker": self._ticker,
            "Weighted": self._weighted,
            "Filtered": self._filtered,
            "Mixed": self._mixed,
            "IfElse": self._if_else,
            "Switch": self._switch,
            "EnterExit": self._enter_exit,
        }

    def part(self, value: Map, key: str) -> Part:
        """Wrap the incantation under a key for the walk."""
        return Part(key, value.get(key), self.incantation)

    def incantation(self, value: Value, place: Place) -> Block:
        """Take one incantation apart."""
        if value is None:
            place.kind = "empty"
            return Block((), lambda _: Cash())
        if not isinstance(value, Map) or not isinstance(value.get("incantation_type"), str):
            raise Unsupported(f"an incantation is a map with incantation_type, got {outline_of(value)}")
        kind = str(value["incantation_type"])
        place.kind = kind[:40]
        reader = self.readers.get(kind)
        if reader is None:
            raise Unsupported(f"there is no incantation_type {kind[:40]!r}; known are {', '.join(self.readers)}")
        note_others(value, _KEYS[kind] | {"incantation_type", "name"}, _SEEN, place)
        title = clean_text(value.get("name"), place, "name")
        block = reader(value, place)
        if not title:
            return block
        place.name = place.name or title
        return Block(block.parts, lambda found: _titled(block.make(found), title))

    def _ticker(self, value: Map, place: Place) -> Block:
        written = value["symbols"] if value.get("symbols") is not None else value.get("symbol")
        name = spell_name(written)
        if name is not None:
            if name.lower() in BRANCHES:
                raise Unsupported(f"the spell {name!r} stands for a branch, and a branch cannot be held by itself")
            place.name = name[:40]
            place.mapped("another spell is called by its name")
            return Block((), lambda _: Call(name))
        if isinstance(written, str) and "," in written:
            written = Vector(piece for piece in written.split(",") if piece.strip())
        if not isinstance(written, Vector):
            symbol = ticker(written, place, "symbol")
            place.name = symbol[:40]
            return Block((), lambda _: Asset(symbol))
        symbols = [ticker(one, place, "symbol") for one in written]
        if not symbols:
            raise Unsupported("a list of tickers must hold one")
        place.mapped("several tickers: equal weights")
        return Block((), lambda _: Weight(Weighting("equal"), tuple(Asset(symbol) for symbol in symbols)))

    def _members(self, value: Map) -> list[Part]:
        members = value.get("incantations")
        if members is None:
            return []
        if not isinstance(members, Vector):
            raise Unsupported(f"incantations must be a list, got {outline_of(members)}")
        return [Part(f"incantations[{at}]", one, self.incantation) for at, one in enumerate(members)]

    def _mode(self, value: Map, key: str, place: Place) -> str:
        """Take the way of weighing: Equal, Custom or InverseVolatility."""
        said = value.get(key)
        if said is None or said == "":
            custom = isinstance(value.get("weights"), Vector) and bool(value["weights"])
            place.repaired(f"{key} is missing; read as {'Custom' if custom else 'Equal'}")
            return "Custom" if custom else "Equal"
        if said not in ("Equal", "Custom", "InverseVolatility"):
            raise Unsupported(f"{key} is Equal, Custom or InverseVolatility, got {outline_of(said)}")
        return str(said)

    def _weighted(self, value: Map, place: Place) -> Block:
        mode = self._mode(value, "type", place)
        parts = self._members(value)
        if not parts:
            place.mapped("empty, so it holds nothing: cash()")
            return Block((), lambda _: Cash())
        if mode == "Custom":
            shares = _shares(value, len(parts), place)
            return Block(parts, lambda nodes: fixed(nodes, shares, parts, place))
        weighting = self._weighting(value, mode)
        return Block(parts, lambda nodes: Weight(weighting, tuple(nodes)))

    @staticmethod
    def _weighting(value: Map, mode: str) -> Weighting:
        if mode == "Equal":
            return Weighting("equal")
        window = whole(value.get("inverse_volatility_window"), "inverse_volatility_window")
        return Weighting("inverse_vol", window=window)

    def _filtered(self, value: Map, place: Place) -> Block:
        parts = self._members(value)
        if not parts:
            place.mapped("empty, so it holds nothing: cash()")
            return Block((), lambda _: Cash())
        side = "bottom" if take_flag(value, "bottom", default=False) else "top"
        if value.get("bottom") is None:
            place.repaired("bottom is missing; the highest are kept")
        count = whole(value.get("count"), "count")
        by = indicator(value.get("sort_indicator"), each, place, "sort_indicator")
        mode = self._mode(value, "weight_type", place) if "weight_type" in value or value.get("weights") else "Equal"
        if mode == "Custom":
            kept = _shares(value, count, place)
            if any(share <= 0 for share in kept) or abs(sum(kept, Fraction(0)) - 1) > Fraction(1, 10**9):
                raise Unsupported("the weights of a filter go to the ranks; they must be above 0 and add up to 100")
            place.mapped("the weights go to the ranks, the first to the best")
            weighting = Weighting("fixed", shares=tuple(float(share) for share in kept))
        else:
            weighting = self._weighting(value, mode)
        return Block(parts, lambda nodes: Filter(side, count, by, weighting, tuple(nodes)))  # type: ignore[arg-type]  # top or bottom

    def _mixed(self, value: Map, place: Place) -> Block:
        series = series_of(value.get("ticker_symbol"), place, "ticker_symbol")
        by = indicator(value.get("indicator"), series, place, "indicator")
        begin, end = number(value.get("from_value"), "from_value"), number(value.get("to_value"), "to_value")
        parts = [self.part(value, "from_incantation"), self.part(value, "to_incantation")]
        return Block(parts, lambda found: Blend(by, begin, end, *found))

    def _if_else(self, value: Map, place: Place) -> Block:
        asked = self.conditions.part(value, "condition")
        parts = [asked, self.part(value, "then_incantation"), self.part(value, "else_incantation")]
        return Block(parts, lambda found: If(*found))

    def _enter_exit(self, value: Map, place: Place) -> Block:
        asked = [self.conditions.part(value, key) for key in ("enter_condition", "exit_condition")]
        parts = [*asked, self.part(value, "enter_incantation"), self.part(value, "exit_incantation")]
        return Block(parts, lambda found: Latch(*found))

    def _switch(self, value: Map, place: Place) -> Block:
        """Read a switch: the first branch when all conditions hold, the next when all but one do, the last for none."""
        asked = value.get("conditions")
        if not isinstance(asked, Vector) or not asked:
            raise Unsupported(f"a switch needs a list of conditions, got {outline_of(asked)}")
        conditions = [
            Part(f"conditions[{at}]", one, self.conditions.condition, NOTHING) for at, one in enumerate(asked)
        ]
        cases = self._members(value)
        if not cases:
            raise Unsupported("a switch needs branches")
        count = len(conditions)
        if len(cases) > count + 1:
            place.dropped(f"{count} conditions lead to {count + 1} branches; the others are never reached")
            del cases[count + 1 :]
        elif len(cases) < count + 1:
            place.repaired(
                f"{count} conditions lead to {count + 1} branches, here are {len(cases)}; the last stands in"
            )
        place.mapped("branches are numbered by how many conditions hold, so the last comes first")
        return Block([*conditions, *cases], lambda found: _ladder(found[:count], found[count:]))


def _ladder(conditions: Sequence[Any], cases: Sequence[Node]) -> Node:
    full = [*cases, *[cases[-1]] * (len(conditions) + 1 - len(cases))]
    return Switch("ladder", tuple(conditions), tuple(reversed(full)))


def _titled(node: Any, title: str) -> Any:
    return node.replaced(title=title) if isinstance(node, Node) else node


def _shares(value: Map, count: int, place: Place) -> list[Fraction]:
    """Take weights in percent; those that add up to 1 are fractions, which is told."""
    written = value.get("weights")
    if not isinstance(written, Vector) or len(written) != count:
        got = f"{len(written)}" if isinstance(written, Vector) else outline_of(written)
        raise Unsupported(f"{count} children need a list of as many weights, got {got}")
    shares = [exact(one, "a weight") for one in written]
    total = sum(shares, Fraction(0))
    if abs(total - 1) <= _ROUNDING and count > 1:
        place.repaired("the weights add up to 1, so they are fractions and not percent")
        return shares
    return [share / 100 for share in shares]
