"""A whole backtest beside what others would write: loops by hand, NumPy with TA-Lib, pandas, vectorbt and bt.

Run ``python benchmarks/peers.py``; it takes about two minutes, and ``--json FILE`` writes the numbers too. Contenders
take turns in one process, each on one thread; the tables hold medians of processor time, which other programs disturb
least, ratios within this run, and how far each equity curve lies from ours, looked at before its time is. A peer that
is not installed is named. Nothing is asserted about time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import tree as trees
from _tree_peers import ONE_TREE, PEERS, TREES, missing

import sbc_lab as lab

TREES.update(trees.CASES)
OURS = "sbc_lab"
SLOW = 0.5
"""A contender that takes longer than this, in seconds, has a turn in every third round only."""

FRESH = """
import json, sys, time
import numpy, pandas
sys.path.insert(0, {folder!r})
close = pandas.read_pickle({closes!r})
begin = time.perf_counter()
import importlib
importlib.import_module({module!r})
imported = time.perf_counter()
import peers
run = peers.contenders("benchmark tree", close)[{name!r}]
ready = time.perf_counter()
run()
done = time.perf_counter()
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
print(json.dumps({{"import": imported - begin, "first call": done - ready, "MB": peak}}))
"""


def contenders(name: str, close: pd.DataFrame) -> dict[str, Callable[[], np.ndarray]]:
    """Everyone who is installed and can run a tree, as calls without arguments that return the equity."""
    strategy = lab.Strategy(name, TREES[name](lab))
    candles = trees.as_candles(close)
    found: dict[str, Callable[[], np.ndarray]] = {
        OURS: lambda: lab.backtest(strategy, candles, cost_bps=trees.COST_BPS).equity.values
    }
    for peer, (call, module, package) in PEERS.items():
        if missing(module, package) or (peer in ONE_TREE and name != "benchmark tree"):
            continue
        found[peer] = lambda call=call: call(close, name)
    return found


def measure(name: str, close: pd.DataFrame, rounds: int) -> dict[str, dict[str, float]]:
    """Median and best seconds of processor time of everyone, and how far their equity lies from ours."""
    calls = contenders(name, close)
    ours = calls[OURS]()
    found: dict[str, dict[str, float]] = {}
    for peer, call in calls.items():
        theirs = call()
        if len(theirs) != len(ours):
            raise SystemExit(f"{name}: {peer} has {len(theirs)} bars, sbc_lab has {len(ours)}")
        found[peer] = {"apart": float(np.abs(theirs / ours - 1.0).max())}
        if found[peer]["apart"] > 2e-3:
            raise SystemExit(
                f"{name}: {peer} lies {found[peer]['apart']:.2g} from sbc_lab; it does not do the same work"
            )
    taken: dict[str, list[float]] = {peer: [] for peer in calls}
    for turn in range(rounds):
        for peer, call in calls.items():
            if taken[peer] and taken[peer][0] > SLOW and turn % 3:
                continue
            for _ in range(10 if peer in (OURS, "floor, by hand") else 1):
                begin = time.process_time()
                call()
                taken[peer].append(time.process_time() - begin)
    for peer, each in taken.items():
        found[peer] |= {"median": statistics.median(each), "best": min(each)}
    return found


def measure_fresh(close: pd.DataFrame, folder: Path, runs: int = 3) -> dict[str, dict[str, float]]:
    """Median seconds and megabytes of every peer in a new process; compiled code on disk, a run before wrote it."""
    closes = folder / "closes.pickle"
    close.to_pickle(closes)
    found = {}
    for peer, (_, module, package) in PEERS.items():
        if missing(module, package):
            continue
        program = FRESH.format(folder=str(Path(__file__).parent), closes=str(closes), module=module, name=peer)
        taken = []
        for _ in range(runs + 1):
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
            taken.append(json.loads(done.stdout))
        found[peer] = {key: statistics.median(each[key] for each in taken[1:]) for key in taken[0]}
    return found


def show(name: str, found: dict[str, dict[str, float]]) -> None:
    """Print the table of one tree, the fastest first."""
    ours = found[OURS]["median"]
    print(f"{name}\n{'':<22}{'median ms':>12}{'best ms':>12}{'time/ours':>12}{'apart':>12}")
    for peer, numbers in sorted(found.items(), key=lambda item: item[1]["median"]):
        times = f"{numbers['median'] * 1e3:>12.3f}{numbers['best'] * 1e3:>12.3f}{numbers['median'] / ours:>12.1f}"
        print(f"{peer:<22}{times}{numbers['apart']:>12.0e}")
    for peer, (_, module, package) in PEERS.items():
        if missing(module, package):
            print(f"{peer:<22}  {missing(module, package)}")
        elif peer not in found:
            print(f"{peer:<22}  was written for the benchmark tree alone")
    print()


def main() -> None:
    """Measure and print the tables."""
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="how often every contender takes its turn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers as well, seconds and megabytes")
    given = parser.parse_args()
    close = trees.closes_of(trees.make_candles())
    found = {name: measure(name, close, given.rounds) for name in TREES}
    for name, numbers in found.items():
        show(name, numbers)
    if sys.platform == "linux":
        with tempfile.TemporaryDirectory() as folder:
            found["fresh process"] = measure_fresh(close, Path(folder))
        print("fresh process, benchmark tree, compiled code on disk; `tree.py` has the one of sbc_lab")
        print(f"{'':<22}{'import ms':>12}{'first ms':>12}{'MB':>8}")
        for peer, numbers in found["fresh process"].items():
            print(
                f"{peer:<22}{numbers['import'] * 1e3:>12.0f}{numbers['first call'] * 1e3:>12.0f}{numbers['MB']:>8.0f}"
            )
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
