"""How a run shows itself, as text and as a table without a kernel; its numbers are made elsewhere."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from .metrics import METRICS
from .strategy.outline import safe

if TYPE_CHECKING:
    from .result import Backtest

HEADLINES = ("cagr", "max_drawdown", "sharpe", "volatility", "average_turnover")
MOST_WARNINGS = 10


def text(run: Backtest) -> str:
    """Write name, span, the main metrics, and how many warnings there are."""
    first, last = _span(run)
    metrics = run.metrics
    said = "  ".join(f"{METRICS[name].label} {METRICS[name].show(metrics[name])}" for name in HEADLINES)
    count = len(run.warnings)
    noted = "no warnings" if not count else f"{_counted(count)}: see .warnings"
    return f"Backtest {run.strategy.name!r}  {first} to {last}  {len(run.dates)} bars\n{said}\n{noted}"


def page(run: Backtest) -> str:
    """Write the same as HTML; the name may come from anybody."""
    first, last = _span(run)
    cells = "".join(
        f'<td style="text-align:right"><small>{html.escape(METRICS[name].label)}</small><br>'
        f"<b>{html.escape(METRICS[name].show(run.metrics[name]))}</b></td>"
        for name in HEADLINES
    )
    notes = "".join(f"<li>{html.escape(str(warning))}</li>" for warning in run.warnings[:MOST_WARNINGS])
    count = len(run.warnings)
    more = f"<li>… and {count - MOST_WARNINGS} more in .warnings</li>" if count > MOST_WARNINGS else ""
    noted = f"<details><summary>{_counted(count)}</summary><ul>{notes}{more}</ul></details>"
    return (
        f"<div><b><bdi>{html.escape(safe(run.strategy.name))}</bdi></b> · {first} to {last} · {len(run.dates)} bars · "
        f"{html.escape(_paid(run))} · {html.escape(str(run.settings.rebalance))}"
        f"<table><tbody><tr>{cells}</tr></tbody></table>{noted if count else ''}</div>"
    )


def _paid(run: Backtest) -> str:
    """What trading costs, and where it is filled unless that is the close."""
    settings = run.settings
    paid = " + ".join(model.name for model in settings.model.parts)
    said = f"{settings.cost_bps:g} bps" if settings.costs is None else paid
    late = f", {settings.delay} bar{'s' if settings.delay > 1 else ''} late" if settings.delay else ""
    return said if settings.execution == "close" and not late else f"{said} · {settings.execution}{late}"


def _span(run: Backtest) -> tuple[str, str]:
    first, last = (str(np.datetime_as_string(date, unit="D")) for date in (run.dates[0], run.dates[-1]))
    return first, last


def _counted(count: int) -> str:
    return f"{count} warning{'s' if count > 1 else ''}"
