"""Which formats there are, and which one a document has: exactly one of them must fit, or it is an error.

Lives here: what a format must offer, the list of all, and detection. Does not live here: any format; each has files of
its own, imported when a document is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from ...errors import StrategyImportError, unknown_name
from ..strategy import Strategy
from .draft import Draft
from .edn_text import Unclosed, read_edn
from .json_text import read_json
from .limits import Limits
from .source import OPENINGS, Source
from .values import Value, outline_of

__all__ = ["Document", "Format", "Reading", "choose_format", "format_named", "formats", "parse"]

Syntax = Literal["json", "edn"]
MOST_WRAPPERS = 4


@dataclass(frozen=True)
class Document:
    """A document whose text is read and whose meaning is not."""

    value: Value
    syntax: Syntax
    text: str
    """The text that places refer to."""
    source: Source
    limits: Limits
    unclosed: tuple[Unclosed, ...] = ()
    wrappers: int = 0
    """How many times the text was itself a text in quotes."""


@dataclass(frozen=True)
class Reading:
    """What a format makes of a document."""

    strategy: Strategy
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Keywords of `backtest` with which the other tool's results are comparable."""
    bots: Mapping[str, Strategy] = field(default_factory=dict)
    """Strategies that came along in the document because it calls them, by the name by which it does."""


@dataclass(frozen=True)
class Format:
    """One way in which other tools write strategies."""

    name: str
    needs: str
    """What a document of this format looks like, for the message that none was found."""
    fits: Callable[[Document], bool]
    """Whether a document looks like it. Cheap, and certain enough that two formats never fit one document."""
    read: Callable[[Document, Draft], Reading]
    """Build the strategy; every block of the document gets its place in the draft."""


_HOMES = ("composer.formats", "quantmage.formats", "native.formats", "own")
"""The modules of this package with a tuple FORMATS."""


def formats() -> dict[str, Format]:
    """Every format that can be read, by name."""
    found = (one for home in _HOMES for one in import_module(f".{home}", __package__).FORMATS)
    return {one.name: one for one in found}


def format_named(name: str) -> Format:
    """Look a format up; an unknown one is an error that lists the nearest."""
    known = formats()
    if name not in known:
        raise unknown_name("format", name, known, where="load")
    return known[name]


def parse(source: Source, limits: Limits) -> Document:
    """Read the text, as JSON or EDN, whichever its first characters say; a text in quotes is read once more."""
    text, label, wrappers = source.text, source.label, 0
    first = text.lstrip(" \t\r\n,\ufeff")[:1]
    if first not in OPENINGS:
        raise StrategyImportError(
            f"{label} begins with {first!r}; a strategy begins with one of {' '.join(OPENINGS)}", path="document"
        )
    while True:
        syntax: Syntax = "json" if _is_json(text) else "edn"
        unclosed: tuple[Unclosed, ...] = ()
        if syntax == "json":
            value = read_json(text, label=label, limits=limits)
        else:
            value, unclosed = read_edn(text, label=label, limits=limits)
        if not isinstance(value, str) or syntax == "edn":
            return Document(value, syntax, text, source, limits, unclosed, wrappers)
        if wrappers == MOST_WRAPPERS or not value.strip():
            raise StrategyImportError(f"{source.label} holds nothing but a text in quotes: {outline_of(value)}")
        text, label, wrappers = value, f"{source.label}, the text inside its quotes", wrappers + 1


def _is_json(text: str) -> bool:
    """Tell by the first two marks: EDN has round brackets, comments and keywords there, JSON quotes.

    The reader of either refuses what the other one writes, so a wrong guess ends with an error and never with another
    strategy.
    """
    start = text.lstrip(" \t\r\n,\ufeff")
    if start[:1] == '"':
        return True
    return start[:1] in {"{", "["} and start[1:].lstrip(" \t\r\n")[:1] in {'"', "{", "}", "[", "]"}


def choose_format(document: Document, name: str | None) -> Format:
    """Find the one format of a document.

    Raises
    ------
    UnknownNameError
        When a format is asked for that does not exist.
    StrategyImportError
        When none fits, when several do, or when the one that was asked for does not.
    """
    label = document.source.label
    if name is not None:
        chosen = format_named(name)
        if not chosen.fits(document):
            raise StrategyImportError(
                f"{label} is no {chosen.name}: that is {chosen.needs}, and this is {outline_of(document.value)}",
                path="document",
            )
        return chosen
    fitting = [one for one in formats().values() if one.fits(document)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = " and ".join(one.name for one in fitting)
        raise StrategyImportError(
            f"{label} can be read as {names}; say which it is, for example format={fitting[0].name!r}", path="document"
        )
    looked = "; ".join(f"{one.needs} ({one.name})" for one in formats().values())
    raise StrategyImportError(
        f"{label} is no strategy of a known format: it is {outline_of(document.value)}. Looked for {looked}",
        path="document",
    )
