"""How the last date of a run is shown, as text and as HTML without a script; its numbers are made elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import pages
from ._sides import UNITS
from ._taken import holdings
from .strategy.outline import percent, safe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .today import LatchState, Today

MOST_CONDITIONS = 12
_NEAR = ("condition", "distance", "typical days away", "move in price", "asked")
_WRAPPED = "white-space:normal"
SMALLEST = 5e-5
"""A trade below this share of the portfolio is not written."""


def text(today: Today) -> str:
    """Write the target, the trades, the latches, and the conditions nearest to flipping."""
    lines = [f"{_name(today)} on {today.date}, the last date of its prices", *(f"{a}: {b}" for a, b in _facts(today))]
    count = today.conditions.sizes["condition"]
    if count:
        lines.append("nearest to flipping:")
        lines += [f"  {said}  {near}{'' if asked else '  (not asked)'}" for said, near, asked in _near(today)]
        lines += [f"  … and {count - MOST_CONDITIONS} more in .conditions"] if count > MOST_CONDITIONS else []
    return "\n".join(lines)


def page(today: Today) -> str:
    """Write the same as HTML; names and titles may come from anybody."""
    heading = pages.title(_name(today), f"on {today.date}, the last date of its prices")
    facts = (
        (pages.cell(name, left=True, style="font-weight:bold"), pages.cell(words, left=True, style=_WRAPPED))
        for name, words in _facts(today)
    )
    count = today.conditions.sizes["condition"]
    more = pages.faint(f"… and {count - MOST_CONDITIONS} more in .conditions") if count > MOST_CONDITIONS else ""
    near = (pages.title("Nearest to flipping") + _near_table(today) + more) if count else ""
    return f"<div>{heading}{pages.table((), facts)}{near}</div>"


def _near_table(today: Today) -> str:
    """Write the nearest conditions without the columns in which nothing stands."""
    rows = [
        (str(one["said"].values), *_measured(one), "yes" if bool(one["asked"]) else "no")
        for one in (today.conditions.isel(condition=row) for row in range(_shown(today)))
    ]
    filled = [place for place in range(len(_NEAR)) if any(row[place] for row in rows)]
    cells = ([pages.cell(row[place], left=place == 0) for place in filled] for row in rows)
    return pages.table([_NEAR[place] for place in filled], cells)


def _shown(today: Today) -> int:
    return min(int(today.conditions.sizes["condition"]), MOST_CONDITIONS)


def _name(today: Today) -> str:
    return safe(today.strategy)


def _facts(today: Today) -> Iterator[tuple[str, str]]:
    weights = today.weights
    tickers = [str(ticker) for ticker in weights["ticker"].values]
    yield "target", holdings(weights["target"].values, tickers)
    yield "before", holdings(weights["target_before"].values, tickers)
    later = bool(today.open_orders) or today.execution != "close"
    words = _trades(weights["trade"].values, tickers, past=later)
    if later:
        yield from _in_time(today, tickers, words)
    else:
        if not today.traded:
            yield "held", holdings(weights["after"].values, tickers)
            words = [*words, f"the target is not traded on this date, rebalance is {today.rebalance}"]
        yield "trade", ", ".join(words) or "nothing"
    if today.carried:
        yield "no bar", f"{', '.join(today.carried)} on this date; the last close was taken"
    for latch in today.latches:
        yield "latch", _latch(latch)


def _in_time(today: Today, tickers: list[str], words: list[str]) -> Iterator[tuple[str, str]]:
    """Say what was filled on the date, what is held since, and what is still open, each at its time."""
    where = {
        "close": "at the close of the date",
        "next_open": "at the open of the date",
        "open_to_close": "at its open, and sold at its close",
        "close_to_open": "at the close of the date, to be sold at the next open",
    }[today.execution]
    yield "filled", f"{', '.join(words)}, {where}" if words else "nothing on this date"
    yield "held", f"{holdings(today.weights['now'].values, tickers)}, at the close of the date"
    for order in today.open_orders:
        shares = np.array([order.target.get(ticker, 0.0) for ticker in tickers])
        rule = {
            True: "",
            False: f", not traded: rebalance is {today.rebalance}",
            None: f", if rebalance {today.rebalance} asks for it then",
        }[order.due]
        yield "open", f"{holdings(shares, tickers)}, decided on {order.decided}, filled {order.filled}{rule}"


def _trades(shares: NDArray[np.float64], tickers: list[str], *, past: bool) -> list[str]:
    """Write purchases and sales, the largest sale first."""
    buy, sell = ("bought", "sold") if past else ("buy", "sell")
    return [
        f"{buy if share > 0.0 else sell} {percent(abs(share))} {ticker}"
        for share, ticker in sorted(zip(shares.tolist(), tickers, strict=True))
        if abs(share) >= SMALLEST
    ]


def _latch(latch: LatchState) -> str:
    since = "from the beginning" if latch.since is None else f"since {latch.since}"
    title = f' "{safe(latch.title)}"' if latch.title else ""
    return f"{latch.state} {since}, at {latch.path}{title}" + ("" if latch.asked else " (not asked)")


def _near(today: Today) -> Iterator[tuple[str, str, bool]]:
    for row in range(_shown(today)):
        one = today.conditions.isel(condition=row)
        yield str(one["said"].values), _distance(one), bool(one["asked"])


def _distance(one: Any) -> str:
    distance, away, move = _measured(one)
    said = [f"distance {distance}"] if distance else []
    said += [f"{away} typical days away"] if away else []
    return ", ".join(said + ([f"{move} in price"] if move else []))


def _measured(one: Any) -> tuple[str, str, str]:
    """Distance with its unit, typical days, and move of the price; empty where there is none."""
    distance, away, move = (float(one[name]) for name in ("distance", "days_away", "price_move"))
    if math.isnan(distance):
        return "", "", ""
    unit = UNITS.get(str(one["unit"].values), "")
    return (
        f"{distance:+.4g}{unit}",
        f"{away:.1f}" if math.isfinite(away) else "",
        "" if math.isnan(move) else f"{move:+.2%}",
    )
