"""Compiled kernels on disk: where they lie, whose they may be, and when they are out of date; nothing is compiled here.

There are two places. Beside the sources, in `__pycache__`, lies what the owner of the package compiled for everybody;
only that owner writes there. In the cache folder of the user lies what was missing. A file is a pickle, so reading it
is running it: it is read only when nobody but the owner of the package, root or the user could have written it.
The name of both folders holds a digest of all sources here and of the versions of Python and numba, so code made from
other sources is never found, whichever file was changed.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba
from numba.core.compiler import CompileResult
from numba.core.runtime.nrt import rtsys
from numba.core.serialize import dumps

SOURCES = Path(__file__).parent
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
POSIX = os.name == "posix"


KERNELS: dict[str, Any] = {}
"""Every kernel that has been imported, such as "moving.sma", with its dispatcher."""


@dataclass(frozen=True)
class Place:
    """A folder of compiled code.

    Attributes
    ----------
    folder : Path
        It need not exist.
    owners : frozenset of int
        The users whose files are trusted here.
    writable : bool
        Whether this process keeps what it compiles here.
    mode : int
        Permissions of the folder, when this process makes it; its files have the same without the right to search.
    """

    folder: Path
    owners: frozenset[int]
    writable: bool
    mode: int


@cache
def digest() -> str:
    """Hash of everything that decides what the machine code is, except the processor, hex."""
    sha = hashlib.sha256(repr((sys.version_info[:3], sys.abiflags if POSIX else "", numba.__version__)).encode())
    sha.update(version("llvmlite").encode())
    for path in sorted(SOURCES.glob("*.py")):
        content = path.read_bytes()
        sha.update(f"{path.name} {len(content)}\n".encode())
        sha.update(content)
    return sha.hexdigest()[:16]


@cache
def places() -> tuple[Place, ...]:
    """The folders of compiled code, in the order in which they are looked into."""
    own = _user_folder()
    theirs = () if own is None else (Place(own / f"kernels-{digest()}", frozenset({_me()}), True, 0o700),)
    if not POSIX:
        return theirs  # files have no owner to compare here; the folder of the user is guarded by the system
    owner = Path(__file__).stat().st_uid
    shared = SOURCES / "__pycache__" / f"compiled-{digest()}"
    return (Place(shared, frozenset({owner, 0}), owner == _me(), 0o755), *theirs)


def _me() -> int:
    return os.geteuid() if POSIX else 0


def _user_folder() -> Path | None:
    """The cache folder of the user, or None when there is no home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "sbc_lab"  # noqa: PTH117  # "" is no Path
    except RuntimeError:
        return None


class StoredCode:
    """The compiled code of one kernel on disk, in the form in which a dispatcher of numba asks for it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"

    @property
    def cache_path(self) -> str:
        """The folder looked into first."""
        return str(places()[0].folder) if places() else ""

    def load_overload(self, signature: object, target: Any) -> Any:
        """Load the code for a signature on this processor, or return None when there is none that may be trusted."""
        key = self._key(signature, target.codegen())
        for place in places():
            content = read_trusted(place, _file_name(self._name, key))
            if content is None:
                continue
            stored, payload = pickle.loads(content)  # noqa: S301  # whose file it is has just been looked at
            if stored == key:
                # numba would import all that a compiler needs, 0.2 s of it; loading needs its runtime alone.
                rtsys.initialize(target)
                return CompileResult._rebuild(target, *payload)  # type: ignore[no-untyped-call]  # numba has no types
        return None

    def save_overload(self, signature: object, result: Any) -> None:
        """Keep freshly compiled code, where this user may."""
        if result.library.has_dynamic_globals or result.lifted:
            raise AssertionError(f"{self._name}: a kernel must be a loop over its arguments, which can be kept on disk")
        key = self._key(signature, result.codegen)
        content = dumps((key, result._reduce()))  # type: ignore[no-untyped-call]  # numba has no types
        for place in places():
            if place.writable and _write(place, _file_name(self._name, key), content):
                return

    def flush(self) -> None:
        """Do nothing: what is out of date is never found."""

    enable = disable = flush

    def _key(self, signature: object, codegen: Any) -> tuple[str, str, tuple[object, ...]]:
        return self._name, str(signature), tuple(codegen.magic_tuple())


def _file_name(name: str, key: tuple[str, str, tuple[object, ...]]) -> str:
    return f"{name}-{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.kernel"


def read_trusted(place: Place, name: str) -> bytes | None:
    """Read a file of a place, or return None when it is not there or somebody else could have written it."""
    if not _folder_is_trusted(place):
        return None
    try:
        number = os.open(place.folder / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    with os.fdopen(number, "rb") as file:
        # What has been opened is looked at, because the name could mean another file a moment later.
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or not is_trusted(found, place.owners):
            _warn(place.folder / name)
            return None
        return file.read()


def is_trusted(found: os.stat_result, owners: frozenset[int]) -> bool:
    """Tell whether nobody but these users could have written what was found."""
    return not POSIX or (found.st_uid in owners and not found.st_mode & OTHERS_WRITE)


_TRUSTED: dict[Path, bool] = {}
"""Folders that were there, and whether their code is taken; asked once in a process."""


def _folder_is_trusted(place: Place) -> bool:
    known = _TRUSTED.get(place.folder)
    if known is None:
        try:
            found = place.folder.lstat()
        except OSError:
            return False  # it may still be made
        known = _TRUSTED[place.folder] = stat.S_ISDIR(found.st_mode) and is_trusted(found, place.owners)
        if not known:
            _warn(place.folder)
    return known


def _warn(path: Path) -> None:
    warnings.warn(
        f"{path} could have been written by somebody else, so the compiled kernels in it are not used; remove it, and "
        "let the owner of the environment type `sbc kernels compile`",
        RuntimeWarning,
        stacklevel=2,
    )


def _write(place: Place, name: str, content: bytes) -> bool:
    """Write a file of a place at once and whole; tell whether that was possible."""
    draft = place.folder / f"{name}.{os.getpid()}-{threading.get_ident()}"
    try:
        if not place.folder.is_dir():
            place.folder.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                place.folder.mkdir(mode=place.mode)
                place.folder.chmod(place.mode)  # whatever the umask says: what a group can write is not read
        if not _folder_is_trusted(place):
            return False
        draft.write_bytes(content)
        draft.chmod(place.mode & 0o666)
        draft.replace(place.folder / name)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        return False
    return True


def outdated() -> Iterator[Path]:
    """Find the folders beside the sources that hold code of other sources or versions, where this process may write."""
    for place in places():
        if place.writable and place.folder.is_relative_to(SOURCES) and place.folder.parent.is_dir():
            yield from (path for path in sorted(place.folder.parent.glob("compiled-*")) if path != place.folder)


def compiled_here() -> dict[str, int]:
    """Count the machine code that this process had to make, because it was not on disk.

    Returns
    -------
    dict of str to int
        For each kernel with any, such as "moving.sma", how many of its signatures were compiled.
    """
    counts = {name: sum(found.stats.cache_misses.values()) for name, found in KERNELS.items()}
    return {name: count for name, count in sorted(counts.items()) if count}


def signatures_here() -> dict[str, int]:
    """Count the signatures of every kernel that has been imported and called, compiled or loaded."""
    return {name: len(found.signatures) for name, found in sorted(KERNELS.items()) if found.signatures}
