"""Compiled code on disk: found when it is right, never read when somebody else could have written it."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sbc_lab
from sbc_lab.engine.kernels import stored
from sbc_lab.engine.kernels.stored import Place, is_trusted, read_trusted

KERNELS = Path(stored.__file__).parent
NOBODY = 65534
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root of a POSIX system can become another user"
)
SMA = (
    "import numpy as np; from sbc_lab.engine.kernels import moving, stored\n"
    "out = np.empty(3); moving.sma(np.array([1.0, 2.0, 3.0]), 2, out); assert out[2] == 2.5\n"
    "print('compiled', sorted(stored.compiled_here()))"
)


@pytest.fixture(autouse=True)
def ask_anew() -> Iterator[None]:
    stored._TRUSTED.clear()
    yield
    stored._TRUSTED.clear()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package that has been compiled by its owner, where everybody can read it."""
    copy = tmp_path / "site" / "sbc_lab"
    shutil.copytree(Path(sbc_lab.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == tmp_path.owner() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    run(copy, SMA)
    return copy


def run(package: Path, program: str, *, user: int | None = None, umask: int = 0o022) -> str:
    """Run a program with a copy of the package in a fresh process, perhaps as somebody else."""
    home = package.parent.parent / f"home-{user}"
    home.mkdir(exist_ok=True)
    if user is not None:
        os.chown(home, user, user)
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", program],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(package.parent)},
        cwd=home,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def folder_of(package: Path) -> Path:
    (found,) = (package / "engine" / "kernels" / "__pycache__").glob("compiled-*")
    return found


def test_code_is_compiled_once_and_loaded_by_the_next_process(package: Path) -> None:
    assert run(package, SMA) == "compiled []\n"


@as_root
def test_another_user_loads_what_the_owner_compiled(package: Path) -> None:
    # the folder cannot be written by this user, where numba would go elsewhere without a word
    assert run(package, SMA, user=NOBODY) == "compiled []\n"
    assert not list((package.parent.parent / f"home-{NOBODY}").rglob("*.kernel"))


@as_root
def test_another_user_keeps_what_was_missing_in_a_folder_of_its_own(package: Path) -> None:
    shutil.rmtree(folder_of(package))
    assert "moving.sma" in run(package, SMA, user=NOBODY)
    kept = list((package.parent.parent / f"home-{NOBODY}" / ".cache" / "sbc_lab").rglob("*.kernel"))
    assert kept
    assert all(path.stat().st_uid == NOBODY and stat.S_IMODE(path.parent.stat().st_mode) == 0o700 for path in kept)
    assert run(package, SMA, user=NOBODY) == "compiled []\n"


@as_root
@pytest.mark.parametrize("what", ["folder", "file"])
@pytest.mark.parametrize("how", ["mode", "owner"])
def test_code_that_somebody_else_could_have_written_is_not_read(package: Path, what: str, how: str) -> None:
    folder = folder_of(package)
    for path in [folder] if what == "folder" else list(folder.iterdir()):
        if how == "mode":
            path.chmod(path.stat().st_mode | stat.S_IWOTH)
        else:
            os.chown(path, NOBODY, NOBODY)
    said = run(package, SMA)
    assert "moving.sma" in said
    assert "could have been written by somebody else" in said


def test_a_change_in_any_kernel_file_is_noticed(package: Path) -> None:
    file = package / "engine" / "kernels" / "sums.py"  # inlined by others, and not the file of moving.sma
    file.write_text(file.read_text() + "\n")
    assert "moving.sma" in run(package, SMA)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no umask")
def test_a_generous_umask_does_not_make_code_that_is_refused(package: Path) -> None:
    shutil.rmtree(folder_of(package))
    run(package, SMA, umask=0o000)
    assert run(package, SMA) == "compiled []\n"


@pytest.mark.skipif(os.name != "posix", reason="files of Windows have no owner to compare")
def test_a_file_is_read_only_from_trusted_hands(tmp_path: Path) -> None:
    place = Place(tmp_path, frozenset({os.geteuid()}), True, 0o700)
    file = tmp_path / "a.kernel"
    file.write_bytes(b"code")
    file.chmod(0o600)
    assert read_trusted(place, "a.kernel") == b"code"
    assert read_trusted(place, "b.kernel") is None
    assert not is_trusted(file.stat(), frozenset({os.geteuid() + 1}))
    (tmp_path / "link.kernel").symlink_to(file)
    assert read_trusted(place, "link.kernel") is None
    file.chmod(0o620)
    with pytest.warns(RuntimeWarning, match="sbc kernels compile"):
        assert read_trusted(place, "a.kernel") is None


FIRST = """
import sys
import sbc_lab as lab
from sbc_lab.engine.kernels import stored
tree = lab.language.loads(sys.stdin.read())
run = lab.backtest(tree)
assert run._portfolio.equity[-1] > 0
print("compiled", sorted(stored.compiled_here()))
print("loaded", sorted({"xarray", "pandas", "dask", "scipy.linalg", "numba.np.arraymath"} & set(sys.modules)))
"""


@pytest.mark.slow
@pytest.mark.usefixtures("sample_home")
def test_the_first_backtest_of_a_process_compiles_nothing_and_loads_no_labels() -> None:
    from sbc_lab.engine.strategy import (
        Strategy,
        cumulative_return,
        dumps,
        each,
        inverse_vol,
        price,
        rsi,
        sma,
        top,
        when,
    )

    best = top("AAPL", "IBM", inverse_vol("IBM", "MSFT", window=20), n=2, by=cumulative_return(each, 60))
    tree = when(rsi("IBM", 10) > 79).then("AAPL").when(price("IBM") > sma("IBM", 200)).then(best).otherwise("MSFT")
    compile_all = [sys.executable, "-m", "sbc_lab.cli", "kernels", "compile"]
    where = {**os.environ, "PYTHONPATH": str(Path(sbc_lab.__file__).parent.parent)}
    subprocess.run(compile_all, env=where, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", FIRST],
        env=where,
        input=dumps(Strategy("first", tree)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "compiled []\nloaded []\n"


def test_warming_compiles_every_kernel_there_is() -> None:
    from sbc_lab.engine.warming import compile_kernels

    compile_kernels()
    folders = [place.folder for place in stored.places() if place.folder.is_dir()]
    there = {path.name.rsplit("-", 1)[0] for folder in folders for path in folder.glob("*.kernel")}
    named = {
        f"{path.stem}.{name}"
        for path in KERNELS.glob("*.py")
        for name in re.findall(r"^@kernel\ndef (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    called_by_nobody = {"truths.first_known", "returns.simple_returns"}
    assert named - there == called_by_nobody - there
