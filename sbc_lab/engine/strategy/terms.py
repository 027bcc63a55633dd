"""Series and expressions: what a condition compares and what a filter ranks by. No arithmetic is done here.

A series is a line of prices: a ticker, a ratio of two, the NAV of a node, a branch of the node that owns the
expression, or `each` child of a filter. An expression is one number per date, known from data up to that date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NoReturn, get_args

from ...errors import StrategyError
from . import _checks, user_words
from ._intern import Axis, Term
from .vocabulary import LONGEST_WINDOW, IndicatorWord, ParameterValue, load_word

if TYPE_CHECKING:
    from .calculations import Function, FunctionName
    from .conditions import Comparison
    from .nodes import Node

ArithmeticOp = Literal["+", "-", "*", "/"]
BRANCH_NAMES = ("then", "otherwise", "from", "to", "on", "off")
Number = int | float


@dataclass(frozen=True, eq=False, repr=False)
class Series(Term):
    """A line of prices that an indicator reads."""


@dataclass(frozen=True, eq=False, repr=False)
class Ticker(Series):
    """The adjusted prices of one ticker."""

    kind: ClassVar[str] = "ticker"
    symbol: str

    def __post_init__(self) -> None:
        """Check the symbol."""
        object.__setattr__(self, "symbol", _checks.ticker(self.symbol))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Ratio(Series):
    """The adjusted close of one ticker divided by that of another."""

    kind: ClassVar[str] = "ratio"
    above: str
    below: str

    def __post_init__(self) -> None:
        """Check both symbols."""
        object.__setattr__(self, "above", _checks.ticker(self.above, where="ratio"))
        object.__setattr__(self, "below", _checks.ticker(self.below, where="ratio"))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Nav(Series):
    """The net asset value of a node: its own daily rebalanced simulation without costs, starting at 1."""

    kind: ClassVar[str] = "nav"
    node: Node

    def __post_init__(self) -> None:
        """Check that a node was given."""
        from .nodes import as_node

        object.__setattr__(self, "node", as_node(self.node, where="nav"))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Branch(Series):
    """The NAV of a branch of the node that owns the expression."""

    kind: ClassVar[str] = "branch"
    which: str | int

    def __post_init__(self) -> None:
        """Check the name; whether the owner has such a branch is checked when the owner is built."""
        if isinstance(self.which, str):
            if self.which not in BRANCH_NAMES:
                raise StrategyError(f"branch: say one of {', '.join(BRANCH_NAMES)} or a number, got {self.which!r}")
        else:
            object.__setattr__(
                self, "which", _checks.whole(self.which, where="branch", name="number", low=0, high=9_999)
            )
        super().__post_init__()

    @property
    def free(self) -> frozenset[object]:
        """Itself: the owner decides what it means."""
        return frozenset((self,))


@dataclass(frozen=True, eq=False, repr=False)
class Each(Series):
    """The child that a filter looks at: a ticker's prices, or the NAV of any other node."""

    kind: ClassVar[str] = "each"

    @property
    def free(self) -> frozenset[object]:
        """Itself: only a filter gives it a meaning."""
        return frozenset((self,))


each = Each()
"""The child that `top` or `bottom` looks at: `top("SPY", "TLT", n=1, by=rsi(each, 10))`."""


def as_series(value: object, *, where: str) -> Series:
    """Take a ticker, an "A/B" ratio, a node or a series, and return the series."""
    from .nodes import Node

    if isinstance(value, Series):
        return value
    if isinstance(value, Node):
        return Nav(value)
    if isinstance(value, str):
        above, slash, below = value.partition("/")
        if slash:
            return Ratio(_checks.ticker(above, where=where), _checks.ticker(below, where=where))
        return Ticker(_checks.ticker(value, where=where))
    if isinstance(value, Expression):
        raise StrategyError(
            f"{where}: an indicator reads a series, and `{value!r}` is an expression; for its average over time type "
            "rolling_mean(…, 20)"
        )
    raise StrategyError(
        f"{where}: a series is a ticker such as 'SPY', a ratio such as 'SPY/TLT' or a node, got {value!r}"
    )


@dataclass(frozen=True, eq=False, repr=False)
class Expression(Term):
    """One number per date; comparing it gives a condition, calculating with it gives another expression."""

    __hash__ = Term.__hash__

    def __bool__(self) -> NoReturn:
        """Refuse: an expression has a value for every date, not one truth."""
        raise StrategyError(
            f"`{self!r}` is a number for every date, not true or false; compare it, for example `{self!r} > 50`"
        )

    def __gt__(self, other: object) -> Comparison:
        """Compare date by date: greater."""
        return self._compare(">", other)

    def __ge__(self, other: object) -> Comparison:
        """Compare date by date: greater or equal."""
        return self._compare(">=", other)

    def __lt__(self, other: object) -> Comparison:
        """Compare date by date: less."""
        return self._compare("<", other)

    def __le__(self, other: object) -> Comparison:
        """Compare date by date: less or equal."""
        return self._compare("<=", other)

    def crosses_above(self, other: Expression | Number | Axis) -> Comparison:
        """Be below the other on the date before and at or above it on this one."""
        return self._compare("crosses_above", other)

    def crosses_below(self, other: Expression | Number | Axis) -> Comparison:
        """Be above the other on the date before and at or below it on this one."""
        return self._compare("crosses_below", other)

    def _compare(self, op: str, other: object) -> Comparison:
        from .conditions import Comparison

        return Comparison(self, op, as_expression(other, where=f"`{self!r} {op} …`"))  # type: ignore[arg-type]  # op is checked there

    def __add__(self, other: object) -> Arithmetic:
        """Add date by date."""
        return Arithmetic("+", self, as_expression(other, where="+"))

    def __sub__(self, other: object) -> Arithmetic:
        """Subtract date by date."""
        return Arithmetic("-", self, as_expression(other, where="-"))

    def __mul__(self, other: object) -> Arithmetic:
        """Multiply date by date."""
        return Arithmetic("*", self, as_expression(other, where="*"))

    def __truediv__(self, other: object) -> Arithmetic:
        """Divide date by date; a zero below makes the date undecidable."""
        return Arithmetic("/", self, as_expression(other, where="/"))

    def __radd__(self, other: object) -> Arithmetic:
        """Add date by date."""
        return Arithmetic("+", as_expression(other, where="+"), self)

    def __rsub__(self, other: object) -> Arithmetic:
        """Subtract date by date."""
        return Arithmetic("-", as_expression(other, where="-"), self)

    def __rmul__(self, other: object) -> Arithmetic:
        """Multiply date by date."""
        return Arithmetic("*", as_expression(other, where="*"), self)

    def __rtruediv__(self, other: object) -> Arithmetic:
        """Divide date by date; a zero below makes the date undecidable."""
        return Arithmetic("/", as_expression(other, where="/"), self)

    def __mod__(self, other: object) -> Function:
        """Remainder date by date, with the sign of the divisor; no value where that is 0."""
        return _function("mod", self, other)

    def __rmod__(self, other: object) -> Function:
        """Remainder date by date, with the sign of the divisor; no value where that is 0."""
        return _function("mod", other, self)

    def __pow__(self, other: object) -> Function:
        """Raise to a power date by date; no value where the result is no finite number."""
        return _function("pow", self, other)

    def __rpow__(self, other: object) -> Function:
        """Raise to a power date by date; no value where the result is no finite number."""
        return _function("pow", other, self)

    def __abs__(self) -> Function:
        """Drop the sign."""
        return _function("abs", self)

    def __round__(self, digits: None = None) -> Function:
        """Round to the nearest whole number, halves to the even one."""
        if digits is not None:
            raise StrategyError(f"round: only whole numbers, got {digits!r} digits; type round(100 * x) / 100 for two")
        return _function("round", self)

    def __neg__(self) -> Arithmetic:
        """Change the sign."""
        return Arithmetic("-", Constant(0.0), self)


@dataclass(frozen=True, eq=False, repr=False)
class Constant(Expression):
    """The same number on every date."""

    kind: ClassVar[str] = "constant"
    value: float | Axis

    def __post_init__(self) -> None:
        """Check that the number is finite."""
        object.__setattr__(self, "value", _checks.real(self.value, where="constant", name="value"))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Indicator(Expression):
    """An indicator of a series, in the unit that the vocabulary declares for it."""

    kind: ClassVar[str] = "indicator"
    name: str
    series: Series
    parameters: tuple[tuple[str, ParameterValue | Axis], ...] = ()
    code: str = ""
    """The hash of the code of a user's own indicator; a different function is a different meaning."""

    def __post_init__(self) -> None:
        """Check the name, the series, and every parameter against the vocabulary."""
        if not isinstance(self.name, str) or "@" in self.name:
            raise StrategyError(f"an indicator has a name such as 'rsi', got {self.name!r}")
        word = self.word
        object.__setattr__(self, "code", self.code or user_words.current_code(self.name))
        given = dict(self.parameters)
        label = self.series if isinstance(self.series, str) else getattr(self.series, "symbol", None)
        where = f"{self.name}({label!r})" if label else f"{self.name}(…)"
        object.__setattr__(self, "series", as_series(self.series, where=where))
        axes = {name: value for name, value in given.items() if isinstance(value, Axis)}
        for name, axis in axes.items():
            for point in axis.points:
                word.settle(
                    {**given, **{other: first.points[0] for other, first in axes.items()}, name: point}, where=where
                )
        settled = word.settle({**given, **{name: axis.points[0] for name, axis in axes.items()}}, where=where)
        object.__setattr__(self, "parameters", tuple((name, axes.get(name, value)) for name, value in settled))
        super().__post_init__()

    @property
    def key(self) -> str:
        """What it is looked up by: its name, and behind an @ the hash of the code that a user wrote for it."""
        return f"{self.name}@{self.code}" if self.code else self.name

    @property
    def word(self) -> IndicatorWord:
        """What the vocabulary knows of it."""
        return load_word(self.key)

    def __getattr__(self, name: str) -> ParameterValue | Axis:
        """Give a parameter by its name: `rsi("SPY", 10).window` is 10."""
        for known, value in self.__dict__.get("parameters", ()):
            if known == name:
                return value  # type: ignore[no-any-return]  # read from __dict__, which mypy types as Any
        raise AttributeError(name)


@dataclass(frozen=True, eq=False, repr=False)
class Arithmetic(Expression):
    """Two expressions added, subtracted, multiplied or divided."""

    kind: ClassVar[str] = "arithmetic"
    op: ArithmeticOp
    left: Expression
    right: Expression

    def __post_init__(self) -> None:
        """Check the operator and both sides."""
        if self.op not in get_args(ArithmeticOp):
            raise StrategyError(f"arithmetic: the operator is one of + - * /, got {self.op!r}")
        object.__setattr__(self, "left", as_expression(self.left, where=self.op))
        object.__setattr__(self, "right", as_expression(self.right, where=self.op))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Percentile(Expression):
    """Where the expression stands among its own last `lookback` values, 0 to 100."""

    kind: ClassVar[str] = "percentile"
    of: Expression
    lookback: int | Axis

    def __post_init__(self) -> None:
        """Check the expression and the look-back."""
        object.__setattr__(self, "of", as_expression(self.of, where="percentile"))
        lookback = _checks.whole(self.lookback, where="percentile", name="lookback", low=2, high=LONGEST_WINDOW)
        object.__setattr__(self, "lookback", lookback)
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Lag(Expression):
    """The value of the expression `days` trading days ago."""

    kind: ClassVar[str] = "lag"
    of: Expression
    days: int | Axis

    def __post_init__(self) -> None:
        """Check the expression and the lag."""
        object.__setattr__(self, "of", as_expression(self.of, where="lag"))
        object.__setattr__(self, "days", _checks.whole(self.days, where="lag", name="days", low=0, high=LONGEST_WINDOW))
        super().__post_init__()


def _function(name: FunctionName, *of: object) -> Function:
    from .calculations import Function

    return Function(name, of)  # type: ignore[arg-type]  # numbers become expressions there


def as_expression(value: object, *, where: str) -> Expression:
    """Take an expression, a number or an axis, and return the expression."""
    from .conditions import Condition

    if isinstance(value, Expression):
        return value
    if isinstance(value, Condition):
        raise StrategyError(f"{where}: `{value!r}` is a condition; combine conditions with & | ~")
    if isinstance(value, str):
        raise StrategyError(f"{where}: a ticker alone is no number; type price({value!r}) to compare its price")
    if isinstance(value, bool) or value is None:
        raise StrategyError(f"{where}: compare with a number or another indicator, got {value!r}")
    return Constant(value)  # type: ignore[arg-type]  # Constant refuses what is no number
