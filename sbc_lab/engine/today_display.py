"""How the last date of a run is shown, as text and as HTML without a script; its numbers are made elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import pages
from ._sides import UNITS
from ._taken import holdings
from .strategy.outline import percent, safe

if TYPE_CHECKING:
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
    trades = [(float(share), ticker) for share, ticker in zip(weights["trade"].values, tickers, strict=True)]
    words = [
        f"{'buy' if share > 0.0 else 'sell'} {percent(abs(share))} {ticker}"
        for share, ticker in sorted(trades)
        if abs(share) >= SMALLEST
    ]
    if not today.traded:
        yield "held", holdings(weights["after"].values, tickers)
        words = [*words, f"the target is not traded on this date, rebalance is {today.rebalance}"]
    yield "trade", ", ".join(words) or "nothing"
    if today.carried:
        yield "no bar", f"{', '.join(today.carried)} on this date; the last close was taken"
    for latch in today.latches:
        yield "latch", _latch(latch)


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
