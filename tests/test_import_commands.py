"""`sbc import` and `sbc export`: what they print, the files they write, and how a wrong call ends."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sbc_lab.cli import main
from sbc_lab.engine.importers import load
from sbc_lab.engine.strategy import loads
from tests.engine.importers.documents import FORMS, MAPS, asset, root, text, weight

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def forms(tmp_path: Path) -> Path:
    path = tmp_path / "calm.clj"
    path.write_text(FORMS, encoding="utf-8")
    return path


def refused(capsys: Captured, *words: str) -> str:
    """Make a wrong call and return its one sentence."""
    try:
        code: object = main(words)
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("sbc: ")
    return err


def test_import_writes_the_strategy_and_the_report(forms: Path, tmp_path: Path, capsys: Captured) -> None:
    to, report, page = tmp_path / "out.json", tmp_path / "report.json", tmp_path / "report.html"
    assert main(["import", str(forms), "--to", str(to), "--report", str(report), "--strict"]) == 0
    out = capsys.readouterr().out
    strategy = load(FORMS).strategy
    assert loads(to.read_text(encoding="utf-8")) is strategy
    assert json.loads(report.read_text(encoding="utf-8"))["lossless"] is True
    assert out.splitlines()[0] == "Calm seas: 11 nodes, 11 different, rebalance=threshold(0.05)"
    assert f"fingerprint {strategy.fingerprint}" in out
    assert "settings profile='composer'" in out
    assert "defsymphony: 13 blocks — 13 kept" in out
    assert main(["import", str(forms), "--report", str(page)]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_import_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(FORMS))
    assert main(["import", "-"]) == 0
    assert "Calm seas" in capsys.readouterr().out


def test_a_refused_import_still_writes_its_report(tmp_path: Path, capsys: Captured) -> None:
    file, report = tmp_path / "odd.json", tmp_path / "report.json"
    file.write_text(text(root(weight(asset("SPY", odd=1)))), encoding="utf-8")
    assert "key 'odd'" in refused(capsys, "import", str(file), "--strict", "--report", str(report))
    assert json.loads(report.read_text(encoding="utf-8"))["counts"]["dropped"] == 1


def test_partial_puts_cash_in_the_place_of_what_cannot_be_said(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "odd.json"
    file.write_text(text(root(weight(asset("SPY"), weight(step="wt-marketcap")))), encoding="utf-8")
    assert "retired" in refused(capsys, "import", str(file))
    assert main(["import", str(file), "--partial"]) == 0
    assert "cannot be said here" in capsys.readouterr().out


def test_export_prints_or_writes_the_document(forms: Path, tmp_path: Path, capsys: Captured) -> None:
    assert main(["export", str(forms), "--as", "composer-json"]) == 0
    printed = capsys.readouterr().out
    assert load(printed).strategy.fingerprint == load(FORMS).strategy.fingerprint
    to, report = tmp_path / "out.clj", tmp_path / "report.json"
    assert main(["export", str(forms), "--as", "defsymphony", "--to", str(to), "--report", str(report)]) == 0
    assert load(to).strategy is load(FORMS).strategy
    assert capsys.readouterr().out.startswith("defsymphony: ")
    assert json.loads(report.read_text(encoding="utf-8"))["format"] == "defsymphony"


def test_what_cannot_be_written_is_refused_or_approximated(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "cash.clj"
    file.write_text("(weight-equal [])", encoding="utf-8")
    assert "there is no cash there" in refused(capsys, "export", str(file), "--as", "defsymphony")
    assert main(["export", str(file), "--as", "defsymphony", "--approximate"]) == 0
    assert '(asset "BIL" nil)' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("import", "no_such.json"), "is no file here"),
        (("import", "CALM", "--format", "composer"), "there is no format 'composer'"),
        (("import", "CALM", "--to", "no_folder/out.json"), "no_folder"),
        (("export", "CALM", "--as", "excel"), "there is no format 'excel'"),
        (("export", "CALM"), "--as"),
        (("import",), "FILE"),
    ],
)
def test_a_wrong_call_ends_with_one_sentence(words: tuple[str, ...], says: str, forms: Path, capsys: Captured) -> None:
    assert says in refused(capsys, *(str(forms) if word == "CALM" else word for word in words))


def test_maps_are_read_alike(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "calm.json"
    file.write_text(MAPS, encoding="utf-8")
    assert main(["import", str(file)]) == 0
    assert load(FORMS).strategy.fingerprint in capsys.readouterr().out


def test_import_writes_the_strategies_that_are_called(tmp_path: Path, capsys: Captured) -> None:
    path, bots, to = tmp_path / "bot.json", tmp_path / "bots", tmp_path / "out.json"
    shelter = {"id": "call-1", "name": "Shelter", "root": {"kind": "position", "positions": ["BIL"], "children": {}}}
    call = {"kind": "call", "callRefId": "call-1"}
    path.write_text(json.dumps({"name": "Calm", "payload": call | {"children": {}}, "callChains": [shelter]}))
    assert main(["import", str(path)]) == 0
    assert "calls Shelter; --bots DIR writes them" in capsys.readouterr().out
    assert main(["import", str(path), "--to", str(to), "--bots", str(bots)]) == 0
    assert loads((bots / "Shelter.json").read_text()).tickers == ("BIL",)
    capsys.readouterr()
    assert main(["export", str(path), "--as", "native"]) == 0
    assert load(capsys.readouterr().out).bots["Shelter"].tickers == ("BIL",)
    nasty = {**shelter, "name": "../Shelter"}
    path.write_text(json.dumps({"name": "Calm", "payload": call | {"children": {}}, "callChains": [nasty]}))
    assert "is no name of a file" in refused(capsys, "import", str(path), "--bots", str(bots))
