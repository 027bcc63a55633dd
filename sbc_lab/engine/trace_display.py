"""How a trace shows itself, as text and as HTML without a script; its numbers are made elsewhere."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .strategy.outline import percent, safe

if TYPE_CHECKING:
    import xarray as xr

    from .trace import Trace

MOST_ROWS = 20
MOST_DEAD = 10
WIDEST = 70
DEEPEST = 12


def text(trace: Trace) -> str:
    """Write the blocks that held most, the conditions, and what was never reached."""
    nodes, conditions, dead = trace.nodes, trace.conditions, trace.dead
    lines = [_heading(trace), "", f"{'share':>8} {'active':>8} {'contributed':>12}  block"]
    lines += [f"{share:>8} {active:>8} {gain:>12}  {_cut(words)}" for share, active, gain, words in _blocks(nodes)]
    lines += _more(nodes.sizes["node"], "blocks", "nodes")
    if conditions.sizes["condition"]:
        lines += ["", f"{'asked':>8} {'true':>8} {'when asked':>12}  condition"]
        lines += [f"{asked:>8} {true:>8} {then:>12}  {_cut(words)}" for asked, true, then, words in _asked(conditions)]
        lines += _more(conditions.sizes["condition"], "conditions", "conditions")
    if dead.sizes["node"]:
        lines += ["", "never reached:"]
        lines += [f"  {_cut(words)}: {reason}" for words, reason in _dead(dead)]
        lines += _more(dead.sizes["node"], "blocks", "dead", MOST_DEAD)
    return "\n".join(lines)


def page(trace: Trace) -> str:
    """Write the same as tables; titles and names may come from anybody."""
    nodes, conditions, dead = trace.nodes, trace.conditions, trace.dead
    out = [f"<div><b><bdi>{html.escape(_heading(trace))}</bdi></b>"]
    out.append(_table(("share", "active", "contributed", "block"), _blocks(nodes)))
    out += _more_page(nodes.sizes["node"], "blocks", "nodes")
    if conditions.sizes["condition"]:
        out.append(_table(("asked", "true", "when asked", "condition"), _asked(conditions)))
        out += _more_page(conditions.sizes["condition"], "conditions", "conditions")
    count = dead.sizes["node"]
    if count:
        items = "".join(
            f"<li><bdi>{html.escape(words.strip())}</bdi>: {html.escape(reason)}</li>" for words, reason in _dead(dead)
        )
        more = "".join(_more_page(count, "blocks", "dead", MOST_DEAD))
        out.append(f"<details><summary>{count:,} never reached</summary><ul>{items}</ul>{more}</details>")
    return "".join([*out, "</div>"])


def _heading(trace: Trace) -> str:
    nodes = trace.nodes
    first, last = (str(np.datetime_as_string(date, unit="D")) for date in trace.span)
    total, cost = (_signed(float(nodes[name])) for name in ("total_return", "cost"))
    kind = "blocks" if nodes.attrs["rows"] == "places" else "different blocks"
    return f"Trace of {nodes.sizes['node']:,} {kind}  {first} to {last}  total return {total}, of which cost {cost}"


def _blocks(nodes: xr.Dataset) -> Iterator[tuple[str, str, str, str]]:
    for row in range(min(nodes.sizes["node"], MOST_ROWS)):
        one = nodes.isel(node=row)
        indent = "  " * min(int(one["level"]), DEEPEST)
        gain = _signed(float(one["contribution"]))
        yield percent(float(one["share"])), percent(float(one["active"])), gain, indent + _named(one)


def _asked(conditions: xr.Dataset) -> Iterator[tuple[str, str, str, str]]:
    for row in range(min(conditions.sizes["condition"], MOST_ROWS)):
        one = conditions.isel(condition=row)
        then = float(one["true_when_active"])
        indent = "  " if int(one["part_of"]) >= 0 else ""
        often = "–" if np.isnan(then) else percent(then)
        yield percent(float(one["active"])), percent(float(one["true"])), often, indent + str(one["sentence"].values)


def _dead(dead: xr.Dataset) -> Iterator[tuple[str, str]]:
    for row in range(min(dead.sizes["node"], MOST_DEAD)):
        one = dead.isel(node=row)
        yield f"{one['path'].values} {_named(one)}", str(one["reason"].values)


def _named(one: Any) -> str:
    title = str(one["title"].values)
    return str(one["sentence"].values) + (f'  "{safe(title)}"' if title else "")


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{word}</th>" for word in heads)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="text-align:right">{html.escape(cell)}</td>' for cell in cells)
        + f'<td style="text-align:left; white-space:pre"><bdi>{html.escape(words)}</bdi></td></tr>'
        for *cells, words in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _more(count: int, what: str, table: str, most: int = MOST_ROWS) -> list[str]:
    return [f"… and {count - most:,} more {what} in .{table}"] if count > most else []


def _more_page(count: int, what: str, table: str, most: int = MOST_ROWS) -> list[str]:
    return [f"<div>{html.escape(line)}</div>" for line in _more(count, what, table, most)]


def _signed(part: float) -> str:
    return f"{part:+.2%}"


def _cut(words: str) -> str:
    return words if len(words) <= WIDEST else words[: WIDEST - 1] + "…"
