"""What a researcher should know about a run before trusting it: every span that was carried, missing or undecided.

A warning never changes a number. Each names its subject, its dates and what was done instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ._money_warnings import money_warnings
from .evaluate import Evaluation, day, value_sentence
from .indicators import SEED_TOLERANCE, load_indicator
from .kernels.selection import FLAT_PERCENT, pick
from .lint import comparisons_of, deciding, idle_cash, levels
from .program import Op
from .strategy import Filter, sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .program import Block
    from .trading import Portfolio

MOST_SPANS = 12


@dataclass(frozen=True)
class RunWarning:
    """One thing to know about a run.

    Attributes
    ----------
    kind : str
        "carried", "unavailable", "undecided", "unranked", "flat", "seed", "cash", "level", "ruin", "unfilled", "open",
        "shares", "fees" or "interest".
    subject : str
        The ticker or the sentence that it is about.
    first, last : str
        The dates it concerns, YYYY-MM-DD.
    message : str
        What happened and what was done.
    """

    kind: str
    subject: str
    first: str
    last: str
    message: str

    def __str__(self) -> str:
        """Show the message."""
        return self.message


def find_warnings(evaluation: Evaluation, portfolio: Portfolio) -> tuple[RunWarning, ...]:
    """List everything to know about a run, by kind and then by date."""
    finder = _Finder(evaluation, portfolio)
    return (
        *finder.ruined(),
        *finder.unavailable(),
        *finder.carried(),
        *finder.undecided(),
        *finder.unranked(),
        *finder.flat(),
        *finder.seeds(),
        *finder.found(),
        *money_warnings(evaluation, portfolio, finder.spans),
    )


class _Finder:
    def __init__(self, evaluation: Evaluation, portfolio: Portfolio) -> None:
        self.evaluation, self.portfolio = evaluation, portfolio
        self.program, self.panel, self.rows = evaluation.program, evaluation.panel, evaluation.rows
        self.first = evaluation.start
        self.last = evaluation.start + len(portfolio.equity) - 1
        self.under_root = evaluation.program.layout.nodes.tolist()
        self.deciding = deciding(self.program)

    def spans(self, kind: str, subject: str, mask: NDArray[np.bool_], says: str) -> Iterator[RunWarning]:
        """Make one warning for every unbroken run of dates; `says` has the places {span} and {bars}."""
        inside = np.flatnonzero(mask[self.first : self.last + 1]) + self.first
        if not len(inside):
            return
        cuts = np.flatnonzero(np.diff(inside) > 1) + 1
        spans = np.split(inside, cuts)
        for span in spans[:MOST_SPANS]:
            first, last = day(self.panel, int(span[0])), day(self.panel, int(span[-1]))
            when = f"on {first}" if first == last else f"from {first} to {last}"
            bars = f"{len(span)} bar{'s' if len(span) > 1 else ''}"
            yield RunWarning(kind, subject, first, last, says.format(span=when, bars=bars))
        if len(spans) > MOST_SPANS:
            rest = spans[MOST_SPANS:]
            first, last = day(self.panel, int(rest[0][0])), day(self.panel, int(rest[-1][-1]))
            bars = f"{sum(map(len, rest))} bars"
            said = says.format(span=f"in {len(rest)} more spans between {first} and {last}", bars=bars)
            yield RunWarning(kind, subject, first, last, said)

    def ruined(self) -> Iterator[RunWarning]:
        if self.portfolio.equity[-1] <= 0.0:
            when = day(self.panel, self.last)
            yield RunWarning("ruin", "equity", when, when, f"the equity reached 0 on {when}; the run stops there")

    def unavailable(self) -> Iterator[RunWarning]:
        instead = "where the tree asks for it, its share goes to its siblings, or to cash"
        for row in range(self.program.assets):
            ticker = self.panel.tickers[row]
            traded = np.flatnonzero(self.panel.traded[row])
            gone = self.panel.available[row] == 0
            bars = np.arange(len(gone))
            if not len(traded):
                yield from self.spans("unavailable", ticker, gone, f"{ticker} has no bar at all {{span}}; {instead}")
                continue
            for mask, says in (
                (bars < traded[0], "is not listed yet"),
                ((bars > traded[0]) & (bars < traded[-1]), "has no bars"),
                (bars > traded[-1], "has no bars any more"),
            ):
                yield from self.spans("unavailable", ticker, gone & mask, f"{ticker} {says} {{span}}; {instead}")

    def carried(self) -> Iterator[RunWarning]:
        for row, ticker in enumerate(self.panel.tickers):
            mask = ~self.panel.traded[row] & (self.panel.available[row] == 1)
            says = f"{ticker} has no bar {{span}}; its last close was carried for {{bars}}"
            yield from self.spans("carried", ticker, mask, says)

    def undecided(self) -> Iterator[RunWarning]:
        done = self.evaluation.settings.on_missing
        of_the_tree = frozenset(comparisons_of(self.program, self.under_root))
        for number in comparisons_of(self.program, self.deciding):
            text = sentence(self.program.truths[number].term, limit=120)
            mask = self.rows.truth(number) == 2
            inside = "" if number in of_the_tree else " inside a NAV"
            says = f"`{_safe(text)}`{inside} could not be decided {{span}} ({{bars}}); on_missing={done!r} was followed"
            yield from self.spans("undecided", text, mask, says)

    def unranked(self) -> Iterator[RunWarning]:
        for node in self.deciding:
            block = self.program.nodes[node]
            if not isinstance(block.term, Filter):
                continue
            for number in dict.fromkeys(block.values):
                text = value_sentence(self.rows, number)
                mask = np.isnan(self.rows.value(number))
                yield from self.spans(
                    "unranked", text, mask, f"{_safe(text)} has no value {{span}}; its child was not ranked"
                )

    def flat(self) -> Iterator[RunWarning]:
        for node in self.deciding:
            block = self.program.nodes[node]
            if not block.volatilities:
                continue
            wanted = self._wanted(block)
            flat = ~(self.rows.values(block.volatilities) >= FLAT_PERCENT) & wanted
            some: NDArray[np.bool_] = np.logical_or.reduce(wanted & ~flat)
            for number in dict.fromkeys(block.volatilities):
                text = value_sentence(self.rows, number)
                mine = np.array(block.volatilities) == number
                mask: NDArray[np.bool_] = np.logical_or.reduce(flat[mine]) & some
                says = f"{_safe(text)} is 0 or unknown {{span}}; that child was left out of the weighting by volatility"
                yield from self.spans("flat", text, mask, says)
            text = sentence(block.term, limit=80)
            says = f"`{_safe(text)}`: no child had a volatility above 0 {{span}}; they shared equally"
            none: NDArray[np.bool_] = np.logical_or.reduce(flat) & ~some
            yield from self.spans("flat", text, none, says)

    def _wanted(self, block: Block) -> NDArray[np.bool_]:
        """Tell which children were to be weighted, (child, date): those that hold something, of a filter the picked."""
        alive = [self.rows.alive[child] for child in block.children]
        bars = len(self.panel.dates)
        wanted = np.array([np.ones(bars, dtype=np.bool_) if row is None else row == 1 for row in alive])
        if isinstance(block.term, Filter):
            ranks = np.full(wanted.shape, -1, dtype=np.int32)
            scores = np.ascontiguousarray(self.rows.values(block.values))
            count, top = int(block.term.count), int(block.term.side == "top")  # type: ignore[arg-type]  # axes are refused before
            pick(scores, count, top, self.first, self.last, ranks)
            wanted &= ranks >= 0
        return wanted

    def seeds(self) -> Iterator[RunWarning]:
        when = day(self.panel, self.first)
        for step in self.program.steps:
            if step.op is not Op.INDICATOR:
                continue
            name, parameters, _ = step.args
            assert isinstance(parameters, tuple)
            needed = load_indicator(str(name)).settled(parameters, SEED_TOLERANCE)
            short = needed - (self.first - self.rows.first(step.out))
            if needed and short > 0:
                text = value_sentence(self.rows, step.out)
                message = (
                    f"{text} still depends on how it was seeded on {when}: "
                    f"{short} more bars before the start would bring that below {SEED_TOLERANCE:g} of its scale"
                )
                yield RunWarning("seed", text, when, when, message)

    def found(self) -> Iterator[RunWarning]:
        """Say over the whole run what the tree alone shows."""
        first, last = day(self.panel, self.first), day(self.panel, self.last)
        for finding in (*idle_cash(self.program), *levels(self.program)):
            yield RunWarning(finding.kind, finding.subject, first, last, finding.message)


def _safe(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
