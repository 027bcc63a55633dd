"""How the last date of a run is shown, as text and as HTML without a script; its numbers are made elsewhere."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ._sides import UNITS
from ._taken import holdings
from .strategy.outline import percent, safe

if TYPE_CHECKING:
    from .today import LatchState, Today

MOST_CONDITIONS = 12
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
    heading = f"<b><bdi>{html.escape(_name(today))}</bdi></b> on {today.date}, the last date of its prices"
    facts = "".join(
        f'<tr><td style="text-align:left"><b>{name}</b></td>'
        f'<td style="text-align:left"><bdi>{html.escape(words)}</bdi></td></tr>'
        for name, words in _facts(today)
    )
    count = today.conditions.sizes["condition"]
    rows = "".join(
        f'<tr><td style="text-align:left"><bdi>{html.escape(said)}</bdi></td>'
        f'<td style="text-align:left">{html.escape(near)}</td><td>{"asked" if asked else ""}</td></tr>'
        for said, near, asked in _near(today)
    )
    more = f"<div>… and {count - MOST_CONDITIONS} more in .conditions</div>" if count > MOST_CONDITIONS else ""
    near = f"<div>nearest to flipping:</div><table><tbody>{rows}</tbody></table>{more}" if count else ""
    return f"<div>{heading}<table><tbody>{facts}</tbody></table>{near}</div>"


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
    for row in range(min(today.conditions.sizes["condition"], MOST_CONDITIONS)):
        one = today.conditions.isel(condition=row)
        yield str(one["said"].values), _distance(one), bool(one["asked"])


def _distance(one: Any) -> str:
    distance, away, move = (float(one[name]) for name in ("distance", "days_away", "price_move"))
    if math.isnan(distance):
        return ""
    said = f"distance {distance:+.4g}{UNITS.get(str(one['unit'].values), '')}"
    if math.isfinite(away):
        said += f", {away:.1f} typical days away"
    return said if math.isnan(move) else f"{said}, {move:+.2%} in price"
