"""What the readers of maps share: keys that nobody reads, flags, and the costs that a document carries.

Does not live here: which keys a format knows.
"""

from __future__ import annotations

from collections.abc import Set

from .composer.words import number
from .draft import Place, Unsupported
from .values import Map, Value, outline_of

__all__ = ["cost_bps", "note_others", "take_flag"]

DEAREST = 10_000.0


def note_others(value: Map, known: Set[str], seen: Set[str], place: Place) -> None:
    """Remark on every key that is not read.

    Parameters
    ----------
    value : Map
    known : set of str
        Keys that are read.
    seen : set of str
        Keys that are only seen; everything else may have a meaning, and leaving it out is a loss.
    place : Place
        Gets the remarks. A key without a value says nothing and is not remarked.
    """
    for key, held in value.items():
        if key in known or _says_nothing(held):
            continue
        if key in seen:
            place.cosmetic(key)
        else:
            place.dropped(f"key {key[:40]!r}: not known here, it may have a meaning")


def take_flag(value: Map, key: str, *, default: bool) -> bool:
    """Take true or false; nothing is the default."""
    said = value.get(key)
    if said is None:
        return default
    if not isinstance(said, bool):
        raise Unsupported(f"{key} must be true or false, got {outline_of(said)}")
    return said


def cost_bps(value: Value, key: str, place: Place) -> float | None:
    """Take costs in 1/10,000 of what is traded, for the settings of a run; what is no such number is told."""
    try:
        cost = number(value, key)
    except Unsupported as error:
        place.unsupported(str(error))
        return None
    if not 0.0 <= cost <= DEAREST:
        place.unsupported(f"{key} must be from 0 to {DEAREST:g}, got {cost:g}")
        return None
    place.mapped(f"{key} is cost_bps of the settings")
    return cost


def _says_nothing(held: Value) -> bool:
    return held is None or (isinstance(held, (str, list, dict)) and not held)
