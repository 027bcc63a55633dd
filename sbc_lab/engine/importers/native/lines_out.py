"""Conditions in the words of native documents: lists of lines, each above, below or crossing, joined by and before or.

Lives here: what can be said of a condition, exactly. Does not live here: blocks (`targets`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...strategy import (
    All,
    Any,
    Comparison,
    Condition,
    Constant,
    DateRange,
    Expression,
    Indicator,
    OnOrAfter,
    Term,
    load_word,
    sentence,
)
from ...strategy.terms import Series
from ..composer.tree_out import plain
from ..draft import Place, Unsupported
from ..values import Map, Vector
from .conditions import NEVER
from .words import METRICS, NAMES, series_out

__all__ = ["lines_out", "metric_out", "said", "scaled_out"]

SMALLEST = 1e-25
_COMPARATORS = {">": "gt", "<": "lt", "crosses_above": "crossAbove", "crosses_below": "crossBelow"}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_PERCENT = frozenset(METRICS[name].indicator for name in NAMES.values() if METRICS[name].percent)
"""Indicators that are percent points here and fractions under the name that is written for them."""


def said(term: Term) -> str:
    """Quote a term in a message."""
    return f"`{sentence(term, limit=120)}`"


def metric_out(term: Expression) -> tuple[str, int, Series]:
    """Write an indicator: its name, its window, and what it is computed of."""
    if not isinstance(term, Indicator) or term.name not in NAMES:
        raise Unsupported(f"{said(term)} is no metric there; it knows {', '.join(sorted(NAMES))}")
    given = dict(term.parameters)
    window = given.pop("window", 1)
    asked = {"window": window} if "window" in dict(term.parameters) else {}
    plainly = dict(load_word(term.name).settle(asked, where=term.name))
    for key, held in given.items():
        if plainly[key] != held:
            raise Unsupported(f"{key} of {term.name} is always {plainly[key]} there, not {held}")
    return NAMES[term.name], int(window), term.series  # type: ignore[arg-type]  # no axis is open


def scaled_out(level: float, term: Indicator) -> int | float | str:
    """Write a level beside a metric: a fraction where that is its unit, so that it is read back to the last bit."""
    if term.name not in _PERCENT:
        return plain(level)
    if 0.0 < abs(level) < SMALLEST:
        raise Unsupported(f"{level!r} percent points are too small a fraction to be written")
    exact = Decimal(repr(level)) / 100
    written = float(exact)
    return plain(written) if Decimal(repr(written)) == exact else format(exact, "f")


def lines_out(condition: Condition, branches: Mapping[str, str], place: Place) -> Vector:
    """Write a condition as lines.

    Parameters
    ----------
    condition : Condition
        A comparison or a day of the year, or such joined by and, those joined by or; nothing deeper can be said.
    branches : mapping of str
        What the branches of the block that asks are called there.
    place : Place
    """
    if condition is NEVER:
        return Vector()
    groups = condition.conditions if isinstance(condition, Any) else (condition,)
    if any(isinstance(one, (All, Any)) and len(one.conditions) == 1 for one in (condition, *groups)):
        place.mapped("one condition stands alone")
    out = Vector()
    for group in groups:
        members: Sequence[Condition] = group.conditions if isinstance(group, All) else (group,)
        for at, member in enumerate(members):
            line = _line(member, branches, place)
            out.append(Map({"id": f"c{len(out)}", "type": "and" if at else "or" if out else "if", **line}))
    return out


def _line(condition: Condition, branches: Mapping[str, str], place: Place) -> Map:
    if isinstance(condition, OnOrAfter):
        place.mapped("a date, which is missed there when nothing trades on it")
        return Map(metric="Date", expanded=False, dateMonth=condition.day[0], dateDay=condition.day[1])
    if isinstance(condition, DateRange):
        first, last = condition.first, condition.last
        until = Map(month=last[0], day=last[1])
        return Map(metric="Date", expanded=True, dateMonth=first[0], dateDay=first[1], dateTo=until)
    if isinstance(condition, Comparison):
        return _comparison(condition, branches, place)
    raise Unsupported(
        f"a list of conditions joins by and, and those by or; {said(condition)} stands deeper or is no line there"
    )


def _comparison(condition: Comparison, branches: Mapping[str, str], place: Place) -> Map:
    left, right, op = condition.left, condition.right, str(condition.op)
    if isinstance(left, Constant):
        if op not in _MIRRORED:
            raise Unsupported(f"a number stands on the right there, and a crossing cannot be turned: {said(condition)}")
        place.mapped("the number goes to the right side")
        left, right, op = right, left, _MIRRORED[op]
    metric, window, series = metric_out(left)
    line = Map(metric=metric, window=window, ticker=series_out(series, branches))
    if isinstance(right, Constant):
        assert isinstance(left, Indicator)
        op, level = _strict(op, float(right.value), place)  # type: ignore[arg-type]  # no axis is open
        line |= Map(expanded=False, threshold=scaled_out(level, left))
    else:
        line |= _right(right, left, branches)
    if op not in _COMPARATORS:
        raise Unsupported(f"there is only above and below there, not {op}: {said(condition)}")
    line["comparator"] = _COMPARATORS[op]
    if condition.days != 1:
        line["forDays"] = condition.days
    return line


def _right(right: Expression, left: Expression, branches: Mapping[str, str]) -> Map:
    metric, window, series = metric_out(right)
    assert isinstance(left, Indicator)
    assert isinstance(right, Indicator)
    if (left.name in _PERCENT) is not (right.name in _PERCENT):
        raise Unsupported(f"{left.name} and {right.name} have different units there; compare each with a number")
    return Map(expanded=True, rightMetric=metric, rightWindow=window, rightTicker=series_out(series, branches))


def _strict(op: str, level: float, place: Place) -> tuple[str, float]:
    """Say at least and at most by the number beside it."""
    if op not in (">=", "<="):
        return op, level
    beside = math.nextafter(level, -math.inf if op == ">=" else math.inf)
    if not math.isfinite(beside):
        raise Unsupported(f"there is no number beyond {level:g}")
    place.mapped(f"there is only above and below; {beside!r} is the number beside {level:g}")
    return (">" if op == ">=" else "<"), beside
