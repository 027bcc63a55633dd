"""Formulas: an indicator of one's own as a sentence, `formula("(close - sma(close, N)) / stdev(close, N)")`.

Lives here: what the names of a formula mean, and the terms that it becomes for a series and a window. The result is
made of ordinary terms, so it is stored, hashed, drawn and computed like everything else that a strategy says. Does not
live here: the grammar (`formula_text`), and the terms (`calculations`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ...errors import SbcError, StrategyError, unknown_name
from . import _checks, user_words
from ._intern import Axis
from .calculations import OF_TWO, Function, FunctionName, Named, Rolling, RollingName
from .formula_text import Step, caret, read
from .indicators import SeriesLike
from .terms import Arithmetic, Constant, Expression, Indicator, Series, as_expression, as_series, each
from .vocabulary import LIBRARY, WORDS, load_word

FUNCTIONS: dict[str, FunctionName] = {
    name: name for name in ("abs", "sqrt", "log", "log10", "exp", "sign", "floor", "ceil", "round", "min", "max", "pow")
}
"""Functions of one value, or of two, by the name they have in a formula."""

ROLLING: dict[str, RollingName] = {
    "sma": "mean",
    "ema": "ema",
    "stdev": "stdev",
    "stdev_population": "stdev_population",
    "rmax": "max",
    "rmin": "min",
    "roc": "change",
}
"""Functions of a value and a window, by the name they have in a formula."""

WINDOW = "N"
"""The name of the window that a formula is used with."""

_OF_PRICES: dict[str, str] = {"mean": "sma", "ema": "ema", "stdev": "stdev_price", "change": "cumulative_return"}
"""What a rolling function of the price itself is called: an indicator, so that equal things are one."""

_Piled = Expression | Series | float | int | Axis


@dataclass(frozen=True)
class Formula:
    """An indicator that a user wrote as a sentence; calling it with a series and a window gives an expression.

    Parameters
    ----------
    text : str
        Numbers, `+ - * / %`, brackets, the functions `abs sqrt log log10 exp sign floor ceil round min max pow`, and
        indicators. Every indicator of the lab, the user's own too, is called by its name or its short name, as `rsi`,
        `rsi(14)` or `rsi(QQQ, 14)`; one without a ticker reads the series that the formula is used with, and one
        without a window takes the formula's window, which is called `N`. `sma ema stdev stdev_population rmax rmin
        roc` also measure any value over a window: `sma(close / open, N)`. `stdev` is the sample deviation (n − 1),
        `stdev_population` divides by n; `ema` is that of the lab, seeded with the mean of its first window.
    name : str
        What it is called in sentences; it does not change what a strategy means.

    Examples
    --------
    >>> zscore = Formula("(close - sma(close, N)) / stdev(close, N)", "zscore")
    >>> zscore("QQQ", 20) > 2
    named('zscore', (price('QQQ') - sma('QQQ', 20)) / stdev_price('QQQ', 20)) > 2
    """

    text: str
    name: str = "formula"

    def __post_init__(self) -> None:
        """Read the text and check every name in it."""
        if not isinstance(self.text, str):
            raise StrategyError(f"formula: a text such as 'close / sma(close, N)' is needed, got {self.text!r}")
        _checks.text(self.name, where="formula", name="name", empty=False)
        for step in self.steps:
            if step.kind in ("name", "call"):
                _pointing(self, step, lambda step=step: _check_name(step))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What is calculated, values before what takes them."""
        return read(self.text, where=self.where)

    @property
    def where(self) -> str:
        """How errors begin."""
        return f"formula {self.name!r}"

    def __call__(self, series: SeriesLike = each, window: int | Axis | None = None) -> Named:
        """Use the formula on a series.

        Parameters
        ----------
        series : str, Node or Series
            A ticker, a ratio "A/B", a node (its NAV), a branch, or `each`. A formula that reads opens, highs, lows or
            volume can be asked of tickers alone.
        window : int or Axis, trading days
            The `N` of the formula; needed where the formula has one.
        """
        binding = _Binding(as_series(series, where=self.where), window)
        for step in self.steps:
            _pointing(self, step, lambda step=step: binding.take(step))
        if window is not None and not binding.used_window:
            raise StrategyError(f"{self.where} has no window {WINDOW}, got window={window!r}; leave it out")
        (found,) = binding.pile
        return Named(self.name, _pointing(self, self.steps[-1], lambda: _expression(found)))


def formula(text: str, *, name: str = "formula") -> Formula:
    """Write an indicator of one's own as a sentence: `formula("close / sma(close, N)", name="stretch")`.

    Parameters
    ----------
    text : str
        The formula; see `Formula`.
    name : str
        What it is called in sentences.

    Returns
    -------
    Formula
        A word: `stretch("QQQ", 50) > 1.1`, or `stretch(each, 50)` in a filter.
    """
    return Formula(text, name)


@dataclass
class _Binding:
    """The pile of values while a formula becomes terms."""

    series: Series
    window: int | Axis | None
    pile: list[_Piled] = field(default_factory=list)
    used_window: bool = False

    def take(self, step: Step) -> None:
        """Do one step."""
        if step.kind == "number":
            number = float(step.word)
            self.pile.append(int(number) if number.is_integer() and abs(number) < 1e15 else number)
        elif step.kind == "text":
            self.pile.append(as_series(step.word, where="ticker"))
        elif step.kind == "sign":
            values = self._taken(step.count)
            self.pile.append(_signed(step.word, values))
        elif step.kind == "name" and step.word == WINDOW:
            self.pile.append(self._own_window("the formula"))
        elif step.kind == "name" and _is_ticker(step.word):
            self.pile.append(as_series(step.word, where="ticker"))
        else:
            self.pile.append(self._called(step.word, self._taken(step.count)))

    def _taken(self, count: int) -> list[_Piled]:
        taken = self.pile[len(self.pile) - count :]
        del self.pile[len(self.pile) - count :]
        return taken

    def _own_window(self, what: str) -> int | Axis:
        self.used_window = True
        if self.window is None:
            raise StrategyError(f"{what} takes the window it is used with; say it, for example window=20")
        return self.window

    def _called(self, name: str, values: list[_Piled]) -> Expression:
        if name in FUNCTIONS:
            return Function(FUNCTIONS[name], tuple(_expression(value) for value in values))
        if name in ROLLING and values and isinstance(values[0], Expression):
            return self._rolling(name, values[0], values[1:])
        return self._indicator(name, values)

    def _rolling(self, name: str, of: Expression, values: list[_Piled]) -> Expression:
        window = _number(values[0], f"the window of {name}") if values else self._own_window(name)
        how = ROLLING[name]
        if isinstance(of, Indicator) and of.name == "price" and how in _OF_PRICES:
            return Indicator(_OF_PRICES[how], of.series, (("window", window),))
        return Rolling(how, of, window)  # type: ignore[arg-type]  # Rolling refuses what is no whole number

    def _indicator(self, name: str, values: list[_Piled]) -> Indicator:
        word = load_word(LIBRARY.get(name, name))
        series = self.series
        if values and isinstance(values[0], Series):
            series = values.pop(0)  # type: ignore[assignment]  # the line above is the check
        elif values and isinstance(values[0], Expression):
            price = values.pop(0)
            if not (isinstance(price, Indicator) and price.name == "price"):
                rolling = ", ".join(ROLLING)
                raise StrategyError(
                    f"{name} reads prices, not a calculated value; what measures any value is {rolling}"
                )
            series = price.series
        known = [parameter.name for parameter in word.parameters]
        if len(values) > len(known):
            raise StrategyError(f"{name} takes {', '.join(known) or 'no parameters'}, got {len(values)} values")
        given = {key: _number(value, f"the {key} of {name}") for key, value in zip(known, values, strict=False)}
        windows = [parameter for parameter in word.parameters if parameter.name == "window" and "window" not in given]
        for parameter in windows:
            if self.window is not None or parameter.default is None:
                given["window"] = self._own_window(name)
        return Indicator(word.name, series, tuple(given.items()))


def _pointing(formula: Formula, step: Step, do: object) -> Expression:
    """Do something for a step; what goes wrong points at its place in the formula."""
    try:
        return do()  # type: ignore[operator, no-any-return]  # a function without arguments
    except SbcError as error:
        raise type(error)(f"{formula.where}: {error}{caret(formula.text, step.at)}") from None


def _check_name(step: Step) -> None:
    """Refuse a name that means nothing, and a function of the wrong number of values."""
    name, called = step.word, step.kind == "call"
    if name in FUNCTIONS:
        wanted = 2 if name in OF_TWO else 1
        if step.count != wanted:
            example = f"{name}(close, open)" if wanted == 2 else f"{name}(close)"
            raise StrategyError(f"{name} is of {wanted} value{'s' * (wanted - 1)}, got {step.count}; type {example}")
    elif name in ROLLING and name not in LIBRARY and name not in WORDS:
        if step.count not in (1, 2):
            raise StrategyError(f"{name} is of a value and a window, got {step.count} values; type {name}(close, 20)")
    elif called or not (name == WINDOW or _is_ticker(name)):
        meant = LIBRARY.get(name, name)
        if meant not in WORDS and user_words.find_word(meant) is None:
            raise unknown_name("name", name, (*FUNCTIONS, *ROLLING, *LIBRARY, *WORDS, *user_words.names(), WINDOW))


def _is_ticker(name: str) -> bool:
    """Tell whether a bare name is written like a ticker; other names of a formula have small letters."""
    return name != WINDOW and name.isupper() and name.isalnum() and not user_words.current_code(name)


def _signed(sign: str, values: list[_Piled]) -> _Piled:
    if sign == "negate":
        (value,) = values
        return -value if isinstance(value, (int, float)) else -_expression(value)
    left, right = values
    if isinstance(left, (int, float)) and isinstance(right, (int, float)) and sign in ("+", "-", "*"):
        # So that 2 * N is a window.
        return {"+": left + right, "-": left - right, "*": left * right}[sign]
    if sign == "%":
        return Function("mod", (_expression(left), _expression(right)))
    return Arithmetic(sign, _expression(left), _expression(right))  # type: ignore[arg-type]  # one of the four


def _expression(value: _Piled) -> Expression:
    if isinstance(value, Series):
        raise StrategyError(f"a ticker alone is no number; type close({value!r}) for its price")
    return Constant(value) if isinstance(value, Axis) else as_expression(value, where="formula")


def _number(value: _Piled, what: str) -> float | Axis:
    if isinstance(value, (int, float, Axis)):
        return value
    raise StrategyError(f"{what} is a number or {WINDOW}, got {value!r}")
