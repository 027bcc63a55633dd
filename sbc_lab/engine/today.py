"""What a strategy asks for on its last date, what to trade for it, and how near each of its conditions is to flipping.

Lives here: the numbers of one date with their labels. Does not live here: the whole run (`trace`), the path that was
taken (`explain`), and how this is shown (`today_display`). There is no clock: the last date is that of the prices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import today_display
from ._asked import Asked, shares_of
from ._orders import OpenOrder, Orders
from ._sides import COMPOUND, Sides
from ._today_weights import WEIGHTS, weigh
from ._traced import Tracer
from ._written import path_text
from .evaluate import day
from .strategy import Comparison, Latch, Strategy, Ticker
from .strategy.outline import safe, said

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .evaluate import Evaluation
    from .program import Value
    from .trading import Portfolio

TYPICAL_DAYS = 20
"""Over so many changes a typical day is measured."""
TEXTS = ("sentence", "said", "unit", "path", "title")
NUMBERS = ("left", "right", "distance", "days_away", "price_move")
STATES = ("false", "true", "unknown")


@dataclass(frozen=True)
class LatchState:
    """The memory of one latch.

    Attributes
    ----------
    path, title : str
        Where it stands first, and what a person called it.
    state : str
        "on" or "off".
    since : str or None
        The date from which it has been so; None: as far back as the prices reach.
    asked : bool
        Whether any of the portfolio depends on it.
    """

    path: str
    title: str
    state: str
    since: str | None
    asked: bool


@dataclass(frozen=True, eq=False, repr=False)
class Today:
    """What a strategy asks for on the last date of a run.

    Attributes
    ----------
    date : str
        YYYY-MM-DD: the last date of the prices that were given, whatever day it is.
    strategy : str
        Its name.
    traded : bool
        Whether something was ordered for the fill of this date and is held since; if not, what is held is not that.
    rebalance, execution : str
        The rule, and where its orders are filled.
    weights : Dataset (ticker)
        `target` (what the close of this date asks for), `target_before` (of the date before), `held` (before the fill
        of the date), `trade` (at that fill), `after` (after it), `now` (at the close of the date, which is later than
        a fill at its open) and `to_trade` (target less now), fractions of the portfolio. Of a round trip over the day,
        `trade` was sold again at the close, and nothing is held before or after it.
    open_orders : tuple of OpenOrder
        What was decided on this date and, with a delay, on those before, and is not filled yet; the oldest first.
        Empty where everything is filled at the close at which it is decided.
    conditions : Dataset (condition)
        Every comparison and every condition of dates that the tree asks, nearest first: `state` (0 false, 1 true, 2
        unknown), `asked` (whether any of the portfolio depends on it), `left`, `right` and `distance` = left less
        right, in `unit`: to flip, the left side has to lose that much against the right one, or to gain it where it is
        below 0. `days_away` is the distance in mean daily changes of itself over the last 20 days; they are sorted by
        it. `price_move` is the fraction by which a price would have to move to stand at the level, where a plain price
        is compared with a number, or with another ticker's price that stands still; else NaN, because what is computed
        from a price moves with it.
    latches : tuple of LatchState
    carried : tuple of str
        Tickers without a bar on this date, whose last close was taken.
    """

    date: str
    strategy: str
    traded: bool
    rebalance: str
    execution: str
    weights: xr.Dataset
    conditions: xr.Dataset
    latches: tuple[LatchState, ...]
    carried: tuple[str, ...]
    open_orders: tuple[OpenOrder, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Give everything as plain values, ready for JSON; what has no value is None."""
        tickers = self.weights["ticker"].values.tolist()
        shares = {name: self.weights[name].values.tolist() for name in WEIGHTS}
        return {
            "date": self.date,
            "strategy": self.strategy,
            "traded": self.traded,
            "rebalance": self.rebalance,
            "execution": self.execution,
            "open_orders": [order.as_json() for order in self.open_orders],
            "weights": {ticker: {name: shares[name][row] for name in WEIGHTS} for row, ticker in enumerate(tickers)},
            "conditions": self._conditions(),
            "latches": [dict(vars(latch)) for latch in self.latches],
            "carried": list(self.carried),
        }

    def _conditions(self) -> list[dict[str, object]]:
        names = (*TEXTS, "state", "asked", *NUMBERS)
        columns: list[list[Any]] = [self.conditions[name].values.tolist() for name in names]
        found = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        for one in found:
            one["state"] = STATES[one["state"]]
            one.update({name: one[name] if math.isfinite(one[name]) else None for name in NUMBERS})
        return found

    def __repr__(self) -> str:
        """Show the target, the trades, and the conditions nearest to flipping."""
        return today_display.text(self)

    def _repr_html_(self) -> str:
        return today_display.page(self)


def look(strategy: Strategy, evaluation: Evaluation, portfolio: Portfolio) -> Today:
    """Read the last date of a run."""
    tracer = Tracer(strategy.root, evaluation, portfolio)
    bar = tracer.first + tracer.bars - 1
    panel = evaluation.panel
    orders = Orders(evaluation, portfolio)
    shares = tracer.flow.shares(slice(bar, bar + 1))
    return Today(
        date=day(panel, bar),
        strategy=strategy.name,
        traded=orders.holds(bar),
        rebalance=str(evaluation.settings.rebalance),
        execution=evaluation.settings.execution,
        weights=weigh(evaluation, portfolio),
        conditions=_Nearness(tracer, bar, shares).table(),
        latches=_latches(tracer, bar, shares),
        carried=tuple(
            ticker
            for row, ticker in enumerate(panel.tickers)
            if panel.available[row, bar] and not panel.traded[row, bar]
        ),
        open_orders=tuple(orders.open()),
    )


def _latches(tracer: Tracer, bar: int, shares: NDArray[np.float64]) -> tuple[LatchState, ...]:
    found: dict[int, LatchState] = {}
    for row, node in enumerate(tracer.written.nodes):
        block = tracer.flow.block(row)
        if not isinstance(node, Latch) or block is None or not isinstance(block.term, Latch):
            continue
        kept = found.get(block.slot)
        asked = bool(shares[row, 0] > 0.0) or (kept is not None and kept.asked)
        states = tracer.rows.choices[block.slot]
        other = np.flatnonzero(states[:bar] != states[bar])
        since = day(tracer.evaluation.panel, int(other[-1]) + 1) if len(other) else None
        path, title = (kept.path, kept.title) if kept else (path_text(tracer.written.above, row), node.title)
        found[block.slot] = LatchState(path, title, "on" if states[bar] == 0 else "off", since, asked)
    return tuple(found.values())


class _Nearness:
    """Measures how near every condition is to flipping on one date."""

    def __init__(self, tracer: Tracer, bar: int, shares: NDArray[np.float64]) -> None:
        self.tracer, self.bar = tracer, bar
        self.program, self.rows = tracer.program, tracer.rows
        self.sides = Sides(self.program, self.rows)
        self.depends = shares_of(tracer.asked, shares)[:, 0]

    def table(self) -> xr.Dataset:
        """Label every leaf condition that is not the same on every date, nearest first."""
        import xarray as xr

        rows = [row for row, one in enumerate(self.tracer.asked) if self._counts(one)]
        found = sorted((self._measure(row) for row in rows), key=_nearest)
        words = {
            "state": ("0 false, 1 true, 2 unknown", "1"),
            "asked": ("Some of the portfolio depends on it", "1"),
            "left": ("Left side", "see unit"),
            "right": ("Right side", "see unit"),
            "distance": ("Left side less right side", "see unit"),
            "days_away": ("Distance in mean daily changes of itself", "days"),
            "price_move": ("Move of the price that would bring it to the level", "fraction"),
        }
        return xr.Dataset(
            {
                name: ("condition", np.array([one[name] for one in found]), {"long_name": label, "units": units})
                for name, (label, units) in words.items()
            },
            coords={name: ("condition", np.array([one[name] for one in found], dtype=object)) for name in TEXTS},
        )

    def _counts(self, one: Asked) -> bool:
        return not isinstance(one.term, COMPOUND) and self.program.truths[one.truth].constant is None

    def _measure(self, row: int) -> dict[str, Any]:
        one = self.tracer.asked[row]
        truth = self.program.truths[one.truth]
        term = truth.term if one.term.free else one.term
        left = right = away = math.nan
        if truth.values:
            lines = [self.rows.value(value)[: self.bar + 1] for value in truth.values]
            left, right = (float(line[-1]) for line in lines)
            away = _days_away(lines[0][-TYPICAL_DAYS - 1 :] - lines[1][-TYPICAL_DAYS - 1 :])
        return {
            "sentence": said(term),
            "said": self.sides.condition("", term, one.truth, self.bar)[0],
            "unit": self.tracer.unit(one),
            "path": path_text(self.tracer.written.above, one.node),
            "title": safe(self.tracer.written.nodes[one.node].title),
            "state": int(self.rows.truth(one.truth)[self.bar]),
            "asked": bool(self.depends[row] > 0.0),
            "left": left,
            "right": right,
            "distance": left - right,
            "days_away": away,
            "price_move": self._price_move(term, truth.values, left, right),
        }

    def _price_move(self, term: object, values: tuple[int, ...], left: float, right: float) -> float:
        """Compute the move that brings a price to its level, where nothing else moves with it."""
        if not isinstance(term, Comparison) or term.op not in (">", ">=", "<", "<=") or term.days != 1:
            return math.nan
        first, second = (self.program.values[value] for value in values)
        if isinstance(first.term, Ticker) and _stands_still(second):
            return right / left - 1.0 if right > 0.0 else math.nan
        if isinstance(second.term, Ticker) and first.constant is not None:
            return left / right - 1.0 if left > 0.0 else math.nan
        return math.nan


def _stands_still(value: Value) -> bool:
    """Whether a side does not move with the price on the other: a number, or the price of another ticker."""
    return value.constant is not None or isinstance(value.term, Ticker)


def _days_away(distances: NDArray[np.float64]) -> float:
    """Measure the last distance in mean daily changes; NaN without one, infinite where it never changed."""
    changes = np.abs(np.diff(distances))
    known = changes[np.isfinite(changes)]
    typical = float(known.mean()) if len(known) else 0.0
    distance = abs(float(distances[-1]))
    if math.isnan(distance) or typical > 0.0:
        return distance / typical if typical > 0.0 else math.nan
    return math.inf if distance > 0.0 else 0.0


def _nearest(one: dict[str, Any]) -> tuple[bool, float]:
    away = one["days_away"]
    return (math.isnan(away), 0.0 if math.isnan(away) else away)
