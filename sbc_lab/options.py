"""The options of the lab: what is allowed, what holds now, and a `with` block that changes it for a while.

Settings of one backtest (its costs, its start) are arguments of the backtest and not found here: an option changes
how a result is computed, never the result. Nothing here imports anything but the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypedDict, Unpack, get_args

from .errors import OptionError, nearest, unknown_name

__all__ = ["Engine", "Memory", "Option", "OptionValues", "Options", "options"]

Engine = Literal["numba", "numpy"]
Memory = Literal["64MiB", "128MiB", "256MiB", "512MiB", "1GiB", "2GiB", "4GiB", "8GiB", "16GiB", "32GiB", "64GiB"]


class OptionValues(TypedDict, total=False):
    """The options by name, each with the values it takes."""

    engine: Engine
    memory: Memory


@dataclass(frozen=True)
class Option:
    """One option: its default, the values it takes, and what it is for."""

    default: str
    allowed: tuple[str, ...]
    meaning: str


OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        "engine": Option(
            "numba",
            ("numba", "numpy"),
            "who computes: compiled kernels, or the plain twins that the compiled ones are checked against",
        ),
        "memory": Option(
            "1GiB",
            get_args(Memory),
            "what many backtests in one call may have in use at a time, besides the candles",
        ),
    }
)
"""Every option, by name."""

_POWERS = {"MiB": 20, "GiB": 30}
_DEFAULTS: Mapping[str, str] = MappingProxyType({name: option.default for name, option in OPTIONS.items()})
_holding: ContextVar[Mapping[str, str]] = ContextVar("sbc_lab.options", default=_DEFAULTS)


def _checked(given: Mapping[str, object]) -> dict[str, str]:
    """Return the values given, or raise for the first name or value that does not exist."""
    checked = {}
    for name, value in given.items():
        option = OPTIONS.get(name)
        if option is None:
            raise unknown_name("option", name, OPTIONS, where="options")
        if not isinstance(value, str) or value not in option.allowed:
            known = ", ".join(repr(allowed) for allowed in nearest(str(value), option.allowed))
            raise OptionError(f"options: {name} must be one of {known}, got {value!r}")
        checked[name] = value
    return checked


class Options:
    """The options of the lab, readable as attributes and changed inside a `with` block.

    Examples
    --------
    >>> from sbc_lab import options
    >>> options.engine
    'numba'
    >>> with options(engine="numpy"):
    ...     options.engine
    'numpy'
    >>> options.engine
    'numba'
    """

    __slots__ = ()

    @property
    def engine(self) -> Engine:
        """Who computes: "numba" (compiled kernels, the default) or "numpy" (their plain twins, slow)."""
        return "numba" if _holding.get()["engine"] == "numba" else "numpy"

    @property
    def memory(self) -> int:
        """Bytes that many backtests in one call may have in use at a time; set as "1GiB"."""
        said = _holding.get()["memory"]
        return int(said[:-3]) << _POWERS[said[-3:]]

    def current(self) -> dict[str, str]:
        """Return every option with the value that holds here and now."""
        return dict(_holding.get())

    def __call__(self, **values: Unpack[OptionValues]) -> AbstractContextManager[None]:
        """Change options inside a `with` block; the values before it come back when it ends.

        Parameters
        ----------
        **values : str
            Options by name, for example ``engine="numpy"``. Each is checked at once.

        Returns
        -------
        context manager
            The change holds inside its block, in this thread or task only.
        """
        return _change(_checked(values))

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse an assignment, which would never be taken back, and say what to type."""
        checked = _checked({name: value})
        raise OptionError(
            f"options.{name} cannot be assigned, got {value!r}; type: with options({name}={checked[name]!r}): ..."
        )

    def __getattr__(self, name: str) -> object:
        """Say which options exist; reached only by a name that is none."""
        raise AttributeError(str(unknown_name("option", name, OPTIONS, where="options")), name=name, obj=self)

    def __repr__(self) -> str:
        """List every option with its value and what it is for."""
        lines = [f"  {name}={value!r}  {OPTIONS[name].meaning}" for name, value in self.current().items()]
        return "\n".join(["options, changed by `with options(...):`", *lines])


@contextmanager
def _change(values: Mapping[str, str]) -> Iterator[None]:
    token = _holding.set(MappingProxyType({**_holding.get(), **values}))
    try:
        yield
    finally:
        _holding.reset(token)


options = Options()
"""The options of the lab; there is one such object."""
