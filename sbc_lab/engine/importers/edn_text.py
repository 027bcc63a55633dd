"""EDN text becomes values, without recursion: the forms of `defsymphony`, and maps with keywords for keys.

Brackets that are missing at the very end are closed, and told. Does not live here: JSON (`json_text`), any meaning,
and any evaluation: a form is a list.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ._nesting import Nesting
from .limits import Limits
from .values import Form, Map, Symbol, Value, Vector

__all__ = ["Unclosed", "read_edn"]

# Possessive quantifiers: a long run of blanks or letters is never looked at twice. Every place matches something, the
# last group what is wrong: a search that may fail would begin again at each of the characters that follow.
_TOKEN = re.compile(
    r"(?>[\s,]++|;[^\n]*+)*+"
    r'(?:([()\[\]{}])|"((?:[^"\\]++|\\.)*+)"|(\\?[^\s,;"()\[\]{}\\]++)|\Z|(.))',
    re.DOTALL,
)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?[MN]?")
_RATIO = re.compile(r"([+-]?[0-9]{1,300})/([0-9]{1,300})")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_WORDS: dict[str, Value] = {
    "nil": None,
    "null": None,
    "true": True,
    "false": False,
    "##NaN": math.nan,
    "##Inf": math.inf,
    "##-Inf": -math.inf,
}
_TAGS = frozenset({"#inst", "#uuid"})
_CONTAINERS = {"{": Map, "[": Vector, "(": Form}
_CLOSING = {"}": Map, "]": Vector, ")": Form}
MOST_DIGITS = 400


@dataclass(frozen=True)
class Unclosed:
    """A bracket that the text never closed."""

    mark: str
    line: int
    column: int


def read_edn(text: str, *, label: str = "the text", limits: Limits | None = None) -> tuple[Value, tuple[Unclosed, ...]]:
    """Read an EDN text.

    Parameters
    ----------
    text : str
    label : str
        What errors call the text.
    limits : Limits
        `unclosed` says how many brackets may be missing at the end.

    Returns
    -------
    value : Form, Vector, Map, Symbol, str, int, float, bool or None
        Keywords are texts without their colon; a map as a key becomes a text that nothing looks for.
    unclosed : tuple of Unclosed
        The brackets that were closed at the end, innermost first.

    Raises
    ------
    StrategyImportError
        With line, column and path.
    """
    nesting = Nesting(text, label, limits or Limits())
    atoms = dict(_WORDS)
    end, most = 0, nesting.limits.values
    for count, token in enumerate(_TOKEN.finditer(text), 1):
        kind = token.lastindex
        if kind is None:
            break
        at, end = token.start(kind), token.end()
        if kind == 1:
            _bracket(nesting, token[1], at)
        elif kind == 2:
            _put(nesting, _text(nesting, token[2], at - 1), at - 1)
        elif kind == 3:
            written = token[3]
            if written not in atoms:
                if written in _TAGS:
                    continue
                atoms[written] = _atom(nesting, written, at)
            _put(nesting, atoms[written], at)
        else:
            raise nesting.fault(f"{text[at : at + 12]!r} is not closed, or nothing that a strategy is written with", at)
        if count > most:
            nesting.check_values(count, end)
    _finish(nesting, end)
    unclosed = _closed(nesting)
    return nesting.root, unclosed


def _finish(nesting: Nesting, end: int) -> None:
    if not nesting.open and not nesting.done:
        raise nesting.fault("the text holds nothing but comments", 0)
    # A text that breaks off in the middle of something would be closed into another strategy.
    whole = nesting.text[:end].endswith((")", "]", "}"))
    if nesting.open and (len(nesting.open) > nesting.limits.unclosed or not whole):
        raise nesting.unclosed()


def _closed(nesting: Nesting) -> tuple[Unclosed, ...]:
    unclosed = []
    while nesting.open:
        at = nesting.open[-1].at
        fault = nesting.fault("", at)
        unclosed.append(Unclosed(nesting.text[at], fault.line or 1, fault.column or 1))
        _close(nesting, at)
    return tuple(unclosed)


def _bracket(nesting: Nesting, mark: str, at: int) -> None:
    if mark in _CONTAINERS:
        nesting.push(_CONTAINERS[mark](), at)
        return
    if not nesting.open:
        raise nesting.fault(f"this {mark} closes nothing", at)
    if type(nesting.open[-1]) is not _CLOSING[mark]:
        opened = nesting.text[nesting.open[-1].at]
        raise nesting.fault(f"this {mark} does not close the {opened} that is open", at)
    _close(nesting, at)


def _close(nesting: Nesting, at: int) -> None:
    if nesting.keys[-1] is not None:
        raise nesting.fault(f"the key {nesting.keys[-1][:60]!r} has no value", at)
    container = nesting.pop()
    _put(nesting, container, container.at)


def _put(nesting: Nesting, value: Value, at: int) -> None:
    if nesting.open and isinstance(nesting.open[-1], Map) and nesting.keys[-1] is None:
        # A container cannot be looked up, and nothing here looks for one.
        nesting.name_next(value if isinstance(value, str) else f"{type(value).__name__} at {at}", at)
        return
    nesting.put(value, at)


def _atom(nesting: Nesting, written: str, at: int) -> Value:
    if _NUMBER.fullmatch(written):
        digits = written.rstrip("MN")
        # Python refuses to read very long integers, and a strategy has no use for them.
        return int(digits) if len(digits) < MOST_DIGITS and digits.lstrip("+-").isdigit() else float(digits)
    ratio = _RATIO.fullmatch(written)
    if ratio and int(ratio[2]):
        return int(ratio[1]) / int(ratio[2])
    if written[0] == ":" and len(written) > 1:
        return written.lstrip(":")
    if written[0] == "\\" or (written[0] == "#" and len(written) > 1) or written in {"#", ":"}:
        raise nesting.fault(f"{written[:20]} is nothing that a strategy is written with", at)
    return Symbol(written)


def _text(nesting: Nesting, written: str, at: int) -> str:
    if "\\" not in written:
        return written

    def plain(escape: re.Match[str]) -> str:
        if escape[1]:
            return chr(int(escape[1], 16))
        if escape[2] not in _ESCAPES:
            raise nesting.fault(f"the text {written[:40]!r} holds a \\{escape[2]}, which stands for nothing", at)
        return _ESCAPES[escape[2]]

    read = _ESCAPE.sub(plain, written)
    # Two halves of one character, as JSON writes them, become that character; half a one stays.
    return read.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
