"""The documents of this lab itself, so that one `load` reads whatever a person has.

Does not live here: how they are read, which is `wire` of the language.
"""

from __future__ import annotations

from ..strategy import Strategy, dumps, from_wire
from ..strategy.wire import FORMAT
from .draft import Draft
from .exporting import Target
from .formats import Document, Format, Reading
from .values import Map

__all__ = ["FORMATS", "TARGETS"]


def _fits(document: Document) -> bool:
    return isinstance(document.value, Map) and document.value.get("format") == FORMAT


def _read(document: Document, draft: Draft) -> Reading:
    strategy = from_wire(document.value, most_nodes=document.limits.blocks)
    place = draft.open(-1, "", document.value)
    place.kind, place.name = "strategy", strategy.name
    return Reading(strategy)


def _write(strategy: Strategy, draft: Draft, _approximate: bool) -> str:
    place = draft.open(-1, "", strategy)
    place.kind, place.name = "strategy", strategy.name
    return dumps(strategy)


FORMATS = (Format("sbc_lab", f'a JSON object with "format": "{FORMAT}"', _fits, _read),)
TARGETS = (Target("sbc_lab", _write),)
