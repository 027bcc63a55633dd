"""The strategy itself: a name, a tree and a rebalance rule, and the questions that one asks of it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from ...errors import StrategyError, unknown_name
from . import _checks
from ._intern import Axis, Term
from .nodes import Node, as_node
from .terms import Indicator

RebalanceRule = Literal["daily", "weekly", "monthly", "quarterly", "yearly", "threshold", "none"]


@dataclass(frozen=True, eq=False, repr=False)
class Rebalance(Term):
    """When the portfolio is brought back to its target."""

    kind: ClassVar[str] = "rebalance"
    rule: RebalanceRule = "daily"
    width: float | None = None

    def __post_init__(self) -> None:
        """Check the rule, and the width that only `threshold` has."""
        if self.rule not in get_args(RebalanceRule):
            raise unknown_name("rebalance rule", self.rule, get_args(RebalanceRule))
        if self.rule == "threshold":
            if self.width is None:
                raise StrategyError("rebalance 'threshold': say the width as a fraction, for example threshold(0.05)")
            width = _checks.real(self.width, where="threshold", name="width", low=0.0, high=1.0)
            object.__setattr__(self, "width", width)
        elif self.width is not None:
            raise StrategyError(f"rebalance {self.rule!r}: a width belongs to 'threshold', got {self.width!r}")
        super().__post_init__()

    def __str__(self) -> str:
        """Show the rule, with its width if it has one."""
        return self.rule if self.width is None else f"{self.rule}({self.width:g})"


@dataclass(frozen=True, eq=False, repr=False)
class Strategy(Term):
    """A named tree with a rebalance rule.

    Parameters
    ----------
    name : str
        What people call it; it does not change the fingerprint.
    root : Node or str
        The tree; a ticker stands for all of it.
    rebalance : str or Rebalance, default "daily"
        "daily", "weekly", "monthly", "quarterly", "yearly" (first trading day of the period), "none", or
        `threshold(width)`.

    Examples
    --------
    >>> Strategy("Hold", "SPY")
    Strategy 'Hold'  rebalance=daily
    └─ SPY
    """

    kind: ClassVar[str] = "strategy"
    look: ClassVar[frozenset[str]] = frozenset({"name", "description"})
    name: str
    root: Node
    _: KW_ONLY
    rebalance: Rebalance = Rebalance()  # frozen and one of its kind
    description: str = ""

    if TYPE_CHECKING:
        # What a caller may give; the fields above are what is kept.
        def __init__(
            self,
            name: str,
            root: Node | str,
            *,
            rebalance: Rebalance | RebalanceRule = ...,
            description: str = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        """Check the name, the tree and the rule."""
        _checks.text(self.name, where="Strategy", name="name", empty=False)
        _checks.text(self.description, where="Strategy", name="description")
        object.__setattr__(self, "root", as_node(self.root, where=f"Strategy({self.name!r})"))
        rule: object = self.rebalance  # a word is taken too
        if isinstance(rule, str):
            rule = Rebalance(rule)  # type: ignore[arg-type]  # Rebalance refuses an unknown word
        if not isinstance(rule, Rebalance):
            raise StrategyError(f"Strategy({self.name!r}): rebalance is a rule such as 'daily', got {rule!r}")
        object.__setattr__(self, "rebalance", rule)
        super().__post_init__()
        names = [axis.name for axis in self.axes]
        for name in names:
            if names.count(name) > 1:
                raise StrategyError(f"Strategy({self.name!r}): two different axes are called {name!r}; rename one")

    @cached_property
    def fingerprint(self) -> str:
        """Hash of meaning, hex: the same for two strategies that compute the same numbers, whatever they are called."""
        from .fingerprint import fingerprint

        return fingerprint(self)

    @cached_property
    def tickers(self) -> tuple[str, ...]:
        """Every ticker that is held or looked at, in the order in which it is first met."""
        from .walk import tickers

        return tickers(self.root)

    @cached_property
    def needs(self) -> tuple[Indicator, ...]:
        """Every indicator that the tree reads, once each."""
        from .walk import needs

        return needs(self.root)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Fields of the candles that the tree reads, closes first: `candles(s.tickers, fields=s.fields)` suffices."""
        from .walk import fields

        return fields(self.root)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The named axes that are still open, by name."""
        return tuple(sorted((thing for thing in self.free if isinstance(thing, Axis)), key=lambda axis: axis.name))

    def at(self, /, **values: float) -> Strategy:
        """Put one value in the place of every named axis and return the strategy.

        Raises
        ------
        UnknownNameError
            For a name that is no axis of this strategy.
        StrategyError
            For a value that is not on its axis.
        """
        from .walk import substitute

        known = {axis.name: axis for axis in self.axes}
        for name, value in values.items():
            if name not in known:
                raise unknown_name("axis", name, known, where=f"Strategy({self.name!r}).at")
            if value not in known[name].points:
                raise StrategyError(f"at({name}={value!r}): not on {known[name]!r}")
        return substitute(self, {known[name]: value for name, value in values.items()})

    def __repr__(self) -> str:
        """Show the tree as text, at most 40 lines."""
        from .paint import text

        return text(self)

    def _repr_html_(self) -> str:
        from .paint import html

        return html(self)


def threshold(width: float) -> Rebalance:
    """Rebalance only when a holding is further than `width` (fraction) from its target, or the tickers change."""
    return Rebalance("threshold", width)
