"""Hash-consing: two terms that say the same are one object, so equality is identity and costs nothing at any depth.

The base of every term lives here, with what each of them can do: name its parts, say which names are still free, be
copied and pickled. What a term means lives in `terms`, `conditions` and `nodes`.
"""

from __future__ import annotations

import keyword
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, Self, TypeVar

from ...errors import StrategyError

T = TypeVar("T")

_TABLE: weakref.WeakValueDictionary[tuple[object, ...], object] = weakref.WeakValueDictionary()
_LOCK = threading.RLock()


class Interned(type):
    """Metaclass whose classes return the object that already says the same, if there is one."""

    def __call__(cls: type[T], *args: Any, **kwargs: Any) -> T:
        """Build, validate, then give back the first object that was built with the same fields."""
        made: Any = super().__call__(*args, **kwargs)  # type: ignore[misc]  # mypy does not know type.__call__ here
        key = (cls, *(getattr(made, name) for name in made._names()))
        with _LOCK:
            kept: Any = _TABLE.setdefault(key, made)
        return kept  # type: ignore[no-any-return]  # the table holds every class


@dataclass(frozen=True, eq=False, repr=False)
class Term(metaclass=Interned):
    """A piece of a strategy: a series, an expression, a condition or a node. Frozen; equal ones are one object."""

    kind: ClassVar[str] = ""
    """The word of this term in a stored document."""
    look: ClassVar[frozenset[str]] = frozenset()
    """Fields that are only seen, never computed with; they do not count in a fingerprint."""

    @classmethod
    def _names(cls) -> tuple[str, ...]:
        names: tuple[str, ...] | None = cls.__dict__.get("_field_names")
        if names is None:
            names = tuple(field.name for field in fields(cls))
            cls._field_names = names  # type: ignore[attr-defined]  # a per-class cache, set on first use
        return names

    def values(self) -> Iterator[tuple[str, Any]]:
        """Yield every field with its value, in the order of the class."""
        for name in self._names():
            yield name, getattr(self, name)

    @cached_property
    def parts(self) -> tuple[Term, ...]:
        """The terms this one is made of, in the order in which they are written."""
        found: list[Term] = []
        for _, value in self.values():
            if isinstance(value, Term):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(item for item in value if isinstance(item, Term))
        return tuple(found)

    @cached_property
    def free(self) -> frozenset[object]:
        """What this term leaves open: `each`, branches of the node that will own it, and axes."""
        # Parts are always built first and keep their own answer, so this never goes deeper than one level.
        own = frozenset(axis for _, value in self.values() for axis in _axes_in(value))
        return own.union(*(part.free for part in self.parts)) - self._bound()

    def _bound(self) -> frozenset[object]:
        return frozenset()

    def __post_init__(self) -> None:
        """Settle `free` while the parts are at hand, so that no later question recurses."""
        _ = self.free

    def replaced(self, **changes: object) -> Self:
        """Return this term with some fields changed, validated as if it had been written anew."""
        return type(self)(**{**dict(self.values()), **changes})

    def __copy__(self) -> Self:
        """Return itself: a frozen term needs no copy."""
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return itself: a frozen term needs no copy."""
        return self

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        """Pickle as a flat table, because a nested one would overflow the stack of a deep tree."""
        from .wire import pack, unpack

        return unpack, (pack(self),)

    def __repr__(self) -> str:
        """Show the sentence that this term is, cut after a few hundred characters."""
        from .sentence import sentence

        return sentence(self)


@dataclass(frozen=True)
class Axis:
    """A named list of values to sweep; it stands where one number would stand."""

    name: str
    points: tuple[int | float, ...]

    def __post_init__(self) -> None:
        """Refuse a name that cannot be a keyword, and points that are none, doubled, or no numbers."""
        name: object = self.name  # whatever a caller gave in its place
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise StrategyError(
                f"axis: the name becomes a dimension and a keyword, so it must be an identifier, got {name!r}"
            )
        points = tuple(self.points)
        if not points or any(isinstance(p, bool) or not isinstance(p, (int, float)) for p in points):
            raise StrategyError(f"axis({self.name!r}): give at least one number, got {points[:5]!r}")
        if len(set(points)) < len(points):
            raise StrategyError(f"axis({self.name!r}): every value once, got {points[:8]!r}")
        object.__setattr__(self, "points", points)

    def __repr__(self) -> str:
        """Show the call that makes it, a long list cut."""
        shown = ", ".join(map(str, self.points[:6])) + (", …" if len(self.points) > 6 else "")
        return f"axis({self.name!r}, [{shown}])"


def _axes_in(value: object) -> Iterator[Axis]:
    if isinstance(value, Axis):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            if isinstance(item, Axis):
                yield item
            elif isinstance(item, tuple):
                yield from (inner for inner in item if isinstance(inner, Axis))
