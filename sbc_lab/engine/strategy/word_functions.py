"""A user's own indicator as a word that is typed like ours: `my_word("SPY", 20)`.

Lives here: the word. Does not live here: the register of names (`user_words`), and the arithmetic behind a word, which
the engine keeps.
"""

from __future__ import annotations

import keyword
from typing import Any

from ...errors import StrategyError, unknown_name
from . import user_words
from ._intern import Axis
from .code import LANGUAGE_WORDS
from .formulas import FUNCTIONS, ROLLING
from .indicators import SeriesLike
from .terms import Indicator, each
from .vocabulary import ALIASES, LIBRARY, WORDS, load_word
from .words import IndicatorWord

Value = int | float | Axis


class WordFunction:
    """A word of the vocabulary that a user added; calling it builds an expression.

    Parameters
    ----------
    word : IndicatorWord
    code : str
        Hash of the code behind it.
    text : str
        The help text.
    """

    def __init__(self, word: IndicatorWord, code: str, text: str = "") -> None:
        self.word, self.code = word, code
        self.__name__ = self.__qualname__ = word.name
        self.__doc__ = text or f"{word.label}. {word.unit}."

    def __call__(self, series: SeriesLike = each, *values: Value, **named: Value) -> Indicator:
        """Read the indicator of a series; the parameters in the order of the function, or by name."""
        known = [parameter.name for parameter in self.word.parameters]
        if len(values) > len(known):
            raise StrategyError(
                f"{self.word.name}: it takes {', '.join(known) or 'no parameters'}, got {len(values)} values"
            )
        given = dict(zip(known, values, strict=False))
        for name, value in named.items():
            if name in given:
                raise StrategyError(f"{self.word.name}: {name} was given twice, {given[name]!r} and {value!r}")
            if name not in known:
                raise unknown_name("parameter", name, known, where=self.word.name)
            given[name] = value
        return Indicator(self.word.name, series, tuple(given.items()), self.code)  # type: ignore[arg-type]  # tickers become series there

    def __repr__(self) -> str:
        """Show how it is called."""
        shown = [
            parameter.name if parameter.default is None else f"{parameter.name}={parameter.default:g}"
            for parameter in self.word.parameters
        ]
        return f"<indicator {self.word.name}({', '.join(['series', *shown])}), {self.word.unit}>"

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Pickle by name: the function must be registered where it is read back."""
        return user_word, (self.word.name,)


def user_word(name: str) -> WordFunction:
    """Give the word of an indicator that a user wrote, as it is registered now, or that an installed package brings."""
    word = load_word(name)
    if word.name in WORDS:
        raise StrategyError(f"{name!r} is a word of this lab; type it as it is: {name}('SPY')")
    return WordFunction(word, user_words.current_code(word.name))


def check_new_name(name: object) -> str:
    """Return a name that a user's own indicator can have, or say why it cannot."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name) or name != name.lower():
        raise StrategyError(f"an indicator has a name of small letters such as 'my_word', got {name!r}; say name='…'")
    if name in {*WORDS, *ALIASES, *LIBRARY, *FUNCTIONS, *ROLLING, *LANGUAGE_WORDS}:
        raise StrategyError(f"{name!r} is a word of this lab already; choose another name with name='…'")
    return name
