"""Where prices come from: import, checks, the snapshot store, the calendar, sample data.

See README.md. Every name is loaded when it is first used, so that the command line starts without pandas and xarray.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .calendar import sessions as sessions
    from .importing import import_directory as import_directory
    from .integrity import Finding as Finding
    from .integrity import check_bars as check_bars
    from .report import ImportReport as ImportReport
    from .sample import import_sample as import_sample
    from .source import CandleSource as CandleSource
    from .source import open_source as open_source
    from .store import SnapshotStore as SnapshotStore
    from .verification import Verification as Verification

_HOMES = {
    "CandleSource": "source",
    "Finding": "integrity",
    "ImportReport": "report",
    "SnapshotStore": "store",
    "Verification": "verification",
    "check_bars": "integrity",
    "import_directory": "importing",
    "import_sample": "sample",
    "open_source": "source",
    "sessions": "calendar",
}

__all__ = [
    "CandleSource",
    "Finding",
    "ImportReport",
    "SnapshotStore",
    "Verification",
    "check_bars",
    "import_directory",
    "import_sample",
    "open_source",
    "sessions",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
