"""Trees drawn as text and HTML: the picture, the bounds, and texts of other people made harmless."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given

from sbc_lab.engine.strategy import (
    Asset,
    Node,
    Strategy,
    Switch,
    Weighting,
    blend,
    call,
    cash,
    count_nodes,
    cumulative_return,
    each,
    equal,
    group,
    html,
    inverse_vol,
    latch,
    price,
    rsi,
    sma,
    switch,
    text,
    threshold,
    top,
    walk,
    weighted,
    when,
)
from sbc_lab.engine.strategy.outline import percent, safe
from sbc_lab.testing import strategies, trees

HOT = rsi("QQQ", 10) > 79
CALM = Strategy(
    "Calm seas",
    when(HOT)
    .then("UVXY")
    .otherwise(when(price("SPY") > sma("SPY", 200)).then("TQQQ").otherwise(inverse_vol("TLT", "GLD", window=20))),
)


def chain(levels: int) -> Node:
    node: Node = Asset("SPY")
    for level in range(levels):
        node = when(rsi("QQQ", 10) > level).then("TLT").otherwise(node)
    return node


def doubled(levels: int) -> Node:
    node: Node = Asset("SPY")
    for _ in range(levels):
        node = equal(node, node)
    return node


def test_a_tree_reads_like_the_sentence_it_is() -> None:
    assert (
        repr(CALM)
        == text(CALM)
        == (
            "Strategy 'Calm seas'  rebalance=daily\n"
            "└─ if rsi('QQQ', 10) > 79\n"
            "   ├─ UVXY\n"
            "   └─ else\n"
            "      └─ if price('SPY') > sma('SPY', 200)\n"
            "         ├─ TQQQ\n"
            "         └─ else\n"
            "            └─ inverse_vol 20d\n"
            "               ├─ TLT\n"
            "               └─ GLD"
        )
    )


def test_a_node_is_drawn_without_a_line_above() -> None:
    assert text(equal("SPY", group("Safe", "TLT"))) == "equal\n├─ SPY\n└─ group 'Safe'\n   └─ TLT"


@pytest.mark.parametrize(
    ("node", "drawn"),
    [
        (Asset("SPY"), "SPY"),
        (Asset("SPY", title="Market"), 'SPY  "Market"'),
        (cash(), "cash"),
        (call("hot"), "call 'hot'"),
        (call("hot", version="0123456789abcdef"), "call 'hot' at 0123456789ab"),
        (weighted(("SPY", 0.6), ("TLT", 0.4)), "weighted\n├─ 60% SPY\n└─ 40% TLT"),
        (
            equal("SPY", floor=0.1, cap=0.5, fallback=equal("BIL")),
            "equal, at least 10% each, at most 50% each\n├─ SPY\n└─ what the caps leave: equal('BIL')",
        ),
        (
            top("SPY", "TLT", n=2, by=cumulative_return(each, 60)),
            "top 2 by cumulative_return(each, 60)\n├─ SPY\n└─ TLT",
        ),
        (
            top("SPY", n=2, by=rsi(), weighting=Weighting("fixed", shares=(0.7, 0.3))),
            "top 2 by rsi(each, 14), weighted 70% 30%\n└─ SPY",
        ),
        (
            latch(enter=HOT, exit=HOT, on="SPY", off="TLT"),
            "latch: on when rsi('QQQ', 10) > 79, off when rsi('QQQ', 10) > 79\n├─ on\n│  └─ SPY\n└─ off\n   └─ TLT",
        ),
        (
            blend(rsi("SPY"), "SPY", "TLT", begin=30, end=70),
            "blend by rsi('SPY', 14)\n├─ at 30\n│  └─ SPY\n└─ at 70\n   └─ TLT",
        ),
        (
            switch([HOT], ["SPY", "TLT"]),
            "switch on how many hold of: rsi('QQQ', 10) > 79\n├─ 0 of 1 hold\n│  └─ SPY\n└─ 1 of 1 hold\n   └─ TLT",
        ),
        (
            switch([HOT], ["SPY", "TLT"], rule="first"),
            "switch to the first that holds\n├─ if rsi('QQQ', 10) > 79\n│  └─ SPY\n└─ else\n   └─ TLT",
        ),
        (
            Switch("at_least", (HOT,) * 5, (Asset("SPY"), Asset("TLT")), 2),
            "\n".join(
                [
                    f"switch at least 2 of: {'; '.join([repr(HOT)] * 4)}; …",
                    "├─ then",
                    "│  └─ SPY",
                    "└─ else",
                    "   └─ TLT",
                ]
            ),
        ),
    ],
)
def test_every_kind_has_its_picture(node: Node, drawn: str) -> None:
    assert text(node) == drawn


def test_a_threshold_shows_its_width() -> None:
    assert text(Strategy("X", "SPY", rebalance=threshold(0.05))) == "Strategy 'X'  rebalance=threshold(0.05)\n└─ SPY"


def test_any_other_term_is_said() -> None:
    assert text(HOT) == "rsi('QQQ', 10) > 79"
    assert "rsi(&#x27;QQQ&#x27;, 10) &gt; 79" in html(HOT)


@pytest.mark.parametrize(
    ("share", "shown"), [(1.0, "100%"), (0.6, "60%"), (1 / 3, "33.33%"), (0.005, "0.5%"), (1e-9, "<0.01%"), (0.0, "0%")]
)
def test_shares_are_percents_of_the_parent(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_after_forty_lines_it_says_how_many_nodes_are_left() -> None:
    wide = Strategy("W", equal(*(f"T{number}" for number in range(10_000))))
    lines = repr(wide).splitlines()
    assert len(lines) == 40
    # Shown: the strategy's line, the weight and 37 tickers; the last line is the count.
    assert lines[-1] == "… and 9,963 more nodes"


@pytest.mark.parametrize("size", [37, 38, 39])
def test_nothing_is_said_when_everything_fits(size: int) -> None:
    lines = text(Strategy("W", equal(*(f"T{number}" for number in range(size))))).splitlines()
    assert len(lines) == min(size + 2, 40)
    assert lines[-1].startswith("…") == (size > 38)


@given(strategies(trees(looks=True, max_leaves=20)))
def test_shown_and_left_add_up(strategy: Strategy) -> None:
    every, few = text(strategy, lines=10_000).splitlines(), text(strategy, lines=6).splitlines()
    assert len(few) == min(6, len(every))
    assert few[:5] == every[:5]
    if len(every) > 6:
        assert few[-1].startswith("… and ")


@given(trees(looks=True))
def test_display_never_raises(tree: Node) -> None:
    for term in walk(tree):
        assert text(term)
        assert html(term)
        assert repr(term)


def test_an_exponential_tree_is_counted_and_not_drawn() -> None:
    assert text(doubled(60), lines=5).splitlines()[-1] == f"… and {2**61 - 5:,} more nodes"
    assert len(html(doubled(60))) < 200_000


def test_a_deep_tree_stops_going_right() -> None:
    deep = chain(5_000)
    drawn = text(deep, lines=20_000)
    assert max(map(len, drawn.splitlines())) < 300
    assert "(level 9998) if rsi('QQQ', 10) > 0" in drawn
    assert drawn.splitlines()[-1].endswith("SPY")
    assert len(repr(Strategy("D", deep)).splitlines()) == 40


BAD = ["a\nb", "a\r├─ UVXY", "\u202eevil", "x\u2028y", "\u0085", "\x9b31m", "\u200b"]


@pytest.mark.parametrize("bad", [word for word in BAD if word != "a\r├─ UVXY"])
def test_a_title_cannot_fake_a_line_or_turn_the_writing_round(bad: str) -> None:
    drawn = text(Strategy("N" + bad, group(bad, Asset("SPY", title=bad))))
    assert len(drawn.splitlines()) == 3
    assert bad not in drawn
    assert bad not in html(Strategy("N" + bad, group(bad, Asset("SPY", title=bad))))


def test_safe_keeps_scripts_and_emoji_and_cuts() -> None:
    assert safe("שלום 風 👨‍👩‍👧 é") == "שלום 風 👨‍👩‍👧 é"
    assert safe("x" * 500) == "x" * 59 + "…"
    assert safe("a\nb\u202e") == "a\\nb\\u202e"


class Page(HTMLParser):
    """Reads HTML and remembers its tags, the deepest nesting, and whether every tag was closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.deepest = 0
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.open.append(tag)
        self.deepest = max(self.deepest, len(self.open))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@given(strategies(trees(looks=True, max_leaves=16)))
def test_html_is_closed_static_and_says_every_node(strategy: Strategy) -> None:
    page = Page(html(strategy, rows=10_000))
    assert page.open == []
    assert page.tags <= {"div", "strong", "span", "bdi", "ul", "li", "details", "summary"}
    assert page.attributes <= {"class", "style", "open"}
    assert html(strategy, rows=10_000).count("<li>") >= count_nodes(strategy)


def test_html_escapes_what_people_wrote() -> None:
    script = "<script>alert('x')</script>&\"'"
    strategy = Strategy(script, group(script, Asset("SPY", title=script)))
    page = Page(html(strategy))
    assert "script" not in page.tags
    assert page.words.count("<script>") == 3


def test_html_is_bounded_in_rows_and_depth() -> None:
    page = Page(html(chain(5_000)))
    assert page.open == []
    assert page.deepest < 110
    assert "more nodes" in page.words
    wide = html(equal(*(f"T{number}" for number in range(10_000))))
    assert wide.count("<li>") == 400
    assert "… and 9,601 more nodes" in wide


def test_a_folded_node_is_closed_and_others_are_open() -> None:
    tree = equal(group("a", "SPY"), group("b", "TLT").replaced(folded=True))
    assert html(tree).count("<details open>") == 2
    assert html(tree).count("<details>") == 1


def test_a_strategy_shows_itself_as_html() -> None:
    assert CALM._repr_html_() == html(CALM)
    assert "currentColor" in html(CALM)
