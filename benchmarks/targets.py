"""What the engine is meant to reach, and what it reaches here: `python benchmarks/targets.py`, about a minute.

Lives here: the targets and which measurement answers each. Does not live here: the measurements (`tree.py`).
`--json FILE` writes the numbers too. Nothing is asserted: a time is a measurement, not a law.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path

import tree as trees
import xarray as xr

import sbc_lab as lab

MISSING = "the engine does not offer this"


def variants(candles: xr.Dataset) -> float:
    """Variants per second of one call with every pair of an RSI window and a threshold, metrics included."""
    best = lab.top(*trees.POOL, n=2, by=lab.cumulative_return(lab.each, 60))
    falling = lab.inverse_vol(*trees.FALLING, window=20)
    rest = lab.when(lab.price("SPY") > lab.sma("SPY", 200)).then(falling).otherwise(best)
    strategies = [
        lab.Strategy(f"{window}, {level}", lab.when(lab.rsi("QQQ", window) > level).then("UVXY").otherwise(rest))
        for window, level in itertools.product(range(5, 25), range(60, 90))
    ]
    begin = time.perf_counter()
    lab.backtest_many(strategies, candles, cost_bps=trees.COST_BPS)
    return len(strategies) / (time.perf_counter() - begin)


def _phases(found: dict[str, float]) -> str:
    """Where the best round spent its time."""
    spent = (f"{name} {found[f'{name}, best'] * 1e3:.2g}" for name in trees.PHASES[:4])
    return f"best of each phase, ms: {', '.join(spent)}"


def _parts(fresh: dict[str, float]) -> str:
    """Where a fresh process spent its time."""
    return ", ".join(f"{name} {seconds:.2g} s" for name, seconds in fresh.items())


def processor_time(name: str, candles: xr.Dataset, *, anew: bool, times: int = 30) -> float:
    """Least milliseconds of processor time of one backtest: what the wall clock shows when nobody else computes."""
    root = trees.CASES[name](lab)
    taken = []
    for turn in range(times):
        strategy = lab.Strategy(f"{name} {turn if anew else 0}", root)
        begin = time.process_time()
        lab.backtest(strategy, candles, cost_bps=trees.COST_BPS)
        taken.append(time.process_time() - begin)
    return min(taken) * 1e3


def rows(candles: xr.Dataset, rounds: int) -> Iterator[tuple[str, float | None, float | None, str, str]]:
    """What, target, measured, unit, and why there is a gap."""
    small, large = (trees.measure(name, candles, rounds) for name in ("benchmark tree", "large tree"))
    fresh = trees.measure_fresh(candles, 3)
    small_phases, large_phases = _phases(small), _phases(large)
    yield "benchmark tree, warm, indicators included", 1.0, small["total, warm"] * 1e3, "ms", small_phases
    yield (
        "  the same, processor time",
        1.0,
        processor_time("benchmark tree", candles, anew=False),
        "ms",
        small_phases,
    )
    nodes = f"{large['nodes']:.0f}-node tree"
    yield f"{nodes}, compile and fresh indicators", 10.0, large["total, compiled anew"] * 1e3, "ms", large_phases
    alone = processor_time("large tree", candles, anew=True)
    yield "  the same, processor time", 10.0, alone, "ms", large_phases
    yield f"{nodes}, simulation alone", 1.0, large["simulation"] * 1e3, "ms", large_phases
    yield "  the same, best of the rounds", 1.0, large["simulation, best"] * 1e3, "ms", large_phases
    begun = sum(fresh[key] for key in ("import", "load candles", "first result"))
    yield "fresh kernel: import, load bars, first backtest", 1.0, begun, "s", _parts(fresh)
    loop = "indicators are shared; each variant is compiled, traded and measured by itself"
    yield "sweep of window × threshold, variants per second", -30_000.0, variants(candles), "1/s", loop
    yield (
        "largest imported tree, parse included",
        1.0,
        None,
        "s",
        "no importer of other programs' documents: " + MISSING,
    )
    yield "correlation of 1,000 equity curves, 5 years", 60.0, None, "ms", MISSING
    yield "one row of a 2,000-bot correlation matrix", 5.0, None, "ms", MISSING


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often every contender takes its turn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers as well")
    given = parser.parse_args()
    found = []
    print(f"{'':<52}{'target':>12}{'here':>12}")
    for what, target, here, unit, why in rows(trees.make_candles(), given.rounds):
        assert target is not None
        least = target < 0.0  # a rate: the more the better
        reached = here is not None and (here >= -target if least else here <= target)
        sign = "≥" if least else "≤"
        shown = f"{here:,.3g} {unit}" if here is not None else "–"
        print(f"{what:<52}{f'{sign} {abs(target):,g} {unit}':>12}{shown:>12}  {'reached' if reached else why}")
        found.append({"what": what, "target": abs(target), "here": here, "unit": unit, "reached": reached})
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
