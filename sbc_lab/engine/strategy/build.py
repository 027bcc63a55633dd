"""The words a researcher types: when, equal, weighted, top, rsi, … Each builds one term and checks nothing twice."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import StrategyError
from ._intern import Axis
from .conditions import All, Any, AtLeast, Condition, DateRange, Month, OnOrAfter, as_condition
from .nodes import (
    Blend,
    Call,
    Cash,
    Filter,
    Fraction,
    Group,
    If,
    Latch,
    Node,
    Switch,
    SwitchRule,
    Weight,
    Weighting,
    as_node,
)
from .terms import Branch, Constant, Expression, Lag, Nav, Number, Percentile, Ratio

if TYPE_CHECKING:
    from .conditions import Comparison

NodeLike = Node | str


@dataclass(frozen=True)
class When:
    """The first half of a branch; `.then(…)` goes on."""

    condition: Condition
    before: Then | None = None

    def then(self, node: NodeLike) -> Then:
        """Say what is held while the condition is true."""
        return Then(self.condition, as_node(node, where="then"), self.before)


@dataclass(frozen=True)
class Then:
    """A branch without its other side; `.otherwise(…)` finishes it, `.when(…)` adds an else-if."""

    condition: Condition
    node: Node
    before: Then | None = None

    def when(self, condition: Condition) -> When:
        """Ask the next question when the ones before were not true."""
        return When(as_condition(condition, where="when"), self)

    def otherwise(self, node: NodeLike) -> If:
        """Say what is held while no condition is true, and return the finished node."""
        built = If(self.condition, self.node, as_node(node, where="otherwise"))
        step = self.before
        while step is not None:
            built = If(step.condition, step.node, built)
            step = step.before
        return built


def when(condition: Condition) -> When:
    """Choose between two branches: `when(rsi("QQQ", 10) > 79).then("UVXY").otherwise("TQQQ")`."""
    return When(as_condition(condition, where="when"))


def equal(*children: NodeLike, floor: Fraction = 0.0, cap: Fraction = 1.0, fallback: NodeLike | None = None) -> Weight:
    """Share equally between the children."""
    return Weight(Weighting("equal", floor=floor, cap=cap, fallback=_fallback(fallback)), children)  # type: ignore[arg-type]  # tickers become assets there


def weighted(
    *pairs: tuple[NodeLike, Fraction], floor: Fraction = 0.0, cap: Fraction = 1.0, fallback: NodeLike | None = None
) -> Weight:
    """Share by fixed fractions that add up to 1: `weighted(("SPY", 0.6), ("TLT", 0.4))`."""
    nodes, shares = [], []
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise StrategyError(f"weighted: give pairs such as ('SPY', 0.6), got {pair!r}")
        nodes.append(as_node(pair[0], where="weighted"))
        shares.append(pair[1])
    try:
        weighting = Weighting("fixed", shares=tuple(shares), floor=floor, cap=cap, fallback=_fallback(fallback))
    except StrategyError as error:
        if not str(error).startswith("weights must add up"):
            raise
        head = str(error).split(": ")[0]
        named = ", ".join(f"{_label(node)}={share:g}" for node, share in zip(nodes[:8], shares[:8], strict=True))
        percent = "; a share is a fraction, 60 % is 0.6" if abs(math.fsum(shares) - 100.0) < 1e-6 else ""
        raise StrategyError(f"{head}: {named}{', …' if len(nodes) > 8 else ''}{percent}") from None
    return Weight(weighting, tuple(nodes))


def _label(node: Node) -> str:
    return getattr(node, "ticker", None) or getattr(node, "name", None) or node.title or node.kind


def inverse_vol(
    *children: NodeLike,
    window: int | Axis,
    floor: Fraction = 0.0,
    cap: Fraction = 1.0,
    fallback: NodeLike | None = None,
) -> Weight:
    """Share in proportion to 1/σ of each child's own daily returns over `window` trading days."""
    weighting = Weighting("inverse_vol", window=window, floor=floor, cap=cap, fallback=_fallback(fallback))
    return Weight(weighting, children)  # type: ignore[arg-type]  # tickers become assets there


def vol(
    *children: NodeLike,
    window: int | Axis,
    floor: Fraction = 0.0,
    cap: Fraction = 1.0,
    fallback: NodeLike | None = None,
) -> Weight:
    """Share in proportion to σ of each child's own daily returns over `window` trading days."""
    weighting = Weighting("vol", window=window, floor=floor, cap=cap, fallback=_fallback(fallback))
    return Weight(weighting, children)  # type: ignore[arg-type]  # tickers become assets there


def _fallback(value: NodeLike | None) -> Node | None:
    return None if value is None else as_node(value, where="fallback")


def group(name: str, child: NodeLike) -> Group:
    """Put a named box around a node, so that it can be found, folded and ranked as one."""
    return Group(name, as_node(child, where=f"group({name!r})"))


def cash() -> Cash:
    """Hold nothing. Among siblings its share goes to those that hold something."""
    return Cash()


def top(*children: NodeLike, n: int | Axis, by: Expression, weighting: Weighting | str = "equal") -> Filter:
    """Keep the `n` children with the highest value: `top("SPY", "TLT", n=1, by=cumulative_return(each, 60))`."""
    return Filter("top", n, by, weighting, children)  # type: ignore[arg-type]  # names become values there


def bottom(*children: NodeLike, n: int | Axis, by: Expression, weighting: Weighting | str = "equal") -> Filter:
    """Keep the `n` children with the lowest value."""
    return Filter("bottom", n, by, weighting, children)  # type: ignore[arg-type]  # names become values there


def switch(
    conditions: Iterable[Condition], cases: Iterable[NodeLike], *, rule: SwitchRule = "ladder", count: int | None = None
) -> Switch:
    """Choose a branch by how many conditions hold (branch k when k hold), or by the rule given."""
    return Switch(rule, tuple(conditions), tuple(cases), count)  # type: ignore[arg-type]  # tickers become assets there


def blend(by: Expression, first: NodeLike, second: NodeLike, *, begin: float | Axis, end: float | Axis) -> Blend:
    """Mix two children: all of the first at `begin`, all of the second at `end`, straight between."""
    return Blend(by, begin, end, first, second)  # type: ignore[arg-type]  # tickers become assets there


def latch(*, enter: Condition, exit: Condition, on: NodeLike, off: NodeLike) -> Latch:
    """Switch `on` when `enter` holds and `off` when `exit` holds, and remember in between."""
    return Latch(enter, exit, on, off)  # type: ignore[arg-type]  # tickers become assets there


def call(bot: str, *, version: str = "latest") -> Call:
    """Put another saved strategy in this place."""
    return Call(bot, version)


def all_of(*conditions: Condition) -> All:
    """Every one of the conditions holds."""
    return All(conditions)


def any_of(*conditions: Condition) -> Any:
    """At least one of the conditions holds."""
    return Any(conditions)


def at_least(count: int | Axis, *conditions: Condition) -> AtLeast:
    """At least `count` of the conditions hold."""
    return AtLeast(count, conditions)


def month(*months: int) -> Month:
    """The date lies in one of these months, 1 to 12."""
    return Month(months)


def between(first: str | tuple[int, int], last: str | tuple[int, int]) -> DateRange:
    """The date lies between two days of the year, both included; `between("11-01", "04-30")` wraps the year's end."""
    return DateRange(first, last)  # type: ignore[arg-type]  # texts become pairs there


def on_or_after(day: str | tuple[int, int]) -> OnOrAfter:
    """The date is the first trading day on or after this day of the year, be it in January."""
    return OnOrAfter(day)  # type: ignore[arg-type]  # texts become pairs there


def crosses_above(left: Expression, right: Expression | Number | Axis) -> Comparison:
    """`left` was below `right` on the date before and is at or above it on this one."""
    return left.crosses_above(right)


def crosses_below(left: Expression, right: Expression | Number | Axis) -> Comparison:
    """`left` was above `right` on the date before and is at or below it on this one."""
    return left.crosses_below(right)


def constant(value: float | Axis) -> Constant:
    """Make an expression of a number, the same on every date."""
    return Constant(value)


def percentile(of: Expression, lookback: int | Axis) -> Percentile:
    """Where an expression stands among its own last `lookback` values, 0 to 100."""
    return Percentile(of, lookback)


def lag(of: Expression, days: int | Axis) -> Lag:
    """Read an expression as it was `days` trading days ago."""
    return Lag(of, days)


def ratio(above: str, below: str) -> Ratio:
    """One ticker's adjusted close divided by another's, as a series."""
    return Ratio(above, below)


def nav(node: NodeLike) -> Nav:
    """Read a node's own net asset value as a series."""
    return Nav(as_node(node, where="nav"))


def branch(which: str | int) -> Branch:
    """Read a branch of the node that owns the condition: `when(rsi(branch("then"), 10) < 30).then(…)`."""
    return Branch(which)


def axis(name: str, points: Iterable[int | float]) -> Axis:
    """Name a list of values to sweep; put it where one number would stand."""
    return Axis(name, tuple(points))
