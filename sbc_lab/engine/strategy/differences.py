"""What is different between two strategies: the finished comparison, as an object, text and HTML.

Does not live here: finding it (`compare`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import Literal, get_args

from .outline import safe
from .walk import Path

__all__ = ["CHANGES", "Change", "ChangeKind", "Differences"]

ChangeKind = Literal["changed", "moved", "removed", "added"]
CHANGES: tuple[ChangeKind, ...] = get_args(ChangeKind)
"""changed: the same kind of node with other conditions, numbers or shares. moved: an equal subtree at another place.
removed, added: a subtree that only the first, or only the second, has."""
MOST_LINES = 60
_WIDE = 300
_DEEP = 60
_CELL = "text-align:left;vertical-align:top;padding:1px 12px 1px 0"
_STYLE = "font-family:var(--jp-code-font-family,monospace);font-size:13px"


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes
    ----------
    kind : str
        "changed", "moved", "removed" or "added".
    before, after : tuple of int or None
        Its place in the first and in the second tree, child numbers from the root down; None where it has none.
    label : str
        What the node is called in an outline.
    detail : tuple of str
        Of a changed node, each field that differs, as it was and as it is.
    nodes : int
        How many nodes stand in the subtree.
    times : int
        How often the same two subtrees meet; the places are those of the first time.
    """

    kind: ChangeKind
    before: Path | None
    after: Path | None
    label: str
    detail: tuple[str, ...] = ()
    nodes: int = 1
    times: int = 1

    def __str__(self) -> str:
        """Say it in one line."""
        more = f"  (×{self.times:,})" if self.times > 1 else ""
        size = f", {self.nodes:,} nodes" if self.nodes > 1 and self.kind != "changed" else ""
        told = f": {'; '.join(self.detail)}" if self.detail else ""
        return f"{self.where}  {safe(self.label, _WIDE)}{size}{safe(told, _WIDE)}{more}"

    @property
    def where(self) -> str:
        """Both places, one where they are the same or there is only one."""
        said = [_path(place) for place in (self.before, self.after) if place is not None]
        return said[0] if len(set(said)) == 1 else " → ".join(said)


@dataclass(frozen=True, repr=False)
class Differences:
    """What is different between two strategies.

    Attributes
    ----------
    same : bool
        Whether both mean the same: equal fingerprints. Names, titles and colours do not count.
    similarity : float, fraction
        Share of the different nodes of both that are alike in themselves, wherever they stand: 1 when all are.
    changes : tuple of Change
        In the order of the first tree, what was added behind.
    nodes : (int, int)
        Different nodes of the first and of the second tree.
    """

    same: bool
    similarity: float
    changes: tuple[Change, ...]
    nodes: tuple[int, int]

    @property
    def counts(self) -> dict[ChangeKind, int]:
        """How many changes there are of which kind."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in CHANGES}

    @property
    def headline(self) -> str:
        """One sentence: whether they are the same, and what is different."""
        if self.same:
            return "the same meaning; at most names, titles and colours differ"
        said = ", ".join(f"{count:,} {kind}" for kind, count in self.counts.items() if count)
        return (
            f"{said or 'only the order or the frame differs'}; {self.similarity:.0%} of the different nodes are alike"
        )

    def text(self, *, most: int = MOST_LINES) -> str:
        """Write the differences as text, at most `most` lines of them."""
        out = [self.headline]
        out += [f"  {change.kind:8}{change}" for change in self.changes[:most]]
        if len(self.changes) > most:
            out.append(f"… and {len(self.changes) - most:,} more; .changes has all of them")
        return "\n".join(out)

    def __repr__(self) -> str:
        """Show the differences as text."""
        return self.text()

    def _repr_html_(self) -> str:
        out = [f'<div class="sbc-lab-comparison" style="{_STYLE}"><div><strong>{_plain(self.headline)}</strong></div>']
        if self.changes:
            heads = "".join(f'<th style="{_CELL}">{head}</th>' for head in ("what", "where", "node", "how"))
            out.append(
                f"<table><tr>{heads}</tr>{''.join(_row(change) for change in self.changes[:MOST_LINES])}</table>"
            )
        if len(self.changes) > MOST_LINES:
            out.append(f"<div>… and {len(self.changes) - MOST_LINES:,} more</div>")
        return "".join([*out, "</div>"])


def _row(change: Change) -> str:
    times = f" (×{change.times:,})" if change.times > 1 else ""
    how = "; ".join(change.detail) or (f"{change.nodes:,} nodes" if change.nodes > 1 else "")
    cells = (change.kind, change.where, change.label, f"{how}{times}")
    return f"<tr>{''.join(f'<td style={_quoted(_CELL)}>{_plain(cell)}</td>' for cell in cells)}</tr>"


def _plain(text: str) -> str:
    return f"<bdi>{escape(safe(text, _WIDE))}</bdi>"


def _quoted(text: str) -> str:
    return f'"{text}"'


def _path(place: Path) -> str:
    if len(place) <= _DEEP:
        return str(list(place))
    head, tail = ", ".join(map(str, place[:20])), ", ".join(map(str, place[-20:]))
    return f"[{head}, … {len(place) - 40:,} more …, {tail}]"
