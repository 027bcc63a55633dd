"""The map of the rooms and the reader of import statements that tests/test_rooms.py holds the sources to.

Lives here: which file belongs to which room, what a room may import, and how an import statement is resolved without
running it. Does not live here: the laws themselves, and any import of the package that is looked at.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path


@dataclass(frozen=True)
class Room:
    """A set of files with one permission: `rooms` of the lab and `packages` of others, besides the standard library."""

    name: str
    files: tuple[str, ...]
    rooms: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    @property
    def permission(self) -> str:
        return ", ".join(["the standard library", *self.rooms, *self.packages])


_LANGUAGE = ("base", "strategy")
_ENGINE = (*_LANGUAGE, "engine", "candles")
_SAMPLES = ("arch", "bokeh_sampledata")

ROOMS = (
    Room("base", ("_version.py", "errors.py", "options.py"), ("base",)),
    Room("strategy", ("engine/strategy/*",), _LANGUAGE),
    Room("importers", ("engine/importers/*",), (*_LANGUAGE, "importers")),
    Room("kernels", ("engine/kernels/*",), ("kernels",), ("numpy", "numba")),
    Room("candles", ("engine/candles.py",), _ENGINE, ("numpy", "xarray", "pandas", "pyarrow")),
    Room("engine", ("engine/*",), (*_ENGINE, "kernels"), ("numpy", "xarray")),
    Room(
        "data",
        ("data/*",),
        (*_ENGINE, "data"),
        ("numpy", "xarray", "pandas", "pyarrow", "yfinance", "exchange_calendars", *_SAMPLES),
    ),
    Room(
        "widgets",
        ("widgets/*",),
        (*_ENGINE, "widgets"),
        ("numpy", "xarray", "anywidget", "ipywidgets", "bqplot", "traitlets", "IPython"),
    ),
    # the Hub's own environment has no engine, and importing these runs hub/__init__.py on the way
    Room("hub settings", ("hub/__init__.py", "hub/settings.py", "hub/configure.py"), ("hub settings",)),
    Room(
        "hub",
        ("hub/*",),
        (*_ENGINE, "data", "hub", "hub settings"),
        ("numpy", "xarray", "sqlalchemy", "alembic", "psycopg", "redis", "papermill", "jupyterhub", "tornado"),
    ),
    Room("testing", ("testing/*",), (*_ENGINE, "data", "testing"), ("numpy", "xarray", "hypothesis")),
    Room("façade", ("__init__.py",), (*_ENGINE, "importers", "data", "widgets", "hub", "testing")),
    Room("extension", ("extension.py",), (*_ENGINE, "data", "widgets", "hub", "façade"), ("IPython", "traitlets")),
    Room(
        "cli",
        ("cli.py", "cli_kernels.py", "cli_runs.py", "import_commands.py", "demo.py"),
        (*_ENGINE, "importers", "data", "widgets", "hub", "façade", "cli"),
        ("numpy", "pyarrow", "papermill", "nbformat", "nbconvert", "traitlets"),
    ),
)
"""Every room; a file belongs to the first one that names it."""


@dataclass(frozen=True)
class Import:
    """One thing that a file imports, and where the statement stands."""

    target: str
    line: int


def room_of(path: str) -> Room | None:
    """The room of a file, given relative to the package; None when it belongs to no room."""
    return next((room for room in ROOMS if any(fnmatch(path, pattern) for pattern in room.files)), None)


def source_of(root: Path, module: str) -> str | None:
    """The file of a module of the package, relative to it; None when there is no such module."""
    parts = module.split(".")[1:]
    for path in (root.joinpath(*parts, "__init__.py"), root.joinpath(*parts).with_suffix(".py") if parts else None):
        if path is not None and path.is_file():
            return path.relative_to(root).as_posix()
    return None


def imports(root: Path, path: Path) -> Iterator[Import]:
    """Everything that a file imports, wherever the statement stands: functions and TYPE_CHECKING blocks count."""
    package = [root.name, *path.relative_to(root).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute("." * node.level + (node.module or ""), package)
            for alias in node.names:
                yield Import(f"{module}.{alias.name}", node.lineno)
        elif isinstance(node, ast.Call) and _is_import_call(node):
            yield Import(_called_target(node, package), node.lineno)


def _absolute(module: str, package: list[str]) -> str:
    name = module.lstrip(".")
    level = len(module) - len(name)
    above = package[: len(package) - level + 1] if level else []
    return ".".join([*above, *([name] if name else [])])


def _is_import_call(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in {"import_module", "__import__"}


def _called_target(node: ast.Call, package: list[str]) -> str:
    argument = node.args[0] if node.args else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return _absolute(argument.value, package)
    if isinstance(argument, ast.JoinedStr):
        return _known_beginning(argument, package)
    return "?"


def _known_beginning(text: ast.JoinedStr, package: list[str]) -> str:
    """What is certain without running it: f".{x}" lies in this package, f"{__package__}.kernels.{x}" in that one."""
    known = ""
    for value in text.values:
        if isinstance(value, ast.Constant):
            known += str(value.value)
        elif isinstance(value, ast.FormattedValue) and ast.unparse(value.value) in {"__package__", "__name__"}:
            known += ".".join(package)
        else:
            break
    whole, dot, _ = known.rpartition(".")
    return _absolute(whole or dot, package) if dot else "?"


def violations(root: Path) -> list[str]:
    """Every import that runs against the arrow and every file that belongs to no room, one sentence each."""
    found = []
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        room = room_of(name)
        if room is None:
            found.append(f"{name}: belongs to no room; put it into one, or name it in tests/rooms.py")
            continue
        for imported in imports(root, path):
            fault = _fault(root, room, imported)
            if fault:
                found.append(f"{name}:{imported.line}: {fault}")
    return found


def _fault(root: Path, room: Room, imported: Import) -> str:
    top = imported.target.partition(".")[0]
    if imported.target == "?":
        return "imports what cannot be read from the source; name the module"
    if top != root.name:
        if top in sys.stdlib_module_names or top in room.packages:
            return ""
        return f"room {room.name} may not import {top}; it may import {room.permission}"
    module = imported.target
    source = source_of(root, module)
    if source is None:
        module = module.rpartition(".")[0]
        source = source_of(root, module) if module else None
    if source is None:
        return f"imports {imported.target}, which is no module here"
    return _crossing(room, room_of(source), imported.target)


def _crossing(room: Room, other: Room | None, target: str) -> str:
    if other is None or other.name not in (*room.rooms, room.name):
        there = f"{target} of room {other.name}" if other else f"{target}, which belongs to no room"
        return f"room {room.name} may not import {there}; it may import {room.permission}"
    private = [part for part in target.split(".") if part.startswith("_") and not part.startswith("__")]
    if private and other is not room and other.name != "base":
        return f"room {room.name} may not import {target}: a name with an underscore stays inside room {other.name}"
    return ""
