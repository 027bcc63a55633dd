"""What a metric is: its name, its formula in words, its unit, and how it is shown.

Lives here: the class `Metric` and one maker per unit. Does not live here: which metrics there are (metric_table.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from .metric_formulas import Value
from .metric_track import Track

Unit = Literal["fraction", "ratio", "days", "count", "date"]
Need = Literal["returns", "allocation", "turnover", "one_way", "benchmark"]

UNDEFINED = "–"
"""What is shown for a metric that has no value."""


@dataclass(frozen=True)
class Metric:
    """One number about a backtest: what it is called, what it means, how it is shown.

    Attributes
    ----------
    name : str
        What it is called in code and in results.
    label : str
        The same in a few words, for a table.
    formula : str
        One line, with the source where there is one.
    unit : {"fraction", "ratio", "days", "count", "date"}
        Days are trading days.
    format : str
        Format specification of Python; see `show`.
    needs : frozenset of {"returns", "allocation", "turnover", "one_way", "benchmark"}
        What it is computed from; without one of these it is None.
    function : callable (Track) -> float, int, str or None
        NaN or None where the value is undefined.
    least : int
        Fewest daily returns for which it is defined; with fewer it is None.
    """

    name: str
    label: str
    formula: str
    unit: Unit
    format: str
    needs: frozenset[Need]
    function: Callable[[Track], Value]
    least: int = 1

    def show(self, value: Value) -> str:
        """Text of a value of this metric, with its unit.

        Parameters
        ----------
        value : float, int, str or None
            As `measure` gives it.

        Returns
        -------
        str
            A fraction in percent; "–" where there is no value.

        Examples
        --------
        >>> fraction("fall", "fall", "E − 1", lambda track: None).show(-0.3371726)
        '-33.72%'
        """
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return UNDEFINED
        return value if isinstance(value, str) else format(value, self.format)


def _metric(
    unit: Unit,
    how: str,
    name: str,
    label: str,
    formula: str,
    function: Callable[[Track], Value],
    *,
    needs: tuple[Need, ...] = ("returns",),
    least: int = 1,
) -> Metric:
    return Metric(name, label, formula, unit, how, frozenset(needs), function, least)


# "z" turns the −0.00 % of a value that rounds to nothing into 0.00 %; days may come as floats out of a labelled array.
fraction = partial(_metric, "fraction", "z,.2%")
ratio = partial(_metric, "ratio", "z,.2f")
count = partial(_metric, "count", "z,.2f")
days = partial(_metric, "days", ",.0f")
date = partial(_metric, "date", "")
