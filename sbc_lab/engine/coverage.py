"""Which prices a run stands on: for every ticker of its tree, from when to when there are bars, and where they miss.

Lives here: the count of bars, and the first bar that a decision needs. Does not live here: how a missing bar is carried
(panel.py), and the warnings about it (run_warnings.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .indicators import load_indicator
from .kernels import rolling
from .program import Kind, Op
from .tables import Cell, Table

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .program import Program, Step
    from .result import Backtest

_COUNTS = {
    "bars": ("Bars", "Bars of its own within the run"),
    "carried": ("Carried", "Dates of the run on which its last close stands for a missing bar"),
    "unavailable": ("Unavailable", "Dates of the run on which it has no price"),
}
"""Variable → its head and what it is."""


def coverage_table(run: Backtest) -> Table:
    """Bars of every ticker; see `Backtest.coverage`."""
    import xarray as xr

    panel, program = run._panel, run._program
    begin, stop = run._start, run._start + len(run.dates)
    traded, available = panel.traded, panel.available == 1
    inside = slice(begin, stop)
    counts = {
        "bars": traded[:, inside].sum(axis=1),
        "carried": (available & ~traded)[:, inside].sum(axis=1),
        "unavailable": (~available)[:, inside].sum(axis=1),
    }
    first, last = _ends(traded, panel.dates)
    late = np.isnat(first) | (first > panel.dates[begin])
    gone = np.isnat(last) | (last < panel.dates[stop - 1])
    depths = _depths(program)
    held, looked = _roles(program, depths.looked)
    bars = [max(begin - depths.tickers.get(ticker, 0), 0) for ticker in panel.tickers]
    roles = [_role(ticker in held, ticker in looked) for ticker in panel.tickers]
    data = xr.Dataset(
        {
            "role": ("ticker", np.array(roles), {"long_name": "What the tree does with it"}),
            "first": ("ticker", first, {"long_name": "First bar in the candles"}),
            "last": ("ticker", last, {"long_name": "Last bar in the candles"}),
            "needed_from": ("ticker", panel.dates[bars], {"long_name": "First bar that the first decision reads"}),
            **{name: _count(values, _COUNTS[name][1]) for name, values in counts.items()},
            "listed_late": ("ticker", late, {"long_name": "Its first bar is later than that of the run"}),
            "ends_early": ("ticker", gone, {"long_name": "Its last bar is earlier than that of the run"}),
        },
        coords={"ticker": list(panel.tickers)},
    )
    heads = ("", "Role", "First bar", "Last bar", "Needed from", *(head for head, _ in _COUNTS.values()), "")
    title = f"{run.strategy.name}: prices behind {_day(run.dates[0])} to {_day(run.dates[-1])}, {len(run.dates):,} bars"
    return Table(data, title, heads, _rows(data), words=(0, 1, len(heads) - 1))


def _count(values: NDArray[Any], said: str) -> tuple[str, NDArray[Any], dict[str, str]]:
    return "ticker", values, {"long_name": said, "units": "days"}


def _ends(traded: NDArray[np.bool_], dates: NDArray[np.datetime64]) -> tuple[NDArray[Any], NDArray[Any]]:
    some = traded.any(axis=1)
    never = np.datetime64("NaT", "ns")
    first = np.where(some, dates[traded.argmax(axis=1)], never)
    last = np.where(some, dates[traded.shape[1] - 1 - traded[:, ::-1].argmax(axis=1)], never)
    return first, last


def _roles(program: Program, read: set[str]) -> tuple[set[str], set[str]]:
    """Tickers that the portfolio can hold, and those that something looks at, if only through a NAV."""
    under_root = set(program.layout.nodes.tolist())
    held, looked = set(), set(read)
    for number, block in enumerate(program.nodes):
        if block.kind is Kind.ASSET:
            ticker = program.tickers[block.slot]
            if number in under_root:
                held.add(ticker)
            if number in program.in_nav:
                looked.add(ticker)
    return held, looked


def _role(held: bool, looked: bool) -> str:
    return "held, looked at" if held and looked else "held" if held else "looked at"


class _Depths:
    """How many bars before the start each row is read, and each ticker."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.values: dict[int, int] = {}
        self.truths: dict[int, int] = {}
        self.nodes: dict[int, int] = {program.root: 0}
        self.tickers: dict[str, int] = {}
        self.looked: set[str] = set()

    def follow(self, step: Step) -> None:
        """Hand the depth of what a step fills on to what it reads."""
        if step.op in (Op.NODE, Op.RETURNS):
            self._node(step.out)
        elif step.op in _TRUTHS:
            if step.out in self.truths:
                self._truth(step)
        elif step.out in self.values:
            self._value(step)

    def _node(self, number: int) -> None:
        depth = self.nodes.get(number)
        if depth is None:
            return
        block = self.program.nodes[number]
        if block.kind is Kind.ASSET:
            _deepen(self.tickers, self.program.tickers[block.slot], depth)
        for rows, numbers in (
            (self.nodes, block.children),
            (self.truths, block.truths),
            (self.values, (*block.values, *block.volatilities)),
        ):
            for below in numbers:
                _deepen(rows, below, depth)

    def _truth(self, step: Step) -> None:
        depth, truth = self.truths[step.out], self.program.truths[step.out]
        if step.op is Op.CROSS:
            depth += 1
        elif step.op is Op.HOLD_FOR:
            depth += _int(step.args[1]) - 1
        for below in truth.parts:
            _deepen(self.truths, below, depth)
        if not truth.parts:
            for below in truth.values:
                _deepen(self.values, below, depth)

    def _value(self, step: Step) -> None:
        depth, args = self.values[step.out], step.args
        if step.op is Op.TICKER:
            _deepen(self.tickers, str(args[0]), depth)
            self.looked.add(str(args[0]))
        elif step.op is Op.NAV:
            _deepen(self.nodes, _int(args[0]), depth)
        elif step.op is Op.INDICATOR:
            name, parameters, source = args
            assert isinstance(parameters, tuple)
            _deepen(self.values, _int(source), depth + load_indicator(str(name)).first_valid(parameters))
        elif step.op is Op.PERCENTILE:
            _deepen(self.values, _int(args[0]), depth + _int(args[1]) - 1)
        elif step.op is Op.LAG:
            _deepen(self.values, _int(args[0]), depth + _int(args[1]))
        elif step.op is Op.ROLLING:
            name, source, window = map(_int, args)
            _deepen(self.values, source, depth + window - (name != rolling.CHANGE))
        elif step.op in (Op.ARITHMETIC, Op.FUNCTION):
            for below in args[1:]:
                _deepen(self.values, _int(below), depth)
        elif step.op is not Op.CONSTANT:
            for below in args:
                _deepen(self.values, _int(below), depth)


_TRUTHS = frozenset({Op.COMPARE, Op.CROSS, Op.HOLD_FOR, Op.ALL, Op.ANY, Op.NOT, Op.AT_LEAST, Op.CALENDAR})


def _depths(program: Program) -> _Depths:
    """How many bars before its first bar a run reads of each ticker.

    Steps come in an order in which nothing is used before it is made; backwards, everything that reads a row comes
    before the row, so one walk is enough.
    """
    depths = _Depths(program)
    for step in reversed(program.steps):
        depths.follow(step)
    return depths


def _deepen(rows: dict[Any, int], key: Any, depth: int) -> None:
    rows[key] = max(rows.get(key, 0), depth)


def _int(value: object) -> int:
    assert isinstance(value, int | np.integer)
    return int(value)


def _rows(data: xr.Dataset) -> tuple[tuple[Cell, ...], ...]:
    rows = []
    for place, ticker in enumerate(data["ticker"].values.tolist()):
        noted = [
            word for name, word in (("listed_late", "listed late"), ("ends_early", "ends early")) if data[name][place]
        ]
        days = [Cell(_day(data[name].values[place])) for name in ("first", "last", "needed_from")]
        counts = [Cell(f"{int(data[name][place]):,}") for name in _COUNTS]
        rows.append((Cell(str(ticker)), Cell(str(data["role"].values[place])), *days, *counts, Cell(", ".join(noted))))
    return tuple(rows)


def _day(date: np.datetime64) -> str:
    return "–" if np.isnat(date) else str(np.datetime_as_string(date, unit="D"))
