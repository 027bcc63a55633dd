"""The plain engine: what a strategy means, written to be checked by reading; every faster engine is held to it.

Here are NumPy vectors over dates and plain loops, and an explicit order in the place of recursion. Here is no
compiled code, no labels, and nothing that was made for speed.
"""

from __future__ import annotations

from .simulation import Reference, simulate

__all__ = ["Reference", "simulate"]
