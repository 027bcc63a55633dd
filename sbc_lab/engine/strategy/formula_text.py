"""The text of a formula, read into steps: what is written, in the order in which it is calculated.

Lives here: the small grammar (numbers, names, texts, calls, + − * / %, brackets) and errors that point at the place.
Nothing is ever evaluated as Python. Does not live here: what a name means and which terms a step builds (`formulas`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ...errors import StrategyError

LONGEST = 2_000
"""Characters of a formula."""
DEEPEST = 100
"""Open brackets and waiting signs at any place of a formula."""

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<text>'[^'"\n]*'|"[^'"\n]*")
      | (?P<sign>\*\*|[-+*/%(),])""",
    re.VERBOSE,
)
_TIGHTNESS = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "negate": 3}
_HINTS = {
    **dict.fromkeys(("**", "^"), "a power is typed pow(x, y)"),
    **dict.fromkeys("<>=!&|~", "a formula is a number; compare it where you use it: when(my_formula('SPY') > 2)"),
    **dict.fromkeys("'\"", "this text is not closed"),
    **dict.fromkeys("[]{}", "only round brackets are used"),
}

StepKind = Literal["number", "name", "text", "sign", "call"]


@dataclass(frozen=True)
class Step:
    """One thing to do when a formula is calculated: put a value on the pile, or take some and put their result."""

    kind: StepKind
    word: str
    """The number or name as written, the text without quotes, the sign or the called name."""
    at: int
    """Place in the formula."""
    count: int = 0
    """How many values it takes."""


@dataclass
class _Waiting:
    """A sign or an open bracket that waits for what comes behind it."""

    word: str
    at: int
    call: str | None = None
    given: int = 1


@dataclass
class _Reader:
    """The state of reading: what is settled, and what still waits."""

    where: str
    text: str
    out: list[Step] = field(default_factory=list)
    stack: list[_Waiting] = field(default_factory=list)

    def push(self, waiting: _Waiting) -> None:
        if len(self.stack) >= DEEPEST:
            raise pointed(self.where, f"it nests deeper than {DEEPEST} levels here", self.text, waiting.at)
        self.stack.append(waiting)

    def settle(self, tightness: int) -> None:
        """Write down the signs that bind at least so tightly, back to the last open bracket."""
        while self.stack and _TIGHTNESS.get(self.stack[-1].word, 0) >= tightness:
            sign = self.stack.pop()
            self.out.append(Step("sign", sign.word, sign.at, 1 if sign.word == "negate" else 2))

    def operand(self, kind: str, word: str, at: int) -> bool:
        """Read something where a value is expected; tell whether a value is complete now."""
        if kind in ("number", "name", "text"):
            self.out.append(Step(kind, word[1:-1] if kind == "text" else word, at))  # type: ignore[arg-type]  # one of the three
            return True
        if word == "(":
            self.push(_Waiting("(", at))
        elif word == "-":
            self.push(_Waiting("negate", at))
        elif word != "+":
            raise pointed(self.where, f"a value is missing before {word!r}", self.text, at)
        return False

    def operator(self, kind: str, word: str, at: int) -> bool:
        """Read something where a sign is expected; tell whether the value before it is still complete."""
        if kind != "sign" or word == "(":
            raise pointed(self.where, f"a sign such as + or * is missing before {word!r}", self.text, at)
        if word == ")":
            self.settle(1)
            if not self.stack:
                raise pointed(self.where, "this bracket closes none", self.text, at)
            bracket = self.stack.pop()
            if bracket.call:
                self.out.append(Step("call", bracket.call, bracket.at, bracket.given))
            return True
        if word == ",":
            self.settle(1)
            if not self.stack or not self.stack[-1].call:
                raise pointed(self.where, "a comma stands only between the values of a call", self.text, at)
            self.stack[-1].given += 1
        else:
            self.settle(_TIGHTNESS[word])
            self.push(_Waiting(word, at))
        return False

    def finish(self, *, complete: bool) -> tuple[Step, ...]:
        if not complete:
            what = "the formula is empty" if not self.text.strip() else "a value is missing at the end"
            raise pointed(self.where, what, self.text, len(self.text))
        self.settle(1)
        if self.stack:
            raise pointed(self.where, "this bracket is never closed", self.text, self.stack[-1].at)
        return tuple(self.out)


def read(text: str, *, where: str) -> tuple[Step, ...]:
    """Read a formula into the steps that calculate it, values before what takes them.

    Parameters
    ----------
    text : str
        At most `LONGEST` characters.
    where : str
        Put in front of every error.

    Raises
    ------
    StrategyError
        With the formula and a caret under the place where it cannot be understood.
    """
    if len(text) > LONGEST:
        raise StrategyError(f"{where}: a formula may have {LONGEST} characters, got {len(text)}")
    reader = _Reader(where, text)
    tokens = list(_tokens(text, where))
    complete, place = False, 0
    while place < len(tokens):
        kind, word, at = tokens[place]
        following = [token[1] for token in tokens[place + 1 : place + 3]]
        place += 1
        if complete:
            complete = reader.operator(kind, word, at)
        elif kind == "name" and following == ["(", ")"]:
            reader.out.append(Step("call", word, at))
            complete, place = True, place + 2
        elif kind == "name" and following[:1] == ["("]:
            reader.push(_Waiting("(", at, call=word))
            place += 1
        else:
            complete = reader.operand(kind, word, at)
    return reader.finish(complete=complete)


def _tokens(text: str, where: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        word = found.group() if found else text[at]
        if found is None or word == "**":
            hint = _HINTS.get(word, "this character has no meaning in a formula")
            raise pointed(where, hint, text, at)
        if found.lastgroup != "space":
            yield str(found.lastgroup), word, at
        at = found.end()


def pointed(where: str, message: str, text: str, at: int) -> StrategyError:
    """Build an error that shows the formula with a caret under one place."""
    return StrategyError(f"{where}: {message}{caret(text, at)}")


def caret(text: str, at: int) -> str:
    """Write a formula on one line of its own, and a caret under one place; a long one is cut around it."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)  # some would turn the line round
    first = max(0, min(at - 50, len(line) - 100))
    return f"\n    {line[first : first + 100]}\n    {' ' * (at - first)}^"
