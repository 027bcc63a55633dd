"""The tests notice deliberate faults of the engine; the faults and the program that makes them are in tools/."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).parent.parent
PROGRAM = PROJECT / "tools" / "mutations.py"


@pytest.fixture(scope="module")
def mutations() -> ModuleType:
    """The program as a module."""
    spec = importlib.util.spec_from_file_location("mutations", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutations"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def test_the_text_of_every_fault_stands_once_in_its_source(mutations: ModuleType) -> None:
    faults = mutations.load_faults()
    assert len(faults) >= 20
    for fault in faults:
        assert mutations.broken_source(fault) != (PROJECT / "sbc_lab" / "engine" / fault.file).read_text("utf-8")


def test_a_text_that_is_gone_is_an_error_that_names_its_fault(mutations: ModuleType) -> None:
    gone = mutations.Fault("a fault of yesterday", "trading.py", "no such text", "", ("test_trading.py",))
    with pytest.raises(SystemExit, match=r"'a fault of yesterday': its text stands 0 times in trading\.py, not once"):
        mutations.broken_source(gone)


@pytest.mark.parametrize(
    ("failed", "said"),
    [
        ({}, "survived tests/engine/test_x.py::test_law"),
        ({"tests/engine/test_x.py::test_law[1]": "call: IndexError"}, "crashed tests/engine/test_x.py::test_law"),
        ({"tests/engine/test_x.py::test_other": "assertion"}, "survived tests/engine/test_x.py::test_law"),
        ({"tests/engine/test_x.py::test_law[1]": "assertion"}, ""),
    ],
)
def test_a_fault_is_caught_by_an_assertion_of_the_test_it_names(
    mutations: ModuleType, failed: dict[str, str], said: str
) -> None:
    fault = mutations.Fault("a fault", "trading.py", "a", "b", ("test_x.py::test_law",))
    found = mutations.verdict(fault, mutations.Outcomes(failed=failed))
    assert found.startswith(said)
    assert bool(found) == bool(said)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_fault_is_caught() -> None:
    done = subprocess.run([sys.executable, str(PROGRAM)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
