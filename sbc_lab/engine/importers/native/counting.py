"""Blocks that count how many of their items are true: the rule, the number it counts to, and the items.

Does not live here: their branches (`blocks`), and the lines of an item (`conditions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._keys import note_others
from ..composer.words import whole
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Map, Value, Vector, outline_of
from .conditions import LineReader, joined

__all__ = ["QUANTIFIERS", "item_parts", "number_of", "or_told", "rule_of"]

QUANTIFIERS: Mapping[str, str] = {
    "any": "any",
    "all": "all",
    "none": "none",
    "exactly": "exactly",
    "atLeast": "at_least",
    "atMost": "at_most",
    "ladder": "ladder",
}
"""What the rules are called here."""
_SEEN = frozenset({"id", "groupLogic"})


def rule_of(told: Map, place: Place) -> str:
    """Take the rule of a block that counts."""
    note_others(told, frozenset({"quantifier", "n", "items"}), _SEEN, place)
    said = told.get("quantifier")
    rule = QUANTIFIERS.get(said) if isinstance(said, str) else None
    if rule is None:
        raise Unsupported(f"the quantifier is one of {', '.join(QUANTIFIERS)}, got {outline_of(said)}")
    return rule


def number_of(told: Map, rule: str, count: int, place: Place) -> int | None:
    """Take the number that a rule counts to; None for rules without one."""
    if rule not in ("exactly", "at_least", "at_most"):
        return None
    number = max(0, whole(or_told(told, "n", 1, place), "n"))
    if number > count:
        raise Unsupported(f"n is {number}, and there are only {count} items")
    return number


def item_parts(told: Map, reader: LineReader, branches: Mapping[str, str]) -> list[Part]:
    """Wrap the items for the walk; each becomes one condition."""
    items = told.get("items")
    if not isinstance(items, Vector) or not items:
        raise Unsupported(f"numbered needs a list of items, got {outline_of(items)}")

    def read(value: Value, place: Place) -> Block:
        place.kind = "item"
        if not isinstance(value, Map):
            raise Unsupported(f"an item is a map with conditions, got {outline_of(value)}")
        note_others(value, frozenset({"conditions"}), _SEEN, place)
        return Block(reader.parts(value, "conditions", branches, place), joined)

    return [Part(f"numbered.items[{at}]", item, read, NOTHING) for at, item in enumerate(items)]


def or_told(value: Map, key: str, default: Any, place: Place) -> Any:
    """Take what a key says; what a new block there begins with stands in, and that is told."""
    if value.get(key) is not None:
        return value[key]
    place.repaired(f"{key} is missing; {default}, as there")
    return default
