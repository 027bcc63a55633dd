"""What many backtests in one call cost, beside the same strategies one after the other.

Run ``python benchmarks/batch.py``; ``--strategies N`` takes more or fewer variants of the large tree of `tree.py`, each
with a condition of its own over what all share. Results must be equal bit for bit before a time is shown.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
import tracemalloc
from pathlib import Path

from tree import large_tree, make_candles

import sbc_lab as lab
from sbc_lab.engine import _memory
from sbc_lab.engine.batch import Runs
from sbc_lab.engine.strategy import Node, Strategy, rsi, when

_TURN = itertools.count()


def variants(count: int, base: Node) -> list[Strategy]:
    """Strategies that have not been compiled yet: the same trees under new names."""
    turn = next(_TURN)
    return [
        Strategy(
            f"{turn}: {number}", when(rsi("QQQ", 5 + number % 40) > 60 + number // 40).then("UVXY").otherwise(base)
        )
        for number in range(count)
    ]


def one_by_one(strategies: list[Strategy], candles: object) -> list[tuple[bytes, dict[str, object]]]:
    """Equity and metrics of every strategy alone."""
    found = []
    for strategy in strategies:
        run = lab.backtest(strategy, candles)
        found.append((run.equity.values.tobytes(), dict(run.metrics)))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strategies", type=int, default=1_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers as well, seconds and bytes")
    given = parser.parse_args()
    count = given.strategies
    candles, base = make_candles(), large_tree(lab)
    lab.backtest(variants(1, base)[0], candles)
    begin = time.perf_counter()
    alone = one_by_one(variants(count, base), candles)
    middle = time.perf_counter()
    runs: Runs = lab.backtest_many(variants(count, base), candles, announce=print)
    end = time.perf_counter()
    for (equity, metrics), outcome in zip(alone, runs._outcomes, strict=True):
        if equity != outcome.equity.tobytes() or metrics != dict(outcome.metrics):
            raise SystemExit("a run of the batch is not the run of its strategy alone")
    _memory.release()
    tracemalloc.start()
    lab.backtest_many(variants(min(count, 100), base), candles)
    peak = tracemalloc.get_traced_memory()[1]
    print(f"one by one {middle - begin:8.2f} s {(middle - begin) / count * 1e3:8.2f} ms each, metrics included")
    print(f"together   {end - middle:8.2f} s {(end - middle) / count * 1e3:8.2f} ms each")
    print(f"ratio      {(middle - begin) / (end - middle):8.2f}")
    print(f"peak of {min(count, 100)} strategies {peak / 2**20:.0f} MiB")
    if given.json is not None:
        found = {"strategies": count, "one by one": middle - begin, "together": end - middle, "peak": peak}
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
