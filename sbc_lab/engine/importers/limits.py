"""How large a document of another tool may be. Does not live here: who counts, which is the readers and the draft."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ...errors import StrategyImportError

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """What is refused before it costs memory or time; give larger numbers for a larger document.

    Examples
    --------
    >>> Limits(size=1_000).size
    1000
    """

    size: int = 10_000_000
    """Most bytes of a file, or characters of a text."""
    values: int = 1_000_000
    """Most names, numbers, texts and brackets in it."""
    depth: int = 100_000
    """Most brackets open at once."""
    blocks: int = 100_000
    """Most blocks: assets, weights, groups, filters, ifs and their branches and conditions."""
    unclosed: int = 16
    """Most brackets that may be missing at the end of a text and are closed, with a line in the report."""

    def __post_init__(self) -> None:
        """Refuse what is no count."""
        for field in fields(self):
            value = getattr(self, field.name)
            least = 0 if field.name == "unclosed" else 1
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise StrategyImportError(
                    f"Limits: {field.name} must be a whole number of at least {least}, got {value!r}"
                )
