"""Composer's two ways to write a strategy that other tools read: maps as JSON, and forms.

Lives here: both notations and the header. Does not live here: what can be said at all (`tree_out`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from ...strategy import Strategy, Weight
from ..draft import NOTHING, Draft, Place, assemble
from ..exporting import Target
from ..values import Form, Map, Symbol, Value, Vector
from ..writing import Keyword, Lines, edn_text, json_text
from .tree_out import Notation, TreeWriter
from .words import SHORT_NAMES

__all__ = ["TARGETS"]

_COMPARATORS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_SHORT = {long_name: short for short, long_name in SHORT_NAMES.items()}
_FORMLESS = ("percentage-price", "moving-average-convergence", "lower-bollinger", "upper-bollinger")
"""Beginnings of the functions that its own exporter marks as unimplemented."""


class Maps:
    """Blocks as maps; every one gets an id of its own, the same in every export of the same strategy."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.count = 0

    def block(self, step: str, children: Sequence[Value], **fields: Value) -> Map:
        self.count += 1
        digest = hashlib.sha256(f"{self.seed}{self.count}".encode()).digest()
        named = {key.replace("_", "-"): value for key, value in fields.items()}
        return Map({"id": str(UUID(bytes=digest[:16], version=4)), "step": step, **named, "children": Vector(children)})

    def asset(self, symbol: str, name: str) -> Value:
        block = self.block("asset", (), ticker=symbol, **({"name": name} if name else {}))
        del block["children"]
        return block

    def empty(self) -> Value | None:
        return self.block("empty", ())

    def group(self, name: str, child: Value) -> Value:
        return self.block("group", [child], name=name)

    def equal(self, children: Sequence[Value]) -> Value:
        return self.block("wt-cash-equal", children)

    def specified(self, shares: Sequence[float], children: Sequence[Value]) -> Value:
        for share, child in zip(shares, children, strict=True):
            child["weight"] = Map(num=_percent(share), den=100)
        return self.block("wt-cash-specified", children)

    def inverse_vol(self, window: int, children: Sequence[Value]) -> Value:
        return self.block("wt-inverse-vol", children, window_days=window)

    def choose(self, condition: Value, then: Value, otherwise: Value) -> Value:
        yes = self.block("if-child", [then])
        yes["is-else-condition?"] = False
        yes.update(_flat(condition))
        if condition["condition-type"] != "binary":
            yes["condition"] = condition
        no = self.block("if-child", [otherwise])
        no["is-else-condition?"] = True
        return self.block("if", [yes, no])

    def filter(self, side: str, count: int, by: Value, children: Sequence[Value]) -> Value:
        block = self.block("filter", children, select_fn=side, select_n=count)
        block |= {"select?": True, "sort-by?": True, "sort-by-fn": by["fn"], "sort-by-fn-params": by["params"]}
        return block

    def function(self, name: str, symbol: str | None, parameters: Map) -> Value:
        found = Map(fn=name, params=parameters)
        if symbol is not None:
            found["ticker"] = symbol
        return found

    def compare(self, left: Value, op: str, right: Value) -> Value:
        other = right if isinstance(right, Map) else Map(constant=right)
        return Map({"condition-type": "binary", "lhs": left, "comparator": _COMPARATORS[op], "rhs": other})

    def join(self, operator: str, conditions: Sequence[Value]) -> Value:
        return Map({"condition-type": "compound", "operator": operator, "conditions": Vector(conditions)})


def _flat(condition: Value) -> Map:
    """Write the flat keys: all of a comparison, the first clause of anything else."""
    while "conditions" in condition:
        condition = condition["conditions"][0]
    left, right = condition["lhs"], condition["rhs"]
    flat = Map({"lhs-fn": left["fn"], "lhs-fn-params": left["params"], "lhs-val": left["ticker"]})
    flat |= {"comparator": condition["comparator"], "rhs-fixed-value?": "constant" in right}
    if "constant" in right:
        flat["rhs-val"] = repr(right["constant"])
    else:
        flat |= {"rhs-fn": right["fn"], "rhs-fn-params": right["params"], "rhs-val": right["ticker"]}
    return flat


def _percent(share: float) -> int | float | str:
    """Write a share in percent so that dividing by 100 gives its last bit back; as a text when no number does."""
    exact = Decimal(repr(share)) * 100
    if exact == exact.to_integral_value():
        return int(exact)
    return float(exact) if Fraction(repr(float(exact))) == Fraction(exact) else format(exact, "f")


class Forms:
    """Blocks as forms."""

    def asset(self, symbol: str, name: str) -> Value:
        return _form("asset", symbol, name or None)

    def empty(self) -> Value | None:
        return None

    def group(self, name: str, child: Value) -> Value:
        return _form("group", name, Lines([child]))

    def equal(self, children: Sequence[Value]) -> Value:
        return _form("weight-equal", Lines(children))

    def specified(self, shares: Sequence[float], children: Sequence[Value]) -> Value:
        pairs = [value for pair in zip(shares, children, strict=True) for value in pair]
        return _form("weight-specified", *pairs)

    def inverse_vol(self, window: int, children: Sequence[Value]) -> Value:
        return _form("weight-inverse-volatility", window, Lines(children))

    def choose(self, condition: Value, then: Value, otherwise: Value) -> Value:
        return _form("if", condition, Lines([then]), Lines([otherwise]))

    def filter(self, side: str, count: int, by: Value, children: Sequence[Value]) -> Value:
        return _form("filter", by, _form(f"select-{side}", count), Lines(children))

    def function(self, name: str, symbol: str | None, parameters: Map) -> Value:
        head: Value = Symbol(_SHORT.get(name, name))
        if name.startswith(_FORMLESS):
            head = _form("unimplemented", Keyword(name))
        ticker = [] if symbol is None else [symbol]
        return Form([head, *ticker, *([parameters] if parameters else [])])

    def compare(self, left: Value, op: str, right: Value) -> Value:
        return _form(op, left, right)

    def join(self, operator: str, conditions: Sequence[Value]) -> Value:
        return _form("or" if operator == "any" else "and", *conditions)


def _form(head: str, *values: Value) -> Form:
    return Form([Symbol(head), *values])


def _tree(strategy: Strategy, draft: Draft, notation: Notation, *, approximate: bool) -> tuple[Place, Any]:
    place = draft.open(-1, "", strategy)
    place.kind, place.name = "strategy", strategy.name
    writer = TreeWriter(notation, approximate=approximate)
    body = assemble(draft, writer.part("", strategy.root), place.number)
    if body is not NOTHING and not isinstance(strategy.root, Weight):
        place.mapped("a whole strategy begins with a weight there: put into an equal weight of one")
        body = notation.equal([body])
    return place, body


def _write_json(strategy: Strategy, draft: Draft, approximate: bool) -> str:
    notation = Maps(strategy.fingerprint)
    _, body = _tree(strategy, draft, notation, approximate=approximate)
    if body is NOTHING:
        return ""
    rule = strategy.rebalance
    root = Map({"id": "", "step": "root", "name": strategy.name, "description": strategy.description})
    root["rebalance"] = "none" if rule.rule == "threshold" else rule.rule
    if rule.width is not None:
        root["rebalance-corridor-width"] = rule.width
    root["id"] = notation.block("root", ())["id"]
    root["children"] = Vector([body])
    return json_text(root)


def _write_forms(strategy: Strategy, draft: Draft, approximate: bool) -> str:
    place, body = _tree(strategy, draft, Forms(), approximate=approximate)
    if body is NOTHING:
        return ""
    if strategy.description:
        place.cosmetic("description, which forms have no place for")
    options = Map({"asset-class": "EQUITIES"})
    if strategy.rebalance.width is None:
        options["rebalance-frequency"] = Keyword(strategy.rebalance.rule)
    else:
        options["rebalance-threshold"] = strategy.rebalance.width
    return edn_text(_form("defsymphony", strategy.name, options, body))


TARGETS = (Target("composer-json", _write_json), Target("defsymphony", _write_forms))
