"""From which bar on an expression has a value, found from what it says and not from any prices.

Lives here: adding up the look-backs of the parts. Does not live here: when an indicator begins (`indicators`), and
when a run does, which waits for the values themselves (`evaluate`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .indicators import load_indicator
from .strategy import Expression, Indicator, Lag, Percentile, Rolling

if TYPE_CHECKING:
    from .strategy.vocabulary import TradingDays


def look_back(root: Expression) -> TradingDays:
    """Index of the first value of an expression whose series all begin at bar 0 and have no gaps.

    Parameters
    ----------
    root : Expression
        Without open axes. A NAV counts from its own first bar.

    Returns
    -------
    int, trading days
        The first value is never earlier. It is later where a calculation has no result, as after a division by 0.

    Examples
    --------
    >>> from sbc_lab.engine.strategy import formula
    >>> look_back(formula("sma(rsi(14), N) - ema(close, 5)")("SPY", 20))
    33
    """
    known: dict[Expression, TradingDays] = {}
    stack: list[tuple[Expression, bool]] = [(root, False)]
    while stack:
        term, finished = stack.pop()
        inside = [part for part in term.parts if isinstance(part, Expression)]
        if finished:
            known[term] = _own(term) + max((known[part] for part in inside), default=0)
        elif term not in known:
            stack.append((term, True))
            stack.extend((part, False) for part in inside)
    return known[root]


def _own(term: Expression) -> TradingDays:
    if isinstance(term, Indicator):
        return load_indicator(term.key).first_valid(term.parameters)  # type: ignore[arg-type]  # no open axes
    if isinstance(term, Lag):
        return int(term.days)  # type: ignore[arg-type]  # no open axes
    if isinstance(term, Percentile):
        return int(term.lookback) - 1  # type: ignore[arg-type]  # no open axes
    if isinstance(term, Rolling):
        return int(term.window) - (term.name != "change")  # type: ignore[arg-type]  # no open axes
    return 0
