"""The hash of a function that a user wrote: another one when anything that it computes with was written otherwise.

Lives here: what counts as the code of a function. Does not live here: how the hash becomes part of a strategy.
"""

from __future__ import annotations

import hashlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

DIGITS = 32
"""Hexadecimal digits of a hash."""


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
        constants, which differ between versions of Python. Functions, numbers, texts and arrays that the code refers
        to by name count too, as they are now; of modules, of functions of other packages and of other objects only the
        name.
    """
    sha = hashlib.sha256(repr(declared).encode())
    seen: set[int] = set()
    stack: list[Callable[..., Any]] = [function]
    while stack:
        plain = _plain(stack.pop())
        if plain is None or id(plain) in seen:
            continue
        seen.add(id(plain))
        sha.update(_text(plain).encode())
        sha.update(repr((plain.__defaults__, sorted((plain.__kwdefaults__ or {}).items()))).encode())
        for name, value in _referred(plain):
            sha.update(f"\0{name}\0".encode())
            if _is_near(value, plain):
                stack.append(value)
            else:
                sha.update(_value(value))
    return sha.hexdigest()[:DIGITS]


def _plain(value: Any) -> FunctionType | None:
    """Give the plain Python function behind a value, if it is one or keeps one."""
    inner = getattr(value, "py_func", value)
    found = inspect.unwrap(inner) if callable(inner) else None
    return found if isinstance(found, FunctionType) else None


def _is_near(value: Any, reader: FunctionType) -> bool:
    """Tell whether a value is a function of the same package or notebook, whose code is looked into as well."""
    found = _plain(value)
    return found is not None and str(found.__module__).partition(".")[0] == str(reader.__module__).partition(".")[0]


def _text(function: FunctionType) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return "".join(repr((code.co_code, code.co_names, _constants(code))) for code in _codes(function.__code__))


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
    if isinstance(value, np.ndarray):
        return repr((value.shape, value.dtype.str)).encode() + np.ascontiguousarray(value).tobytes()
    if isinstance(value, ModuleType):
        return value.__name__.encode()
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value).encode()
    if isinstance(value, (tuple, list)) and all(isinstance(item, (bool, int, float, str)) for item in value):
        return repr(value).encode()
    kind = type(value) if not hasattr(value, "__qualname__") else value
    return f"{getattr(kind, '__module__', '')}.{kind.__qualname__}".encode()
