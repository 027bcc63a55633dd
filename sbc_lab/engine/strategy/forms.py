"""The forms that a field of a stored document can have, each with three directions: to JSON, from JSON, as a schema.

Lives here: text, choice, number, reference, list and the like. Does not live here: which field of which kind has which
form (`fields`), and the document around the rows (`wire`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...errors import StrategyError, WireError
from . import terms
from ._checks import LONGEST_TEXT, shown
from ._intern import Axis, Term

JSON = Any
CODE_PATTERN = "^[0-9a-f]{32}$"
WIDEST_INTEGER = 2**63
TICKER_PATTERN = r"^[A-Z0-9^][A-Z0-9.^=_-]{0,23}$"
SERIES_PATTERN = r"^[A-Z0-9^][A-Z0-9.^=_-]{0,23}(/[A-Z0-9^][A-Z0-9.^=_-]{0,23})?$"


@dataclass
class Writing:
    """What writing a row needs to know: the number of every term, and whether an axis may stay open."""

    rows: Mapping[Term, int]
    axes: bool = False


@dataclass
class Reading:
    """What reading a row needs to know: the terms before it, which of them were used, and whether axes are welcome."""

    terms: list[Term]
    axes: bool = False
    used: set[int] = field(default_factory=set)
    adopt: bool = False
    """Whether a user's own indicator is read with the code that is registered now, whatever it was stored with."""


class Form(Protocol):
    """The shape of one field."""

    def write(self, value: Any, to: Writing) -> JSON:
        """Turn a field's value into JSON."""

    def read(self, value: JSON, where: str, source: Reading) -> Any:
        """Turn JSON into a value that the constructor takes, or raise `WireError` that begins with `where`."""

    def schema(self) -> dict[str, JSON]:
        """Describe the JSON."""


def wrong(where: str, wanted: str, value: object) -> WireError:
    """Build the error for JSON of the wrong type."""
    return WireError(f"{where}: {wanted} is needed, got {shown(value)}")


@dataclass(frozen=True)
class Text:
    """A text; `pattern` is only for the schema, because constructors check texts themselves."""

    pattern: str = ""
    least: int = 0

    def write(self, value: str, to: Writing) -> JSON:  # the signature of a form
        """Write it as it is."""
        return value

    def read(self, value: JSON, where: str, source: Reading) -> str:  # the signature of a form
        """Take a text."""
        if not isinstance(value, str):
            raise wrong(where, "a text", value)
        return value

    def schema(self) -> dict[str, JSON]:
        """Describe a bounded text."""
        out: dict[str, JSON] = {"type": "string", "maxLength": LONGEST_TEXT}
        if self.least:
            out["minLength"] = self.least
        if self.pattern:
            out["pattern"] = self.pattern
        return out


@dataclass(frozen=True)
class Code:
    """The hash of the code of a user's own indicator."""

    def write(self, value: str, to: Writing) -> JSON:  # the signature of a form
        """Write it as it is."""
        return value

    def read(self, value: JSON, where: str, source: Reading) -> str:
        """Take a hash; nothing, where the code of today is wanted."""
        if not isinstance(value, str) or not re.fullmatch(CODE_PATTERN, value):
            raise wrong(where, "a hash of 32 hexadecimal digits", value)
        return "" if source.adopt else value

    def schema(self) -> dict[str, JSON]:
        """Describe the hash."""
        return {"type": "string", "pattern": CODE_PATTERN}


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    def write(self, value: str, to: Writing) -> JSON:  # the signature of a form
        """Write it as it is."""
        return value

    def read(self, value: JSON, where: str, source: Reading) -> str:  # the signature of a form
        """Take one of the words."""
        if not isinstance(value, str) or value not in self.options:
            raise WireError(f"{where}: one of {', '.join(self.options)} is needed, got {shown(value)}")
        return value

    def schema(self) -> dict[str, JSON]:
        """Describe an enumeration."""
        return {"enum": list(self.options)}


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def write(self, value: bool, to: Writing) -> JSON:  # the signature of a form
        """Write it as it is."""
        return value

    def read(self, value: JSON, where: str, source: Reading) -> bool:  # the signature of a form
        """Take true or false."""
        if not isinstance(value, bool):
            raise wrong(where, "true or false", value)
        return value

    def schema(self) -> dict[str, JSON]:
        """Describe a boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Number:
    """A number; whole ones are written without a point. Where axes are welcome, one may stand in its place."""

    whole: bool = False
    low: float | None = None
    """Least value, only for the schema, because constructors check numbers themselves."""
    high: float | None = None

    def write(self, value: float | Axis, to: Writing) -> JSON:
        """Write a number so that it is read back exactly."""
        if isinstance(value, Axis):
            if not to.axes:
                raise StrategyError(f"{value!r} is still open and cannot be stored; call .at({value.name}=…) first")
            return {"axis": value.name, "points": list(value.points)}
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value

    def read(self, value: JSON, where: str, source: Reading) -> float | Axis:
        """Take a finite number, or an axis where they are welcome."""
        if source.axes and isinstance(value, dict):
            return _axis(value, where)
        wanted = "a whole number" if self.whole else "a number"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong(where, wanted, value)
        if not (-WIDEST_INTEGER <= value <= WIDEST_INTEGER if isinstance(value, int) else math.isfinite(value)):
            raise wrong(where, "a finite number below 2**63" if isinstance(value, int) else "a finite number", value)
        if self.whole and isinstance(value, float) and not value.is_integer():
            raise wrong(where, wanted, value)
        return value

    def schema(self) -> dict[str, JSON]:
        """Describe a number."""
        out: dict[str, JSON] = {"type": "integer" if self.whole else "number"}
        if self.low is not None:
            out["minimum"] = self.low
        if self.high is not None:
            out["maximum"] = self.high
        return out


def _axis(value: dict[str, JSON], where: str) -> Axis:
    if value.keys() != {"axis", "points"} or not isinstance(value["points"], list):
        raise wrong(where, "a number or {'axis': name, 'points': [...]}", value)
    try:
        return Axis(value["axis"], tuple(value["points"]))
    except StrategyError as error:
        raise WireError(f"{where}: {error}") from error


@dataclass(frozen=True)
class Reference:
    """The number of an earlier row that holds a term of some class."""

    category: type[Term]
    word: str

    def write(self, value: Term, to: Writing) -> JSON:
        """Write the number of the row."""
        return to.rows[value]

    def read(self, value: JSON, where: str, source: Reading) -> Term:
        """Take the term of an earlier row."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(where, f"the number of a row that holds {self.word}", value)
        if not 0 <= value < len(source.terms):
            ready = f"0 to {len(source.terms) - 1}" if source.terms else "none"
            raise WireError(f"{where}: a row may name only rows before it ({ready}), got {shown(value)}")
        found = source.terms[value]
        if not isinstance(found, self.category):
            raise WireError(f"{where}: {self.word} is needed, but row {value} is of kind {found.kind!r}")
        source.used.add(value)
        return found

    def schema(self) -> dict[str, JSON]:
        """Describe the number of a row."""
        return {"type": "integer", "minimum": 0, "description": f"number of the row that holds {self.word}"}


@dataclass(frozen=True)
class Line:
    """A series: a ticker or a ratio is written as its text, any other series as a row."""

    reference: Reference = Reference(terms.Series, "a series")

    def write(self, value: terms.Series, to: Writing) -> JSON:
        """Write "SPY", "SPY/TLT" or the number of a row."""
        if isinstance(value, terms.Ticker):
            return value.symbol
        return f"{value.above}/{value.below}" if isinstance(value, terms.Ratio) else to.rows[value]

    def read(self, value: JSON, where: str, source: Reading) -> terms.Series:
        """Take a text or the number of an earlier row."""
        if isinstance(value, str):
            try:
                return terms.as_series(value, where="series")
            except StrategyError as error:
                raise WireError(f"{where}: {error}") from error
        found: Any = self.reference.read(value, where, source)
        return found  # type: ignore[no-any-return]  # the reference has checked the class

    def schema(self) -> dict[str, JSON]:
        """Describe either of the two."""
        return {"anyOf": [{"type": "string", "pattern": SERIES_PATTERN}, self.reference.schema()]}


@dataclass(frozen=True)
class Many:
    """Several of one form."""

    form: Form
    least: int = 0

    def write(self, value: Sequence[Any], to: Writing) -> JSON:
        """Write each."""
        return [self.form.write(item, to) for item in value]

    def read(self, value: JSON, where: str, source: Reading) -> tuple[Any, ...]:
        """Take each, with its place in the path."""
        if not isinstance(value, list):
            raise wrong(where, "a list", value)
        return tuple(self.form.read(item, f"{where}[{place}]", source) for place, item in enumerate(value))

    def schema(self) -> dict[str, JSON]:
        """Describe an array."""
        return {"type": "array", "items": self.form.schema(), **({"minItems": self.least} if self.least else {})}


@dataclass(frozen=True)
class Day:
    """A day of the year, "MM-DD"."""

    def write(self, value: tuple[int, int], to: Writing) -> JSON:  # the signature of a form
        """Write month and day."""
        return f"{value[0]:02d}-{value[1]:02d}"

    def read(self, value: JSON, where: str, source: Reading) -> str:  # the signature of a form
        """Take a text; the constructor knows how long the months are."""
        if not isinstance(value, str) or len(value) != 5 or value[2] != "-":
            raise wrong(where, "a day such as '11-30'", value)
        return value

    def schema(self) -> dict[str, JSON]:
        """Describe the text."""
        return {"type": "string", "pattern": "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"}


@dataclass(frozen=True)
class Which:
    """A branch: its word, or its number."""

    def write(self, value: str | int, to: Writing) -> JSON:  # the signature of a form
        """Write it as it is."""
        return value

    def read(self, value: JSON, where: str, source: Reading) -> str | int:  # the signature of a form
        """Take a word or a whole number."""
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise wrong(where, "a branch such as 'then' or 0", value)
        return value

    def schema(self) -> dict[str, JSON]:
        """Describe either of the two."""
        return {"anyOf": [{"enum": list(terms.BRANCH_NAMES)}, {"type": "integer", "minimum": 0}]}


@dataclass(frozen=True)
class Parameters:
    """The parameters of an indicator, by name."""

    def write(self, value: tuple[tuple[str, Any], ...], to: Writing) -> JSON:
        """Write every one, defaults too: a default of a later version must not change a stored strategy."""
        return {name: Number().write(number, to) for name, number in value}

    def read(self, value: JSON, where: str, source: Reading) -> tuple[tuple[str, Any], ...]:
        """Take an object of numbers; the vocabulary checks the names."""
        if not isinstance(value, dict):
            raise wrong(where, "an object such as {'window': 10}", value)
        return tuple((str(name), Number().read(number, f"{where}.{name}", source)) for name, number in value.items())

    def schema(self) -> dict[str, JSON]:
        """Describe an object of numbers."""
        return {"type": "object", "additionalProperties": Number().schema()}
