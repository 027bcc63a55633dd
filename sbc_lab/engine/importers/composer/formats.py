"""Composer's four ways to write a strategy: maps in JSON or EDN, forms in text or in lists of JSON.

Lives here: how each is told from the others, the header with name and rebalance rule, what is wrapped around, and what
a bare block becomes. Does not live here: blocks (`steps`, `defsymphony`).
"""

from __future__ import annotations

from typing import Any

from ...strategy import Node, Rebalance, Strategy, Weight
from ..draft import Draft, Part, Place, Unsupported, assemble
from ..formats import Document, Format, Reading
from ..values import Map, Value, Vector, outline_of
from .defsymphony import HEADS, FormReader, head_of, keyed
from .shared import EQUAL, one
from .steps import StepReader, note_keys
from .words import RULES, clean_text, corridor, number

__all__ = ["FORMATS"]

PROFILE = "composer"
WRAPPERS = ("symphony", "score")
"""Keys under which requests and answers carry a strategy."""
_REQUEST = frozenset({
    "uid", "capital", "client-commit", "apply-reg-fee?", "apply-taf-fee?", "symphony-benchmarks", "ticker-benchmarks",
    "start-date-in-epoch-days", "end-date-in-epoch-days", "start_date", "end_date", "apply_reg_fee", "apply_taf_fee",
    "broker", "benchmark_tickers", "benchmark_symphonies", "symphony_id",
})  # fmt: skip
_SLIPPAGE = ("slippage-percent", "slippage_percent")
_ROOT = frozenset({"step", "name", "description", "rebalance", "rebalance-corridor-width", "children", "weight"})
_OPTIONS = frozenset({"rebalance-frequency", "rebalance-threshold", "asset-class", "asset-classes"})


def _symphony(value: Value) -> tuple[Map, str] | None:
    """Find the map of the strategy, itself or under the key of a wrapper."""
    if not isinstance(value, Map):
        return None
    if isinstance(value.get("step"), str):
        return value, ""
    found = [key for key in WRAPPERS if isinstance(value.get(key), Map) and isinstance(value[key].get("step"), str)]
    return (value[found[0]], found[0]) if len(found) == 1 else None


def _fits_maps(syntax: str) -> Any:
    return lambda document: document.syntax == syntax and _symphony(document.value) is not None


def _fits_forms(syntax: str) -> Any:
    return lambda document: document.syntax == syntax and head_of(document.value) in {"defsymphony", *HEADS}


def _read_maps(document: Document, draft: Draft) -> Reading:
    found = _symphony(document.value)
    assert found is not None
    symphony, key = found
    settings: dict[str, Any] = {"profile": PROFILE}
    around = -1
    if key:
        around, settings = _wrapper(document.value, draft, settings)
    reader = StepReader()
    header = _Header(document)
    if symphony["step"] == "root":
        place = header.open(draft, symphony, around, key)
        header.of_map(symphony, place)
        root = header.whole(draft, place, lambda: reader.parts(symphony))
    else:
        root = header.fragment(draft, Part(key, symphony, reader.block), around)
    return Reading(header.strategy(root), settings)


def _wrapper(value: Map, draft: Draft, settings: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Read the request around a strategy: its costs are settings of a run."""
    place = draft.open(-1, "", value)
    place.kind = "request"
    for key, held in value.items():
        if key in _SLIPPAGE and held is not None:
            settings = {**settings, "cost_bps": _cost(held, key, place)}
        elif key in _REQUEST:
            place.cosmetic(f"{key}: a setting of the request, not of the strategy")
        elif key not in WRAPPERS and held is not None:
            place.dropped(f"key {key[:40]!r} beside the strategy: not known here")
    return place.number, {name: held for name, held in settings.items() if held is not None}


def _cost(held: Value, key: str, place: Place) -> float | None:
    try:
        cost = round(number(held, key) * 10_000, 9)
    except Unsupported as error:
        place.unsupported(str(error))
        return None
    place.mapped(f"{key} is cost_bps of the settings")
    return cost


def _read_forms(document: Document, draft: Draft) -> Reading:
    reader = FormReader()
    header = _Header(document)
    form = document.value
    if head_of(form) == "defsymphony":
        place = header.open(draft, form, -1, "")
        body = header.of_form(form, place)
        root = header.whole(draft, place, lambda: reader.parts(body))
    else:
        root = header.fragment(draft, Part("", form, reader.block), -1)
    return Reading(header.strategy(root), {"profile": PROFILE})


class _Header:
    """Name, description and rebalance rule of a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.name = ""
        self.description = ""
        self.rebalance = Rebalance()

    def open(self, draft: Draft, value: Value, around: int, step: str) -> Place:
        place = draft.open(around, step, value)
        self._note_text(place)
        return place

    def _note_text(self, place: Place) -> None:
        if self.document.wrappers:
            place.mapped("the document was a text in quotes")
        unclosed = self.document.unclosed
        if unclosed:
            listed = ", ".join(f"{one.mark} of line {one.line}, column {one.column}" for one in unclosed)
            place.repaired(
                f"{len(unclosed)} brackets are never closed, they were closed at the end of the text: {listed}"
            )

    def of_map(self, root: Map, place: Place) -> None:
        place.kind = "root"
        note_keys(root, _ROOT, place)
        self.name = clean_text(root.get("name"), place, "name")
        self.description = clean_text(root.get("description"), place, "description")
        self.rebalance = self._settled(root.get("rebalance"), root.get("rebalance-corridor-width"), place)
        place.name = self.name
        self._need_name(place)

    def of_form(self, form: Vector, place: Place) -> list[Value]:
        """Read the header of `defsymphony` and give its body."""
        place.kind = "defsymphony"
        body = list(form[1:])
        if body and (isinstance(body[0], str) or body[0] is None):
            self.name = clean_text(body.pop(0), place, "name")
        place.name = self.name
        options = Map()
        if body and isinstance(body[0], Map):
            options = keyed(body.pop(0), "the options of defsymphony")
        note_keys(options, _OPTIONS, place)
        rule, width = options.get("rebalance-frequency"), options.get("rebalance-threshold")
        if rule is None and width is not None:
            rule = "none"
        self.rebalance = self._settled(rule, width, place)
        self._need_name(place)
        return body

    def _need_name(self, place: Place) -> None:
        if not self.name.strip():
            self.name = self.document.source.name[:200] or "Imported"
            place.repaired(f"it has no name; called {self.name[:40]!r}")

    def _settled(self, rule: Value, width: Value, place: Place) -> Rebalance:
        try:
            return self._rule(rule.lstrip(":") if isinstance(rule, str) else rule, width, place)
        except Unsupported as error:
            place.unsupported(str(error))
            return Rebalance()

    @staticmethod
    def _rule(rule: Value, width: Value, place: Place) -> Rebalance:
        if rule is None and width is None:
            place.repaired("it says no rebalance rule; read as daily")
            return Rebalance()
        if rule is None or rule == "none":
            return Rebalance("none") if width is None else corridor(width, place, "the width of the corridor")
        if rule not in RULES or not isinstance(rule, str):
            raise Unsupported(f"the rebalance rule is one of {', '.join(RULES)}, got {outline_of(rule)}")
        if width is not None:
            place.cosmetic(f"the width of the corridor, which is only read with the rule none and not with {rule}")
        return Rebalance(rule)  # type: ignore[arg-type]  # RULES are rules of the language

    def whole(self, draft: Draft, place: Place, parts: Any) -> Node:
        """Build the tree below a header."""
        try:
            inside = list(parts())
        except Unsupported as error:
            place.unsupported(str(error))
            inside = []
        nodes = [assemble(draft, part, place.number) for part in inside]
        return one(nodes, place)

    def fragment(self, draft: Draft, part: Part, around: int) -> Node:
        """Build a bare block: it has no header, and a whole strategy there begins with a weight."""
        first = len(draft.places)
        node: Node = assemble(draft, part, around)
        place = draft.places[first]
        self._note_text(place)
        self.name = place.name if place.name.strip() else self.document.source.name[:200] or "Imported"
        place.repaired(f"a bare block, no whole strategy: called {self.name[:40]!r}, rebalanced daily")
        if not isinstance(node, Weight):
            place.mapped("a whole strategy begins with a weight: put into an equal weight of one")
            node = Weight(EQUAL, (node,))
        return node

    def strategy(self, root: Node) -> Strategy:
        return Strategy(self.name, root, rebalance=self.rebalance, description=self.description)


FORMATS = (
    Format(
        "composer-json",
        'a JSON object with "step", bare or under "symphony" or "score"',
        _fits_maps("json"),
        _read_maps,
    ),
    Format("composer-edn", "an EDN map with :step, bare or under :symphony or :score", _fits_maps("edn"), _read_maps),
    Format("defsymphony", "a form (defsymphony …) or a bare one such as (if …)", _fits_forms("edn"), _read_forms),
    Format("defsymphony-json", 'a JSON list ["defsymphony", …]', _fits_forms("json"), _read_forms),
)
