"""How a trace shows itself, as text and as HTML without a script; its numbers are made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import pages
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
    out = ["<div>", pages.title(*_parted(trace))]
    out.append(_table(("share", "active", "contributed", "block"), _blocks(nodes)))
    out += _more_page(nodes.sizes["node"], "blocks", "nodes")
    if conditions.sizes["condition"]:
        out.append(_table(("asked", "true", "when asked", "condition"), _asked(conditions)))
        out += _more_page(conditions.sizes["condition"], "conditions", "conditions")
    count = dead.sizes["node"]
    if count:
        items = [f"{words.strip()}: {reason}" for words, reason in _dead(dead)]
        out.append(pages.folded(f"{count:,} never reached", items + _more(count, "blocks", "dead", MOST_DEAD)))
    return "".join([*out, "</div>"])


def _heading(trace: Trace) -> str:
    return "  ".join(_parted(trace))


def _parted(trace: Trace) -> tuple[str, str]:
    """What the trace is of, and what its run came to."""
    nodes = trace.nodes
    first, last = (str(np.datetime_as_string(date, unit="D")) for date in trace.span)
    total, cost, cash = (_signed(float(nodes[name])) for name in ("total_return", "cost", "cash"))
    apart = f"cost {cost}" + (f" and interest of cash {cash}" if float(nodes["cash"]) else "")
    kind = "blocks" if nodes.attrs["rows"] == "places" else "different blocks"
    return f"Trace of {nodes.sizes['node']:,} {kind}", f"{first} to {last}  total return {total}, of which {apart}"


def _blocks(nodes: xr.Dataset) -> Iterator[tuple[str, str, str, str]]:
    for row in range(min(nodes.sizes["node"], MOST_ROWS)):
        one = nodes.isel(node=row)
        indent = "  " * min(int(one["level"]), DEEPEST)
        gain = _signed(float(one["contribution"]))
        yield _part(one["share"]), _part(one["active"]), gain, indent + _named(one) + _bounded(one)


def _bounded(one: Any) -> str:
    """Say how often a child stood at a bound, in parts of the dates on which it held something."""
    days = int(one["active_days"])
    parts = [(int(one[name]), words) for name, words in (("at_cap_days", "cap"), ("at_floor_days", "floor"))]
    said = [f"at its {words} {percent(count / days)} of its days" for count, words in parts if count and days]
    return f"  ({', '.join(said)})" if said else ""


def _asked(conditions: xr.Dataset) -> Iterator[tuple[str, str, str, str]]:
    for row in range(min(conditions.sizes["condition"], MOST_ROWS)):
        one = conditions.isel(condition=row)
        then = float(one["true_when_active"])
        indent = "  " if int(one["part_of"]) >= 0 else ""
        often = "–" if np.isnan(then) else _part(then)
        yield _part(one["active"]), _part(one["true"]), often, indent + str(one["sentence"].values)


def _dead(dead: xr.Dataset) -> Iterator[tuple[str, str]]:
    for row in range(min(dead.sizes["node"], MOST_DEAD)):
        one = dead.isel(node=row)
        yield f"{one['path'].values} {_named(one)}", str(one["reason"].values)


def _named(one: Any) -> str:
    title = str(one["title"].values)
    return str(one["sentence"].values) + (f'  "{safe(title)}"' if title else "")


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    last = len(heads) - 1
    cells = (
        [*(pages.cell(text) for text in numbers), pages.cell(words.lstrip(), left=True, style=_inset(words))]
        for *numbers, words in rows
    )
    return pages.table(heads, cells, left=(last,))


def _more(count: int, what: str, table: str, most: int = MOST_ROWS) -> list[str]:
    return [f"… and {count - most:,} more {what} in .{table}"] if count > most else []


def _more_page(count: int, what: str, table: str, most: int = MOST_ROWS) -> list[str]:
    return [pages.faint(line) for line in _more(count, what, table, most)]


def _inset(words: str) -> str:
    """How far a block stands from the left, in CSS: spaces of a page are too narrow to be seen."""
    return f"padding-left:{0.6 * (1 + len(words) - len(words.lstrip())):.1f}em"


def _part(of_all: Any) -> str:
    return f"{float(of_all):.2%}"


def _signed(part: float) -> str:
    return f"{part:+z.2%}"


def _cut(words: str) -> str:
    return words if len(words) <= WIDEST else words[: WIDEST - 1] + "…"
