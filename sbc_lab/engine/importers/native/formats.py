"""Native documents: a bare tree, or a saved bot with its tree, call chains, formulas and settings around it.

Lives here: how they are told from others, what is wrapped around a tree, and its chains. Does not live here: blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....errors import SbcError
from ...strategy import Call, Cash, Node, Strategy, expand, walk
from .._keys import cost_bps, note_others
from ..composer.words import clean_text
from ..draft import Draft, Part, Place, assemble
from ..formats import Document, Format, Reading
from ..values import Map, Value, Vector, outline_of
from .blocks import KINDS, BlockReader
from .formulas import FormulaBook

__all__ = ["EXECUTIONS", "FORMATS"]

EXECUTIONS = {"CC": "close", "OO": "next_open", "OC": "open_to_close", "CO": "close_to_open"}
"""What the four modes of a backtest are called here."""
_TREE = "payload"
_AROUND = frozenset({"payload", "name", "callChains", "customIndicators", "backtestMode", "backtestCostBps"})
_SEEN = frozenset({
    "id", "builderId", "builderDisplayName", "visibility", "createdAt", "updatedAt", "tags", "fundSlot",
    "backtestResult", "ownerId", "owner", "version", "exportedAt",
})  # fmt: skip


def _is_tree(value: Value) -> bool:
    return isinstance(value, Map) and isinstance(value.get("kind"), str) and value["kind"] in KINDS


def _fits(document: Document) -> bool:
    value = document.value
    return document.syntax == "json" and isinstance(value, Map) and (_is_tree(value) or _is_tree(value.get(_TREE)))


def _read(document: Document, draft: Draft) -> Reading:
    value = document.value
    if _is_tree(value):
        return _NativeDocument(document, draft).bare(value)
    return _NativeDocument(document, draft).saved(value)


class _NativeDocument:
    """One document while it is read."""

    def __init__(self, document: Document, draft: Draft) -> None:
        self.document = document
        self.draft = draft
        self.formulas = FormulaBook()

    def bare(self, tree: Map) -> Reading:
        """Read a tree with nothing around it; some exports put chains and formulas into the root."""
        place = self._open(tree)
        place.kind = "document"
        name = self.document.source.name[:200] or clean_text(tree.get("title"), place, "title") or "Imported"
        place.mapped(f"a bare tree has no name; called {name[:40]!r}")
        return self._reading(name, tree, Part("", _without(tree), self._nothing), tree, place, {})

    def saved(self, around: Map) -> Reading:
        """Read a saved bot."""
        place = self._open(around)
        place.kind = "bot"
        note_others(around, _AROUND, _SEEN, place)
        name = clean_text(around.get("name"), place, "name")
        if not name.strip():
            name = self.document.source.name[:200] or "Imported"
            place.repaired(f"it has no name; called {name[:40]!r}")
        place.name = name
        part = Part(_TREE, _without(around[_TREE]), self._nothing)
        return self._reading(name, around[_TREE], part, around, place, _settings(around, place))

    @staticmethod
    def _nothing(_value: Value, _place: Place) -> Any:
        raise AssertionError("the reader is put in once the chains are known")

    def _open(self, value: Map) -> Place:
        place = self.draft.open(-1, "", value)
        if self.document.wrappers:
            place.mapped("the document was a text in quotes")
        return place

    def _reading(
        self, name: str, tree: Map, part: Part, around: Map, place: Place, settings: Mapping[str, Any]
    ) -> Reading:
        holders = (around,) if around is tree else (around, tree)
        for holder in holders:
            self.formulas.add(holder.get("customIndicators"), place)
        chains = [chain for holder in holders for chain in _chains(holder, place)]
        names = _chain_names(chains, place)
        reader = BlockReader(names, self.formulas.expression)
        part.read = reader.block
        root: Node = assemble(self.draft, part, place.number)
        bots: dict[str, Strategy] = {}
        for at, chain in enumerate(chains):
            called = names.get(chain["id"])
            if called is not None and called not in bots:
                inner: Node = assemble(
                    self.draft, Part(f"callChains[{at}].root", chain.get("root"), reader.block), place.number
                )
                bots[called] = Strategy(called, inner)
        strategy = Strategy(name, root)
        _refuse_circles(strategy, bots, place)
        return Reading(strategy, settings, bots)


def _without(tree: Map) -> Map:
    """Take out of a tree what is read beside it."""
    if not tree.keys() & {"callChains", "customIndicators"}:
        return tree
    rest = Map((key, held) for key, held in tree.items() if key not in ("callChains", "customIndicators"))
    rest.at = tree.at
    return rest


def _chains(holder: Map, place: Place) -> list[Map]:
    listed = holder.get("callChains")
    if listed is None:
        return []
    if not isinstance(listed, Vector):
        place.unsupported(f"callChains must be a list, got {outline_of(listed)}")
        return []
    found = [one for one in listed if isinstance(one, Map) and isinstance(one.get("id"), str)]
    if len(found) < len(listed):
        place.dropped("a call chain without id; nothing can call it")
    return found


def _chain_names(chains: list[Map], place: Place) -> dict[str, str]:
    """Give every chain the name by which it is called: its own when no other has it, else its id."""
    titles = [clean_text(chain.get("name"), place, "name of a call chain").strip() for chain in chains]
    names: dict[str, str] = {}
    for chain, title in zip(chains, titles, strict=True):
        key = str(chain["id"])
        if key in names:
            place.dropped(f"a second call chain with the id {key[:40]!r}")
            continue
        names[key] = title if title and titles.count(title) == 1 else key
        if not names[key].strip():
            place.dropped("a call chain with neither name nor id; nothing can call it")
            del names[key]
    if names:
        place.mapped(f"{len(names)} call chains are strategies of their own, in .bots of the import")
    return names


def _refuse_circles(strategy: Strategy, bots: Mapping[str, Strategy], place: Place) -> None:
    """Try to put the chains in: chains that call each other in a circle mean nothing."""
    if not bots:
        return
    # A chain of another document is remarked where it is called; here anything stands in for it.
    trees = (strategy, *bots.values())
    stand_ins = {
        term.bot: Strategy(term.bot, Cash()) for tree in trees for term in walk(tree) if isinstance(term, Call)
    }
    try:
        expand(strategy, {**stand_ins, **bots})
    except SbcError as error:
        place.unsupported(str(error))


def _settings(around: Map, place: Place) -> dict[str, Any]:
    """Take what belongs to a run and not to the tree."""
    found: dict[str, Any] = {}
    mode = around.get("backtestMode")
    if mode is not None:
        if isinstance(mode, str) and mode in EXECUTIONS:
            found["execution"] = EXECUTIONS[mode]
            place.mapped("backtestMode is execution of the settings")
        else:
            place.unsupported(f"backtestMode is one of {', '.join(EXECUTIONS)}, got {outline_of(mode)}")
    if around.get("backtestCostBps") is not None:
        cost = cost_bps(around["backtestCostBps"], "backtestCostBps", place)
        if cost is not None:
            found["cost_bps"] = cost
    return found


FORMATS = (
    Format("native", 'a JSON object with "kind" and "children", bare or under "payload" of a saved bot', _fits, _read),
)
