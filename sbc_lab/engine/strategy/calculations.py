"""Calculations beyond + − × ÷: functions of one or two expressions, rolling windows of one, and a name for a formula.

Lives here: the terms, and the words that build them. No arithmetic is done here. Does not live here: the text of a
formula and how it becomes terms (`formulas`), and the four operators (`terms`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from ...errors import unknown_name
from . import _checks
from ._intern import Axis
from .terms import Expression, Number, as_expression
from .vocabulary import LONGEST_WINDOW

FunctionName = Literal[
    "abs", "sqrt", "log", "log10", "exp", "sign", "floor", "ceil", "round", "min", "max", "pow", "mod"
]
RollingName = Literal["mean", "ema", "stdev", "stdev_population", "max", "min", "change"]
ExpressionLike = Expression | Number | Axis
Window = int | Axis

OF_TWO = frozenset({"min", "max", "pow", "mod"})
"""The functions of two expressions; every other one is of one."""

_SPREADS = frozenset({"stdev", "stdev_population"})


@dataclass(frozen=True, eq=False, repr=False)
class Function(Expression):
    """A function of one expression, or of two, date by date; without a finite result there is no value."""

    kind: ClassVar[str] = "function"
    name: FunctionName
    of: tuple[Expression, ...]

    def __post_init__(self) -> None:
        """Check the name and how many expressions there are."""
        if self.name not in get_args(FunctionName):
            raise unknown_name("function", self.name, get_args(FunctionName))
        of = tuple(as_expression(part, where=self.name) for part in self.of)
        object.__setattr__(self, "of", _checks.exactly(of, 1 + (self.name in OF_TWO), where=self.name))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Rolling(Expression):
    """A measure of the last `window` values of an expression; a missing one among them leaves no value."""

    kind: ClassVar[str] = "rolling"
    name: RollingName
    of: Expression
    window: int | Axis

    def __post_init__(self) -> None:
        """Check the name, the expression and the window."""
        if self.name not in get_args(RollingName):
            raise unknown_name("rolling function", self.name, get_args(RollingName))
        where = f"rolling_{self.name}"
        object.__setattr__(self, "of", as_expression(self.of, where=where))
        low = 2 if self.name in _SPREADS else 1
        window = _checks.whole(self.window, where=where, name="window", low=low, high=LONGEST_WINDOW)
        object.__setattr__(self, "window", window)
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Named(Expression):
    """An expression with the name that a person gave it, such as that of a formula; it means what it is of."""

    kind: ClassVar[str] = "named"
    look: ClassVar[frozenset[str]] = frozenset({"name"})
    name: str
    of: Expression

    def __post_init__(self) -> None:
        """Check the name and the expression."""
        _checks.text(self.name, where="named", name="name", empty=False)
        object.__setattr__(self, "of", as_expression(self.of, where=f"named({self.name[:40]!r})"))
        super().__post_init__()


def sqrt(of: ExpressionLike) -> Function:
    """Square root; no value below 0."""
    return _of("sqrt", of)


def log(of: ExpressionLike) -> Function:
    """Natural logarithm; no value at or below 0."""
    return _of("log", of)


def log10(of: ExpressionLike) -> Function:
    """Logarithm to the base 10; no value at or below 0."""
    return _of("log10", of)


def exp(of: ExpressionLike) -> Function:
    """Power of e; no value when it is too large to be a number."""
    return _of("exp", of)


def sign(of: ExpressionLike) -> Function:
    """1 above 0, −1 below, 0 at 0."""
    return _of("sign", of)


def floor(of: ExpressionLike) -> Function:
    """The next whole number at or below."""
    return _of("floor", of)


def ceil(of: ExpressionLike) -> Function:
    """The next whole number at or above."""
    return _of("ceil", of)


def smaller(one: ExpressionLike, other: ExpressionLike) -> Function:
    """The smaller of two, date by date."""
    return _of("min", one, other)


def larger(one: ExpressionLike, other: ExpressionLike) -> Function:
    """The larger of two, date by date."""
    return _of("max", one, other)


def rolling_mean(of: ExpressionLike, window: Window) -> Rolling:
    """Mean of the last `window` values."""
    return _rolling("mean", of, window)


def rolling_ema(of: ExpressionLike, window: Window) -> Rolling:
    """Exponential average, α = 2/(window+1), seeded with the mean of the first `window` values."""
    return _rolling("ema", of, window)


def rolling_stdev(of: ExpressionLike, window: Window) -> Rolling:
    """Sample standard deviation of the last `window` values, divided by window − 1."""
    return _rolling("stdev", of, window)


def rolling_stdev_population(of: ExpressionLike, window: Window) -> Rolling:
    """Population standard deviation of the last `window` values, divided by window."""
    return _rolling("stdev_population", of, window)


def rolling_max(of: ExpressionLike, window: Window) -> Rolling:
    """Highest of the last `window` values."""
    return _rolling("max", of, window)


def rolling_min(of: ExpressionLike, window: Window) -> Rolling:
    """Lowest of the last `window` values."""
    return _rolling("min", of, window)


def rolling_change(of: ExpressionLike, window: Window) -> Rolling:
    """Change against the value `window` days ago, of that value. Percent points; no value after a 0."""
    return _rolling("change", of, window)


def named(name: str, of: ExpressionLike) -> Named:
    """Give an expression a name; it does not change what the expression means."""
    return Named(name, as_expression(of, where=f"named({name!r})"))


def _of(name: FunctionName, *of: ExpressionLike) -> Function:
    return Function(name, of)  # type: ignore[arg-type]  # numbers become expressions there


def _rolling(name: RollingName, of: ExpressionLike, window: Window) -> Rolling:
    return Rolling(name, of, window)  # type: ignore[arg-type]  # numbers become expressions there
