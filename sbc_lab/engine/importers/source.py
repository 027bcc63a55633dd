"""From what a person gives to one text: a path, a text or bytes, bounded, with its encoding known for certain.

Lives here: telling a path from a text, reading a file and decoding it. Does not live here: taking the text apart.
"""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from pathlib import Path

from ...errors import StrategyImportError
from .limits import Limits

__all__ = ["Source", "take_source"]

OPENINGS = '{[(";'
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks, longer ones first: that of UTF-16 begins that of UTF-32."""


@dataclass(frozen=True)
class Source:
    """A text, and what to call it."""

    text: str
    name: str
    """The file's name without its ending; empty for a pasted text."""
    label: str
    """What errors call it."""


def take_source(source: object, limits: Limits) -> Source:
    """Read a path, a text or bytes.

    Parameters
    ----------
    source : str, bytes or path
        A text that begins with one of `{ [ ( " ;` or holds a line break is a document, every other one a path.
    limits : Limits
        How much may be read.

    Raises
    ------
    StrategyImportError
        For a file that cannot be read, is too large, empty, or not in a known encoding.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _checked(_decoded(bytes(source), "the bytes", limits), "", "the bytes", limits)
    if isinstance(source, str) and _is_document(source):
        return _checked(source.removeprefix("\ufeff"), "", "the text", limits)
    if not isinstance(source, (str, os.PathLike)):
        raise StrategyImportError(f"load: give a path, a text or bytes, got {type(source).__name__}")
    path = Path(os.fsdecode(source))
    return _checked(_decoded(_bytes_of(path, limits), str(path), limits), path.stem, path.name, limits)


def _is_document(text: str) -> bool:
    return "\n" in text or not text.strip() or text.removeprefix("\ufeff").lstrip()[:1] in OPENINGS


def _bytes_of(path: Path, limits: Limits) -> bytes:
    label = str(path)[:200]
    try:
        if path.is_dir():
            raise StrategyImportError(f"{label} is a folder; name a file in it")
        with path.open("rb") as file:
            return file.read(limits.size + 1)
    except FileNotFoundError:
        raise StrategyImportError(
            f"{label!r} is no file here, and no document either: one begins with {' '.join(OPENINGS)}"
        ) from None
    except (OSError, ValueError) as error:
        raise StrategyImportError(f"{label!r} cannot be read: {getattr(error, 'strerror', '') or error}") from None


def _decoded(content: bytes, label: str, limits: Limits) -> str:
    if len(content) > limits.size:
        raise _too_large(label, limits)
    mark, encoding = next((pair for pair in _MARKS if content.startswith(pair[0])), (b"", "utf-8"))
    content = content[len(mark) :]
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise StrategyImportError(
            f"{label}: byte {error.start} is no {encoding.upper()}, so this is no text or one in another encoding; "
            "save it as UTF-8"
        ) from None


def _checked(text: str, name: str, label: str, limits: Limits) -> Source:
    if len(text) > limits.size:
        raise _too_large(label, limits)
    if not text.strip():
        raise StrategyImportError(f"{label} is empty; give a document of another tool, or a path to one")
    return Source(text, name, label)


def _too_large(label: str, limits: Limits) -> StrategyImportError:
    return StrategyImportError(
        f"{label} is larger than {limits.size:,} bytes; if it is a strategy, give limits=Limits(size=…)"
    )
