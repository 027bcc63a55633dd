"""What both notations of Composer build alike: weights, filters, chains of ifs, and what an empty place holds.

Lives here: finished parts become a node. Does not live here: taking blocks apart (`steps`, `defsymphony`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from ...strategy import Cash, Condition, Expression, Filter, Group, If, Node, Weight, Weighting
from ..draft import Part, Place, Unsupported
from ..values import Value, outline_of
from .words import exact

__all__ = ["Arm", "chain", "filtered", "fixed", "group_of", "inverse_vol_of", "one", "side_of", "weight_of"]

EQUAL = Weighting("equal")
_ROUNDING = Fraction(1, 100)
_TOLERANCE = Fraction(1, 10**10)


@dataclass(frozen=True)
class Arm:
    """One branch of an if: its condition, None for the else, and what it holds."""

    condition: Condition | None
    node: Node


def one(nodes: Sequence[Node], place: Place) -> Node:
    """Make one node of what stands side by side in a branch or a group."""
    if len(nodes) == 1:
        return nodes[0]
    if not nodes:
        place.mapped("empty, so it holds nothing: cash()")
        return Cash()
    place.mapped("several blocks side by side: equal weights")
    return Weight(EQUAL, tuple(nodes))


def weight_of(nodes: Sequence[Node], place: Place, weighting: Weighting = EQUAL) -> Node:
    """Weigh nodes; without any, nothing is held."""
    if not nodes:
        place.mapped("empty, so it holds nothing: cash()")
        return Cash()
    return Weight(weighting, tuple(nodes))


def inverse_vol_of(nodes: Sequence[Node], place: Place, window: int) -> Node:
    """Weigh nodes by 1/σ of their own daily returns."""
    return weight_of(nodes, place, Weighting("inverse_vol", window=window))


def group_of(name: str, nodes: Sequence[Node], place: Place) -> Node:
    """Put a named box around what a group holds."""
    return Group(name, one(nodes, place))


def side_of(value: Value) -> Literal["top", "bottom"]:
    """Take the side that a filter keeps."""
    if value == "top":
        return "top"
    if value == "bottom":
        return "bottom"
    raise Unsupported(f"a filter keeps top or bottom, got {outline_of(value)}")


def filtered(nodes: Sequence[Node], place: Place, side: Literal["top", "bottom"], count: int, by: Expression) -> Node:
    """Keep the best nodes, equally weighted."""
    if not nodes:
        place.mapped("empty, so it holds nothing: cash()")
        return Cash()
    return Filter(side, count, by, EQUAL, tuple(nodes))


def chain(arms: Sequence[Arm], place: Place) -> Node:
    """Build the if of its branches: the first that is true, else the last."""
    conditions = [arm for arm in arms if arm.condition is not None]
    others = [arm for arm in arms if arm.condition is None]
    if not conditions:
        raise Unsupported("an if needs a branch with a condition")
    if len(others) != 1:
        raise Unsupported(
            f"an if needs one branch for when nothing is true, here are {len(others)}; an empty one holds nothing"
        )
    if arms[-1].condition is not None:
        place.repaired("the else branch does not stand last; it is asked last all the same")
    if len(conditions) > 1:
        place.mapped("more than one condition: the first that is true, as a chain of ifs")
    node = others[0].node
    for arm in reversed(conditions):
        assert arm.condition is not None
        node = If(arm.condition, arm.node, node)
    return node


def fixed(nodes: Sequence[Node], written: Sequence[Any], parts: Sequence[Part], place: Place) -> Node:
    """Weigh nodes by written shares.

    Parameters
    ----------
    nodes : sequence of Node
    written : sequence of Fraction or None
        The share of each; None where the document says none or no number.
    parts : sequence of Part
        Where the children came from; remarks about one go to its own place.
    place : Place
    """
    if not nodes:
        return weight_of(nodes, place)
    shares = _completed(list(written), parts, place)
    if any(share < 0 for share in shares):
        raise Unsupported(f"weights must not be negative, got {float(min(shares)):g}")
    total = sum(shares, Fraction(0))
    if abs(total - 100) <= 100 * _ROUNDING and total > 2:
        place.repaired("the weights add up to 100, so they are percent")
        shares, total = [share / 100 for share in shares], total / 100
    if abs(total - 1) > _ROUNDING:
        listed = ", ".join(f"{float(share):g}" for share in shares[:8]) + (", …" if len(shares) > 8 else "")
        raise Unsupported(f"weights must add up to 1, these add up to {float(total):.10g}: {listed}")
    if abs(total - 1) > _TOLERANCE:
        place.repaired(f"the weights add up to {float(total):.10g}; each is divided by that sum")
        shares = [share / total for share in shares]
    kept = []
    for node, share, part in zip(nodes, shares, parts, strict=True):
        if float(share) > 0.0:
            kept.append((node, float(share)))
        elif part.place is not None:
            part.place.dropped("its weight is 0, so nothing of it is ever held; left out with all that is in it")
    return Weight(Weighting("fixed", shares=tuple(share for _, share in kept)), tuple(node for node, _ in kept))


def _completed(written: list[Any], parts: Sequence[Part], place: Place) -> list[Fraction]:
    """Give the one child without a weight what the others leave."""
    open_ones = [number for number, share in enumerate(written) if share is None]
    if not open_ones:
        return written
    if len(open_ones) > 1:
        raise Unsupported(
            f"{len(open_ones)} of {len(written)} weights are missing or no numbers; one could be inferred"
        )
    said = sum((share for share in written if share is not None), Fraction(0))
    scale = 100 if abs(said - 100) <= 100 * _ROUNDING and said > 2 else 1
    rest = scale - said
    if rest < -_ROUNDING * scale:
        raise Unsupported(f"one weight is missing or no number, and the others add up to {float(said):.10g} already")
    rest = max(rest, Fraction(0)) if rest > _TOLERANCE else Fraction(0)
    target = parts[open_ones[0]].place or place
    target.repaired(f"its weight is missing or no number; the others leave {float(rest):g} for it")
    written[open_ones[0]] = rest
    return written


def share_of(value: Value, what: str) -> Fraction | None:
    """Take a written share; None for NaN, which some exports hold."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or value == "NaN":
        return None
    return exact(value, what)
