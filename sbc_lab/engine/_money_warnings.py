"""What to know about the money of a run: orders that were not filled, prices that stood in, dates without a fee.

What to know about the decisions is in `run_warnings`, which also says what a warning is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from . import fees
from .costs import RegulatoryFees
from .executions import load_fills
from .idle_money import known_yields, ticker_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .evaluate import Evaluation
    from .run_warnings import RunWarning
    from .trading import Portfolio

    Spans = Callable[[str, str, NDArray[np.bool_], str], Iterator[RunWarning]]


def money_warnings(evaluation: Evaluation, portfolio: Portfolio, spans: Spans) -> Iterator[RunWarning]:
    """List what to know about fills, costs and cash.

    Parameters
    ----------
    spans : callable
        Makes one warning for every unbroken run of dates: kind, subject, where it is so (date), and what it says, with
        the places {span} and {bars}.
    """
    yield from _unfilled(evaluation, portfolio, spans)
    yield from _opens(evaluation, spans)
    yield from _shares(evaluation, spans)
    yield from _fees(evaluation, spans)
    yield from _interest(evaluation, spans)


def _unfilled(evaluation: Evaluation, portfolio: Portfolio, spans: Spans) -> Iterator[RunWarning]:
    settings, panel = evaluation.settings, evaluation.panel
    lag, bars = settings.lag, len(portfolio.equity)
    if lag >= bars:
        says = f"no order could be filled {{span}}: the run has {bars} bars, and the first fill is {lag} bars late"
        yield from spans("unfilled", "orders", np.ones(len(panel.dates), dtype=bool), says)
        return
    if not lag:
        return
    fills = load_fills(panel, settings.execution, evaluation.program.assets)
    first = evaluation.start + lag
    for row in range(evaluation.program.assets):
        ordered = np.zeros(len(panel.dates), dtype=bool)
        ordered[first : evaluation.start + bars] = evaluation.target[: bars - lag, row] > 0.0
        ordered &= fills.available[:, row] == 0
        ticker = panel.tickers[row]
        says = f"an order of {ticker} could not be filled {{span}}, for it has no bar then; that part stayed in cash"
        yield from spans("unfilled", ticker, ordered, says)


def _opens(evaluation: Evaluation, spans: Spans) -> Iterator[RunWarning]:
    if not evaluation.settings.opens:
        return
    panel = evaluation.panel
    for row in range(evaluation.program.assets):
        missing = panel.traded[row] & np.isnan(panel.values_of("open")[row])
        says = f"{panel.tickers[row]} has no open {{span}}; the close of the bar before stood in for it"
        yield from spans("open", panel.tickers[row], missing, says)


def _shares(evaluation: Evaluation, spans: Spans) -> Iterator[RunWarning]:
    if evaluation.settings.model.counts_shares and "raw_close" not in evaluation.panel.others:
        says = (
            "shares are counted at adjusted closes {span}, because the candles hold no raw_close: splits and dividends "
            "since then make them too many"
        )
        yield from spans("shares", "raw_close", np.ones(len(evaluation.panel.dates), dtype=bool), says)


def _fees(evaluation: Evaluation, spans: Spans) -> Iterator[RunWarning]:
    if not any(isinstance(model, RegulatoryFees) for model in evaluation.settings.model.parts):
        return
    days = evaluation.panel.days
    early = f"sales {{span}} paid no regulatory fee: the rates known here begin on {fees.KNOWN_FROM}"
    yield from spans("fees", "RegulatoryFees", days < np.datetime64(fees.KNOWN_FROM), early)
    late = f"sales {{span}} paid the regulatory fees known on {fees.KNOWN_TO}, the last date they were looked up for"
    yield from spans("fees", "RegulatoryFees", days > np.datetime64(fees.KNOWN_TO), late)


def _interest(evaluation: Evaluation, spans: Spans) -> Iterator[RunWarning]:
    rule, panel = evaluation.settings.cash, evaluation.panel
    if rule is None:
        return
    if isinstance(rule, str):
        missing = np.isnan(ticker_lines(rule, panel)["close"])
        yield from spans("interest", rule, missing, f"{rule} has no bar {{span}}; cash earned nothing")
        return
    missing = np.isnan(known_yields(rule, panel.days))
    yield from spans("interest", "cash", missing, "no yield is known {span}; cash earned nothing")
