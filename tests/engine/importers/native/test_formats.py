"""Laws of native documents: bare trees and saved bots, their settings, formulas and real documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.importers import load
from sbc_lab.engine.strategy import Formula, If, cumulative_return, equal, expand, rsi, walk
from sbc_lab.errors import StrategyImportError
from sbc_lab.testing import synthetic_candles
from tests.engine.importers.native.payloads import ALL, OWN, basic, bot, indicator, line, position, read, refused


def test_a_bare_tree_is_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "My tree.json"
    path.write_text(json.dumps(basic(position("SPY"))), encoding="utf-8")
    found = load(path)
    assert (found.strategy.name, found.strategy.root) == ("My tree", equal("SPY"))
    assert (found.format, found.report.lossless, found.settings) == ("native", True, {})


@pytest.mark.parametrize(
    ("mode", "execution"), [("CC", "close"), ("OO", "next_open"), ("OC", "open_to_close"), ("CO", "close_to_open")]
)
def test_a_saved_bot_says_how_it_is_run(mode: str, execution: str) -> None:
    found = read(bot(basic(position("SPY")), backtestMode=mode, backtestCostBps=7))
    assert found.settings == {"execution": execution, "cost_bps": 7.0}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"backtestMode": "XX"}, "backtestMode is one of"),
        ({"backtestMode": []}, "backtestMode is one of"),
        ({"backtestCostBps": "x"}, "backtestCostBps must be a number"),
        ({"callChains": 5}, "callChains must be a list"),
        ({"customIndicators": 5}, "customIndicators must be a list"),
    ],
)
def test_a_wrapper_that_means_nothing_is_refused(fields: dict[str, Any], says: str) -> None:
    refused(basic(position("SPY")), says, "document", **fields)


def condition_with(formula: str, **fields: Any) -> Any:
    own = [{"id": "ci_1", "name": "own", "formula": formula}]
    lines = [line(metric="custom:ci_1", window=20, threshold=2, **fields)]
    root = read(bot(indicator(lines, position("SPY"), None), customIndicators=own)).strategy.root
    assert isinstance(root, If)
    return root.condition


def test_formulas_become_part_of_the_strategy() -> None:
    assert condition_with("(close - sma) / close") is (Formula("(close - sma) / close", "own")("QQQ", 20) > 2)
    assert condition_with("close / open") is (Formula("close / open", "own")("QQQ") > 2)


def test_the_deviation_of_a_formula_is_that_of_a_population() -> None:
    assert condition_with("stdev(close, 9)") is (Formula("stdev_population(close, 9)", "own")("QQQ") > 2)


def test_a_fraction_in_a_formula_stays_a_fraction() -> None:
    found = condition_with("cumret - 1")
    assert (cumulative_return("QQQ", 20) / 100) in set(walk(found))
    percent = condition_with("roc - 1")
    assert (cumulative_return("QQQ", 20) / 100) not in set(walk(percent))
    own = [{"id": "ci_1", "formula": "cumret - roc"}]
    both = indicator([line(metric="custom:ci_1")], position("SPY"), None)
    refused(both, "one is a fraction there, the other percent", "payload.conditions[0]", customIndicators=own)


def test_a_formula_that_cannot_be_read_is_refused_at_the_line_that_asks() -> None:
    own = [{"id": "ci_1", "name": "own", "formula": "close +"}]
    block = indicator([line(metric="custom:ci_1")], position("SPY"), None)
    refused(block, "a value is missing at the end", "payload.conditions[0]", customIndicators=own)


def test_formulas_and_chains_may_stand_in_the_tree_itself() -> None:
    payload = indicator([line(metric="custom:ci_1", window=50)], position("SPY"), None) | {"customIndicators": OWN}
    for document in (payload, bot(payload)):
        assert "stretch" in repr(read(document).strategy.root)


def test_the_document_with_everything_is_read_without_loss_and_runs_in_both_engines() -> None:
    found = read(ALL)
    assert found.report.lossless
    assert set(found.bots) == {"Shelter", "Gold"}
    tickers = expand(found.strategy, found.bots).tickers
    candles = synthetic_candles(tickers, days=300, seed=3)
    run = backtest(found.strategy, candles, bots=found.bots, **found.settings)
    assert len(run.dates) > 100


def test_what_is_no_native_document_is_not_taken_for_one() -> None:
    for document in ({"kind": "tea", "children": {}}, {"payload": {"step": "root"}}, {"name": "x"}):
        with pytest.raises(StrategyImportError, match="is no strategy of a known format"):
            load(json.dumps(document))


def test_the_real_document_is_read_block_by_block(shared: Path) -> None:
    path = shared / "strategies" / "quantnexus" / "complex_strategy.json"
    found = load(path)
    kinds = found.report.kinds
    assert {kind: kinds[kind] for kind in ("indicator", "function", "position")} == {
        "indicator": 4, "function": 1, "position": 9,
    }  # fmt: skip
    assert kinds["condition"] == path.read_text().count('"comparator"')
    assert [loss.status for loss in found.report.losses] == ["repaired"]
    assert found.report.losses[0].line == 170
    with pytest.raises(StrategyImportError, match="Average True Range"):
        load(path, strict=True)
    assert rsi("SPY", 14) in set(walk(found.strategy))
