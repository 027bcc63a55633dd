"""Run a program over a panel: fill its rows in order, find the first bar that may be traded, hand the portfolio down.

Two passes. The first makes values, truths, and everything a NAV needs, on all dates; then the start is known, and the
second makes the choices and shares of the remaining nodes on the dates that are traded. Explaining and warning read
the rows that are left here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BacktestError
from ._memory import empty
from ._rows import Rows
from .dates import begins_before_prices, too_early, too_short
from .kernels import portfolio
from .program import Op, Program
from .strategy import Expression, Series, sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .panel import Panel
    from .settings import Settings


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a program decides on every date.

    Attributes
    ----------
    start, end : int
        First and last bar that is traded, in the panel's dates.
    target : ndarray (date, asset), fraction
        Share of the portfolio that every held ticker should have after the close of each date, start to end.
    rows : Rows
        Values, truths, choices and shares behind it.
    """

    program: Program
    panel: Panel
    settings: Settings
    rows: Rows
    start: int
    end: int
    target: NDArray[np.float64]


def evaluate(program: Program, panel: Panel, settings: Settings, rows: Rows | None = None) -> Evaluation:
    """Decide the target of every date.

    Parameters
    ----------
    panel : Panel
        Holding exactly the program's tickers, in its order.
    rows : Rows, optional
        Empty ones of this program, panel and settings, when they are to be shared.

    Raises
    ------
    BacktestError
        When something that is needed never has a value, or the dates asked for cannot be traded.
    """
    rows = Rows(program, panel, settings) if rows is None else rows
    for step in program.steps:
        if step.op is not Op.NODE:
            rows.run(step)
        else:
            rows.note(step.out)
            if step.out in program.in_nav:
                rows.decide(step.out, 0, len(panel.dates) - 1)
    start, end = _span(rows)
    under_root = program.layout.nodes[::-1].tolist()
    for number in under_root:
        if number not in program.in_nav:
            rows.decide(number, start, end)
    return Evaluation(program, panel, settings, rows, start, end, _target(rows, start, end))


def _target(rows: Rows, start: int, end: int) -> NDArray[np.float64]:
    program, layout = rows.program, rows.program.layout
    target: NDArray[np.float64] = empty((end - start + 1, program.assets), np.float64)
    alive_row = np.full(len(layout.nodes), -1, dtype=np.int64)
    alive: list[NDArray[np.uint8]] = []
    for place, number in enumerate(layout.nodes.tolist()):
        row = rows.alive[number]
        if row is not None:
            alive_row[place] = len(alive)
            alive.append(row)
    portfolio.allocate(
        layout.kind,
        layout.slot,
        layout.begin,
        layout.end,
        layout.links,
        alive_row,
        rows.choices,
        rows.shares,
        program.statics,
        np.stack(alive) if alive else np.zeros((1, 1), dtype=np.uint8),
        rows.panel.available,
        start,
        end,
        target,
    )
    return target


def _span(rows: Rows) -> tuple[int, int]:
    panel, settings = rows.panel, rows.settings
    earliest = earliest_start(rows)
    days = panel.days  # whoever asks for a day means its bar, at whatever hour it is stamped
    start = earliest
    if settings.start is not None:
        start = int(np.searchsorted(days, settings.start))
        if start < earliest or begins_before_prices(settings.start, days):
            raise too_early(settings.start, _reason(rows, earliest), day(panel, earliest))
    end = len(panel.dates) - 1
    if settings.end is not None:
        end = int(np.searchsorted(days, settings.end, side="right")) - 1
    if end <= start:
        raise too_short(day(panel, start) if start < len(days) else settings.start, settings.end, days)
    return start, end


def earliest_start(rows: Rows) -> int:
    """Find the first bar that may be traded, or say what never has a value."""
    root = rows.program.root
    ready, culprit = rows.ready[root]
    if ready >= len(rows.panel.dates):
        what = value_sentence(rows, culprit)
        tickers = ", ".join(rows.panel.tickers[:6])
        raise BacktestError(
            f"{what} has no value on any of the {len(rows.panel.dates)} bars from {day(rows.panel, 0)} to "
            f"{day(rows.panel, len(rows.panel.dates) - 1)} ({tickers}); load more history or use a shorter window"
        )
    listed = rows.listed(root)
    if listed >= len(rows.panel.dates):
        never = [ticker for ticker, bar in zip(rows.panel.tickers, rows.panel.first, strict=True) if bar == listed]
        raise BacktestError(
            f"{', '.join(never[:6])} has no bar from {day(rows.panel, 0)} to {day(rows.panel, -1)}; "
            "load candles that hold it, or take it out of the tree"
        )
    return max(ready, listed)


def _reason(rows: Rows, earliest: int) -> str:
    ready, culprit = rows.ready[rows.program.root]
    if ready == earliest and culprit >= 0:
        return f"{value_sentence(rows, culprit)} has its first value"
    first = [ticker for ticker, bar in zip(rows.panel.tickers, rows.panel.first, strict=True) if bar == earliest]
    if len(first) > 1:
        more = f" and {len(first) - 4} more" if len(first) > 4 else ""
        last = "" if more else f" and {first[-1]}"
        return f"{', '.join(first[:4] if more else first[:-1])}{last}{more} have their first bar"
    return f"{first[0] if first else 'a ticker that is held'} has its first bar"


def value_sentence(rows: Rows, number: int) -> str:
    """Say a value of the program as a researcher would write it."""
    term: Expression | Series = rows.program.values[number].term
    text = sentence(term, limit=120)
    return f"price({text})" if isinstance(term, Series) else text


def day(panel: Panel, bar: int) -> str:
    """Write the date of a bar as YYYY-MM-DD."""
    return str(np.datetime_as_string(panel.dates[bar], unit="D"))
