"""Checks that several kinds of term share: whole numbers, real numbers, tickers, texts; each error in one sentence."""

from __future__ import annotations

import math
import re
import reprlib
from operator import index
from typing import TypeVar, overload

from ...errors import StrategyError
from ._intern import Axis

T = TypeVar("T")

LONGEST_TEXT = 500
_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxother = _SHOWN.maxlong = 40
_TICKER = re.compile(r"[A-Z0-9^][A-Z0-9.^=_-]{0,23}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def shown(value: object) -> str:
    """Show any value in a message, cut, whatever it holds."""
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a number of about {int(value.bit_length() * 0.30103)} digits"  # Python refuses to write very long ones
    return value.name if isinstance(value, Axis) else _SHOWN.repr(value)


@overload
def whole(value: float, *, where: str, name: str, low: int, high: int) -> int: ...
@overload
def whole(value: float | Axis, *, where: str, name: str, low: int, high: int) -> int | Axis: ...
def whole(value: float | Axis, *, where: str, name: str, low: int, high: int) -> int | Axis:
    """Return a whole number inside [low, high]; an axis passes when each of its points does."""
    if isinstance(value, Axis):
        for point in value.points:
            whole(point, where=where, name=name, low=low, high=high)
        return value
    number: int | None = None
    if not isinstance(value, bool):
        try:
            # A float that is whole is taken; every other one, and what is no number, has no index.
            number = index(int(value) if isinstance(value, float) and value.is_integer() else value)  # type: ignore[arg-type]  # the except is the check
        except TypeError:
            number = None
    if number is None or not low <= number <= high:
        raise StrategyError(f"{where}: {name} must be a whole number from {low} to {high}, got {shown(value)}")
    return number


@overload
def real(value: float, *, where: str, name: str, low: float = ..., high: float = ...) -> float: ...
@overload
def real(value: float | Axis, *, where: str, name: str, low: float = ..., high: float = ...) -> float | Axis: ...
def real(value: float | Axis, *, where: str, name: str, low: float = -math.inf, high: float = math.inf) -> float | Axis:
    """Return a finite number inside [low, high] as a float; an axis passes when each of its points does."""
    if isinstance(value, Axis):
        for point in value.points:
            real(point, where=where, name=name, low=low, high=high)
        return value
    number = math.nan
    if not isinstance(value, (bool, str)):
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
    if not math.isfinite(number) or not low <= number <= high:
        allowed = "a finite number" + ("" if math.isinf(low) else f" from {low:g} to {high:g}")
        raise StrategyError(f"{where}: {name} must be {allowed}, got {shown(value)}")
    return number + 0.0  # -0.0 becomes 0.0: they mean the same


def exactly(items: tuple[T, ...], count: int, *, where: str) -> tuple[T, ...]:
    """Return as many items as are needed, or say how many were given."""
    if len(items) != count:
        raise StrategyError(f"{where}: {count} expression{'s' if count > 1 else ''} needed, got {len(items)}")
    return items


def ticker(value: object, *, where: str = "") -> str:
    """Return a ticker symbol as it is stored, or say what is wrong with it."""
    prefix = f"{where}: " if where else ""
    if not isinstance(value, str):
        raise StrategyError(f"{prefix}a ticker is a text such as 'SPY', got {value!r}")
    if _TICKER.fullmatch(value):
        return value
    symbol = value.strip().upper()
    if _TICKER.fullmatch(symbol):
        raise StrategyError(f"{prefix}tickers are written in capitals without spaces, got {value!r}; type {symbol!r}")
    if "/" in symbol:
        raise StrategyError(f"{prefix}{value!r} is a ratio of two tickers, which can be compared but not held")
    raise StrategyError(f"{prefix}a ticker has 1 to 24 capital letters, digits or . - ^ = _, got {value[:40]!r}")


def text(value: object, *, where: str, name: str, empty: bool = True) -> str:
    """Return a text that a person wrote, bounded and without control characters."""
    if not isinstance(value, str):
        raise StrategyError(f"{where}: {name} must be a text, got {shown(value)}")
    if len(value) > LONGEST_TEXT:
        raise StrategyError(f"{where}: {name} may have {LONGEST_TEXT} characters, got {len(value)}")
    if _CONTROL.search(value):
        raise StrategyError(f"{where}: {name} must not hold control characters, got {value[:40]!r}")
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise StrategyError(f"{where}: {name} holds half a character, which no file can store, got {value[:40]!r}")
    if not empty and not value.strip():
        raise StrategyError(f"{where}: {name} must not be empty")
    return value
