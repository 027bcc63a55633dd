"""Random trees for hypothesis: small ones first, every kind of term, or only those that a test asks for.

Lives here: the functions that a test calls. Does not live here: how a term is drawn (`grammar`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..engine.strategy.conditions import Condition
from ..engine.strategy.nodes import Node
from ..engine.strategy.strategy import Rebalance, Strategy
from ..engine.strategy.terms import Expression
from .grammar import KINDS, MODES, TICKERS, grammar

_RULES = ("daily", "weekly", "monthly", "quarterly", "yearly", "none")


def trees(
    tickers: Iterable[str] = TICKERS,
    *,
    kinds: Iterable[str] = KINDS,
    modes: Iterable[str] = MODES,
    indicators: Iterable[str] | None = None,
    windows: tuple[int, int] = (2, 30),
    max_leaves: int = 8,
    condition_leaves: int = 3,
    looks: bool = False,
    bots: dict[str, Strategy] | None = None,
) -> SearchStrategy[Node]:
    """Draw random nodes.

    Parameters
    ----------
    tickers : iterable of str
        What may be held and looked at.
    kinds : iterable of str
        Which kinds of term may occur, out of `KINDS`; assets, tickers and comparisons always may.
    modes : iterable of str
        Which weight modes may occur, out of `MODES`.
    indicators : iterable of str, optional
        Which indicators may occur; all of them when not given.
    windows : (int, int), trading days
        Bounds of every window, both included; an indicator that needs a longer one keeps its own minimum.
    max_leaves : int
        About how many leaves a tree has at most.
    condition_leaves : int
        About how many comparisons a condition has at most.
    looks : bool
        Whether titles, colours and folding are drawn too.
    bots : dict, optional
        Where the strategies are put that drawn calls name, nested and pinned ones too; give it on to the backtest.
        Without it calls name strategies that nobody has.
    """
    return grammar(tickers, kinds, modes, indicators, windows, looks=looks, bots=bots).node(
        max_leaves, condition_leaves
    )


def conditions(
    tickers: Iterable[str] = TICKERS,
    *,
    kinds: Iterable[str] = KINDS,
    indicators: Iterable[str] | None = None,
    windows: tuple[int, int] = (2, 30),
    max_leaves: int = 5,
) -> SearchStrategy[Condition]:
    """Draw random conditions that leave nothing open; the parameters are those of `trees`."""
    return grammar(tickers, kinds, MODES, indicators, windows, looks=False).condition(max_leaves)


def expressions(
    tickers: Iterable[str] = TICKERS,
    *,
    kinds: Iterable[str] = KINDS,
    indicators: Iterable[str] | None = None,
    windows: tuple[int, int] = (2, 30),
) -> SearchStrategy[Expression]:
    """Draw random expressions that leave nothing open; the parameters are those of `trees`."""
    return grammar(tickers, kinds, MODES, indicators, windows, looks=False).expression()


def strategies(
    roots: SearchStrategy[Node] | None = None, *, rebalance: Iterable[str] = (*_RULES, "threshold")
) -> SearchStrategy[Strategy]:
    """Draw random strategies over the given roots, by default those of `trees()`."""

    def rule(name: str) -> SearchStrategy[Rebalance]:
        if name == "threshold":
            return st.sampled_from((0.01, 0.05, 0.2)).map(lambda width: Rebalance("threshold", width))
        return st.just(Rebalance(cast("Any", name)))

    return st.builds(
        Strategy,
        st.sampled_from(("Calm seas", "Hot", "Größe")),
        trees() if roots is None else roots,
        rebalance=st.one_of([rule(name) for name in rebalance]),
    )
