"""A tree as the Python that builds it: evaluating the text gives the very same object.

Lives here: which subtrees become variables, and the statements. Does not live here: how one term is said (`sentence`,
whose `fragments` this walks) and where lines break (`layout`).
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from inspect import isfunction

from ...errors import StrategyError
from . import build, calculations, indicators
from ._intern import Axis, Term
from .layout import WIDTH, wrapped
from .nodes import Asset, Call, Cash, Node, Weighting
from .sentence import Fragment, fragments
from .terms import Branch, Constant, Each, Indicator, Ratio, Ticker
from .vocabulary import WORDS

ROOM = "sbc_lab.engine.strategy"
DEEPEST_STATEMENT = 8
"""Terms inside terms in one statement; deeper ones become variables, so that no parser overflows."""
LANGUAGE_WORDS = frozenset(
    (
        *(
            name
            for room in (build, calculations)
            for name, made in vars(room).items()
            if isfunction(made) and made.__module__ == room.__name__ and name[0] != "_"
        ),
        *(name for name in WORDS if hasattr(indicators, name)),
        *("Asset", "Not", "Rebalance", "Strategy", "Ticker", "Weighting", "each", "threshold", "user_word"),
    )
)
"""Every word that the written code may need to import."""
_TEXT_OR_NAME = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?<![\w.])[^\W\d]\w*""")
_LOOKS = ("title", "color", "folded")


def to_code(term: Term, *, name: str = "strategy") -> str:
    """Write the Python that builds a term.

    Parameters
    ----------
    term : Strategy, Node or any other term
        Axes become variables of their own.
    name : str
        The variable that the last statement assigns.

    Returns
    -------
    str
        Statements that begin with one import. Subtrees that occur more than once become variables, and so do those
        that would nest too deeply. Titles, colours, folding and all texts are kept.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise StrategyError(f"to_code: the name must be an identifier, got {name!r}")
    said = _levels(term)
    own = list(dict.fromkeys(item.name for item in said if isinstance(item, Indicator) and item.code))
    names = _Names(taken={name, *LANGUAGE_WORDS, *own})
    assigned: dict[Term | Axis, str] = {}
    # What a user wrote is no word of the language: it is looked up, and registered before, where the code is run.
    statements = [f"{word} = user_word({word!r})" for word in own]
    for axis in _axes(said.values()):
        assigned[axis] = names.new(axis.name)
        points = ", ".join(map(repr, axis.points))
        statements.append(f"{assigned[axis]} = axis({axis.name!r}, [{points}])")
    for item in _variables(said):
        fresh = name if item is term else names.numbered(item.kind)
        statements.append(f"{fresh} = {_statement(item, said, assigned)}")
        assigned[item] = fresh
    body = "\n".join(wrapped(statement) for statement in statements)
    return f"{_imports(statements)}\n\n{body}\n"


class _Names:
    """Gives every variable a name of its own."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._counts: dict[str, int] = {}

    def new(self, wanted: str) -> str:
        """Give the wanted name, with underscores behind it when it is taken."""
        name = wanted
        while name in self._taken or keyword.iskeyword(name):
            name += "_"
        self._taken.add(name)
        return name

    def numbered(self, kind: str) -> str:
        """Give the next name of a kind: weight_1, weight_2."""
        while True:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            name = f"{kind}_{self._counts[kind]}"
            if name not in self._taken:
                return name


def _levels(root: Term) -> dict[Term, list[Fragment]]:
    """Say every different term one level deep, parts before what they are part of."""
    said: dict[Term, list[Fragment]] = {}
    done: dict[Term, list[Fragment]] = {}
    stack: list[tuple[Term, bool]] = [(root, False)]
    while stack:
        term, finished = stack.pop()
        if finished:
            done[term] = said[term]
        elif term not in said:
            said[term] = _dressed(term, is_root=term is root)
            stack.append((term, True))
            stack.extend((item, False) for item in reversed(said[term]) if isinstance(item, Term) and item not in said)
    return done


def _dressed(term: Term, *, is_root: bool) -> list[Fragment]:
    """Say one level, with how it looks, and so that it stands alone when it is the root."""
    looks = [f"{look}={getattr(term, look)!r}" for look in _LOOKS if getattr(term, look, None)]
    if isinstance(term, Asset) and (looks or is_root):
        # A bare 'SPY' is a text until a node takes it.
        return [f"Asset({', '.join([repr(term.ticker), *looks])})"]
    if is_root and isinstance(term, Ticker):
        return [f"Ticker({term.symbol!r})"]
    if is_root and isinstance(term, Constant):
        return ["constant(", *fragments(term), ")"]
    if isinstance(term, Node) and looks:
        return [*fragments(term), f".replaced({', '.join(looks)})"]
    return fragments(term)


def _axes(levels: Iterable[list[Fragment]]) -> list[Axis]:
    return list(dict.fromkeys(item for level in levels for item in level if isinstance(item, Axis)))


def _variables(said: dict[Term, list[Fragment]]) -> list[Term]:
    """Choose the terms that get a statement of their own: the shared, the too deep, and the root, which is last."""
    uses: dict[Term, int] = {}
    for level in said.values():
        for item in level:
            if isinstance(item, Term):
                uses[item] = uses.get(item, 0) + 1
    chosen: list[Term] = []
    height: dict[Term, int] = {}
    root = next(reversed(said))
    for term, level in said.items():
        tall = 1 + max((height[item] for item in level if isinstance(item, Term)), default=0)
        own = term is root or (not _is_leaf(term) and (uses[term] > 1 or tall >= DEEPEST_STATEMENT))
        height[term] = 0 if own else tall
        if own:
            chosen.append(term)
    return chosen


def _is_leaf(term: Term) -> bool:
    """Whether a term is so short that saying it again reads better than a variable."""
    if isinstance(term, (Asset, Cash, Call)):
        return not (term.title or term.color)
    if isinstance(term, Indicator):
        return isinstance(term.series, (Ticker, Ratio, Each, Branch))
    return isinstance(term, (Ticker, Ratio, Each, Branch, Constant)) or term is Weighting("equal")


def _statement(term: Term, said: dict[Term, list[Fragment]], assigned: dict[Term | Axis, str]) -> str:
    out: list[str] = []
    stack: list[Fragment] = list(reversed(said[term]))
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            out.append(item)
        elif item in assigned:
            out.append(assigned[item])
        else:
            assert isinstance(item, Term)
            stack.extend(reversed(said[item]))
    return "".join(out)


def _imports(statements: Iterable[str]) -> str:
    # A text in quotes never equals a word, so only names are left.
    used = sorted({word for statement in statements for word in _TEXT_OR_NAME.findall(statement)} & LANGUAGE_WORDS)
    short = f"from {ROOM} import {', '.join(used)}"
    return short if len(short) <= WIDTH else wrapped(f"from {ROOM} import ({', '.join(used)})")
