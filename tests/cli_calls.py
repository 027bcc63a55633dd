"""Calls of the `sbc` command as its tests make them: in this process, or as a shell would; and what came of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import sbc_lab as lab
from sbc_lab.cli import main

Captured = pytest.CaptureFixture[str]
CALM = lab.Strategy(
    "Calm",
    lab.when(lab.price("^GSPC") > lab.sma("^GSPC", 200))
    .then("AAPL")
    .otherwise(lab.inverse_vol("IBM", "MSFT", window=20)),
)


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


def sample() -> dict[str, pa.Table]:
    from sbc_lab.data.sample import load_sample

    tables = load_sample()
    return {ticker: pa.Table.from_pandas(tables[ticker], preserve_index=False) for ticker in CALM.tickers}
