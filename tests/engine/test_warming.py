"""After warming, nothing that a strategy can say compiles anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sbc_lab

RANDOM = """
import warnings
from hypothesis import HealthCheck, given, settings, seed
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.kernels import stored
from sbc_lab.engine.strategy import Rebalance, Strategy, threshold
from sbc_lab.errors import SbcError
from sbc_lab.testing import KINDS, synthetic_candles, trees
CANDLES = synthetic_candles(("SPY", "TLT", "GLD"), days=200, seed=1, listed={"TLT": 25}, holes={"GLD": (80, 81)})
RULES = [Rebalance("daily"), Rebalance("weekly"), threshold(0.05)]
ran = 0
@seed(1)
@settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(trees(("SPY", "TLT", "GLD"), kinds=KINDS - {"call", "caps"}, windows=(2, 20), max_leaves=6))
def every(tree):
    global ran
    try:
        backtest(Strategy("random", tree), CANDLES, rebalance=RULES[ran % 3]).warnings
        ran += 1
    except SbcError:
        pass
every()
assert ran > 20, ran
print("compiled", stored.compiled_here())
"""


@pytest.mark.slow
def test_no_random_tree_compiles_anything_after_warming() -> None:
    where = {**os.environ, "PYTHONPATH": str(Path(sbc_lab.__file__).parent.parent)}
    subprocess.run(
        [sys.executable, "-m", "sbc_lab.cli", "kernels", "compile"], env=where, check=True, capture_output=True
    )
    done = subprocess.run([sys.executable, "-c", RANDOM], env=where, capture_output=True, text=True, check=False)
    assert done.stdout == "compiled {}\n", done.stderr
