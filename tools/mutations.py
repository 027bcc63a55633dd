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
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parent.parent
FAULTS = Path(__file__).with_suffix(".toml")
COPIED = ("sbc_lab", "tests", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules")
PLUGINS = ("_hypothesis_pytestplugin", "pytest_timeout")
PRELOADED = ("numba", "pandas", "xarray", "pyarrow.parquet", "pytest", "hypothesis", *PLUGINS)


Finding: TypeAlias = tuple[str, str, float]
"""What was checked, what was wrong with it ("" for nothing), and the seconds it took."""


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


def copy_package(source: Path, folder: Path) -> None:
    """Copy what tests need, compiled files too: their dates are kept, so Python believes them."""
    for name in COPIED:
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name, ignore=LEFT_OUT if source == ROOT else None)
        else:
            shutil.copy2(source / name, folder)


def put_in(fault: Fault, folder: Path) -> None:
    """Break a copy."""
    broken = folder / "sbc_lab" / "engine" / fault.file
    broken.write_text(broken_source(fault), encoding="utf-8")
    for compiled in broken.parent.glob(f"__pycache__/{broken.stem}.*"):
        compiled.unlink()


def run_tests(nodes: list[str], folder: Path) -> Outcomes:
    """Run tests of a copy of the package. Call it in a process of its own."""
    outcomes, said = Outcomes(), io.StringIO()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    import pytest

    options = ["-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    for plugin in PLUGINS:
        options += ["-p", plugin]
    # Plugins are preloaded, and what compiled code divides by zero in silence Python warns of.
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning", "-W", "ignore::RuntimeWarning"]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = pytest.main([*options, *nodes], plugins=[outcomes])
    os.chdir(ROOT)
    here = str(getattr(sys.modules.get("sbc_lab"), "__file__", folder))
    if not here.startswith(str(folder)):
        raise RuntimeError(f"the tests ran against {here}, not against the copy in {folder}")
    if status not in (0, 1):
        outcomes.failed["pytest"] = said.getvalue()[-600:]
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


def check_fault(fault: Fault, sound: Path) -> Finding:
    """Put one fault into a copy of the sound sources and run the tests that it names."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="sbc-fault-") as name:
        folder = Path(name)
        copy_package(sound, folder)
        put_in(fault, folder)
        return fault.name, verdict(fault, run_tests(fault.nodes, folder)), time.perf_counter() - begin


def check_sound(nodes: list[str], sound: Path) -> Finding:
    """Run tests without a fault, which compiles the sources too: a test that fails here cannot catch anything."""
    begin = time.perf_counter()
    outcomes = run_tests(nodes, sound)
    wrong = "; ".join(f"{test}: {how}" for test, how in sorted(outcomes.failed.items()))
    return "no fault at all", wrong and f"these fail on the sound sources: {wrong}", time.perf_counter() - begin


def check(faults: list[Fault], workers: int) -> list[Finding]:
    """Check that the tests pass without a fault and that all faults are caught, one process for each."""
    for fault in faults:
        broken_source(fault)
    os.environ |= {"NUMBA_DISABLE_JIT": "1", "CI": "1", "SBC_SHARED": str(_shared())}
    # Of the plugins that are installed, nbval alone would take ten times as long to load as all that is needed.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    nodes = sorted({node for fault in faults for node in fault.nodes})
    with tempfile.TemporaryDirectory(prefix="sbc-sound-") as name:
        sound = Path(name)
        copy_package(ROOT, sound)
        with ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=1) as pool:
            first = pool.submit(check_sound, nodes, sound).result()
            rest = [pool.submit(check_fault, fault, sound) for fault in faults]
            return [first, *(future.result() for future in rest)]


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
