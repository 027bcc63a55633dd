"""How every kind of term is written in a stored document: one table of fields, read by the wire and by its schema.

Lives here: the table. Does not live here: how one field is written and read (`forms`), the document around the rows
(`wire`), and what a field means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import get_args

from . import calculations, conditions, nodes, terms
from ._intern import Term
from ._node import MOST_CHILDREN
from .forms import (
    TICKER_PATTERN,
    Choice,
    Code,
    Day,
    Flag,
    Form,
    Line,
    Many,
    Number,
    Parameters,
    Reference,
    Text,
    Which,
)
from .strategy import Rebalance, RebalanceRule, Strategy
from .vocabulary import LONGEST_WINDOW

_TEXT, _FLAG, _REAL, _LINE, _DAY = Text(), Flag(), Number(), Line(), Day()
_SHARE = Number(low=0, high=1)
_TICKER = Text(TICKER_PATTERN)
_NODE, _EXPRESSION = Reference(nodes.Node, "a node"), Reference(terms.Expression, "an expression")
_CONDITION, _WEIGHTING = Reference(conditions.Condition, "a condition"), Reference(nodes.Weighting, "a weighting")
_NODES, _CONDITIONS = Many(_NODE, 1), Many(_CONDITION, 1)
_LOOKS: dict[str, Form] = {"title": _TEXT, "color": _TEXT, "folded": _FLAG}


@dataclass(frozen=True)
class Row:
    """How one class is written."""

    cls: type[Term]
    own: Mapping[str, Form]
    always: frozenset[str] = frozenset()
    """Fields that are written even at their default, because a row would say nothing without them."""

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """Every field in the order in which it is written: what it means first, how it looks last."""
        return {**self.own, **_LOOKS} if issubclass(self.cls, nodes.Node) else self.own

    @cached_property
    def defaults(self) -> Mapping[str, object]:
        """The fields that may be left out, with the value they then have."""
        found = {known.name: known.default for known in fields(self.cls) if known.default is not MISSING}
        return {name: default for name, default in found.items() if name in self.forms and name not in self.always}


def _row(cls: type[Term], **own: Form) -> tuple[str, Row]:
    return cls.kind, Row(cls, own, frozenset({"mode"}))


ROWS: Mapping[str, Row] = dict(
    (
        _row(terms.Nav, node=_NODE),
        _row(terms.Branch, which=Which()),
        _row(terms.Each),
        _row(terms.Constant, value=_REAL),
        _row(terms.Indicator, name=_TEXT, series=_LINE, parameters=Parameters(), code=Code()),
        _row(terms.Arithmetic, op=Choice(get_args(terms.ArithmeticOp)), left=_EXPRESSION, right=_EXPRESSION),
        _row(terms.Percentile, of=_EXPRESSION, lookback=Number(whole=True, low=2, high=LONGEST_WINDOW)),
        _row(terms.Lag, of=_EXPRESSION, days=Number(whole=True, low=0, high=LONGEST_WINDOW)),
        _row(calculations.Function, name=Choice(get_args(calculations.FunctionName)), of=Many(_EXPRESSION, 1)),
        _row(
            calculations.Rolling,
            name=Choice(get_args(calculations.RollingName)),
            of=_EXPRESSION,
            window=Number(whole=True, low=1, high=LONGEST_WINDOW),
        ),
        _row(calculations.Named, name=Text(r"\S", 1), of=_EXPRESSION),
        _row(
            conditions.Comparison,
            left=_EXPRESSION,
            op=Choice(get_args(conditions.ComparisonOp)),
            right=_EXPRESSION,
            days=Number(whole=True, low=1, high=LONGEST_WINDOW),
        ),
        _row(conditions.All, conditions=_CONDITIONS),
        _row(conditions.Any, conditions=_CONDITIONS),
        _row(conditions.Not, condition=_CONDITION),
        _row(conditions.AtLeast, count=Number(whole=True, low=0), conditions=_CONDITIONS),
        _row(conditions.Month, months=Many(Number(whole=True, low=1, high=12), 1)),
        _row(conditions.DateRange, first=_DAY, last=_DAY),
        _row(conditions.OnOrAfter, day=_DAY),
        _row(nodes.Asset, ticker=_TICKER),
        _row(nodes.Cash),
        _row(
            nodes.Weighting,
            mode=Choice(get_args(nodes.Mode)),
            shares=Many(_SHARE),
            window=Number(whole=True, low=2, high=LONGEST_WINDOW),
            floor=_SHARE,
            cap=_SHARE,
            fallback=_NODE,
        ),
        _row(nodes.Weight, weighting=_WEIGHTING, members=_NODES),
        _row(nodes.Group, name=_TEXT, child=_NODE),
        _row(nodes.If, condition=_CONDITION, then=_NODE, otherwise=_NODE),
        _row(
            nodes.Switch,
            rule=Choice(get_args(nodes.SwitchRule)),
            conditions=_CONDITIONS,
            cases=_NODES,
            count=Number(whole=True, low=0),
        ),
        _row(
            nodes.Filter,
            side=Choice(get_args(nodes.Side)),
            count=Number(whole=True, low=1, high=MOST_CHILDREN),
            by=_EXPRESSION,
            weighting=_WEIGHTING,
            members=_NODES,
        ),
        _row(nodes.Blend, by=_EXPRESSION, begin=_REAL, end=_REAL, first=_NODE, second=_NODE),
        _row(nodes.Latch, enter=_CONDITION, exit=_CONDITION, on=_NODE, off=_NODE),
        _row(nodes.Call, bot=Text(least=1), version=Text(least=1)),
    )
)
"""Every kind that a stored document may hold, by its word."""

REBALANCE = Row(Rebalance, {"rule": Choice(get_args(RebalanceRule)), "width": _SHARE}, frozenset({"rule"}))

PACKED: Mapping[str, Row] = {
    **ROWS,
    "ticker": Row(terms.Ticker, {"symbol": _TICKER}),
    "ratio": Row(terms.Ratio, {"above": _TICKER, "below": _TICKER}),
    "rebalance": REBALANCE,
    "strategy": Row(
        Strategy,
        {"name": _TEXT, "root": _NODE, "rebalance": Reference(Rebalance, "a rebalance rule"), "description": _TEXT},
    ),
}
"""Every kind that a pickle may hold: a stored document's, and what stands alone only in memory."""
