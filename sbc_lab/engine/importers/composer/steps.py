"""Composer's maps, from JSON or EDN: every block is a map with a `step`, its keys and its children.

Lives here: one function per step. Does not live here: the header and whatever is wrapped around it (`formats`),
conditions (`conditions`), and the notation as forms (`defsymphony`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ...strategy import Asset, Cash, each
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Map, Value, Vector, outline_of
from .conditions import CONDITION_KEYS, ConditionReader, windowed
from .shared import Arm, chain, filtered, fixed, group_of, inverse_vol_of, one, share_of, side_of, weight_of
from .words import Terms, clean_text, exact, ticker, whole

__all__ = ["COSMETIC", "StepReader", "note_keys"]

COSMETIC = frozenset(
    {
        "id",
        "parent-id",
        "collapsed?",
        "collapsed-specified-weight?",
        "color",
        "children-count",
        "price",
        "dollar_volume",
        "has_marketcap",
        "exchange",
        "sparkgraph_url",
        "suppress_incomplete_warnings",
        "asset_class",
        "asset_classes",
        "asset-class",
        "asset-classes",
        "last_semantic_update_at",
        "copied_from",
        "tags",
        "weight-method",
    }
)
"""Keys that are only seen, or say again what the document says elsewhere; without effect on any number."""
_EVERYWHERE = COSMETIC | {"step", "weight"}
_FILTER = frozenset({
    "children", "select?", "select-fn", "select-n", "sort-by?", "sort-by-fn", "sort-by-fn-params", "sort-by-window-days"
})  # fmt: skip
_KEYS: Mapping[str, frozenset[str]] = {
    "asset": frozenset({"ticker", "name", "children"}),
    "empty": frozenset({"children", "name"}),
    "group": frozenset({"name", "children", "description"}),
    "wt-cash-equal": frozenset({"children"}),
    "wt-cash-specified": frozenset({"children"}),
    "wt-inverse-vol": frozenset({"children", "window-days"}),
    "if": frozenset({"children"}),
    "if-child": frozenset({"children", "is-else-condition?", "condition"}) | CONDITION_KEYS,
    "filter": _FILTER,
}
_NAMELESS = frozenset({"name", "description"})


def note_keys(value: Map, known: frozenset[str], place: Place) -> None:
    """Remark on every key that is not read: only seen, or not known."""
    for key, held in value.items():
        if key in known or held is None:
            continue
        if key in COSMETIC:
            place.cosmetic(key)
        elif key in _NAMELESS:
            place.cosmetic(f"{key} of a block that has none here")
        else:
            place.dropped(f"key {key[:40]!r}: not known here, it may have a meaning")


class StepReader:
    """Reads blocks; expressions that come again are built once."""

    def __init__(self) -> None:
        self.terms = Terms()
        self.conditions = ConditionReader(self.terms)
        self.readers: Mapping[str, Callable[[Map, Place], Block]] = {
            "asset": self._asset,
            "empty": self._empty,
            "group": self._group,
            "wt-cash-equal": self._equal,
            "wt-cash-specified": self._specified,
            "wt-inverse-vol": self._inverse_vol,
            "if": self._if,
            "filter": self._filter,
        }

    def block(self, value: Value, place: Place) -> Block:
        """Take one block apart."""
        if not isinstance(value, Map) or not isinstance(value.get("step"), str):
            raise Unsupported(f"a block is a map with a step, got {outline_of(value)}")
        step = str(value["step"])
        place.kind = step[:40]
        if step in {"wt-marketcap", "wt-market-cap"}:
            raise Unsupported("weights by market capitalisation were retired there too; use equal or specified weights")
        reader = self.readers.get(step)
        if reader is None:
            known = ", ".join(self.readers)
            raise Unsupported(f"there is no step {step[:40]!r}; known are {known}")
        note_keys(value, _KEYS[step] | {"step", "weight"}, place)
        return reader(value, place)

    def parts(self, value: Map) -> list[Part]:
        """List the children of a block."""
        children = value.get("children")
        if children is None:
            return []
        if not isinstance(children, Vector):
            raise Unsupported(f"children must be a list, got {outline_of(children)}")
        return [Part(f"children[{number}]", child, self.block) for number, child in enumerate(children)]

    def _asset(self, value: Map, place: Place) -> Block:
        if value.get("children"):
            raise Unsupported("an asset cannot hold other blocks")
        symbol = ticker(value.get("ticker"), place)
        place.name = symbol[:40]
        title = clean_text(value.get("name"), place, "name")
        return Block((), lambda _: Asset(symbol, title=title))

    def _empty(self, value: Map, place: Place) -> Block:
        place.mapped("a placeholder, so it holds nothing: cash()")
        return Block((), lambda _: Cash())

    def _group(self, value: Map, place: Place) -> Block:
        name = clean_text(value.get("name"), place, "name")
        place.name = name
        if value.get("description"):
            place.cosmetic("description of a group")
        return Block(self._loose(value, place), lambda nodes: group_of(name, nodes, place))

    def _equal(self, value: Map, place: Place) -> Block:
        return Block(self._loose(value, place), lambda nodes: weight_of(nodes, place))

    def _inverse_vol(self, value: Map, place: Place) -> Block:
        window = whole(value.get("window-days"), "window-days")
        return Block(self._loose(value, place), lambda nodes: inverse_vol_of(nodes, place, window))

    def _specified(self, value: Map, place: Place) -> Block:
        parts = self.parts(value)
        written = [_weight(part.value) for part in parts]
        return Block(parts, lambda nodes: fixed(nodes, written, parts, place))

    def _loose(self, value: Map, place: Place) -> list[Part]:
        parts = self.parts(value)
        if any(isinstance(part.value, Map) and part.value.get("weight") is not None for part in parts):
            place.cosmetic("weight of its children, which it does not use")
        return parts

    def _filter(self, value: Map, place: Place) -> Block:
        parts = self._loose(value, place)
        if _flag(value, "select?", default=True) is False:
            place.mapped("select? is false, so it only sorts and keeps all: equal weights")
            return Block(parts, lambda nodes: weight_of(nodes, place))
        if _flag(value, "sort-by?", default=True) is False:
            raise Unsupported("sort-by? is false: a filter must say by what it chooses")
        side = side_of(value.get("select-fn"))
        count = whole(value.get("select-n"), "select-n")
        given = windowed(value, "sort-by-fn-params", "sort-by-window-days", place)
        by = self.terms.indicator(value.get("sort-by-fn"), each, given, place)
        return Block(parts, lambda nodes: filtered(nodes, place, side, count, by))

    def _if(self, value: Map, place: Place) -> Block:
        parts = [Part(part.step, part.value, self.branch, NOTHING, None) for part in self._loose(value, place)]
        return Block(parts, lambda arms: chain(arms, place))

    def branch(self, value: Value, place: Place) -> Block:
        """Take one branch of an if apart."""
        place.kind = "if-child"
        if not isinstance(value, Map) or value.get("step") != "if-child":
            raise Unsupported(f"an if holds blocks with the step if-child, got {outline_of(value)}")
        note_keys(value, _KEYS["if-child"] | {"step", "weight"}, place)
        parts = self._loose(value, place)
        if self._is_else(value, place):
            place.name = "else"
            return Block(parts, lambda nodes: Arm(None, one(nodes, place)))
        block = value.get("condition")
        if block is None:
            condition = self.conditions.flat(value, place)
            return Block(parts, lambda nodes: Arm(condition, one(nodes, place)))
        if any(value.get(key) is not None for key in CONDITION_KEYS):
            place.mapped("the condition block counts; the flat keys beside it only mirror a part of it")
        inside = Part("condition", block, self.conditions.block, NOTHING)
        return Block([inside, *parts], lambda found: Arm(found[0], one(found[1:], place)))

    @staticmethod
    def _is_else(value: Map, place: Place) -> bool:
        said = _flag(value, "is-else-condition?", default=None)
        asks = value.get("condition") is not None or value.get("lhs-fn") is not None
        if said is None and not asks:
            place.repaired("a branch without a condition that does not say it is the else; read as the else")
            return True
        if said and asks:
            place.cosmetic("the condition of an else branch, which is never asked")
        return bool(said)


def _flag(value: Map, key: str, *, default: bool | None) -> bool | None:
    said = value.get(key)
    if said is None:
        return default
    if not isinstance(said, bool):
        raise Unsupported(f"{key} must be true or false, got {outline_of(said)}")
    return said


def _weight(child: Value) -> Any:
    """Read the share of a child: a quotient of two numbers, or one number."""
    weight = child.get("weight") if isinstance(child, Map) else None
    if isinstance(weight, Map):
        share = share_of(weight.get("num"), "num of a weight")
        below = exact(weight.get("den"), "den of a weight")
        if below <= 0:
            raise Unsupported(f"den of a weight must be above 0, got {float(below):g}")
        return None if share is None else share / below
    if isinstance(weight, float) and math.isnan(weight):
        return None
    return share_of(weight, "weight")
