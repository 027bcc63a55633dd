"""Conditions of QuantMage: comparisons with lags, weight, bias and days, months, and an indicator in its own history.

Lives here: reading them. Does not live here: writing them (`conditions_out`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from ...strategy import (
    Arithmetic,
    Comparison,
    Condition,
    Constant,
    Expression,
    Lag,
    Month,
    Percentile,
    all_of,
    any_of,
    rolling_max,
    rolling_min,
)
from .._keys import note_others, take_flag
from ..composer.words import exact, number, whole
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Map, Value, Vector, outline_of
from .words import indicator, series_of

__all__ = ["ALWAYS", "JOINERS", "NEVER", "ConditionReader", "stochastic"]

JOINERS: Mapping[str, Callable[..., Condition]] = {
    "AnyOf": any_of,
    "OrCondition": any_of,
    "Or": any_of,
    "AllOf": all_of,
    "AndCondition": all_of,
    "And": all_of,
}
NEVER = Comparison(Constant(1.0), "<", Constant(0.0))
ALWAYS = Comparison(Constant(1.0), ">", Constant(0.0))
_SEEN = frozenset({"id", "name", "comment", "comments", "collapsed", "color"})
_SIDES = frozenset({"lh_indicator", "lh_ticker_symbol", "lh_days_ago", "lh_bias", "lh_weight"})
_KNOWN = _SIDES | frozenset(
    {
        "condition_type",
        "type",
        "greater_than",
        "for_days",
        "rh_indicator",
        "rh_ticker_symbol",
        "rh_days_ago",
        "rh_value",
        "rh_value_int",
        "rh_bias",
        "rh_weight",
    }
)


def stochastic(of: Expression, lookback: int) -> Arithmetic:
    """Where an expression stands between its lowest and highest value of `lookback` days, 0 to 100."""
    low = rolling_min(of, lookback)
    return (of - low) / (rolling_max(of, lookback) - low) * 100


class ConditionReader:
    """Reads conditions; equal expressions are one object anyway."""

    def __init__(self) -> None:
        self.kinds: Mapping[str, Callable[[Map, Place], Condition]] = {
            "IndicatorAndNumber": self._with_number,
            "BothIndicators": self._with_indicator,
            "IndicatorAndIndicator": self._with_indicator,
            "Month": self._month,
            "IndicatorPercentile": self._percentile,
            "IndicatorStochastic": self._stochastic,
        }

    def part(self, value: Map, key: str) -> Part:
        """Wrap the condition under a key for the walk."""
        return Part(key, value.get(key), self.condition, NOTHING)

    def condition(self, value: Value, place: Place) -> Block:
        """Take one condition apart."""
        place.kind = "condition"
        if not isinstance(value, Map):
            raise Unsupported(f"a condition is a map with condition_type, got {outline_of(value)}")
        kind = value.get("condition_type")
        place.name = str(kind)[:40] if isinstance(kind, str) else ""
        if isinstance(kind, str) and kind in JOINERS:
            return self._joined(value, JOINERS[kind], place)
        if kind != "SingleCondition":
            known = ", ".join(("SingleCondition", *JOINERS))
            raise Unsupported(f"condition_type is one of {known}, got {outline_of(kind)}")
        note_others(value, _KNOWN, _SEEN, place)
        return Block((), lambda _: self._single(value, place))

    def _joined(self, value: Map, join: Callable[..., Condition], place: Place) -> Block:
        note_others(value, {"condition_type", "conditions"}, _SEEN, place)
        members = value.get("conditions")
        if not isinstance(members, Vector) or not members:
            raise Unsupported(f"{value['condition_type']} needs a list of conditions, got {outline_of(members)}")
        parts = [Part(f"conditions[{at}]", one, self.condition, NOTHING) for at, one in enumerate(members)]
        return Block(parts, lambda found: found[0] if len(found) == 1 else join(*found))

    def _single(self, value: Map, place: Place) -> Condition:
        kind = value.get("type")
        if kind is None:
            kind = "BothIndicators" if value.get("rh_value") is None else "IndicatorAndNumber"
            place.repaired(f"it does not say its type; by what it holds it is {kind}")
        if not isinstance(kind, str) or kind not in self.kinds:
            known = ", ".join(self.kinds)
            raise Unsupported(f"the type of a condition is one of {known}, got {outline_of(kind)}")
        place.name = kind
        for key, neutral in (("lh_bias", 0.0), ("lh_weight", 1.0)):
            if value.get(key) is not None and number(value[key], key) != neutral:
                raise Unsupported(f"{key} is not known to mean anything there; give it to the right side")
        return self.kinds[kind](value, place)

    @staticmethod
    def _above(value: Map) -> bool:
        if value.get("greater_than") is None:
            raise Unsupported("greater_than is missing, so it is not known what must be larger")
        return take_flag(value, "greater_than", default=True)

    def _compared(self, value: Map, left: Expression, right: Expression) -> Condition:
        days = 1 if value.get("for_days") is None else whole(value["for_days"], "for_days")
        return Comparison(left, ">" if self._above(value) else "<=", right, max(days, 1))

    def _side(self, value: Map, side: str, place: Place) -> Expression:
        series = series_of(value.get(f"{side}_ticker_symbol"), place, f"{side}_ticker_symbol")
        term = indicator(value.get(f"{side}_indicator"), series, place, f"{side}_indicator")
        days = self._days_ago(value, side)
        return Lag(term, days) if days else term

    @staticmethod
    def _days_ago(value: Map, side: str) -> int:
        said = value.get(f"{side}_days_ago")
        return 0 if said is None else whole(said, f"{side}_days_ago")

    @staticmethod
    def _factors(value: Map) -> tuple[Fraction, Fraction]:
        weight = Fraction(1) if value.get("rh_weight") is None else exact(value["rh_weight"], "rh_weight")
        bias = Fraction(0) if value.get("rh_bias") is None else exact(value["rh_bias"], "rh_bias")
        return weight, bias

    def _with_number(self, value: Map, place: Place) -> Condition:
        weight, bias = self._factors(value)
        level = number(value.get("rh_value"), "rh_value")
        if weight != 1 or bias != 0:
            place.mapped("rh_weight and rh_bias are put into the number")
            level = float(weight * exact(value["rh_value"], "rh_value") + bias)
        return self._compared(value, self._side(value, "lh", place), Constant(level))

    def _with_indicator(self, value: Map, place: Place) -> Condition:
        weight, bias = self._factors(value)
        right = self._side(value, "rh", place)
        if weight != 1:
            right = Arithmetic("*", right, Constant(float(weight)))
        if bias != 0:
            right = Arithmetic("+", right, Constant(float(bias)))
        return self._compared(value, self._side(value, "lh", place), right)

    def _percentile(self, value: Map, place: Place) -> Condition:
        lookback = whole(value.get("rh_value_int"), "rh_value_int, the look-back of a percentile,")
        of = Percentile(self._side(value, "lh", place), lookback)
        level = number(value.get("rh_value"), "rh_value")
        return self._compared(value, of, Constant(level))

    def _stochastic(self, value: Map, place: Place) -> Condition:
        lookback = whole(value.get("rh_value_int"), "rh_value_int, the look-back of a stochastic,")
        place.mapped("its place between its lowest and highest value; where those are equal it has none here")
        level = number(value.get("rh_value"), "rh_value")
        return self._compared(value, stochastic(self._side(value, "lh", place), lookback), Constant(level))

    def _month(self, value: Map, place: Place) -> Condition:
        month = whole(value.get("rh_value_int"), "rh_value_int, the number of the month,")
        for key, neutral in (("for_days", 1), ("lh_days_ago", 0)):
            if value.get(key) is not None and whole(value[key], key) not in {neutral, 0}:
                raise Unsupported(f"a month has no {key} here, got {value[key]}")
        held = [one for one in range(1, 13) if (one > month) == self._above(value)]
        said = f"its number is {'above' if self._above(value) else 'at most'} {month}"
        place.mapped(f"the month of the date: {said}")
        if not held:
            return NEVER
        return ALWAYS if len(held) == 12 else Month(tuple(held))
