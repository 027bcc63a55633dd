"""The guide is true: every notebook runs again, and every stored output equals the new one.

Each notebook is checked by nbval in a process of its own, on a store of its own, so that a notebook cannot disturb a
test, nor the store of whoever runs the tests. What may differ is listed in notebooks/sanitize.cfg.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parent.parent
GUIDE = PROJECT / "notebooks" / "guide"
NOTEBOOKS = sorted(GUIDE.glob("*.ipynb"))

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.name))


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook again and compare every output with the stored one."""
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-sanitize-with"]
    command += [str(PROJECT / "notebooks" / "sanitize.cfg"), "-p", "no:cacheprovider", "-p", "no:xdist"]
    # the settings of our own tests are not those of a notebook: a warning there is an output, and is compared
    command += ["-o", "addopts=", "-o", "filterwarnings=", "--tb=short", str(path)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)


def cells(path: Path) -> list[dict[str, Any]]:
    """The code cells of a notebook that hold code."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]


def write(path: Path, *pairs: tuple[str, str]) -> None:
    """Store a notebook of cells, each a program and the output that is claimed for it."""
    stored = [
        {
            "cell_type": "code",
            "execution_count": number,
            "id": f"cell-{number}",
            "metadata": {},
            "source": source,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": claimed}],
        }
        for number, (source, claimed) in enumerate(pairs, start=1)
    ]
    notebook = {"cells": stored, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.slow
@each_notebook
@pytest.mark.usefixtures("sample_home")
def test_a_guide_shows_what_it_computes(path: Path) -> None:
    done = validate(path)
    assert done.returncode == 0, done.stdout + done.stderr


@each_notebook
def test_a_guide_was_run_from_top_to_bottom_before_it_was_stored(path: Path) -> None:
    counts = [cell["execution_count"] for cell in cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_a_guide_names_no_place_of_the_machine_it_was_stored_on(path: Path) -> None:
    assert re.findall(r"/(?:home|root|Users|tmp|work)/[\w.-]+", path.read_text(encoding="utf-8")) == []


@each_notebook
def test_a_guide_needs_no_kernel_but_the_usual_one(path: Path) -> None:
    assert json.loads(path.read_text(encoding="utf-8"))["metadata"]["kernelspec"]["name"] in {"python3", "sbc-lab"}


def test_the_guide_begins_with_the_quick_start() -> None:
    assert NOTEBOOKS
    assert NOTEBOOKS[0].name == "01_quickstart.ipynb"


@pytest.mark.slow
def test_a_false_number_is_found_and_a_duration_is_not(tmp_path: Path) -> None:
    write(tmp_path / "planted.ipynb", ("print('took 3.25 ms')", "took 17 ms\n"), ("print(0.123)", "0.124\n"))

    done = validate(tmp_path / "planted.ipynb")

    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
