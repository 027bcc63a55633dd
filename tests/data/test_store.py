"""Publishing: what enters a snapshot, what stays, and what a reader can never see."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sbc_lab.data.importing import import_directory
from sbc_lab.data.store import SnapshotStore
from sbc_lab.engine.candles import COLUMNS, load_candles, read_columns
from sbc_lab.engine.snapshots import load_snapshot, object_path
from sbc_lab.errors import DataError, StoreError, UnknownNameError

MakeBars = Callable[..., pd.DataFrame]
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def files(store: SnapshotStore) -> dict[Path, tuple[int, bytes]]:
    """Every file but the lock, with its inode and content."""
    paths = [path for path in store.path.rglob("*") if path.is_file() and path.name != "lock"]
    return {path: (path.stat().st_ino, path.read_bytes()) for path in paths}


def test_what_was_published_comes_back_exactly(store: SnapshotStore, make_bars: MakeBars) -> None:
    bars = make_bars([10.1, 11.7, 12.3])
    snapshot = store.publish({"SPY": bars}).snapshot
    read = read_columns(object_path(store.path, snapshot.bars["SPY"].object), COLUMNS, label="SPY")
    for name in COLUMNS:
        assert np.array_equal(read[name], bars[name].to_numpy())


def test_a_snapshot_says_what_it_holds(store: SnapshotStore, make_bars: MakeBars) -> None:
    report = store.publish({"^VIX": make_bars(), "BRK-B": make_bars([1.0, 2.0])}, published_at=NOON, source="test")
    snapshot = report.snapshot
    assert snapshot.tickers == ("BRK-B", "^VIX")
    assert snapshot.published_at == NOON
    assert snapshot.source == "test"
    assert snapshot.path.is_file()
    table = snapshot.coverage.to_dataframe()
    assert list(table.loc["^VIX"]) == [pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-04"), 3]
    assert report.added == ("BRK-B", "^VIX")


def test_no_ticker_becomes_part_of_a_file_name(store: SnapshotStore, make_bars: MakeBars) -> None:
    store.publish({"A..": make_bars(), "^VIX": make_bars([3.0])})
    names = {path.name for path in store.path.rglob("*")}
    assert not any(".." in name or "VIX" in name for name in names)
    assert load_candles(store, "A..")["close"].shape == (1, 3)


def test_publishing_the_same_twice_changes_nothing(store: SnapshotStore, make_bars: MakeBars) -> None:
    first = store.publish({"SPY": make_bars()}, published_at=NOON)
    before = files(store)
    second = store.publish({"SPY": make_bars()}, published_at=NOON + timedelta(days=1), source="again")
    assert second.snapshot.id == first.snapshot.id
    assert files(store) == before
    assert second.unchanged == ("SPY",)
    assert len(store.snapshots()) == 1


def test_the_id_is_of_contents_not_of_place_time_or_origin(tmp_path: Path, make_bars: MakeBars) -> None:
    one = SnapshotStore(tmp_path / "one").publish({"A": make_bars(), "B": make_bars([2.0])}, source="x")
    other = SnapshotStore(tmp_path / "other")
    other.publish({"B": make_bars([2.0])}, published_at=NOON)
    two = other.publish({"A": make_bars()}, published_at=NOON)
    assert one.snapshot == two.snapshot


def test_unchanged_tickers_share_their_object(store: SnapshotStore, make_bars: MakeBars) -> None:
    first = store.publish({"A": make_bars(), "B": make_bars([2.0, 2.1])}).snapshot
    before = files(store)
    second = store.publish({"A": make_bars(), "B": make_bars([2.0, 2.2])})
    assert second.changed == ("B",)
    assert second.unchanged == ("A",)
    assert second.snapshot.bars["A"] == first.bars["A"]
    after = files(store)
    objects = {path for path in before if path.parent.name in {"objects", "snapshots"}}
    assert {path: after[path] for path in objects} == {path: before[path] for path in objects}
    assert load_candles(store, "B", snapshot=first.id, adjust=False)["close"].values.tolist() == [[2.0, 2.1]]


def test_tickers_of_the_snapshot_before_stay_unless_told(store: SnapshotStore, make_bars: MakeBars) -> None:
    store.publish({"A": make_bars()})
    assert store.publish({"B": make_bars()}).snapshot.tickers == ("A", "B")
    assert store.publish({"C": make_bars()}, keep=False).snapshot.tickers == ("C",)


def test_a_bad_ticker_is_refused_and_the_others_are_published(store: SnapshotStore, make_bars: MakeBars) -> None:
    report = store.publish({"BAD": make_bars([1.0, -1.0]), "A/B": make_bars(), "GOOD": make_bars()})
    assert report.snapshot.tickers == ("GOOD",)
    assert report.refused == ("A/B", "BAD")
    assert report.snapshot.quarantine["BAD"].reason.startswith("open must be above 0")
    assert not report.snapshot.quarantine["BAD"].kept
    assert store.snapshot().quarantine["A/B"].reason.startswith("'A/B' is a ratio of two tickers")


@pytest.mark.parametrize("keep", [True, False])
def test_a_refused_ticker_keeps_its_last_good_state(store: SnapshotStore, make_bars: MakeBars, keep: bool) -> None:
    good = store.publish({"A": make_bars(), "B": make_bars()}, published_at=NOON).snapshot
    later = store.publish({"A": make_bars([1.0, -1.0]), "B": make_bars()}, published_at=NOON, keep=keep).snapshot
    assert later.bars["A"] == good.bars["A"]
    assert later.quarantine["A"].kept
    assert later.id == good.id
    assert [len(entry.quarantine) for entry in store.snapshots()] == [0, 1]


def test_a_ticker_that_could_not_be_read_is_refused_with_its_reason(store: SnapshotStore, make_bars: MakeBars) -> None:
    report = store.publish({"A": make_bars()}, refused={"B": "no answer"})
    assert report.snapshot.quarantine["B"].reason == "no answer"


def test_nothing_to_publish_is_an_error_with_the_reasons(store: SnapshotStore, make_bars: MakeBars) -> None:
    with pytest.raises(DataError, match=r"^there is nothing to publish$"):
        store.publish({})
    with pytest.raises(DataError, match=r"every ticker was refused, A: close has no number on 1 bar \(2024-01-02\)$"):
        store.publish({"A": make_bars([1.0]).assign(close=np.nan)})
    assert not store.exists


def test_as_of_takes_the_newest_snapshot_up_to_that_moment(store: SnapshotStore, make_bars: MakeBars) -> None:
    one = store.publish({"A": make_bars([1.0])}, published_at=NOON).snapshot.id
    two = store.publish({"A": make_bars([2.0])}, published_at=NOON + timedelta(days=1)).snapshot.id
    again = store.publish({"A": make_bars([1.0])}, published_at=NOON + timedelta(days=2)).snapshot.id
    assert one == again != two
    assert store.snapshot(as_of=NOON).id == one
    assert store.snapshot(as_of=NOON + timedelta(hours=30)).id == two
    assert store.snapshot(as_of="2024-03-02").id == two
    assert store.snapshot(as_of="2024-03-02T11:59").id == one
    assert store.snapshot(as_of="2024-03-02T07:00:00-05:00").id == two
    assert store.snapshot().id == store.snapshot(as_of="2024-03-03").id == one


def test_a_publication_before_the_last_one_is_an_error(store: SnapshotStore, make_bars: MakeBars) -> None:
    store.publish({"A": make_bars()}, published_at=NOON)
    with pytest.raises(StoreError, match=r"published_at says 2024-03-01T11:00:00\+00:00, but the last snapshot"):
        store.publish({"A": make_bars([2.0])}, published_at=NOON - timedelta(hours=1))
    with pytest.raises(DataError, match=r"published_at must have a time zone"):
        store.publish({"A": make_bars()}, published_at=datetime(2024, 3, 1))  # noqa: DTZ001 - what is refused


def test_a_damaged_object_is_written_anew_when_published_again(store: SnapshotStore, make_bars: MakeBars) -> None:
    snapshot = store.publish({"A": make_bars()}).snapshot
    object_path(store.path, snapshot.bars["A"].object).write_bytes(b"broken")
    assert not store.verify().ok
    store.publish({"A": make_bars()})
    assert store.verify().ok


def test_unknown_ticker_and_unknown_snapshot_list_the_nearest(store: SnapshotStore, make_bars: MakeBars) -> None:
    snapshot = store.publish({"SPY": make_bars(), "QQQ": make_bars()}).snapshot
    with pytest.raises(UnknownNameError, match=r"there is no ticker 'QQ'; known, nearest first: QQQ, SPY"):
        store.candles("QQ")
    with pytest.raises(UnknownNameError, match=rf"there is no snapshot 'zzz'; known, nearest first: {snapshot.id}"):
        store.snapshot("zzz")


def test_publishers_wait_for_each_other_and_none_is_lost(store: SnapshotStore, make_bars: MakeBars) -> None:
    names = [f"T{number}" for number in range(12)]
    failed: list[BaseException] = []

    def work(mine: list[str]) -> None:
        try:
            for name in mine:
                SnapshotStore(store.path).publish({name: make_bars()})
        except BaseException as mistake:  # noqa: BLE001 - the test thread must see it
            failed.append(mistake)

    workers = [threading.Thread(target=work, args=(names[start::4],)) for start in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failed
    assert store.snapshot().tickers == tuple(sorted(names))
    assert len(store.snapshots()) == len(names)


def test_a_reader_sees_one_whole_snapshot_while_others_are_published(store: SnapshotStore, make_bars: MakeBars) -> None:
    levels = [5.0 + step for step in range(25)]
    tickers = [f"T{number}" for number in range(4)]

    def publish(level: float) -> None:
        store.publish({ticker: make_bars([level, level]) for ticker in tickers})

    publish(levels[0])
    done, seen, failed = threading.Event(), set(), []

    def read() -> None:
        try:
            while True:
                last = done.is_set()
                candles = load_candles(store, tickers, adjust=False, fields=["close"])
                found = np.unique(candles["close"].values)
                assert len(found) == 1, f"a mixture of snapshots: {found}"
                seen.add(float(found[0]))
                if last:
                    return
        except BaseException as mistake:  # noqa: BLE001 - the test thread must see it
            failed.append(mistake)

    reader = threading.Thread(target=read)
    reader.start()
    for level in levels[1:]:
        publish(level)
    done.set()
    reader.join()
    assert not failed
    assert levels[-1] in seen
    assert len(store.snapshots()) == len(levels)


KILLED = """
import os, signal, sys
from pathlib import Path
import pandas as pd
from sbc_lab.data.store import SnapshotStore

bars = {name: pd.read_pickle(Path(sys.argv[1]) / name) for name in ("A", "B")}
SnapshotStore(Path(sys.argv[1]) / "warm").publish(bars)
for place in sorted(Path(sys.argv[1]).glob("store-*")):
    child = os.fork()
    if not child:
        left = [int(place.name.split("-")[1])]

        def before(call):
            def counted(*arguments, **options):
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*arguments, **options)
            return counted

        os.fsync, os.replace = before(os.fsync), before(os.replace)
        SnapshotStore(place).publish(bars)
        os._exit(0)
    print(place.name, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
STEPS = 12
"""Objects A and B, the manifest, the list: each a write to disk, a rename, a write of the directory to disk."""


def test_a_publisher_killed_anywhere_leaves_a_whole_snapshot(tmp_path: Path, make_bars: MakeBars) -> None:
    old = SnapshotStore(tmp_path / "old")
    before = old.publish({"A": make_bars([1.0, 1.0]), "B": make_bars([1.0, 1.0])}).snapshot.id
    bars = {"A": make_bars([2.0, 2.0]), "B": make_bars([2.0, 2.0]).assign(volume=7)}
    for name, frame in bars.items():
        frame.to_pickle(tmp_path / name)
    places = [tmp_path / f"store-{step:02}" for step in range(STEPS + 1)]
    for place in places:
        shutil.copytree(old.path, place)
    ran = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    codes = [int(line.split()[1]) for line in ran.stdout.splitlines()]
    assert codes == [-9] * STEPS + [0]
    seen = []
    for place in places:
        store = SnapshotStore(place)
        found = store.snapshot()
        assert store.verify().ok
        level = 1.0 if found.id == before else 2.0
        assert np.unique(store.candles(["A", "B"], adjust=False)["close"].values).tolist() == [level]
        seen.append(level)
        again = store.publish(bars).snapshot
        assert np.unique(store.candles(["A", "B"], adjust=False)["close"].values).tolist() == [2.0]
        assert again.id != before
        assert not list(place.rglob("*.tmp"))
    assert seen == sorted(seen)
    assert set(seen) == {1.0, 2.0}


READ_ONLY = """
import os, sys
from sbc_lab.data.calendar import sessions
from sbc_lab.data.store import SnapshotStore
import pandas as pd

sessions("2024-01-02", "2024-01-03")
bars = pd.read_pickle(sys.argv[2])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
store = SnapshotStore(sys.argv[1])
assert store.verify().ok
print(store.candles("A", adjust=False)["close"].values.tolist())
try:
    store.publish({"A": bars})
except Exception as mistake:
    print(type(mistake).__name__, mistake)
"""


@pytest.fixture
def read_only(make_bars: MakeBars) -> Iterator[Path]:
    """A store that its reader may not write, in a place that every user can reach."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    SnapshotStore(root / "candles").publish({"A": make_bars([1.0, 2.0])})
    make_bars([3.0]).to_pickle(root / "new")
    held = [root / "candles", *(root / "candles").rglob("*")]
    for path in held:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield root
    for path in held:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    shutil.rmtree(root)


def test_a_read_only_store_can_be_read_and_says_why_it_cannot_be_written(read_only: Path) -> None:
    arguments = [sys.executable, "-c", READ_ONLY, str(read_only / "candles"), str(read_only / "new")]
    ran = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    values, sentence = ran.stdout.splitlines()
    assert values == "[[1.0, 2.0]]"
    assert sentence == (
        f"StoreError cannot write candles to {read_only / 'candles'}: Permission denied; "
        "choose a directory of your own with --store or SBC_HOME, or make this one writable"
    )


def test_a_store_that_cannot_be_made_is_a_store_error(tmp_path: Path, make_bars: MakeBars) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        StoreError, match=r"cannot write candles to .*file/candles: Not a directory; choose a directory"
    ):
        SnapshotStore(tmp_path / "file" / "candles").publish({"A": make_bars()})


def test_all_real_bars_are_published_and_come_back_exactly(shared: Path, tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "real")
    report = import_directory(shared / "data" / "eod", store)
    assert len(report.snapshot.tickers) == 73
    assert report.refused == ()
    assert store.verify().ok
    for ticker in report.snapshot.tickers:
        bars = pd.read_parquet(shared / "data" / "eod" / f"{ticker}.parquet")
        read = read_columns(object_path(store.path, report.snapshot.bars[ticker].object), COLUMNS, label=ticker)
        assert all(np.array_equal(read[name], bars[name].to_numpy()) for name in COLUMNS), ticker
    assert import_directory(shared / "data" / "eod", store).snapshot == report.snapshot
    assert len(store.snapshots()) == 1
    assert os.fspath(store) == str(load_snapshot(store).root)
