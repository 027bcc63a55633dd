"""How the children of a slot share in native documents: the mode and its numbers become a weight of this language.

Does not live here: blocks, and how a slot is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...strategy import Asset, Cash, Node, Weight, Weighting
from ..composer.words import exact, whole
from ..draft import Part, Place, Unsupported
from ..values import Map, Value, outline_of
from .words import is_empty, symbol_of

__all__ = ["MODES", "Sharing", "sharing_of", "slot_node"]

MODES: Mapping[str, str] = {
    "equal": "equal",
    "defined": "fixed",
    "inverse": "inverse_vol",
    "pro": "vol",
    "capped": "equal",
}
"""What the modes are called here; capped is equal between a floor and a cap."""
DEFAULT_WINDOW = 20
_TOLERANCE = Fraction(1, 10**10)


@dataclass(frozen=True)
class Sharing:
    """The mode of one slot, and its numbers."""

    mode: str
    window: int | None = None
    floor: float = 0.0
    cap: float = 1.0
    fallback: Node | None = None

    @property
    def passes(self) -> bool:
        """Whether a single child is all that the slot is."""
        return self.mode in ("equal", "defined")

    def weighting(self, shares: tuple[float, ...] = ()) -> Weighting:
        """Build the weighting."""
        return Weighting(
            MODES[self.mode],  # type: ignore[arg-type]  # MODES holds no others
            shares=shares,
            window=self.window,
            floor=self.floor,
            cap=self.cap,
            fallback=self.fallback,
        )


def sharing_of(value: Map, branch: str, place: Place) -> Sharing:
    """Read how a slot shares: what is said for the branch, else for the block, else equal.

    Parameters
    ----------
    value : Map
        The block.
    branch : str
        "Then", "Else", or "" for the slot of a block without branches.
    place : Place
    """
    mode = _said(value, "weighting", branch)
    mode = "equal" if mode is None else mode
    if not isinstance(mode, str) or mode not in MODES:
        raise Unsupported(f"the weighting is one of {', '.join(MODES)}, got {outline_of(mode)}")
    if mode in ("equal", "defined"):
        return Sharing(mode)
    window = None
    if mode in ("inverse", "pro"):
        said = _said(value, "volWindow", branch)
        if said is None:
            place.repaired(f"volWindow is missing; {DEFAULT_WINDOW} days, as there")
        window = DEFAULT_WINDOW if said is None else whole(said, "volWindow")
    floor, cap = _percent(value, "minCap", branch, 0), _percent(value, "maxCap", branch, 100)
    if mode != "capped":
        return Sharing(mode, window, floor, cap)
    if _said(value, "maxCap", branch) is None:
        cap = _cap_of_children(value, branch, place)
    fallback = _said(value, "cappedFallback", branch)
    holder = None if is_empty(fallback) else Asset(symbol_of(fallback, place, "cappedFallback"))
    return Sharing(mode, window, floor, cap, holder)


def _said(value: Map, key: str, branch: str) -> Value:
    own = value.get(f"{key}{branch}")
    return value.get(key) if own is None else own


def _percent(value: Map, key: str, branch: str, default: int) -> float:
    said = _said(value, key, branch)
    return float(exact(default if said is None else said, key) / 100)


def _cap_of_children(value: Map, branch: str, place: Place) -> float:
    """Find the one cap of all children; older documents write it at each child."""
    slot = {"Then": "then", "Else": "else"}.get(branch, "next")
    children = value.get("children")
    listed = children.get(slot) if isinstance(children, Map) else None
    written = [child.get("window") for child in listed or () if isinstance(child, Map)]
    caps = {exact(one, "window, the cap of a child,") for one in written if one is not None}
    if len(caps) > 1:
        raise Unsupported("every child has a cap of its own, and here one cap is for all of them")
    if not caps:
        return 1.0
    place.mapped("window of the children is the cap of all of them")
    return float(caps.pop() / 100)


def slot_node(nodes: Sequence[Node], parts: Sequence[Part], sharing: Sharing, place: Place, *, box: bool) -> Node:
    """Make one node of what stands in a slot.

    Parameters
    ----------
    nodes : sequence of Node
        The finished children.
    parts : sequence of Part
        Where they came from; fixed shares are written there.
    sharing : Sharing
    place : Place
    box : bool
        Whether a single child keeps the weight around it.
    """
    if not nodes:
        return Cash()
    if len(nodes) == 1 and sharing.passes and not box:
        return nodes[0]
    if sharing.mode == "defined":
        return _defined(nodes, parts, place)
    return Weight(sharing.weighting(), tuple(nodes))


def _defined(nodes: Sequence[Node], parts: Sequence[Part], place: Place) -> Node:
    """Share by what each child says in percent; there every share is divided by their sum."""
    written = [part.value.get("window") if isinstance(part.value, Map) else None for part in parts]
    if all(one is None for one in written):
        if len(nodes) > 1:
            place.repaired("no child says its weight; equal, as there")
        return Weight(Weighting("equal"), tuple(nodes))
    if any(one is None for one in written):
        raise Unsupported(f"{sum(one is None for one in written)} of {len(written)} children do not say their weight")
    shares = [exact(one, "window, the weight of a child,") for one in written]
    if any(share < 0 for share in shares) or not any(shares):
        raise Unsupported(
            f"weights must not be negative and not all 0, got {', '.join(f'{float(s):g}' for s in shares[:8])}"
        )
    total = sum(shares, Fraction(0))
    if abs(total / 100 - 1) > _TOLERANCE:
        place.mapped(f"the weights add up to {float(total):.10g}; each is divided by that sum, as there")
    else:
        total = Fraction(100)
    kept: list[tuple[Any, float]] = []
    for node, share, part in zip(nodes, shares, parts, strict=True):
        if share > 0:
            kept.append((node, float(share / total)))
        elif part.place is not None:
            part.place.dropped("its weight is 0, so nothing of it is ever held; left out with all that is in it")
    return Weight(Weighting("fixed", shares=tuple(share for _, share in kept)), tuple(node for node, _ in kept))
