"""How an explanation calls a node and the branch it took; no numbers, and no walk through the tree (`explain`).

A whole label says what a node could do (`strategy.outline`); these words leave room for what it did.
"""

from __future__ import annotations

from .strategy import Asset, Cash, Group, If, Latch, Node, Switch, Weight, sentence
from .strategy.outline import label, safe, said


def opening_of(node: If | Switch | Latch) -> str:
    """Say what a node asks."""
    if isinstance(node, If):
        return f"if {said(node.condition)}"
    if isinstance(node, Latch):
        return "latch"
    if node.rule == "first":
        return "switch to the first that holds"
    count = "" if node.count is None else f" {node.count}"
    return "switch on how many hold" if node.rule == "ladder" else f"switch on {node.rule.replace('_', ' ')}{count}"


def branch_of(node: If | Switch | Latch, chosen: int) -> str:
    """Name a branch as the outline of the tree does."""
    if isinstance(node, Latch):
        return ("on:", "off:")[chosen]
    if isinstance(node, If) or len(node.cases) == 2:
        return ("then", "else")[chosen]
    if node.rule == "first":
        return f"condition {chosen + 1}:" if chosen < len(node.conditions) else "else"
    return f"{chosen} of {len(node.conditions)}:"


def mode_of(node: Weight) -> str:
    """Name a weighting as one types it."""
    return "weighted" if node.weighting.mode == "fixed" else node.weighting.mode


def short_of(node: Node) -> str:
    """Name a child: by its title, its ticker or group, or by how its sentence begins."""
    if node.title:
        return f'"{safe(node.title)}"'
    return label(node) if isinstance(node, (Asset, Cash, Group)) else safe(sentence(node, limit=40), 40)
