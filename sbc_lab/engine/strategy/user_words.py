"""The words that users add to the vocabulary: which code each stands for, and the packages that bring some.

Lives here: the register of names and hashes of code, and the look-up among installed packages. Does not live here: the
functions themselves and how they are checked (`engine.user_indicators`), and how a word is written (`indicators`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import SbcError, StrategyError, UnknownNameError
from .words import IndicatorWord

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "sbc_lab.indicators"
"""Entry points of installed packages: the name of an indicator, and the decorated function."""

_CURRENT: dict[str, str] = {}
"""The hash of the code that a name stands for now."""
_VERSIONS: dict[tuple[str, str], IndicatorWord] = {}
"""Every word that was registered in this process, so that what was built with an older one can still be shown."""


@dataclass(frozen=True)
class _Offer:
    """An indicator that an installed package brings."""

    entry: EntryPoint

    @property
    def package(self) -> str:
        """The distribution, with its version."""
        dist = self.entry.dist
        return f"{dist.name} {dist.version}" if dist is not None else self.entry.value


def register(word: IndicatorWord, code: str) -> None:
    """Let a name stand for a piece of code from now on.

    Parameters
    ----------
    word : IndicatorWord
    code : str
        Hash of the code, 32 hexadecimal digits.
    """
    _VERSIONS[word.name, code] = word
    _CURRENT[word.name] = code


def names() -> tuple[str, ...]:
    """Every name that is registered, or that an installed package brings."""
    return tuple(dict.fromkeys((*_CURRENT, *(entry.name for entry in _entries()))))


def current_code(name: str) -> str:
    """Give the hash of the code that a name stands for now, asking installed packages; "" for any other name."""
    return _CURRENT.get(name, "")


def is_current(key: str) -> bool:
    """Tell whether "name@hash" is what the name stands for now."""
    name, _, code = key.partition("@")
    return _CURRENT.get(name) == code


def find_word(name: str, code: str = "") -> IndicatorWord | None:
    """Find a word by its name, in the version of a hash, or in that of now.

    Raises
    ------
    StrategyError
        When the name stands for other code here, or the package that brings it cannot be loaded.
    UnknownNameError
        When a hash says that the indicator is a user's own, and it is not registered here.
    """
    if name not in _CURRENT:
        _load_package(name)
    if name not in _CURRENT:
        if code:
            raise UnknownNameError(
                f"{name!r} is an indicator that a user wrote, and it is not registered here; run the cell that defines "
                f"it with @lab.indicator, or install the package that brings it"
            )
        return None
    found = _VERSIONS.get((name, code or _CURRENT[name]))
    if found is None:
        raise StrategyError(
            f"{name!r} was written with other code (hash {code[:8]}…) than is registered here "
            f"({_CURRENT[name][:8]}…); register that version, or read it with adopt=True to take the new code"
        )
    return found


def _entries() -> tuple[EntryPoint, ...]:
    """List what installed packages bring, as it is now; asked only for a name that is not known."""
    from importlib.metadata import entry_points

    return tuple(entry_points(group=GROUP))


def _load_package(name: str) -> None:
    """Load the package that brings an indicator, if there is one."""
    offers = [_Offer(entry) for entry in _entries() if entry.name == name]
    if not offers:
        return
    if len({offer.entry.value for offer in offers}) > 1:
        packages = ", ".join(sorted(offer.package for offer in offers))
        raise StrategyError(f"indicator {name!r} is brought by several packages: {packages}; uninstall all but one")
    offer = offers[0]
    try:
        offer.entry.load()
    except SbcError as error:
        raise StrategyError(f"indicator {name!r} of {offer.package} is refused: {error}") from error
    except Exception as error:
        raise StrategyError(
            f"indicator {name!r} of {offer.package} cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    if name not in _CURRENT:
        raise StrategyError(
            f"{offer.package} promises an indicator {name!r}, but {offer.entry.value} registers no such name; "
            "its entry point must be called like the indicator"
        )
