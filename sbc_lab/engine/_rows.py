"""The rows behind an evaluation, and one method per step that fills them. Which step comes when is in `evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import calendars
from ._memory import empty
from ._node_rows import NodeRows
from .indicators import load_indicator
from .kernels import expressions, portfolio, rolling, truths
from .program import Op, Program, Step
from .strategy import Ticker

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .panel import Panel
    from .settings import Settings

RSI_DECIMALS = 4
"""Profile "composer" knows an RSI to this many decimals, whoever reads it."""


class Rows(NodeRows):
    """Values, truths, choices and shares of one program over one panel."""

    def __init__(self, program: Program, panel: Panel, settings: Settings) -> None:
        super().__init__(program, panel, settings)
        self._matrix: NDArray[np.float64]
        self._truths: NDArray[np.uint8] | dict[int, NDArray[np.uint8]]
        self._make_room()
        self._firsts: dict[int, int] = {}
        self._known: dict[int, tuple[int, int]] = {}

    def _make_room(self) -> None:
        """Make one block for all values and one for all truths."""
        bars = len(self.panel.dates)
        self._matrix = empty((len(self.program.row_of), bars), np.float64)
        self._truths = empty((len(self.program.truths), bars), np.uint8)

    def value(self, number: int) -> NDArray[np.float64]:
        """Read a row of values, (date)."""
        if number in self.program.row_of:
            return self._out(number)
        term = self.program.values[number].term
        assert isinstance(term, Ticker), "only tickers have no row"
        row: NDArray[np.float64] = self.panel.close[self.panel.rows[term.symbol]]
        return row

    def values(self, numbers: tuple[int, ...]) -> NDArray[np.float64]:
        """Read several rows of values as one block, (row, date)."""
        places = [self.program.row_of.get(number, -1) for number in numbers]
        if places[0] >= 0 and places == list(range(places[0], places[0] + len(places))):
            return self._matrix[places[0] : places[0] + len(places)]
        block: NDArray[np.float64] = empty((len(numbers), len(self.panel.dates)), np.float64)
        return np.stack([self.value(number) for number in numbers], out=block)

    def truth(self, number: int) -> NDArray[np.uint8]:
        """Read a row of truths, (date)."""
        row: NDArray[np.uint8] = self._truths[number]
        return row

    def first(self, number: int) -> int:
        """Find the first bar on which a row of values has one."""
        if number not in self._firsts:
            self._firsts[number] = int(truths.first_value(self.value(number)))
        return self._firsts[number]

    def known_from(self, number: int) -> tuple[int, int]:
        """Find from which bar a condition can be decided, and which value it waits for (-1: none)."""
        return self._known[number]

    def run(self, step: Step) -> None:
        """Do one step that fills a row of values, truths or returns."""
        _DO[step.op](self, step.out, *step.args)
        if step.op in NOTES:
            self.note_truth(step)

    def note_truth(self, step: Step) -> None:
        """Note from when the truth that a step fills can be decided; its parts have been noted."""
        NOTES[step.op](self, step.out, *step.args)

    def _out(self, number: int) -> NDArray[np.float64]:
        row: NDArray[np.float64] = self._matrix[self.program.row_of[number]]
        return row

    def _ticker(self, number: int, symbol: str) -> None:
        """Closes are read where they lie."""

    def _ratio(self, number: int, above: int, below: int) -> None:
        expressions.ratio(self.value(above), self.value(below), self._out(number))

    def _rebase(self, number: int, source: int) -> None:
        expressions.rebase(self.value(source), self._out(number))

    def _nav(self, number: int, node: int) -> None:
        begin = max(self.ready[node][0], self.listed(node))
        portfolio.compound(self.returns[node], begin, self._out(number))

    def _constant(self, number: int, level: float) -> None:
        self._out(number).fill(level)

    def _indicator(self, number: int, name: str, parameters: tuple[float, ...], source: int) -> None:
        indicator = load_indicator(name)
        lines = [self._line(field, source) for field in indicator.word.inputs]
        out = self._out(number)
        indicator.kernel(*lines, *parameters, out)
        if name == "rsi" and self.settings.profile == "composer":
            np.round(out, RSI_DECIMALS, out=out)

    def _line(self, field: str, source: int) -> NDArray[np.float64]:
        """Read one field of a series, (date); the compiler lets only tickers be asked for others than closes."""
        if field == "close":
            return self.value(source)
        term = self.program.values[source].term
        assert isinstance(term, Ticker), "only tickers have bars"
        row: NDArray[np.float64] = self.panel.values_of(field)[self.panel.rows[term.symbol]]
        return row

    def _arithmetic(self, number: int, op: int, left: int, right: int) -> None:
        expressions.calculate(op, self.value(left), self.value(right), self._out(number))

    def _percentile(self, number: int, source: int, lookback: int) -> None:
        expressions.percentile(self.value(source), lookback, self._out(number))

    def _lag(self, number: int, source: int, days: int) -> None:
        expressions.lag(self.value(source), days, self._out(number))

    def _function(self, number: int, name: int, *of: int) -> None:
        rows = [self.value(source) for source in of]
        if len(rows) == 1:
            expressions.of_one(name, rows[0], self._out(number))
        else:
            expressions.of_two(name, rows[0], rows[1], self._out(number))

    def _rolling(self, number: int, name: int, source: int, window: int) -> None:
        rolling.measure(name, self.value(source), window, self._out(number))

    def _wait(self, number: int, values: tuple[int, ...], more: int = 0) -> None:
        """Note from when a comparison can be decided: its later side, plus the dates it looks back."""
        bar, culprit = max((self.first(value), value) for value in values)
        self._known[number] = (0, -1) if bar + more == 0 else (min(bar + more, len(self.panel.dates)), culprit)

    def _compare(self, number: int, op: int, left: int, right: int) -> None:
        level = self.program.values[right].constant
        if level is not None:
            truths.compare_level(op, self.value(left), level, self._truths[number])
        else:
            truths.compare(op, self.value(left), self.value(right), self._truths[number])

    def _note_compare(self, number: int, _: int, left: int, right: int) -> None:
        self._wait(number, (left, right))

    def _cross(self, number: int, above: int, left: int, right: int) -> None:
        truths.cross(above, self.value(left), self.value(right), self._truths[number])

    def _note_cross(self, number: int, _: int, left: int, right: int) -> None:
        self._wait(number, (left, right), 1)

    def _hold_for(self, number: int, part: int, days: int) -> None:
        truths.hold_for(self._truths[part], days, self._truths[number])

    def _note_hold_for(self, number: int, part: int, days: int) -> None:
        bar, culprit = self._known[part]
        if culprit < 0:
            culprit = self.program.truths[number].values[0]
        self._known[number] = (min(bar + days - 1, len(self.panel.dates)), culprit)

    def _note_combined(self, number: int, _: int, parts: tuple[int, ...]) -> None:
        self._known[number] = max(self._known[part] for part in parts)

    def _all(self, number: int, _: int, parts: tuple[int, ...]) -> None:
        out = self._truths[number]
        out[:] = self._truths[parts[0]]
        for part in parts[1:]:
            truths.both(out, self._truths[part], out)

    def _any(self, number: int, _: int, parts: tuple[int, ...]) -> None:
        out = self._truths[number]
        out[:] = self._truths[parts[0]]
        for part in parts[1:]:
            truths.either(out, self._truths[part], out)

    def _not(self, number: int, part: int) -> None:
        truths.negate(self._truths[part], self._truths[number])

    def _note_not(self, number: int, part: int) -> None:
        self._known[number] = self._known[part]

    def _at_least(self, number: int, count: int, parts: tuple[int, ...]) -> None:
        true, unknown = self.tally(parts)
        truths.reach(true, unknown, count, self._truths[number])

    def _calendar(self, number: int, term: object) -> None:
        self._truths[number] = calendars.holds(term, self.panel)

    def _note_calendar(self, number: int, _: object) -> None:
        self._known[number] = (0, -1)

    def _returns(self, node: int) -> None:
        self.earn(node)


_DO: dict[Op, Callable[..., None]] = {
    Op.TICKER: Rows._ticker,
    Op.RATIO: Rows._ratio,
    Op.REBASE: Rows._rebase,
    Op.NAV: Rows._nav,
    Op.CONSTANT: Rows._constant,
    Op.INDICATOR: Rows._indicator,
    Op.ARITHMETIC: Rows._arithmetic,
    Op.PERCENTILE: Rows._percentile,
    Op.LAG: Rows._lag,
    Op.FUNCTION: Rows._function,
    Op.ROLLING: Rows._rolling,
    Op.COMPARE: Rows._compare,
    Op.CROSS: Rows._cross,
    Op.HOLD_FOR: Rows._hold_for,
    Op.ALL: Rows._all,
    Op.ANY: Rows._any,
    Op.NOT: Rows._not,
    Op.AT_LEAST: Rows._at_least,
    Op.CALENDAR: Rows._calendar,
    Op.RETURNS: Rows._returns,
}
NOTES: dict[Op, Callable[..., None]] = {
    Op.COMPARE: Rows._note_compare,
    Op.CROSS: Rows._note_cross,
    Op.HOLD_FOR: Rows._note_hold_for,
    Op.ALL: Rows._note_combined,
    Op.ANY: Rows._note_combined,
    Op.NOT: Rows._note_not,
    Op.AT_LEAST: Rows._note_combined,
    Op.CALENDAR: Rows._note_calendar,
}
"""How it is noted from when the truth of a step can be decided, apart from filling it: a row can be taken over."""
