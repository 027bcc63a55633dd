"""A tree drawn for a reader without any kernel: as text with lines, and as HTML that folds without a script.

Lives here: the drawing, bounded, so that no tree is too large to be shown. Does not live here: the words of the lines
(`outline`), and the live tree of the builder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import islice

from ._intern import Term
from .nodes import Node
from .outline import Entry, entries, label, safe
from .sentence import sentence
from .strategy import Strategy
from .walk import count_nodes

LINES = 40
ROWS = 400
WIDEST_INDENT = 120
DEEPEST_LIST = 24

_STYLE = (
    "font-family: var(--jp-code-font-family, monospace); font-size: var(--jp-code-font-size, 13px); "
    "line-height: 1.5; color: var(--jp-content-font-color1, currentColor)"
)
_LIST = (
    "list-style: none; margin: 0; padding-left: 1.2em; "
    "border-left: 1px solid var(--jp-border-color2, rgba(127, 127, 127, 0.4))"
)
_FAINT = "opacity: 0.65"


@dataclass(frozen=True)
class _Line:
    """One line of the drawing; `node` is None for a word such as "else"."""

    level: int
    prefix: str
    words: str
    node: Node | None


class _Open:
    """A node whose lines below are being drawn."""

    def __init__(self, node: Node, level: int, prefix: str) -> None:
        self._below = entries(node)
        self.level, self.prefix = level, prefix
        self.held = next(self._below, None)

    def take(self) -> tuple[Entry, bool]:
        """Give the next line and whether it is the last."""
        assert self.held is not None
        entry, self.held = self.held, next(self._below, None)
        return entry, self.held is None


def text(what: Term, *, lines: int = LINES) -> str:
    """Draw a tree with lines.

    Parameters
    ----------
    what : Strategy or Node
        Any other term is said as its sentence.
    lines : int
        Draw at most so many; when the tree has more, the last line says how many nodes are left.

    Returns
    -------
    str
        Without a line break at the end. Titles and names are cut, and everything invisible in them is spelled out.
    """
    root = what.root if isinstance(what, Strategy) else what
    if not isinstance(root, Node):
        return safe(sentence(what), 400)
    head = [_head(what)] if isinstance(what, Strategy) else []
    room = max(lines, 2) - len(head)
    drawn = list(islice(_lines(root, hang=bool(head)), room + 1))
    rest = _left(root, drawn[: room - 1]) if len(drawn) > room else ""
    shown = drawn[: room - 1] if rest else drawn
    return "\n".join([*head, *(line.prefix + line.words for line in shown), *([rest] if rest else [])])


def html(what: Term, *, rows: int = ROWS) -> str:
    """Draw a tree as HTML that folds without any script, in the colours of the page it stands on.

    Parameters
    ----------
    what : Strategy or Node
        Any other term is said as its sentence.
    rows : int
        Draw at most so many; when the tree has more, the last row says how many nodes are left.
    """
    root = what.root if isinstance(what, Strategy) else what
    if not isinstance(root, Node):
        return f'<div style="{_STYLE}">{escape(safe(sentence(what), 400))}</div>'
    drawn = list(islice(_lines(root, hang=True), max(rows, 1) + 1))
    shown = drawn[: max(rows, 1)]
    out = [f'<div class="sbc-lab-strategy" style="{_STYLE}">']
    if isinstance(what, Strategy):
        out.append(f"<div><strong><bdi>{escape(safe(what.name))}</bdi></strong>")
        out.append(f' <span style="{_FAINT}">rebalance={escape(str(what.rebalance))}</span></div>')
    out.append(f'<ul style="{_LIST}">')
    out += _items(shown)
    out.append("</ul>")
    if len(drawn) > len(shown):
        out.append(f'<div style="{_FAINT}">{escape(_left(root, shown))}</div>')
    return "".join([*out, "</div>"])


def _items(lines: list[_Line]) -> Iterator[str]:
    """Turn lines into nested list items; beyond some depth they stay side by side and say their level."""
    levels = [min(line.level, DEEPEST_LIST) for line in lines]
    for line, level, following in zip(lines, levels, [*levels[1:], 0], strict=True):
        deep = f'<span style="{_FAINT}">level {line.level}: </span>' if line.level > DEEPEST_LIST else ""
        words = f"<bdi>{escape(line.words)}</bdi>"
        said = deep + (words if line.node else f'<span style="{_FAINT}">{words}</span>')
        if following > level:
            fold = "" if line.node and line.node.folded else " open"
            yield f'<li><details{fold}><summary>{said}</summary><ul style="{_LIST}">'
        else:
            yield f"<li>{said}</li>" + "</ul></details></li>" * (level - following)


def _lines(root: Node, *, hang: bool) -> Iterator[_Line]:
    """Yield the lines of a tree one by one; `hang` draws the root as a branch of a line above it."""
    yield _Line(0, "└─ " if hang else "", label(root), root)
    stack = [_Open(root, 1, "   " if hang else "")]
    while stack:
        above = stack[-1]
        if above.held is None:
            stack.pop()
            continue
        entry, last = above.take()
        level, prefix = above.level, above.prefix
        mark, run = ("└─ ", "   ") if last else ("├─ ", "│  ")
        if entry.heading:
            yield _Line(level, prefix + mark, entry.heading, None)
            if entry.child is None:
                continue
            level, prefix, mark, run = level + 1, _deeper(prefix, run), "└─ ", "   "
        assert entry.child is not None
        far = f"(level {level}) " if len(prefix) >= WIDEST_INDENT else ""
        yield _Line(level, prefix + mark + far, entry.lead + label(entry.child), entry.child)
        stack.append(_Open(entry.child, level + 1, _deeper(prefix, run)))


def _deeper(prefix: str, run: str) -> str:
    return prefix + run if len(prefix) < WIDEST_INDENT else prefix


def _head(strategy: Strategy) -> str:
    return f"Strategy '{safe(strategy.name)}'  rebalance={strategy.rebalance}"


def _left(root: Node, shown: list[_Line]) -> str:
    left = count_nodes(root) - sum(line.node is not None for line in shown)
    return f"… and {left:,} more {'node' if left == 1 else 'nodes'}"
