"""The hash of meaning: equal for what computes the same numbers, however it is named, coloured or folded.

Lives here: the bytes that are hashed, subtree by subtree. Does not live here: the identity of a run, which adds data
and settings. The order of children counts: two equal weights with their children exchanged are two documents with one
meaning, but ties inside a filter go by the order, so the hash keeps it.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import MISSING, fields
from typing import Any

from ...errors import StrategyError
from ._intern import Axis, Term

SCHEME = b"sbc_lab.fingerprint.1"
"""Part of every hash; a new number when the bytes are built differently."""

_KEY = "_fingerprint"
_DEFAULTS: dict[type[Term], dict[str, object]] = {}


def fingerprint(term: Term) -> str:
    """Hash what a term means, as 64 hexadecimal digits.

    Parameters
    ----------
    term : Term
        A strategy, a node, or any part of one, without open axes. A `call` counts by its reference and version, not
        by what it stands for.

    Returns
    -------
    str
        The same in every process and on every machine. A strategy's name and description, titles, colours, folding
        and the names of groups do not count; anything that can change a number does.
    """
    for thing in term.free:
        if isinstance(thing, Axis):
            raise StrategyError(
                f"{thing!r} is still open, so this is no single meaning yet; call .at({thing.name}=…) first"
            )
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        item, ready = stack.pop()
        # A term keeps its own hash, so after an edit only the path from the edit to the root is hashed.
        if _KEY in item.__dict__:
            continue
        if ready:
            item.__dict__[_KEY] = _digest(item)
        else:
            stack.append((item, True))
            stack.extend((part, False) for part in item.parts if _KEY not in part.__dict__)
    digest: bytes = term.__dict__[_KEY]
    return digest.hex()


def _digest(term: Term) -> bytes:
    pieces = [_framed(SCHEME), _framed(term.kind.encode())]
    defaults = _defaults(type(term))
    for name, value in term.values():
        # A field at its default is left out, so that a later version can add one without changing every hash.
        if name not in term.look and not (name in defaults and value == defaults[name]):
            pieces += (_framed(name.encode()), _framed(_bytes(value)))
    return hashlib.sha256(b"".join(pieces)).digest()


def _defaults(cls: type[Term]) -> dict[str, object]:
    if cls not in _DEFAULTS:
        _DEFAULTS[cls] = {field.name: field.default for field in fields(cls) if field.default is not MISSING}
    return _DEFAULTS[cls]


def _bytes(value: Any) -> bytes:
    """Write one value so that no two different ones share their bytes."""
    if isinstance(value, Term):
        digest: bytes = value.__dict__[_KEY]
        return b"T" + digest
    if isinstance(value, tuple):
        # Nested at most twice: a parameter is a pair inside a tuple.
        return b"L" + b"".join(_framed(_bytes(item)) for item in value)
    if isinstance(value, str):
        return b"S" + value.encode()
    if isinstance(value, float):
        return b"F" + struct.pack(">d", value)
    if isinstance(value, int):
        return b"I" + str(value).encode()
    return b"N"


def _framed(content: bytes) -> bytes:
    return struct.pack(">Q", len(content)) + content
