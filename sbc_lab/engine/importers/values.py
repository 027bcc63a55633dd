"""What a document is made of once its text is read: maps, lists and plain values, each bracket with its place.

Lives here: the containers that the readers of JSON and EDN give, and where a character stands in a text. Does not live
here: reading, and any meaning.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import Any

__all__ = ["Form", "Map", "Symbol", "TextPlaces", "Value", "Vector", "outline_of"]

Value = Any
"""A Map, a Vector or Form, a str, a Symbol, an int, a float (NaN and infinities too), a bool or None."""


class Map(dict[str, Value]):
    """Keys and values in braces, in the order in which they were written."""

    __slots__ = ("at",)
    at: int
    """Where its bracket opens, in characters from 0."""


class Vector(list[Value]):
    """Values in square brackets."""

    __slots__ = ("at",)
    at: int
    """Where its bracket opens, in characters from 0."""


class Form(Vector):
    """Values in round brackets, which only EDN has."""

    __slots__ = ()


class Symbol(str):
    """A bare word of EDN; keywords become plain texts without their colon."""

    __slots__ = ()


class TextPlaces:
    """Lines and columns of a text."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _ends(self) -> list[int]:
        ends, at = [], self.text.find("\n")
        while at >= 0:
            ends.append(at)
            at = self.text.find("\n", at + 1)
        return ends

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        line = bisect_left(self._ends, offset)
        return line + 1, offset - (self._ends[line - 1] if line else -1)


def outline_of(value: Value) -> str:
    """Say in a few words what a value is, whatever it holds and however deep."""
    if isinstance(value, Map):
        keys = ", ".join(repr(str(key)[:40]) for key in list(value)[:6])
        return f"a map with {keys}{', …' if len(value) > 6 else ''}" if value else "an empty map"
    if isinstance(value, Vector):
        first = value[0] if value else None
        named = f" that begins with {first[:40]!r}" if isinstance(first, str) else ""
        return f"a list of {len(value)}{named}"
    if isinstance(value, str):
        return repr(value[:40]) + ("…" if len(value) > 40 else "")
    if isinstance(value, int) and value.bit_length() > 200:
        return "a very large number"
    return repr(value)
