"""How a run shows itself, as text and as a table without a kernel; its numbers are made elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import pages
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
    about = f"{first} to {last} · {len(run.dates):,} bars · {_paid(run)} · rebalance {run.settings.rebalance}"
    shown = pages.figures((METRICS[name].label, METRICS[name].show(run.metrics[name])) for name in HEADLINES)
    count = len(run.warnings)
    notes = [str(warning) for warning in run.warnings[:MOST_WARNINGS]]
    notes += [f"… and {count - MOST_WARNINGS} more in .warnings"] if count > MOST_WARNINGS else []
    noted = pages.folded(_counted(count), notes) if count else pages.faint("no warnings")
    return f"<div>{pages.title(safe(run.strategy.name), about)}{shown}{noted}</div>"


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
