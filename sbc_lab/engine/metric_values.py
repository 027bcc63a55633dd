"""The metrics of one run as a mapping that shows itself as a table; how each is computed is in `metrics`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from . import pages
from .metrics import METRICS, Value

MOST_COLUMNS = 2
FEWEST_ROWS = 16
"""Metrics below each other before another column is begun."""


class Metrics(Mapping[str, Value]):
    """The metrics of a run by name; printing them shows a table."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Value:
        """Look a metric up; an unknown name lists the nearest."""
        from ..errors import unknown_name

        if name not in self._values:
            raise unknown_name("metric", name, self._values)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a metric of this name."""
        return name in self._values

    def get(self, name: str, default: Any = None) -> Any:
        """Look a metric up, or give the default when there is none of this name."""
        return self._values.get(name, default)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order of the table."""
        return iter(self._values)

    def __len__(self) -> int:
        """Count the metrics."""
        return len(self._values)

    def __repr__(self) -> str:
        """Show a table of labels and values."""
        shown = [(METRICS[name].label, METRICS[name].show(value)) for name, value in self._values.items()]
        width = max(len(label) for label, _ in shown)
        return "\n".join(f"{label:<{width}}  {value:>12}" for label, value in shown)

    def _repr_html_(self) -> str:
        rows = [
            (
                pages.cell(METRICS[name].label, left=True, note=METRICS[name].formula),
                pages.cell(METRICS[name].show(value)),
            )
            for name, value in self._values.items()
        ]
        columns = max(1, min(MOST_COLUMNS, math.ceil(len(rows) / FEWEST_ROWS)))
        each = math.ceil(len(rows) / columns)
        return pages.beside(pages.table((), rows[first : first + each]) for first in range(0, len(rows), each or 1))
