"""Conditions of Composer's maps: the flat keys of a branch, and the `condition` block that overrides them.

Lives here: both notations and the wildcard. Does not live here: conditions written as forms (`defsymphony`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...strategy import Condition, Constant, Expression, all_of, any_of
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Map, Value, Vector, outline_of
from .words import Terms, number, parameters_of, ticker

__all__ = ["CONDITION_KEYS", "ConditionReader", "joined_by"]

WILDCARD = "%"
CONDITION_KEYS = frozenset(
    {
        "lhs-fn",
        "lhs-val",
        "lhs-fn-params",
        "lhs-window-days",
        "comparator",
        "rhs-fn",
        "rhs-val",
        "rhs-fn-params",
        "rhs-window-days",
        "rhs-fixed-value?",
    }
)
"""The flat keys of a branch."""
_TYPES = ("binary", "compound", "binary-compound")
_BINARY = frozenset({"condition-type", "lhs", "comparator", "rhs", "id"})
_ALLOWED: Mapping[str, frozenset[str]] = {
    "binary": _BINARY,
    "compound": frozenset({"condition-type", "operator", "conditions", "id"}),
    "binary-compound": _BINARY | {"operator", "tickers"},
}
_SIDE = frozenset({"fn", "ticker", "val", "params", "fn-params", "window-days", "constant", "id"})


def joined_by(operator: Value, conditions: list[Condition]) -> Condition:
    """Join conditions by any or all."""
    if not isinstance(operator, str) or operator not in {"any", "all"}:
        raise Unsupported(f"conditions are joined by any or all, got {outline_of(operator)}")
    if len(conditions) == 1:
        return conditions[0]
    return any_of(*conditions) if operator == "any" else all_of(*conditions)


class ConditionReader:
    """Reads conditions, each expression once."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def flat(self, branch: Map, place: Place) -> Condition:
        """Build the condition that the flat keys of a branch say."""
        left = self._flat_side(branch, "lhs", place)
        comparator = branch.get("comparator")
        if self._is_fixed(branch):
            for key in ("rhs-fn", "rhs-fn-params", "rhs-window-days"):
                if branch.get(key) is not None:
                    place.cosmetic(f"{key}, which a fixed value on the right leaves without meaning")
            right: Expression = Constant(number(branch.get("rhs-val"), "rhs-val"))
        else:
            right = self._flat_side(branch, "rhs", place)
        return self.terms.compare(left, comparator, right, place)

    @staticmethod
    def _is_fixed(branch: Map) -> bool:
        said = branch.get("rhs-fixed-value?")
        if isinstance(said, bool):
            return said
        if said is not None:
            raise Unsupported(f"rhs-fixed-value? must be true or false, got {outline_of(said)}")
        return branch.get("rhs-fn") is None

    def _flat_side(self, branch: Map, side: str, place: Place) -> Expression:
        name = branch.get(f"{side}-fn")
        if name is None:
            raise Unsupported(f"{side}-fn is missing, so there is nothing to compare")
        given = windowed(branch, f"{side}-fn-params", f"{side}-window-days", place)
        symbol = ticker(branch.get(f"{side}-val"), place, f"{side}-val")
        return self.terms.indicator(name, symbol, given, place)

    def block(self, value: Value, place: Place) -> Block:
        """Take a `condition` block apart."""
        place.kind = "condition"
        if not isinstance(value, Map):
            raise Unsupported(f"a condition is a map with condition-type, got {outline_of(value)}")
        kind = value.get("condition-type")
        if kind is None:
            kind = "compound" if "conditions" in value else "binary-compound" if "tickers" in value else "binary"
        if not isinstance(kind, str) or kind not in _TYPES:
            raise Unsupported(f"condition-type is one of {', '.join(_TYPES)}, got {outline_of(kind)}")
        place.name = str(kind)
        _note_others(value, _ALLOWED[kind], place)
        if kind == "compound":
            return self._compound(value)
        if kind == "binary-compound":
            return self._wildcard(value, place)
        return Block((), lambda _: self._comparison(value, place, None))

    def _compound(self, value: Map) -> Block:
        members = value.get("conditions")
        if not isinstance(members, Vector) or not members:
            raise Unsupported(f"a compound condition needs a list of conditions, got {outline_of(members)}")
        parts = [Part(f"conditions[{number}]", member, self.block, NOTHING) for number, member in enumerate(members)]
        return Block(parts, lambda conditions: joined_by(value.get("operator"), conditions))

    def _wildcard(self, value: Map, place: Place) -> Block:
        tickers = value.get("tickers")
        if not isinstance(tickers, Vector) or not tickers:
            raise Unsupported(f"a condition for several tickers needs a list of them, got {outline_of(tickers)}")

        def make(_: list[Any]) -> Condition:
            symbols = [ticker(symbol, place, "ticker") for symbol in tickers]
            place.mapped("the comparison is written out for each ticker")
            return joined_by(value.get("operator"), [self._comparison(value, place, symbol) for symbol in symbols])

        return Block((), make)

    def _comparison(self, value: Map, place: Place, stands_for: str | None) -> Condition:
        left = self._side(value.get("lhs"), "lhs", place, stands_for)
        right = self._side(value.get("rhs"), "rhs", place, stands_for)
        return self.terms.compare(left, value.get("comparator"), right, place)

    def _side(self, value: Value, what: str, place: Place, stands_for: str | None) -> Expression:
        if not isinstance(value, Map):
            return Constant(number(value, what))
        _note_others(value, _SIDE, place)
        if value.get("constant") is not None:
            return Constant(number(value["constant"], f"constant of {what}"))
        written = value["ticker"] if value.get("ticker") is not None else value.get("val")
        if written == WILDCARD:
            if stands_for is None:
                raise Unsupported("the ticker % stands for each of several tickers, and there are none here")
            symbol = stands_for
        else:
            symbol = ticker(written, place, f"ticker of {what}")
        first = "params" if value.get("params") is not None else "fn-params"
        given = windowed(value, first, "window-days", place)
        return self.terms.indicator(value.get("fn"), symbol, given, place)


def windowed(value: Map, params: str, flat: str, place: Place) -> Map:
    """Join the parameters of the new notation with the window of the old; where both speak, the new one counts."""
    given = parameters_of(value.get(params), params)
    window = value.get(flat)
    if window is None or window == "":
        return given
    if given.get("window") is None:
        joined = Map(given)
        joined["window"] = window
        return joined
    if number(given["window"], params) != number(window, flat):
        place.mapped(f"{params} says another window than {flat}; {params} counts")
    return given


def _note_others(value: Map, allowed: frozenset[str], place: Place) -> None:
    for key, held in value.items():
        if key not in allowed and held is not None:
            place.dropped(f"key {key[:40]!r} of a condition: not known here")
