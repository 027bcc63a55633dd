"""Everything besides tree and prices that can change a number of a backtest, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from ..errors import BacktestError, unknown_name
from .costs import KNOWN_MODELS, Bps, CostModel
from .dates import DateLike, as_date
from .idle_money import CashRule, cash_json, settle_cash
from .strategy import Rebalance

__all__ = ["DateLike", "Execution", "OnMissing", "Settings", "StartPolicy", "as_date", "settle"]

if TYPE_CHECKING:
    from .strategy.strategy import RebalanceRule

StartPolicy = Literal["conditions", "all_assets"]
OnMissing = Literal["otherwise", "hold", "cash"]
Profile = Literal["composer", "quantmage"]
Execution = Literal["close", "next_open", "open_to_close", "close_to_open"]

MOST_COST_BPS = 10_000.0
DEFAULT_COST_BPS = 5.0


@dataclass(frozen=True)
class Settings:
    """How a strategy is run; part of the identity of every result."""

    start: np.datetime64 | None = None
    """First date that may decide; None: as early as everything is known."""
    end: np.datetime64 | None = None
    """Last date; None: the last bar of any ticker of the tree."""
    start_policy: StartPolicy = "conditions"
    cost_bps: float = DEFAULT_COST_BPS
    """Cost of trading, in 1/10,000 of the traded value."""
    rebalance: Rebalance = Rebalance()  # noqa: RUF009  # frozen and one of its kind
    execution: Execution = "close"
    on_missing: OnMissing = "otherwise"
    delay: int = 0
    """Bars by which every fill is later than `execution` says."""
    costs: CostModel | None = None
    """Instead of `cost_bps`, which is 0 then."""
    cash: CashRule | None = None
    """What the uninvested part earns."""
    profile: Profile | None = None
    """Whose rules are followed where they differ from ours; None: our own."""

    def __post_init__(self) -> None:
        """Refuse what no run can be made of."""
        if not math.isfinite(self.cost_bps) or not 0.0 <= self.cost_bps <= MOST_COST_BPS:
            allowed = f"from 0 to {MOST_COST_BPS:g} (1/10,000 of the traded value)"
            raise BacktestError(f"cost_bps must be {allowed}, got {self.cost_bps!r}")
        for name, value, known in (
            ("start policy", self.start_policy, get_args(StartPolicy)),
            ("on_missing", self.on_missing, get_args(OnMissing)),
            ("execution", self.execution, get_args(Execution)),
            ("profile", self.profile, (*get_args(Profile), None)),
        ):
            if value not in known:
                raise unknown_name(name, value, [str(one) for one in known], where="backtest")
        if isinstance(self.delay, bool) or not isinstance(self.delay, (int, np.integer)) or self.delay < 0:
            raise BacktestError(f"delay must be a whole number of bars, 0 or more, got {self.delay!r}")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise BacktestError(f"end {self.end} lies before start {self.start}")

    @property
    def opens(self) -> bool:
        """Whether anything is filled at an open."""
        return self.execution != "close"

    @property
    def lag(self) -> int:
        """Bars from a decision to its fill: to a close of the same date 0, to an open at least 1."""
        return int(self.delay) + (1 if self.execution in ("next_open", "open_to_close") else 0)

    @property
    def model(self) -> CostModel:
        """What trading costs."""
        return Bps(self.cost_bps) if self.costs is None else self.costs

    def as_json(self) -> dict[str, object]:
        """Every setting as plain JSON, in a fixed order."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            **values,
            "start": None if self.start is None else str(self.start),
            "end": None if self.end is None else str(self.end),
            "rebalance": {"rule": self.rebalance.rule, "width": self.rebalance.width},
            "delay": int(self.delay),
            "costs": None if self.costs is None else self.costs.as_json(),
            "cash": cash_json(self.cash),
        }


def settle(
    *,
    start: DateLike | None,
    end: DateLike | None,
    start_policy: StartPolicy | None,
    cost_bps: float,
    rebalance: Rebalance | RebalanceRule,
    execution: Execution,
    on_missing: OnMissing,
    delay: int = 0,
    costs: CostModel | None = None,
    cash: object = None,
    profile: Profile | None = None,
) -> Settings:
    """Turn what a person typed into settings."""
    if isinstance(start, str) and start in get_args(StartPolicy):
        if start_policy not in (None, start):
            raise BacktestError(f"start={start!r} and start_policy={start_policy!r} contradict each other; give one")
        start, start_policy = None, start
    if start_policy is None:
        start_policy = "all_assets" if profile == "composer" else "conditions"
    if isinstance(cost_bps, bool) or not isinstance(cost_bps, (int, float, np.number)):
        raise BacktestError(f"cost_bps must be a number such as 5, got {cost_bps!r}")
    bps, model = _one_cost(float(cost_bps), costs)
    rule = rebalance if isinstance(rebalance, Rebalance) else Rebalance(rebalance)
    return Settings(
        start=as_date(start, name="start"),
        end=as_date(end, name="end", last=True),
        start_policy=start_policy,
        cost_bps=bps,
        rebalance=rule,
        execution=execution,
        on_missing=on_missing,
        delay=delay,
        costs=model,
        cash=settle_cash(cash),
        profile=profile,
    )


def _one_cost(cost_bps: float, costs: CostModel | None) -> tuple[float, CostModel | None]:
    """Settle which of the two ways to say a cost was used; `costs=Bps(5)` is `cost_bps=5`."""
    if costs is None:
        return cost_bps, None
    if not isinstance(costs, CostModel) or not all(isinstance(part, KNOWN_MODELS) for part in costs.parts):
        raise BacktestError(f"costs must be a model such as PerShare() or a sum of them, got {costs!r:.80}")
    if cost_bps not in (DEFAULT_COST_BPS, 0.0):
        raise BacktestError(
            f"cost_bps={cost_bps:g} and costs={costs!r} were both given; type costs=Bps({cost_bps:g}) + … for both"
        )
    return (costs.bps, None) if isinstance(costs, Bps) else (0.0, costs)
