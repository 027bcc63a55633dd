"""Values become text again, without recursion: JSON, and the forms of EDN.

Does not live here: which values a strategy becomes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from .values import Form, Map, Symbol, Value, Vector

__all__ = ["Keyword", "Lines", "edn_text", "json_text"]

DEEPEST_INDENT = 16
"""Beyond this many levels lines are indented no further: the blanks of a deep tree would outweigh it."""


class Keyword(str):
    """A text that EDN writes with a colon and without quotes."""

    __slots__ = ()


class Lines(Vector):
    """A list that is written with one line for each value."""

    __slots__ = ()


def json_text(value: Value) -> str:
    """Write values as JSON, indented.

    Parameters
    ----------
    value : Map, Vector or plain value
        Numbers must be finite.
    """
    out: list[str] = []
    stack: list[tuple[str, Value, int]] = [("", value, 0)]
    while stack:
        ready, held, level = stack.pop()
        if ready:
            out.append(ready)
        elif isinstance(held, (Map, Vector)) and held:
            is_map = isinstance(held, Map)
            out.append("{" if is_map else "[")
            todo: list[tuple[str, Value, int]] = []
            for number, inner in enumerate(held):
                comma = "," if number else ""
                lead = f"{json.dumps(inner, ensure_ascii=False)}: " if is_map else ""
                todo += [
                    (f"{comma}{_break(level + 1)}{lead}", None, 0),
                    ("", held[inner] if is_map else inner, level + 1),
                ]
            stack.append((_break(level) + ("}" if is_map else "]"), None, 0))
            stack.extend(reversed(todo))
        elif isinstance(held, (Map, Vector)):
            out.append("{}" if isinstance(held, Map) else "[]")
        else:
            out.append(json.dumps(held, ensure_ascii=False, allow_nan=False))
    return "".join([*out, "\n"])


def edn_text(value: Value) -> str:
    """Write values as EDN; what stands in `Lines` gets a line each.

    Parameters
    ----------
    value : Form, Lines, Vector, Map, Symbol, Keyword or plain value
        Keys of a map are keywords. Numbers must be finite.
    """
    out: list[str] = []
    stack: list[tuple[str, Value, int]] = [("", value, 0)]
    while stack:
        ready, held, level = stack.pop()
        if ready:
            out.append(ready)
        elif isinstance(held, (Map, Vector)):
            opening, closing = "{}" if isinstance(held, Map) else "()" if isinstance(held, Form) else "[]"
            out.append(opening)
            stack.append((closing, None, 0))
            stack.extend(reversed(list(_inner(held, level))))
        else:
            out.append(_edn_atom(held))
    return "".join([*out, "\n"])


def _inner(held: Value, level: int) -> Iterator[tuple[str, Value, int]]:
    if isinstance(held, Map):
        for number, (key, value) in enumerate(held.items()):
            yield (f"{', ' if number else ''}:{key} ", None, 0)
            yield ("", value, level + 1)
        return
    for number, value in enumerate(held):
        if isinstance(held, Lines) or isinstance(value, Lines) or (number and _is_tall(value)):
            yield (_break(level + 1), None, 0)
        elif number:
            yield (" ", None, 0)
        yield ("", value, level + 1)


def _is_tall(value: Value) -> bool:
    return isinstance(value, Form) and any(isinstance(inner, Lines) for inner in value)


def _break(level: int) -> str:
    return "\n" + " " * min(level, DEEPEST_INDENT)


def _edn_atom(value: Value) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Keyword):
        return f":{value}"
    if isinstance(value, Symbol):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, allow_nan=False)
