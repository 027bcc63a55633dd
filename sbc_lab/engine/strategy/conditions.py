"""Conditions: true, false or unknown for every date, built by comparing expressions and combined with & | ~."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, NoReturn, get_args

from ...errors import StrategyError
from . import _checks
from ._intern import Axis, Term
from .terms import Expression, as_expression
from .vocabulary import LONGEST_WINDOW

ComparisonOp = Literal[">", ">=", "<", "<=", "crosses_above", "crosses_below"]
_DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, eq=False, repr=False)
class Condition(Term):
    """True, false or unknown for every date."""

    __hash__ = Term.__hash__

    def __bool__(self) -> NoReturn:
        """Refuse: Python asks for one truth, a condition has one for every date."""
        raise StrategyError(
            f"`{self!r}` is decided date by date. Use & | ~ (not and/or/not), "
            "and split a < x < b into (a < x) & (x < b)"
        )

    def __and__(self, other: object) -> Condition:
        """Both hold."""
        return All((*_flat(All, self), *_flat(All, as_condition(other, where="&"))))

    def __or__(self, other: object) -> Condition:
        """At least one holds."""
        return Any((*_flat(Any, self), *_flat(Any, as_condition(other, where="|"))))

    def __invert__(self) -> Condition:
        """It does not hold."""
        return self.condition if isinstance(self, Not) else Not(self)


def _flat(cls: type[All] | type[Any], condition: Condition) -> tuple[Condition, ...]:
    return condition.conditions if type(condition) is cls else (condition,)


def as_condition(value: object, *, where: str) -> Condition:
    """Take a condition and return it, or say what was given instead."""
    if isinstance(value, Condition):
        return value
    if isinstance(value, bool):
        raise StrategyError(
            f"{where}: got {value!r}, which Python decided on the spot; there is no == here, use >= and <="
        )
    if isinstance(value, Expression):
        raise StrategyError(f"{where}: `{value!r}` is a number; compare it, for example `{value!r} > 50`")
    raise StrategyError(f"{where}: a condition such as rsi('SPY') > 70 is needed, got {value!r}")


def _members(values: object, *, where: str) -> tuple[Condition, ...]:
    if isinstance(values, (Term, str)) or not hasattr(values, "__iter__"):
        raise StrategyError(f"{where}: give conditions, got {values!r}")
    members = tuple(as_condition(value, where=where) for value in values)
    if not members:
        raise StrategyError(f"{where}: give at least one condition")
    return members


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Condition):
    """Two expressions compared, true when it held on each of the last `days` dates."""

    kind: ClassVar[str] = "comparison"
    left: Expression
    op: ComparisonOp
    right: Expression
    days: int | Axis = 1

    def __post_init__(self) -> None:
        """Check both sides, the operator and the days."""
        if self.op not in get_args(ComparisonOp):
            raise StrategyError(
                f"comparison: the operator is one of {', '.join(get_args(ComparisonOp))}, got {self.op!r}"
            )
        object.__setattr__(self, "left", as_expression(self.left, where=self.op))
        object.__setattr__(self, "right", as_expression(self.right, where=self.op))
        object.__setattr__(
            self, "days", _checks.whole(self.days, where="for_days", name="days", low=1, high=LONGEST_WINDOW)
        )
        super().__post_init__()

    def for_days(self, days: int | Axis) -> Comparison:
        """Hold on each of the last `days` trading days, today included."""
        return Comparison(self.left, self.op, self.right, days)


@dataclass(frozen=True, eq=False, repr=False)
class All(Condition):
    """Every one of the conditions holds."""

    kind: ClassVar[str] = "all"
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        """Check the members."""
        object.__setattr__(self, "conditions", _members(self.conditions, where="all_of"))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Any(Condition):
    """At least one of the conditions holds."""

    kind: ClassVar[str] = "any"
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        """Check the members."""
        object.__setattr__(self, "conditions", _members(self.conditions, where="any_of"))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Not(Condition):
    """The condition does not hold."""

    kind: ClassVar[str] = "not"
    condition: Condition

    def __post_init__(self) -> None:
        """Check the member."""
        object.__setattr__(self, "condition", as_condition(self.condition, where="~"))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class AtLeast(Condition):
    """At least `count` of the conditions hold."""

    kind: ClassVar[str] = "at_least"
    count: int | Axis
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        """Check the members and the count."""
        members = _members(self.conditions, where="at_least")
        object.__setattr__(self, "conditions", members)
        object.__setattr__(
            self, "count", _checks.whole(self.count, where="at_least", name="count", low=0, high=len(members))
        )
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Month(Condition):
    """The date lies in one of these months."""

    kind: ClassVar[str] = "month"
    months: tuple[int, ...]

    def __post_init__(self) -> None:
        """Check the months and put them in order."""
        months_given: object = self.months  # one number is taken too
        given = (months_given,) if isinstance(months_given, int) else tuple(self.months)
        if not given:
            raise StrategyError("month: give at least one month from 1 to 12")
        months = {_checks.whole(month, where="month", name="month", low=1, high=12) for month in given}
        object.__setattr__(self, "months", tuple(sorted(months)))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class DateRange(Condition):
    """The date lies between two days of the year, both included; the range may wrap the year's end."""

    kind: ClassVar[str] = "date_range"
    first: tuple[int, int]
    last: tuple[int, int]

    def __post_init__(self) -> None:
        """Check both days."""
        object.__setattr__(self, "first", month_and_day(self.first, where="between"))
        object.__setattr__(self, "last", month_and_day(self.last, where="between"))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class OnOrAfter(Condition):
    """The date is the first trading day on or after this day of the year, be it in January."""

    kind: ClassVar[str] = "on_or_after"
    day: tuple[int, int]

    def __post_init__(self) -> None:
        """Check the day."""
        object.__setattr__(self, "day", month_and_day(self.day, where="on_or_after"))
        super().__post_init__()


def month_and_day(value: object, *, where: str) -> tuple[int, int]:
    """Take (month, day) or "MM-DD" and return the pair, or say what is wrong with it."""
    pair = value
    if isinstance(value, str):
        head, _, tail = value.partition("-")
        # isdigit alone would let "²" through, which int() does not take.
        pair = (int(head), int(tail)) if (head + tail).isascii() and head.isdigit() and tail.isdigit() else None
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise StrategyError(f"{where}: a day of the year is (month, day) or 'MM-DD', got {value!r}")
    month = _checks.whole(pair[0], where=where, name="month", low=1, high=12)
    return month, _checks.whole(pair[1], where=where, name="day", low=1, high=_DAYS_IN[month - 1])
