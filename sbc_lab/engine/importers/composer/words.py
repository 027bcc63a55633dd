"""The words of Composer in the words of this language: functions, tickers, comparisons, numbers and rebalance rules.

Lives here: what single words mean, in both directions. Does not live here: blocks (`steps`, `defsymphony`) and
conditions (`conditions`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from ....errors import unknown_name
from ...strategy import Comparison, Condition, Constant, Expression, Indicator, Rebalance, all_of
from ...strategy.terms import Series
from ..draft import Place, Unsupported
from ..values import Map, Value, outline_of

__all__ = [
    "COMPARATORS",
    "FUNCTIONS",
    "RULES",
    "SHORT_NAMES",
    "Function",
    "Terms",
    "clean_text",
    "corridor",
    "exact",
    "number",
    "parameters_of",
    "ticker",
    "ticker_out",
    "whole",
]

ComparisonOp = Literal[">", ">=", "<", "<="]
Rule = Literal["daily", "weekly", "monthly", "quarterly", "yearly", "none"]

RULES: tuple[Rule, ...] = ("daily", "weekly", "monthly", "quarterly", "yearly", "none")
COMPARATORS: Mapping[str, str] = {
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "eq": "=",
    ">": ">",
    ">=": ">=",
    "<": "<",
    "<=": "<=",
    "=": "=",
}
_MIRRORED: Mapping[str, ComparisonOp] = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
LONGEST_TEXT = 500


@dataclass(frozen=True)
class Function:
    """A function of Composer: the indicator it is here, and its parameters by their names there."""

    indicator: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Name there → name here. All of them must be given: what Composer would take in their place is not known."""


_WINDOW = {"window": "window"}
_AVERAGES = {"short-window": "short", "long-window": "long"}
_SIGNAL = {**_AVERAGES, "smooth-window": "smooth"}
_BANDS = {"window": "window", "standard-deviations": "deviations"}

FUNCTIONS: Mapping[str, Function] = {
    "current-price": Function("price"),
    "relative-strength-index": Function("rsi", _WINDOW),
    "moving-average-price": Function("sma", _WINDOW),
    "exponential-moving-average-price": Function("ema", _WINDOW),
    "cumulative-return": Function("cumulative_return", _WINDOW),
    "moving-average-return": Function("moving_average_return", _WINDOW),
    "standard-deviation-return": Function("stdev_return", _WINDOW),
    "standard-deviation-price": Function("stdev_price", _WINDOW),
    "max-drawdown": Function("max_drawdown", _WINDOW),
    "percentage-price-oscillator": Function("ppo", _AVERAGES),
    "percentage-price-oscillator-signal": Function("ppo_signal", _SIGNAL),
    "moving-average-convergence-divergence": Function("macd", _AVERAGES),
    "moving-average-convergence-divergence-signal": Function("macd_signal", _SIGNAL),
    "lower-bollinger": Function("lower_bollinger", _BANDS),
    "upper-bollinger": Function("upper_bollinger", _BANDS),
}
"""Every function of Composer. Its thresholds are in the units of these indicators: percent points for returns,
deviations of returns and falls, 0 to 100 for strength, dollars for prices."""

SHORT_NAMES: Mapping[str, str] = {
    "rsi": "relative-strength-index",
    "stdev-return": "standard-deviation-return",
    "stdev-price": "standard-deviation-price",
}
"""Names that only `defsymphony` has; every other function is called the same there."""

_PLAIN_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_SHARE_CLASS = re.compile(r"([A-Z]{1,6})[./]([A-Z])")
_PREFIXED = re.compile(r"([A-Za-z]+)::(.+?)(?://([A-Za-z]{3}))?")
_BAD_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


def number(value: Value, what: str) -> float:
    """Take a finite number, or a text that is one."""
    read = math.nan
    if isinstance(value, str):
        if len(value) <= 60 and _PLAIN_NUMBER.fullmatch(value):
            read = float(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            read = float(value)
        except OverflowError:
            read = math.inf
    if not math.isfinite(read):
        raise Unsupported(f"{what} must be a number, got {outline_of(value)}")
    return read


def whole(value: Value, what: str) -> int:
    """Take a whole number, or a text that is one."""
    read = number(value, what)
    if not read.is_integer() or abs(read) > 10**9:
        raise Unsupported(f"{what} must be a whole number, got {outline_of(value)}")
    return int(read)


def exact(value: Value, what: str) -> Fraction:
    """Take a number exactly as it is written, so that 57 of 100 is 0.57 to the last bit."""
    read = number(value, what)
    if read == 0.0:
        return Fraction(0)
    if not 1e-30 < abs(read) < 1e30:
        raise Unsupported(f"{what} must be a number of a usual size, got {outline_of(value)}")
    return Fraction(value.strip()) if isinstance(value, str) else Fraction(repr(value))


def clean_text(value: Value, place: Place, what: str) -> str:
    """Take a name or description; one that cannot be stored is mended, and told."""
    if value is None:
        return ""
    if not isinstance(value, str):
        place.repaired(f"{what} is no text but {outline_of(value)}; left empty")
        return ""
    text = str(value)
    if _BAD_CHARACTERS.search(text):
        fixed = _BAD_CHARACTERS.sub(" ", text.replace("\r\n", "\n"))
        if fixed != text:
            text = fixed
            place.repaired(f"{what}: line breaks and characters that cannot be stored become blanks")
    if len(text) > LONGEST_TEXT:
        place.repaired(f"{what}: cut to {LONGEST_TEXT} characters, it has {len(text)}")
        text = text[:LONGEST_TEXT]
    return text


def ticker(value: Value, place: Place, what: str = "ticker") -> str:
    """Take a ticker in any of Composer's dialects, as the price files call it."""
    if not isinstance(value, str) or not value.strip():
        raise Unsupported(f"{what} must be a ticker such as 'SPY', got {outline_of(value)}")
    written = str(value)
    symbol = _bare(written)
    if symbol != symbol.strip().upper():
        place.repaired(f"{what} {written[:40]!r} is {symbol.strip().upper()[:40]!r}")
        symbol = symbol.strip().upper()
    elif symbol != written:
        place.mapped(f"{what} {written[:40]!r} is {symbol[:40]!r}")
    return symbol


def _bare(written: str) -> str:
    prefixed = _PREFIXED.fullmatch(written) if len(written) <= 80 else None
    if prefixed is None:
        shares = _SHARE_CLASS.fullmatch(written)
        return f"{shares[1]}-{shares[2]}" if shares else written
    kind, symbol, currency = prefixed.groups()
    if kind.upper() == "EQUITIES" and currency in {None, "USD"}:
        shares = _SHARE_CLASS.fullmatch(symbol)
        return f"{shares[1]}-{shares[2]}" if shares else symbol
    if kind.upper() == "CRYPTO" and currency in {None, "USD"}:
        return f"{symbol}-USD"
    raise Unsupported(f"{written[:40]!r}: only equities and crypto in USD have prices here, not {kind[:20]}")


def ticker_out(symbol: str) -> str | None:
    """Write a ticker as Composer does; None when it has none of that kind."""
    base, dash, tail = symbol.partition("-")
    if dash:
        if tail == "USD" and base.isalnum():
            return f"CRYPTO::{base}//USD"
        return f"{base}/{tail}" if _SHARE_CLASS.fullmatch(f"{base}/{tail}") else None
    shares = _SHARE_CLASS.fullmatch(symbol)
    if shares:
        return f"{shares[1]}/{shares[2]}"
    return symbol if symbol.isalnum() else None


def corridor(value: Value, place: Place, what: str) -> Rebalance:
    """Take the width of a threshold rule: a fraction, or percent when it is 1 or more."""
    written = value.strip() if isinstance(value, str) else value
    percent = isinstance(written, str) and written.endswith("%")
    if percent:
        written = written[:-1]
    width = number(written, what)
    if percent or width >= 1.0:
        if not percent:
            place.repaired(f"{what} {width:g} is read as {width:g} percent: as a fraction it would never trade")
        width = float(exact(written, what) / 100)
    if not 0.0 <= width <= 1.0:
        raise Unsupported(f"{what} must be a fraction from 0 to 1, got {outline_of(value)}")
    return Rebalance("threshold", width)


class Terms:
    """Expressions and comparisons, each built once: a large document asks for the same ones thousands of times."""

    def __init__(self) -> None:
        self._indicators: dict[tuple[object, ...], Indicator] = {}
        self._comparisons: dict[tuple[object, ...], Condition] = {}

    def indicator(self, name: Value, series: Series | str, given: Mapping[str, Value], place: Place) -> Indicator:
        """Build the indicator that a function of Composer is.

        Parameters
        ----------
        name : str
            Long or short.
        series : Series or str
            What it is computed of.
        given : mapping
            Parameters by their names in Composer; numbers may be texts.
        place : Place
            Gets the remarks.
        """
        if not isinstance(name, str):
            raise Unsupported(f"a function is a word such as 'relative-strength-index', got {outline_of(name)}")
        long_name = SHORT_NAMES.get(name, str(name))
        function = FUNCTIONS.get(long_name)
        if function is None:
            raise Unsupported(str(unknown_name("function", str(name)[:60], [*FUNCTIONS, *SHORT_NAMES])))
        settled = []
        for theirs, ours in function.parameters.items():
            if given.get(theirs) is None:
                raise Unsupported(f"{name} needs {theirs}, and the document does not say it")
            read = number(given[theirs], f"{theirs} of {name}")
            settled.append((ours, int(read) if read.is_integer() and ours != "deviations" else read))
        for theirs, value in given.items():
            if theirs not in function.parameters and value is not None:
                self._extra(str(name), theirs, place)
        key = (function.indicator, series, *settled)
        if key not in self._indicators:
            self._indicators[key] = Indicator(function.indicator, series, tuple(settled))  # type: ignore[arg-type]  # a ticker becomes a series there
        return self._indicators[key]

    @staticmethod
    def _extra(name: str, parameter: str, place: Place) -> None:
        if parameter == "window" and name == "current-price":
            place.cosmetic("window of current-price, which has none")
        else:
            place.dropped(f"{parameter[:40]} of {name}: not known here")

    def compare(self, left: Expression, comparator: Value, right: Expression, place: Place) -> Condition:
        """Compare two expressions; a number on the left changes sides."""
        op = COMPARATORS.get(comparator) if isinstance(comparator, str) else None
        if op is None:
            raise Unsupported(f"the comparison is one of {', '.join(COMPARATORS)}, got {outline_of(comparator)}")
        if isinstance(left, Constant) and not isinstance(right, Constant):
            place.mapped("the number goes to the right side")
            left, right, op = right, left, _MIRRORED.get(op, op)
        if op == "=":
            place.mapped("equal is said as at least and at most")
        key = (left, op, right)
        if key not in self._comparisons:
            if op == "=":
                both = (Comparison(left, ">=", right), Comparison(left, "<=", right))
                self._comparisons[key] = all_of(*both)
            else:
                self._comparisons[key] = Comparison(left, op, right)  # type: ignore[arg-type]  # COMPARATORS holds no others
        return self._comparisons[key]


def parameters_of(value: Value, what: str) -> Map:
    """Take a map of parameters, or nothing."""
    if value is None:
        return Map()
    if not isinstance(value, Map):
        raise Unsupported(f'{what} must be a map such as {{"window": 10}}, got {outline_of(value)}')
    return value
