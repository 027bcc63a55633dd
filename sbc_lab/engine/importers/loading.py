"""`load`: a document of another tool becomes a strategy with a report, or an error with the place.

Lives here: the call, what it returns, and which losses are accepted. Does not live here: reading texts (`json_text`,
`edn_text`), finding the format (`formats`), and the formats.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import SbcError, StrategyImportError
from ..strategy import Strategy, html, text
from .draft import Draft, Unsupported
from .formats import choose_format, parse
from .limits import Limits
from .report import LOSSES, Line, Report, Status
from .source import Source, take_source

__all__ = ["Import", "load"]

NAMED = 3


@dataclass(frozen=True, repr=False)
class Import:
    """A strategy that came from elsewhere, and what became of every block on the way."""

    strategy: Strategy
    report: Report
    settings: Mapping[str, Any]
    """Keywords of `backtest` with which results are comparable with those of the other tool. They are settings of a
    run and never part of the tree: `backtest(found.strategy, candles, **found.settings)`."""
    bots: Mapping[str, Strategy] = field(default_factory=dict)
    """Strategies that the document brings along because it calls them, by the name by which it does:
    `backtest(found.strategy, candles, bots=found.bots, **found.settings)`."""

    @property
    def format(self) -> str:
        """The format that was found."""
        return self.report.format

    def __repr__(self) -> str:
        """Show the tree, and what was lost."""
        return "\n".join((text(self.strategy), "", self.report.text(most=10), self._advice))

    @property
    def _advice(self) -> str:
        said = [
            *(("bots=.bots",) if self.bots else ()),
            *(f"{name}={value!r}" for name, value in self.settings.items()),
        ]
        keywords = ", ".join(said)
        return f".strategy, .report; comparable with its origin: backtest(.strategy, {keywords})" if keywords else ""

    def _repr_html_(self) -> str:
        from .report_html import html as report_html

        return html(self.strategy) + report_html(self.report)


def load(
    source: str | bytes | bytearray | os.PathLike[str],
    *,
    strict: bool = False,
    partial: bool = False,
    format: str | None = None,  # noqa: A002  # the word a person types
    limits: Limits | None = None,
) -> Import:
    """Read a strategy of another tool, or of this one.

    Parameters
    ----------
    source : str, bytes or path
        A path, or the document itself: a text that begins with one of `{ [ ( " ;` or holds a line break.
    strict : bool
        Refuse any loss: whatever would be repaired or left out and is more than looks.
    partial : bool
        Accept what cannot be said here: `cash()` titled "not imported" stands in its place, and the report names it.
        Without it, that is an error which lists all such blocks.
    format : str, optional
        Refuse every other format; by default it is detected.
    limits : Limits, optional
        How large the document may be.

    Returns
    -------
    Import
        `.strategy`; `.report`, block by block; `.format`; `.settings` for `backtest`.

    Raises
    ------
    StrategyImportError
        When it cannot be read, with path, line and column where they are known; its `.report` holds all there is to
        say when the document could be taken apart.
    UnknownNameError
        For a format that does not exist.

    Examples
    --------
    >>> found = load('(defsymphony "Hold" {:rebalance-frequency :daily} (weight-equal [(asset "SPY" nil)]))')
    >>> found.strategy
    Strategy 'Hold'  rebalance=daily
    └─ equal
       └─ SPY
    >>> found.format, found.settings, found.report.lossless
    ('defsymphony', {'profile': 'composer'}, True)
    """
    if strict and partial:
        raise StrategyImportError("load: strict refuses any loss and partial accepts all; give one of them")
    allowed = limits or Limits()
    origin = take_source(source, allowed)
    document = parse(origin, allowed)
    chosen = choose_format(document, format)
    draft = Draft(document.text, allowed)
    try:
        reading = chosen.read(document, draft)
    except StrategyImportError:
        raise
    except (SbcError, Unsupported) as error:
        raise StrategyImportError(f"{origin.label}: {error}", path="document") from error
    report = draft.report(chosen.name)
    _refuse(report, origin, frozenset() if partial else LOSSES if strict else frozenset({"unsupported"}))
    return Import(reading.strategy, report, dict(reading.settings), dict(reading.bots))


def _refuse(report: Report, origin: Source, statuses: frozenset[Status]) -> None:
    lines = report.lines(statuses)
    if not lines:
        return
    first = lines[0]
    shown = "; ".join(_brief(line) for line in lines[:NAMED])
    more = f"; and {len(lines) - NAMED:,} more, all in the report of this error" if len(lines) > NAMED else ""
    what = "would lose something" if statuses == LOSSES else "holds what cannot be said here"
    advice = "leave strict out" if statuses == LOSSES else "partial=True puts cash in its place"
    raise StrategyImportError(
        f"{origin.label} {what}: {shown}{more}. To read it all the same, {advice}",
        path=first.path or "document",
        line=first.line,
        column=first.column,
        report=report,
    )


def _brief(line: Line) -> str:
    said = str(line)
    return said if len(said) <= 300 else said[:299] + "…"
