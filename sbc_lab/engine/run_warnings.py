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
from .program import Block, Kind, Op
from .strategy import Blend, Expression, Filter, Indicator, Latch, Ticker, Weight, load_word, sentence, walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .trading import Portfolio

MOST_SPANS = 12
WITHOUT = "what asks it was decided without it"


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
        self.begins = self._begins()

    def _begins(self) -> dict[int, int]:
        """Find from which bar on each node matters: the start of the run, or that of the first NAV it is part of."""
        begins = {self.evaluation.program.root: self.first}
        for step in self.program.steps:
            if step.op is Op.NAV:
                (node,) = step.args
                assert isinstance(node, int)
                begin = max(self.rows.ready[node][0], self.rows.listed(node))
                begins[node] = min(begin, begins.get(node, begin))
        for node in range(len(self.program.nodes) - 1, -1, -1):  # a parent always has the higher number
            for child in self.program.nodes[node].children if node in begins else ():
                begins[child] = min(begins[node], begins.get(child, begins[node]))
        return begins

    def _since(self, node: int) -> NDArray[np.bool_]:
        """Mark the dates on which a node matters, (date)."""
        since: NDArray[np.bool_] = np.arange(len(self.panel.dates)) >= self.begins[node]
        return since

    def _spans(
        self, kind: str, subject: str, mask: NDArray[np.bool_], says: str, *, begin: int | None = None
    ) -> Iterator[RunWarning]:
        """Make one warning for every unbroken run of dates; `says` has the places {span} and {bars}."""
        begin = self.first if begin is None else begin
        inside = np.flatnonzero(mask[begin : self.last + 1]) + begin
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

    def _comparisons(self, truth: int) -> list[int]:
        """The comparisons that a condition is made of."""
        stack, seen = [truth], {truth}
        while stack:
            number = stack.pop()
            parts = () if self.program.truths[number].values else self.program.truths[number].parts
            stack.extend(part for part in parts if part not in seen)
            seen.update(parts)
        return sorted(number for number in seen if self.program.truths[number].values)

    def undecided(self) -> Iterator[RunWarning]:
        """What could not be decided, and what the nodes that ask it did: each date of each comparison once."""
        masks: dict[int, dict[str, NDArray[np.bool_]]] = {}
        for node in sorted(self.begins):
            block = self.program.nodes[node]
            for truth in block.truths:
                decides = self.rows.truth(truth) == 2
                unsure = decides & self.rows.unsure(node) if decides.any() else decides
                for number in self._comparisons(truth):
                    unknown = (self.rows.truth(number) == 2) & self._since(node)
                    if unknown.any():
                        found = masks.setdefault(number, {})
                        for done, mask in ((self._done(block), unknown & unsure), (WITHOUT, unknown & ~unsure)):
                            found[done] = found.get(done, np.zeros_like(mask)) | mask
        for number in sorted(masks):
            text = sentence(self.program.truths[number].term, limit=120)
            followed = np.logical_or.reduce([mask for done, mask in masks[number].items() if done != WITHOUT])
            for done, mask in sorted(masks[number].items(), key=lambda pair: pair[0] == WITHOUT):
                says = f"`{_safe(text)}` could not be decided {{span}} ({{bars}}); {done}"
                left = mask & ~followed if done == WITHOUT else mask
                yield from self._spans("undecided", text, left, says, begin=0)
        yield from self._unmixed()

    def _done(self, block: Block) -> str:
        """Say what a node does on a date that it cannot decide."""
        missing = self.evaluation.settings.on_missing
        if isinstance(block.term, Latch) and missing != "cash":
            return "the latch stayed as it was"
        return f"on_missing={missing!r} was followed"

    def _unmixed(self) -> Iterator[RunWarning]:
        held = "what it held last stayed" if self.evaluation.settings.on_missing == "hold" else "nothing was held"
        for node in sorted(self.begins):
            block = self.program.nodes[node]
            if isinstance(block.term, Blend):
                text = value_sentence(self.rows, block.values[0])
                says = f"the blend by {_safe(text)} has no value {{span}} ({{bars}}); {held}"
                mask = self.rows.unsure(node) & self._since(node)
                yield from self._spans("undecided", text, mask, says, begin=0)

    def unranked(self) -> Iterator[RunWarning]:
        for node in sorted(self.begins):
            block = self.program.nodes[node]
            if not isinstance(block.term, Filter):
                continue
            for number in dict.fromkeys(block.values):
                text = value_sentence(self.rows, number)
                mask = np.isnan(self.rows.value(number)) & self._since(node)
                says = f"{_safe(text)} has no value {{span}}; its child was not ranked"
                yield from self._spans("unranked", text, mask, says, begin=0)

    def flat(self) -> Iterator[RunWarning]:
        for node in sorted(self.begins):
            block = self.program.nodes[node]
            for number in dict.fromkeys(block.volatilities):
                sigma = self.rows.value(number)
                text = value_sentence(self.rows, number)
                says = f"{_safe(text)} is 0 or unknown {{span}}; that child was left out of the weighting by volatility"
                mask = ~(sigma >= FLAT_PERCENT) & self._since(node)
                yield from self._spans("flat", text, mask, says, begin=0)

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
            members = block.children[: len(block.term.members)]  # a fallback of cash() is what it says
            if any(self.program.nodes[child].kind is Kind.CASH for child in members):
                text = sentence(block.term, limit=80)
                message = (
                    f"`{text}`: cash() among siblings holds nothing, so its share goes to the others; "
                    "hold a treasury-bill ticker to keep part of the money aside"
                )
                yield RunWarning("cash", text, first, last, message)

    def levels(self) -> Iterator[RunWarning]:
        first, last = day(self.panel, self.first), day(self.panel, self.last)
        asked = {truth for node in self.begins for truth in self.program.nodes[node].truths}
        for number in sorted({part for truth in asked for part in self._comparisons(truth)}):
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
    return isinstance(term, Expression) and any(
        isinstance(part, Indicator) and load_word(part.name).price_level and isinstance(part.series, Ticker)
        for part in walk(term)
    )


def _safe(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
