"""What the readers of JSON and EDN share: the brackets that are open, the limits, and errors with their place.

Does not live here: the grammar of either.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import StrategyImportError
from .limits import Limits
from .values import Map, TextPlaces, Value, Vector

__all__ = ["Nesting", "joined", "tail"]

LONGEST_PATH = 400
IN_A_SENTENCE = 80
_CLOSING = {"{": "}", "[": "]", "(": ")"}


def joined(steps: Iterable[str]) -> str:
    """Write a path from its steps, the innermost first; of a very long one only the end is looked at."""
    kept: list[str] = []
    length = 0
    for step in steps:
        if length > LONGEST_PATH:
            kept.append("…")
            break
        piece = step if step.startswith("[") or not step else f".{step[:LONGEST_PATH]}"
        kept.append(piece)
        length += len(piece)
    return "".join(reversed(kept)).removeprefix(".")


def tail(path: str) -> str:
    """Give the end of a path, as much as fits into a sentence."""
    return path if len(path) <= IN_A_SENTENCE else f"…{path[-IN_A_SENTENCE:]}"


class Nesting:
    """Every container that is open, the outermost first."""

    def __init__(self, text: str, label: str, limits: Limits) -> None:
        self.text = text
        self.label = label
        self.limits = limits
        self.open: list[Map | Vector] = []
        self.keys: list[Value] = []
        """For every open map the key that waits for its value, None when there is none; None for lists."""
        self.root: Value = None
        self.done = False

    def push(self, container: Map | Vector, at: int) -> None:
        """Open a bracket."""
        container.at = at
        if len(self.open) >= self.limits.depth:
            raise self.fault(f"more than {self.limits.depth:,} brackets are open at once", at, "depth")
        self.open.append(container)
        self.keys.append(None)

    def pop(self) -> Map | Vector:
        """Close the innermost bracket and put what it held in its place."""
        container = self.open.pop()
        self.keys.pop()
        return container

    def put(self, value: Value, at: int) -> None:
        """Put a finished value where it belongs."""
        if not self.open:
            if self.done:
                raise self.fault("the document ended before this; a text holds one strategy", at)
            self.root, self.done = value, True
            return
        inner = self.open[-1]
        if isinstance(inner, Map):
            inner[self.keys[-1]] = value
            self.keys[-1] = None
        else:
            inner.append(value)

    def name_next(self, key: str, at: int) -> None:
        """Keep a key until its value comes; a key that is there already is refused."""
        inner = self.open[-1]
        if key in inner:
            raise self.fault(
                f"the key {key[:60]!r} stands twice in one map, so it cannot be known which one counts", at
            )
        self.keys[-1] = key

    def check_values(self, count: int, at: int) -> None:
        """Refuse a text with more values than allowed."""
        if count > self.limits.values:
            raise self.fault(f"the text holds more than {self.limits.values:,} values", at, "values")

    @property
    def path(self) -> str:
        """The place that is being read."""
        inward = zip(reversed(self.open), reversed(self.keys), strict=True)
        return joined(
            f"[{len(inner)}]" if isinstance(inner, Vector) else str(key) if key is not None else ""
            for inner, key in inward
        )

    def fault(self, message: str, at: int, limit: str = "") -> StrategyImportError:
        """Build the error for a place in the text."""
        line, column = TextPlaces(self.text).at(at)
        path = self.path
        where = f"{self.label}, line {line}, column {column}" + (f" ({tail(path)})" if path else "")
        advice = f"; if it is a strategy, give limits=Limits({limit}=…)" if limit else ""
        return StrategyImportError(f"{where}: {message}{advice}", path=path or "document", line=line, column=column)

    def unclosed(self) -> StrategyImportError:
        """Build the error for a text that ends too early."""
        container = self.open[-1]
        opened = self.text[container.at]
        more = f", and {len(self.open) - 1} more around it are open too" if len(self.open) > 1 else ""
        return self.fault(
            f"this {opened} is never closed{more}; the text is cut, or a {_CLOSING[opened]} is missing", container.at
        )
