"""One expression or one condition from the rows of its parts; one level, no tree.

Indicators come from their NumPy twins. Which line of prices a series is, and in which order the terms of a tree are
computed, is decided by whoever calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..indicators import compute
from ..strategy import Term
from ..strategy.calculations import Function, Named, Rolling
from ..strategy.conditions import All, Any, AtLeast, Comparison, Condition, DateRange, Month, Not, OnOrAfter
from ..strategy.terms import Arithmetic, Constant, Expression, Indicator, Lag, Percentile, Series
from .calculations import function, rolling
from .sharing import rounded
from .truths import NO, YES, Floats, Truth, at_least, compare, for_days, invert

Days = NDArray[np.datetime64]
Lines = Floats | Mapping[str, Floats]
"""Closes, or several fields of a ticker's candles by name, (date) each."""
Line = Callable[[Series, str], Lines]
"""Series and name of the indicator that reads it → what it reads."""


def value_of(term: Expression, values: Mapping[Term, Floats], line: Line, bars: int) -> Floats:
    """Compute one expression.

    Parameters
    ----------
    term : Expression
    values : mapping of term to ndarray (date)
        The expressions that `term` is made of.
    line : callable
        Gives the prices of a series.
    bars : int
        Number of dates.

    Returns
    -------
    ndarray (date), in the unit of the indicator
        NaN where there is no value.
    """
    if isinstance(term, Constant):
        return np.full(bars, float(term.value))  # type: ignore[arg-type]  # a tree with open axes is refused before
    if isinstance(term, Indicator):
        return compute(term.key, line(term.series, term.key), term.parameters, engine="numpy")  # type: ignore[arg-type]  # no open axes
    if isinstance(term, Arithmetic):
        return arithmetic(term.op, values[term.left], values[term.right])
    if isinstance(term, Percentile):
        return _percentile(values[term.of], int(term.lookback))  # type: ignore[arg-type]  # no open axes
    if isinstance(term, Lag):
        return _lag(values[term.of], int(term.days))  # type: ignore[arg-type]  # no open axes
    if isinstance(term, Function):
        return function(term.name, *(values[part] for part in term.of))
    if isinstance(term, Rolling):
        return rolling(term.name, values[term.of], int(term.window))  # type: ignore[arg-type]  # no open axes
    if isinstance(term, Named):
        return values[term.of]
    raise AssertionError(f"the language has no expression {type(term).__name__}")


def arithmetic(op: str, left: Floats, right: Floats) -> Floats:
    """Calculate date by date; what is divided by zero or becomes too large is no value."""
    with np.errstate(over="ignore", invalid="ignore"):
        if op == "+":
            found = left + right
        elif op == "-":
            found = left - right
        elif op == "*":
            found = left * right
        else:
            found = left / np.where(right == 0.0, np.nan, right)
    return np.where(np.isfinite(found), found, np.nan)


def _percentile(values: Floats, lookback: int) -> Floats:
    out = np.full(len(values), np.nan)
    known = rounded(values)
    for bar in range(lookback - 1, len(known)):
        recent = known[bar - lookback + 1 : bar + 1]
        if not np.isnan(recent).any():
            out[bar] = 100.0 * np.count_nonzero(recent <= known[bar]) / lookback
    return out


def _lag(values: Floats, days: int) -> Floats:
    out = np.full(len(values), np.nan)
    out[days:] = values[: max(0, len(values) - days)]
    return out


def truth_of(term: Condition, values: Mapping[Term, Floats], truths: Mapping[Term, Truth], days: Days) -> Truth:
    """Decide one condition on every date.

    Parameters
    ----------
    term : Condition
    values : mapping of term to ndarray (date)
        The expressions that a comparison compares.
    truths : mapping of term to ndarray (date)
        The conditions that `term` is made of.
    days : ndarray (date) of datetime64[D]

    Returns
    -------
    ndarray (date) of YES, NO, UNKNOWN
    """
    if isinstance(term, Comparison):
        return for_days(compare(term.op, values[term.left], values[term.right]), int(term.days))  # type: ignore[arg-type]  # no open axes
    combined = combined_truth(term, truths)
    return _calendar(term, days) if combined is None else combined


def combined_truth(term: Condition, truths: Mapping[Term, Truth]) -> Truth | None:
    """Decide a condition that is made of conditions; None when it is not."""
    if isinstance(term, Not):
        return invert(truths[term.condition])
    if isinstance(term, All):
        return at_least(len(term.conditions), [truths[member] for member in term.conditions])
    if isinstance(term, Any):
        return at_least(1, [truths[member] for member in term.conditions])
    if isinstance(term, AtLeast):
        return at_least(int(term.count), [truths[member] for member in term.conditions])  # type: ignore[arg-type]  # no open axes
    return None


def _calendar(term: Condition, days: Days) -> Truth:
    dates = [(day.month, day.day) for day in days.tolist()]
    if isinstance(term, Month):
        holds = [month in term.months for month, _ in dates]
    elif isinstance(term, DateRange) and term.first <= term.last:
        holds = [term.first <= day <= term.last for day in dates]
    elif isinstance(term, DateRange):
        holds = [day >= term.first or day <= term.last for day in dates]
    elif isinstance(term, OnOrAfter):
        holds = [dates[0] == term.day, *(_came(term.day, *two) for two in pairwise(days.tolist()))]
    else:
        raise AssertionError(f"the language has no condition {type(term).__name__}")
    return np.where(np.array(holds, dtype=bool), YES, NO)


def _came(day: tuple[int, int], before: date, now: date) -> bool:
    """Tell whether a day of the year came after one bar and not after the next."""
    return any(
        (before.year, before.month, before.day) < (year, *day) <= (now.year, now.month, now.day)
        for year in range(before.year, now.year + 1)
    )
