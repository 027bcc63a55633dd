"""What tests of strategies need, shipped on purpose: random trees, and whatever compares results.

Lives here: the names, loaded when first used, so that importing this package loads neither hypothesis nor numpy.
Does not live here: tests.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import unknown_name

if TYPE_CHECKING:
    from .candles import synthetic_candles
    from .compare import assert_same
    from .grammar import KINDS, MODES, TICKERS
    from .random_trees import conditions, expressions, strategies, trees

__all__ = [
    "KINDS",
    "MODES",
    "TICKERS",
    "assert_same",
    "conditions",
    "expressions",
    "strategies",
    "synthetic_candles",
    "trees",
]

_HOMES = {
    "KINDS": "grammar",
    "MODES": "grammar",
    "TICKERS": "grammar",
    "assert_same": "compare",
    "conditions": "random_trees",
    "expressions": "random_trees",
    "strategies": "random_trees",
    "synthetic_candles": "candles",
    "trees": "random_trees",
}
"""The module of this package that a name comes from."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(str(unknown_name("name", name, __all__, where=__name__)), name=name)
    value: object = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
