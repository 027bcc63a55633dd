"""Laws over the real spells and native documents: both engines compute them alike, and simplifying changes nothing."""

from __future__ import annotations

from pathlib import Path

from sbc_lab import backtest, options, simplify
from sbc_lab.engine.importers import load
from sbc_lab.testing import assert_same, synthetic_candles
from tests.engine.importers.documents import corpus


def test_every_real_spell_and_native_document_is_computed_alike_by_both_engines(shared: Path) -> None:
    folder = shared / "strategies"
    paths = sorted([*folder.glob("quantmage*/*.json"), *folder.glob("quantnexus/*.json")])
    assert len(paths) >= 6
    for path in paths:
        found = load(path)
        candles = synthetic_candles(found.strategy.tickers, days=400, seed=1)
        fast = backtest(found.strategy, candles, **found.settings)
        with options(engine="numpy"):
            plain = backtest(found.strategy, candles, **found.settings)
        assert_same(fast, plain)
        simpler = backtest(simplify(found.strategy).tree, candles, **found.settings)
        assert (fast.equity.values == simpler.equity.values).all()


def test_simplifying_real_documents_changes_no_share(shared: Path) -> None:
    paths = sorted(corpus(shared), key=lambda path: -path.stat().st_size)[:40:5]
    for path in paths:
        found = load(path)
        simpler = simplify(found.strategy, boxes=True)
        candles = synthetic_candles(found.strategy.tickers, days=1_500, seed=1)
        one = backtest(found.strategy, candles, **found.settings)
        other = backtest(simpler.tree, candles, **found.settings)
        assert simpler.different[1] < simpler.different[0]
        assert (one.allocation.values == other.allocation.values).all()
        assert (one.equity.values == other.equity.values).all()
