"""Break the engine on purpose, one fault at a time, and see the tests notice: `make mutations`.

Lives here: how a fault is put into a copy of the package, and what counts as caught. Does not live here: the faults,
which are lines of `tools/mutations.toml`.

A fault replaces a text that stands exactly once in its file. It is caught when every test that it names fails by an
assertion; a crash, or a test that also fails on the sound sources, does not count. Kernels run as plain Python, so
that no compiled code of the sound sources can answer for the broken ones.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FAULTS = Path(__file__).with_suffix(".toml")
COPIED = ("sbc_lab", "tests", "pyproject.toml")
PRELOADED = ("numba", "pandas", "xarray", "pyarrow.parquet", "pytest", "hypothesis", "_hypothesis_pytestplugin")


@dataclass(frozen=True)
class Fault:
    """One deliberate mistake.

    Attributes
    ----------
    name : str
        What is wrong, in words.
    file : str
        The source, relative to `sbc_lab/engine`.
    old, new : str
        The text that is replaced, once, and what takes its place.
    tests : tuple of str
        Node ids, relative to `tests/engine`, that must each fail by an assertion.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def nodes(self) -> list[str]:
        """The tests as pytest wants them."""
        return [f"tests/engine/{test}" for test in self.tests]


@dataclass
class Outcomes:
    """A plugin of pytest: how every test ended."""

    failed: dict[str, str] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)

    def pytest_runtest_makereport(self, item: Any, call: Any) -> None:
        """Note the class of what was raised; Failed is what `pytest.raises` and `pytest.fail` raise."""
        if call.excinfo is not None:
            asserted = issubclass(call.excinfo.type, AssertionError) or call.excinfo.typename == "Failed"
            self.failed[item.nodeid] = "assertion" if asserted else f"{call.when}: {call.excinfo.exconly()[:160]}"
        elif call.when == "call":
            self.passed.add(item.nodeid)


def load_faults(path: Path = FAULTS) -> list[Fault]:
    """Read the list.

    Returns
    -------
    list of Fault
        In the order of the file; names are unique.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    faults = [Fault(**{**row, "tests": tuple(row["tests"])}) for row in rows]
    names = [fault.name for fault in faults]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise SystemExit(f"{path.name}: every fault once, got twice: {', '.join(doubled)}")
    return faults


def broken_source(fault: Fault, root: Path = ROOT) -> str:
    """The text of the source with the fault in it; an error when the text to replace is not there exactly once."""
    text = (root / "sbc_lab" / "engine" / fault.file).read_text(encoding="utf-8")
    found = text.count(fault.old)
    if found != 1:
        raise SystemExit(
            f"fault {fault.name!r}: its text stands {found} times in {fault.file}, not once; "
            f"mend the line of tools/mutations.toml that begins with old = {fault.old[:60]!r}"
        )
    return text.replace(fault.old, fault.new)


def run_tests(nodes: list[str], edit: tuple[str, str] | None) -> Outcomes:
    """Run tests against a copy of the package, with one source of it replaced. Call it in a process of its own."""
    outcomes = Outcomes()
    with tempfile.TemporaryDirectory(prefix="sbc-fault-") as folder:
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, folder)
        if edit is not None:
            Path(folder, "sbc_lab", "engine", edit[0]).write_text(edit[1], encoding="utf-8")
        os.chdir(folder)
        sys.path.insert(0, folder)
        sys.dont_write_bytecode = True
        import pytest

        options = ["-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", folder]
        # Plugins are preloaded, and what compiled code divides by zero in silence Python warns of.
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning", "-W", "ignore::RuntimeWarning"]
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = pytest.main([*options, *nodes], plugins=[outcomes])
        here = sys.modules.get("sbc_lab")
        if here is not None and not str(here.__file__).startswith(folder):
            raise RuntimeError(f"the tests ran against {here.__file__}, not against the copy in {folder}")
        if status not in (0, 1):
            outcomes.failed["pytest"] = said.getvalue()[-600:]
        os.chdir(ROOT)
    return outcomes


def verdict(fault: Fault, outcomes: Outcomes) -> str:
    """Say what was wrong with the catch; "" when every test named failed by an assertion."""
    if "pytest" in outcomes.failed:
        return f"pytest stopped: {outcomes.failed['pytest']}"
    for node in fault.nodes:
        ended = {test: how for test, how in outcomes.failed.items() if test.split("[")[0] == node or test == node}
        if not ended:
            return f"survived {node}"
        if "assertion" not in ended.values():
            return f"crashed {node}: {next(iter(ended.values()))}"
    return ""


def check_fault(fault: Fault) -> tuple[str, str, float]:
    """Put one fault into a copy and run its tests; its name, what was wrong with the catch, seconds."""
    begin = time.perf_counter()
    outcomes = run_tests(fault.nodes, (fault.file, broken_source(fault)))
    return fault.name, verdict(fault, outcomes), time.perf_counter() - begin


def check_sound(nodes: list[str]) -> tuple[str, str, float]:
    """Run tests against a copy without a fault: a test that fails here cannot catch anything."""
    begin = time.perf_counter()
    outcomes = run_tests(nodes, None)
    wrong = "; ".join(f"{test}: {how}" for test, how in sorted(outcomes.failed.items()))
    return "no fault at all", wrong and f"these fail on the sound sources: {wrong}", time.perf_counter() - begin


def check(faults: list[Fault], workers: int) -> list[tuple[str, str, float]]:
    """Check that all faults are caught and that their tests pass without them, one process for each."""
    for fault in faults:
        broken_source(fault)
    os.environ |= {"NUMBA_DISABLE_JIT": "1", "CI": "1", "SBC_SHARED": str(_shared())}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    nodes = sorted({node for fault in faults for node in fault.nodes})
    jobs = [partial(check_sound, nodes), *(partial(check_fault, fault) for fault in faults)]
    with ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=1) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]


def _shared() -> Path:
    return Path(os.environ.get("SBC_SHARED") or ROOT.parent / "shared").resolve()


def main() -> None:
    """Check all faults, or those whose name holds a word, and print what survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("word", nargs="?", default="", help="only faults whose name holds this")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    faults = [fault for fault in load_faults() if given.word in fault.name]
    if not faults:
        raise SystemExit(f"no fault is called {given.word!r}; leave it out to check all of tools/mutations.toml")
    begin = time.perf_counter()
    found = check(faults, given.workers)
    for name, wrong, seconds in found:
        print(f"{'caught' if not wrong else 'NOT CAUGHT':<12}{seconds:>6.1f} s  {name}{': ' + wrong if wrong else ''}")
    escaped = sum(1 for _, wrong, _ in found[1:] if wrong)
    print(f"{len(faults) - escaped} of {len(faults)} faults caught in {time.perf_counter() - begin:.0f} s")
    raise SystemExit(1 if any(wrong for _, wrong, _ in found) else 0)


if __name__ == "__main__":
    main()
