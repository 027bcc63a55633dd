"""Kernels compile wherever the package lies, also where nothing may be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import sbc_lab


def test_a_kernel_runs_where_no_cache_can_be_written(tmp_path: Path) -> None:
    package = tmp_path / "sbc_lab"
    shutil.copytree(Path(sbc_lab.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    # A file stands where each cache would be made, which stops root as well.
    (package / "engine" / "kernels" / "__pycache__").touch()
    nowhere = tmp_path / "file"
    nowhere.touch()
    program = (
        "import numpy as np; from sbc_lab.engine.kernels import moving\n"
        "out = np.empty(3); moving.sma(np.array([1.0, 2.0, 3.0]), 2, out); print(moving.__file__, out[1:])"
    )
    homes = {"HOME": str(nowhere), "XDG_CACHE_HOME": str(nowhere), "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **homes},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == f"{package / 'engine' / 'kernels' / 'moving.py'} [1.5 2.5]", done.stderr
