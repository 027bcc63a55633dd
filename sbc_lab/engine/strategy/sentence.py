"""A term as the sentence that a researcher would type, cut where a reader would stop. For errors, traces and trees.

`fragments` says one level; `sentence` walks it with a stack and a limit; `code` walks the same levels without one, so
both speak one grammar: what `sentence` says in full evaluates to the same object, but for titles, colours and folding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ._intern import Axis, Term
from .calculations import Function, Named, Rolling
from .conditions import All, Any, AtLeast, Comparison, DateRange, Month, Not, OnOrAfter
from .nodes import Asset, Blend, Call, Cash, Filter, Group, If, Latch, Switch, Weight, Weighting
from .strategy import Rebalance, Strategy
from .terms import Arithmetic, Branch, Constant, Each, Indicator, Lag, Nav, Percentile, Ratio, Ticker

Fragment = str | Term | Axis
LIMIT = 300
LONGEST_CHAIN = 8
"""More operands than this are written as all_of(…): Python's parser nests a chain of & once for each."""

# How tightly each operator binds in Python: an inner one that binds less, or equally on the right, gets parentheses.
_COMPARE, _OR, _AND, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = 0, 1, 2, 3, 4, 5, 6, 9


def sentence(term: Term, *, limit: int = LIMIT) -> str:
    """Say a term in one line of at most `limit` characters."""
    out: list[str] = []
    length = 0
    stack: list[Fragment] = [term]
    while stack:
        item = stack.pop()
        if not isinstance(item, Term):
            word = item if isinstance(item, str) else item.name
            out.append(word)
            length += len(word)
            if length > limit:
                return "".join(out)[: limit - 1] + "…"
        else:
            stack.extend(reversed(fragments(item)))
    return "".join(out)


def fragments(term: Term) -> list[Fragment]:
    """Say one level of a term: texts in Python's grammar, with the inner terms left as they are."""
    maker = _MAKERS.get(type(term))
    return maker(term) if maker else [type(term).__name__]


def number(value: float | Axis) -> str | Axis:
    """Write a number as Python reads it back, whole ones without a point; an axis is left as it is."""
    if isinstance(value, Axis):
        return value
    return repr(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else repr(value)


def _tightness(term: Term) -> int:
    if isinstance(term, (All, Any)):
        return (_AND if isinstance(term, All) else _OR) if _chained(term) else _ATOM
    if isinstance(term, Comparison):
        return _COMPARE if term.op in _INFIX and term.days == 1 else _ATOM
    if isinstance(term, Not):
        return _ATOM if isinstance(term.condition, Not) else _SIGN
    if isinstance(term, Arithmetic):
        return _SUM if term.op in ("+", "-") else _PRODUCT
    if isinstance(term, Function):
        return {"mod": _PRODUCT, "pow": _POWER}.get(term.name, _ATOM)
    if isinstance(term, Constant):
        return _ATOM if isinstance(term.value, Axis) or term.value >= 0 else _SIGN
    return _ATOM


_INFIX = {">", ">=", "<", "<="}


def _chained(term: All | Any) -> bool:
    # `a & b` flattens what is written inside, so a single or a nested member of the same sort must be spelled out.
    members = term.conditions
    return 2 <= len(members) <= LONGEST_CHAIN and not any(type(member) is type(term) for member in members)


def _wrap(term: Term, above: int) -> list[Fragment]:
    return [term] if _tightness(term) > above else ["(", term, ")"]


def _series(series: Term) -> list[Fragment]:
    if isinstance(series, Ticker):
        return [repr(series.symbol)]
    if isinstance(series, Ratio):
        return [repr(f"{series.above}/{series.below}")]
    return [series.node] if isinstance(series, Nav) and not isinstance(series.node, Asset) else [series]


def _indicator(term: Indicator) -> list[Fragment]:
    out: list[Fragment] = [f"{term.name}(", *_series(term.series)]
    for name, value in term.parameters:
        out += [", " if name == "window" else f", {name}=", number(value)]
    return [*out, ")"]


def _operand(term: Term, above: int) -> list[Fragment]:
    # Two plain numbers side by side would be settled by Python on the spot.
    return ["constant(", number(term.value), ")"] if isinstance(term, Constant) else _wrap(term, above)


def _comparison(term: Comparison) -> list[Fragment]:
    left = _operand(term.left, _COMPARE)
    right: list[Fragment] = (
        [number(term.right.value)] if isinstance(term.right, Constant) else _wrap(term.right, _COMPARE)
    )
    if term.op in _INFIX:
        said: list[Fragment] = [*left, f" {term.op} ", *right]
        return said if term.days == 1 else ["(", *said, ").for_days(", number(term.days), ")"]
    said = [f"{term.op}(", *left, ", ", *right, ")"]
    return said if term.days == 1 else [*said, ".for_days(", number(term.days), ")"]


def _joined(term: All | Any) -> list[Fragment]:
    sign, above, word = (" & ", _AND, "all_of") if isinstance(term, All) else (" | ", _OR, "any_of")
    if not _chained(term):
        return [f"{word}(", *_list(term.conditions), ")"]
    out: list[Fragment] = []
    for position, member in enumerate(term.conditions):
        out += [sign] * (position > 0) + _wrap(member, above)
    return out


def _not(term: Not) -> list[Fragment]:
    # Python's ~ takes a ~ away instead of adding one.
    return ["Not(", term.condition, ")"] if isinstance(term.condition, Not) else ["~", *_wrap(term.condition, _PRODUCT)]


def _arithmetic(term: Arithmetic) -> list[Fragment]:
    own = _SUM if term.op in ("+", "-") else _PRODUCT
    both = isinstance(term.left, Constant) and isinstance(term.right, Constant)
    left = _operand(term.left, own - 1) if both else _wrap(term.left, own - 1)
    return [*left, f" {term.op} ", *_wrap(term.right, own)]


_CALLED = {"min": "smaller", "max": "larger"}


def _function(term: Function) -> list[Fragment]:
    if term.name in ("abs", "round"):
        # Python's own function would settle a plain number on the spot.
        return [f"{term.name}(", *_operand(term.of[0], _COMPARE - 1), ")"]
    if term.name not in ("mod", "pow"):
        return [f"{_CALLED.get(term.name, term.name)}(", *_list(term.of), ")"]
    left, right = term.of
    both = isinstance(left, Constant) and isinstance(right, Constant)
    # A chain of % is read from the left, one of ** from the right; there every inner power is put in brackets.
    own, sign = (_PRODUCT, " % ") if term.name == "mod" else (_POWER, " ** ")
    above = own - 1 if term.name == "mod" else own
    return [*(_operand(left, above) if both else _wrap(left, above)), sign, *_wrap(right, own)]


def _list(terms: Iterable[Term]) -> Iterator[Fragment]:
    for position, term in enumerate(terms):
        if position:
            yield ", "
        yield term


def _weighting_words(weighting: Weighting) -> list[Fragment]:
    out: list[Fragment] = []
    if weighting.window is not None:
        out += [", window=", number(weighting.window)]
    if weighting.floor > 0.0:
        out += [", floor=", number(weighting.floor)]
    if weighting.cap < 1.0:
        out += [", cap=", number(weighting.cap)]
    if weighting.fallback is not None:
        out += [", fallback=", weighting.fallback]
    return out


def _weighting(term: Weighting) -> list[Fragment]:
    shares = f", shares=({', '.join(str(number(share)) for share in term.shares)},)" if term.shares else ""
    return [f"Weighting({term.mode!r}{shares}", *_weighting_words(term), ")"]


def _weight(term: Weight) -> list[Fragment]:
    if term.weighting.mode != "fixed":
        return [f"{term.weighting.mode}(", *_list(term.members), *_weighting_words(term.weighting), ")"]
    out: list[Fragment] = ["weighted("]
    for position, (member, share) in enumerate(zip(term.members, term.weighting.shares, strict=True)):
        out += [", (" if position else "(", member, ", ", number(share), ")"]
    return [*out, *_weighting_words(term.weighting), ")"]


def _if(term: If) -> list[Fragment]:
    return ["when(", term.condition, ").then(", term.then, ").otherwise(", term.otherwise, ")"]


def _filter(term: Filter) -> list[Fragment]:
    out: list[Fragment] = [f"{term.side}(", *_list(term.members), ", n=", number(term.count), ", by=", term.by]
    if term.weighting is not Weighting("equal"):
        out += [", weighting=", term.weighting]
    return [*out, ")"]


def _switch(term: Switch) -> list[Fragment]:
    count = "" if term.count is None else f", count={term.count}"
    return ["switch([", *_list(term.conditions), "], [", *_list(term.cases), f"], rule={term.rule!r}{count})"]


def _blend(term: Blend) -> list[Fragment]:
    levels = (", begin=", number(term.begin), ", end=", number(term.end), ")")
    return ["blend(", term.by, ", ", term.first, ", ", term.second, *levels]


def _latch(term: Latch) -> list[Fragment]:
    return ["latch(enter=", term.enter, ", exit=", term.exit, ", on=", term.on, ", off=", term.off, ")"]


def _call(term: Call) -> list[Fragment]:
    return [f"call({term.bot!r})" if term.version == "latest" else f"call({term.bot!r}, version={term.version!r})"]


def _rebalance(term: Rebalance) -> list[Fragment]:
    return [f"Rebalance({term.rule!r})" if term.width is None else f"threshold({term.width!r})"]


def _strategy(term: Strategy) -> list[Fragment]:
    out: list[Fragment] = [f"Strategy({term.name!r}, ", term.root]
    if term.rebalance is not Rebalance():
        out += [", rebalance=", repr(term.rebalance.rule) if term.rebalance.width is None else term.rebalance]
    if term.description:
        out.append(f", description={term.description!r}")
    return [*out, ")"]


def _day(pair: tuple[int, int]) -> str:
    return repr(f"{pair[0]:02d}-{pair[1]:02d}")


_MAKERS: dict[type[Term], Callable[..., list[Fragment]]] = {
    Ticker: lambda t: [repr(t.symbol)],
    Ratio: lambda t: [f"ratio({t.above!r}, {t.below!r})"],
    Nav: lambda t: ["nav(", t.node, ")"],
    Branch: lambda t: [f"branch({t.which!r})"],
    Each: lambda _: ["each"],
    Constant: lambda t: [number(t.value)],
    Indicator: _indicator,
    Arithmetic: _arithmetic,
    Percentile: lambda t: ["percentile(", t.of, ", ", number(t.lookback), ")"],
    Lag: lambda t: ["lag(", t.of, ", ", number(t.days), ")"],
    Function: _function,
    Rolling: lambda t: [f"rolling_{t.name}(", t.of, ", ", number(t.window), ")"],
    Named: lambda t: [f"named({t.name!r}, ", t.of, ")"],
    Comparison: _comparison,
    All: _joined,
    Any: _joined,
    Not: _not,
    AtLeast: lambda t: ["at_least(", number(t.count), ", ", *_list(t.conditions), ")"],
    Month: lambda t: [f"month({', '.join(map(str, t.months))})"],
    DateRange: lambda t: [f"between({_day(t.first)}, {_day(t.last)})"],
    OnOrAfter: lambda t: [f"on_or_after({_day(t.day)})"],
    Asset: lambda t: [repr(t.ticker)],
    Cash: lambda _: ["cash()"],
    Weighting: _weighting,
    Weight: _weight,
    Group: lambda t: [f"group({t.name!r}, ", t.child, ")"],
    If: _if,
    Switch: _switch,
    Filter: _filter,
    Blend: _blend,
    Latch: _latch,
    Call: _call,
    Rebalance: _rebalance,
    Strategy: _strategy,
}
