"""What the uninvested part of a portfolio earns: nothing, a ticker's returns, or a yield by the year.

Lives here: what may be typed for `cash=`, and how it becomes growth from one date to the next.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BacktestError, unknown_name
from .executions import filled_opens

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from .panel import Panel

YEAR = 365.0
"""Calendar days over which a yield is earned."""
EXAMPLE = "a ticker such as 'BIL', a yearly yield such as 0.03, or a DataArray (date) of yearly yields"


@dataclass(frozen=True)
class Yields:
    """Yearly yields by date; equal ones are equal.

    Attributes
    ----------
    days, values : bytes
        datetime64[D] ascending, and float64 fractions, as they lie in memory.
    """

    days: bytes
    values: bytes

    @property
    def dates(self) -> NDArray[np.datetime64]:
        """Day of each yield, (date)."""
        return np.frombuffer(self.days, dtype="datetime64[D]")

    @property
    def rates(self) -> NDArray[np.float64]:
        """Yearly yield, (date), fraction."""
        return np.frombuffer(self.values, dtype=np.float64)

    @property
    def digest(self) -> str:
        """Hash of dates and values, hex."""
        return hashlib.sha256(self.days + self.values).hexdigest()

    def __repr__(self) -> str:
        """Show how many there are."""
        return f"<{len(self.rates)} yearly yields, {self.dates[0]} to {self.dates[-1]}>"


CashRule = str | float | Yields
"""A ticker, a yearly yield, or yearly yields by date."""


@dataclass(frozen=True, eq=False)
class CashGrowth:
    """What 1 in cash becomes, (date) each; 1 on the first date.

    Attributes
    ----------
    close : ndarray (date)
        From the close before to the close of the date.
    open : ndarray (date)
        From the open before to the open of the date.
    night, day : ndarray (date)
        From the close before to the open, and from the open to the close. A yield is earned at night.
    """

    close: NDArray[np.float64]
    open: NDArray[np.float64]
    night: NDArray[np.float64]
    day: NDArray[np.float64]


def settle_cash(value: object) -> CashRule | None:
    """Turn what a person typed for `cash=` into a rule, or say what is wrong with it.

    Parameters
    ----------
    value : None, str, float or DataArray (date)
        Yields are fractions a year, above -1; a DataArray may hold NaN, where the yield before stands.
    """
    if value is None or isinstance(value, Yields):
        return value
    if isinstance(value, str):
        if not value.strip():
            raise BacktestError(f"cash must be {EXAMPLE}, got {value!r}")
        return value.strip()
    if hasattr(value, "dims") and hasattr(value, "coords"):
        return _yields(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise BacktestError(f"cash must be {EXAMPLE}, got {value!r:.80}")
    return _rate(float(value))


def _rate(rate: float) -> float:
    if not math.isfinite(rate) or rate <= -1.0:
        raise BacktestError(f"cash: a yearly yield must be above -1, such as 0.03 for 3 %, got {rate!r}")
    return rate


def _yields(given: xr.DataArray | Any) -> Yields:
    if tuple(given.dims) != ("date",) or "date" not in given.coords:
        raise BacktestError(f"cash: yields must have the one dimension date with its dates, got {tuple(given.dims)}")
    dates = np.asarray(given["date"].values)
    if dates.dtype.kind != "M" or not len(dates):
        raise BacktestError(f"cash: yields must have at least one date, as datetime64, got {len(dates)} {dates.dtype}")
    days = dates.astype("datetime64[D]")
    if np.isnat(days).any() or not (days[1:] > days[:-1]).all():
        raise BacktestError("cash: the dates of the yields must ascend, each day once; type yields.sortby('date')")
    values = np.asarray(given.values, dtype=np.float64)
    known = ~np.isnan(values)
    if not known.any():
        raise BacktestError("cash: none of the yields has a value; give at least one")
    for rate in values[known].tolist():
        _rate(rate)
    return Yields(days[known].tobytes(), values[known].tobytes())


def cash_json(rule: CashRule | None) -> object:
    """Say a rule as plain JSON; yields by date are named by their hash."""
    return {"yields": rule.digest} if isinstance(rule, Yields) else rule


def known_yields(rule: float | Yields, days: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Find the yearly yield that is known on each date.

    Returns
    -------
    ndarray (date), fraction
        The last one dated on or before the date; NaN before the first.
    """
    if isinstance(rule, float):
        return np.full(len(days), rule)
    place = np.searchsorted(rule.dates, days.astype("datetime64[D]"), side="right")
    found: NDArray[np.float64] = np.concatenate(([np.nan], rule.rates))[place]
    return found


def ticker_lines(rule: str, panel: Panel) -> Mapping[str, NDArray[np.float64]]:
    """Find the carried prices of the ticker that cash is in, by field, (date) each, USD."""
    if panel.cash:
        return panel.cash
    if rule not in panel.rows:
        raise unknown_name("ticker", rule, panel.tickers, where="candles, asked for by cash=")
    row = panel.rows[rule]
    return {"close": panel.close[row], **{name: values[row] for name, values in panel.others.items()}}


def cash_growth(rule: CashRule | None, panel: Panel) -> CashGrowth | None:
    """Compute what cash earns from one date of a panel to the next; None when it earns nothing.

    Parameters
    ----------
    rule : CashRule or None
        A yield known on one date is earned until the next, by calendar days: (1 + yield) ** (days / 365).
    panel : Panel
        Where cash is in a ticker, `cash` holds its prices, with "open" for growth from or to an open.

    Returns
    -------
    CashGrowth or None
        1 wherever the ticker has no price on one of the two sides, and before the first yield.
    """
    if rule is None:
        return None
    if isinstance(rule, str):
        lines = ticker_lines(rule, panel)
        close = lines["close"]
        opened = filled_opens(lines.get("open", np.full(len(close), np.nan)), close)
        return CashGrowth(
            _ratio(close[1:], close[:-1]),
            _ratio(opened[1:], opened[:-1]),
            _ratio(opened[1:], close[:-1]),
            _ratio(close[1:], opened[1:]),
        )
    known = known_yields(rule, panel.days)
    nights = (panel.days[1:] - panel.days[:-1]).astype(np.float64)
    night = np.ones(len(panel.days))
    night[1:] = np.where(np.isnan(known[:-1]), 1.0, (1.0 + known[:-1]) ** (nights / YEAR))
    return CashGrowth(night, night, night, np.ones(len(night)))


def _ratio(later: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio = np.ones(len(later) + 1)
    np.divide(later, before, out=ratio[1:])
    ratio[~np.isfinite(ratio)] = 1.0
    return ratio
