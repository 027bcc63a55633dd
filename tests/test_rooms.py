"""The laws of the house: who may import whom, how long a file may be, and what `import sbc_lab` may cost.

The map of the rooms is tests/rooms.py. A law is tested twice: on planted violations, to see that the checker bites, and
on the sources.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rooms import ROOMS, imports, room_of, violations

PROJECT = Path(__file__).parent.parent
PACKAGE = PROJECT / "sbc_lab"
LONGEST_FILE = 500
FACADE_BUDGET = 0.100
"""Seconds that `import sbc_lab` may take on top of a bare interpreter."""
HEAVY = {"numpy", "numba", "xarray", "pandas", "pyarrow", "scipy", "bqplot", "anywidget", "ipywidgets", "sqlalchemy"}


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write a package `sbc_lab` with every room and the files given, by path."""
    package = root / "sbc_lab"
    for room in ("", "engine", "engine/strategy", "engine/kernels", "data", "widgets", "hub"):
        (package / room).mkdir(parents=True, exist_ok=True)
        (package / room / "__init__.py").touch()
    (package / "errors.py").touch()
    for name, text in files.items():
        (package / name).write_text(text, encoding="utf-8")
    return package


# ---------------------------------------------------------------- the checker itself


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("engine/strategy/terms.py", "import numpy"),
        ("engine/strategy/terms.py", "import numpy.linalg as la"),
        ("engine/strategy/terms.py", "from numpy import float64"),
        ("engine/strategy/terms.py", "def f():\n    if True:\n        import pandas"),
        ("engine/strategy/terms.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import xarray"),
        ("engine/strategy/terms.py", "from ..kernels import moving"),
        ("engine/strategy/terms.py", "from .. import kernels"),
        ("engine/strategy/terms.py", "from ...data import calendar"),
        ("engine/strategy/terms.py", "import sbc_lab"),
        ("engine/strategy/terms.py", "from ... import __version__"),
        ("engine/strategy/terms.py", "import importlib\nimportlib.import_module('numpy')"),
        ("engine/strategy/terms.py", "from importlib import import_module\nimport_module('...data', __package__)"),
        ("engine/strategy/terms.py", "__import__('num' + 'py')"),
        ("engine/strategy/terms.py", "def f(n):\n    import_module(f'{n}.terms')"),
        ("engine/strategy/terms.py", "def f(n):\n    import_module(f'sbc_lab.data.{n}')"),
        ("engine/candles.py", "def f(n):\n    import_module(f'{__package__}.kernels.{n}')"),
        ("engine/kernels/moving.py", "from ...errors import SbcError"),
        ("engine/kernels/moving.py", "import xarray"),
        ("engine/cube.py", "import pandas"),
        ("engine/cube.py", "from ..data import calendar"),
        ("engine/cube.py", "from ..hub import db"),
        ("engine/cube.py", "import redis"),
        ("data/store.py", "from ..hub import db"),
        ("data/store.py", "from ..widgets import charts"),
        ("data/store.py", "from ..engine.strategy import _checks"),
        ("widgets/charts.py", "from ..hub import db"),
        ("widgets/charts.py", "from ..data import store"),
        ("widgets/charts.py", "import numba"),
        ("widgets/charts.py", "import sqlalchemy"),
        ("hub/settings.py", "import sqlalchemy"),
        ("hub/settings.py", "from ..engine import strategy"),
        ("hub/__init__.py", "from . import db"),
        ("hub/db.py", "from ..widgets import charts"),
        ("errors.py", "import numpy"),
        ("errors.py", "from .engine import strategy"),
        ("engine/cube.py", "from .nowhere import thing"),
        ("stray.py", ""),
        ("another_room/stray.py", ""),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "sbc_lab" / "another_room").mkdir(parents=True)
    others = dict.fromkeys(
        (
            "engine/strategy/_checks.py",
            "engine/kernels/moving.py",
            "data/calendar.py",
            "data/store.py",
            "hub/db.py",
            "widgets/charts.py",
        ),
        "",
    )
    assert violations(plant(tmp_path, others)) == []

    found = violations(plant(tmp_path, {**others, file: text}))

    assert len(found) == 1, found
    assert found[0].startswith(f"{file}:")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("engine/strategy/terms.py", "from ...errors import SbcError\nfrom . import walk\nimport json"),
        ("engine/strategy/terms.py", "from ._checks import ticker"),
        ("engine/kernels/moving.py", "import numpy as np\nfrom numba import njit\nfrom . import reference"),
        ("engine/candles.py", "import pandas\nimport pyarrow.parquet as pq\nfrom ..errors import SbcError"),
        ("engine/cube.py", "from .kernels.reference import x\nfrom .strategy import walk\nfrom .candles import y"),
        ("data/store.py", "from ..engine.candles import default_store\nimport pyarrow"),
        ("widgets/charts.py", "from ..engine.cube import cube\nimport bqplot"),
        ("engine/cube.py", "def f(n):\n    import_module(f'{__package__}.kernels.{n}')"),
        ("engine/strategy/terms.py", "def f(n):\n    import_module(f'.{n}', __name__)"),
        ("hub/configure.py", "from .settings import Settings"),
        ("hub/db.py", "from ..data.store import x\nimport sqlalchemy.orm"),
        ("__init__.py", "from importlib import import_module\ndef f(n):\n    return import_module(f'.{n}', __name__)"),
    ],
)
def test_an_import_along_the_arrow_is_allowed(tmp_path: Path, file: str, text: str) -> None:
    others = dict.fromkeys(
        (
            "engine/strategy/walk.py",
            "engine/strategy/_checks.py",
            "engine/kernels/reference.py",
            "engine/candles.py",
            "engine/cube.py",
            "data/store.py",
            "hub/settings.py",
        ),
        "",
    )

    assert violations(plant(tmp_path, {**others, file: text})) == []


def test_a_relative_import_is_resolved_from_where_it_stands(tmp_path: Path) -> None:
    text = "from . import walk\nfrom .. import kernels\nfrom ...errors import SbcError\n"
    package = plant(tmp_path, {"engine/strategy/terms.py": text})

    targets = [imported.target for imported in imports(package, package / "engine/strategy/terms.py")]

    assert targets == ["sbc_lab.engine.strategy.walk", "sbc_lab.engine.kernels", "sbc_lab.errors.SbcError"]


def test_a_room_lists_only_rooms_that_exist() -> None:
    names = [room.name for room in ROOMS]
    assert len(names) == len(set(names))
    assert {name for room in ROOMS for name in room.rooms} <= set(names)


# ---------------------------------------------------------------- the sources


def test_every_import_runs_along_the_arrow() -> None:
    assert violations(PACKAGE) == []


@pytest.mark.parametrize("room", ["engine", "data", "widgets", "hub"])
def test_every_room_has_a_readme_that_names_its_guests(room: str) -> None:
    text = (PACKAGE / room / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {room}\n")
    assert "may import" in text


def sources() -> list[Path]:
    """Every Python file that people write here."""
    places = (PACKAGE, PROJECT / "tests", PROJECT / "benchmarks", PROJECT / "tools")
    return sorted(path for place in places for path in place.rglob("*.py"))


def test_no_file_is_longer_than_five_hundred_lines() -> None:
    lengths = {str(path.relative_to(PROJECT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_file_opens_with_a_paragraph() -> None:
    silent = [
        str(path.relative_to(PROJECT))
        for path in sources()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_nothing_is_called_utils() -> None:
    assert [path.name for path in sources() if path.stem in {"utils", "util", "helpers", "common", "misc"}] == []


# ---------------------------------------------------------------- what `import sbc_lab` costs


def run(program: str) -> str:
    """Run a program in a fresh interpreter that may keep its byte code, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "statement",
    ["import sbc_lab", "from sbc_lab import Strategy, rsi", "import sbc_lab.hub", "import sbc_lab as lab; dir(lab)"],
)
def test_the_facade_loads_nothing_heavy(statement: str) -> None:
    loaded = run(f"{statement}\nimport sys; print(*sys.modules)").split()
    assert "sbc_lab" in loaded
    assert HEAVY & set(loaded) == set()


def test_the_facade_loads_only_itself() -> None:
    loaded = run("import sbc_lab, sys; print(*sys.modules)").split()
    ours = {name for name in loaded if name.partition(".")[0] == "sbc_lab"}
    assert ours == {"sbc_lab", "sbc_lab._version", "sbc_lab.errors", "sbc_lab.options"}


def test_the_facade_keeps_its_budget() -> None:
    # The one timing that is an assertion. The best of ten runs, measured without the start of the interpreter, is a
    # tenth of the budget; a busy machine slows some of the ten, not all of them.
    program = "import time; start = time.perf_counter(); import sbc_lab; print(time.perf_counter() - start)"
    assert min(float(run(program)) for _ in range(10)) < FACADE_BUDGET


def test_the_files_at_the_top_are_the_ones_of_the_house() -> None:
    for name in ("__init__.py", "errors.py", "options.py", "cli.py", "extension.py", "testing/__init__.py"):
        assert room_of(name) is not None
    assert room_of("helpers.py") is None
