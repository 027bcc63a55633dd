"""Everything besides tree and prices that can change a number of a backtest, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ..errors import BacktestError, UnsupportedError, unknown_name
from .strategy import Rebalance

if TYPE_CHECKING:
    from .strategy.strategy import RebalanceRule

StartPolicy = Literal["conditions", "all_assets"]
OnMissing = Literal["otherwise", "hold", "cash"]
Profile = Literal["composer", "quantmage"]
Execution = Literal["close", "next_open", "open_to_close", "close_to_open"]
DateLike = str | np.datetime64 | object

MOST_COST_BPS = 10_000.0


@dataclass(frozen=True)
class Settings:
    """How a strategy is run; part of the identity of every result."""

    start: np.datetime64 | None = None
    """First date that may be traded; None: as early as everything is known."""
    end: np.datetime64 | None = None
    """Last date; None: the last bar of any ticker of the tree."""
    start_policy: StartPolicy = "conditions"
    cost_bps: float = 5.0
    """Cost of trading, in 1/10,000 of the traded value."""
    rebalance: Rebalance = Rebalance()  # noqa: RUF009  # frozen and one of its kind
    execution: Execution = "close"
    on_missing: OnMissing = "otherwise"
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
        if self.execution != "close":
            raise UnsupportedError(
                f"execution {self.execution!r} is not computed by this version; use execution='close'"
            )
        if self.start is not None and self.end is not None and self.end < self.start:
            raise BacktestError(f"end {self.end} lies before start {self.start}")

    def as_json(self) -> dict[str, object]:
        """Every setting as plain JSON, in a fixed order."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            **values,
            "start": None if self.start is None else str(self.start),
            "end": None if self.end is None else str(self.end),
            "rebalance": {"rule": self.rebalance.rule, "width": self.rebalance.width},
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
    profile: Profile | None = None,
) -> Settings:
    """Turn what a person typed into settings."""
    if isinstance(start, str) and start in get_args(StartPolicy):
        start, start_policy = None, start
    if start_policy is None:
        start_policy = "all_assets" if profile == "composer" else "conditions"
    if isinstance(cost_bps, bool) or not isinstance(cost_bps, (int, float, np.number)):
        raise BacktestError(f"cost_bps must be a number such as 5, got {cost_bps!r}")
    rule = rebalance if isinstance(rebalance, Rebalance) else Rebalance(rebalance)
    return Settings(
        start=as_date(start, name="start"),
        end=as_date(end, name="end"),
        start_policy=start_policy,
        cost_bps=float(cost_bps),
        rebalance=rule,
        execution=execution,
        on_missing=on_missing,
        profile=profile,
    )


def as_date(value: DateLike | None, *, name: str) -> np.datetime64 | None:
    """Take '2010-01-04', a datetime or a datetime64 and return the day, or say what is wrong with it."""
    if value is None:
        return None
    try:
        # A bare number is no date to a person, and would be days since 1970 here.
        given: Any = "NaT" if isinstance(value, (int, np.integer)) else value
        day: np.datetime64 = np.datetime64(given, "D")
    except (TypeError, ValueError):
        day = np.datetime64("NaT", "D")
    if np.isnat(day):
        raise BacktestError(f"{name} must be a date such as '2010-01-04', got {value!r}")
    return day
