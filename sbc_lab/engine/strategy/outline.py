"""What an outline of a tree says: the label of every node, and the lines below it, in order.

Lives here: the words, for text and HTML alike, and texts of other people made safe to show. Does not live here: how
the lines are drawn (`paint`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .nodes import LADDERS, Asset, Blend, Call, Cash, Filter, Group, If, Latch, Node, Switch, Weight, Weighting
from .sentence import number, sentence

LONGEST_SENTENCE = 110
LONGEST_NAME = 60
_JOINERS = frozenset("\u200c\u200d")
"""Invisible, but letters of some scripts and many emoji are made with them."""


@dataclass(frozen=True)
class Entry:
    """One line below a node: a child, or a word with the child beneath it."""

    lead: str
    """Written before the child: "60% ", or nothing."""
    heading: str
    """A line of its own above the child, such as "else", or nothing."""
    child: Node | None
    """None for a line that has no child of its own."""


def safe(text: str, limit: int = LONGEST_NAME) -> str:
    r"""Show a text that somebody wrote on one line: cut, and with everything invisible spelled out.

    Line breaks, marks that change the direction of writing and other invisible characters become escapes such as
    `\n` and `\u202e`, so that a title cannot fake a line of the outline.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() or c in _JOINERS else c.encode("unicode_escape").decode() for c in cut)


def said(term: Any) -> str:
    """Say a condition or an expression, cut and safe."""
    return safe(sentence(term, limit=LONGEST_SENTENCE), LONGEST_SENTENCE)


def percent(share: float) -> str:
    """Show a share of the parent: 0.6 as 60%, a third as 33.33%."""
    if 0.0 < share < 0.00005:
        return "<0.01%"
    digits = f"{share:.2%}"[:-1]
    return f"{digits.rstrip('0').rstrip('.')}%"


def label(node: Node) -> str:
    """Say a node on one line, without its children."""
    words = _LABELS[type(node)](node)
    return f'{words}  "{safe(node.title)}"' if node.title else words


def entries(node: Node) -> Iterator[Entry]:
    """Yield the lines below a node, in the order in which they are written; nothing is built before it is asked for."""
    if isinstance(node, (Weight, Filter)):
        fixed = isinstance(node, Weight) and node.weighting.mode == "fixed"
        for place, member in enumerate(node.members):
            yield Entry(f"{percent(node.weighting.shares[place])} " if fixed else "", "", member)
        if node.weighting.fallback is not None:
            # It is no child of the node but a part of its weighting, so it is said and not opened.
            yield Entry("", f"what the caps leave: {said(node.weighting.fallback)}", None)
    elif isinstance(node, Group):
        yield Entry("", "", node.child)
    elif isinstance(node, If):
        yield Entry("", "", node.then)
        yield Entry("", "else", node.otherwise)
    elif isinstance(node, Switch):
        for heading, case in zip(_headings(node), node.cases, strict=True):
            yield Entry("", heading, case)
    elif isinstance(node, Blend):
        yield Entry("", f"at {_number(node.begin)}", node.first)
        yield Entry("", f"at {_number(node.end)}", node.second)
    elif isinstance(node, Latch):
        yield Entry("", "on", node.on)
        yield Entry("", "off", node.off)


def _headings(node: Switch) -> Iterator[str]:
    if node.rule == "first":
        for position, condition in enumerate(node.conditions):
            yield f"{'else if' if position else 'if'} {said(condition)}"
        yield "else"
    elif node.rule in LADDERS:
        for count in range(len(node.cases)):
            yield f"{count} of {len(node.conditions)} hold"
    else:
        yield "then"
        yield "else"


def _switch(node: Switch) -> str:
    if node.rule == "first":
        return "switch to the first that holds"
    rule = {"ladder": "on how many hold", "at_least": "at least", "at_most": "at most"}.get(node.rule, node.rule)
    count = "" if node.count is None else f" {node.count}"
    # The first few say enough for an outline; the whole list is in the code and in the stored document.
    members = "; ".join(sentence(condition, limit=60) for condition in node.conditions[:4])
    more = "; …" if len(node.conditions) > 4 else ""
    return safe(f"switch {rule}{count} of: {members}{more}", 2 * LONGEST_SENTENCE)


def _number(value: Any) -> str:
    word = number(value)
    return word if isinstance(word, str) else word.name


def _weighting(weighting: Weighting) -> str:
    mode = "weighted" if weighting.mode == "fixed" else weighting.mode
    window = "" if weighting.window is None else f" {_number(weighting.window)}d"
    floor = f", at least {percent(weighting.floor)} each" if weighting.floor > 0.0 else ""
    cap = f", at most {percent(weighting.cap)} each" if weighting.cap < 1.0 else ""
    return f"{mode}{window}{floor}{cap}"


def _filter(node: Filter) -> str:
    ranking = f"{node.side} {_number(node.count)} by {said(node.by)}"
    if node.weighting is Weighting("equal"):
        return ranking
    ranks = " ".join(percent(share) for share in node.weighting.shares[:6]) + " …" * (len(node.weighting.shares) > 6)
    return f"{ranking}, {_weighting(node.weighting)}{f' {ranks}' if node.weighting.shares else ''}"


def _latch(node: Latch) -> str:
    return f"latch: on when {said(node.enter)}, off when {said(node.exit)}"


_LABELS: dict[type[Node], Callable[..., str]] = {
    Asset: lambda node: node.ticker,
    Cash: lambda _: "cash",
    Weight: lambda node: _weighting(node.weighting),
    Group: lambda node: f"group '{safe(node.name)}'",
    If: lambda node: f"if {said(node.condition)}",
    Switch: _switch,
    Filter: _filter,
    Blend: lambda node: f"blend by {said(node.by)}",
    Latch: _latch,
    Call: lambda node: f"call '{safe(node.bot)}'" + ("" if node.version == "latest" else f" at {node.version[:12]}"),
}
