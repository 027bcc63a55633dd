"""Files that are there whole or not at all, and the lock that lets one publisher in at a time.

Here lives the order of write, fsync and rename that keeps a store readable whenever a process is killed; what the files
mean is known in `store`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["alone", "remove_leftovers", "write_whole"]

_SUFFIX = ".tmp"


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; another publisher waits here. A killed process lets go of it by itself."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step.

    Parameters
    ----------
    path : Path
        Its directory must exist.
    write : callable (Path)
        Writes the content to the path it is given.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_SUFFIX}")
    try:
        write(temporary)
        _to_disk(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _to_disk(path.parent)


def remove_leftovers(directory: Path) -> None:
    """Delete what killed publishers left behind; only for who holds the lock."""
    for path in directory.glob(f".*{_SUFFIX}"):
        path.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
