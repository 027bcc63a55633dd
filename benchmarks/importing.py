"""What reading a foreign document costs: parse, build, hash and backtest, for large documents.

Run ``python benchmarks/importing.py``; ``--documents FOLDER`` also reads every document in that folder, by size. The
made ones are written by the lab itself, one as large as what people really run and one as deep. Prices are synthetic
and seeded, 25 years of daily bars. Times are of the processor's work, the best of a few rounds, after one document has
been run for warming up; none is asserted: it is a measurement, not a law.
"""

from __future__ import annotations

import argparse
import gc
import random
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import sbc_lab as lab
from sbc_lab.engine.importers import export, load
from sbc_lab.engine.strategy import count_nodes, count_unique, depth
from sbc_lab.engine.strategy.nodes import Node
from sbc_lab.errors import StrategyImportError
from sbc_lab.testing import synthetic_candles

BARS = 6_300
ROUNDS = 3
POOL = tuple(f"T{number}" for number in range(60))
WIDE, DEEP = 8_000, 288


def made(nodes: int, levels: int, seed: int) -> str:
    """Write a document with at least so many nodes, on at least so many levels."""
    dice = random.Random(seed)
    blocks: list[Node] = []
    count = 0
    while count < nodes:
        node: Node = lab.equal(*dice.sample(POOL, 3))
        while depth(node) < levels and count_nodes(node) < nodes:
            first = lab.rsi(dice.choice(POOL), dice.randint(5, 20)) > dice.randint(30, 80)
            ranked = lab.top(*dice.sample(POOL, 4), n=2, by=lab.cumulative_return(lab.each, dice.randint(5, 60)))
            box = lab.group(f"box {count}", lab.inverse_vol(*dice.sample(POOL, 2), window=20))
            node = lab.equal(lab.when(first).then(lab.equal(ranked, box)).otherwise(node))
        blocks.append(node)
        count += count_nodes(node)
    return export(lab.Strategy(f"{nodes} nodes", lab.equal(*blocks)), "defsymphony").text


def documents(folder: Path | None) -> Iterator[tuple[str, str | Path]]:
    """Every document to measure: the made ones, then those of a folder, the largest first."""
    yield "made, wide", made(WIDE, 40, 1)
    yield "made, deep", made(6 * DEEP, DEEP, 2)
    if folder is not None:
        files = [path for path in folder.rglob("*") if path.suffix in {".clj", ".edn", ".json"}]
        for path in sorted(files, key=lambda path: -path.stat().st_size):
            yield path.stem[:32], path


def measured(source: str | Path) -> list[str] | None:
    """Read, hash and run one document; the row of the table, None for what is no strategy."""
    best = [float("inf")] * 3
    row: list[str] = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        try:
            found = load(source)
        except StrategyImportError:
            return None
        read = time.process_time()
        _ = found.strategy.fingerprint
        hashed = time.process_time()
        candles = synthetic_candles(found.strategy.tickers, days=BARS)
        ready = time.process_time()
        lab.backtest(found.strategy, candles)
        times = (read - begin, hashed - read, time.process_time() - ready)
        best = [min(pair) for pair in zip(best, times, strict=True)]
        row = [f"{count(found.strategy):,}" for count in (count_nodes, count_unique, depth)]
        del found, candles
        gc.collect()  # an equal tree would still be there, and building it again would cost less
    return [*row, *(f"{seconds:.3f}" for seconds in (*best, sum(best)))]


def table(rows: Iterable[list[str]]) -> None:
    """Print rows in columns."""
    heads = ["document", "nodes", "different", "levels", "read s", "hash s", "run s", "total s"]
    print(f"{heads[0]:<34}", *(f"{head:>9}" for head in heads[1:]))
    for name, *cells in rows:
        print(f"{name:<34}", *(f"{cell:>9}" for cell in cells), flush=True)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", metavar="FOLDER", type=Path)
    args = parser.parse_args()
    measured(made(200, 10, 0))
    rows = ((name, measured(source)) for name, source in documents(args.documents))
    table([name, *row] for name, row in rows if row is not None)


if __name__ == "__main__":
    main()
