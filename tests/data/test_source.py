"""A store and a plain directory read alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from sbc_lab.data.importing import import_directory
from sbc_lab.data.source import DirectorySource, StoreSource, open_source
from sbc_lab.data.store import SnapshotStore
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.strategy import Strategy
from sbc_lab.errors import DataError, StoreError, UnknownNameError

MakeBars = Callable[..., pd.DataFrame]


@pytest.fixture
def directory(tmp_path: Path, make_bars: MakeBars) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    make_bars([10.0, 11.0, 12.0]).to_parquet(folder / "SPY.parquet", index=False)
    make_bars([3.0, 3.1], start="2024-01-03").to_csv(folder / "TLT.csv", index=False)
    make_bars([3.0, -1.0]).to_parquet(folder / "BAD.parquet", index=False)
    return folder


@pytest.mark.parametrize("adjust", [True, False])
def test_directory_and_store_give_the_same_candles_and_the_same_id(
    directory: Path, tmp_path: Path, adjust: bool
) -> None:
    import_directory(directory, tmp_path / "store")
    plain, stored = open_source(directory), open_source(tmp_path / "store")
    assert isinstance(plain, DirectorySource)
    assert isinstance(stored, StoreSource)
    one = plain.candles(["TLT", "SPY"], adjust=adjust)
    two = stored.candles(["TLT", "SPY"], adjust=adjust)
    xr.testing.assert_identical(one, two)
    assert plain.id == stored.id == one.attrs["snapshot"]
    assert plain.tickers == ("BAD", "SPY", "TLT")
    assert stored.tickers == ("SPY", "TLT")


def test_the_id_of_a_directory_is_of_what_was_read(directory: Path, make_bars: MakeBars) -> None:
    source = open_source(directory)
    with pytest.raises(DataError, match="nothing has been read from"):
        assert source.id
    only = source.candles("SPY").attrs["snapshot"]
    assert source.id == only
    source.candles("TLT")
    assert source.id != only
    assert source.candles("SPY").attrs["snapshot"] == only
    make_bars([10.0, 11.0, 12.5]).to_parquet(directory / "SPY.parquet", index=False)
    assert source.candles("SPY").attrs["snapshot"] == only
    assert open_source(directory).candles("SPY").attrs["snapshot"] != only


def test_a_bad_ticker_is_an_error_only_when_asked_for(directory: Path) -> None:
    source = open_source(directory)
    source.candles(["SPY", "TLT"])
    with pytest.raises(DataError, match=r"^BAD: open must be above 0, it is not on 1 bar .*; correct .*BAD.parquet$"):
        source.candles("BAD")


def test_an_unreadable_or_doubled_file_is_an_error(directory: Path, make_bars: MakeBars) -> None:
    (directory / "SPY.parquet").write_bytes(b"PAR1")
    make_bars().to_parquet(directory / "TLT.parquet", index=False)
    source = open_source(directory)
    with pytest.raises(DataError, match=r"^SPY: the file SPY.parquet cannot be read: .*; replace "):
        source.candles("SPY")
    with pytest.raises(DataError, match=r"^TLT: there are two files, .*TLT.csv and .*TLT.parquet; keep one"):
        source.candles("TLT")


def test_warnings_are_kept_for_whoever_asks(directory: Path, make_bars: MakeBars) -> None:
    make_bars([1.0, 2.0]).to_parquet(directory / "JUMP.parquet", index=False)
    source = open_source(directory)
    source.candles("JUMP")
    assert isinstance(source, DirectorySource)
    assert [(finding.ticker, finding.check) for finding in source.findings] == [("JUMP", "jump")]


def test_unknown_names_list_the_nearest(directory: Path) -> None:
    source = open_source(directory)
    with pytest.raises(UnknownNameError, match="there is no ticker 'SPX'; known, nearest first: SPY"):
        source.candles("SPX")
    with pytest.raises(UnknownNameError, match="there is no field 'closes'; known, nearest first: close"):
        source.candles("SPY", fields=["closes"])
    with pytest.raises(DataError, match="no ticker was asked for"):
        source.candles([])


def test_an_open_store_does_not_move_when_something_is_published(store: SnapshotStore, make_bars: MakeBars) -> None:
    store.publish({"A": make_bars([1.0])})
    source = open_source(store)
    store.publish({"A": make_bars([2.0])})
    assert source.candles("A", adjust=False)["close"].values.tolist() == [[1.0]]
    assert open_source(store, snapshot=source.id).id == source.id
    assert open_source(store).id != source.id


def test_neither_store_nor_files_is_an_error(tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match=r"is no store of candles and holds no TICKER.parquet or TICKER.csv"):
        open_source(tmp_path / "empty")
    with pytest.raises(StoreError, match=r"cannot read the directory"):
        open_source(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"is a plain directory and has no snapshots; import it with"):
        open_source(directory, snapshot="abc")
    monkeypatch.setenv("SBC_HOME", str(tmp_path / "home"))
    with pytest.raises(StoreError, match=r"run `sbc data sample` for sample data or `sbc data import DIR`"):
        open_source()


def test_real_files_are_read_without_importing(shared: Path) -> None:
    source = open_source(shared / "data" / "eod")
    candles = source.candles(["SPY", "TLT", "^VIX"], start="2020-01-01", end="2020-12-31")
    assert candles.sizes == {"ticker": 3, "date": 253}
    assert not bool(candles["close"].isnull().any())


def test_the_identity_of_a_run_names_what_it_read_and_not_what_lies_beside_it(directory: Path) -> None:
    tree = Strategy("SPY", "SPY")
    alone = backtest(tree, open_source(directory).candles(["SPY"]))
    beside = backtest(tree, open_source(directory).candles(["TLT", "SPY"]))
    assert alone.identity == beside.identity
    assert alone.summary()["snapshot"] != beside.summary()["snapshot"]
