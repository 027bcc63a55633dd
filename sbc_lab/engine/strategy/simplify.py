"""`simplify`: the same strategy in fewer words, by rewrites that never change a number of a run.

Lives here: the walk and what it reports. Does not live here: the rewrites, which are in `_rewrite_terms` for
expressions and conditions and in `_rewrite_nodes` for nodes.

What looks the same and is not, and is therefore left alone: a run starts when everything that can be reached is known,
so a condition that is asked stays, even when both its branches are equal; weights inside weights stay, because a child
that holds nothing gives its share to its nearest siblings; two equal children of a weight are two children.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ...errors import StrategyError
from ._checks import shown
from ._intern import Term
from ._rewrite_nodes import rewrite_node
from ._rewrite_terms import rewrite_term
from .nodes import Node
from .strategy import Strategy
from .walk import count_nodes, count_unique, ordered

__all__ = ["Simplified", "simplify"]

Tree = TypeVar("Tree", Strategy, Node)


@dataclass(frozen=True, repr=False)
class Simplified(Generic[Tree]):
    """A strategy or node in fewer words, and what was done to it.

    Attributes
    ----------
    tree : Strategy or Node
        What was given, simplified; its very object when there was nothing to do.
    changes : mapping of str to int
        How often which rewrite was applied, counted in different terms.
    nodes, different : (int, int)
        Nodes as an outline shows them, and how many of them are different; before and after.
    """

    tree: Tree
    changes: Mapping[str, int]
    nodes: tuple[int, int]
    different: tuple[int, int]

    @property
    def shared(self) -> int:
        """How many nodes of the outline stand elsewhere as well, and are therefore stored and computed once."""
        return self.nodes[1] - self.different[1]

    def __repr__(self) -> str:
        """Say what was done; `.tree` is the result."""
        done: list[str] = [f"  {count:,} × {what}" for what, count in self.changes.items()] or ["  nothing to simplify"]
        size = (
            f"{self.nodes[0]:,} → {self.nodes[1]:,} nodes, {self.different[0]:,} → {self.different[1]:,} of them "
            f"different; {self.shared:,} stand elsewhere as well and are computed once"
        )
        return "\n".join((size, *done, ".tree is the result"))


def simplify(tree: Tree, *, boxes: bool = False) -> Simplified[Tree]:
    """Say the same in fewer words; every number of every run stays as it is.

    Parameters
    ----------
    tree : Strategy or Node
    boxes : bool, default False
        Take away named groups as well. They mean nothing, but people find their way by them.

    Returns
    -------
    Simplified
        `.tree`, `.changes`, and how many nodes there are and were. Titles of what was taken away go to what is left
        when that has none. Tickers that stood only in branches never taken are not read any more.

    Examples
    --------
    >>> from sbc_lab.engine.strategy import constant, equal, rsi, when
    >>> hot = rsi("QQQ", 10) > 79
    >>> found = simplify(Strategy("Calm", when(~~hot & hot).then(equal("BIL")).otherwise("QQQ")))
    >>> found.tree
    Strategy 'Calm'  rebalance=daily
    └─ if rsi('QQQ', 10) > 79
       ├─ BIL
       └─ else
          └─ QQQ
    >>> dict(found.changes)
    {'a condition that stands twice among others': 1, 'a join of one condition': 1, 'a weight of one child': 1}
    """
    top: object = tree
    if not isinstance(top, (Strategy, Node)):
        raise StrategyError(f"simplify: a node or a strategy is needed, got {shown(top)}")
    changes: Counter[str] = Counter()
    fresh: dict[Term, Term] = {}
    for term in ordered(top):
        fresh[term] = _settled(_rebuilt(term, fresh), changes, boxes=boxes)
    found: Any = fresh[top]
    return Simplified(
        found, dict(changes), (count_nodes(top), count_nodes(found)), (count_unique(top), count_unique(found))
    )


def _rebuilt(term: Term, fresh: Mapping[Term, Term]) -> Term:
    """Put the simplified parts into a term."""
    changes: dict[str, object] = {}
    for name, value in term.values():
        if isinstance(value, Term):
            new: object = fresh[value]
        elif isinstance(value, tuple):
            new = tuple(fresh[item] if isinstance(item, Term) else item for item in value)
            new = new if any(one is not other for one, other in zip(new, value, strict=True)) else value
        else:
            continue
        if new is not value:
            changes[name] = new
    return term.replaced(**changes) if changes else term


def _settled(term: Term, changes: Counter[str], *, boxes: bool) -> Term:
    """Rewrite a term whose parts are simplified until no rewrite fits; every one makes it smaller, so it ends."""
    while True:
        found = rewrite_node(term, boxes=boxes) if isinstance(term, Node) else rewrite_term(term)
        if found is None:
            return term
        what, term = found
        changes[what] += 1
