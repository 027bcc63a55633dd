"""What a store says about itself: where it lies, what was published when, which snapshot is meant."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sbc_lab.engine.snapshots import default_store, load_publications, load_snapshot, log_path, manifest_path
from sbc_lab.errors import DataError, StoreError, UnknownNameError

ONE, TWO = "1a" * 16, "2b" * 16


def write(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


def manifest(rows: int = 3) -> dict[str, Any]:
    entry = {"object": "ab" * 16, "rows": rows, "first": "2024-01-02", "last": "2024-01-04"}
    return {"format": "sbc-candles", "version": 1, "sessions": "cd" * 16, "tickers": {"SPY": entry}}


def log(*entries: tuple[str, str]) -> dict[str, Any]:
    published = [
        {"snapshot": name, "published_at": moment, "source": "s", "quarantine": {"X": {"reason": "r", "kept": True}}}
        for name, moment in entries
    ]
    return {"format": "sbc-candles", "version": 1, "publications": published}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(manifest_path(tmp_path, ONE), manifest())
    write(manifest_path(tmp_path, TWO), manifest(rows=2))
    write(log_path(tmp_path), log((ONE, "2024-01-05T12:00:00+00:00"), (TWO, "2024-01-06T12:00:00+00:00")))
    return tmp_path


def test_the_last_publication_is_the_present_snapshot(root: Path) -> None:
    snapshot = load_snapshot(root)
    assert snapshot.id == TWO
    assert snapshot.published_at == datetime(2024, 1, 6, 12, tzinfo=UTC)
    assert snapshot.tickers == ("SPY",)
    assert snapshot.load_coverage("SPY").rows == 2
    assert snapshot.load_coverage("SPY").last == date(2024, 1, 4)
    assert snapshot.quarantine["X"].kept
    assert snapshot.path == root / "snapshots" / f"{TWO}.json"
    assert [entry.snapshot for entry in load_publications(root)] == [ONE, TWO]


def test_coverage_is_a_labelled_table(root: Path) -> None:
    table = load_snapshot(root).coverage
    assert table["bars"].sel(ticker="SPY") == 2
    assert table["first"].values.astype("datetime64[D]").astype(str).tolist() == ["2024-01-02"]


def test_a_snapshot_is_frozen_and_equal_by_content(root: Path) -> None:
    snapshot = load_snapshot(root)
    with pytest.raises(AttributeError):
        snapshot.id = "other"  # type: ignore[misc]  # what must not work
    with pytest.raises(TypeError):
        snapshot.bars["QQQ"] = snapshot.bars["SPY"]  # type: ignore[index]  # what must not work
    assert len({snapshot, load_snapshot(root), load_snapshot(root, ONE)}) == 2


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2024-01-05", ONE),
        ("2024-01-06", TWO),
        ("2024-01-06T11:59", ONE),
        ("2024-01-06T12:00+00:00", TWO),
        ("2024-01-06T12:30+01:00", ONE),
        (date(2024, 1, 5), ONE),
        (datetime(2024, 1, 6, 12, tzinfo=UTC), TWO),
        (pd.Timestamp("2024-01-06 11:00"), ONE),
    ],
)
def test_as_of_takes_the_newest_published_up_to_the_moment(root: Path, as_of: str | date, expected: str) -> None:
    assert load_snapshot(root, as_of=as_of).id == expected


def test_an_id_may_be_shortened_while_it_is_unambiguous(root: Path) -> None:
    assert load_snapshot(root, "1").id == ONE
    write(log_path(root), log((ONE, "2024-01-05T12:00+00:00"), ("1a1b" * 8, "2024-01-06T12:00+00:00")))
    with pytest.raises(DataError, match=r"snapshot '1a' could be any of 1a1a.*, 1a1b.*; type more of it"):
        load_snapshot(root, "1a")


@pytest.mark.parametrize("name", ["zzz", ""])
def test_an_unknown_id_lists_the_known_ones(root: Path, name: str) -> None:
    with pytest.raises(UnknownNameError, match=rf"there is no snapshot '{name}'; known, nearest first: {ONE}, {TWO}"):
        load_snapshot(root, name)


@pytest.mark.parametrize("as_of", ["yesterday", 5, np.datetime64("2024-01-05"), "2024-13-01"])
def test_what_is_no_moment_is_told(root: Path, as_of: Any) -> None:
    with pytest.raises(DataError, match=r"as_of must be a day or a moment such as '2024-01-31'"):
        load_snapshot(root, as_of=as_of)


def test_a_moment_before_the_first_snapshot_is_an_error(root: Path) -> None:
    with pytest.raises(
        DataError, match=r"no snapshot was published at or before 2024-01-05T11:59:00\+00:00; the first"
    ):
        load_snapshot(root, as_of="2024-01-05T11:59")


def test_id_and_moment_together_are_an_error(root: Path) -> None:
    with pytest.raises(DataError, match=r"say snapshot or as_of, not both; got snapshot='1a' and as_of='2024-01-05'"):
        load_snapshot(root, "1a", as_of="2024-01-05")


def test_an_unknown_ticker_lists_the_nearest(root: Path) -> None:
    with pytest.raises(
        UnknownNameError, match=r"snapshot 2b2b2b2b2b2b: there is no ticker 'SPI'; known, nearest first: SPY"
    ):
        load_snapshot(root).load_coverage("SPI")


def test_a_directory_without_candles_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(
        StoreError, match=r"run `sbc data sample` for sample data or `sbc data import DIR` for your own"
    ):
        load_snapshot(tmp_path / "nowhere")


def test_what_is_no_path_is_told() -> None:
    store: Any = ("SPY", "TLT")
    with pytest.raises(StoreError, match=r"a store is the path of a directory, or None .*; got \('SPY', 'TLT'\)"):
        load_snapshot(store)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"format": "sbc-candles", "version": 1}',
        json.dumps(log()),
        json.dumps(log(("../x", "2024-01-05T12:00Z"))),
    ],
)
def test_a_damaged_list_of_publications_is_a_store_error(root: Path, content: str) -> None:
    log_path(root).write_text(content)
    with pytest.raises(StoreError, match=r"missing or damaged; restore it from a backup, or move the folder \S+ away"):
        load_snapshot(root)


def test_a_moment_without_a_zone_in_the_list_is_damage(root: Path) -> None:
    write(log_path(root), log((ONE, "2024-01-05T12:00:00")))
    with pytest.raises(StoreError, match="is missing or damaged"):
        load_publications(root)


@pytest.mark.parametrize("change", [{"object": "../../secret"}, {"rows": "many"}, {"first": "spring"}])
def test_a_damaged_manifest_is_a_store_error(root: Path, change: dict[str, str]) -> None:
    document = manifest()
    document["tickers"]["SPY"] |= change
    write(manifest_path(root, TWO), document)
    with pytest.raises(StoreError, match=rf"{TWO}.json is missing or damaged"):
        load_snapshot(root)
    assert load_snapshot(root, ONE).tickers == ("SPY",)


def test_a_missing_manifest_is_a_store_error(root: Path) -> None:
    manifest_path(root, TWO).unlink()
    with pytest.raises(StoreError, match="is missing or damaged"):
        load_snapshot(root)


def test_a_store_of_a_later_version_says_so(root: Path) -> None:
    write(log_path(root), {**log((ONE, "2024-01-05T12:00+00:00")), "version": 2})
    with pytest.raises(
        StoreError, match=r"has version 2 of the format and this sbc_lab reads version 1; update sbc_lab"
    ):
        load_snapshot(root)


def test_the_default_store_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SBC_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert default_store() == tmp_path / "candles"
    monkeypatch.delenv("SBC_HOME")
    assert default_store() == tmp_path / "xdg" / "sbc_lab" / "candles"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert default_store() == tmp_path / "me" / ".local" / "share" / "sbc_lab" / "candles"
