"""The loss report as HTML: one table, everything that came out of the document escaped."""

from __future__ import annotations

from html import escape

from ..strategy.outline import safe
from .report import LOSSES, MOST_LINES, Line, Report

__all__ = ["html"]

_STYLE = "font-family:var(--jp-code-font-family,monospace);font-size:13px"
_CELL = "text-align:left;vertical-align:top;padding:1px 12px 1px 0"
LONGEST = 400


def html(report: Report, *, most: int = MOST_LINES) -> str:
    """Write the report as a table, equal remarks once, at most `most` rows.

    Parameters
    ----------
    report : Report
    most : int

    Returns
    -------
    str
        Without scripts and without styles of its own colours, so that it fits any page.
    """
    lines = report.summary()
    out = [f'<div class="sbc-lab-report" style="{_STYLE}">', f"<div><strong>{_plain(report.headline)}</strong></div>"]
    if lines:
        heads = ("what", "where", "block", "remark", "times")
        out.append(f"<table><tr>{''.join(f'<th style={_quoted(_CELL)}>{head}</th>' for head in heads)}</tr>")
        out += [_row(line) for line in lines[:most]]
        out.append("</table>")
    if len(lines) > most:
        out.append(f"<div>… and {len(lines) - most:,} more remarks</div>")
    return "".join([*out, "</div>"])


def _row(line: Line) -> str:
    where = line.path or "document"
    if line.line is not None:
        where = f"line {line.line}, column {line.column}: {where}"
    status = f"<strong>{line.status}</strong>" if line.status in LOSSES else line.status
    cells = (status, _plain(where), _plain(line.label), _plain(line.text), f"{line.times:,}")
    return f"<tr>{''.join(f'<td style={_quoted(_CELL)}>{cell}</td>' for cell in cells)}</tr>"


def _plain(text: str) -> str:
    return f"<bdi>{escape(safe(text, LONGEST))}</bdi>"


def _quoted(text: str) -> str:
    return f'"{text}"'
