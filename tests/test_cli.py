"""The `sbc` command: what it prints, the JSON and the files it writes, and how every wrong call ends.

Most calls are made in this process, a handful as a shell would make them. Wrong sentences of a strategy file are in
tests/engine/test_bad_input.py.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sbc_lab as lab
from sbc_lab.cli import main
from sbc_lab.data import import_sample
from sbc_lab.engine.strategy import cash, dumps
from sbc_lab.errors import DataError

pytestmark = pytest.mark.usefixtures("sample_home")

Captured = pytest.CaptureFixture[str]
CALM = lab.Strategy(
    "Calm",
    lab.when(lab.price("^GSPC") > lab.sma("^GSPC", 200))
    .then("AAPL")
    .otherwise(lab.inverse_vol("IBM", "MSFT", window=20)),
)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "calm.json"
    path.write_text(dumps(CALM), encoding="utf-8")
    return str(path)


def refused(capsys: Captured, *words: str) -> str:
    """Make a wrong call and return its one sentence."""
    try:
        code: object = main(words)
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("sbc: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def summary(capsys: Captured, *words: str) -> dict[str, object]:
    assert main(["backtest", *words, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert isinstance(found, dict)
    return found


def shell(*words: str, cwd: Path, **how: object) -> subprocess.CompletedProcess[str]:
    """Run the command as a shell does."""
    return subprocess.run(  # type: ignore[call-overload, no-any-return]  # what is passed on is checked where it is called
        [sys.executable, "-m", "sbc_lab.cli", *words], cwd=cwd, capture_output=True, text=True, check=False, **how
    )


# ---------------------------------------------------------------- backtest


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


def sample() -> dict[str, pa.Table]:
    from sbc_lab.data.sample import load_sample

    tables = load_sample()
    return {ticker: pa.Table.from_pandas(tables[ticker], preserve_index=False) for ticker in CALM.tickers}


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
    assert told["identity"] == lab.backtest(strategy, lab.candles(["IBM", "AAPL", "MSFT"])).identity


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


# ---------------------------------------------------------------- wrong calls


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("backtest FILE --start 2000-01-05", "stdev_return('MSFT', 20) has its first value on 2000-03-29"),
        ("backtest FILE --start 1.1.2010", "start must be a date such as '2010-01-04', got '1.1.2010'"),
        ("backtest FILE --start 2010-01-01 --end 2009-01-01", "end 2009-01-01 lies before start 2010-01-01"),
        ("backtest FILE --end 1999-01-01", "the candles of this tree reach from 1999-01-04 to 2018-12-31"),
        ("backtest FILE --cost-bps nan", "cost_bps must be from 0 to 10000 (1/10,000 of the traded value), got nan"),
        ("backtest FILE --cost-bps -1", "cost_bps must be from 0 to 10000 (1/10,000 of the traded value), got -1.0"),
        ("backtest FILE --cost-bps x", "--cost-bps: invalid float value: 'x'; see sbc backtest --help"),
        ("backtest FILE --rebalance dayly", "no rebalance rule 'dayly'; known, nearest first: daily"),
        ("backtest FILE --rebalance threshold:x", "say the width as a number, as in threshold:0.05"),
        ("backtest FILE --rebalance threshold", "say the width as a number, as in threshold:0.05"),
        ("backtest FILE --rebalance threshold:7", "width must be a finite number from 0 to 1, got 7.0"),
        ("backtest FILE --rebalance daily:3", "a width belongs to 'threshold', got 3.0"),
        ("backtest FILE --execution closed", "no execution 'closed'; known, nearest first: close"),
        ("backtest FILE --execution next_open", "not computed by this version; use execution='close'"),
        ("backtest FILE --benchmark ^GSPX", "no ticker '^GSPX'; known, nearest first: ^GSPC"),
        ("backtest FILE --benchmark FB", "choose another benchmark or other dates"),
        ("backtest FILE --series none/out.parquet", "there is no folder none; make it first"),
        ("backtest FILE --series .", "--series . cannot be written"),
        ("backtest FILE --data none", "cannot read the directory none"),
        ("backtest FILE --data FILE", "Not a directory; give an existing one"),
        ("backtest FILE --data .", "holds no TICKER.parquet or TICKER.csv; give one that is or does"),
        ("backtest FILE --nope", "unrecognized arguments: --nope; see sbc --help"),
        ("backtest", "required: FILE; see sbc backtest --help"),
        ("backtest none.json", "none.json: No such file or directory"),
        ("backtest .", ".: Is a directory"),
        ("indicator rsy AAPL", "no indicator 'rsy'; known, nearest first: rsi"),
        ("indicator relative-strength-index AAPL", "it is called 'rsi'"),
        ("indicator rsi APPL", "no ticker 'APPL'; known, nearest first: AAPL"),
        ("indicator sma AAPL", "sma('AAPL'): say the window, for example window=20"),
        ("indicator rsi AAPL --window 0", "a whole number of trading days from 1 to 5000, got 0"),
        ("indicator rsi AAPL --window 1.5", "a whole number of trading days from 1 to 5000, got 1.5"),
        ("indicator rsi AAPL --window 1000000", "a whole number of trading days from 1 to 5000, got 1000000"),
        ("indicator rsi AAPL --window nan", "a whole number of trading days from 1 to 5000, got nan"),
        ("indicator rsi AAPL --window ten", "--window: it must be a number such as 20, got 'ten'"),
        ("indicator rsi AAPL --short 4", "there is no parameter 'short'; known, nearest first: window"),
        ("indicator macd AAPL --short 9 --long 3", "short must be below long, got short=9 and long=3"),
        ("indicator rsi AAPL --start 2030-01-01", "its bars reach from 2000-03-01 to 2013-03-01"),
        ("indicator rsi AAPL --start tomorrow", "--start must be a date such as '2010-01-04', got 'tomorrow'"),
        ("indicator rsi AAPL --window 4000", "has no value from 2000-03-01 to 2013-03-01"),
        ("backtst FILE", "invalid choice: 'backtst'"),
        ("data import . --store FILE/x", "there is no file TICKER.parquet or TICKER.csv in ."),
        ("demo --output FILE", "calm.json: File exists"),
        ("", "required: COMMAND; see sbc --help"),
    ],
)
def test_a_wrong_call_ends_with_one_sentence(
    words: str, says: str, file: str, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert says in refused(capsys, *words.replace("FILE", file).split())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x00\xff\xfe\x80", "is no strategy: it is not a text file"),
        (b"<!doctype html><html></html>", "the text is no JSON"),
        (b"", "is no strategy: it is empty"),
        (b" \n\n", "is no strategy: it is empty"),
        (b"[1, 2]", "a document is an object with format, version and nodes"),
        (b'{"name": "x"}', "format: this is no strategy of sbc_lab"),
        (b'{"format": "sbc_lab.strategy", "version": 99}', "update sbc_lab to read it"),
        (b'{"a": NaN}', "NaN"),
        (b"[" * 100_000, "nests too deeply"),
        (dumps(lab.Strategy("Nothing", cash())).encode(), "put one such as 'SPY' into it"),
        (dumps(lab.Strategy("Typo", "APPL")).encode(), "no ticker 'APPL'; known, nearest first: AAPL"),
    ],
)
def test_a_file_that_is_no_strategy_ends_with_one_sentence(
    content: bytes, says: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(content)
    assert says in refused(capsys, "backtest", str(path))


def test_a_wrong_strategy_names_the_file_and_the_place_in_it(file: str, capsys: Captured) -> None:
    path = Path(file)
    whole = path.read_text(encoding="utf-8")
    for right, wrong, says in (
        ('"sma"', '"smma"', "calm.json: nodes[1] (indicator): there is no indicator 'smma'; known, nearest first: sma"),
        (
            '"window": 200',
            '"window": 0',
            "calm.json: nodes[1] (indicator): sma('^GSPC'): window must be a whole number",
        ),
        ('"otherwise"', '"else"', "calm.json: nodes[8] (if): there is no field 'else'; known, nearest first: "),
        ('"kind": "if"', '"kind": "iff"', "calm.json: nodes[8]: there is no kind 'iff'; known, nearest first: if"),
    ):
        path.write_text(whole.replace(right, wrong), encoding="utf-8")
        assert says in refused(capsys, "backtest", file)


def test_nobody_s_input_that_is_closed_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert "standard input, which is closed; name a file instead" in refused(capsys, "backtest", "-")


def test_an_interruption_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sbc_lab.engine.strategy.loads", interrupted)
    assert main(["backtest", __file__]) == 130
    assert capsys.readouterr() == ("", "")


def test_an_error_of_many_lines_is_said_in_one(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def broken(*_: object) -> None:
        raise DataError("first\n  second")

    monkeypatch.setattr("sbc_lab.engine.strategy.loads", broken)
    assert refused(capsys, "backtest", __file__) == "sbc: first second\n"


# ---------------------------------------------------------------- stores


def damaged(folder: Path) -> Path:
    """A store whose prices of IBM end in the middle."""
    from sbc_lab.data import SnapshotStore
    from sbc_lab.engine.snapshots import object_path

    import_sample(folder)
    kept = SnapshotStore(folder).snapshot()
    path = object_path(folder, kept.bars["IBM"].object)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:1000])
    return path


def test_truncated_prices_name_the_ticker_and_what_to_run(file: str, tmp_path: Path, capsys: Captured) -> None:
    path = damaged(tmp_path / "store")
    sentence = refused(capsys, "backtest", file, "--data", str(tmp_path / "store"))
    assert f"IBM: the candle file {path} is missing or damaged; run `sbc data verify`" in sentence
    assert main(["indicator", "rsi", "AAPL", "--data", str(tmp_path / "store")]) == 0


@pytest.fixture
def no_rights() -> Iterator[Path]:
    """A store that nobody may write to, as somebody who is not root."""
    with tempfile.TemporaryDirectory() as name:  # tmp_path lies in a folder that only its owner may enter
        folder = Path(name)
        import_sample(folder / "store")
        prices = folder / "prices"
        prices.mkdir()
        pq.write_table(sample()["IBM"].slice(0, 100), prices / "IBM.parquet")
        # What is loaded by now need not be readable by somebody else, and compiled kernels not be written by him.
        main(["data", "import", str(prices), "--store", str(folder / "once")])
        main(["indicator", "rsi", "AAPL", "--data", str(folder / "store")])
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o755)


def test_a_store_that_cannot_be_written_can_be_read(no_rights: Path, capsys: Captured) -> None:
    store = no_rights / "store"
    capsys.readouterr()
    assert main(["indicator", "rsi", "AAPL", "--data", str(store), "--csv"]) == 0
    assert capsys.readouterr().out.startswith("date,value\n")
    sentence = refused(capsys, "data", "import", str(no_rights / "prices"), "--store", str(store))
    assert str(store) in sentence
    assert "Permission denied; choose a directory of your own with --store or SBC_HOME" in sentence


def test_a_store_below_a_file_is_refused_with_its_path(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "prices").mkdir()
    pq.write_table(sample()["AAPL"], tmp_path / "prices" / "AAPL.parquet")
    below_a_file = tmp_path / "prices" / "AAPL.parquet" / "store"
    sentence = refused(capsys, "data", "import", str(tmp_path / "prices"), "--store", str(below_a_file))
    assert f"cannot write candles to {below_a_file}: Not a directory; choose a directory of your own" in sentence


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
