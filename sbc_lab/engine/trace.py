"""What every block and every condition of a strategy did in a run: when it was active, how often true, what it earned.

Lives here: the object and its labelled arrays. Does not live here: the arithmetic over rows (`_traced`), and how it is
shown (`trace_display`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BacktestError
from . import trace_display
from ._trace_words import CONDITION_WORDS, DAILY_WORDS, NODE_WORDS, SUM_WORDS, labelled, words_of
from ._traced import Traced, Tracer
from ._written import path_of

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .evaluate import Evaluation
    from .strategy import Node
    from .trading import Portfolio

MOST_BYTES = 1 << 30
"""An array of every date is refused above this size."""
Rows = str | int | Sequence[int] | None
"""Which rows: a part of a sentence or title, capitals not minded, or row numbers."""


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """What every block and every condition of a strategy did in a run.

    A row of `nodes` is a block in one place of the tree as it was written. A tree of more than 10,000 places, such as
    one whose subtrees are shared over and over, has a row for every *different* block instead, titles counted, with the
    shares and contributions of all its places together; `nodes.attrs["rows"]` says which. A row of `conditions` is one
    different condition, wherever it is asked, and so is every part of a compound one; a condition on a branch is
    another one for every block whose branches are others. Blocks inside a NAV of a condition hold nothing and have no
    row.

    Tables are computed once; arrays of every date (`share`, `active`, `asked`, `truth`, `left`, `right`, `distance`)
    each time they are asked for.
    """

    _root: Node
    _evaluate: Callable[[], Evaluation]
    _portfolio: Portfolio
    _nodes: tuple[int, ...] | None = None
    _conditions: tuple[int, ...] | None = None

    def _tracer(self) -> Tracer:
        return Tracer(self._root, self._evaluate(), self._portfolio)

    @cached_property
    def _whole(self) -> Traced:
        return self._tracer().summary()

    @property
    def span(self) -> tuple[np.datetime64, np.datetime64]:
        """First and last date of the run."""
        return self._whole.dates[0], self._whole.dates[-1]

    # ------------------------------------------------------------ tables

    @cached_property
    def nodes(self) -> xr.Dataset:
        """Every block of the strategy, Dataset (node), in the order in which they are written.

        Variables: `active_days` (dates on which some of the portfolio reached it), `active` (their share of all dates),
        `share` (mean share of the portfolio over all dates, fraction), `contribution` (what came through it, in parts
        of the first value of the portfolio), `first_active`, `last_active`, and of the children of a weight with caps
        `at_cap_days` and `at_floor_days` (dates on which the block above was reached and gave them no more, or no less,
        because of a bound; 0 for all others). A block's contribution is the sum of
        what its leaves earned through it; those of all leaves, `cash` (the interest of what was not invested, wherever
        that was) and `cost` add up to `total_return`. A ticker's gain belongs to the leaves that asked for it on the
        date of the decision; between trades, of the last one that the portfolio held exactly, as far as it could be
        filled.

        Coordinates: `path` (of the first place), `sentence`, `kind`, `title`, `parent` (row; -1 for the root), `level`,
        `places` (in how many an equal block stands).
        """
        table = labelled(self._whole.nodes, self._whole.node_coords, "node", NODE_WORDS)
        found = table if self._nodes is None else table.sel(node=list(self._nodes))
        found.attrs["rows"] = "places" if self._whole.apart else "different blocks, all their places together"
        return found.assign(
            {name: ((), value, dict(words_of(SUM_WORDS[name]))) for name, value in self._whole.sums.items()}
        )

    @cached_property
    def conditions(self) -> xr.Dataset:
        """Every condition that a block asks and every part of one, Dataset (condition).

        Variables: `active_days` and `active` (dates on which a block that asks it was reached), `share` (mean over all
        dates of the largest share of any block that asks it), `true` (how often it held on all dates of the run),
        `true_when_active` (how often on the dates it was asked), `unknown_days`, and of the last date `state` (0 false,
        1 true, 2 unknown), `left`, `right` and `distance` = left less right, in `unit`: above 0 when the left side is
        the higher one, whatever the comparison; NaN for conditions of dates and of other conditions.

        Coordinates: `sentence`, `kind`, `unit`, `node` (row of the first block that asks), `path` and `title` of that
        block, `part_of` (row of the condition that it is a part of; -1 when a block asks it).
        """
        table = labelled(self._whole.conditions, self._whole.condition_coords, "condition", CONDITION_WORDS)
        return table if self._conditions is None else table.sel(condition=list(self._conditions))

    @cached_property
    def dead(self) -> xr.Dataset:
        """The blocks that nothing ever reached in the run: `nodes` with the coordinate `reason`.

        "constant condition": a condition of constants never leads there; "never true" or "never false": the condition
        above never was while it was asked; "never chosen": a switch or latch never came to it; "never picked": by the
        filter above; "never held": its share always went to its siblings; "never reached": the block above is dead too.
        """
        nodes = self.nodes
        gone = nodes.isel(node=np.flatnonzero(nodes["active_days"].values == 0))
        reasons = [self._whole.reasons[int(row)] for row in gone["node"].values]
        return gone.assign_coords(reason=("node", np.array(reasons, dtype=object)))

    @cached_property
    def undecided(self) -> xr.Dataset:
        """Every unbroken span of dates on which a condition could not be decided, Dataset (span).

        Variables: `condition` (row), `sentence`, `first` and `last` date, `bars`, `active_bars` (of them asked).
        """
        import xarray as xr

        kept = set(self.conditions["condition"].values.tolist())
        spans = [span for span in self._whole.spans if span[0] in kept]
        rows = [span[0] for span in spans]
        table = self._whole.condition_coords["sentence"][rows] if rows else np.array([], dtype=object)
        dates = self._whole.dates
        return xr.Dataset(
            {
                "condition": ("span", np.array(rows, dtype=np.int64)),
                "sentence": ("span", table),
                "first": ("span", dates[[span[1] for span in spans]]),
                "last": ("span", dates[[span[2] for span in spans]]),
                "bars": ("span", np.array([span[2] - span[1] + 1 for span in spans], dtype=np.int64)),
                "active_bars": ("span", np.array([span[3] for span in spans], dtype=np.int64)),
            }
        )

    # ------------------------------------------------------------ choosing rows

    def select(self, nodes: Rows = None, *, conditions: Rows = None) -> Trace:
        """Keep some rows, so that arrays of every date stay small.

        Parameters
        ----------
        nodes, conditions : str, int or list of int, optional
            A part of a sentence or title, or row numbers. With `nodes` alone, the conditions they ask are kept.

        Returns
        -------
        Trace
            The same run; every table and array holds the rows that were kept, under their numbers.
        """
        kept = self._kept("nodes", nodes, self.nodes, "node")
        asked = self._kept("conditions", conditions, self.conditions, "condition")
        if nodes is not None and conditions is None:
            rows = set(kept)
            asked = tuple(row for row in asked if rows.intersection(self._whole.askers[row]))
        return replace(self, _nodes=kept, _conditions=asked)

    def _kept(self, name: str, wanted: Rows, table: xr.Dataset, dim: str) -> tuple[int, ...]:
        rows: list[int] = table[dim].values.tolist()
        if wanted is None:
            return tuple(rows)
        if isinstance(wanted, str):
            text = wanted.casefold()
            words = zip(rows, table["sentence"].values, table["title"].values, strict=True)
            found = tuple(row for row, sentence, title in words if text in f"{sentence} {title}".casefold())
        else:
            given = [wanted] if isinstance(wanted, (int, np.integer)) else list(wanted)
            known = set(rows)
            found = tuple(int(row) for row in given if row in known)
            if len(found) < len(given):
                found = ()
        if not found:
            around = f"0 to {len(rows) - 1}" if rows == list(range(len(rows))) else "those of the table"
            raise BacktestError(
                f"trace.select({name}={wanted!r}): no such rows; give a part of a sentence in trace.{name}, "
                f"or row numbers, {around}"
            )
        return found

    def path(self, node: int) -> tuple[int, ...]:
        """Give the whole path of a block, the child numbers from the root down, as `language.node_at` takes it."""
        return path_of(self._whole.above, int(node))

    # ------------------------------------------------------------ every date

    @property
    def share(self) -> xr.DataArray:
        """Share of the portfolio that reached each block, after the decision of each date, (node, date), fraction."""
        return self._daily("share", "node", "float64")

    @property
    def active(self) -> xr.DataArray:
        """Whether some of the portfolio reached each block, (node, date), bool."""
        return self._daily("active", "node", "bool")

    @property
    def asked(self) -> xr.DataArray:
        """Largest share of the portfolio of any block that asks each condition, (condition, date), fraction."""
        return self._daily("asked", "condition", "float64")

    @property
    def truth(self) -> xr.DataArray:
        """What each condition was, asked or not, (condition, date): 0 false, 1 true, 2 unknown."""
        return self._daily("truth", "condition", "uint8")

    @property
    def left(self) -> xr.DataArray:
        """Left side of each comparison, (condition, date), in its `unit`."""
        return self._daily("left", "condition", "float64")

    @property
    def right(self) -> xr.DataArray:
        """Right side of each comparison, (condition, date), in its `unit`."""
        return self._daily("right", "condition", "float64")

    @property
    def distance(self) -> xr.DataArray:
        """Left side less right side of each comparison, (condition, date), in its `unit`."""
        return self._daily("distance", "condition", "float64")

    def _daily(self, name: str, dim: str, dtype: str) -> xr.DataArray:
        import xarray as xr

        table = self.nodes if dim == "node" else self.conditions
        rows: NDArray[np.int64] = table[dim].values
        dates = self._whole.dates
        size = len(rows) * len(dates) * np.dtype(dtype).itemsize
        if size > MOST_BYTES:
            raise BacktestError(
                f"trace.{name} of {len(rows):,} {dim}s on {len(dates):,} dates would take {size / 1e9:.1f} GB; "
                f"take some of them, for example trace.select({'' if dim == 'node' else 'conditions='}[0, 1]).{name}"
            )
        values = self._tracer().daily(name, rows)
        coords: dict[str, Any] = {key: table[key] for key in ("path", "sentence", "kind", "title")}
        attrs = words_of(DAILY_WORDS[name])
        if dim == "condition" and name in ("left", "right", "distance"):
            coords["unit"] = table["unit"]
        if name == "truth":
            attrs |= {"flag_values": [0, 1, 2], "flag_meanings": "false true unknown"}
        return xr.DataArray(
            values, dims=(dim, "date"), coords={dim: rows, "date": dates, **coords}, name=name, attrs=attrs
        )

    def __repr__(self) -> str:
        """Show the busiest blocks, the conditions and what was never reached."""
        return trace_display.text(self)

    def _repr_html_(self) -> str:
        return trace_display.page(self)
