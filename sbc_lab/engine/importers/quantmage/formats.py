"""The documents of QuantMage: a spell with its header, or a bare incantation.

Lives here: how they are told from others, name, rebalance rule and settings. Does not live here: incantations.
"""

from __future__ import annotations

from typing import Any

from ...strategy import Node, Rebalance, Strategy, threshold
from .._keys import cost_bps, note_others
from ..composer.words import clean_text, exact
from ..draft import Draft, Part, Place, Unsupported, assemble
from ..formats import Document, Format, Reading
from ..values import Map, Value, outline_of
from .incantations import SpellReader

__all__ = ["FORMATS", "PROFILE", "RULES"]

PROFILE = "quantmage"
RULES = {"Daily": "daily", "Weekly": "weekly", "Monthly": "monthly", "Quarterly": "quarterly", "Yearly": "yearly"}
"""Words for the rules without a number; the one with a number is Threshold."""
_KNOWN = frozenset({"name", "description", "incantation", "trading_type", "threshold", "slippage_bps"})
_SEEN = frozenset({"version", "id", "benchmark_spell", "author", "created_at", "updated_at", "tags"})


def _is_spell(value: Value) -> bool:
    return isinstance(value, Map) and (
        isinstance(value.get("incantation_type"), str)
        or (isinstance(value.get("incantation"), Map) and isinstance(value["incantation"].get("incantation_type"), str))
    )


def _fits(document: Document) -> bool:
    return document.syntax == "json" and _is_spell(document.value)


def _read(document: Document, draft: Draft) -> Reading:
    spell = document.value
    reader = SpellReader()
    if "incantation" not in spell:
        return _fragment(document, draft, Part("", spell, reader.incantation))
    place = draft.open(-1, "", spell)
    place.kind = "spell"
    if document.wrappers:
        place.mapped("the document was a text in quotes")
    note_others(spell, _KNOWN | {"benchmark_ticker"}, _SEEN, place)
    name = clean_text(spell.get("name"), place, "name")
    description = clean_text(spell.get("description"), place, "description")
    place.name = name
    if not name.strip():
        name = document.source.name[:200] or "Imported"
        place.repaired(f"it has no name; called {name[:40]!r}")
    settings = {"profile": PROFILE, **_settings(spell, place)}
    rule = _settled(spell, place)
    root: Node = assemble(draft, reader.part(spell, "incantation"), place.number)
    return Reading(Strategy(name, root, rebalance=rule, description=description), settings)


def _fragment(document: Document, draft: Draft, part: Part) -> Reading:
    node: Node = assemble(draft, part)
    name = node.title.strip() or document.source.name[:200] or "Imported"
    draft.places[0].repaired(f"a bare incantation, no whole spell: called {name[:40]!r}, rebalanced daily")
    return Reading(Strategy(name, node), {"profile": PROFILE})


def _settings(spell: Map, place: Place) -> dict[str, Any]:
    """Take what belongs to a run and not to the tree."""
    found: dict[str, Any] = {}
    if spell.get("slippage_bps") is not None:
        cost = cost_bps(spell["slippage_bps"], "slippage_bps", place)
        if cost is not None:
            found["cost_bps"] = cost
    if spell.get("benchmark_ticker"):
        place.cosmetic("benchmark_ticker: what results are shown beside")
    return found


def _settled(spell: Map, place: Place) -> Rebalance:
    try:
        return _rule(spell, place)
    except Unsupported as error:
        place.unsupported(str(error))
        return Rebalance()


def _rule(spell: Map, place: Place) -> Rebalance:
    said = spell.get("trading_type")
    if said is None:
        place.repaired("it says no trading_type; read as daily")
        return Rebalance()
    words = {word.lower(): rule for word, rule in RULES.items()}
    if isinstance(said, str) and said.lower() in words:
        if spell.get("threshold"):
            place.cosmetic(f"threshold, which is not read with trading_type {said}")
        return Rebalance(words[said.lower()])  # type: ignore[arg-type]  # RULES are rules of the language
    if isinstance(said, str) and said.lower() == "threshold":
        width = exact(spell.get("threshold"), "threshold")
        if not 0 <= width <= 100:
            raise Unsupported(f"threshold must be from 0 to 100 percent, got {float(width):g}")
        place.mapped(f"threshold {float(width):g} is {float(width):g} percent")
        return threshold(float(width / 100))
    raise Unsupported(f"trading_type is one of {', '.join((*RULES, 'Threshold'))}, got {outline_of(said)}")


FORMATS = (Format("quantmage", 'a JSON object with "incantation" or "incantation_type"', _fits, _read),)
