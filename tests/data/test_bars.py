"""Canonical columns and content hashes."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.data.bars import columns_hash, snapshot_hash, to_columns, write_columns
from sbc_lab.engine.candles import COLUMNS, read_columns

MakeBars = Callable[..., pd.DataFrame]


def test_columns_come_in_one_order_with_fixed_types(make_bars: MakeBars) -> None:
    columns = to_columns(make_bars()[list(reversed(COLUMNS))])
    assert tuple(columns) == COLUMNS
    assert columns["date"].dtype == "datetime64[ns]"
    assert {columns[name].dtype for name in COLUMNS[1:]} == {np.dtype("float64")}


def test_frame_and_arrow_table_give_the_same_columns(make_bars: MakeBars) -> None:
    frame = make_bars()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    assert columns_hash(to_columns(frame)) == columns_hash(to_columns(table))


def test_missing_dividends_and_splits_are_none(make_bars: MakeBars) -> None:
    columns = to_columns(make_bars().drop(columns=["dividends", "splits"]))
    assert columns["dividends"].tolist() == columns["splits"].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda bars: bars.drop(columns=["close", "low"]),
            r"columns low, close are missing; the columns must be date,",
        ),
        (lambda bars: bars.assign(close="ten"), r"column close must hold numbers, got values of type"),
        (lambda bars: bars.assign(volume=True), r"column volume must hold numbers, got values of type bool"),
        (
            lambda bars: bars.assign(date=[20240102, 20240103, 20240104]),
            r"plain days of the exchange, got values of type",
        ),
        (lambda bars: bars.assign(date=bars["date"] + pd.Timedelta(hours=16)), r"column date holds times of day"),
        (lambda bars: bars.assign(date=bars["date"].dt.tz_localize("UTC")), r"column date must hold plain days"),
        (lambda bars: pd.concat([bars, bars[["close"]]], axis=1), r"columns close occur more than once"),
    ],
)
def test_wrong_columns_are_named(
    make_bars: MakeBars, change: Callable[[pd.DataFrame], pd.DataFrame], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        to_columns(change(make_bars()))


def test_an_arrow_date_with_a_zone_is_refused(make_bars: MakeBars) -> None:
    frame = make_bars()
    frame["date"] = frame["date"].dt.tz_localize("America/New_York")
    with pytest.raises(ValueError, match="column date has a time zone"):
        to_columns(pa.Table.from_pandas(frame, preserve_index=False))


def test_the_hash_is_of_values_and_so_is_known_for_ever() -> None:
    columns = {"date": np.array(["2024-01-02", "2024-01-03"], "datetime64[D]"), "close": np.array([10.0, 11.5])}
    content = b"/close/2/" + struct.pack("<2d", 10.0, 11.5) + b"/date/2/" + struct.pack("<2q", 19724, 19725)
    assert columns_hash(columns) == hashlib.sha256(b"sbc-candles/1" + content).hexdigest()[:32]


def test_the_hash_ignores_unit_of_days_byte_order_layout_and_sign_of_zero() -> None:
    days = np.array(["2024-01-02", "2024-01-03"], "datetime64[D]")
    plain = columns_hash({"date": days, "splits": np.array([0.0, 2.0])})
    assert plain == columns_hash({"splits": np.array([-0.0, 2.0], dtype=">f8"), "date": days.astype("datetime64[ns]")})
    assert plain == columns_hash({"date": days, "splits": np.array([0.0, 9.0, 2.0, 9.0])[::2]})


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=20), st.data())
def test_any_changed_value_changes_the_hash(closes: list[float], data: st.DataObject) -> None:
    days = np.datetime64("2024-01-02") + np.arange(len(closes))
    before = columns_hash({"date": days, "close": np.array(closes)})
    place = data.draw(st.integers(0, len(closes) - 1))
    closes[place] = float(np.nextafter(closes[place], np.inf))
    assert columns_hash({"date": days, "close": np.array(closes)}) != before


@given(st.lists(st.tuples(st.floats(1e-6, 1e12), st.floats(0, 1e15)), min_size=1, max_size=30))
def test_a_file_gives_back_every_value_exactly(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, float]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "bars.parquet"
    columns = {
        "date": (np.datetime64("2024-01-02") + np.arange(len(rows))).astype("datetime64[ns]"),
        "close": np.array([close for close, _ in rows]),
        "volume": np.array([volume for _, volume in rows]),
    }
    write_columns(path, columns)
    read = read_columns(path, tuple(columns), label="X")
    assert all(np.array_equal(read[name], columns[name]) for name in columns)
    assert columns_hash(read) == columns_hash(columns)


def test_a_snapshot_id_depends_on_tickers_contents_and_sessions_only() -> None:
    base = snapshot_hash({"A": "1", "B": "2"}, "s")
    assert base == snapshot_hash({"B": "2", "A": "1"}, "s")
    others = [
        snapshot_hash({"A": "2", "B": "1"}, "s"),
        snapshot_hash({"A": "1"}, "s"),
        snapshot_hash({"A": "1", "B": "2"}, "t"),
    ]
    assert len({base, *others}) == 4


def test_writing_is_the_same_for_any_parquet_settings(tmp_path: Path, make_bars: MakeBars) -> None:
    columns = to_columns(make_bars())
    path = tmp_path / "other.parquet"
    pd.DataFrame(columns).to_parquet(path, compression="zstd", index=False)
    assert columns_hash(read_columns(path, COLUMNS, label="X")) == columns_hash(columns)
