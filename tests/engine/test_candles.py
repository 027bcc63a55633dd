"""Candles on the axis of the exchange: alignment, adjustment, range, and each sentence when it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.data.store import SnapshotStore
from sbc_lab.engine.candles import (
    COLUMNS,
    FIELDS,
    Columns,
    assemble_candles,
    candles,
    load_candles,
    needed_columns,
    read_columns,
)
from sbc_lab.engine.snapshots import object_path
from sbc_lab.errors import DataError, StoreError, UnknownNameError

# 2024-01-15 is a holiday
SESSIONS = np.array(["2024-01-11", "2024-01-12", "2024-01-16", "2024-01-17", "2024-01-18"], dtype="datetime64[D]")


def bars(days: Sequence[str], closes: Sequence[float], ratio: float = 0.5) -> dict[str, np.ndarray[Any, Any]]:
    close = np.array(closes, dtype=float)
    columns = {
        "open": close * 0.75,
        "high": close * 1.5,
        "low": close * 0.5,
        "close": close,
        "adj_close": close * ratio,
    }
    return {"date": np.array(days, dtype="datetime64[ns]"), **columns, "volume": close * 100}


def frame(days: Sequence[str], closes: Sequence[float], ratio: float = 0.5) -> pd.DataFrame:
    return pd.DataFrame({**bars(days, closes, ratio), "dividends": 0.0, "splits": 0.0})


LATE = bars(["2024-01-16", "2024-01-18"], [10.0, 20.0])
EARLY = bars(["2024-01-11", "2024-01-12", "2024-01-16"], [5.0, 6.0, 7.0], ratio=1.0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SnapshotStore:
    made = SnapshotStore(tmp_path_factory.mktemp("store") / "candles")
    days = [str(day) for day in SESSIONS]
    made.publish({"LATE": frame(days[2:], [10.0, 11.0, 12.0]), "EARLY": frame(days[:3], [5.0, 6.0, 7.0])})
    return made


def days_of(held: Any) -> list[str]:
    found: list[str] = held["date"].values.astype("datetime64[D]").astype(str).tolist()
    return found


def test_tickers_share_the_axis_and_missing_bars_are_nan() -> None:
    found = assemble_candles({"LATE": LATE, "EARLY": EARLY}, SESSIONS, adjust=False, snapshot="id")
    assert days_of(found) == [str(day) for day in SESSIONS]
    expected = [[np.nan, np.nan, 10.0, np.nan, 20.0], [5.0, 6.0, 7.0, np.nan, np.nan]]
    assert np.array_equal(found["close"].values, expected, equal_nan=True)
    assert found["ticker"].values.tolist() == ["LATE", "EARLY"]


def test_the_axis_runs_from_the_first_to_the_last_bar_of_what_was_asked_for() -> None:
    found = assemble_candles({"LATE": LATE}, SESSIONS, snapshot="id")
    assert days_of(found) == ["2024-01-16", "2024-01-17", "2024-01-18"]


def test_adjusted_prices_are_multiplied_by_the_ratio_and_close_is_adj_close() -> None:
    found = assemble_candles({"LATE": LATE}, SESSIONS, adjust=True, snapshot="id")
    assert found["close"].values[0, [0, 2]].tolist() == found["adj_close"].values[0, [0, 2]].tolist() == [5.0, 10.0]
    assert found["open"].values[0, [0, 2]].tolist() == [3.75, 7.5]
    assert found["high"].values[0, [0, 2]].tolist() == [7.5, 15.0]
    assert found["low"].values[0, [0, 2]].tolist() == [2.5, 5.0]
    assert found["volume"].values[0, [0, 2]].tolist() == [1000.0, 2000.0]
    assert found.attrs == {"snapshot": "id", "adjusted": True, "off_session_bars": 0}


def test_close_and_adj_close_are_two_arrays() -> None:
    found = assemble_candles({"LATE": LATE}, SESSIONS, adjust=True, snapshot="id")
    found["close"].values[:] = 0
    assert found["adj_close"].values[0, 0] == 5.0


def test_a_bar_on_no_session_is_dropped_and_counted() -> None:
    holiday = bars(["2024-01-12", "2024-01-15", "2024-01-16"], [1.0, 2.0, 3.0])
    found = assemble_candles({"A": holiday, "B": holiday}, SESSIONS, adjust=False, snapshot="id")
    assert days_of(found) == ["2024-01-12", "2024-01-16"]
    assert found["close"].values.tolist() == [[1.0, 3.0], [1.0, 3.0]]
    assert found.attrs["off_session_bars"] == 2
    later = assemble_candles({"A": holiday}, SESSIONS, start="2024-01-16", snapshot="id")
    assert later.attrs["off_session_bars"] == 0


@pytest.mark.parametrize(
    "start", ["2024-01-12", date(2024, 1, 12), datetime(2024, 1, 12, 9, tzinfo=UTC), np.datetime64("2024-01-12")]
)
def test_start_and_end_are_included_and_may_be_written_in_many_ways(start: Any) -> None:
    found = assemble_candles({"EARLY": EARLY}, SESSIONS, start=start, end="2024-01-15", snapshot="id")
    assert days_of(found) == ["2024-01-12"]


def test_a_range_before_a_ticker_was_listed_leaves_it_nan() -> None:
    found = assemble_candles({"LATE": LATE, "EARLY": EARLY}, SESSIONS, end="2024-01-12", snapshot="id")
    assert days_of(found) == ["2024-01-11", "2024-01-12"]
    assert np.isnan(found["close"].values[0]).all()


def test_arrays_are_float64_and_contiguous_along_date() -> None:
    found = assemble_candles({"LATE": LATE, "EARLY": EARLY}, SESSIONS, snapshot="id")
    assert tuple(found.data_vars) == FIELDS
    for name in FIELDS:
        assert found[name].dims == ("ticker", "date")
        assert found[name].dtype == np.float64
        assert found[name].values.flags["C_CONTIGUOUS"]
        assert found[name].attrs["units"] == ("shares" if name == "volume" else "USD")
        assert found[name].attrs["long_name"]
    assert found["date"].dtype == "datetime64[ns]"


def test_only_the_fields_asked_for_are_there() -> None:
    found = assemble_candles({"LATE": LATE}, SESSIONS, fields=["volume", "close"], snapshot="id")
    assert tuple(found.data_vars) == ("close", "volume")


@pytest.mark.parametrize(
    ("fields", "adjust", "expected"),
    [
        (["close"], False, ("date", "close")),
        (["close"], True, ("date", "adj_close")),
        (["adj_close"], True, ("date", "adj_close")),
        (["volume"], True, ("date", "volume")),
        (["open"], True, ("date", "open", "close", "adj_close")),
        (FIELDS, True, ("date", *FIELDS)),
    ],
)
def test_no_more_columns_are_read_than_needed(fields: list[str], adjust: bool, expected: tuple[str, ...]) -> None:
    assert needed_columns(fields, adjust=adjust) == expected


def test_an_unknown_field_lists_the_nearest(store: SnapshotStore) -> None:
    with pytest.raises(UnknownNameError, match=r"candles: there is no field 'vol'; known, nearest first: volume"):
        load_candles(store, "LATE", fields=["vol"])


def test_a_store_is_read_with_its_sessions(store: SnapshotStore) -> None:
    found = load_candles(store, ["LATE", "EARLY", "LATE"])
    assert found["ticker"].values.tolist() == ["LATE", "EARLY"]
    assert days_of(found) == [str(day) for day in SESSIONS]
    assert found.attrs["snapshot"] == store.snapshot().id
    assert found["close"].sel(ticker="LATE", date="2024-01-17") == 5.5


def test_one_ticker_may_be_a_plain_string(store: SnapshotStore) -> None:
    assert load_candles(store.path, "LATE")["ticker"].values.tolist() == ["LATE"]


def test_an_earlier_snapshot_can_be_read(tmp_path: Path) -> None:
    made = SnapshotStore(tmp_path)
    one = made.publish({"A": frame(["2024-01-11"], [1.0])}).snapshot
    made.publish({"A": frame(["2024-01-11"], [2.0])})
    assert load_candles(made, "A", snapshot=one.id[:10], adjust=False)["close"].values.tolist() == [[1.0]]
    assert load_candles(made, "A", as_of=one.published_at, adjust=False)["close"].values.tolist() == [[1.0]]
    assert load_candles(made, "A", adjust=False)["close"].values.tolist() == [[2.0]]


def test_candles_is_the_same_with_the_tickers_first(store: SnapshotStore) -> None:
    xr.testing.assert_identical(candles(["LATE"], store=store), load_candles(store, ["LATE"]))
    choice: dict[str, Any] = {"start": "2024-01-17", "end": "2024-01-17", "adjust": False, "fields": ["close"]}
    chosen = candles("LATE", store=store, snapshot=store.snapshot().id, **choice)
    xr.testing.assert_identical(chosen, load_candles(store, "LATE", **choice))


def test_none_means_the_default_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBC_HOME", str(tmp_path))
    with pytest.raises(StoreError, match=rf"there are no candles in {tmp_path}/candles; run `sbc data sample`"):
        load_candles(None, "A")
    SnapshotStore().publish({"A": frame(["2024-01-11"], [1.0])})
    assert load_candles(None, "A").sizes == {"ticker": 1, "date": 1}


def test_an_unknown_ticker_lists_the_nearest(store: SnapshotStore) -> None:
    with pytest.raises(UnknownNameError, match=r"there is no ticker 'LAT'; known, nearest first: LATE, EARLY"):
        load_candles(store, "LAT")


def test_no_ticker_is_an_error(store: SnapshotStore) -> None:
    with pytest.raises(DataError, match=r"no ticker was asked for; name at least one, for example 'SPY'"):
        load_candles(store, [])


@pytest.mark.parametrize("day", ["spring", "2024-13-01", 20240101, float("nan"), "NaT"])
def test_what_is_no_day_is_told(store: SnapshotStore, day: Any) -> None:
    with pytest.raises(DataError, match=r"start must be a day such as '2010-01-31', got "):
        load_candles(store, "LATE", start=day)


def test_start_after_end_is_an_error(store: SnapshotStore) -> None:
    with pytest.raises(DataError, match=r"start must not lie after end, got start=2024-01-18 and end=2024-01-11"):
        load_candles(store, "LATE", start="2024-01-18", end="2024-01-11")


def test_a_range_without_a_bar_names_what_there_is(store: SnapshotStore) -> None:
    with pytest.raises(
        DataError, match=r"there are no bars from 2025-01-01 to the end; there are: LATE 2024-01-16 to 2024-01-18$"
    ):
        load_candles(store, "LATE", start="2025-01-01")


@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
def test_a_damaged_file_names_ticker_file_and_what_to_run(tmp_path: Path, damage: str) -> None:
    made = SnapshotStore(tmp_path)
    entries = made.publish({"A": frame(["2024-01-11"], [1.0]), "B": frame(["2024-01-11", "2024-01-12"], [1.0, 2.0])})
    path = object_path(tmp_path, entries.snapshot.bars["A"].object)
    other = object_path(tmp_path, entries.snapshot.bars["B"].object)
    content = {"cut": path.read_bytes()[:400], "other": other.read_bytes(), "gone": b""}[damage]
    path.unlink()
    if damage != "gone":
        path.write_bytes(content)
    with pytest.raises(DataError, match=rf"^A: the candle file {path} is missing or damaged; run `sbc data verify`"):
        load_candles(made, "A")
    assert load_candles(made, "B").sizes["date"] == 2


def test_a_flipped_bit_never_becomes_a_wrong_price(tmp_path: Path) -> None:
    made = SnapshotStore(tmp_path)
    days = [str(day) for day in SESSIONS]
    snapshot = made.publish({"A": frame(days, [10.0, 11.1, 12.2, 13.3, 14.4])}).snapshot
    path = object_path(tmp_path, snapshot.bars["A"].object)
    sound = path.read_bytes()
    before = read_columns(path, ("date", "close"), label="A")
    noticed = 0
    for place in range(0, len(sound), 7):
        content = bytearray(sound)
        content[place] ^= 1
        path.write_bytes(bytes(content))
        try:
            after = read_columns(path, ("date", "close"), label="A")
        except DataError:
            noticed += 1
            continue
        assert all(np.array_equal(after[name], before[name]) for name in before), place
    assert noticed


_ROW = st.lists(st.tuples(st.booleans(), st.floats(0.01, 1e6), st.floats(0.01, 1.0)), min_size=5, max_size=5)


@given(st.tuples(_ROW, _ROW))
def test_every_bar_lands_on_its_day_and_nowhere_else(rows: tuple[list[tuple[bool, float, float]], ...]) -> None:
    tickers: dict[str, Columns] = {}
    for name, held in zip("AB", rows, strict=True):
        kept = [(str(day), close, ratio) for day, (there, close, ratio) in zip(SESSIONS, held, strict=True) if there]
        if kept:
            tickers[name] = bars([day for day, _, _ in kept], [close for _, close, _ in kept])
    if not tickers:
        return
    found = assemble_candles(tickers, SESSIONS, adjust=False, snapshot="id")
    for name, columns in tickers.items():
        row = found["close"].sel(ticker=name)
        placed = row[~np.isnan(row)]
        assert np.array_equal(placed.values, columns["close"])
        assert np.array_equal(placed["date"].values, columns["date"])


def test_real_candles_adjusted_equal_the_adjusted_close(shared: Path, tmp_path: Path) -> None:
    made = SnapshotStore(tmp_path)
    tickers = ["SPY", "TLT", "UVXY", "^VIX", "AAPL"]
    files = {ticker: pd.read_parquet(shared / "data" / "eod" / f"{ticker}.parquet") for ticker in tickers}
    made.publish(files)
    found, plain = load_candles(made, tickers), load_candles(made, tickers, adjust=False)
    assert np.array_equal(found["close"].values, found["adj_close"].values, equal_nan=True)
    ratio = plain["adj_close"] / plain["close"]
    for name in ("open", "high", "low"):
        assert np.array_equal(found[name].values, (plain[name] * ratio).values, equal_nan=True)
    for ticker, held in files.items():
        row = plain.sel(ticker=ticker).dropna("date", how="all")
        inside = held[held["date"].isin(row["date"].values)]
        assert len(held) - len(inside) == (33 if ticker == "^VIX" else 0)
        for name in FIELDS:
            assert np.array_equal(row[name].values, inside[name].to_numpy(dtype=float))
    assert plain.attrs["off_session_bars"] == 33


def test_reading_gives_every_stored_column(store: SnapshotStore) -> None:
    path = object_path(store.path, store.snapshot().bars["LATE"].object)
    assert tuple(read_columns(path, COLUMNS, label="LATE")) == COLUMNS
    with pytest.raises(DataError, match="is missing or damaged"):
        read_columns(path, ["profit"], label="LATE")
