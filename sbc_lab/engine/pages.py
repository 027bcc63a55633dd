"""How results are written as HTML: one look for every table, legible on a light and on a dark page, without a script.

Lives here: spacing, alignment and lines. Does not live here: any number, and what a table is about. No colour of text
is set, so that the page keeps its own; a table that is wider than the page scrolls inside its own box.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

_BOX = "overflow-x:auto;max-width:100%"
_TABLE = "border-collapse:collapse;table-layout:auto;margin:0.3em 0 0.6em 0;font-variant-numeric:tabular-nums"
_SPACE = "padding:0.25em 0.6em;line-height:1.35"
_CELL = f"{_SPACE};white-space:nowrap;vertical-align:baseline"
# A head of two words may take two lines, so that columns are as wide as their numbers.
_RULE = "border-bottom:1px solid var(--jp-border-color1, rgba(127,127,127,0.5))"
_HEAD = f"{_SPACE};white-space:normal;vertical-align:bottom;{_RULE}"
_FAINT = "opacity:0.7"
_TITLE = "margin:0.2em 0"
_BESIDE = "display:flex;flex-wrap:wrap;align-items:flex-start;column-gap:2.5em"


def cell(text: str, *, left: bool = False, style: str = "", note: str = "") -> str:
    """Write one place of a table.

    Parameters
    ----------
    text : str
        Plain text of anybody; words stand left, numbers right.
    left : bool
        Whether it holds words.
    style : str
        More declarations of CSS, such as a background.
    note : str
        Shown when a pointer rests on the cell.
    """
    hint = f' title="{html.escape(note)}"' if note else ""
    said = f"<bdi>{html.escape(text)}</bdi>" if left else html.escape(text)
    return f'<td style="{_aligned(left)};{_CELL}{";" if style else ""}{style}"{hint}>{said}</td>'


def table(heads: Sequence[str], rows: Iterable[Iterable[str]], *, left: Iterable[int] = (0,)) -> str:
    """Write a table in a box of its own that scrolls when the page is too narrow.

    Parameters
    ----------
    heads : sequence of str
        What stands above the columns, plain text; none: no line of heads.
    rows : iterable of iterable of str
        Cells, written by `cell`.
    left : iterable of int
        Columns that hold words.
    """
    words = frozenset(left)
    above = "".join(
        f'<th style="{_aligned(place in words)};{_HEAD}">{html.escape(head)}</th>' for place, head in enumerate(heads)
    )
    head = f"<thead><tr>{above}</tr></thead>" if heads else ""
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f'<div style="{_BOX}"><table style="{_TABLE}">{head}<tbody>{body}</tbody></table></div>'


def title(words: str, after: str = "") -> str:
    """Write what the following is about in bold, and what else belongs on that line, fainter."""
    more = f' <span style="{_FAINT}">{html.escape(after)}</span>' if after else ""
    return f'<div style="{_TITLE}"><b><bdi>{html.escape(words)}</bdi></b>{more}</div>'


def faint(words: str) -> str:
    """Write a line that is less than the rest, such as how much was left out; nothing for no words."""
    return f'<div style="{_TITLE};{_FAINT}">{html.escape(words)}</div>' if words else ""


def folded(summary: str, items: Iterable[str]) -> str:
    """Write a list that opens when its summary is clicked."""
    points = "".join(f"<li>{html.escape(item)}</li>" for item in items)
    return f"<details><summary>{html.escape(summary)}</summary><ul>{points}</ul></details>"


def beside(parts: Iterable[str]) -> str:
    """Put pieces beside each other as far as the page is wide, the rest below."""
    return f'<div style="{_BESIDE}">{"".join(parts)}</div>'


def figures(pairs: Iterable[tuple[str, str]]) -> str:
    """Write a few main numbers in one line, each below its name."""
    row = "".join(
        f'<td style="{_aligned(False)};{_CELL}"><small style="{_FAINT}">{html.escape(name)}</small><br>'
        f"<b>{html.escape(value)}</b></td>"
        for name, value in pairs
    )
    return table((), ((row,),))


def _aligned(left: bool) -> str:
    return f"text-align:{'left' if left else 'right'}"
