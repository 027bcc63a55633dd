"""The nodes of a strategy: leaves, weights, and the ways to choose between branches. Frozen; equal ones are one object.

What a node means for an allocation is written in the engine's compiler and in its plain reference; here it is only
checked that it can mean something.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Literal, get_args

from ...errors import StrategyError
from . import _checks
from ._intern import Axis, Term
from ._node import MOST_CHILDREN, Asset, Cash, Node, as_node, as_nodes
from .conditions import Condition, as_condition
from .terms import Each, Expression, as_expression
from .vocabulary import LONGEST_WINDOW

__all__ = [
    "Asset",
    "Blend",
    "Call",
    "Cash",
    "Filter",
    "Group",
    "If",
    "Latch",
    "Node",
    "Switch",
    "Weight",
    "Weighting",
    "as_node",
    "as_nodes",
]

Fraction = float
Mode = Literal["equal", "fixed", "inverse_vol", "vol"]
Side = Literal["top", "bottom"]
SwitchRule = Literal["any", "all", "none", "exactly", "at_least", "at_most", "ladder", "first"]

SHARES_TOLERANCE = 1e-9
COUNTING = frozenset({"exactly", "at_least", "at_most"})
LADDERS = frozenset({"ladder", "first"})


@dataclass(frozen=True, eq=False, repr=False)
class Weighting(Term):
    """How siblings share: the mode, its numbers, the caps, and what takes the rest when the caps leave some.

    Every child that holds something gets clip(λ · share, floor, cap), with the one λ that makes them add to 1. Where
    even all at the cap do not, or no child holds anything, the rest goes to `fallback` if that holds something, else it
    stays in cash.
    """

    kind: ClassVar[str] = "weighting"
    mode: Mode = "equal"
    _: KW_ONLY
    shares: tuple[Fraction, ...] = ()
    window: int | Axis | None = None
    floor: Fraction = 0.0
    cap: Fraction = 1.0
    fallback: Node | None = None

    def __post_init__(self) -> None:
        """Check that the numbers fit the mode."""
        where = f"weighting {self.mode!r}"
        if self.mode not in get_args(Mode):
            raise StrategyError(f"weighting: the mode is one of {', '.join(get_args(Mode))}, got {self.mode!r}")
        self._check_shares(where)
        self._check_window(where)
        floor = _checks.real(self.floor, where=where, name="floor", low=0.0, high=1.0)
        cap = _checks.real(self.cap, where=where, name="cap", low=0.0, high=1.0)
        if cap == 0.0 or floor > cap:
            raise StrategyError(f"{where}: 0 <= floor <= cap <= 1 and cap > 0, got floor={floor:g}, cap={cap:g}")
        object.__setattr__(self, "floor", floor)
        object.__setattr__(self, "cap", cap)
        if self.fallback is not None:
            object.__setattr__(self, "fallback", as_node(self.fallback, where="fallback"))
        super().__post_init__()

    def _check_shares(self, where: str) -> None:
        if self.mode != "fixed":
            if self.shares:
                raise StrategyError(f"{where}: shares belong to mode 'fixed', got {self.shares!r}")
            return
        shares = tuple(_checks.real(share, where=where, name="a share") for share in self.shares)
        if any(share <= 0 for share in shares):
            raise StrategyError(f"{where}: every share must be above 0, got {min(shares):g}")
        total = math.fsum(shares)
        if shares and abs(total - 1.0) > SHARES_TOLERANCE:
            listed = ", ".join(f"{share:g}" for share in shares[:8]) + (", …" if len(shares) > 8 else "")
            raise StrategyError(f"weights must add up to 1, these add up to {total:.10g}: {listed}")
        object.__setattr__(self, "shares", shares)

    def _check_window(self, where: str) -> None:
        if self.mode in ("inverse_vol", "vol"):
            if self.window is None:
                raise StrategyError(f"{where}: say the window, for example window=20")
            window = _checks.whole(self.window, where=where, name="window", low=2, high=LONGEST_WINDOW)
            object.__setattr__(self, "window", window)
        elif self.window is not None:
            raise StrategyError(f"{where}: a window belongs to mode 'inverse_vol' or 'vol', got {self.window!r}")

    @property
    def capped(self) -> bool:
        """True when a floor, a cap or a fallback can change the shares."""
        return self.floor > 0.0 or self.cap < 1.0 or self.fallback is not None


@dataclass(frozen=True, eq=False, repr=False)
class Weight(Node):
    """Several children side by side, each with its share."""

    kind: ClassVar[str] = "weight"
    slots: ClassVar[tuple[str, ...]] = ("members",)
    weighting: Weighting
    members: tuple[Node, ...]

    def __post_init__(self) -> None:
        """Check the children and that fixed shares are as many."""
        weighting = _as_weighting(self.weighting, where="weight")
        object.__setattr__(self, "weighting", weighting)
        object.__setattr__(self, "members", as_nodes(self.members, where=weighting.mode))
        if weighting.mode == "fixed" and len(weighting.shares) != len(self.members):
            raise StrategyError(f"fixed: {len(self.members)} children need as many shares, got {len(weighting.shares)}")
        _check_floors(weighting, len(self.members), where=weighting.mode)
        super().__post_init__()

    @property
    def children(self) -> tuple[Node, ...]:
        """The members, in the order in which they are written."""
        return self.members


@dataclass(frozen=True, eq=False, repr=False)
class Group(Node):
    """A named box around one child, which can be ranked as one."""

    kind: ClassVar[str] = "group"
    look: ClassVar[frozenset[str]] = Node.look | {"name"}
    slots: ClassVar[tuple[str, ...]] = ("child",)
    name: str
    child: Node

    def __post_init__(self) -> None:
        """Check the name and the child."""
        _checks.text(self.name, where="group", name="name")
        object.__setattr__(self, "child", as_node(self.child, where=f"group({self.name!r})"))
        super().__post_init__()


@dataclass(frozen=True, eq=False, repr=False)
class If(Node):
    """One of two branches, chosen by a condition on every date."""

    kind: ClassVar[str] = "if"
    slots: ClassVar[tuple[str, ...]] = ("then", "otherwise")
    condition: Condition
    then: Node
    otherwise: Node

    def __post_init__(self) -> None:
        """Check the condition and both branches."""
        object.__setattr__(self, "condition", as_condition(self.condition, where="when"))
        object.__setattr__(self, "then", as_node(self.then, where="then"))
        object.__setattr__(self, "otherwise", as_node(self.otherwise, where="otherwise"))
        super().__post_init__()

    @property
    def branches(self) -> dict[str | int, Node]:
        """`then` and `otherwise`."""
        return {"then": self.then, "otherwise": self.otherwise}


@dataclass(frozen=True, eq=False, repr=False)
class Switch(Node):
    """A branch chosen by how many conditions hold, or by the first that holds."""

    kind: ClassVar[str] = "switch"
    slots: ClassVar[tuple[str, ...]] = ("cases",)
    rule: SwitchRule
    conditions: tuple[Condition, ...]
    cases: tuple[Node, ...]
    count: int | None = None

    def __post_init__(self) -> None:
        """Check the rule, the conditions and that the branches are as many as the rule needs."""
        if self.rule not in get_args(SwitchRule):
            raise StrategyError(f"switch: the rule is one of {', '.join(get_args(SwitchRule))}, got {self.rule!r}")
        where = f"switch {self.rule!r}"
        conditions = tuple(as_condition(condition, where=where) for condition in self.conditions)
        if not conditions:
            raise StrategyError(f"{where}: give at least one condition")
        object.__setattr__(self, "conditions", conditions)
        object.__setattr__(self, "cases", as_nodes(self.cases, where=where))
        needed = len(conditions) + 1 if self.rule in LADDERS else 2
        if len(self.cases) != needed:
            raise StrategyError(f"{where}: {len(conditions)} conditions need {needed} branches, got {len(self.cases)}")
        if self.rule in COUNTING:
            count = _checks.whole(
                self.count if self.count is not None else -1, where=where, name="count", low=0, high=len(conditions)
            )
            object.__setattr__(self, "count", count)
        elif self.count is not None:
            raise StrategyError(f"{where}: a count belongs to exactly, at_least or at_most, got {self.count!r}")
        super().__post_init__()

    @property
    def children(self) -> tuple[Node, ...]:
        """The branches, in the order in which they are written."""
        return self.cases

    @property
    def branches(self) -> dict[str | int, Node]:
        """The branches by number; with two of them also `then` and `otherwise`."""
        numbered: dict[str | int, Node] = dict(enumerate(self.cases))
        return numbered if self.rule in LADDERS else {**numbered, "then": self.cases[0], "otherwise": self.cases[1]}


@dataclass(frozen=True, eq=False, repr=False)
class Filter(Node):
    """The best children by an expression, then weighted; fixed shares go to the ranks, best first."""

    kind: ClassVar[str] = "filter"
    slots: ClassVar[tuple[str, ...]] = ("members",)
    side: Side
    count: int | Axis
    by: Expression
    weighting: Weighting
    members: tuple[Node, ...]

    def __post_init__(self) -> None:
        """Check the ranking, the count and the children."""
        if self.side not in get_args(Side):
            raise StrategyError(f"filter: the side is 'top' or 'bottom', got {self.side!r}")
        where = str(self.side)
        object.__setattr__(self, "count", _checks.whole(self.count, where=where, name="n", low=1, high=MOST_CHILDREN))
        by = as_expression(self.by, where=f"{where} by")
        if not any(isinstance(thing, Each) for thing in by.free):
            raise StrategyError(f"{where}: rank by something of each child, for example by=rsi(each, 10); got `{by!r}`")
        object.__setattr__(self, "by", by)
        object.__setattr__(self, "weighting", _as_weighting(self.weighting, where=where))
        object.__setattr__(self, "members", as_nodes(self.members, where=where))
        shares = self.weighting.shares
        if self.weighting.mode == "fixed" and len(shares) != self.count:
            raise StrategyError(f"{where}: n={self.count} ranks need as many shares, got {len(shares)}")
        if not isinstance(self.count, Axis):
            _check_floors(self.weighting, min(self.count, len(self.members)), where=where)
        super().__post_init__()

    def _bound(self) -> frozenset[object]:
        return frozenset((Each(),))

    @property
    def children(self) -> tuple[Node, ...]:
        """The candidates, in the order in which they are written."""
        return self.members


@dataclass(frozen=True, eq=False, repr=False)
class Blend(Node):
    """Two children mixed: the share of the second rises from 0 to 1 while an expression goes from `begin` to `end`."""

    kind: ClassVar[str] = "blend"
    slots: ClassVar[tuple[str, ...]] = ("first", "second")
    by: Expression
    begin: float | Axis
    end: float | Axis
    first: Node
    second: Node

    def __post_init__(self) -> None:
        """Check the expression, both levels and both children."""
        object.__setattr__(self, "by", as_expression(self.by, where="blend"))
        begin = _checks.real(self.begin, where="blend", name="begin")
        end = _checks.real(self.end, where="blend", name="end")
        if begin == end:
            raise StrategyError(f"blend: begin and end must differ, both are {begin!r}; for a hard edge use when()")
        object.__setattr__(self, "begin", begin)
        object.__setattr__(self, "end", end)
        object.__setattr__(self, "first", as_node(self.first, where="blend"))
        object.__setattr__(self, "second", as_node(self.second, where="blend"))
        super().__post_init__()

    @property
    def branches(self) -> dict[str | int, Node]:
        """`from` (the first) and `to` (the second)."""
        return {"from": self.first, "to": self.second}


@dataclass(frozen=True, eq=False, repr=False)
class Latch(Node):
    """Two states with a memory: `on` from the date `enter` holds until the date `exit` holds."""

    kind: ClassVar[str] = "latch"
    slots: ClassVar[tuple[str, ...]] = ("on", "off")
    enter: Condition
    exit: Condition
    on: Node
    off: Node

    def __post_init__(self) -> None:
        """Check both conditions and both children."""
        object.__setattr__(self, "enter", as_condition(self.enter, where="latch enter"))
        object.__setattr__(self, "exit", as_condition(self.exit, where="latch exit"))
        object.__setattr__(self, "on", as_node(self.on, where="latch on"))
        object.__setattr__(self, "off", as_node(self.off, where="latch off"))
        super().__post_init__()

    @property
    def branches(self) -> dict[str | int, Node]:
        """`on` and `off`."""
        return {"on": self.on, "off": self.off}


@dataclass(frozen=True, eq=False, repr=False)
class Call(Node):
    """Another saved strategy, put in this place."""

    kind: ClassVar[str] = "call"
    bot: str
    version: str = "latest"

    def __post_init__(self) -> None:
        """Check the reference and the version."""
        _checks.text(self.bot, where="call", name="bot", empty=False)
        _checks.text(self.version, where="call", name="version", empty=False)
        if self.version != "latest" and not _is_fingerprint(self.version):
            raise StrategyError(f"call({self.bot!r}): version is 'latest' or a fingerprint (hex), got {self.version!r}")
        super().__post_init__()


def _check_floors(weighting: Weighting, count: int, *, where: str) -> None:
    """Refuse floors that cannot all be kept."""
    total = count * weighting.floor
    if total > 1.0 + SHARES_TOLERANCE:
        raise StrategyError(
            f"{where}: {count} children with floor={weighting.floor:g} need {total:g} in all, which is more than 1; "
            f"a floor of at most {1.0 / count:.4g} can be kept"
        )


def _is_fingerprint(value: str) -> bool:
    return 8 <= len(value) <= 64 and all(letter in "0123456789abcdef" for letter in value)


def _as_weighting(value: object, *, where: str) -> Weighting:
    if isinstance(value, Weighting):
        return value
    if isinstance(value, str):
        return Weighting(value)  # type: ignore[arg-type]  # Weighting refuses an unknown mode
    raise StrategyError(f"{where}: a weighting such as Weighting('equal') is needed, got {value!r}")
