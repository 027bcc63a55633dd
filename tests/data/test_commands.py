"""The commands under `sbc data`: what they print and how they end."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sbc_lab.data.commands import add_commands
from sbc_lab.data.store import SnapshotStore
from sbc_lab.engine.snapshots import object_path
from sbc_lab.errors import OptionError, StoreError, UnknownNameError

MakeBars = Callable[..., pd.DataFrame]
Run = Callable[..., int]


@pytest.fixture
def run(store: SnapshotStore) -> Run:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(required=True))

    def call(*words: str) -> int:
        args = parser.parse_args([*words, "--store", str(store.path)])
        code: int = args.run(args)
        return code

    return call


def test_import_publishes_and_reports(
    run: Run, tmp_path: Path, make_bars: MakeBars, store: SnapshotStore, capsys: pytest.CaptureFixture[str]
) -> None:
    make_bars().to_parquet(tmp_path / "SPY.parquet", index=False)
    (tmp_path / "BAD.csv").write_text("date\n2024-01-02\n")
    assert run("import", str(tmp_path)) == 0
    assert store.snapshot().tickers == ("SPY",)
    out = capsys.readouterr().out
    assert out.startswith(
        f"snapshot {store.snapshot().id[:12]}: 1 ticker (1 new, 0 changed, 0 unchanged)\nrefused  BAD: "
    )


def test_import_replace_drops_the_others(run: Run, tmp_path: Path, make_bars: MakeBars, store: SnapshotStore) -> None:
    store.publish({"OLD": make_bars()})
    make_bars().to_parquet(tmp_path / "NEW.parquet", index=False)
    run("import", str(tmp_path), "--replace")
    assert store.snapshot().tickers == ("NEW",)


def test_sample_fills_a_store(run: Run, store: SnapshotStore) -> None:
    assert run("sample") == 0
    assert "^GSPC" in store.snapshot().tickers


def test_list_is_an_aligned_table(
    run: Run, store: SnapshotStore, make_bars: MakeBars, capsys: pytest.CaptureFixture[str]
) -> None:
    store.publish({"SPY": make_bars(), "^VIX": make_bars([1.0] * 12)}, refused={"X": "no answer"})
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{store.path}: snapshot {store.snapshot().id[:12]}, published ")
    assert lines[1:] == [
        "ticker  first day   last day    bars",
        "SPY     2024-01-02  2024-01-04     3",
        "^VIX    2024-01-02  2024-01-18    12",
        "refused  X: no answer",
    ]


def test_list_snapshots_has_one_line_per_publication(
    run: Run, store: SnapshotStore, make_bars: MakeBars, capsys: pytest.CaptureFixture[str]
) -> None:
    first = store.publish({"SPY": make_bars()}, source="one").snapshot.id
    store.publish({"SPY": make_bars([2.0])}, source="two")
    run("list", "--snapshots")
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split("  ")[0] == "snapshot"
    assert len(lines) == 2
    assert lines[0].startswith(first[:12])
    assert [line.split()[-1] for line in lines] == ["one", "two"]
    run("list", "--snapshot", first[:12])
    assert "     3" in capsys.readouterr().out


def test_show_prints_the_last_bars_and_names_the_units(
    run: Run, store: SnapshotStore, make_bars: MakeBars, capsys: pytest.CaptureFixture[str]
) -> None:
    store.publish({"SPY": make_bars([10.0, 11.0, 12.0]).assign(volume=1_234_567)})
    assert run("show", "SPY", "--rows", "2") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"SPY: 3 bars from 2024-01-02 to 2024-01-04 in snapshot {store.snapshot().id[:12]}",
        "prices in USD, adjusted for splits; adj_close for dividends too; volume in shares",
        "date           open     high      low    close  adj_close     volume",
        "2024-01-03  10.8900  11.1100  10.7800  11.0000     5.5000  1,234,567",
        "2024-01-04  11.8800  12.1200  11.7600  12.0000     6.0000  1,234,567",
    ]


def test_verify_ends_with_1_when_something_is_damaged(
    run: Run, store: SnapshotStore, make_bars: MakeBars, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = store.publish({"SPY": make_bars()}).snapshot
    assert run("verify") == 0
    assert "every value is as published" in capsys.readouterr().out
    object_path(store.path, snapshot.bars["SPY"].object).unlink()
    assert run("verify") == 1
    assert "1 damaged" in capsys.readouterr().out


def test_mistakes_are_raised_for_the_command_line_to_tell(run: Run, store: SnapshotStore, make_bars: MakeBars) -> None:
    with pytest.raises(StoreError, match="there are no candles in"):
        run("list")
    store.publish({"SPY": make_bars()})
    with pytest.raises(UnknownNameError, match="there is no ticker 'SPI'"):
        run("show", "SPI")
    with pytest.raises(OptionError, match="--rows must be at least 1, got 0"):
        run("show", "SPY", "--rows", "0")


def test_registering_the_commands_loads_nothing_heavy() -> None:
    program = (
        "import argparse, sys; from sbc_lab.data.commands import add_commands;"
        "add_commands(argparse.ArgumentParser().add_subparsers());"
        "print(sorted({'numpy', 'pandas', 'xarray', 'pyarrow', 'exchange_calendars'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
