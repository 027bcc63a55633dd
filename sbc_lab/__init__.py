"""The façade: every public name of the lab, loaded when it is first used.

Lives here: the names, and where each comes from. Does not live here: any logic, and any import that costs time. A new
name is written three times, in `__all__`, under `TYPE_CHECKING` and, unless it is a word of the language, in `_HOMES`;
tests/test_facade.py holds the three together.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from . import errors
from ._version import __version__
from .options import options  # not lazy: a later import of the module would put it in the place of the object

if TYPE_CHECKING:
    from . import testing
    from .engine import costs
    from .engine import strategy as language
    from .engine.backtest import Backtest, backtest
    from .engine.batch import backtest_many
    from .engine.candles import candles
    from .engine.cube import cube
    from .engine.importers import load
    from .engine.lint import lint
    from .engine.strategy import (
        Strategy,
        axis,
        bottom,
        cash,
        compare,
        cumulative_return,
        each,
        ema,
        equal,
        formula,
        group,
        indicators,
        inverse_vol,
        max_drawdown,
        price,
        rsi,
        simplify,
        sma,
        stdev_return,
        to_code,
        top,
        weighted,
        when,
    )
    from .engine.user_indicators import indicator

__all__ = [
    # a strategy; the rarer words are language.<name>
    "Strategy",
    "when",
    "equal",
    "weighted",
    "inverse_vol",
    "top",
    "bottom",
    "each",
    "group",
    "cash",
    "axis",
    "to_code",
    "load",
    "compare",
    "simplify",
    "language",
    # its indicators; the rarer ones are indicators.<name>
    "price",
    "rsi",
    "sma",
    "ema",
    "cumulative_return",
    "max_drawdown",
    "stdev_return",
    "indicators",
    # and those of one's own
    "formula",
    "indicator",
    # prices and results
    "candles",
    "cube",
    "backtest",
    "backtest_many",
    "Backtest",
    "lint",
    "costs",
    # around them
    "options",
    "errors",
    "testing",
    "__version__",
]

_LANGUAGE = "engine.strategy"
_HOMES = {
    "language": "engine.strategy:",
    "indicators": "engine.strategy.indicators:",
    "indicator": "engine.user_indicators",
    "candles": "engine.candles",
    "cube": "engine.cube",
    "load": "engine.importers",
    "backtest": "engine.backtest",
    "backtest_many": "engine.batch",
    "Backtest": "engine.backtest",
    "lint": "engine.lint",
    "costs": "engine.costs:",
    "testing": "testing:",
}
"""Where a name comes from that is no word of the language: "module", "module:its name there", "module:" for itself."""


if not TYPE_CHECKING:  # a type checker that saw this function would take every misspelt name for granted

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(str(errors.unknown_name("name", name, __all__, where=__name__)), name=name)
        module, colon, attribute = _HOMES.get(name, _LANGUAGE).partition(":")
        value: object = import_module(f".{module}", __name__)
        if attribute or not colon:
            value = getattr(value, attribute or name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
