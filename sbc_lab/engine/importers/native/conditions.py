"""Lists of conditions in native documents: lines joined by and before or, each a metric against a number or a metric.

Lives here: reading them, with their units. Does not live here: the blocks that ask (`blocks`), and formulas (`own`).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...strategy import Comparison, Condition, Constant, DateRange, Expression, OnOrAfter, all_of, any_of
from .._keys import note_others
from ..composer.words import exact, number, whole
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Map, Value, Vector, outline_of
from .words import COMPARATORS, indicator_of, metric_of, needs_window, series_of, window_of

__all__ = ["NEVER", "Line", "LineReader", "joined"]

NEVER = Comparison(Constant(1.0), "<", Constant(0.0))
CUSTOM = "custom:"
_SEEN = frozenset({"id"})
_FORGE = frozenset({"tickerListId", "tickerListName", "rightTickerListId", "rightTickerListName"})
_DATE = frozenset({"dateMonth", "dateDay", "dateTo"})
_KNOWN = frozenset(
    {
        "type",
        "metric",
        "window",
        "ticker",
        "comparator",
        "threshold",
        "expanded",
        "rightMetric",
        "rightWindow",
        "rightTicker",
        "forDays",
        "comparison",
    }
)
_SPELLED = {"Less Than": "lt", "Greater Than": "gt"}
_LARGE = 1


@dataclass(frozen=True)
class Line:
    """A finished line: how it is joined to those before, and what it says."""

    joined: str
    condition: Condition


@dataclass(frozen=True)
class Side:
    """One side of a comparison, and whether it is a fraction there and percent points here."""

    term: Expression
    percent: bool


OwnIndicator = Callable[[str, Map, str, Mapping[str, str], Place], Expression]
"""(id, line, side, branches, place) → what a formula of the document computes."""


class LineReader:
    """Reads the lines of conditions of one document."""

    def __init__(self, own_indicator: OwnIndicator) -> None:
        self.own_indicator = own_indicator

    def parts(self, value: Map, key: str, branches: Mapping[str, str], place: Place) -> list[Part]:
        """Wrap every line under a key for the walk."""
        lines = value.get(key)
        if lines is None:
            lines = Vector()
        if not isinstance(lines, Vector):
            raise Unsupported(f"{key} must be a list, got {outline_of(lines)}")
        if not lines:
            place.mapped(f"{key} is empty, so it is never true")
        return [Part(f"{key}[{at}]", (line, branches), self._line, NOTHING) for at, line in enumerate(lines)]

    def _line(self, value: Value, place: Place) -> Block:
        line, branches = value
        place.kind = "condition"
        if not isinstance(line, Map):
            raise Unsupported(f"a condition is a map with a metric, got {outline_of(line)}")
        place.at = line.at
        metric = line.get("metric")
        place.name = str(metric)[:40] if isinstance(metric, str) else ""
        note_others(line, _KNOWN | _DATE | _FORGE, _SEEN, place)
        if any(line.get(key) for key in _FORGE):
            place.dropped("a list of tickers to search over; the ticker that is written counts")
        how = line.get("type")
        if how is not None and how not in ("if", "and", "or"):
            raise Unsupported(f"a condition is joined by if, and or or, got {outline_of(how)}")
        said = self._date(line, place) if metric == "Date" else self._comparison(line, branches, place)
        return Block((), lambda _: Line(str(how or "and"), said))

    def _comparison(self, line: Map, branches: Mapping[str, str], place: Place) -> Condition:
        op = self._op(line, place)
        days = 1 if line.get("forDays") is None else max(1, whole(line["forDays"], "forDays"))
        left = self._side(line, "metric", "window", "ticker", branches, place)
        if line.get("expanded") is not None and not isinstance(line["expanded"], bool):
            raise Unsupported(f"expanded must be true or false, got {outline_of(line['expanded'])}")
        if line.get("expanded"):
            other = Map(line)
            for ours, theirs in (("rightMetric", "metric"), ("rightWindow", "window"), ("rightTicker", "ticker")):
                if other.get(ours) is None and line.get(theirs) is not None:
                    place.mapped(f"{ours} is not said, so it is that of the left")
                    other[ours] = line[theirs]
            right = self._side(other, "rightMetric", "rightWindow", "rightTicker", branches, place)
            return Comparison(*_same_unit(left, op, right, place), days)  # type: ignore[arg-type]  # COMPARATORS holds no others
        level = number(line.get("threshold"), "threshold")
        if left.percent:
            place.mapped(f"{level:g} is a fraction there: {level * 100:g} percent points")
            if abs(level) > _LARGE:
                place.mapped("a fraction beyond 1 is often meant as percent; look at it")
            level = float(exact(line["threshold"], "threshold") * 100)
        return Comparison(left.term, op, Constant(level), days)  # type: ignore[arg-type]  # COMPARATORS holds no others

    @staticmethod
    def _op(line: Map, place: Place) -> str:
        said = line.get("comparator")
        spelled = line.get("comparison")
        if said is None and isinstance(spelled, str) and spelled in _SPELLED:
            said = _SPELLED[spelled]
            place.repaired(f"comparator is missing and comparison is {spelled!r}, which nothing reads there")
        if not isinstance(said, str) or said not in COMPARATORS:
            raise Unsupported(f"the comparator is one of {', '.join(COMPARATORS)}, got {outline_of(said)}")
        return COMPARATORS[said]

    def _side(
        self, line: Map, metric_key: str, window_key: str, ticker_key: str, branches: Mapping[str, str], place: Place
    ) -> Side:
        named = line.get(metric_key)
        if isinstance(named, str) and named.startswith(CUSTOM):
            side = "right" if metric_key.startswith("right") else "left"
            return Side(self.own_indicator(named.removeprefix(CUSTOM), line, side, branches, place), percent=False)
        metric = metric_of(named, place, "metric")
        series = series_of(line.get(ticker_key), branches, place, ticker_key)
        window = window_of(line, window_key, place, needed=needs_window(metric))
        return Side(indicator_of(metric, series, window), metric.percent)

    @staticmethod
    def _date(line: Map, place: Place) -> Condition:
        """Read a day of the year, or a range that may wrap the year's end."""
        for key in _DATE - {"dateTo"}:
            if line.get(key) is not None:
                whole(line[key], key)
        month, day = line.get("dateMonth"), line.get("dateDay")
        if not line.get("expanded"):
            if month is None or day is None:
                raise Unsupported("a date needs dateMonth and dateDay")
            place.mapped("the first trading day on or after the date; there it is missed when nothing trades on it")
            return OnOrAfter(_day(whole(month, "dateMonth"), whole(day, "dateDay")))
        begin = _day(whole(1 if month is None else month, "dateMonth"), whole(1 if day is None else day, "dateDay"))
        said = line.get("dateTo")
        until: Map = said if isinstance(said, Map) else Map()
        last_month = begin[0] if until.get("month") is None else whole(until["month"], "month of dateTo")
        last_day = 31 if until.get("day") is None else whole(until["day"], "day of dateTo")
        return DateRange(begin, _day(last_month, last_day))


def _day(month: int, day: int) -> tuple[int, int]:
    """Take a day of the year; one that the month does not have is its last."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise Unsupported(f"there is no day {day} of month {month}")
    return month, min(day, calendar.monthrange(2024, month)[1])  # a leap year, so that 29 February is one


def _same_unit(left: Side, op: str, right: Side, place: Place) -> tuple[Expression, str, Expression]:
    """Compare in the units of the document: a fraction there is percent points here."""
    if left.percent is right.percent:
        return left.term, op, right.term
    place.mapped("one side is a fraction there and the other is not, so the first is divided by 100 here")
    return (
        left.term / 100 if left.percent else left.term,
        op,
        right.term / 100 if right.percent else right.term,
    )


def joined(lines: Sequence[Line]) -> Condition:
    """Join lines: and binds tighter than or, and an if in the middle begins anew; none at all are never true."""
    groups: list[list[Condition]] = []
    for line in lines:
        if groups and line.joined == "and":
            groups[-1].append(line.condition)
        else:
            groups.append([line.condition])
    if not groups:
        return NEVER
    several = [group[0] if len(group) == 1 else all_of(*group) for group in groups]
    return several[0] if len(several) == 1 else any_of(*several)
