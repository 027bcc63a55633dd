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
from .lint import comparisons_of, idle_cash, levels
from .program import Block, Op
from .strategy import Blend, Filter, Latch, sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .program import Block
    from .trading import Portfolio

MOST_SPANS = 12
WITHOUT = "what asks it was decided without it"


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

    def spans(
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
        of_the_tree = frozenset(comparisons_of(self.program, self.under_root))
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
                inside = "" if number in of_the_tree else " inside a NAV"
                says = f"`{_safe(text)}`{inside} could not be decided {{span}} ({{bars}}); {done}"
                left = mask & ~followed if done == WITHOUT else mask
                yield from self.spans("undecided", text, left, says, begin=0)
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
                yield from self.spans("undecided", text, mask, says, begin=0)

    def unranked(self) -> Iterator[RunWarning]:
        for node in sorted(self.begins):
            block = self.program.nodes[node]
            if not isinstance(block.term, Filter):
                continue
            for number in dict.fromkeys(block.values):
                text = value_sentence(self.rows, number)
                mask = np.isnan(self.rows.value(number)) & self._since(node)
                says = f"{_safe(text)} has no value {{span}}; its child was not ranked"
                yield from self.spans("unranked", text, mask, says, begin=0)

    def flat(self) -> Iterator[RunWarning]:
        for node in sorted(self.begins):
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
                yield from self.spans("flat", text, mask & self._since(node), says, begin=0)
            text = sentence(block.term, limit=80)
            says = f"`{_safe(text)}`: no child had a volatility above 0 {{span}}; they shared equally"
            none: NDArray[np.bool_] = np.logical_or.reduce(flat) & ~some
            yield from self.spans("flat", text, none & self._since(node), says, begin=0)

    def _wanted(self, block: Block) -> NDArray[np.bool_]:
        """Tell which children were to be weighted, (child, date): those that hold something, of a filter the picked."""
        alive = [self.rows.alive[child] for child in block.children[: len(block.volatilities)]]  # no fallback
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
