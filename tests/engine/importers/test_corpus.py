"""Laws over the collection of real documents: all are read, counted alike by a plain tokenizer, written and read back.

They are run over real prices where every ticker has some, over random walks otherwise.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sbc_lab import backtest, options
from sbc_lab.engine.importers import Import, export, load
from sbc_lab.engine.strategy import (
    Asset,
    Filter,
    Group,
    If,
    Node,
    Strategy,
    Weight,
    count_nodes,
    max_drawdown,
    when,
)
from sbc_lab.errors import StrategyImportError
from sbc_lab.options import Engine
from sbc_lab.testing import assert_same, synthetic_candles
from tests.engine.importers.documents import corpus

BROKEN = {
    "drv_drn_mean_reversion__243431aa": ("drv_drn_mean_reversion__c7bd9c7a", 5),
    "labu_labd_mean_reversion__5a2eb70f": ("labu_labd_mean_reversion__9419cc86", 5),
    "yinn_yang_mean_reversion__e80e601c": (None, 7),
}
"""Documents that lack closing brackets: a whole sister, if there is one, and how many are missing."""
DOCUMENTS = 98
LARGEST = "ftl_starburst_gen2__ee6d5a5e"
PLAIN = ("slow_steady__675295fa", LARGEST, "Test-Borg-v3.5", "doctor-strange__871927f2")
"""What the plain engine runs too, besides every document with real prices."""
_FORM = re.compile(r'"(?:[^"\\]|\\.)*"|;[^\n]*|[()\[\]{}]|[^\s,()\[\]{}";]+')


@pytest.fixture(scope="module")
def documents(shared: Path) -> dict[str, Import]:
    return {path.stem: load(path) for path in corpus(shared)}


def heads(text: str) -> Counter[str]:
    """Count the blocks of a document by their word, with nothing but a regular expression."""
    if '"defsymphony"' in text:
        return Counter(re.findall(r'\[\s*"([a-z-]+)"', text))
    if ":step" in text or '"step"' in text:
        words = re.findall(r':step :([a-z-]+)|"step"\s*:\s*"([a-z-]+)"', text)
        return Counter(edn or plain for edn, plain in words)
    found = _FORM.findall(text)
    return Counter(word for before, word in pairwise(found) if before == "(")


def plain_text(path: Path) -> str:
    """The text of a document, out of its quotes if it stands in some."""
    text = path.read_text(encoding="utf-8")
    return str(json.loads(text)) if text.lstrip().startswith('"') else text


def occurrences(strategy: Strategy) -> Counter[type[Node]]:
    """Count the nodes of a tree wherever they occur."""
    found: Counter[type[Node]] = Counter()
    stack: list[Node] = [strategy.root]
    while stack:
        node = stack.pop()
        found[type(node)] += 1
        stack += node.children
    return found


def test_every_document_is_read(documents: dict[str, Import]) -> None:
    assert len(documents) == DOCUMENTS
    assert all(found.settings["profile"] == "composer" for found in documents.values())
    assert {found.format for found in documents.values()} == {
        "composer-json", "composer-edn", "defsymphony", "defsymphony-json"
    }  # fmt: skip


def test_blocks_are_as_many_as_a_plain_tokenizer_counts(shared: Path, documents: dict[str, Import]) -> None:
    words = ("asset", "group", "if", "filter", "if-child", "wt-cash-equal", "wt-cash-specified", "wt-inverse-vol",
             "weight-equal", "weight-specified", "weight-inverse-volatility")  # fmt: skip
    for path in corpus(shared):
        counted = heads(plain_text(path))
        kinds = documents[path.stem].report.kinds
        assert {word: kinds.get(word, 0) for word in words} == {word: counted[word] for word in words}, path.name


def test_the_tree_has_a_node_for_every_block_and_no_more(documents: dict[str, Import]) -> None:
    for name, found in documents.items():
        kinds, report = found.report.kinds, found.report
        if any(line.status == "dropped" for line in report.losses):
            continue  # blocks without a share are not in the tree
        nodes = occurrences(found.strategy)
        assert sum(nodes.values()) == count_nodes(found.strategy)
        implied = sum("several blocks side by side" in line.text for line in report.lines({"mapped"}))
        implied += sum("put into an equal weight of one" in line.text for line in report.lines({"mapped"}))
        weights = sum(number for word, number in kinds.items() if word.startswith(("wt-", "weight-")))
        assert nodes[Weight] == weights + implied, name
        assert [nodes[kind] for kind in (Asset, Group, If, Filter)] == [
            kinds.get(word, 0) for word in ("asset", "group", "if", "filter")
        ], name


@pytest.mark.parametrize("name", BROKEN)
def test_missing_brackets_are_closed_with_a_report_and_refused_under_strict(
    name: str, shared: Path, documents: dict[str, Import]
) -> None:
    sister, count = BROKEN[name]
    (line,) = documents[name].report.losses
    assert line.status == "repaired"
    assert line.text.startswith(f"{count} brackets are never closed")
    if sister:
        assert documents[name].strategy.fingerprint == documents[sister].strategy.fingerprint
        assert documents[sister].report.lossless
    with pytest.raises(StrategyImportError, match=r"line \d+, column \d+") as caught:
        load(shared / "strategies" / "alchemiser-quant" / f"{name}.clj", strict=True)
    assert caught.value.line
    assert caught.value.column


def test_nothing_else_is_lost_but_what_has_no_share_or_no_header(documents: dict[str, Import]) -> None:
    reasons = (
        "brackets are never closed",
        "its weight is 0",
        "its weight is missing",
        "a bare block",
        "rebalance rule",
    )
    for name, found in documents.items():
        for line in found.report.losses:
            assert any(reason in line.text for reason in reasons), (name, str(line))


@pytest.mark.slow
def test_every_document_is_written_and_reads_back_the_same(documents: dict[str, Import]) -> None:
    different = {found.strategy.fingerprint: (name, found) for name, found in documents.items()}
    for name, found in different.values():
        for notation in ("composer-json", "defsymphony"):
            made = export(found.strategy, notation)
            assert made.report.lossless, name
            back = load(made.text, strict=True)
            assert back.format == notation
            assert back.strategy.fingerprint == found.strategy.fingerprint, name


def test_a_result_is_no_strategy(shared: Path) -> None:
    with pytest.raises(
        StrategyImportError, match="is no strategy of a known format: it is a map with 'last-market-day'"
    ):
        load(shared / "strategies" / "compose_symphony_parser" / "weird.edn")


# ---------------------------------------------------------------- runs


@pytest.fixture(scope="module")
def prices(shared: Path) -> xr.Dataset:
    """Every ticker with real prices, adjusted."""
    files = sorted((shared / "data" / "eod").glob("*.parquet"))
    columns = {file.stem: pd.read_parquet(file).set_index("date")["adj_close"] for file in files}
    table = pd.DataFrame(columns).sort_index()
    return xr.Dataset(
        {"close": (("ticker", "date"), table.to_numpy(dtype=np.float64).T)},
        coords={"ticker": list(columns), "date": table.index.to_numpy()},
        attrs={"adjusted": True},
    )


@pytest.mark.slow
def test_documents_with_real_prices_run_in_both_engines_alike(documents: dict[str, Import], prices: xr.Dataset) -> None:
    known = set(prices["ticker"].values.tolist())
    run_here = {name: found for name, found in documents.items() if set(found.strategy.tickers) <= known}
    assert len(run_here) == 16
    for name, found in run_here.items():
        candles = prices.sel(ticker=list(found.strategy.tickers)).dropna("date", how="all")
        fast = backtest(found.strategy, candles)
        with options(engine="numpy"):
            assert_same(fast, backtest(found.strategy, candles))
        assert len(fast.dates) > 250, name


@pytest.mark.slow
def test_every_document_runs_and_the_largest_in_both_engines_alike(documents: dict[str, Import]) -> None:
    """Over random walks, because most of their tickers have no prices here."""
    for name, found in documents.items():
        candles = synthetic_candles(found.strategy.tickers, days=900, seed=7)
        fast = backtest(found.strategy, candles)
        np.testing.assert_allclose(fast.allocation.sum("ticker").values.max(), 1.0, atol=1e-9)
        if name in PLAIN:
            with options(engine="numpy"):
                assert_same(fast, backtest(found.strategy, candles))


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_composers_own_document_gives_composers_own_allocations(shared: Path, engine: Engine) -> None:
    folder = shared / "golden" / "composer"
    found = load(folder / "max_drawdown_2025.clj", strict=True)
    table = pd.read_parquet(folder / "max_drawdown_2025_adj_close.parquet").set_index("date")[["SPY", "TSLA"]]
    candles = xr.Dataset(
        {"close": (("ticker", "date"), table.to_numpy(dtype=np.float64).T)},
        coords={"ticker": list(table.columns), "date": table.index.to_numpy()},
        attrs={"adjusted": True},
    )
    published = pd.read_csv(
        folder / "max_drawdown_2025_allocations.csv", skiprows=[1], encoding="utf-8-sig", index_col="Date"
    ).sort_index()
    shares = published[["SPY", "TSLA"]].replace("-", "0%").apply(lambda text: text.str.rstrip("%").astype(float) / 100)
    with options(engine=engine):
        run = backtest(found.strategy, candles)
    held = run.allocation.sel(date=pd.DatetimeIndex(shares.index).to_numpy(), ticker=["SPY", "TSLA"])
    assert len(shares) == 250
    np.testing.assert_array_equal(held.transpose("date", "ticker").values, shares.to_numpy())
    (chosen,) = found.strategy.root.children
    assert isinstance(chosen, If)
    assert chosen.condition is when(max_drawdown("SPY", 20) < 5).condition


def test_no_document_of_another_tool_is_taken_for_composers(shared: Path) -> None:
    for folder in ("quantmage-minimal", "quantmage_bsmr", "quantnexus", "grazing-buck"):
        for path in sorted((shared / "strategies" / folder).iterdir()):
            for name in ("composer-json", "composer-edn", "defsymphony", "defsymphony-json"):
                with pytest.raises(StrategyImportError):
                    load(path, format=name)
