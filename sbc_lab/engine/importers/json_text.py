"""JSON text becomes values, without recursion: any depth, bounded size, and every bracket knows its place.

The library's own reader recurses, keeps the last of two equal keys and forgets where things stood; this one does
none of that. Does not live here: EDN (`edn_text`), and any meaning.
"""

from __future__ import annotations

import json
import math
import re

from ._nesting import Nesting
from .limits import Limits
from .values import Map, Value, Vector

__all__ = ["read_json"]

# Possessive quantifiers: a long run of blanks or letters is never looked at twice. Every place matches something, the
# last group what is wrong: a search that may fail would begin again at each of the characters that follow.
_TOKEN = re.compile(
    r"[ \t\r\n]*+(?:"
    r"([{}\[\],:])"
    r'|("(?:[^"\\]++|\\.)*+")'
    r"|(-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?![\w.+-]))"
    r"|((?:true|false|null|NaN|-?Infinity)(?!\w))"
    r"|\Z|(.)"
    r")",
    re.DOTALL,
)
_WORDS: dict[str, Value] = {
    "true": True,
    "false": False,
    "null": None,
    # no JSON, but some tools write them; what must be a number refuses them with its path
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}
_VALUE, _FIRST_VALUE, _KEY, _FIRST_KEY, _COLON, _NEXT, _END = range(7)
_WANTED = {
    _VALUE: "a value",
    _FIRST_VALUE: "a value or ]",
    _KEY: "a key in quotes",
    _FIRST_KEY: "a key in quotes or }",
    _COLON: "a colon",
    _NEXT: "a comma or the closing bracket",
    _END: "the end of the text",
}
MOST_DIGITS = 400


def read_json(text: str, *, label: str = "the text", limits: Limits | None = None) -> Value:
    """Read a JSON text.

    Parameters
    ----------
    text : str
    label : str
        What errors call the text.
    limits : Limits

    Returns
    -------
    Map, Vector, str, int, float, bool or None
        NaN and infinities are read as such numbers.

    Raises
    ------
    StrategyImportError
        With line, column and path, for what is no JSON, for a key that stands twice, and beyond the limits.
    """
    nesting = Nesting(text, label, limits or Limits())
    state, most = _VALUE, nesting.limits.values
    for count, token in enumerate(_TOKEN.finditer(text), 1):
        kind = token.lastindex
        if kind is None:
            break
        if kind == 5:
            at = token.start(5)
            raise nesting.fault(f"{text[at : at + 12]!r} is no JSON here", at)
        read = _bracket if kind == 1 else _plain
        state = read(nesting, state, token)
        if count > most:
            nesting.check_values(count, token.end())
    if nesting.open:
        raise nesting.unclosed()
    if state != _END:
        raise nesting.fault("the text ends where a value is needed", len(text))
    return nesting.root


def _bracket(nesting: Nesting, state: int, token: re.Match[str]) -> int:
    mark, at = token[1], token.start(1)
    if mark in "{[" and state in {_VALUE, _FIRST_VALUE}:
        nesting.push(Map() if mark == "{" else Vector(), at)
        return _FIRST_KEY if mark == "{" else _FIRST_VALUE
    if mark in "}]" and nesting.open:
        is_map = isinstance(nesting.open[-1], Map)
        allowed = state in ({_FIRST_KEY, _NEXT} if is_map else {_FIRST_VALUE, _NEXT})
        if allowed and (mark == "}") == is_map:
            nesting.put(nesting.pop(), at)
            return _NEXT if nesting.open else _END
    if mark == "," and state == _NEXT:
        return _KEY if isinstance(nesting.open[-1], Map) else _VALUE
    if mark == ":" and state == _COLON:
        return _VALUE
    raise nesting.fault(f"{_WANTED[state]} is needed, got {mark}", at)


def _plain(nesting: Nesting, state: int, token: re.Match[str]) -> int:
    kind = token.lastindex
    at = token.start(kind or 0)
    written = token[kind or 0]
    if state in {_KEY, _FIRST_KEY} and kind == 2:
        nesting.name_next(_text(nesting, written, at), at)
        return _COLON
    if state not in {_VALUE, _FIRST_VALUE}:
        raise nesting.fault(f"{_WANTED[state]} is needed, got {written[:20]}", at)
    if kind == 2:
        nesting.put(_text(nesting, written, at), at)
    elif kind == 3:
        nesting.put(_number(written), at)
    else:
        nesting.put(_WORDS[written], at)
    return _NEXT if nesting.open else _END


def _text(nesting: Nesting, written: str, at: int) -> str:
    if "\\" not in written:
        return written[1:-1]
    try:
        read: str = json.loads(written, strict=False)  # one text: nothing to recurse into
    except ValueError:
        raise nesting.fault(f"the text {written[:40]} holds a \\ that stands for nothing", at) from None
    return read


def _number(written: str) -> int | float:
    # Python refuses to read very long integers, and a strategy has no use for them.
    if len(written) > MOST_DIGITS or not written.lstrip("-").isdigit():
        return float(written)
    return int(written)
