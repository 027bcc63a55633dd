"""What is questionable in a strategy before any price is known: levels in dollars, branches that can never be taken.

Lives here: findings of the tree alone. Does not live here: what only prices can show (`run_warnings`), and how an
expression answers to a change of all prices (`strategy.scale`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import StrategyError
from ._constants import Constants
from ._taken import branch_of, opening_of
from ._written import CHOICES, always
from .compile import compile_strategy
from .program import Kind
from .strategy import Blend, Filter, Strategy, Weight, sentence, walk
from .strategy.outline import safe
from .strategy.scale import Scale, scale_of

if TYPE_CHECKING:
    from .program import Program

_CHANGES = (
    "adjusted prices of the past change with every dividend and split, so the same rule can decide otherwise on "
    "another day's data"
)


@dataclass(frozen=True)
class Finding:
    """One questionable thing in a strategy.

    Attributes
    ----------
    kind : str
        "level", "cash" or "constant".
    subject : str
        The sentence that it is about.
    message : str
        What it is and what follows from it.
    """

    kind: str
    subject: str
    message: str

    def __str__(self) -> str:
        """Show the message."""
        return self.message


def lint(strategy: Strategy) -> tuple[Finding, ...]:
    """Say what is questionable in a strategy, without any prices.

    Parameters
    ----------
    strategy : Strategy

    Returns
    -------
    tuple of Finding
        "level": a decision that changes when all prices are multiplied by one number, as dividends and splits do with
        the past; "cash": cash among siblings, which keeps nothing aside; "constant": a choice that is the same on every
        date. None of them stops a run.

    Examples
    --------
    >>> from sbc_lab.engine.strategy import price, when
    >>> [found.kind for found in lint(Strategy("Level", when(price("SPY") > 400).then("SPY").otherwise("TLT")))]
    ['level']
    """
    if not isinstance(strategy, Strategy):
        raise StrategyError(f"lint takes a Strategy, got {strategy!r}; give the tree a name: Strategy('name', tree)")
    program = compile_strategy(strategy)
    return (*levels(program), *idle_cash(program), *constants(strategy, program))


def deciding(program: Program) -> list[int]:
    """List the nodes whose decisions count: those of the tree, and those inside a NAV that something reads."""
    return sorted({*program.layout.nodes.tolist(), *program.in_nav})


def comparisons_of(program: Program, nodes: Iterable[int]) -> list[int]:
    """List the comparisons that decide something in some nodes."""
    stack = [truth for node in nodes for truth in program.nodes[node].truths]
    seen: set[int] = set()
    while stack:
        number = stack.pop()
        if number not in seen:
            seen.add(number)
            truth = program.truths[number]
            stack.extend(() if truth.values else truth.parts)
    return sorted(number for number in seen if program.truths[number].values)


def levels(program: Program) -> Iterator[Finding]:
    """Find every decision that changes when all prices are multiplied by one number."""
    for number in comparisons_of(program, deciding(program)):
        truth = program.truths[number]
        left, right = (scale_of(program.values[value].term) for value in truth.values)
        if truth.constant is None and not left.like(right):
            text = sentence(truth.term, limit=120)
            yield Finding("level", text, f"`{text}` {_compared(left, right)}: {_CHANGES}")
    for node in deciding(program):
        block = program.nodes[node]
        scales = [scale_of(program.values[value].term) for value in block.values]
        if isinstance(block.term, Blend) and scales[0].power != 0:
            text = sentence(block.term.by, limit=120)
            yield Finding("level", text, f"a blend compares `{text}` in dollars with fixed numbers: {_CHANGES}")
        elif isinstance(block.term, Filter) and not _ranked(scales):
            text = sentence(block.term.by, limit=120)
            says = "prices, or what is of no one unit, with other numbers"
            yield Finding("level", text, f"a filter by `{text}` ranks {says}: {_CHANGES}")


def _compared(left: Scale, right: Scale) -> str:
    if (left.level is None) != (right.level is None) and (left.power, right.power) in ((1, 0), (0, 1)):
        return "compares dollars with a fixed number"
    return "compares numbers that do not change alike with the prices"


def _ranked(scales: list[Scale]) -> bool:
    """Whether scores keep their order at every scale; a price below the line is soon too small to be told apart."""
    return all(scales[0].like(score) and (score.power or 0) >= 0 for score in scales)


def idle_cash(program: Program) -> Iterator[Finding]:
    """Find cash among siblings."""
    for node in program.layout.nodes.tolist():
        block = program.nodes[node]
        if not isinstance(block.term, (Weight, Filter)):
            continue
        members = block.children[: len(block.term.members)]  # a fallback of cash() is what it says
        if any(program.nodes[child].kind is Kind.CASH for child in members):
            text = sentence(block.term, limit=80)
            message = (
                f"`{text}`: cash() among siblings holds nothing, so its share goes to the others; "
                "hold a treasury-bill ticker to keep part of the money aside"
            )
            yield Finding("cash", text, message)


def constants(strategy: Strategy, program: Program) -> Iterator[Finding]:
    """Find choices that conditions of constants alone decide, the same on every date."""
    known = Constants()
    for term in walk(strategy.root):
        if not isinstance(term, CHOICES) or term not in program.number_of:
            continue
        one = always(known, term)
        if one is not None:
            text = safe(sentence(term, limit=120), 120)
            taken = branch_of(term, one).removesuffix(":")
            message = f"`{opening_of(term)}` is the same on every date: only its branch {taken!r} can ever be taken"
            yield Finding("constant", text, message)
