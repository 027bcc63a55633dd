"""What cash earns, and what models of cost take: plain sentences about one bar or one order at a time.

When a portfolio trades, and what it holds, is in `trading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..costs import Bps, CostModel, PerShare, RegulatoryFees, Slippage
from ..fees import SECTION_31, TRADING_ACTIVITY
from ..idle_money import Yields, ticker_lines
from .truths import Floats

if TYPE_CHECKING:
    from ..idle_money import CashRule
    from ..panel import Panel

ROUNDING = 1e-9
"""An order of less than this share of the portfolio is no order that anybody charges a fee for."""


@dataclass(frozen=True)
class Interest:
    """What 1 in cash becomes up to each bar, (date) each; 1 where nothing is known."""

    night: Floats
    """From the close before to the open."""
    day: Floats
    """From the open to the close."""
    close_to_close: Floats
    open_to_open: Floats


def interest(panel: Panel, rule: CashRule | None) -> Interest:
    """Find what cash earns from bar to bar."""
    bars = len(panel.dates)
    if isinstance(rule, str):
        lines = ticker_lines(rule, panel)
        close = lines["close"]
        opened = opens(lines["open"], close) if "open" in lines else np.full(bars, np.nan)
        pairs = (opened, before(close)), (close, opened), (close, before(close)), (opened, before(opened))
        return Interest(*(grown(after, earlier) for after, earlier in pairs))
    days = panel.dates.astype("datetime64[D]")
    night = np.ones(bars)
    for bar in range(1, bars):
        rate = _yield_on(rule, days[bar - 1])
        night[bar] = (1.0 + rate) ** (float((days[bar] - days[bar - 1]).astype(int)) / 365.0)
    return Interest(night, np.ones(bars), night, night)


def daily_interest(panel: Panel, rule: CashRule | None) -> Floats | None:
    """Return on cash from close to close, (date), fraction; None when there is none."""
    return None if rule is None else interest(panel, rule).close_to_close - 1.0


def _yield_on(rule: float | Yields | None, day: np.datetime64) -> float:
    """Yearly yield that is known on a day; 0 before the first."""
    if not isinstance(rule, Yields):
        return 0.0 if rule is None else rule
    known = rule.rates[rule.dates <= day]
    return float(known[-1]) if len(known) else 0.0


def opens(opened: Floats, close: Floats) -> Floats:
    """Carried opens, (…, date); where a bar lacks its open, the close of the bar before stands in for it."""
    return np.where(np.isnan(opened) & ~np.isnan(close), before(close), opened)


def before(prices: Floats) -> Floats:
    """Price of the bar before, (…, date); NaN on the first."""
    out = np.full(prices.shape, np.nan)
    out[..., 1:] = prices[..., :-1]
    return out


def grown(after: Floats, earlier: Floats) -> Floats:
    """What 1 becomes between two prices; 1 where one of them is missing."""
    ratio = after / earlier
    return np.where(np.isnan(ratio), 1.0, ratio)


def fee(model: CostModel, ticker: str, change: float, value: float, price: float, day: np.datetime64) -> float:
    """Cost of one order by one model.

    Parameters
    ----------
    model : CostModel
        Not a sum.
    change : float
        Share of the portfolio bought, or sold where it is negative.
    value : float, growth of 1
        Of the portfolio before the cost.
    price : float, USD
        Of one share as it was traded.

    Returns
    -------
    float, fraction of the portfolio
    """
    traded, sold = abs(change), max(0.0, -change)
    if isinstance(model, Bps):
        return model.bps / 1e4 * traded
    if isinstance(model, Slippage):
        return model.rate_of(ticker) / 1e4 * traded
    if isinstance(model, PerShare):
        return _commission(model, traded, value * model.capital, price)
    assert isinstance(model, RegulatoryFees)
    total = 0.0
    if model.section_31:
        rates = [rate for first, rate in SECTION_31 if np.datetime64(first) <= day]
        total += (rates[-1] if rates else 0.0) / 1e6 * sold
    if model.trading_activity and sold > ROUNDING:
        rows = [(rate, most) for first, rate, most in TRADING_ACTIVITY if np.datetime64(first) <= day]
        rate, most = rows[-1] if rows else (0.0, 0.0)
        worth = value * model.capital
        total += min(rate * sold * worth / price, most) / worth
    return total


def _commission(model: PerShare, traded: float, worth: float, price: float) -> float:
    if traded <= ROUNDING:
        return 0.0
    dollars = traded * worth
    usd = max(model.rate * dollars / price, model.minimum)
    if model.maximum is not None:
        usd = min(usd, model.maximum * dollars)
    return usd / worth
