"""The order of many backtests: which share rows, in blocks that fit into memory, and the loop that runs them.

Strategies whose tickers have bars on the same dates are run one after the other and share rows: dates differ with the
tickers, and on other dates a row is another row. What the rows are is in `_shared_rows`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from ..errors import BacktestError, SbcError, unknown_name
from ..options import options
from ._prices import Prices
from ._shared_rows import RowStore, SharedRows, row_sizes
from .backtest import Backtest, beside, check_program, check_strategy, run_on
from .compile import compile_once
from .runs import Estimate, Outcome, shown_bytes
from .snapshots import load_snapshot
from .strategy import Rebalance, expand

if TYPE_CHECKING:
    import xarray as xr

    from .panel import Panel
    from .program import Program
    from .settings import Settings
    from .strategy import Bots, Strategy

Errors = Literal["raise", "collect"]
Progress = Callable[[int, int], object]
T = TypeVar("T")

STEP_BYTES = 400
"""About what a step of a program takes as Python objects."""
RESULT_BYTES = 8_000
"""About what the metrics of one run take."""
CELL_BYTES = 58
"""Per ticker and date: closes, where they trade, growth and returns in both orders; targets and what is held."""
KEPT_PANELS = 4


@dataclass
class _Job:
    """A strategy on its way.

    `axis` is the first bar, the one behind the last, and which bars lie between where some are left out; `block` counts
    the groups that share one store of rows.
    """

    number: int
    program: Program
    whole: Panel
    axis: tuple[int, int, bytes]
    bars: int
    block: int = 0

    def sizes(self) -> dict[Hashable, int]:
        """Bytes of every row that it would keep in a store."""
        return {key: size * self.bars for key, size in row_sizes(self.program)}

    def own(self) -> int:
        """Bytes that running it takes besides shared rows: its panel, its choices and shares, its portfolio."""
        program = self.program
        cells = CELL_BYTES + 8 * len(program.fields)
        nodes = 4 * program.choice_rows + 8 * program.share_rows + 9 * len(program.nodes)
        return self.bars * (cells * len(program.tickers) + nodes + 64)


class Plan:
    """Compiled strategies in the order in which they are run.

    Parameters
    ----------
    strategies : tuple of Strategy
    candles : Dataset (ticker, date) or None
        None: those of the store.
    settings : callable (rebalance rule) -> Settings
    errors : {"raise", "collect"}
    benchmark : Strategy, optional
    bots : mapping of str to Strategy, or Library, optional
    """

    def __init__(
        self,
        strategies: tuple[Strategy, ...],
        candles: xr.Dataset | None,
        settings: Callable[[Rebalance], Settings],
        *,
        errors: Errors,
        benchmark: Strategy | None = None,
        bots: Bots | None = None,
    ) -> None:
        if errors not in ("raise", "collect"):
            raise unknown_name("way to treat errors", errors, ("raise", "collect"), where="backtest_many")
        self.strategies, self.settings, self.errors = list(strategies), settings, errors
        self.benchmark = benchmark if benchmark is None or bots is None else expand(benchmark, bots)
        self.failed: dict[int, SbcError] = {}
        stored = load_snapshot() if candles is None else None
        made: dict[tuple[object, ...], object] = {}

        def compiled(number: int) -> Program:
            check_strategy(strategies[number])
            if bots is not None:
                self.strategies[number] = expand(strategies[number], bots)
            strategy = self.strategies[number]
            settings(strategy.rebalance)
            program = compile_once(strategy, made)
            if stored is not None:
                for ticker in program.tickers:
                    stored.load_coverage(ticker)
            return check_program(strategy, program)

        programs = dict(self._each(range(len(strategies)), compiled))
        others = () if self.benchmark is None else (compile_once(self.benchmark),)
        # Of the settings only the rule can differ, and it reads no prices.
        common = settings(Rebalance()) if programs else None
        self.prices = None if common is None else Prices(candles, (*programs.values(), *others), common)
        jobs = [job for _, job in self._each(programs, lambda number: self._job(number, programs[number]))]
        # A stable sort: within an axis the order that was given holds, for neighbours tend to be alike.
        self._jobs = deque(sorted(jobs, key=lambda job: job.axis))
        self._panels: dict[tuple[object, ...], Panel] = {}
        self.estimate = self._divide()

    def _each(self, numbers: Iterable[int], do: Callable[[int], T]) -> Iterator[tuple[int, T]]:
        """Do something for some strategies, treating errors as was asked."""
        for number in numbers:
            try:
                yield number, do(number)
            except SbcError as error:
                if self.errors == "raise":
                    error.add_note(f"in strategies[{number}], {getattr(self.strategies[number], 'name', None)!r}")
                    raise
                self.failed[number] = error

    def _job(self, number: int, program: Program) -> _Job:
        assert self.prices is not None
        whole = self.prices.whole(program)
        places = whole.places(program.tickers)
        first, end = int(places[0]), int(places[-1]) + 1
        gaps = b"" if len(places) == end - first else places.tobytes()
        return _Job(number, program, whole, (first, end, gaps), len(places))

    def _divide(self) -> Estimate:
        """Cut the jobs into blocks whose rows fit, and add up what all of it takes."""
        fixed = max((job.own() for job in self._jobs), default=0) * KEPT_PANELS
        fixed += sum(STEP_BYTES * len(job.program.steps) + RESULT_BYTES + 8 * job.bars for job in self._jobs)
        self.room = options.memory - fixed
        held = most = largest = rows = alone = block = 0
        axis: tuple[int, int, bytes] | None = None
        seen: set[Hashable] = set()
        for job in self._jobs:
            sizes = job.sizes()
            fresh = {key: size for key, size in sizes.items() if key not in seen}
            if axis != job.axis or held + sum(fresh.values()) > self.room:
                axis, held, block, fresh, seen = job.axis, 0, block + 1, sizes, set()
            job.block = block
            seen.update(fresh)
            held += sum(fresh.values())
            rows, alone = rows + len(fresh), alone + len(sizes)
            most, largest = max(most, held), max(largest, sum(sizes.values()))
        self.least = fixed + largest
        return Estimate(len(self._jobs), block, rows, alone, fixed + most, options.memory)

    def check_memory(self) -> None:
        """Refuse what does not fit even strategy by strategy."""
        if self.least > options.memory:
            raise BacktestError(
                f"{len(self._jobs):,} strategies take at least {shown_bytes(self.least)} and may take "
                f"{shown_bytes(options.memory)}; type `with options(memory=…)` with more, such as '4GiB', or run fewer "
                "at a time"
            )

    def run(self, progress: Progress | None) -> tuple[Outcome, ...]:
        """Run every strategy; the outcomes are in the order that was given."""
        outcomes = {number: Outcome(error=error) for number, error in self.failed.items()}
        total, block, store = len(self.strategies), 0, RowStore(0)
        while self._jobs:
            job = self._jobs.popleft()
            if job.block != block:
                block, store = job.block, RowStore(self.room)
            for number, run in self._each((job.number,), lambda _, job=job, store=store: self._run(job, store)):  # type: ignore[misc]  # defaults bind the loop's own
                portfolio = run._portfolio
                outcomes[number] = Outcome(run.dates, portfolio.equity.copy(), dict(run.metrics))
            outcomes.setdefault(job.number, Outcome(error=self.failed.get(job.number)))
            if progress is not None:
                progress(len(outcomes), total)
        return tuple(outcomes[number] for number in range(total))

    def _run(self, job: _Job, store: RowStore) -> Backtest:
        strategy = self.strategies[job.number]
        panel = self._panel(job.whole, job.program.tickers)
        settings = self.settings(strategy.rebalance)
        rows = SharedRows(job.program, panel, settings, store) if options.engine == "numba" else None
        return self._beside(run_on(strategy, job.program, panel, settings, rows))

    def _panel(self, whole: Panel, tickers: tuple[str, ...]) -> Panel:
        """Take some tickers; variants of a tree tend to have the same, one after the other."""
        key = (id(whole), tickers)
        if key not in self._panels:
            while len(self._panels) >= KEPT_PANELS:
                del self._panels[next(iter(self._panels))]
            assert self.prices is not None
            self._panels[key] = self.prices.funded(whole, whole.take(tickers))
        return self._panels[key]

    def _beside(self, run: Backtest) -> Backtest:
        if self.benchmark is None:
            return run
        assert self.prices is not None
        return run.beside(beside(self.benchmark, self.prices, run))

    def again(self, number: int) -> Backtest:
        """Run one strategy once more, by itself; the prices are those that were read at first."""
        assert self.prices is not None
        strategy = self.strategies[number]
        program = compile_once(strategy)
        panel = self._panel(self.prices.whole(program), program.tickers)
        return self._beside(run_on(strategy, program, panel, self.settings(strategy.rebalance)))
