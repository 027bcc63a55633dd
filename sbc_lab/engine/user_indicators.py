"""Indicators that users write in Python: `@indicator(...)` on a function of prices gives a word of the language.

Lives here: what is declared, how the function is called, and its registration. Does not live here: the laws that it is
held to (`purity`), the hash of its code (`code_digest`), and the register of words (`strategy.user_words`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import SbcError, StrategyError, unknown_name
from . import _warm_up as begin
from .code_digest import code_digest
from .indicators import Indicator, register_indicator
from .purity import check_purity, scales
from .strategy import WordFunction, user_words
from .strategy.word_functions import check_new_name
from .strategy.words import LONGEST_WINDOW, IndicatorWord, Parameter, ParameterValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Line = NDArray[np.float64]

FIELDS = ("open", "high", "low", "close", "volume")
"""What a function can ask for."""
_TAKEN = frozenset({"series", "name", "parameters", "code", "key", "word"})
"""What an indicator of a strategy has besides its parameters."""


def indicator(
    *,
    unit: str,
    first_valid: int | Callable[..., int],
    inputs: Sequence[str] = ("close",),
    bounds: Mapping[str, tuple[float, float]] | None = None,
    name: str = "",
    label: str = "",
    price_level: bool | None = None,
    version: str = "",
) -> Callable[[Callable[..., Any]], WordFunction]:
    """Make an indicator of a function of prices.

    The function takes one array (date) for every input and then its parameters, and returns one array (date). It is
    tried on made-up prices first, and refused when it looks ahead, writes into its inputs, gives two answers, or has
    values elsewhere than declared. It never sees a missing price: where one is missing, it is called anew for the bars
    behind it, and only when there are enough of them for a value.

    Parameters
    ----------
    unit : str
        "USD", "shares", "percent" (points), "fraction", "number", or the range of an index such as "0-100".
    first_valid : int or callable, trading days
        Index of the first value on a series without gaps; a callable takes the parameters by name.
    inputs : sequence of str
        Fields of the candles that it takes, out of open, high, low, close (all adjusted, USD) and volume (shares).
        Only tickers have others than closes.
    bounds : mapping of str to (low, high), optional
        What each parameter may be, both included; a whole number of days may be 1 to 5,000 when nothing is said.
    name : str, optional
        What it is called; by default as the function.
    label : str, optional
        One short line for axes and tables; by default the first line of the docstring.
    price_level : bool, optional
        Whether it rises with the price level, so that comparing it with a number is fragile; found out by default.
    version : str, optional
        Part of its identity, for what the code does not show, such as a file that it reads.

    Returns
    -------
    callable
        The decorator; what it returns is used like `rsi`: `my_word("SPY", 20)`. Parameters and their defaults are those
        of the function. Its help text is the docstring.

    Raises
    ------
    StrategyError
        When the declaration is incomplete, or the function is no indicator; the message shows the date and the values.

    Notes
    -----
    The code is part of the identity of every strategy that uses it: a changed function is another indicator.
    Registering a name again replaces it, and strategies that were built before have to be built again.

    Examples
    --------
    >>> @indicator(unit="percent", first_valid=lambda window: window)
    ... def stretch(close, window: int = 20):
    ...     "Price above that of some days ago."
    ...     out = np.full(close.size, np.nan)
    ...     out[window:] = 100.0 * (close[window:] / close[:-window] - 1.0)
    ...     return out
    >>> stretch("SPY", 5) > 3
    stretch('SPY', 5) > 3
    """

    def registered(function: Callable[..., Any]) -> WordFunction:
        if not callable(function):
            raise StrategyError(f"indicator: it goes in front of a function of prices, got {function!r:.80}")
        called = check_new_name(name or getattr(function, "__name__", ""))
        fields = _checked_inputs(called, inputs)
        parameters = _parameters(called, function, len(fields), bounds or {})
        text = inspect.getdoc(getattr(function, "py_func", function)) or ""
        said = label or text.partition("\n")[0].rstrip(".") or called
        first = partial(_first_bar, called, first_valid, tuple(parameter.name for parameter in parameters))
        made = UserIndicator(
            IndicatorWord(called, said, unit, parameters, inputs=fields), "", first, begin.nothing, function
        )
        level = _tried(made)
        word = IndicatorWord(
            called, said, unit, parameters, price_level=level if price_level is None else price_level, inputs=fields
        )
        return _register(word, made, code_digest(function, version, word, _firsts(made)), text)

    return registered


@dataclass(frozen=True)
class UserIndicator(Indicator):
    """An indicator whose arithmetic is a function that a user wrote; both engines call the same one."""

    function: Callable[..., Any]

    @cached_property
    def kernel(self) -> Callable[..., None]:
        """The function as a loop ``kernel(*lines, *values, out)``."""

        def fill(*given: Any) -> None:
            count = len(self.word.inputs)
            given[-1][...] = self.computed(given[:count], given[count:-1])

        return fill

    @property
    def twin(self) -> Callable[..., Line]:
        """The function itself, called as the twins are."""
        count = len(self.word.inputs)
        return lambda *given: self.computed(given[:count], given[count:])

    def computed(self, lines: Sequence[Line], values: Sequence[ParameterValue]) -> Line:
        """Call the function for every stretch without a missing price.

        Parameters
        ----------
        lines : sequence of ndarray (date)
            The inputs.
        values : sequence of int or float
            The parameters in order.

        Returns
        -------
        ndarray (date), in the unit of the indicator
            NaN where a price is missing, and where the function gives no finite number.
        """
        out = np.full(lines[0].size, np.nan)
        known = np.isfinite(np.stack(lines)).all(axis=0)
        edges = np.flatnonzero(np.diff(known.astype(np.int8), prepend=0, append=0))
        first = self.bars_before(*values)
        for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if stop - start > first:
                out[start:stop] = self.called([line[start:stop] for line in lines], values)
        out[~np.isfinite(out)] = np.nan
        return out

    def called(self, lines: Sequence[Line], values: Sequence[ParameterValue]) -> Line:
        """Call the function once, on copies that it must not write to, and check what comes back."""
        given = [line.copy() for line in lines]
        if not hasattr(self.function, "py_func"):  # a compiled signature may ask for arrays that can be written to
            for line in given:
                line.flags.writeable = False
        name, size = self.word.name, lines[0].size
        try:
            with np.errstate(all="ignore"):
                found = self.function(*given, *values)
        except SbcError:
            raise
        except Exception as error:
            if "read-only" in str(error):
                raise StrategyError(f"{name} writes into its input ({error}); work on a copy") from error
            raise StrategyError(f"{name} fails on {size} bars with {type(error).__name__}: {error}") from error
        for line, kept in zip(given, lines, strict=True):
            if not np.array_equal(line, kept):
                raise StrategyError(f"{name} writes into its input; work on a copy")
        if not isinstance(found, np.ndarray) or found.dtype != np.float64 or found.shape != (size,):
            what = f"{found.dtype} {found.shape}" if isinstance(found, np.ndarray) else type(found).__name__
            raise StrategyError(f"{name} must return an array of float64 with {size} dates, got {what}")
        return found


def _register(word: IndicatorWord, made: UserIndicator, code: str, text: str) -> WordFunction:
    user_words.register(word, code)
    register_indicator(UserIndicator(word, "", made.bars_before, made.bars_to_settle, made.function), code)
    return WordFunction(word, code, text)


def _checked_inputs(name: str, inputs: Sequence[str]) -> tuple[str, ...]:
    fields = (inputs,) if isinstance(inputs, str) else tuple(inputs)
    for field in fields:
        if field not in FIELDS:
            raise unknown_name("field", field, FIELDS, where=f"indicator {name!r}")
    if not fields or len(set(fields)) < len(fields):
        raise StrategyError(f"indicator {name!r}: inputs name each field once, such as ('close',), got {fields!r}")
    return fields


def _parameters(
    name: str, function: Callable[..., Any], skipped: int, bounds: Mapping[str, tuple[float, float]]
) -> tuple[Parameter, ...]:
    where = f"indicator {name!r}"
    plain = getattr(function, "py_func", function)
    given = list(inspect.signature(plain).parameters.values())
    for one in given:
        if one.kind not in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD):
            raise StrategyError(f"{where}: every parameter has a name and a place, got {one}")
    if len(given) < skipped:
        raise StrategyError(f"{where}: it has {skipped} inputs, and its function takes only {len(given)} arguments")
    own = given[skipped:]
    for key in bounds:
        if key not in {one.name for one in own}:
            raise unknown_name("parameter", key, [one.name for one in own], where=f"{where}: bounds")
    return tuple(_parameter(where, one, bounds.get(one.name)) for one in own)


def _parameter(where: str, one: inspect.Parameter, bounds: tuple[float, float] | None) -> Parameter:
    default = None if one.default is one.empty else one.default
    whole = one.annotation in (int, "int") or (one.annotation is one.empty and not isinstance(default, float))
    if one.name in _TAKEN:
        raise StrategyError(f"{where}: a parameter cannot be called {one.name!r}; choose another name")
    if bounds is None and not whole:
        raise StrategyError(f"{where}: say what {one.name} may be, for example bounds={{{one.name!r}: (0.0, 10.0)}}")
    low, high = (1, LONGEST_WINDOW) if bounds is None else bounds
    if not low <= high:
        raise StrategyError(f"{where}: bounds of {one.name} are (low, high), got {bounds!r}")
    made = Parameter(one.name, int if whole else float, low, high)
    if default is None:
        return made
    return Parameter(one.name, made.kind, low, high, made.check(default, where=f"{where}: the default"))


def _first_bar(name: str, declared: int | Callable[..., int], names: tuple[str, ...], *values: ParameterValue) -> int:
    try:
        first: object = declared(**dict(zip(names, values, strict=True))) if callable(declared) else declared
    except TypeError as error:
        takes = ", ".join(names) or "nothing"
        raise StrategyError(f"indicator {name!r}: first_valid must take {takes} by name: {error}") from error
    if isinstance(first, bool) or not isinstance(first, (int, np.integer)) or first < 0:
        raise StrategyError(f"indicator {name!r}: first_valid must be a whole number of bars from 0, got {first!r}")
    return int(first)


def _trials(word: IndicatorWord) -> list[tuple[ParameterValue, ...]]:
    """Parameters to try: the defaults, the smallest, and between."""
    usual = tuple(min(max(p.example, p.low), p.high) for p in word.parameters)
    least = tuple(p.kind(p.low) for p in word.parameters)
    between = tuple(p.kind((a + b) / 2) for p, a, b in zip(word.parameters, usual, least, strict=True))
    return list(
        dict.fromkeys(
            tuple(p.kind(v) for p, v in zip(word.parameters, values, strict=True)) for values in (usual, least, between)
        )
    )


def _firsts(made: UserIndicator) -> list[int]:
    return [made.bars_before(*values) for values in _trials(made.word)]


def _tried(made: UserIndicator) -> bool:
    """Hold the function to the laws, and tell whether it moves with the price level."""
    level = False
    for values in _trials(made.word):
        first = made.bars_before(*values)

        def call(lines: Sequence[Line], values: tuple[ParameterValue, ...] = values) -> Line:
            return made.called(lines, values)

        check_purity(made.word.name, call, made.word.inputs, first)
        level = level or scales(call, made.word.inputs, first)
    return level
