"""Formulas that a native document brings along: indicators of one's own, used as the metric `custom:<id>`.

Lives here: finding them, and their numbers in the units of this language. Does not live here: how a formula is read,
which is the language's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ....errors import SbcError
from ...strategy import Expression, Formula, Indicator, substitute, walk
from ..draft import Place, Unsupported
from ..values import Map, Value, Vector, outline_of
from .words import series_of, window_of

__all__ = ["FormulaBook"]

_FRACTIONS: Mapping[str, str] = {
    "cumret": "cumulative_return",
    "sma_ret": "moving_average_return",
    "maxdd": "max_drawdown",
    "drawdown": "drawdown",
    "momentum_w": "momentum_weighted",
    "momentum_u": "momentum_unweighted",
    "momentum_sma12": "momentum_sma12",
}
"""Variables that are fractions there and percent points here."""
_TWINS: Mapping[str, str] = {"cumret": "roc"}
"""Another variable that becomes the same indicator and is percent in both."""
_ROLLING_DEVIATION = re.compile(r"\bstdev\s*\(")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class _Written:
    name: str
    formula: str


class FormulaBook:
    """The formulas of one document, by id."""

    def __init__(self) -> None:
        self._written: dict[str, _Written] = {}

    def add(self, listed: Value, place: Place) -> None:
        """Take a list of formulas."""
        if listed is None:
            return
        if not isinstance(listed, Vector):
            place.unsupported(f"customIndicators must be a list, got {outline_of(listed)}")
            return
        for one in listed:
            told = (one.get("id"), one.get("formula"), one.get("name")) if isinstance(one, Map) else (None, None, None)
            key, formula, name = told
            if not isinstance(key, str) or not isinstance(formula, str):
                place.dropped("a custom indicator without id or formula; nothing can ask for it")
            elif key in self._written:
                place.dropped(f"a second custom indicator with the id {key[:40]!r}")
            else:
                self._written[key] = _Written(name if isinstance(name, str) and name.strip() else "formula", formula)

    def expression(self, key: str, line: Map, side: str, branches: Mapping[str, str], place: Place) -> Expression:
        """Build what the formula with this id computes for one side of a line.

        Parameters
        ----------
        key : str
            The id.
        line : Map
            The condition that asks.
        side : {"left", "right"}
        branches : mapping of str
            What the slots of the block around it are called here.
        place : Place
        """
        written = self._written.get(key)
        if written is None:
            raise Unsupported(f"there is no custom indicator with the id {key[:40]!r} in this document")
        ticker, window = ("rightTicker", "rightWindow") if side == "right" else ("ticker", "window")
        series = series_of(line.get(ticker), branches, place, ticker)
        # The rolling deviation of a formula is that of a population there.
        text = _ROLLING_DEVIATION.sub("stdev_population(", written.formula)
        formula = Formula(text, written.name[:100])
        uses_window = _uses_window(formula)
        days = window_of(line, window, place, needed=uses_window)
        place.mapped(f"formula {written.name[:40]!r} is part of the strategy")
        return self._in_units(formula(series, days if uses_window else None), text, place)

    @staticmethod
    def _in_units(term: Expression, text: str, place: Place) -> Expression:
        """Divide by 100 what is a fraction there."""
        words = set(_WORD.findall(text))
        used = {word: _FRACTIONS[word] for word in _FRACTIONS if word in words}
        for word in used:
            if _TWINS.get(word) in words:
                raise Unsupported(
                    f"a formula with both {word} and {_TWINS[word]}: one is a fraction there, the other percent"
                )
        changes = {
            part: part / 100 for part in walk(term) if isinstance(part, Indicator) and part.name in used.values()
        }
        if changes:
            place.mapped(f"{', '.join(used)}: a fraction there, percent points here, so divided by 100")
        return substitute(term, changes) if changes else term


def _uses_window(formula: Formula) -> bool:
    """Tell whether a formula takes a window; one that does not refuses it."""
    try:
        formula("SPY", 20)
    except SbcError as error:
        return "has no window" not in str(error)
    return True
