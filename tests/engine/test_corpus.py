"""The laws on every document of the real corpus that an importer can read; the documents are not shipped."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from sbc_lab import options
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.strategy import Strategy, dumps, loads
from sbc_lab.errors import SbcError
from sbc_lab.testing import assert_same, synthetic_candles

MOST_DAYS = 600


def load_corpus(shared: Path) -> list[Strategy]:
    """Every strategy that the importers find in the documents; a document they refuse is none."""
    if find_spec("sbc_lab.engine.importers") is None:
        pytest.skip("no importer yet: no document of the corpus can be read")
    load = import_module("sbc_lab.engine.importers").load
    found = []
    for path in sorted((shared / "strategies").rglob("*.json")):
        try:
            read = load(path)
        except SbcError:
            continue
        found.append(read if isinstance(read, Strategy) else read.strategy)
    assert found, "the importers read no document at all"
    return found


@pytest.mark.slow
def test_every_document_survives_its_round_trip_and_both_engines_agree(shared: Path) -> None:
    ran = 0
    for strategy in load_corpus(shared):
        assert loads(dumps(strategy)) == strategy
        candles = synthetic_candles(strategy.tickers, days=MOST_DAYS, seed=1)
        try:
            fast = backtest(strategy, candles)
        except SbcError:
            continue
        shorter = backtest(strategy, candles.isel(date=slice(None, MOST_DAYS - 50)))
        seen = len(shorter.dates)
        np.testing.assert_array_equal(fast.target.values[:, :seen], shorter.target.values)
        with options(engine="numpy"):
            assert_same(fast, backtest(strategy, candles))
        ran += 1
    assert ran
