"""What a strategy is compiled to: numbered rows of values and truths, numbered nodes, and the steps that fill them.

Everything is in an order in which nothing is used before it is made; nodes are numbered children first, so a parent
always has the higher number. Plain data: `compile` writes it, `evaluate` runs it, `explain` reads it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, auto

import numpy as np
from numpy.typing import NDArray

from .strategy import Condition, Expression, Node, Series, Term

Indices = tuple[int, ...]


class Op(IntEnum):
    """What a step does."""

    TICKER = auto()
    RATIO = auto()
    REBASE = auto()
    NAV = auto()
    CONSTANT = auto()
    INDICATOR = auto()
    ARITHMETIC = auto()
    PERCENTILE = auto()
    LAG = auto()
    FUNCTION = auto()
    ROLLING = auto()
    COMPARE = auto()
    CROSS = auto()
    HOLD_FOR = auto()
    ALL = auto()
    ANY = auto()
    NOT = auto()
    AT_LEAST = auto()
    CALENDAR = auto()
    NODE = auto()
    RETURNS = auto()


class Kind(IntEnum):
    """How a node gets its allocation; the numbers are those of `kernels.portfolio`."""

    ASSET = 0
    CASH = 1
    CHOOSE = 2
    STATIC = 3
    ROWS = 4


@dataclass(frozen=True)
class Step:
    """Fill row `out` (of values, truths or nodes, as the operation says) from `args`."""

    op: Op
    out: int
    args: tuple[object, ...] = ()


@dataclass(frozen=True)
class Value:
    """A row of numbers: what it is in the language, and whether it is the same number on every date."""

    term: Expression | Series
    constant: float | None = None


@dataclass(frozen=True)
class Truth:
    """A row of true, false, unknown."""

    term: Condition
    parts: Indices = ()
    """The truths it is made of; none for a comparison."""
    values: Indices = ()
    """The values it compares."""
    constant: bool | None = None


@dataclass(frozen=True)
class Block:
    """A node of the program.

    `truths` and `values` are what must be known before the node can decide: conditions, or scores and volatilities.
    """

    kind: Kind
    term: Node
    children: Indices = ()
    slot: int = -1
    """Where its asset, choice row, static shares or share rows begin."""
    truths: Indices = ()
    values: Indices = ()
    volatilities: Indices = ()


@dataclass(frozen=True)
class Layout:
    """The nodes under the root as the flat arrays that `kernels.portfolio.allocate` walks, parents first."""

    nodes: NDArray[np.int64]
    """The number of each node in `Program.nodes`."""
    kind: NDArray[np.int64]
    slot: NDArray[np.int64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    links: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Program:
    """A strategy as flat data, independent of prices.

    Attributes
    ----------
    tickers : tuple of str
        Everything that is held or looked at, the held ones first.
    assets : int
        How many of the tickers are held.
    """

    tickers: tuple[str, ...]
    assets: int
    values: tuple[Value, ...]
    truths: tuple[Truth, ...]
    nodes: tuple[Block, ...]
    steps: tuple[Step, ...]
    root: int
    in_nav: frozenset[int]
    """Nodes whose daily returns are needed from early on, because something reads a NAV."""
    choice_rows: int
    share_rows: int
    statics: NDArray[np.float64]
    layout: Layout
    row_of: dict[int, int] = field(default_factory=dict)
    """The row of the matrix of values that holds a value; tickers have none, they are read where they lie."""
    number_of: dict[Term, int] = field(default_factory=dict)
    """The number of every term of the tree, so that a date can be explained in the words of the tree."""
    user_words: tuple[str, ...] = ()
    """The indicators that a user wrote, each as "name@hash of its code"."""
    fields: dict[str, str] = field(default_factory=dict)
    """The fields of the candles that it reads besides closes, each with the first indicator that does."""
