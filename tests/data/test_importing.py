"""A directory of files becomes a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sbc_lab.data.importing import find_files, import_directory
from sbc_lab.data.store import SnapshotStore
from sbc_lab.errors import DataError, StoreError

MakeBars = Callable[..., pd.DataFrame]


def test_parquet_and_csv_with_the_same_bars_give_the_same_snapshot(tmp_path: Path, make_bars: MakeBars) -> None:
    ids = []
    for suffix in ("parquet", "csv"):
        directory = tmp_path / suffix
        directory.mkdir()
        bars = make_bars([10.1, 11.3, 12.7])
        if suffix == "csv":
            bars.to_csv(directory / "^VIX.csv", index=False)
        else:
            bars.to_parquet(directory / "^VIX.parquet", index=False)
        report = import_directory(directory, tmp_path / f"store-{suffix}")
        assert report.snapshot.tickers == ("^VIX",)
        ids.append(report.snapshot.id)
    assert ids[0] == ids[1]


def test_other_columns_and_other_files_are_left_aside(tmp_path: Path, make_bars: MakeBars) -> None:
    make_bars().assign(note="x").to_parquet(tmp_path / "A.parquet", index=False)
    (tmp_path / "README.md").write_text("about")
    (tmp_path / ".B.parquet").write_text("half")
    (tmp_path / "C.parquet").mkdir()
    assert list(find_files(tmp_path)) == ["A"]
    assert import_directory(tmp_path, tmp_path / "store").findings == ()


def test_a_file_that_cannot_be_read_is_refused_and_the_others_are_in(tmp_path: Path, make_bars: MakeBars) -> None:
    make_bars().to_parquet(tmp_path / "A.parquet", index=False)
    (tmp_path / "B.parquet").write_bytes((tmp_path / "A.parquet").read_bytes()[:300])
    (tmp_path / "C.csv").write_text("date,close\n2024-01-02,1,2\n")
    report = import_directory(tmp_path, SnapshotStore(tmp_path / "store"))
    assert report.snapshot.tickers == ("A",)
    assert report.refused == ("B", "C")
    assert report.snapshot.quarantine["B"].reason.startswith("the file B.parquet cannot be read: ")
    assert report.snapshot.quarantine["C"].reason.startswith("the file C.csv cannot be read: ")


def test_a_value_missing_in_a_csv_is_told(tmp_path: Path, make_bars: MakeBars) -> None:
    bars = make_bars()
    bars.loc[1, "close"] = np.nan
    bars.to_csv(tmp_path / "A.csv", index=False)
    make_bars().to_csv(tmp_path / "B.csv", index=False)
    report = import_directory(tmp_path, tmp_path / "store")
    assert report.snapshot.quarantine["A"].reason == "close has no number on 1 bar (2024-01-03)"


def test_two_files_for_a_ticker_are_refused(tmp_path: Path, make_bars: MakeBars) -> None:
    make_bars().to_parquet(tmp_path / "A.parquet", index=False)
    make_bars().to_csv(tmp_path / "A.csv", index=False)
    make_bars().to_csv(tmp_path / "B.csv", index=False)
    report = import_directory(tmp_path, tmp_path / "store")
    assert report.snapshot.quarantine["A"].reason == "there are two files, A.csv and A.parquet; keep one"


def test_keep_false_drops_what_the_directory_does_not_have(tmp_path: Path, make_bars: MakeBars) -> None:
    store = SnapshotStore(tmp_path / "store")
    store.publish({"OLD": make_bars()})
    (tmp_path / "files").mkdir()
    make_bars().to_parquet(tmp_path / "files" / "NEW.parquet", index=False)
    assert import_directory(tmp_path / "files", store).snapshot.tickers == ("NEW", "OLD")
    assert import_directory(tmp_path / "files", store, keep=False).snapshot.tickers == ("NEW",)


def test_without_a_store_the_default_one_is_used(
    tmp_path: Path, make_bars: MakeBars, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SBC_HOME", str(tmp_path / "home"))
    make_bars().to_parquet(tmp_path / "A.parquet", index=False)
    assert import_directory(tmp_path).snapshot.root == tmp_path / "home" / "candles"


def test_an_empty_or_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no file TICKER.parquet or TICKER.csv in .*; name the directory"):
        import_directory(tmp_path, tmp_path / "store")
    with pytest.raises(StoreError, match=r"cannot read the directory .*nowhere: No such file or directory; give an"):
        import_directory(tmp_path / "nowhere", tmp_path / "store")
