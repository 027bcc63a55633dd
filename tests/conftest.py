"""What every test may ask for: the real data, a store of its own, and the closing words of the checks.

Lives here: session-wide fixtures, the isolation of the store and the profiles of hypothesis. Does not live here: random
trees and synthetic candles, which ship with the package in sbc_lab/testing.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PROJECT = Path(__file__).parent.parent

# How long an example takes depends on who else uses the machine, and is no law. The examples are the same in every run,
# so that a change is judged by what it changed; SBC_EXPLORE=1 looks for new ones.
settings.register_profile(
    "all",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not os.environ.get("SBC_EXPLORE"),
)
settings.register_profile("quick", settings.get_profile("all"), max_examples=20)
settings.load_profile("all")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real prices and golden values; tests that need it are skipped where it does not exist."""
    folder = Path(os.environ.get("SBC_SHARED") or PROJECT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"needs the real prices and golden values, which are not shipped: there is no {folder}")
    return folder


@pytest.fixture(scope="session", autouse=True)
def sbc_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep every test, and every process a test starts, away from the store of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("sbc-home")
        patch.setenv("SBC_HOME", str(home))
        yield home


@pytest.fixture(scope="session")
def sample_home(sbc_home: Path) -> Path:
    """The store of the tests, filled with the sample prices that everybody has."""
    from sbc_lab.data.sample import import_sample

    import_sample(sbc_home / "candles")
    return sbc_home


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
    """Repeat, just above the last line, which checks before the tests failed; tools/checks.sh hands them over."""
    yield
    failed = os.environ.get("SBC_FAILED_CHECKS", "").strip()
    if failed:
        terminalreporter.section("checks before the tests", red=True)
        terminalreporter.line(failed)
