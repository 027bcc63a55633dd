"""Calls: where other saved strategies come from, and how each is put in the place of the call that names it.

Lives here: what a library of saved strategies must answer, and `expand`. Does not live here: where strategies are kept.
A call stands for the root of the strategy that it names, in a box with that name: the called one's rebalance rule does
not count, because the money is traded once, by the rule of the strategy that is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar, runtime_checkable

from ...errors import StrategyError, unknown_name
from .nodes import Call, Group, Node
from .strategy import Strategy
from .walk import substitute, walk

Expanded = TypeVar("Expanded", Strategy, Node)

LATEST = "latest"


@runtime_checkable
class Library(Protocol):
    """Where saved strategies come from."""

    def find(self, bot: str, version: str) -> Strategy | None:
        """Return a strategy by its name and "latest" or a fingerprint; None when there is no such one."""

    def names(self) -> Iterable[str]:
        """List the names that can be called, for the message when one is misspelt."""


Bots = Library | Mapping[str, Strategy]
"""A library, or simply strategies by name; a mapping knows only the latest version of each."""


def expand(root: Expanded, bots: Bots) -> Expanded:
    """Put every called strategy in the place of its call, those inside conditions and filters too.

    Parameters
    ----------
    root : Strategy or Node
    bots : Library or mapping of str to Strategy
        Asked once for each different call.

    Returns
    -------
    Strategy or Node
        Without calls. Each became a group with the name of the bot and the title, colour and folding of the call.

    Raises
    ------
    UnknownNameError
        For a bot that the library does not have; the message lists the nearest.
    StrategyError
        For a version that is not there, a called strategy whose axes are open, and a cycle, with its path.

    Examples
    --------
    >>> saved = {"calm": Strategy("Calm", "BIL")}
    >>> expand(Strategy("Half", Call("calm")), saved)
    Strategy 'Half'  rebalance=daily
    └─ group 'calm'
       └─ BIL
    """
    top = root.root if isinstance(root, Strategy) else root
    asked: dict[Call, Node] = {}
    boxes: dict[Call, Node] = {}
    done: dict[Node, Node] = {}
    # The way down from the root: tree and name of each strategy that is being expanded, and what it still calls.
    way: dict[Node, str] = {top: root.name if isinstance(root, Strategy) else "this tree"}
    waiting: list[tuple[Node, list[Call]]] = [(top, _calls(top))]
    while waiting:
        body, calls = waiting[-1]
        if not calls:
            waiting.pop()
            del way[body]
            own = {call: boxes[call] for call in _calls(body)}
            done[body] = substitute(body, own) if own else body
            continue
        call = calls[-1]
        if call not in asked:
            asked[call] = _found(call, bots).root
        found = asked[call]
        if found not in done:
            _refuse_cycle(way, call, found)
            way[found] = call.bot
            waiting.append((found, _calls(found)))
            continue
        calls.pop()
        boxes[call] = Group(call.bot, done[found], title=call.title, color=call.color, folded=call.folded)
    return root.replaced(root=done[top]) if isinstance(root, Strategy) else done[top]


def _calls(body: Node) -> list[Call]:
    """Every different call of a tree, the last one written first."""
    return [term for term in walk(body) if isinstance(term, Call)][::-1]


def _found(call: Call, bots: Bots) -> Strategy:
    """Ask for a strategy and check that it is the one that was meant."""
    names: Iterable[str]
    if isinstance(bots, Mapping):
        found, names = bots.get(call.bot), [str(name) for name in bots]
    elif isinstance(bots, Library):
        found, names = bots.find(call.bot, call.version), bots.names()
    else:
        raise StrategyError(f"bots are strategies by name, such as {{'calm': strategy}}, or a library, got {bots!r}")
    if found is None and call.bot in (known := list(names)) and not isinstance(bots, Mapping):
        raise StrategyError(f"call({call.bot!r}): there is no version {call.version!r} of it; type version='latest'")
    if found is None:
        raise unknown_name("bot", call.bot, known, where="call")
    if not isinstance(found, Strategy):
        raise StrategyError(f"call({call.bot!r}): a saved Strategy is needed, got {found!r}")
    if call.version != LATEST and not found.fingerprint.startswith(call.version):
        raise StrategyError(
            f"call({call.bot!r}): version {call.version!r} was asked for, but what is saved there has the fingerprint "
            f"{found.fingerprint!r}; call that one, or version='latest'"
        )
    if found.axes:
        names = ", ".join(f"{axis.name}=…" for axis in found.axes)
        raise StrategyError(f"call({call.bot!r}): it has open axes; save it with values, put in with .at({names})")
    return found


def _refuse_cycle(way: Mapping[Node, str], call: Call, body: Node) -> None:
    if body in way:
        # Equal trees are one object: whoever meets a tree again that is being expanded has come round.
        names = list(way.values())[list(way).index(body) :]
        path = " → ".join([*names, call.bot])
        raise StrategyError(f"strategies call each other in a circle: {path}; take one of these calls out")
