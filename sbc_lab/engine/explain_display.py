"""How an explanation is drawn: lines of text, and an outline in HTML that folds without a script.

The colours are those of the page it stands on. Does not live here: what the lines say (`explain`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DEEPEST = 24
_STYLE = (
    "font-family: var(--jp-code-font-family, monospace); font-size: var(--jp-code-font-size, 13px); "
    "line-height: 1.5; color: var(--jp-content-font-color1, currentColor)"
)
_LIST = (
    "list-style: none; margin: 0; padding-left: 1.2em; "
    "border-left: 2px solid var(--jp-brand-color1, rgba(127, 127, 127, 0.6))"
)
_SIDE = "color: var(--jp-content-font-color2, currentColor); white-space: pre-wrap"
_OUTCOMES = {
    "true": "var(--jp-success-color1, currentColor)",
    "false": "var(--jp-error-color1, currentColor)",
    "unknown": "var(--jp-warn-color1, currentColor)",
}
_OUTCOME = re.compile(r": (true|false|unknown)(?= \(|$|  ← decides$)")


@dataclass(frozen=True)
class Line:
    """One line of an explanation."""

    level: int
    """How deep it stands; 0 for the heading and the target."""
    role: str
    """"heading", "block" (a step of the path), "side" (what a block looked at), "gap" or "target"."""
    words: str

    def __str__(self) -> str:
        """Write it with its indentation."""
        return "  " * min(self.level, DEEPEST) + self.words


def page(lines: Sequence[Line]) -> str:
    """Draw the lines as a nested outline: the path in bold, below each block what it looked at and where it led."""
    heading = "".join(f"<div><b>{_said(line)}</b></div>" for line in lines if line.role == "heading")
    ending = "".join(f"<div><b>{_said(line)}</b></div>" for line in lines if line.role == "target")
    items = "".join(_items([line for line in lines if line.role not in ("heading", "target")]))
    return f'<div class="sbc-lab-explanation" style="{_STYLE}">{heading}<ul style="{_LIST}">{items}</ul>{ending}</div>'


def _items(lines: Sequence[Line]) -> Iterator[str]:
    """Turn lines into nested list items; what a block looked at stands below it, before the blocks it led to."""
    open_levels: list[int] = []
    for place, line in enumerate(lines):
        level = min(line.level, DEEPEST) + (line.role == "side")
        while open_levels and open_levels[-1] >= level:
            open_levels.pop()
            yield "</ul></details></li>"
        if line.role == "side":
            yield f'<li style="{_SIDE}">{_said(line)}</li>'
        elif line.role == "gap":
            yield f"<li><i>{_said(line)}</i></li>"
        elif place + 1 < len(lines) and _below(lines[place + 1], level):
            open_levels.append(level)
            yield f'<li><details open><summary><b>{_said(line)}</b></summary><ul style="{_LIST}">'
        else:
            yield f"<li><b>{_said(line)}</b></li>"
    yield "</ul></details></li>" * len(open_levels)


def _below(line: Line, level: int) -> bool:
    return line.role != "gap" and min(line.level, DEEPEST) + (line.role == "side") > level


def _said(line: Line) -> str:
    """Write the words of a line, the outcome of a condition in its colour."""
    words = line.words
    found = _OUTCOME.search(words) if line.role in ("block", "side") else None
    if found is None:
        return f"<bdi>{html.escape(words)}</bdi>"
    before, outcome, after = words[: found.start(1)], found.group(1), words[found.end(1) :]
    coloured = f'<span style="color: {_OUTCOMES[outcome]}">{outcome}</span>'
    return f"<bdi>{html.escape(before)}{coloured}{html.escape(after)}</bdi>"
