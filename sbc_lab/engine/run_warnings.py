"""What a researcher should know about a run before trusting it: every span that was carried, missing or undecided.

A warning never changes a number. Each names its subject, its dates and what was done instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .evaluate import Evaluation, day, value_sentence
from .indicators import SEED_TOLERANCE, load_indicator
from .kernels.selection import FLAT_PERCENT
from .program import Kind, Op
from .strategy import Expression, Filter, Ticker, Weight, sentence
from .strategy.scale import price_powers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .trading import Portfolio

MOST_SPANS = 12


@dataclass(frozen=True)
class RunWarning:
    """One thing to know about a run.

    Attributes
    ----------
    kind : str
        "carried", "unavailable", "undecided", "unranked", "flat", "seed", "cash", "level" or "ruin".
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
        *finder.idle_cash(),
        *finder.levels(),
    )


class _Finder:
    def __init__(self, evaluation: Evaluation, portfolio: Portfolio) -> None:
        self.evaluation, self.portfolio = evaluation, portfolio
        self.program, self.panel, self.rows = evaluation.program, evaluation.panel, evaluation.rows
        self.first = evaluation.start
        self.last = evaluation.start + len(portfolio.equity) - 1
        self.under_root = evaluation.program.layout.nodes.tolist()

    def _spans(self, kind: str, subject: str, mask: NDArray[np.bool_], says: str) -> Iterator[RunWarning]:
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
                yield from self._spans("unavailable", ticker, gone, f"{ticker} has no bar at all {{span}}; {instead}")
                continue
            for mask, says in (
                (bars < traded[0], "is not listed yet"),
                ((bars > traded[0]) & (bars < traded[-1]), "has no bars"),
                (bars > traded[-1], "has no bars any more"),
            ):
                yield from self._spans("unavailable", ticker, gone & mask, f"{ticker} {says} {{span}}; {instead}")

    def carried(self) -> Iterator[RunWarning]:
        for row, ticker in enumerate(self.panel.tickers):
            mask = ~self.panel.traded[row] & (self.panel.available[row] == 1)
            says = f"{ticker} has no bar {{span}}; its last close was carried for {{bars}}"
            yield from self._spans("carried", ticker, mask, says)

    def _truths(self) -> list[int]:
        """The comparisons that decide something under the root."""
        stack = [truth for node in self.under_root for truth in self.program.nodes[node].truths]
        seen: set[int] = set()
        while stack:
            number = stack.pop()
            if number in seen:
                continue
            seen.add(number)
            truth = self.program.truths[number]
            if not truth.values:
                stack.extend(truth.parts)
        return sorted(number for number in seen if self.program.truths[number].values)

    def undecided(self) -> Iterator[RunWarning]:
        done = self.evaluation.settings.on_missing
        for number in self._truths():
            text = sentence(self.program.truths[number].term, limit=120)
            mask = self.rows.truth(number) == 2
            says = f"`{_safe(text)}` could not be decided {{span}} ({{bars}}); on_missing={done!r} was followed"
            yield from self._spans("undecided", text, mask, says)

    def unranked(self) -> Iterator[RunWarning]:
        for node in self.under_root:
            block = self.program.nodes[node]
            if not isinstance(block.term, Filter):
                continue
            for number in dict.fromkeys(block.values):
                text = value_sentence(self.rows, number)
                mask = np.isnan(self.rows.value(number))
                yield from self._spans(
                    "unranked", text, mask, f"{_safe(text)} has no value {{span}}; its child was not ranked"
                )

    def flat(self) -> Iterator[RunWarning]:
        for node in self.under_root:
            block = self.program.nodes[node]
            for number in dict.fromkeys(block.volatilities):
                sigma = self.rows.value(number)
                text = value_sentence(self.rows, number)
                says = f"{_safe(text)} is 0 or unknown {{span}}; that child was left out of the weighting by volatility"
                yield from self._spans("flat", text, ~(sigma >= FLAT_PERCENT), says)

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

    def idle_cash(self) -> Iterator[RunWarning]:
        first, last = day(self.panel, self.first), day(self.panel, self.last)
        for node in self.under_root:
            block = self.program.nodes[node]
            if not isinstance(block.term, (Weight, Filter)):
                continue
            if any(self.program.nodes[child].kind is Kind.CASH for child in block.children):
                text = sentence(block.term, limit=80)
                message = (
                    f"`{text}`: cash() among siblings holds nothing, so its share goes to the others; "
                    "hold a treasury-bill ticker to keep part of the money aside"
                )
                yield RunWarning("cash", text, first, last, message)

    def levels(self) -> Iterator[RunWarning]:
        first, last = day(self.panel, self.first), day(self.panel, self.last)
        for number in self._truths():
            truth = self.program.truths[number]
            constants = [self.program.values[value].constant is not None for value in truth.values]
            dollars = [_in_dollars(self.program.values[value].term) for value in truth.values]
            if any(constants) and any(dollars):
                text = sentence(truth.term, limit=120)
                message = (
                    f"`{text}` compares dollars with a fixed number: adjusted prices of the past change with "
                    "every dividend and split, so the same rule can decide otherwise on another day's data"
                )
                yield RunWarning("level", text, first, last, message)


def _in_dollars(term: object) -> bool:
    if isinstance(term, Ticker):
        return True
    return isinstance(term, Expression) and price_powers(term) != {}


def _safe(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
