"""What of a tree can ever be reached, what a node asks, and the order in which nodes are settled. No prices here.

A condition in which only constants occur is decided once and for all: a node whose every condition is such is nothing
but the branch it leads to, and a branch that no date can lead to is not part of the tree.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from ..strategy import Term, substitute
from ..strategy.calculations import Named
from ..strategy.conditions import Comparison, Condition
from ..strategy.nodes import Blend, Filter, If, Latch, Node, Switch, Weight
from ..strategy.terms import Arithmetic, Branch, Constant, Expression, Lag, Nav, Percentile
from .terms import arithmetic, combined_truth
from .truths import NO, UNKNOWN, YES, Floats, Truth, compare

ALWAYS = Comparison(Constant(1.0), ">", Constant(0.0))
NEVER = Comparison(Constant(1.0), "<", Constant(0.0))

_WITHOUT_CONSTANTS: WeakKeyDictionary[Condition, Condition] = WeakKeyDictionary()
_TRUTHS: WeakKeyDictionary[Condition, bool | None] = WeakKeyDictionary()


def questions(node: Node) -> tuple[Condition | Expression, ...]:
    """What a node itself asks of the data, in the order in which it is written, without parts that cannot matter."""
    if isinstance(node, If):
        return (_without_constants(node.condition),)
    if isinstance(node, Switch):
        return tuple(map(_without_constants, node.conditions))
    if isinstance(node, Latch):
        return (_without_constants(node.enter), _without_constants(node.exit))
    if isinstance(node, (Filter, Blend)):
        return (node.by,)
    return ()


def _without_constants(condition: Condition) -> Condition:
    """Write what is always or never so, whatever the data say, as a comparison of two numbers."""
    if condition not in _WITHOUT_CONSTANTS:
        known = {
            term: constant_truth(term)
            for term in own_terms(condition)
            if isinstance(term, Condition)
            and not (isinstance(term, Comparison) and term.days == 1 and term.op in (">", ">=", "<", "<="))
        }
        fixed = {term: ALWAYS if truth else NEVER for term, truth in known.items() if truth is not None}
        _WITHOUT_CONSTANTS[condition] = substitute(condition, fixed) if fixed else condition
    return _WITHOUT_CONSTANTS[condition]


def own_terms(*roots: Term) -> list[Term]:
    """List what expressions and conditions are made of, parts first, each once; nodes behind a NAV are left out."""
    done: dict[Term, None] = {}
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        term, finished = stack.pop()
        if finished:
            done[term] = None
        elif term not in done and not isinstance(term, Node):
            stack.append((term, True))
            stack.extend((part, False) for part in reversed(term.parts))
    return list(done)


def constant_truth(condition: Condition) -> bool | None:
    """Say what a condition comes to whatever the data and the date are; None when it depends on them.

    A function or a rolling measure of a constant is computed on every date like everything else.
    """
    if condition not in _TRUTHS:
        _TRUTHS[condition] = _constant_truth(condition)
    return _TRUTHS[condition]


def _constant_truth(condition: Condition) -> bool | None:
    values: dict[Term, Floats | None] = {}
    truths: dict[Term, Truth] = {}
    for term in own_terms(condition):
        if isinstance(term, Expression):
            values[term] = _constant_value(term, values)
        elif isinstance(term, Comparison):
            truths[term] = _constant_comparison(term, values)
        elif isinstance(term, Condition):
            # What depends on data or dates is unknown here, and decides nothing that the constants do not decide.
            truth = combined_truth(term, truths)
            truths[term] = np.array([UNKNOWN]) if truth is None else truth
    known = truths[condition][0]
    return None if known == UNKNOWN else bool(known == YES)


def _constant_value(term: Expression, values: dict[Term, Floats | None]) -> Floats | None:
    if isinstance(term, Constant):
        return np.array([float(term.value)])  # type: ignore[arg-type]  # a tree with open axes is refused before
    if isinstance(term, Arithmetic):
        left, right = values[term.left], values[term.right]
        return None if left is None or right is None else arithmetic(term.op, left, right)
    if isinstance(term, Lag):
        return values[term.of]
    if isinstance(term, Named):
        return values[term.of]
    if isinstance(term, Percentile):
        of = values[term.of]
        return None if of is None else np.where(np.isnan(of), np.nan, 100.0)
    return None


def _constant_comparison(term: Comparison, values: dict[Term, Floats | None]) -> Truth:
    left, right = values[term.left], values[term.right]
    if left is None or right is None:
        return np.array([UNKNOWN])
    crossing = term.op in ("crosses_above", "crosses_below")
    truth = compare(">" if crossing else term.op, left, right)
    # What never moves never crosses.
    return np.where(truth == UNKNOWN, UNKNOWN, NO) if crossing else truth


def case_of(node: Switch, holds: tuple[bool, ...]) -> int:
    """Number of the case that a switch leads to when exactly these conditions hold."""
    count, wanted = sum(holds), node.count or 0
    if node.rule == "ladder":
        return count
    if node.rule == "first":
        return holds.index(True) if any(holds) else len(holds)
    satisfied = {
        "any": count >= 1,
        "all": count == len(holds),
        "none": count == 0,
        "exactly": count == wanted,
        "at_least": count >= wanted,
        "at_most": count <= wanted,
    }
    return 0 if satisfied[node.rule] else 1


def reachable(node: Node) -> tuple[Node, ...]:
    """Children that some date can lead to, in the order in which they are written."""
    if isinstance(node, If):
        known = constant_truth(node.condition)
        return (node.then, node.otherwise) if known is None else (node.then if known else node.otherwise,)
    if isinstance(node, Latch):
        enters, exits = constant_truth(node.enter), constant_truth(node.exit)
        if enters is False:
            return (node.off,)
        return (node.on,) if enters and exits is False else (node.on, node.off)
    if isinstance(node, Switch):
        return tuple(node.cases[case] for case in _reachable_cases(node))
    if isinstance(node, (Weight, Filter)) and node.weighting.fallback is not None:
        return (*node.members, node.weighting.fallback)
    return node.children


def _reachable_cases(node: Switch) -> list[int]:
    known = [constant_truth(condition) for condition in node.conditions]
    undecided = [place for place, truth in enumerate(known) if truth is None]
    always = tuple(truth is True for truth in known)
    if node.rule == "first":
        # Each undecided condition before the first constant that holds may be the first; if none is, that constant is.
        return sorted({case_of(node, always), *(place for place in undecided if place < case_of(node, always))})
    # Every other rule only counts, so letting one undecided condition after the other hold meets every count there is.
    several = [
        tuple(always[i] or i in undecided[:more] for i in range(len(known))) for more in range(len(undecided) + 1)
    ]
    return sorted({case_of(node, holds) for holds in several})


def decided_child(node: Node) -> Node | None:
    """Return the child that a node amounts to because all its conditions are constant; None for any other node."""
    asked = [question for question in questions(node) if isinstance(question, Condition)]
    if not asked or any(constant_truth(condition) is None for condition in asked):
        return None
    left = reachable(node)
    return left[0] if len(left) == 1 else None


def used(node: Node) -> tuple[Node, ...]:
    """Nodes that must be settled before this one: reachable children, and those whose NAV it reads."""
    decided = decided_child(node)
    if decided is not None:
        return (decided,)
    looked_at = [
        term.node if isinstance(term, Nav) else node.branches[term.which]
        for term in own_terms(*questions(node))
        if isinstance(term, (Nav, Branch))
    ]
    return (*looked_at, *reachable(node))


def in_order(root: Node) -> list[tuple[Node, tuple[Node, ...]]]:
    """List every node that counts, once, behind all that it uses; each with what it uses."""
    done: dict[Node, tuple[Node, ...]] = {}
    stack: list[tuple[Node, tuple[Node, ...] | None]] = [(root, None)]
    while stack:
        node, uses = stack.pop()
        if uses is not None:
            done[node] = uses
        elif node not in done:
            uses = used(node)
            stack.append((node, uses))
            stack.extend((below, None) for below in reversed(uses))
    return list(done.items())
