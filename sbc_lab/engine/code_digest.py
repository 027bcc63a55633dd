"""The hash of a function that a user wrote: another one when anything that it computes with was written otherwise.

Lives here: what counts as the code of a function. Does not live here: how the hash becomes part of a strategy.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

DIGITS = 32
"""Hexadecimal digits of a hash."""
_PLAIN = (bool, int, float, complex, str, bytes)


def code_digest(function: Callable[..., Any], *declared: object) -> str:
    """Hash a function, everything it refers to, and what was declared beside it.

    Parameters
    ----------
    function : callable
        A plain function or a compiled one that keeps the plain one as `py_func`.
    declared : object
        What else belongs to the meaning, such as a version; anything with a faithful `repr`.

    Returns
    -------
    str
        32 hexadecimal digits. The source text counts, with its comments; where there is none, the bytecode and its
        constants, which differ between versions of Python. What the code refers to by name counts too, as it is now:
        functions and classes of its package or notebook with what they refer to, their objects with their attributes,
        numbers, texts, arrays, and lists, tuples, sets and mappings of all these. Of modules, of functions of other
        packages and of other objects only the name counts.
    """
    sha = hashlib.sha256(repr(declared).encode())
    home = _home(function)
    seen: dict[int, object] = {}  # keeps what it has seen alive, so that no number is given twice
    stack: list[object] = [_plain(function) or function]
    while stack:
        value = stack.pop()
        said, members = _taken(value, home)
        sha.update(b"\0" + said)
        if members and not isinstance(value, tuple):
            if id(value) in seen:
                continue
            seen[id(value)] = value
        stack.extend(reversed(members))
    return sha.hexdigest()[:DIGITS]


def _plain(value: Any) -> FunctionType | None:
    """Give the plain Python function behind a value, if it is one or keeps one."""
    inner = getattr(value, "py_func", value)
    found = inspect.unwrap(inner) if callable(inner) else None
    return found if isinstance(found, FunctionType) else None


def _home(function: Any) -> str:
    """Name the package or notebook in which a function, or the class of an object that is called like one, stands."""
    while isinstance(function, functools.partial):
        function = function.func
    return _package(_plain(function) or type(function))


def _package(value: object) -> str:
    return str(getattr(value, "__module__", "")).partition(".")[0]


def _taken(value: Any, home: str) -> tuple[bytes, list[object]]:
    """Say what is to be hashed of a value itself, and which values it is made of, in a fixed order.

    Functions, classes and objects of other packages than `home` are their names.
    """
    plain = _plain(value)
    if plain is not None and _package(plain) == home:
        return _text(plain).encode(), _parts_of_function(plain)
    if isinstance(value, functools.partial):
        return b"partial", [value.func, value.args, value.keywords]
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__} {len(value)}".encode(), list(value)
    if isinstance(value, (set, frozenset)):
        return f"set {len(value)}".encode(), sorted(value, key=repr)  # its own order differs from day to day
    if isinstance(value, Mapping):
        return f"mapping {len(value)}".encode(), [part for pair in value.items() for part in pair]
    if isinstance(value, type) and _package(value) == home:
        own = {name: kept for name, kept in vars(value).items() if _plain(kept) or not name.startswith("__")}
        return _text(value).encode(), [*value.__bases__, own]
    kind = type(value)
    if _package(kind) in (home, "types") and isinstance(getattr(value, "__dict__", None), dict):
        return b"object", [kind, vars(value)]
    return _value(value), []


def _parts_of_function(function: FunctionType) -> list[object]:
    referred = [part for pair in _referred(function) for part in pair]
    return [function.__defaults__, function.__kwdefaults__, *referred]


def _text(value: FunctionType | type) -> str:
    try:
        return textwrap.dedent(inspect.getsource(value))
    except (OSError, TypeError):
        if isinstance(value, type):
            return value.__qualname__
        return "".join(repr((code.co_code, code.co_names, _constants(code))) for code in _codes(value.__code__))


def _codes(code: CodeType) -> Iterator[CodeType]:
    stack = [code]
    while stack:
        item = stack.pop()
        yield item
        stack.extend(inner for inner in item.co_consts if isinstance(inner, CodeType))


def _constants(code: CodeType) -> list[str]:
    return [repr(value) for value in code.co_consts if not isinstance(value, CodeType)]


def _referred(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield what a function reads from around it, by name."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    for name, cell in cells:
        try:
            yield name, cell.cell_contents
        except ValueError:  # a cell that is filled later
            yield name, None
    names = sorted({name for code in _codes(function.__code__) for name in code.co_names})
    for name in names:
        if name in function.__globals__:
            yield name, function.__globals__[name]


def _value(value: Any) -> bytes:
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return repr((value.shape, value.dtype.str)).encode() + np.ascontiguousarray(value).tobytes()
    if isinstance(value, np.generic) and not isinstance(value, _PLAIN):
        return f"{value.dtype.str} {value!r}".encode()
    if isinstance(value, ModuleType):
        return value.__name__.encode()
    if value is None or isinstance(value, _PLAIN):
        return repr(value).encode()
    kind = type(value) if not hasattr(value, "__qualname__") else value
    return f"{getattr(kind, '__module__', '')}.{kind.__qualname__}".encode()
