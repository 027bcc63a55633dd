"""One half of the compiler: expressions and conditions become numbered rows. Nodes are in `_emit_nodes`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from ._constants import calculated
from .indicators import only_for_tickers
from .program import Op, Step, Truth, Value
from .strategy import (
    All,
    Any,
    Arithmetic,
    AtLeast,
    Comparison,
    Condition,
    Constant,
    DateRange,
    Each,
    Expression,
    Function,
    Indicator,
    Lag,
    Month,
    Named,
    Not,
    OnOrAfter,
    Percentile,
    Ratio,
    Rolling,
    Series,
    Term,
    Ticker,
    sentence,
    substitute,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .program import Block
    from .strategy import IndicatorWord

T = TypeVar("T")

COMPARISONS = {">": 0, ">=": 1, "<": 2, "<=": 3}
OPERATIONS = {"+": 0, "-": 1, "*": 2, "/": 3}
FUNCTIONS = {
    name: number
    for number, name in enumerate(
        ("abs", "sqrt", "log", "log10", "exp", "sign", "floor", "ceil", "round", "min", "max", "pow", "mod")
    )
}
"""The numbers of `kernels.expressions`."""
MEASURES = {
    name: number for number, name in enumerate(("mean", "ema", "stdev", "stdev_population", "max", "min", "change"))
}
"""The numbers of `kernels.rolling`."""


class TermEmitter:
    """Numbers the values and truths of a strategy; the same row is never made twice."""

    def __init__(self) -> None:
        self.made: dict[tuple[object, ...], object] = {}
        self.known: dict[Term, int] = {}
        self.keys: dict[tuple[object, ...], int] = {}
        self.values: list[Value] = []
        self.truths: list[Truth] = []
        self.blocks: list[Block] = []
        self.steps: list[Step] = []
        self.row_of: dict[int, int] = {}
        self.ticker_values: dict[str, int] = {}
        self.fields: dict[str, str] = {}
        self.user_words: dict[str, None] = {}

    def make(self, build: Callable[..., T], *args: object) -> T:
        """Build a term that stands in no tree, or take what was built from the same, perhaps for another tree."""
        key = (build, *args)
        if key not in self.made:
            self.made[key] = build(*args)
        return self.made[key]  # type: ignore[return-value]  # what `build` gave

    def add_value(
        self,
        key: tuple[object, ...],
        term: Expression | Series,
        step: tuple[Op, tuple[object, ...]],
        *,
        constant: float | None = None,
    ) -> int:
        """Number a row of values, or find the one that says the same."""
        if key in self.keys:
            return self.keys[key]
        number = self.keys[key] = len(self.values)
        op, args = step
        self.values.append(Value(term, constant))
        if op is not Op.TICKER:
            self.row_of[number] = len(self.row_of)
        self.steps.append(Step(op, number, args))
        return number

    def ticker(self, symbol: str) -> int:
        """Number the closes of a ticker."""
        if symbol in self.ticker_values:
            return self.ticker_values[symbol]
        number = self.add_value(("ticker", symbol), Ticker(symbol), (Op.TICKER, (symbol,)))
        self.ticker_values[symbol] = number
        return number

    def series(self, series: Series) -> int:
        """Number a series that needs no node."""
        if isinstance(series, Ticker):
            return self.ticker(series.symbol)
        if isinstance(series, Ratio):
            above, below = self.ticker(series.above), self.ticker(series.below)
            return self.add_value(("ratio", above, below), series, (Op.RATIO, (above, below)))
        raise AssertionError(f"unresolved series {series!r}")

    def indicator(self, term: Indicator, source: int) -> int:
        """Number an indicator of a row of prices."""
        if term.name == "price":
            return source
        if term.code:
            self.user_words[term.key] = None
        args = (term.key, tuple(value for _, value in term.parameters), source)
        return self.add_value(("indicator", *args), term, (Op.INDICATOR, args))

    def note_fields(self, term: Indicator, word: IndicatorWord) -> None:
        """Note what an indicator reads besides closes, or refuse a series that has nothing else."""
        if not isinstance(term.series, Ticker):
            raise only_for_tickers(word, f"`{sentence(term.series, limit=120)}`")
        for name in word.inputs:
            if name != "close":
                self.fields.setdefault(name, sentence(term, limit=120))

    def expression(self, term: Expression) -> int:
        """Number an expression whose parts are numbered; indicators are handled where their series is known."""
        if isinstance(term, Constant):
            return self.level(float(term.value), term)  # type: ignore[arg-type]  # axes are refused before
        if isinstance(term, Arithmetic):
            args = (OPERATIONS[term.op], self.known[term.left], self.known[term.right])
            sides = [self.values[side].constant for side in args[1:]]
            if sides[0] is not None and sides[1] is not None:
                return self.level(calculated(term.op, sides[0], sides[1]), term)
            return self.add_value(("arithmetic", *args), term, (Op.ARITHMETIC, args))
        if isinstance(term, (Percentile, Lag)):
            of = self.known[term.of]
            level = self.values[of].constant
            if isinstance(term, Percentile):
                # What never moves is at or below itself on every date.
                if level is not None:
                    return self.level(level if math.isnan(level) else 100.0, term)
                return self.add_value(("percentile", of, term.lookback), term, (Op.PERCENTILE, (of, term.lookback)))
            if level is not None or term.days == 0:
                return of
            return self.add_value(("lag", of, term.days), term, (Op.LAG, (of, term.days)))
        if isinstance(term, Function):
            parts = tuple(self.known[part] for part in term.of)
            return self.add_value(("function", term.name, parts), term, (Op.FUNCTION, (FUNCTIONS[term.name], *parts)))
        if isinstance(term, Rolling):
            args = (MEASURES[term.name], self.known[term.of], int(term.window))  # type: ignore[arg-type]  # axes are refused before
            return self.add_value(("rolling", *args), term, (Op.ROLLING, args))
        if isinstance(term, Named):
            return self.known[term.of]
        raise AssertionError(f"unknown expression {type(term).__name__}")

    def level(self, number: float, term: Expression) -> int:
        """Number the row that is the same number on every date."""
        return self.add_value(("constant", repr(number)), term, (Op.CONSTANT, (number,)), constant=number)

    def add_truth(self, key: tuple[object, ...], truth: Truth, op: Op, args: tuple[object, ...]) -> int:
        """Number a row of truths, or find the one that says the same."""
        if key in self.keys:
            return self.keys[key]
        number = self.keys[key] = len(self.truths)
        self.truths.append(truth)
        self.steps.append(Step(op, number, args))
        return number

    def condition(self, term: Condition) -> int:
        """Number a condition whose parts are numbered."""
        if isinstance(term, Comparison):
            return self._comparison(term)
        if isinstance(term, (Month, DateRange, OnOrAfter)):
            return self.add_truth(("calendar", term), Truth(term), Op.CALENDAR, (term,))
        if isinstance(term, Not):
            part = self.known[term.condition]
            constant = self.truths[part].constant
            truth = Truth(term, (part,), constant=None if constant is None else not constant)
            return self.add_truth(("not", part), truth, Op.NOT, (part,))
        if isinstance(term, (All, Any, AtLeast)):
            parts = tuple(self.known[member] for member in term.conditions)
            op = {All: Op.ALL, Any: Op.ANY, AtLeast: Op.AT_LEAST}[type(term)]
            count = int(term.count) if isinstance(term, AtLeast) else 0  # type: ignore[arg-type]  # axes are refused before
            truth = Truth(term, parts, constant=self._decided(op, parts, count))
            return self.add_truth((op, count, parts), truth, op, (count, parts))
        raise AssertionError(f"unknown condition {type(term).__name__}")

    def _comparison(self, term: Comparison) -> int:
        left, right = self.known[term.left], self.known[term.right]
        a, b = self.values[left].constant, self.values[right].constant
        constant = None
        if a is not None and b is not None and not (math.isnan(a) or math.isnan(b)):
            constant = term.op in COMPARISONS and bool((a > b, a >= b, a < b, a <= b)[COMPARISONS[term.op]])
        once = term if term.days == 1 else Comparison(term.left, term.op, term.right)
        if term.op in COMPARISONS:
            args: tuple[object, ...] = (COMPARISONS[term.op], left, right)
            number = self.add_truth(("compare", *args), Truth(once, (), (left, right), constant), Op.COMPARE, args)
        else:
            args = (int(term.op == "crosses_above"), left, right)
            number = self.add_truth(("cross", *args), Truth(once, (), (left, right), constant), Op.CROSS, args)
        if term.days == 1:
            return number
        held = (number, term.days)
        return self.add_truth(("for", *held), Truth(term, (number,), (left, right), constant), Op.HOLD_FOR, held)

    def _decided(self, op: Op, parts: tuple[int, ...], count: int) -> bool | None:
        constants = [self.truths[part].constant for part in parts]
        if any(constant is None for constant in constants):
            return None
        true = sum(bool(constant) for constant in constants)
        needed = {Op.ALL: len(parts), Op.ANY: 1}.get(op, count)
        return true >= needed


def of_each(by: Expression, series: Series) -> Expression:
    """Put a series in the place of `each`."""
    return substitute(by, {Each(): series})
