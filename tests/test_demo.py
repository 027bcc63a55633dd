"""`sbc demo`: from nothing to a table and three files that exist, twice; and what it says when it cannot."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sbc_lab import demo
from sbc_lab.cli import main
from sbc_lab.data import SnapshotStore
from sbc_lab.data.sample import load_sample
from sbc_lab.engine.metrics import METRICS
from sbc_lab.errors import StoreError


def run_demo(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as somebody does who has just installed it."""
    return subprocess.run(
        [sys.executable, "-m", "sbc_lab.cli", "demo", *words],
        cwd=home,
        env=os.environ | {"SBC_HOME": str(home / "sbc")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_fresh_demo_prints_a_table_and_files_that_exist_and_can_be_repeated(tmp_path: Path) -> None:
    first = run_demo(tmp_path)
    assert (first.returncode, first.stderr) == (0, "running 01_quickstart.ipynb …\n"), first.stderr
    assert first.stdout.startswith("snapshot ")
    for name in demo.SHOWN:
        assert re.search(rf"^  {METRICS[name].label} +\S+$", first.stdout, re.MULTILINE), name
    files = dict(re.findall(r"^(notebook|report|numbers) +(.+)$", first.stdout, re.MULTILINE))
    assert {name: Path(path).suffix for name, path in files.items()} == {
        "notebook": ".ipynb",
        "report": ".html",
        "numbers": ".json",
    }
    assert all(Path(path).is_absolute() and Path(path).stat().st_size > 100 for path in files.values())
    numbers = json.loads(Path(files["numbers"]).read_text(encoding="utf-8"))
    assert f"identity {numbers['identity'][:16]}…" in first.stdout
    executed = json.loads(Path(files["notebook"]).read_text(encoding="utf-8"))
    code = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))

    second = run_demo(tmp_path, "--output", "elsewhere")
    assert (second.returncode, second.stderr) == (0, first.stderr), second.stderr
    assert "snapshot " not in second.stdout, "the sample is imported once"
    assert (tmp_path / "elsewhere" / "01_quickstart.html").is_file()
    again = json.loads((tmp_path / "elsewhere" / "01_quickstart.json").read_text(encoding="utf-8"))
    assert again == numbers


def test_a_store_of_other_prices_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SBC_HOME", str(tmp_path))
    store = SnapshotStore(tmp_path / "candles")
    store.publish({"IBM": load_sample()["IBM"]})
    kept = store.snapshot().id
    assert main(["demo"]) == 2
    out, err = capsys.readouterr()
    assert (out, store.snapshot().id) == ("", kept)
    assert err == (f"sbc: {store.path} has prices, but not AAPL, MSFT, ^GSPC; add the sample with `sbc data sample`\n")


def test_a_damaged_store_is_a_sentence_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SBC_HOME", str(tmp_path))
    store = SnapshotStore(tmp_path / "candles")
    store.publish({"IBM": load_sample()["IBM"]})
    log = tmp_path / "candles" / "publications.json"
    log.write_text("{", encoding="utf-8")
    assert main(["demo"]) == 2
    out, err = capsys.readouterr()
    assert (out, log.read_text(encoding="utf-8")) == ("", "{")
    assert err.count("\n") == 1
    assert str(log) in err


def test_the_guide_is_part_of_the_installation() -> None:
    assert demo.find_notebook().name == "01_quickstart.ipynb"
    assert set(demo.SHOWN) <= set(METRICS)


def test_an_installation_without_the_guide_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(demo, "__file__", str(tmp_path / "sbc_lab" / "demo.py"))
    with pytest.raises(StoreError, match="is not part of this installation; install sbc-lab again"):
        demo.find_notebook()


def test_the_tickers_of_the_demo_are_in_the_sample_and_are_those_of_the_guide() -> None:
    guide = demo.find_notebook().read_text(encoding="utf-8")
    assert set(demo.TICKERS) <= set(load_sample())
    assert all(ticker in guide for ticker in demo.TICKERS)
