"""Conditions in the words of QuantMage, which knows `>` and its opposite, and joins by all or any.

Lives here: what it can say of a condition, exactly. Does not live here: nodes (`targets`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...strategy import (
    All,
    Arithmetic,
    AtLeast,
    Comparison,
    Condition,
    Constant,
    Expression,
    Indicator,
    Lag,
    Month,
    Not,
    Percentile,
    Rolling,
    Term,
    sentence,
)
from ...strategy import Any as AnyOf
from ..composer.tree_out import plain
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Map, Value, Vector
from .conditions import ALWAYS, NEVER, stochastic
from .words import indicator_out, series_out

__all__ = ["joined", "month_runs", "said", "take_apart"]

_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_NONE = Map(type="CumulativeReturn", window=0)
"""What stands there for an indicator that is not read."""


def said(term: Term) -> str:
    """Quote a term in a message."""
    return f"`{sentence(term, limit=120)}`"


def take_apart(condition: Condition, step: str, *, negated: bool = False) -> Part:
    """Wrap a condition for the walk."""
    return Part(step, (condition, negated), _condition, NOTHING)


def joined(kind: str, found: Sequence[Value]) -> Value:
    """Join written conditions by AllOf or AnyOf; one stands alone."""
    return found[0] if len(found) == 1 else Map(condition_type=kind, conditions=Vector(found))


def _condition(value: Value, place: Place) -> Block:
    """Write one condition; a negation goes inwards, where it turns comparisons round."""
    condition, negated = value
    place.kind = condition.kind
    if isinstance(condition, Not):
        place.mapped("a negation is said by the opposite comparisons")
        return Block([take_apart(condition.condition, "not", negated=not negated)], lambda found: found[0])
    if isinstance(condition, (All, AnyOf, AtLeast)):
        return _several(condition, place, negated=negated)
    if isinstance(condition, Month):
        written = _months(condition, place, negated=negated)
    elif isinstance(condition, Comparison):
        written = _comparison(condition, place, negated=negated)
    else:
        raise Unsupported(f"there is no such condition there: {said(condition)}")
    return Block((), lambda _: written)


def _several(condition: Any, place: Place, *, negated: bool) -> Block:
    members = condition.conditions
    if len(members) == 1:
        place.mapped("one condition stands alone")
    every = isinstance(condition, All)
    if isinstance(condition, AtLeast):
        if condition.count not in {1, len(members)}:
            raise Unsupported(f"conditions are joined by all or any there: {said(condition)}")
        every = condition.count == len(members)
        place.mapped("said as all or any of the conditions")
    parts = [take_apart(inner, f"conditions[{at}]", negated=negated) for at, inner in enumerate(members)]
    kind = "AllOf" if every is not negated else "AnyOf"
    return Block(parts, lambda found: joined(kind, found))


def month_runs(months: Sequence[int]) -> list[tuple[int, int]]:
    """Group months in order into unbroken runs, first and last of each."""
    runs: list[tuple[int, int]] = []
    for month in months:
        if runs and runs[-1][1] == month - 1:
            runs[-1] = (runs[-1][0], month)
        else:
            runs.append((month, month))
    return runs


def _months(condition: Month, place: Place, *, negated: bool) -> Value:
    months = [one for one in range(1, 13) if (one in condition.months) is not negated]
    if not months or len(months) == 12:
        raise Unsupported(
            f"months are compared by their number there, and this is always or never so: {said(condition)}"
        )
    written = []
    for first, last in month_runs(months):
        bounds = [*([_month(first - 1, above=True)] if first > 1 else []), *([_month(last)] if last < 12 else [])]
        written.append(joined("AllOf", bounds))
    if len(written) > 1 or "conditions" in written[0]:
        place.mapped("months are said by comparing their number")
    return joined("AnyOf", written)


def _month(number: int, *, above: bool = False) -> Map:
    return _single("Month", Map(_NONE), "", greater_than=above, rh_value_int=number)


def _comparison(condition: Comparison, place: Place, *, negated: bool) -> Value:
    if condition in (NEVER, ALWAYS):
        return _month(12, above=(condition is NEVER) is not negated)
    if condition.op not in _OPPOSITE:
        raise Unsupported(f"there are no crossings there: {said(condition)}")
    if negated and condition.days != 1:
        raise Unsupported(f"there is no opposite of several days in a row there: {said(condition)}")
    left, right, op = condition.left, condition.right, str(condition.op)
    op = _OPPOSITE[op] if negated else op
    if isinstance(left, Constant):
        place.mapped("the number goes to the right side")
        left, right, op = right, left, _MIRRORED[op]
    if op in {"<", ">="}:
        left, right, op = _turned(left, right, op, place)
    days = int(condition.days)  # type: ignore[arg-type]  # no axis is open
    if isinstance(right, Constant):
        return _against_number(left, right, above=op == ">", days=days)
    window, symbol, ago = _side(left)
    base, weight, bias = _weighed(right)
    other, other_symbol, other_ago = _side(base)
    return _single(
        "BothIndicators",
        window,
        symbol,
        greater_than=op == ">",
        for_days=days,
        lh_days_ago=ago,
        rh_indicator=other,
        rh_ticker_symbol=other_symbol,
        rh_days_ago=other_ago,
        rh_weight=weight,
        rh_bias=bias,
    )


def _turned(left: Expression, right: Expression, op: str, place: Place) -> tuple[Expression, Expression, str]:
    """Say below and at least, which it does not know, by above and at most."""
    if not isinstance(right, Constant):
        place.mapped("the two sides change places, for there is only above and at most")
        return right, left, _MIRRORED[op]
    level = math.nextafter(float(right.value), -math.inf)  # type: ignore[arg-type]  # no axis is open
    if not math.isfinite(level):
        raise Unsupported(f"there is no number below {right.value}")
    place.mapped(f"there is only above and at most; {level!r} is the last number before {right.value:g}")
    return left, Constant(level), "<=" if op == "<" else ">"


def _against_number(left: Expression, right: Constant, *, above: bool, days: int) -> Value:
    kind, lookback = "IndicatorAndNumber", 0
    if isinstance(left, Percentile):
        kind, lookback, left = "IndicatorPercentile", int(left.lookback), left.of  # type: ignore[arg-type]  # no axis is open
    elif (inner := _stochastic_of(left)) is not None:
        kind, lookback, left = "IndicatorStochastic", *inner
    window, symbol, ago = _side(left)
    level = plain(right.value)
    return _single(
        kind, window, symbol, greater_than=above, for_days=days, lh_days_ago=ago, rh_value=level, rh_value_int=lookback
    )


def _stochastic_of(term: Any) -> tuple[int, Expression] | None:
    """Find the look-back and the expression of a stochastic, when a term is one."""
    bottom = getattr(getattr(getattr(term, "left", None), "left", None), "right", None)
    if not isinstance(bottom, Rolling) or not isinstance(bottom.window, int):
        return None
    return (bottom.window, bottom.of) if stochastic(bottom.of, bottom.window) is term else None


def _side(term: Expression) -> tuple[Map, str, int]:
    """Write one side: its indicator, of what, and how many days ago."""
    ago = 0
    if isinstance(term, Lag):
        ago, term = int(term.days), term.of  # type: ignore[arg-type]  # no axis is open
    written = indicator_out(term)
    assert isinstance(term, Indicator)
    return written, series_out(term.series), ago


def _weighed(term: Expression) -> tuple[Expression, int | float, int | float]:
    """Find R, weight and bias in R · weight + bias."""
    weight, bias = 1.0, 0.0
    rest: Any = term
    if isinstance(rest, Arithmetic) and rest.op in {"+", "-"} and isinstance(rest.right, Constant):
        level: Any = rest.right.value
        rest, bias = rest.left, level if rest.op == "+" else -level
    if isinstance(rest, Arithmetic) and rest.op == "*" and isinstance(rest.right, Constant):
        level = rest.right.value
        rest, weight = rest.left, level
    return rest, plain(weight), plain(bias)


def _single(kind: str, left: Map, symbol: str, **fields: Value) -> Map:
    found = Map(condition_type="SingleCondition", type=kind, lh_indicator=left, lh_ticker_symbol=symbol)
    found |= Map(greater_than=True, for_days=1, lh_days_ago=0, rh_indicator=Map(_NONE), rh_ticker_symbol="")
    found |= Map(rh_days_ago=0, rh_value=0, rh_value_int=0, rh_weight=1, rh_bias=0)
    found.update(fields)
    return found
