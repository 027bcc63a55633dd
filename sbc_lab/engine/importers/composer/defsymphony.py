"""Composer's forms: `(weight-equal [(asset "SPY" nil)])`, as text or as lists of JSON. Lists are read, never evaluated.

Lives here: one function per form. Does not live here: the header and bare forms (`formats`), and the notation as maps
(`steps`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...strategy import Asset, Condition, Constant, Expression, all_of, any_of, each
from ...strategy.terms import Each, Series
from ..draft import NOTHING, Block, Part, Place, Unsupported
from ..values import Form, Map, Value, Vector, outline_of
from .shared import Arm, chain, filtered, fixed, group_of, inverse_vol_of, one, share_of, side_of, weight_of
from .words import COMPARATORS, Terms, clean_text, number, parameters_of, ticker, whole

__all__ = ["FormReader", "head_of", "is_form", "keyed"]

HEADS = ("asset", "group", "weight-equal", "weight-specified", "weight-inverse-volatility", "if", "filter")


def head_of(value: Value) -> str | None:
    """Give the word that a form begins with."""
    if isinstance(value, Vector) and value and isinstance(value[0], str):
        return str(value[0]).lstrip(":")
    return None


def is_form(value: Value) -> bool:
    """Whether a list is one form; otherwise it is a list of forms."""
    return isinstance(value, Form) or head_of(value) is not None


def keyed(value: Value, what: str) -> Map:
    """Take a map whose keys may still wear the colon of a keyword, as in lists of JSON."""
    found = parameters_of(value, what)
    plain = Map((key.lstrip(":"), held) for key, held in found.items())
    if len(plain) < len(found):
        raise Unsupported(f"{what} say the same key with and without a colon")
    return plain


class FormReader:
    """Reads forms; expressions that come again are built once."""

    def __init__(self) -> None:
        self.terms = Terms()
        self.readers: Mapping[str, Callable[[list[Value], Place], Block]] = {
            "asset": self._asset,
            "group": self._group,
            "weight-equal": self._equal,
            "weight-specified": self._specified,
            "weight-inverse-volatility": self._inverse_vol,
            "if": self._if,
            "filter": self._filter,
        }

    def block(self, value: Value, place: Place) -> Block:
        """Take one form apart."""
        head = head_of(value)
        if head is None:
            raise Unsupported(f'a block is a form such as (asset "SPY" nil), got {outline_of(value)}')
        place.kind = head[:40]
        if head in {"weight-marketcap", "weight-market-cap"}:
            raise Unsupported("weights by market capitalisation were retired there too; use equal or specified weights")
        reader = self.readers.get(head)
        if reader is None:
            raise Unsupported(f"there is no form {head[:40]!r}; known are {', '.join(self.readers)}")
        return reader(list(value[1:]), place)

    def parts(self, values: list[Value], name: str = "") -> list[Part]:
        """List the forms among some arguments, in brackets or without."""
        found: list[Value] = []
        for value in values:
            if isinstance(value, Vector) and not is_form(value):
                found.extend(value)
            else:
                found.append(value)
        return [Part(f"{name}[{number}]", value, self.block) for number, value in enumerate(found)]

    def _asset(self, given: list[Value], place: Place) -> Block:
        if not 1 <= len(given) <= 2:
            raise Unsupported(f"an asset has a ticker and a name, got {len(given)} values")
        symbol = ticker(given[0], place)
        place.name = symbol[:40]
        title = clean_text(given[1], place, "name") if len(given) == 2 else ""
        return Block((), lambda _: Asset(symbol, title=title))

    def _group(self, given: list[Value], place: Place) -> Block:
        if not given or not isinstance(given[0], str):
            raise Unsupported(f"a group begins with its name, got {outline_of(given[0] if given else None)}")
        name = clean_text(given[0], place, "name")
        place.name = name
        return Block(self.parts(given[1:]), lambda nodes: group_of(name, nodes, place))

    def _equal(self, given: list[Value], place: Place) -> Block:
        return Block(self.parts(given), lambda nodes: weight_of(nodes, place))

    def _inverse_vol(self, given: list[Value], place: Place) -> Block:
        if not given or isinstance(given[0], Vector):
            raise Unsupported("weight-inverse-volatility begins with its window, such as 20")
        window = whole(given[0], "window")
        return Block(self.parts(given[1:]), lambda nodes: inverse_vol_of(nodes, place, window))

    def _specified(self, given: list[Value], place: Place) -> Block:
        if len(given) == 1 and isinstance(given[0], Vector) and not is_form(given[0]):
            given = list(given[0])
        if len(given) % 2:
            raise Unsupported(f"weight-specified takes pairs of a weight and a block, got {len(given)} values")
        parts = [Part(f"[{number}]", value, self.block) for number, value in enumerate(given[1::2])]
        written = [share_of(value, "weight") for value in given[::2]]
        return Block(parts, lambda nodes: fixed(nodes, written, parts, place))

    def _filter(self, given: list[Value], place: Place) -> Block:
        if len(given) < 2:
            raise Unsupported("a filter has a function, a selection such as (select-top 1), and blocks")
        by = self._function(given[0], place, each)
        head = head_of(given[1]) or ""
        if not head.startswith("select-") or len(given[1]) != 2:
            raise Unsupported(f"a selection is (select-top n) or (select-bottom n), got {outline_of(given[1])}")
        side = side_of(head.removeprefix("select-"))
        count = whole(given[1][1], head)
        return Block(self.parts(given[2:]), lambda nodes: filtered(nodes, place, side, count, by))

    def _if(self, given: list[Value], place: Place) -> Block:
        if len(given) != 3:
            raise Unsupported(
                f"an if has a condition, what is held then, and what is held otherwise; got {len(given)} of these 3"
            )
        inside = Part("condition", given[0], self.condition, NOTHING)
        then, otherwise = self.parts([given[1]], "then"), self.parts([given[2]], "else")
        count = len(then) + 1

        def make(found: list[Any]) -> Any:
            arms = (Arm(found[0], one(found[1:count], place)), Arm(None, one(found[count:], place)))
            return chain(arms, place)

        return Block([inside, *then, *otherwise], make)

    def condition(self, value: Value, place: Place) -> Block:
        """Take a condition apart."""
        place.kind = "condition"
        head = head_of(value)
        if head is None:
            raise Unsupported(f"a condition is a form such as (> a b), got {outline_of(value)}")
        place.name = head[:40]
        given = list(value[1:])
        if head in {"and", "or", "not"}:
            parts = [Part(f"[{number}]", inner, self.condition, NOTHING) for number, inner in enumerate(given)]
            return Block(parts, lambda conditions: _joined(head, conditions))
        if head not in COMPARATORS:
            raise Unsupported(f"a condition compares with > >= < <= or =, or joins by and, or, not; got {head[:40]!r}")
        if len(given) != 2:
            raise Unsupported(f"{head} compares two values, got {len(given)}")
        left, right = (self._side(side, place) for side in given)
        return Block((), lambda _: self.terms.compare(left, head, right, place))

    def _side(self, value: Value, place: Place) -> Expression:
        if isinstance(value, Vector):
            return self._function(value, place, None)
        return Constant(number(value, "a side of a comparison"))

    def _function(self, value: Value, place: Place, series: Each | None) -> Expression:
        """Read `(rsi "SPY" {:window 10})`, without the ticker when the series is given."""
        if not isinstance(value, Vector) or not value:
            raise Unsupported(f'a function is a form such as (rsi "SPY" {{:window 10}}), got {outline_of(value)}')
        name, given = value[0], list(value[1:])
        if isinstance(name, Vector) and len(name) == 2 and head_of(name) == "unimplemented":
            name = name[1]  # how its exporter marks functions it has no form for
        if isinstance(name, str):
            name = str(name).lstrip(":")
        source: Series | str | None = series
        if source is None:
            source = ticker(given.pop(0) if given else None, place)
        if len(given) > 1:
            raise Unsupported(f"{outline_of(name)} takes one map of parameters, got {len(given)} values")
        parameters = keyed(given[0] if given else None, f"the parameters of {outline_of(name)}")
        return self.terms.indicator(name, source, parameters, place)


def _joined(head: str, conditions: list[Condition]) -> Condition:
    if not conditions:
        raise Unsupported(f"{head} joins conditions, and there are none")
    if head == "not":
        if len(conditions) != 1:
            raise Unsupported(f"not takes one condition, got {len(conditions)}")
        return ~conditions[0]
    if len(conditions) == 1:
        return conditions[0]
    return all_of(*conditions) if head == "and" else any_of(*conditions)
