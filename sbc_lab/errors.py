"""Every exception of the lab, and the one way to say that a name is unknown.

One class per kind of mistake, each under `SbcError` and under the builtin that a caller would expect. A message says
what was given, what is allowed and what to type. Nothing here imports anything but the standard library.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class SbcError(Exception):
    """Base of every error that the lab raises on purpose."""


class StrategyError(SbcError, ValueError):
    """A strategy cannot be built the way it was written."""


class WireError(SbcError, ValueError):
    """A stored document is not a strategy this version can read; the message names the path inside it."""


class StrategyImportError(SbcError, ValueError):
    """A document of another tool cannot be read as a strategy, or a strategy not be written as one."""

    def __init__(
        self,
        message: str,
        *,
        path: str = "document",
        line: int | None = None,
        column: int | None = None,
        report: Any = None,
    ) -> None:
        super().__init__(message)
        self.path = path
        """The place inside the document, such as "children[0].children[1]", or inside the tree, such as "[0][1]"."""
        self.line = line
        """The line of the text, from 1, where it is known."""
        self.column = column
        """The column of the text, from 1, where it is known."""
        self.report = report
        """The report of the import or export, block by block, when it came that far."""


class UnknownNameError(SbcError, LookupError):
    """A ticker, indicator, metric, field or parameter that does not exist; the message lists the nearest ones."""


class DataError(SbcError, ValueError):
    """Prices are missing, broken or cannot be used for what was asked."""


class StoreError(SbcError, OSError):
    """A store of prices cannot be read or written where it lies."""


class BacktestError(SbcError, ValueError):
    """A backtest was asked for something that its settings or its data cannot give."""


class UnsupportedError(SbcError, NotImplementedError):
    """The language can say it, the engine of this version cannot compute it; the message names the node."""


class OptionError(SbcError, ValueError):
    """An option of the lab was set to a value it does not take."""


NEAREST = 8
LONGEST_SHOWN = 60
"""Of a name that was given, this much is repeated."""


def nearest(name: str, known: Iterable[str], *, limit: int = NEAREST) -> list[str]:
    """Known names, the most similar to `name` first; at most `limit` of them."""
    names = sorted(set(known))
    lowered = {candidate: candidate.lower() for candidate in names}
    wanted = name.lower()

    def score(candidate: str) -> float:
        text = lowered[candidate]
        similarity = difflib.SequenceMatcher(None, wanted, text).ratio()
        return similarity + (0.5 if text.startswith(wanted) or wanted.startswith(text) else 0.0)

    return sorted(names, key=lambda candidate: (-score(candidate), candidate))[:limit]


def unknown_name(kind: str, name: object, known: Iterable[str], *, where: str = "") -> UnknownNameError:
    """Build the error for a name that does not exist, nearest known names first.

    Parameters
    ----------
    kind : str
        What was looked for, in the words of the user: "ticker", "indicator", "field".
    name : object
        What was given.
    known : iterable of str
        Every name that would have been accepted.
    where : str, optional
        Where it was looked for, put in front of the sentence: "rsi('SPY')".
    """
    names = list(known)
    shown = nearest(str(name)[:LONGEST_SHOWN], names)
    rest = len(set(names)) - len(shown)
    if not shown:
        listing = f"there is no {kind} to choose from"
    else:
        listing = "known, nearest first: " + ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
    prefix = f"{where}: " if where else ""
    given = str(name)
    said = repr(given if len(given) <= LONGEST_SHOWN else f"{given[:LONGEST_SHOWN]}…")
    return UnknownNameError(f"{prefix}there is no {kind} {said}; {listing}")
