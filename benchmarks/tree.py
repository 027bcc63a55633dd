"""What a backtest of a tree costs, beside the same tree in plain pandas: 25 years of daily bars, 14 tickers.

Run ``python benchmarks/tree.py``; it takes about a minute, and ``--json FILE`` writes the numbers too. Contenders take
turns in one process, so that a busy machine slows all of them; the tables hold medians. Prices are synthetic and
seeded. Both equity curves must agree before a time is shown; no time is asserted: it is a measurement, not a law.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeAlias
from unittest.mock import patch

import numpy as np
import pandas as pd
import xarray as xr
from _pandas_words import PandasWords

import sbc_lab as lab
from sbc_lab.engine import _memory, evaluate
from sbc_lab.engine._rows import Rows
from sbc_lab.engine.compile import compile_strategy
from sbc_lab.engine.panel import load_panel
from sbc_lab.engine.program import Op, Step
from sbc_lab.engine.strategy import count_nodes, count_unique
from sbc_lab.engine.trading import trade

BARS = 6_300
FALLING = ("TQQQ", "UPRO", "SOXL")
POOL = ("XLK", "XLF", "XLV", "XLE", "XLU", "XLP", "TLT", "GLD")
HELD = ("UVXY", *FALLING, *POOL)
TICKERS = ("QQQ", "SPY", *HELD)
COST_BPS = 5.0
CLOSE_ENOUGH = 1e-9
PHASES = ("compile", "indicators", "NAVs of nodes", "simulation", "total, warm", "total, compiled anew")
"""Indicators: values and conditions. NAVs: decisions and returns of what indicators look at. Simulation: the rest."""

FRESH = """
import json, sys, time
begin = time.perf_counter()
import sbc_lab as lab
from sbc_lab.engine.backtest import backtest
imported = time.perf_counter()
candles = lab.candles({tickers!r}, store={store!r}, fields=("close",))
loaded = time.perf_counter()
with open({tree!r}) as file:
    strategy = lab.language.loads(file.read())
final = float(backtest(strategy, candles).equity[-1])
done = time.perf_counter()
print(json.dumps({{"import": imported - begin, "load candles": loaded - imported, "first result": done - loaded}}))
"""

Words: TypeAlias = Any
"""The façade, or `PandasWords`: whoever has the words of the language."""
Built: TypeAlias = Any
"""What the words make: a node of the language, or what it holds in pandas."""


def benchmark_tree(words: Words) -> Built:
    """The tree that peers are measured with: a hedge, three levered funds by volatility, or the best two of eight."""
    best = words.top(*POOL, n=2, by=words.cumulative_return(words.each, 60))
    return (
        words.when(words.rsi("QQQ", 10) > 79)
        .then("UVXY")
        .when(words.price("SPY") > words.sma("SPY", 200))
        .then(words.inverse_vol(*FALLING, window=20))
        .otherwise(best)
    )


def large_tree(words: Words) -> Built:
    """A hundred nodes: nested conditions over weights and filters, in groups ranked by the RSI of their own NAV."""
    count = itertools.count()

    def leaves(many: int) -> list[str]:
        begin = next(count)
        return [HELD[(5 * begin + 3 * begin // 12 + place) % len(HELD)] for place in range(many)]

    def box() -> Built:
        turn = next(count)
        if turn % 3 == 0:
            return words.inverse_vol(*leaves(3), window=15 + turn)
        if turn % 3 == 1:
            return words.top(*leaves(4), n=2, by=words.cumulative_return(words.each, 40 + turn))
        return words.equal(*leaves(2))

    def question() -> object:
        turn = next(count)
        ticker = TICKERS[turn % len(TICKERS)]
        return (
            lambda: words.rsi(ticker, 8 + turn % 9) > 55 + turn % 12,
            lambda: words.price(ticker) > words.sma(ticker, 20 + turn),
            lambda: words.cumulative_return(ticker, 20 + turn) > turn % 5,
            lambda: words.stdev_return(ticker, 20 + turn) < 1.5,
            lambda: words.ema(ticker, 10 + turn % 7) > words.ema(ticker, 50 + turn),
        )[turn % 5]()

    def nested(levels: int) -> Built:
        node = box()
        for _ in range(levels):
            node = words.when(question()).then(box()).otherwise(node)
        return node

    groups = [words.group(f"group {place}", nested(3)) for place in range(4)]
    return (
        words.when(words.rsi("QQQ", 10) > 79)
        .then("UVXY")
        .when(words.price("SPY") > words.sma("SPY", 200))
        .then(words.top(*groups, n=2, by=words.rsi(words.each, 10)))
        .otherwise(words.equal(nested(1), nested(0)))
    )


CASES: dict[str, Callable[[Words], Built]] = {"benchmark tree": benchmark_tree, "large tree": large_tree}


def make_candles() -> xr.Dataset:
    """Synthetic closes on real sessions, so that a store takes them as they are."""
    from sbc_lab.data import sessions

    days = sessions("2000-01-03", "2025-12-31")[:BARS]
    return lab.testing.synthetic_candles(TICKERS, days=BARS, seed=1).assign_coords(date=days.astype("datetime64[ns]"))


def closes_of(candles: xr.Dataset) -> pd.DataFrame:
    """The closes as pandas wants them, (date, ticker)."""
    return pd.DataFrame(candles["close"].values.T.copy(), index=candles["date"].to_index(), columns=list(TICKERS))


def as_candles(close: pd.DataFrame) -> xr.Dataset:
    """Closes as candles."""
    values = np.ascontiguousarray(close.to_numpy().T)
    return xr.Dataset(
        {"close": (("ticker", "date"), values)}, {"ticker": list(close.columns), "date": close.index.to_numpy()}
    )


class Watched(Rows):
    """Rows that know how long their indicators, and the NAVs that those look at, took."""

    spent: ClassVar[dict[str, float]] = {}

    def run(self, step: Step) -> None:
        """Do one step."""
        begin = time.perf_counter()
        super().run(step)
        phase = "NAVs of nodes" if step.op in {Op.RETURNS, Op.NAV} else "indicators"
        Watched.spent[phase] += time.perf_counter() - begin

    def decide(self, number: int, first: int, last: int) -> None:
        """Decide a node."""
        begin = time.perf_counter()
        super().decide(number, first, last)
        if number in self.program.in_nav:
            Watched.spent["NAVs of nodes"] += time.perf_counter() - begin


def measure_ours(strategies: Iterator[lab.Strategy], candles: xr.Dataset) -> dict[str, float]:
    """Seconds of every phase of one backtest, each strategy seen for the first time."""
    fresh, known = next(strategies), next(strategies)
    found = {"compile": _seconds(lambda: compile_strategy(known))}
    panel = load_panel(candles).select(compile_strategy(known).tickers)
    settings = lab.backtest(known, candles, cost_bps=COST_BPS).settings
    Watched.spent = {"indicators": 0.0, "NAVs of nodes": 0.0}
    with patch.object(evaluate, "Rows", Watched):
        whole = _seconds(lambda: trade(evaluate.evaluate(compile_strategy(known), panel, settings)))
    found |= Watched.spent | {"simulation": whole - sum(Watched.spent.values())}
    found["total, warm"] = _seconds(lambda: lab.backtest(known, candles, cost_bps=COST_BPS))
    found["total, compiled anew"] = _seconds(lambda: lab.backtest(fresh, candles, cost_bps=COST_BPS))
    return found


def measure_pandas(tree: Callable[[Words], Built], close: pd.DataFrame) -> tuple[dict[str, float], pd.Series]:
    """Seconds of the same work in pandas, and its equity."""
    words = PandasWords(close)
    begin = time.perf_counter()
    root = tree(words)
    built = time.perf_counter()
    equity = words.simulate(root, COST_BPS * 1e-4)
    done = time.perf_counter()
    return {"pandas, tree": built - begin, "pandas, portfolio": done - built, "pandas, total": done - begin}, equity


def measure(name: str, candles: xr.Dataset, rounds: int) -> dict[str, float]:
    """Medians over interleaved rounds, peaks of memory, and how far the two equity curves lie apart."""
    tree = CASES[name]
    root = tree(lab)
    strategies = (lab.Strategy(f"{name} {turn}", root) for turn in itertools.count())
    close = closes_of(candles)
    ours = lab.backtest(next(strategies), candles, cost_bps=COST_BPS).equity
    theirs = measure_pandas(tree, close)[1]
    same_dates = theirs.index.equals(ours["date"].to_index())
    apart = float(np.abs(ours.values / theirs.to_numpy() - 1.0).max()) if same_dates else float("inf")
    if not apart <= CLOSE_ENOUGH:
        raise SystemExit(f"{name}: the equity curves of the engine and of pandas lie {apart:.3g} apart")
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        for found in (*(measure_ours(strategies, candles) for _ in range(10)), measure_pandas(tree, close)[0]):
            for key, seconds in found.items():
                taken.setdefault(key, []).append(seconds)
    found = {key: statistics.median(each) for key, each in taken.items()}
    found |= {f"{key}, best": min(each) for key, each in taken.items()}
    found |= {"peak": _peak(lambda: lab.backtest(next(strategies), candles, cost_bps=COST_BPS))}
    found |= {"pandas, peak": _peak(lambda: measure_pandas(tree, close)), "apart": apart}
    return found | {"nodes": count_nodes(root), "unique nodes": count_unique(root)}


def _seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _peak(call: Callable[[], object]) -> float:
    """Bytes that a call has in use at the most; memory kept from earlier runs is given back first."""
    _memory.release()
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return float(peak)


def measure_fresh(candles: xr.Dataset, runs: int) -> dict[str, float]:
    """Median seconds of a process that imports, loads candles of a store and backtests, compiled kernels on disk."""
    from sbc_lab.data import SnapshotStore

    with tempfile.TemporaryDirectory() as folder:
        store, tree = Path(folder) / "store", Path(folder) / "tree.json"
        bars = {ticker: candles.sel(ticker=ticker, drop=True).to_dataframe().reset_index() for ticker in TICKERS}
        SnapshotStore(store).publish(bars)
        tree.write_text(lab.language.dumps(lab.Strategy("benchmark", benchmark_tree(lab))))
        program = FRESH.format(tickers=list(TICKERS), store=str(store), tree=str(tree))
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        run = partial(subprocess.run, [sys.executable, "-c", program], env=environment, capture_output=True, check=True)
        run()  # writes bytecode and compiled kernels, when they are not there
        taken = []
        for _ in range(runs):
            begin = time.perf_counter()
            printed = run().stdout
            taken.append(json.loads(printed) | {"whole process": time.perf_counter() - begin})
    return {key: statistics.median(each[key] for each in taken) for key in taken[0]}


def show(name: str, found: dict[str, float]) -> None:
    """Print the table of one tree."""
    print(f"{name}: {found['nodes']:.0f} nodes, {found['unique nodes']:.0f} of them different; ", end="")
    print(f"equity curves agree to {found['apart']:.0e}")
    print(f"{'':<24}{'median ms':>12}{'best ms':>12}{'pandas ms':>12}{'pandas/ours':>13}")
    for phase in PHASES:
        peer = found["pandas, total"] if phase.startswith("total") else None
        shown = f"{peer * 1e3:>12.1f}{peer / found[phase]:>12.0f}x" if peer is not None else f"{'–':>12}{'–':>13}"
        print(f"{phase:<24}{found[phase] * 1e3:>12.3f}{found[f'{phase}, best'] * 1e3:>12.3f}{shown}")
    ratio = found["pandas, peak"] / found["peak"]
    peaks = f"{found['peak'] / 1e6:>12.1f}{'–':>12}{found['pandas, peak'] / 1e6:>12.1f}{ratio:>12.1f}x"
    print(f"{'peak memory, MB':<24}{peaks}\n")


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="how often every contender takes its turn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers as well, seconds and bytes")
    given = parser.parse_args()
    candles = make_candles()
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}"
    print(
        f"{platform.machine()}, {versions}; {len(TICKERS)} tickers, {BARS:,} bars; medians of {given.rounds} rounds\n"
    )
    found = {name: measure(name, candles, given.rounds) for name in CASES}
    for name, numbers in found.items():
        show(name, numbers)
    found["fresh process"] = measure_fresh(candles, given.rounds)
    print("fresh process, benchmark tree, bars out of a store, compiled kernels on disk")
    for key, seconds in found["fresh process"].items():
        print(f"{key:<24}{seconds * 1e3:>12.0f} ms")
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
