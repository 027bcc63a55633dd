"""What many backtests give: a table of metrics, the equity of all, and each run in full when it is asked for.

Lives here: the collection, the estimate that is made before, and how both show themselves. Does not live here: how
they are run (`batch`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, overload

import numpy as np

from ..errors import BacktestError, SbcError, unknown_name
from . import pages
from .metrics import METRICS
from .run_display import HEADLINES
from .strategy.outline import safe

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .metric_formulas import Value
    from .result import Backtest
    from .strategy import Strategy

MOST_SHOWN = 20


def shown_bytes(count: int) -> str:
    """Write a number of bytes for a person."""
    return f"{count / 2**30:,.1f} GiB" if count >= 2**30 else f"{count / 2**20:,.1f} MiB"


@dataclass(frozen=True)
class Estimate:
    """What many backtests compute and need, known before they start.

    Attributes
    ----------
    strategies : int
        How many can be run.
    blocks : int
        How often shared rows are given up, because the dates change or the memory is used.
    rows, rows_alone : int
        Rows of values, truths and decisions that are computed, and that would be by one backtest after the other.
    memory, limit : int, bytes
        What is in use at the most besides the candles, and what `options(memory=…)` allows.
    """

    strategies: int
    blocks: int
    rows: int
    rows_alone: int
    memory: int
    limit: int

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{self.strategies:,} strategies in {self.blocks:,} block{'s' if self.blocks != 1 else ''}: "
            f"{self.rows:,} rows instead of {self.rows_alone:,}, "
            f"{shown_bytes(self.memory)} of memory out of {shown_bytes(self.limit)}"
        )


@dataclass(frozen=True, eq=False)
class Outcome:
    """What is kept of one run, or why there is none."""

    dates: NDArray[np.datetime64] = field(default_factory=lambda: np.empty(0, "datetime64[ns]"))
    equity: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    metrics: Mapping[str, Value] = field(default_factory=dict)
    error: SbcError | None = None


class Runs(Sequence["Backtest"]):
    """Many runs, in the order of their strategies.

    ``runs[3]`` and ``runs["name"]`` give a `Backtest`; it is computed again for that, bit for bit, because keeping all
    of them would take far more memory than making one takes time.

    Attributes
    ----------
    strategies : tuple of Strategy
    estimate : Estimate
        What was said before they were run.
    """

    def __init__(
        self,
        strategies: tuple[Strategy, ...],
        outcomes: tuple[Outcome, ...],
        estimate: Estimate,
        again: Callable[[int], Backtest],
    ) -> None:
        self.strategies, self.estimate = strategies, estimate
        self._outcomes, self._again = outcomes, again

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the strategies; they may repeat."""
        return tuple(str(getattr(strategy, "name", strategy)) for strategy in self.strategies)

    @property
    def errors(self) -> Mapping[int, SbcError]:
        """Why some could not be run, by their place."""
        return MappingProxyType(
            {place: outcome.error for place, outcome in enumerate(self._outcomes) if outcome.error is not None}
        )

    def __len__(self) -> int:
        """Count the strategies, those that could not be run included."""
        return len(self._outcomes)

    @overload
    def __getitem__(self, which: int | str) -> Backtest: ...
    @overload
    def __getitem__(self, which: slice) -> Sequence[Backtest]: ...
    def __getitem__(self, which: int | str | slice) -> Backtest | Sequence[Backtest]:
        """Compute one run in full, by place or by name, or several by a slice of places."""
        if isinstance(which, slice):
            return [self[place] for place in range(len(self))[which]]
        place = self._place(which) if isinstance(which, str) else range(len(self))[which]
        error = self._outcomes[place].error
        if error is not None:
            raise error
        return self._again(place)

    def _place(self, name: str) -> int:
        places = [place for place, known in enumerate(self.names) if known == name]
        if not places:
            raise unknown_name("strategy", name, self.names, where="runs")
        if len(places) > 1:
            shown = ", ".join(map(str, places[:6]))
            raise BacktestError(f"{len(places)} strategies are called {name!r}; type a place: {shown}")
        return places[0]

    def __iter__(self) -> Iterator[Backtest]:
        """Compute one run after the other, in full."""
        return (self[place] for place in range(len(self)))

    @cached_property
    def metrics(self) -> xr.Dataset:
        """Every metric of every run, (strategy); missing where it is undefined or the run failed."""
        import xarray as xr

        columns = {}
        for name, metric in METRICS.items():
            values = [outcome.metrics.get(name) for outcome in self._outcomes]
            if metric.unit == "date":
                column = np.array(["NaT" if value is None else value for value in values], dtype="datetime64[ns]")
            else:
                column = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
            columns[name] = ("strategy", column, {"long_name": metric.label, "units": metric.unit})
        return xr.Dataset(columns, {"strategy": ("strategy", list(self.names))})

    @cached_property
    def equity(self) -> xr.DataArray:
        """Growth of 1 of every run net of cost, (strategy, date); NaN outside of its own dates."""
        import xarray as xr

        dates = np.unique(np.concatenate([outcome.dates for outcome in self._outcomes] or [Outcome().dates]))
        whole = np.full((len(self), len(dates)), np.nan)
        for row, outcome in zip(whole, self._outcomes, strict=True):
            row[np.searchsorted(dates, outcome.dates)] = outcome.equity
        return xr.DataArray(
            whole,
            {"strategy": ("strategy", list(self.names)), "date": dates},
            ("strategy", "date"),
            "equity",
            {"long_name": "Growth of 1, net of cost", "units": "1"},
        )

    def _table(self) -> tuple[list[str], list[list[str]]]:
        """Headings and cells of the first runs."""
        headings = ["", *(METRICS[name].label for name in HEADLINES)]
        cells = []
        for name, outcome in zip(self.names[:MOST_SHOWN], self._outcomes, strict=False):
            shown = [METRICS[metric].show(outcome.metrics.get(metric)) for metric in HEADLINES]
            cells.append([safe(name), *shown])
        return headings, cells

    def _closing(self) -> str:
        left = len(self) - MOST_SHOWN
        failed = len(self.errors)
        said = [f"… and {left:,} more in .metrics"] if left > 0 else []
        return "; ".join(said + ([f"{failed:,} could not be run: see .errors"] if failed else []))

    def __repr__(self) -> str:
        """Show name and main metrics of the first runs."""
        headings, cells = self._table()
        widths = [max(len(row[column]) for row in [headings, *cells]) for column in range(len(headings))]
        lines = [
            "  ".join(
                text.ljust(width) if not place else text.rjust(width)
                for place, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in [headings, *cells]
        ]
        return "\n".join([f"{len(self):,} runs", *lines, self._closing()]).rstrip()

    def _repr_html_(self) -> str:
        headings, cells = self._table()
        rows = ((pages.cell(text, left=not place) for place, text in enumerate(row)) for row in cells)
        title, closing = pages.title(f"{len(self):,} runs"), pages.faint(self._closing())
        return f"<div>{title}{pages.table(headings, rows)}{closing}</div>"
