"""Is a function an indicator? Whether its values come from the past alone, every time the same, where it says.

Lives here: the series on which a function is tried, and the laws that it is held to when it is registered. Does not
live here: registering it (`user_indicators`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import StrategyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Line = NDArray[np.float64]
    Lines = dict[str, Line]
    Call = Callable[[Sequence[Line]], Line]
    """The lines of the inputs → the values, with the parameters already put in; it checks shape and type itself."""

SAME = 1e-12
"""Two values agree when they differ by less than this share of the largest."""
BARS = 240
CUTS = 40


def check_purity(name: str, call: Call, inputs: Sequence[str], first: int) -> None:
    """Hold a function to the laws of an indicator on made-up prices.

    Parameters
    ----------
    name : str
        For the messages.
    call : callable
        The function with some parameters.
    inputs : sequence of str
        The fields that it takes, in order.
    first : int, trading days
        Index of its first value, as declared for these parameters.

    Raises
    ------
    StrategyError
        Naming the law, the date and both values.
    """
    for sort, lines in series(first):
        given = [lines[field] for field in inputs]
        whole = _tried(name, call, given, sort)
        _check_span(name, whole, first, sort)
        again = _tried(name, call, given, sort)
        _refuse(name, whole, again, f"gives two answers to the same prices ({sort})", ("first", "then"))
        for stop in reversed(_cuts(first, len(whole))):  # the latest cut tells a small look ahead from a global one
            part = _tried(name, call, [line[:stop] for line in given], f"the first {stop} bars of {sort}")
            _check_prefix(name, part, whole, sort)


def scales(call: Call, inputs: Sequence[str], first: int) -> bool:
    """Tell whether the values change with the price level: twice the prices, not the same values."""
    _, lines = next(series(first))
    one = call([lines[field] for field in inputs]).copy()
    two = call([lines[field] if field == "volume" else 2.0 * lines[field] for field in inputs])
    return bool(_differs(one, two).any())


def series(first: int) -> Iterator[tuple[str, Lines]]:
    """Yield made-up prices, with what they are called."""
    bars = BARS + first
    rng = np.random.default_rng(20)
    walk = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, bars)))
    yield "a walk", _candles(walk, rng)
    yield "a walk of pennies", _candles(walk / 1e6, rng)
    yield (
        "a fall to a thousandth",
        _candles(1e5 * np.exp(np.linspace(0.0, -7.0, bars) + rng.normal(0.0, 0.1, bars)), rng),
    )
    yield "a price that stands still", _candles(np.full(bars, 50.0), rng, wide=0.0)


def _candles(close: Line, rng: np.random.Generator, *, wide: float = 0.02) -> Lines:
    high, low = close * (1.0 + rng.uniform(0.0, wide, close.size)), close * (1.0 - rng.uniform(0.0, wide, close.size))
    volume = np.where(rng.random(close.size) < 0.05, 0.0, rng.integers(1, 10**7, close.size).astype(np.float64))
    return {"open": (high + low) / 2.0, "high": high, "low": low, "close": close, "volume": volume}


def _cuts(first: int, bars: int) -> list[int]:
    """Lengths at which a series is cut: just enough for a value, evenly over it, and near its end."""
    return sorted({first + 1, first + 2, *np.linspace(first + 1, bars, CUTS, dtype=int).tolist(), bars - 2, bars - 1})


def _tried(name: str, call: Call, given: Sequence[Line], sort: str) -> Line:
    before = [line.copy() for line in given]
    found = call(given).copy()  # a function may keep its array and fill it anew at the next call
    for line, kept in zip(given, before, strict=True):
        if not np.array_equal(line, kept):
            date = int(np.flatnonzero(line != kept)[0])
            raise StrategyError(
                f"{name} writes into its input: on {sort} date {date} was {kept[date]:g} and is {line[date]:g} "
                "afterwards; work on a copy"
            )
    return found


def _check_span(name: str, whole: Line, first: int, sort: str) -> None:
    """Hold the values to the declared first bar: nothing before it, and on moving prices something ever after."""
    early = np.flatnonzero(~np.isnan(whole[:first]))
    if len(early):
        date = int(early[0])
        raise StrategyError(
            f"{name} has the value {whole[date]:g} on date {date}, before the first valid bar {first} that it "
            "declares; return NaN there, or declare an earlier bar"
        )
    wrong = np.isinf(whole) if "still" in sort else ~np.isfinite(whole)
    late = np.flatnonzero(wrong[first:])
    if len(late):
        date = first + int(late[0])
        raise StrategyError(
            f"{name} has the value {whole[date]} on date {date} of {sort}, at or after the first valid bar {first} "
            "that it declares; declare a later bar, or return a finite number"
        )


def _check_prefix(name: str, part: Line, whole: Line, sort: str) -> None:
    wrong = np.flatnonzero(_differs(part, whole[: len(part)]))
    if not len(wrong):
        return
    date = int(wrong[0])
    ahead = len(part) - date
    raise StrategyError(
        f"{name} looks {ahead} bar{'s' if ahead > 1 else ''} ahead: on {sort} its value on date {date} is "
        f"{whole[date]:.6g} when all {len(whole)} bars are known, but {part[date]:.6g} with the first {len(part)}; "
        "use nothing after the date itself"
    )


def _refuse(name: str, one: Line, other: Line, fault: str, words: tuple[str, str]) -> None:
    wrong = np.flatnonzero(~((one == other) | (np.isnan(one) & np.isnan(other))))
    if len(wrong):
        date = int(wrong[0])
        raise StrategyError(
            f"{name} {fault}: on date {date} {words[0]} {one[date]:.6g}, {words[1]} {other[date]:.6g}; "
            "use nothing but the arguments"
        )


def _differs(one: Line, other: Line) -> NDArray[np.bool_]:
    scale = float(np.nanmax(np.abs(other), initial=0.0)) if np.isfinite(other).any() else 0.0
    with np.errstate(invalid="ignore"):
        apart: NDArray[np.bool_] = ~(np.abs(one - other) <= SAME * scale)
    return apart & ~(np.isnan(one) & np.isnan(other))
