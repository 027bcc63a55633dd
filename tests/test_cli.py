"""The `sbc` command: what it prints, and the JSON and the files it writes.

How wrong calls end is in test_cli_wrong_calls.py.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import sbc_lab as lab
from sbc_lab.cli import main
from sbc_lab.engine.strategy import dumps
from tests.cli_calls import CALM, Captured, refused, sample, shell, summary

pytestmark = pytest.mark.usefixtures("sample_home")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "calm.json"
    path.write_text(dumps(CALM), encoding="utf-8")
    return str(path)


# ---------------------------------------------------------------- backtest


def test_a_terminal_that_cannot_show_a_letter_is_no_error(file: str, tmp_path: Path) -> None:
    shown = shell("backtest", file, cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Calm" in shown.stdout


def test_a_file_may_begin_with_a_byte_order_mark(file: str, tmp_path: Path, capsys: Captured) -> None:
    marked = tmp_path / "marked.json"
    marked.write_bytes(b"\xef\xbb\xbf" + Path(file).read_bytes())
    assert summary(capsys, str(marked)) == summary(capsys, file)


def test_json_is_one_object_that_says_the_run(file: str, capsys: Captured) -> None:
    found = summary(capsys, file, "--end", "2013-02-28", "--cost-bps", "7", "--benchmark", "^GSPC")
    assert {"identity", "start", "end", "metrics", "warnings"} <= found.keys()
    run = lab.backtest(CALM, lab.candles([*CALM.tickers]), end="2013-02-28", cost_bps=7, benchmark="^GSPC")
    assert found == json.loads(json.dumps(run.summary()))
    assert (found["name"], found["start"], found["end"]) == ("Calm", "2000-03-29", "2013-02-28")
    assert run.benchmark is not None
    assert found["benchmark"] == {"name": "^GSPC", "identity": run.benchmark.identity}


def test_the_same_call_has_the_same_identity_and_another_one_has_not(file: str, capsys: Captured) -> None:
    first = summary(capsys, file)
    assert first == summary(capsys, file)
    changed = [
        summary(capsys, file, *words)["identity"]
        for words in (
            ("--start", "2001-01-02"),
            ("--end", "2010-01-04"),
            ("--cost-bps", "6"),
            ("--rebalance", "weekly"),
            ("--rebalance", "threshold:0.1"),
            ("--start", "all_assets"),
        )
    ]
    assert len({first["identity"], *changed}) == len(changed) + 1


def test_the_options_reach_the_run(file: str, capsys: Captured) -> None:
    words = ("--start", "2003-01-02", "--end", "2004-12-31", "--cost-bps", "9", "--rebalance", "threshold:0.2")
    found = summary(capsys, file, *words, "--execution", "close")
    settings = found["settings"]
    assert isinstance(settings, dict)
    assert (found["start"], found["end"]) == ("2003-01-02", "2004-12-31")
    assert (settings["cost_bps"], settings["execution"]) == (9.0, "close")
    assert settings["rebalance"] == {"rule": "threshold", "width": 0.2}


def test_fills_and_cash_reach_the_run(file: str, capsys: Captured) -> None:
    words = ("--execution", "next_open", "--delay", "2", "--end", "2003")
    settings = summary(capsys, file, *words, "--cash", "0.03")["settings"]
    assert isinstance(settings, dict)
    assert (settings["execution"], settings["delay"], settings["cash"]) == ("next_open", 2, 0.03)
    found = summary(capsys, file, *words, "--cash", "MSFT")
    how = {"execution": "next_open", "delay": 2, "cash": "MSFT", "end": "2003"}
    assert found["identity"] == lab.backtest(CALM, **how).identity  # type: ignore[arg-type]  # each of its own kind


def test_the_settings_of_a_run_are_all_in_its_summary(file: str, capsys: Captured) -> None:
    how = ("--delay", "2", "--cash", "0.03", "--profile", "composer", "--on-missing", "cash", "--cost-bps", "7")
    settings = summary(capsys, file, *how)["settings"]
    assert isinstance(settings, dict)
    said = {"delay": 2, "cash": 0.03, "profile": "composer", "on_missing": "cash", "cost_bps": 7.0, "costs": None}
    assert said.items() <= settings.items()
    assert settings["start_policy"] == "all_assets"


def test_a_date_is_explained_and_the_last_one_unless_it_is_said(file: str, capsys: Captured) -> None:
    run = lab.backtest(CALM, lab.candles(CALM.tickers))
    date = str(run.dates[40])[:10]
    assert main(["explain", file, "--date", date]) == 0
    assert capsys.readouterr().out == f"{run.explain(date)}\n"
    assert main(["explain", file]) == 0
    assert capsys.readouterr().out == f"{run.explain()}\n"


def test_today_is_said_as_text_and_as_json(file: str, capsys: Captured) -> None:
    today = lab.backtest(CALM, lab.candles(CALM.tickers), delay=1).today()
    assert main(["today", file, "--delay", "1"]) == 0
    assert capsys.readouterr().out == f"{today!r}\n"
    assert main(["today", file, "--delay", "1", "--json"]) == 0
    read = json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert read == json.loads(json.dumps(today.as_json()))
    assert len(read["open_orders"]) == 1


def test_the_series_are_those_of_the_run(file: str, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "series.parquet"
    summary(capsys, file, "--end", "2013-02-28", "--series", str(path))
    table = pq.read_table(path)
    run = lab.backtest(CALM, lab.candles(CALM.tickers), end="2013-02-28")
    weights = [f"w:{ticker}" for ticker in run.allocation["ticker"].values]
    assert sorted(weights) == ["w:AAPL", "w:IBM", "w:MSFT"]
    assert table.column_names == ["date", "equity", "returns", "turnover", "cost", *weights]
    columns = {name: table.column(name).to_numpy() for name in table.column_names}
    np.testing.assert_array_equal(columns["date"], run.dates)
    np.testing.assert_allclose(np.cumprod(1.0 + columns["returns"]), columns["equity"], rtol=1e-12)
    for name in ("equity", "returns", "turnover", "cost"):
        np.testing.assert_array_equal(columns[name], getattr(run, name).values)
    for name in weights:
        np.testing.assert_array_equal(columns[name], run.allocation.sel(ticker=name[2:]).values)


def test_the_text_shows_name_metrics_warnings_and_identity(file: str, capsys: Captured) -> None:
    assert main(["backtest", file, "--end", "2013-02-28"]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    run = lab.backtest(CALM, lab.candles(CALM.tickers), end="2013-02-28")
    assert lines[0] == "Backtest 'Calm'  2000-03-29 to 2013-02-28  3249 bars"
    assert str(run.metrics) in out
    assert lines[-2:] == ["no warnings", f"identity {run.identity}"]
    assert ".warnings" not in out
    assert main(["backtest", file]) == 0
    assert "\nwarning: AAPL has no bars any more from 2013-03-" in capsys.readouterr().out


def test_a_folder_of_files_gives_the_same_numbers_as_a_store_of_them(
    file: str, tmp_path: Path, capsys: Captured
) -> None:
    folder, store = tmp_path / "prices", tmp_path / "store"
    folder.mkdir()
    for ticker, bars in sample().items():
        pq.write_table(bars, folder / f"{ticker}.parquet")
    assert main(["data", "import", str(folder), "--store", str(store)]) == 0
    capsys.readouterr()
    there, here = summary(capsys, file, "--data", str(folder)), summary(capsys, file, "--data", str(store))
    assert there["metrics"] == here["metrics"]
    assert there["warnings"] == here["warnings"]


def test_called_strategies_come_from_a_folder(tmp_path: Path, file: str, capsys: Captured) -> None:
    folder = tmp_path / "bots"
    folder.mkdir()
    (folder / "calm.json").write_text(dumps(CALM), encoding="utf-8")
    caller = tmp_path / "caller.json"
    caller.write_text(dumps(lab.Strategy("Caller", lab.language.call("calm"))), encoding="utf-8")
    assert main(["backtest", file, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert main(["backtest", str(caller), "--json", "--bots", str(folder)]) == 0
    called = json.loads(capsys.readouterr().out)
    assert called["metrics"] == plain["metrics"]
    assert "there is no bot 'calm'" in refused(capsys, "backtest", str(caller), "--bots", str(tmp_path.parent))
    assert "there is no such folder" in refused(capsys, "backtest", str(caller), "--bots", str(tmp_path / "none"))
    assert "names another strategy" in refused(capsys, "backtest", str(caller))


def test_a_strategy_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch, file: str, capsys: Captured) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(dumps(CALM)))
    assert summary(capsys, "-") == summary(capsys, file)


def test_the_fields_that_a_strategy_reads_are_loaded(tmp_path: Path, capsys: Captured) -> None:
    calm = (lab.indicators.atr_percent("IBM", 20) < 2) & (lab.indicators.money_flow_index("AAPL") > 40)
    strategy = lab.Strategy("Ranges", lab.when(calm).then("IBM").otherwise("AAPL"))
    file = tmp_path / "ranges.json"
    file.write_text(dumps(strategy), encoding="utf-8")
    assert main(["backtest", str(file), "--json", "--benchmark", "MSFT"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["identity"] == lab.backtest(strategy, benchmark="MSFT").identity
    assert told["identity"] == lab.backtest(strategy, lab.candles(["IBM", "AAPL", "MSFT"]), benchmark="MSFT").identity


# ---------------------------------------------------------------- indicator


@pytest.mark.parametrize(
    ("name", "ticker", "given"),
    [
        ("rsi", "AAPL", {"window": 10}),
        ("sma", "^GSPC", {"window": 200}),
        ("macd", "IBM", {"short": 5, "long": 20}),
        ("atr", "MSFT", {}),
        ("money_flow_index", "AAPL", {"window": 20}),
        ("momentum_weighted", "IBM", {"month": 20}),
    ],
)
def test_csv_is_the_cube_bit_for_bit(name: str, ticker: str, given: dict[str, int], capsys: Captured) -> None:
    words = [word for key, value in given.items() for word in (f"--{key}", str(value))]
    assert main(["indicator", name, ticker, *words, "--csv"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head == "date,value"
    series = lab.cube(name, lab.candles(ticker), **given).squeeze().dropna("date")  # type: ignore[arg-type]  # windows only
    assert [row.split(",")[0] for row in rows] == list(np.datetime_as_string(series["date"].values, unit="D"))
    read = np.array([float(row.split(",")[1]) for row in rows])
    np.testing.assert_array_equal(read.view(np.uint64), series.values.view(np.uint64))


def test_a_parameter_of_any_name_can_be_given(capsys: Captured) -> None:
    assert main(["indicator", "sma", "IBM", "--parameter", "window=20", "--csv"]) == 0
    named = capsys.readouterr().out
    assert main(["indicator", "sma", "IBM", "--window", "20", "--csv"]) == 0
    assert capsys.readouterr().out == named


def test_dates_cut_what_is_printed_and_not_the_history_behind_it(capsys: Captured) -> None:
    main(["indicator", "rsi", "AAPL", "--csv"])
    whole = capsys.readouterr().out.splitlines()
    main(["indicator", "rsi", "AAPL", "--csv", "--start", "2008-10-10", "--end", "2008-10-15"])
    part = capsys.readouterr().out.splitlines()
    assert [row[:10] for row in part[1:]] == ["2008-10-10", "2008-10-13", "2008-10-14", "2008-10-15"]
    assert set(part) <= set(whole)


def test_the_text_says_what_is_shown_and_in_which_unit(capsys: Captured) -> None:
    main(["indicator", "sma", "AAPL", "--window", "20"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sma('AAPL', window=20): Simple moving average of price, USD"
    assert len(lines) == 12
    assert lines[-1] == "the last 10 of 3251 dates; --csv prints all of them"


# ---------------------------------------------------------------- as a shell does it


@pytest.mark.slow
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    command = (
        f"{shlex.quote(sys.executable)} -m sbc_lab.cli indicator rsi AAPL --csv | head -1; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("date,value\n0\n", "")


@pytest.mark.slow
def test_the_real_command_ends_as_it_should(file: str, tmp_path: Path) -> None:
    good = shell("backtest", file, "--json", cwd=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["name"] == "Calm"
    for words in (("backtest", "none.json"), ("indicator", "rsi", "APPL"), ("--nope",)):
        bad = shell(*words, cwd=tmp_path)
        assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (2, "", 1), bad.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("descriptor", "words", "code"), [(0, ("backtest", "-"), 2), (1, ("backtest", "FILE"), 0)])
def test_a_closed_stream_is_no_traceback(
    descriptor: int, words: Sequence[str], code: int, file: str, tmp_path: Path
) -> None:
    given = " ".join(word.replace("FILE", file) for word in words)
    command = f"{shlex.quote(sys.executable)} -m sbc_lab.cli {given} {descriptor}>&-"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_help_and_version_load_nothing_dear(tmp_path: Path) -> None:
    program = "import sys; from sbc_lab.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    program += "print(sorted({'numba', 'pandas', 'xarray', 'papermill'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert shell("--version", cwd=tmp_path).stdout == f"sbc_lab {lab.__version__}\n"


def test_a_full_disk_is_a_sentence(file: str, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full exists on Linux only")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sbc_lab.cli", "backtest", file],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=os.environ | {"PYTHONUNBUFFERED": ""},
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "sbc: [Errno 28] No space left on device\n")
