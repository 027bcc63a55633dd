"""The blocks of native documents: every one is a map with a `kind`, its fields, and children in named slots.

Lives here: one function per kind. Does not live here: sharing, conditions, and what is wrapped around (`formats`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...strategy import Asset, Blend, Call, Cash, Filter, If, Latch, Node, Switch, Weight, Weighting, each
from .._keys import note_others
from ..composer.words import clean_text, exact, whole
from ..draft import Block, Part, Place, Unsupported
from ..values import Map, Value, Vector, outline_of
from .conditions import LineReader, OwnIndicator, joined
from .counting import item_parts, number_of, or_told, rule_of
from .sharing import sharing_of, slot_node
from .words import DEFAULT_TITLES, indicator_of, is_empty, metric_of, needs_window, series_of, symbol_of, window_of

__all__ = ["KINDS", "BlockReader"]

KINDS = ("position", "basic", "function", "indicator", "numbered", "altExit", "scaling", "call", "rolling")
_SEEN = frozenset({"id", "comment", "comments", "conditionLogic", "entryConditionLogic", "exitConditionLogic"})
_FORGE = frozenset({"positionMode", "positionTickerListId", "positionTickerListName", "rollingWindow", "rankBy"})
_LOOK = frozenset({"kind", "title", "bgColor", "collapsed", "children"})
_SHARING = frozenset(
    f"{key}{branch}"
    for key in ("weighting", "volWindow", "minCap", "maxCap", "cappedFallback")
    for branch in ("", "Then", "Else")
)
_RANK = frozenset({"metric", "window", "bottom", "rank"})
_SCALE = frozenset({"scaleMetric", "scaleWindow", "scaleTicker", "scaleFrom", "scaleTo"})
_LEAVES = ("position", "call")
_LONGEST_COLOR = 100


class BlockReader:
    """Reads the blocks of one document.

    Parameters
    ----------
    chains : mapping of str
        The name by which each call chain of the document is called, by its id.
    own_indicator : callable
        Gives what a formula of the document computes.
    """

    def __init__(self, chains: Mapping[str, str], own_indicator: OwnIndicator) -> None:
        self.chains = chains
        self.lines = LineReader(own_indicator)
        self.readers: Mapping[str, Callable[[Map, Place], Block]] = {
            "position": self._position,
            "basic": self._basic,
            "function": self._function,
            "indicator": self._indicator,
            "numbered": self._numbered,
            "altExit": self._alt_exit,
            "scaling": self._scaling,
            "call": self._call,
        }

    def block(self, value: Value, place: Place) -> Block:
        """Take one block apart."""
        if not isinstance(value, Map) or not isinstance(value.get("kind"), str):
            raise Unsupported(f"a block is a map with a kind, got {outline_of(value)}")
        kind = str(value["kind"])
        place.kind = kind[:40]
        if kind == "rolling":
            raise Unsupported(
                "a rolling block marks a search and holds nothing when it is run there; put a block in it"
            )
        reader = self.readers.get(kind)
        if reader is None:
            raise Unsupported(f"there is no kind {kind[:40]!r}; known are {', '.join(self.readers)}")
        title = clean_text(value.get("title"), place, "title")
        place.name = title
        block = reader(value, place)
        look = self._look(value, title, place)
        return Block(block.parts, lambda found: _dressed(block.make(found), look))

    @staticmethod
    def _look(value: Map, title: str, place: Place) -> dict[str, Any]:
        look: dict[str, Any] = {}
        if title and title not in DEFAULT_TITLES:
            look["title"] = title
        color = clean_text(value.get("bgColor"), place, "bgColor")[:_LONGEST_COLOR]
        if color:
            look["color"] = color
        if value.get("collapsed") is True:
            look["folded"] = True
        return look

    def _note(self, value: Map, known: frozenset[str], place: Place) -> None:
        # A child of fixed weights carries its weight under the name of a window.
        read = known | _LOOK | {"window"} | (_SHARING if value["kind"] not in _LEAVES else frozenset())
        seen = _SEEN | (_SHARING if value["kind"] in _LEAVES else frozenset())
        note_others(value, read | _FORGE, seen, place)
        if value.get("positionMode") not in (None, "manual") or value.get("positionTickerListId"):
            place.dropped("a list of tickers to search over; the tickers that are written count")

    def _slot(self, value: Map, slot: str) -> list[Part]:
        """List what stands in a slot; empty places are left out."""
        children = value.get("children")
        if children is None:
            return []
        if not isinstance(children, Map):
            raise Unsupported(f"children must be a map of slots, got {outline_of(children)}")
        listed = children.get(slot)
        if listed is None:
            return []
        if not isinstance(listed, Vector):
            raise Unsupported(f"the slot {slot} must be a list, got {outline_of(listed)}")
        return [
            Part(f"children.{slot}[{at}]", child, self.block) for at, child in enumerate(listed) if child is not None
        ]

    def _unread(self, value: Map, read: Sequence[str], place: Place) -> None:
        """Remark on slots that hold something and are never evaluated."""
        children = value.get("children")
        for slot, held in children.items() if isinstance(children, Map) else ():
            if slot not in read and isinstance(held, Vector) and any(child is not None for child in held):
                place.dropped(f"the slot {slot[:20]!r}, which a block of this kind never evaluates there")

    def _position(self, value: Map, place: Place) -> Block:
        self._note(value, frozenset({"positions"}), place)
        self._unread(value, (), place)
        listed = value.get("positions")
        if not isinstance(listed, Vector):
            raise Unsupported(f"positions must be a list of tickers, got {outline_of(listed)}")
        symbols = [symbol_of(one, place, "ticker") for one in listed if not is_empty(one)]
        if len(symbols) < len(listed) and symbols:
            place.mapped("empty places beside tickers hold nothing and are left out")
        place.name = place.name if place.name and place.name not in DEFAULT_TITLES else ", ".join(symbols)[:40]
        if not symbols:
            return Block((), lambda _: Cash())
        if len(symbols) == 1:
            return Block((), lambda _: Asset(symbols[0]))
        place.mapped("several tickers: equal weights")
        return Block((), lambda _: Weight(Weighting("equal"), tuple(Asset(symbol) for symbol in symbols)))

    def _basic(self, value: Map, place: Place) -> Block:
        self._note(value, frozenset(), place)
        self._unread(value, ("next",), place)
        parts, sharing = self._slot(value, "next"), sharing_of(value, "", place)
        return Block(parts, lambda nodes: slot_node(nodes, parts, sharing, place, box=True))

    def _function(self, value: Map, place: Place) -> Block:
        self._note(value, _RANK, place)
        self._unread(value, ("next",), place)
        metric = metric_of(or_told(value, "metric", "Relative Strength Index", place), place, "metric")
        window = window_of(value, "window", place, needed=needs_window(metric), default=10)
        rank = or_told(value, "rank", "Bottom", place)
        if not isinstance(rank, str) or rank.lower() not in ("top", "bottom"):
            raise Unsupported(f"rank is Top or Bottom, got {outline_of(rank)}")
        count = max(1, whole(or_told(value, "bottom", 1, place), "bottom"))
        by = indicator_of(metric, each, window)
        parts, sharing = self._slot(value, "next"), sharing_of(value, "", place)
        if sharing.mode == "defined":
            raise Unsupported("a filter with defined weights: there they belong to children, here to ranks")
        if not parts:
            return Block((), lambda _: Cash())
        return Block(
            parts,
            lambda nodes: Filter(rank.lower(), count, by, sharing.weighting(), tuple(nodes)),  # type: ignore[arg-type]  # top or bottom
        )

    def _arms(self, value: Map, place: Place) -> tuple[list[Part], Callable[[Sequence[Any]], list[Node]]]:
        """Take the two branches apart; the function makes their two nodes of all finished children."""
        then, otherwise = self._slot(value, "then"), self._slot(value, "else")
        sharings = sharing_of(value, "Then", place), sharing_of(value, "Else", place)

        def made(found: Sequence[Any]) -> list[Node]:
            return [
                slot_node(found[: len(then)], then, sharings[0], place, box=False),
                slot_node(found[len(then) :], otherwise, sharings[1], place, box=False),
            ]

        return [*then, *otherwise], made

    def _indicator(self, value: Map, place: Place) -> Block:
        self._note(value, frozenset({"conditions"}), place)
        self._unread(value, ("then", "else"), place)
        lines = self.lines.parts(value, "conditions", {"then": "then", "else": "otherwise"}, place)
        arms, made = self._arms(value, place)
        count = len(lines)
        return Block([*lines, *arms], lambda found: If(joined(found[:count]), *made(found[count:])))

    def _alt_exit(self, value: Map, place: Place) -> Block:
        self._note(value, frozenset({"entryConditions", "exitConditions", "conditions"}), place)
        self._unread(value, ("then", "else"), place)
        branches = {"then": "on", "else": "off"}
        key = "entryConditions"
        if value.get(key) is None and value.get("conditions") is not None:
            key = "conditions"
            place.repaired("conditions of an older document are those to enter")
        elif value.get("conditions"):
            place.cosmetic("conditions, which a block with entryConditions does not read")
        enter = self.lines.parts(value, key, branches, place)
        leave = self.lines.parts(value, "exitConditions", branches, place)
        arms, made = self._arms(value, place)
        first, second = len(enter), len(enter) + len(leave)
        return Block(
            [*enter, *leave, *arms],
            lambda found: Latch(joined(found[:first]), joined(found[first:second]), *made(found[second:])),
        )

    def _scaling(self, value: Map, place: Place) -> Block:
        self._note(value, _SCALE, place)
        self._unread(value, ("then", "else"), place)
        metric = metric_of(or_told(value, "scaleMetric", "Relative Strength Index", place), place, "metric")
        window = window_of(value, "scaleWindow", place, needed=needs_window(metric))
        ticker = or_told(value, "scaleTicker", "SPY", place)
        series = series_of(ticker, {"then": "from", "else": "to"}, place, "scaleTicker")
        begin, end = (
            exact(or_told(value, key, default, place), key) * (100 if metric.percent else 1)
            for key, default in (("scaleFrom", 30), ("scaleTo", 70))
        )
        if metric.percent:
            place.mapped("its limits are fractions there and percent points here")
        arms, made = self._arms(value, place)
        by = indicator_of(metric, series, window)
        return Block(arms, lambda found: Blend(by, float(begin), float(end), *made(found)))

    def _call(self, value: Map, place: Place) -> Block:
        self._note(value, frozenset({"callRefId"}), place)
        self._unread(value, (), place)
        reference = value.get("callRefId")
        if not isinstance(reference, str) or not reference.strip():
            raise Unsupported(f"callRefId must name a call chain, got {outline_of(reference)}")
        name = self.chains.get(reference)
        if name is None:
            place.mapped(f"the chain {reference[:40]!r} is not in this document; it is called by that name")
            name = str(reference)
        place.name = name[:40]
        return Block((), lambda _: Call(name))

    def _numbered(self, value: Map, place: Place) -> Block:
        self._note(value, frozenset({"numbered"}), place)
        told = value.get("numbered")
        if not isinstance(told, Map):
            raise Unsupported(f"numbered must be a map with quantifier and items, got {outline_of(told)}")
        rule = rule_of(told, place)
        branches = {} if rule == "ladder" else {"then": "then", "else": "otherwise"}
        items = item_parts(told, self.lines, branches)
        count = len(items)
        if rule == "ladder":
            return self._ladder(value, items, place)
        self._unread(value, ("then", "else"), place)
        number = number_of(told, rule, count, place)
        arms, made = self._arms(value, place)
        return Block(
            [*items, *arms],
            lambda found: Switch(rule, tuple(found[:count]), tuple(made(found[count:])), number),  # type: ignore[arg-type]  # one of the rules
        )

    def _ladder(self, value: Map, items: list[Part], place: Place) -> Block:
        count = len(items)
        slots = [f"ladder-{number}" for number in range(count + 1)]
        self._unread(value, slots, place)
        sharing = sharing_of(value, "Then", place)
        rungs = [self._slot(value, slot) for slot in slots]

        def made(found: Sequence[Any]) -> Node:
            cases, at = [], count
            for parts in rungs:
                cases.append(slot_node(found[at : at + len(parts)], parts, sharing, place, box=False))
                at += len(parts)
            return Switch("ladder", tuple(found[:count]), tuple(cases))

        return Block([*items, *(part for parts in rungs for part in parts)], made)


def _dressed(node: Any, look: Mapping[str, Any]) -> Any:
    return node.replaced(**look) if look and isinstance(node, Node) else node
