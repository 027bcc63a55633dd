"""Verification finds every kind of damage and names it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sbc_lab.data.bars import to_columns, write_columns
from sbc_lab.data.store import SnapshotStore
from sbc_lab.engine.snapshots import Snapshot, object_path

MakeBars = Callable[..., pd.DataFrame]


@pytest.fixture
def published(store: SnapshotStore, make_bars: MakeBars) -> Snapshot:
    return store.publish({"SPY": make_bars(), "TLT": make_bars([5.0, 5.1])}).snapshot


def file_of(snapshot: Snapshot, ticker: str) -> Path:
    return object_path(snapshot.root, snapshot.bars[ticker].object)


def test_an_untouched_snapshot_is_as_published(store: SnapshotStore, published: Snapshot) -> None:
    verification = store.verify()
    assert verification.ok
    assert verification.checked == 2
    assert str(verification) == f"snapshot {published.id[:12]}: 2 tickers checked, every value is as published"


@pytest.mark.parametrize("damage", ["cut", "empty", "gone", "flipped"])
def test_a_broken_file_is_named_with_its_ticker(store: SnapshotStore, published: Snapshot, damage: str) -> None:
    path = file_of(published, "SPY")
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        flipped = bytearray(content)
        flipped[len(content) // 4] ^= 1
        path.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "flipped": bytes(flipped)}[damage])
    verification = store.verify()
    assert [finding.ticker for finding in verification.problems] == ["SPY"]
    assert f"SPY: {path} is missing or cannot be read" in str(verification)
    assert "1 damaged; import them again to write the files anew" in str(verification)


def test_other_values_in_a_sound_file_are_found(store: SnapshotStore, published: Snapshot, make_bars: MakeBars) -> None:
    write_columns(file_of(published, "TLT"), to_columns(make_bars([5.0, 5.2])))
    problems = store.verify().problems
    assert [(finding.ticker, finding.check) for finding in problems] == [("TLT", "object")]
    assert problems[0].sentence.endswith("holds other values than were published")


def test_damaged_sessions_are_found(store: SnapshotStore, published: Snapshot) -> None:
    object_path(store.path, published.sessions).unlink()
    assert [finding.check for finding in store.verify().problems] == ["sessions"]


def test_a_changed_manifest_is_found(store: SnapshotStore, published: Snapshot) -> None:
    document = json.loads(published.path.read_text())
    document["tickers"]["TLT"]["rows"] = 3
    del document["tickers"]["SPY"]
    published.path.write_text(json.dumps(document))
    assert sorted((finding.ticker, finding.check) for finding in store.verify().problems) == [
        ("*", "manifest"),
        ("TLT", "manifest"),
    ]


def test_an_earlier_snapshot_can_be_verified(store: SnapshotStore, published: Snapshot, make_bars: MakeBars) -> None:
    store.publish({"SPY": make_bars([9.0])})
    file_of(published, "SPY").unlink()
    assert store.verify().ok
    assert not store.verify(published.id[:8]).ok
