"""The `sbc` command: how every wrong call ends, and what it does with stores that are damaged or cannot be written.

Wrong sentences of a strategy file are in tests/engine/test_bad_input.py.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import sbc_lab as lab
from sbc_lab.cli import main
from sbc_lab.data import import_sample
from sbc_lab.engine.strategy import cash, dumps
from sbc_lab.errors import DataError
from tests.cli_calls import CALM, Captured, refused, sample

pytestmark = pytest.mark.usefixtures("sample_home")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "calm.json"
    path.write_text(dumps(CALM), encoding="utf-8")
    return str(path)


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
        ("backtest FILE --delay 1.5", "delay must be a whole number of bars, 0 or more, got 1.5"),
        ("backtest FILE --cash -1", "a yearly yield must be above -1, such as 0.03 for 3 %, got -1.0"),
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
        ("indicator rsi AAPL --parameter span", "--parameter span: say name and number, as in --parameter span=20"),
        ("indicator rsi AAPL --parameter span=3", "there is no parameter 'span'; known, nearest first: window"),
        ("indicator rsi AAPL --window 3 --parameter window=4", "--parameter window=4: window was given twice"),
        ("explain FILE --date 1999-01-01", "the run reaches from"),
        ("today FILE --profile compser", "no profile 'compser'; known, nearest first: composer"),
        ("backtest FILE --on-missing wait", "no on_missing 'wait'"),
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
