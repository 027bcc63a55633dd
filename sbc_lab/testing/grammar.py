"""What a random tree is made of: a grammar of hypothesis strategies, one method for every sort of term.

Lives here: the grammar. Does not live here: what a test asks for (`random_trees`), prices to run a tree on, and any
law that it obeys. Hypothesis is imported by these two modules alone, which the package loads when they are first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..engine.strategy import build, calculations
from ..engine.strategy.conditions import Comparison, Condition
from ..engine.strategy.nodes import Asset, Filter, If, Latch, Node, Switch, Weight, Weighting
from ..engine.strategy.strategy import Rebalance, Strategy
from ..engine.strategy.terms import Branch, Expression, Indicator, Nav, Ratio, Series, Ticker, each
from ..engine.strategy.vocabulary import WORDS, IndicatorWord, Parameter
from ..errors import StrategyError, unknown_name

TICKERS = ("SPY", "TLT", "GLD", "BIL")
"""The tickers that are drawn unless a test gives its own."""

MODES = frozenset({"equal", "fixed", "inverse_vol", "vol"})
"""Every weight mode."""

NODE_KINDS = frozenset({"cash", "weight", "group", "if", "switch", "filter", "blend", "latch", "call"})
CONDITION_KINDS = frozenset(
    {"all", "any", "not", "at_least", "month", "date_range", "on_or_after", "crossing", "for_days"}
)
EXPRESSION_KINDS = frozenset({"arithmetic", "percentile", "lag", "function", "rolling", "named"})
SERIES_KINDS = frozenset({"ratio", "nav", "branch"})
KINDS = NODE_KINDS | CONDITION_KINDS | EXPRESSION_KINDS | SERIES_KINDS | {"caps"}
"""Every switch: kinds of term, and "crossing", "for_days", "caps". Assets, tickers and comparisons are always there."""

# Without floor, ceil, round, sign and %: where a value is whole, the last bit decides, and two engines agree in twelve
# digits, not in the last bit.
_OF_ONE: tuple[Callable[[Any], Expression], ...] = (
    abs,
    calculations.sqrt,
    calculations.log,
    calculations.log10,
    calculations.exp,
)
_OF_TWO: tuple[Callable[[Any, Any], Expression], ...] = (
    calculations.smaller,
    calculations.larger,
    lambda a, b: abs(a) ** (b / 100),
)

T = TypeVar("T")


@dataclass(frozen=True)
class Grammar:
    """What may be drawn; every maker below is a sentence of it."""

    tickers: tuple[str, ...]
    kinds: frozenset[str]
    modes: tuple[str, ...]
    indicators: tuple[str, ...]
    windows: tuple[int, int]
    looks: bool
    branches: tuple[str | int, ...] = ()
    navs: SearchStrategy[Node] | None = None
    bots: dict[str, Strategy] | None = None

    def window(self, *, low: int = 1) -> SearchStrategy[int]:
        """Draw a window inside the bounds that the test gave."""
        first = max(low, self.windows[0])
        return st.integers(first, max(first, self.windows[1]))

    def series(self) -> SearchStrategy[Series]:
        """Draw a series."""
        ticker = st.sampled_from(self.tickers)
        options: list[SearchStrategy[Series]] = [st.builds(Ticker, ticker)]
        if "branch" in self.kinds and self.branches:
            options.append(st.sampled_from(self.branches).map(Branch))
        if "ratio" in self.kinds:
            options.append(st.builds(Ratio, ticker, ticker))
        if "nav" in self.kinds and self.navs is not None:
            options.append(st.builds(Nav, self.navs))
        return st.one_of(options)

    def indicator(self, series: SearchStrategy[Series] | None = None) -> SearchStrategy[Indicator]:
        """Draw an indicator, of any series unless one is given."""
        source = self.series() if series is None else series
        tickers = st.builds(Ticker, st.sampled_from(self.tickers))

        def drawn(name: str) -> SearchStrategy[Indicator]:
            # What reads more than closes can be asked of tickers alone; a given series is the caller's to choose.
            read = tickers if series is None and WORDS[name].reads_bars else source
            return st.builds(Indicator, st.just(name), read, self._parameters(WORDS[name]))

        return st.sampled_from(self.indicators).flatmap(drawn)

    def _parameters(self, word: IndicatorWord) -> SearchStrategy[tuple[tuple[str, float], ...]]:
        names = [parameter.name for parameter in word.parameters]
        drawn = {parameter.name: self._parameter(parameter) for parameter in word.parameters}

        def settled(values: dict[str, float]) -> tuple[tuple[str, float], ...]:
            if "short" in values and values["short"] >= values["long"]:
                values = {**values, "short": values["long"], "long": values["short"] + 1}
            return tuple((name, values[name]) for name in names)

        return st.fixed_dictionaries(drawn).map(settled)

    def _parameter(self, parameter: Parameter) -> SearchStrategy[float]:
        if parameter.kind is float:
            return st.floats(max(parameter.low, 0.5), min(parameter.high, 3.0))
        if parameter.name == "month":  # a look-back of twelve months is as long as the longest window
            return st.integers(1, max(1, self.windows[1] // 12))
        return self.window(low=int(parameter.low))

    def expression(self) -> SearchStrategy[Expression]:
        """Draw an expression."""
        return self._around(self.indicator())

    def score(self) -> SearchStrategy[Expression]:
        """Draw what a filter ranks by: an expression in which `each` occurs."""
        return self._around(self.indicator(st.just(each)))

    @property
    def of_closes(self) -> Grammar | None:
        """The same grammar with the indicators that any series has; None when there are no such."""
        names = tuple(name for name in self.indicators if not WORDS[name].reads_bars)
        return replace(self, indicators=names) if names else None

    def _around(self, inner: SearchStrategy[Indicator]) -> SearchStrategy[Expression]:
        options: list[SearchStrategy[Expression]] = [inner]
        if "lag" in self.kinds:
            options.append(st.builds(build.lag, inner, st.integers(0, 5)))
        if "percentile" in self.kinds:
            options.append(st.builds(build.percentile, inner, self.window(low=2)))
        if "arithmetic" in self.kinds:
            other = st.one_of(st.integers(1, 9), st.floats(0.25, 4.0), self.indicator())
            calculate: list[Callable[[Any, Any], Expression]] = [
                lambda a, b: a + b,
                lambda a, b: b - a,
                lambda a, b: a * b,
                lambda a, b: a / b,
                lambda a, b: b / a,
                lambda a, b: -(a - b) * (a + b),
            ]
            options.append(st.builds(lambda op, a, b: op(a, b), st.sampled_from(calculate), inner, other))
        if self.kinds & {"function", "rolling", "named"}:
            plain = tuple(options)
            options.append(_named(lambda: self._calculated(st.one_of(plain))))
        return st.one_of(options)

    def _calculated(self, plain: SearchStrategy[Expression]) -> SearchStrategy[Expression]:
        options: list[SearchStrategy[Expression]] = []
        if "function" in self.kinds:
            options.append(st.builds(lambda op, a: op(a), st.sampled_from(_OF_ONE), plain))
            options.append(st.builds(lambda op, a, b: op(a, b), st.sampled_from(_OF_TWO), plain, self.indicator()))
        if "rolling" in self.kinds:
            measures = st.sampled_from(get_args(calculations.RollingName))
            options.append(st.builds(calculations.Rolling, measures, plain, self.window(low=2)))
        if "named" in self.kinds:
            options.append(plain.map(lambda expression: calculations.named("zscore", expression)))
        return st.one_of(options)

    def comparison(self) -> SearchStrategy[Condition]:
        """Draw a comparison, half of them with a level that the indicator does reach."""
        ops = [">", ">=", "<", "<="] + ["crosses_above", "crosses_below"] * ("crossing" in self.kinds)
        days = st.one_of(st.just(1), st.integers(1, 4)) if "for_days" in self.kinds else st.just(1)
        near = st.builds(
            lambda left, op, at, days: Comparison(left, op, build.constant(_level(left, at)), days),
            self.indicator(),
            st.sampled_from(ops),
            st.floats(0.0, 1.0),
            days,
        )
        return st.one_of(near, st.builds(Comparison, self.expression(), st.sampled_from(ops), self.expression(), days))

    def condition(self, max_leaves: int) -> SearchStrategy[Condition]:
        """Draw a condition."""
        return st.recursive(st.one_of(self._plain_conditions()), self._combined, max_leaves=max_leaves)

    def _plain_conditions(self) -> list[SearchStrategy[Condition]]:
        day = st.tuples(st.integers(1, 12), st.integers(1, 29))
        options = [self.comparison()]
        if "month" in self.kinds:
            options.append(st.sets(st.integers(1, 12), min_size=1, max_size=4).map(lambda found: build.month(*found)))
        if "date_range" in self.kinds:
            options.append(st.builds(build.between, day, day))
        if "on_or_after" in self.kinds:
            options.append(st.builds(build.on_or_after, day))
        return options

    def _combined(self, smaller: SearchStrategy[Condition]) -> SearchStrategy[Condition]:
        inner = _named(lambda: smaller)
        several = st.lists(inner, min_size=1, max_size=3)
        makers: dict[str, SearchStrategy[Condition]] = {
            "all": several.map(lambda found: build.all_of(*found)),
            "any": several.map(lambda found: build.any_of(*found)),
            "not": inner.map(lambda condition: ~condition),
            "at_least": several.flatmap(
                lambda found: st.integers(0, len(found)).map(lambda count: build.at_least(count, *found))
            ),
        }
        options = [maker for kind, maker in makers.items() if kind in self.kinds]
        return st.one_of(options) if options else inner

    def weighting(self, count: int, inner: SearchStrategy[Node]) -> SearchStrategy[Weighting]:
        """Draw how `count` siblings share."""
        parts = st.lists(st.integers(1, 9), min_size=count, max_size=count)
        capped = "caps" in self.kinds
        return st.builds(
            _weighting,
            st.sampled_from(self.modes),
            parts,
            self.window(low=2),
            st.sampled_from((0.0, 0.0, 0.05, 0.25)) if capped else st.just(0.0),
            st.sampled_from((1.0, 1.0, 0.25, 0.4, 0.7)) if capped else st.just(1.0),
            st.one_of(st.none(), inner) if capped else st.none(),
        )

    def node(self, max_leaves: int, condition_leaves: int) -> SearchStrategy[Node]:
        """Draw a node."""
        leaves: list[SearchStrategy[Node]] = [st.builds(Asset, st.sampled_from(self.tickers))]
        if "cash" in self.kinds:
            leaves.append(st.builds(build.cash))
        if "call" in self.kinds and self.bots is None:
            leaves.append(st.sampled_from(("calm-seas", "hot")).map(build.call))
        grow = _Growth(self, condition_leaves).grow
        return st.recursive(st.one_of(leaves), grow, max_leaves=max_leaves)


@dataclass(frozen=True)
class _Growth:
    """How a tree grows by one level over the trees that are already there."""

    grammar: Grammar
    condition_leaves: int

    def grow(self, smaller: SearchStrategy[Node]) -> SearchStrategy[Node]:
        """Put one level over smaller trees."""
        inner = _named(lambda: smaller)
        makers: dict[str, Callable[[SearchStrategy[Node]], SearchStrategy[Node]]] = {
            "weight": self._weight,
            "group": lambda nodes: st.builds(build.group, st.sampled_from(("Core", "Shelter", "風")), nodes),
            "if": self._if,
            "switch": self._switch,
            "filter": self._filter,
            "blend": self._blend,
            "latch": self._latch,
        }
        if self.grammar.bots is not None:
            makers["call"] = self._call
        options = [maker(inner) for kind, maker in makers.items() if kind in self.grammar.kinds]
        grown = st.one_of(options) if options else inner
        return _dressed(grown) if self.grammar.looks else grown

    def _owned(self, inner: SearchStrategy[Node], *branches: str | int) -> Grammar:
        return replace(self.grammar, branches=branches, navs=inner)

    def _weight(self, inner: SearchStrategy[Node]) -> SearchStrategy[Node]:
        return st.lists(inner, min_size=1, max_size=4).flatmap(
            lambda members: self.grammar.weighting(len(members), inner).map(
                lambda weighting: Weight(weighting, tuple(members))
            )
        )

    def _if(self, inner: SearchStrategy[Node]) -> SearchStrategy[Node]:
        owned = self._owned(inner, "then", "otherwise")
        return st.builds(If, owned.condition(self.condition_leaves), inner, inner)

    def _switch(self, inner: SearchStrategy[Node]) -> SearchStrategy[Node]:
        conditions = self._owned(inner, 0, 1).condition(self.condition_leaves)

        def cases(drawn: tuple[str, list[Condition]]) -> SearchStrategy[Node]:
            rule, found = drawn
            size = len(found) + 1 if rule in ("ladder", "first") else 2
            counts = st.integers(0, len(found)) if rule in ("exactly", "at_least", "at_most") else st.none()
            nodes = st.lists(inner, min_size=size, max_size=size)
            return st.builds(
                lambda members, count: Switch(cast("Any", rule), tuple(found), tuple(members), count), nodes, counts
            )

        rules = ("ladder", "first", "any", "all", "none", "exactly", "at_least", "at_most")
        return st.tuples(st.sampled_from(rules), st.lists(conditions, min_size=1, max_size=3)).flatmap(cases)

    def _filter(self, inner: SearchStrategy[Node]) -> SearchStrategy[Node]:
        def chosen(count: int, of: Grammar, members: SearchStrategy[Node]) -> SearchStrategy[Node]:
            return st.builds(
                lambda side, by, weighting, members: Filter(side, count, by, weighting, tuple(members)),
                st.sampled_from(("top", "bottom")),
                of.score(),
                self.grammar.weighting(count, inner),
                st.lists(members, min_size=1, max_size=4),
            )

        assets: SearchStrategy[Node] = st.sampled_from(self.grammar.tickers).map(Asset)
        closes = self.grammar.of_closes
        makers = [(self.grammar, assets), *([(closes, inner)] if closes is not None else [])]
        return st.tuples(st.integers(1, 3), st.sampled_from(range(len(makers)))).flatmap(
            lambda drawn: chosen(drawn[0], *makers[drawn[1]])
        )

    def _blend(self, inner: SearchStrategy[Node]) -> SearchStrategy[Node]:
        by = self._owned(inner, "from", "to").expression()
        levels = st.tuples(st.integers(-20, 100), st.integers(1, 40), st.booleans())
        return st.builds(
            lambda expression, first, second, level: build.blend(
                expression,
                first,
                second,
                begin=level[0] + level[1] * level[2],
                end=level[0] + level[1] * (not level[2]),
            ),
            by,
            inner,
            inner,
            levels,
        )

    def _latch(self, inner: SearchStrategy[Node]) -> SearchStrategy[Node]:
        conditions = self._owned(inner, "on", "off").condition(self.condition_leaves)
        return st.builds(Latch, conditions, conditions, inner, inner)

    def _call(self, inner: SearchStrategy[Node]) -> SearchStrategy[Node]:
        bots = self.grammar.bots
        assert bots is not None, "without a place to keep them, calls are leaves"

        def saved(body: Node, rebalance: str, pinned: int) -> Node:
            # The name is made of the content, so that the same example names the same strategy whenever it is drawn.
            bot = Strategy("a drawn bot", body, rebalance=Rebalance(cast("Any", rebalance)))
            name = f"bot-{bot.fingerprint[:12]}"
            bots[name] = bot
            return build.call(name, version=bot.fingerprint[:pinned] or "latest")

        return st.builds(saved, inner, st.sampled_from(("daily", "yearly")), st.sampled_from((0, 0, 12, 64)))


@st.composite
def _named(draw: st.DrawFn, maker: Callable[[], SearchStrategy[T]]) -> T:
    # Hypothesis writes a strategy out with all that it is made of; behind a function it writes only the function.
    return draw(maker())


_REACHED = {
    "0-100": (0.0, 100.0),
    "-100-0": (-100.0, 0.0),
    "-100-100": (-100.0, 100.0),
    "percent": (-10.0, 10.0),
    "fraction": (0.0, 1.0),
    "number": (-150.0, 150.0),
}
"""What an indicator of a unit mostly lies between; the others are prices."""


def _level(left: Indicator, at: float) -> float:
    """Turn 0 … 1 into a level that the indicator does reach, so that a random condition is sometimes true."""
    low, high = _REACHED.get(WORDS[left.name].unit, (0.0, 300.0))
    return low + (high - low) * at


def _weighting(mode: Any, parts: list[int], window: int, floor: float, cap: float, fallback: Node | None) -> Weighting:
    shares = tuple(part / sum(parts) for part in parts) if mode == "fixed" else ()
    return Weighting(
        mode,
        shares=shares,
        window=window if mode in ("inverse_vol", "vol") else None,
        floor=floor,
        cap=cap,
        fallback=fallback,
    )


def _dressed(nodes: SearchStrategy[Node]) -> SearchStrategy[Node]:
    titles = st.sampled_from(("", "", "Calm", "a 'quoted' \"title\"", "<b>風</b>"))
    return st.builds(
        lambda node, title, color, folded: node.replaced(title=title, color=color, folded=folded),
        nodes,
        titles,
        st.sampled_from(("", "#aa3300")),
        st.booleans(),
    )


def grammar(
    tickers: Iterable[str],
    kinds: Iterable[str],
    modes: Iterable[str],
    indicators: Iterable[str] | None,
    windows: tuple[int, int],
    *,
    looks: bool,
    bots: dict[str, Strategy] | None = None,
) -> Grammar:
    """Check what a test asks for and put it together; the parameters are those of `trees`."""
    # Sorted, because the order of a set differs from run to run and a failing example must be found again.
    known, names = sorted(set(kinds)), sorted(set(WORDS if indicators is None else indicators))
    for kind, given, allowed in (
        ("kind", known, KINDS),
        ("indicator", names, WORDS),
        ("mode", sorted(set(modes)), MODES),
    ):
        for name in given:
            if name not in allowed:
                raise unknown_name(kind, name, allowed, where="trees")
    if not names or not windows[0] <= windows[1]:
        raise StrategyError(f"trees: give an indicator and windows=(low, high), got {names!r} and {windows!r}")
    plain = st.sampled_from(tuple(tickers)).map(Asset)
    navs: SearchStrategy[Node] = st.lists(plain, min_size=1, max_size=2).map(lambda found: build.equal(*found))
    return Grammar(
        tuple(tickers), frozenset(known), tuple(sorted(set(modes))), tuple(names), windows, looks, navs=navs, bots=bots
    )
