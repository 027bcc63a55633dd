"""Every indicator of the language by name, and looking one up; no arithmetic.

A strategy is checked against this table when it is written, so that a wrong window is refused where it was typed.
`engine.indicators` puts a kernel behind every word; a test holds both tables to the same names. What a word holds is
described in `words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...errors import StrategyError, unknown_name
from ._words_averages import AVERAGES
from ._words_bars import BARS
from ._words_momentum import MOMENTUM
from ._words_risk import RISK
from .words import LONGEST_WINDOW, IndicatorWord, Parameter, ParameterValue, TradingDays

__all__ = [
    "ALIASES",
    "LONGEST_WINDOW",
    "WORDS",
    "IndicatorWord",
    "Parameter",
    "ParameterValue",
    "TradingDays",
    "load_word",
]

_WORDS = (*AVERAGES, *MOMENTUM, *RISK, *BARS)

WORDS: Mapping[str, IndicatorWord] = MappingProxyType({word.name: word for word in _WORDS})
"""Every indicator of the language, by name."""

ALIASES: Mapping[str, str] = MappingProxyType({alias: word.name for word in _WORDS for alias in word.aliases})
"""The name of this lab for a name of another format."""


def load_word(name: str) -> IndicatorWord:
    """Look an indicator up by name; an unknown one is an error that lists the nearest, aliases counted."""
    word = WORDS.get(name)
    if word is not None:
        return word
    if name in ALIASES:
        raise StrategyError(f"there is no indicator {name!r} here; it is called {ALIASES[name]!r}")
    raise unknown_name("indicator", name, WORDS)
