"""Every node of one tree on every date: its allocation, and the bar from which everything in it is known.

Nodes are settled one after the other, each behind all that it uses. What is done with the allocation of the root, from
which bar on and at which cost, is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...errors import BacktestError
from ..strategy import sentence
from ..strategy.conditions import Condition
from ..strategy.nodes import Asset, Blend, Call, Filter, Group, If, Latch, Node, Switch, Weight
from ..strategy.terms import Each, Ratio, Ticker
from .choices import chosen_case, latched
from .money import daily_interest
from .outcomes import NOTHING, Outcome, Wait, first_value, last_of
from .reading import Reader, returns
from .shape import decided_child, in_order, own_terms, questions, reachable, used
from .sharing import NOT_PICKED, capped_shares, left_over, ranks, shares, volatility, volatility_claims

if TYPE_CHECKING:
    from ..panel import Panel
    from ..settings import Settings
    from ..strategy import Term
    from .truths import Floats

Settled = tuple["Floats", list[Wait]]
"""Allocation (ticker, date) of a node, and what it waits for itself."""


class Evaluation:
    """The nodes of a tree, settled in order.

    Parameters
    ----------
    root : Node
    panel : Panel
        Holds every ticker of the tree.
    settings : Settings
        Its `on_missing`, `start_policy`, `profile` and `cash` count here.

    Attributes
    ----------
    allocation : ndarray (ticker, date), fraction
        Daily target of the root; what stands before everything is known has no meaning.
    outcome : Outcome
        Of the root.
    waits : list of Wait
        What a run has to wait for.
    """

    def __init__(self, root: Node, panel: Panel, settings: Settings) -> None:
        self.panel = panel
        self.on_missing, self.profile = settings.on_missing, settings.profile
        idle = daily_interest(panel, settings.cash)
        self.reader = Reader(panel, settings.start_policy, settings.profile, idle=idle)
        self._settle_all(root)
        self.allocation = self.reader.allocations[root]
        self.outcome = self.reader.outcomes[root]
        self.waits = [self.outcome.wait, *self.reader.listings(self.outcome)]

    def _settle_all(self, root: Node) -> None:
        order = in_order(root)
        still_used = Counter(below for _, uses in order for below in uses)
        for node, uses in order:
            self._settle(node)
            still_used.subtract(uses)
            for below in set(uses):
                # An allocation is as large as the panel, and a tree may have thousands of nodes.
                if still_used[below] == 0:
                    del self.reader.allocations[below]

    def _settle(self, node: Node) -> None:
        if isinstance(node, Call):
            raise BacktestError(
                f"`{sentence(node, limit=120)}` names another strategy; expand(strategy, bots) puts it in first"
            )
        allocations, outcomes = self.reader.allocations, self.reader.outcomes
        same = node.child if isinstance(node, Group) else decided_child(node)
        if same is not None:
            allocations[node], outcomes[node] = allocations[same], outcomes[same]
            return
        allocations[node], waits = self._allocation(node)
        outcomes[node] = self._outcome(node, waits)

    def _allocation(self, node: Node) -> Settled:
        if isinstance(node, Asset):
            return self._asset(node), []
        if isinstance(node, Weight):
            return self._weight(node)
        if isinstance(node, Filter):
            return self._filter(node)
        if isinstance(node, Blend):
            return self._blend(node)
        if isinstance(node, (If, Switch, Latch)):
            return self._choice(node)
        return np.zeros(self.panel.close.shape), []

    def _outcome(self, node: Node, waits: list[Wait]) -> Outcome:
        own = frozenset((node.ticker,)) if isinstance(node, Asset) else frozenset[str]()
        looked_at: set[str] = set()
        for term in own_terms(*questions(node)):
            looked_at.update((term.symbol,) if isinstance(term, Ticker) else ())
            looked_at.update((term.above, term.below) if isinstance(term, Ratio) else ())
        children = [self.reader.outcomes[child] for child in reachable(node)]
        read = [self.reader.outcomes[below] for below in used(node)]
        single = isinstance(node, Weight) and node.weighting.window is None and not node.weighting.capped
        single = single and len(children) == 1
        return Outcome(
            wait=last_of([NOTHING, *waits, *(child.wait for child in children)]),
            held=own.union(*(child.held for child in children)),
            tickers=own.union(looked_at, *(below.tickers for below in read)),
            ticker=node.ticker if isinstance(node, Asset) else children[0].ticker if single else None,
        )

    def _asset(self, node: Asset) -> Floats:
        close = self.reader.close(node.ticker)
        allocation = np.zeros(self.panel.close.shape)
        allocation[self.panel.rows[node.ticker]] = np.where(np.isnan(close), 0.0, 1.0)
        return allocation

    def _weight(self, node: Weight) -> Settled:
        mode, active = node.weighting.mode, self._active(node.members)
        waits: list[Wait] = []
        if mode == "fixed":
            claims = np.array([np.full(active.shape[1], share) for share in node.weighting.shares])
        elif mode == "equal":
            claims = np.ones(active.shape)
        else:
            sigma, waits = self._volatilities(node)
            claims = volatility_claims(mode, sigma, active)
        return self._shared(node, shares(claims, active)), waits

    def _filter(self, node: Filter) -> Settled:
        mode, scores, waits = node.weighting.mode, [], []
        for child in node.members:
            score = self.reader.answers((node.by,), {Each(): self.reader.own_series(child)}).values[node.by]
            scores.append(score)
            waits.append(Wait(first_value(score), partial(_score_of, node.by, child)))
        count = int(node.count)  # type: ignore[arg-type]  # a tree with open axes is refused before
        rank = ranks(scores, count, highest_first=node.side == "top")
        active = self._active(node.members) & (rank != NOT_PICKED)
        if mode == "fixed":
            claims = np.array(node.weighting.shares)[rank]
        elif mode == "equal":
            claims = np.ones(active.shape)
        else:
            sigma, more = self._volatilities(node)
            waits += more
            claims = volatility_claims(mode, sigma, active)
        return self._shared(node, shares(claims, active)), waits

    def _shared(self, node: Weight | Filter, parts: Floats) -> Floats:
        """Allocate to the members by their shares within floor and cap, and what those leave to the fallback."""
        weighting = node.weighting
        if not weighting.capped:
            return self._mixed(node.members, parts)
        parts = capped_shares(parts, weighting.floor, weighting.cap)
        if weighting.fallback is None:
            return self._mixed(node.members, parts)
        holds = self._active((weighting.fallback,))[0]
        rest = np.where(holds, left_over(parts, weighting.cap), 0.0)
        return self._mixed((*node.members, weighting.fallback), np.array([*parts, rest]))

    def _volatilities(self, node: Weight | Filter) -> Settled:
        window = int(node.weighting.window)  # type: ignore[arg-type]  # these modes have one, and no axis is open
        rows = [volatility(returns(self.reader.own_prices(child)), window) for child in node.members]
        waits = [
            Wait(first_value(row), partial(_volatility_of, window, child))
            for row, child in zip(rows, node.members, strict=True)
        ]
        return np.array(rows), waits

    def _blend(self, node: Blend) -> Settled:
        value = self.reader.answers((node.by,), self.reader.branches(node)).values[node.by]
        begin, end = float(node.begin), float(node.end)  # type: ignore[arg-type]  # no open axes
        second = np.clip((value - begin) / (end - begin), 0.0, 1.0)
        if self.on_missing == "hold":
            for bar in range(1, len(second)):
                second[bar] = second[bar - 1] if np.isnan(second[bar]) else second[bar]
        unknown = np.isnan(second)
        if self.profile == "quantmage":
            first_holds, second_holds = self._active((node.first, node.second))
            second = np.where(first_holds & ~second_holds, 0.0, np.where(second_holds & ~first_holds, 1.0, second))
        parts = np.array([np.where(unknown, 0.0, 1.0 - second), np.where(unknown, 0.0, second)])
        return self._mixed((node.first, node.second), parts), [Wait(first_value(value), partial(sentence, node.by))]

    def _choice(self, node: If | Switch | Latch) -> Settled:
        asked = [question for question in questions(node) if isinstance(question, Condition)]
        answers = self.reader.answers(asked, self.reader.branches(node))
        truths = [answers.truths[condition] for condition in asked]
        if isinstance(node, Latch):
            case = latched(truths[0], truths[1], self.on_missing)
        else:
            case = chosen_case(node, truths, self.on_missing)
        counted = set(reachable(node))
        kept = [place for place, child in enumerate(node.children) if child in counted]
        parts = np.array([np.where(case == place, 1.0, 0.0) for place in kept])
        return self._mixed([node.children[place] for place in kept], parts), answers.waits()

    def _active(self, children: Iterable[Node]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return np.array([(self.reader.allocations[child] > 0.0).any(axis=0) for child in children])

    def _mixed(self, children: Iterable[Node], parts: Floats) -> Floats:
        allocation = np.zeros(self.panel.close.shape)
        for child, part in zip(children, parts, strict=True):
            allocation = allocation + part * self.reader.allocations[child]
        return allocation


def _score_of(term: Term, child: Node) -> str:
    return f"{sentence(term)} of {sentence(child, limit=80)}"


def _volatility_of(window: int, child: Node) -> str:
    return f"the volatility over {window} days of {sentence(child, limit=80)}"
