"""What every node has, the two leaves that hold or hold nothing, and how a value becomes a node.

Lives here: the base of all nodes. Does not live here: the nodes with children (`nodes`, from where all are imported).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from ...errors import StrategyError
from . import _checks
from ._intern import Term
from .terms import Branch, Each

MOST_CHILDREN = 100_000


@dataclass(frozen=True, eq=False, repr=False)
class Node(Term):
    """A block of the tree, which says how its part of the portfolio is allocated on every date."""

    look: ClassVar[frozenset[str]] = frozenset({"title", "color", "folded"})
    slots: ClassVar[tuple[str, ...]] = ()
    """Fields that hold children, in the order in which they are shown."""
    _: KW_ONLY
    title: str = ""
    color: str = ""
    folded: bool = False

    def __post_init__(self) -> None:
        """Check what every node has, and that nothing is left open but axes."""
        where = type(self).__name__
        _checks.text(self.title, where=where, name="title")
        _checks.text(self.color, where=where, name="color")
        if not isinstance(self.folded, bool):
            raise StrategyError(f"{where}: folded must be True or False, got {self.folded!r}")
        super().__post_init__()
        for thing in self.free:
            if isinstance(thing, Each):
                raise StrategyError(
                    f"{where}: `each` means the child that top() or bottom() looks at; here there is none"
                )
            if isinstance(thing, Branch):
                names = ", ".join(repr(name) for name in self.branches) or "none"
                raise StrategyError(f"{where}: there is no branch({thing.which!r}) here; its branches: {names}")

    def _bound(self) -> frozenset[object]:
        return frozenset(Branch(name) for name in self.branches)

    @property
    def branches(self) -> dict[str | int, Node]:
        """The branches that this node's own conditions and expressions may name."""
        return {}

    @property
    def children(self) -> tuple[Node, ...]:
        """The nodes one level below, in the order in which they are written."""
        return tuple(getattr(self, slot) for slot in self.slots)

    def __eq__(self, other: object) -> bool:
        """Be the same object: equal terms are built only once."""
        return self is other

    __hash__ = Term.__hash__


@dataclass(frozen=True, eq=False, repr=False)
class Asset(Node):
    """All of one ticker."""

    kind: ClassVar[str] = "asset"
    ticker: str

    def __post_init__(self) -> None:
        """Check the symbol."""
        object.__setattr__(self, "ticker", _checks.ticker(self.ticker))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class Cash(Node):
    """Nothing held."""

    kind: ClassVar[str] = "cash"


def as_node(value: object, *, where: str) -> Node:
    """Take a node or a ticker and return the node."""
    if isinstance(value, Node):
        return value
    if isinstance(value, str):
        return Asset(_checks.ticker(value, where=where))
    if hasattr(value, "then") and hasattr(value, "before"):
        raise StrategyError(f"{where}: when(…) is not finished; add .then(…).otherwise(…)")
    if hasattr(value, "otherwise"):
        raise StrategyError(f"{where}: when(…).then(…) is not finished; add .otherwise(…)")
    if value is None:
        raise StrategyError(f"{where}: a node is needed, got None; for nothing held type cash()")
    raise StrategyError(f"{where}: a node or a ticker such as 'SPY' is needed, got {_checks.shown(value)}")


def as_nodes(values: object, *, where: str) -> tuple[Node, ...]:
    """Take several nodes or tickers and return the nodes; none is an error."""
    if isinstance(values, (str, Term)) or not isinstance(values, Iterable):
        raise StrategyError(f"{where}: give children, got {values!r}")
    nodes = tuple(as_node(value, where=where) for value in values)
    if not nodes:
        raise StrategyError(f"{where}: give at least one child; for nothing held type cash()")
    if len(nodes) > MOST_CHILDREN:
        raise StrategyError(f"{where}: at most {MOST_CHILDREN} children, got {len(nodes)}")
    return nodes
