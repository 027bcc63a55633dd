"""What the language knows of an indicator: its name, unit, inputs and parameters with their bounds; no arithmetic.

Lives here: the classes. Does not live here: the words themselves, which are in `_words_averages`, `_words_momentum`,
`_words_risk` and `_words_bars`, and looking one up, which is in `vocabulary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import index

from ...errors import StrategyError, unknown_name
from ._checks import shown

TradingDays = int
ParameterValue = int | float

LONGEST_WINDOW: TradingDays = 5_000
"""The longest look-back, about twenty years."""


@dataclass(frozen=True)
class Parameter:
    """One number that an indicator takes, with what is allowed."""

    name: str
    kind: type
    low: float
    high: float
    default: ParameterValue | None = None
    """None: the caller must say it."""

    def check(self, value: object, *, where: str) -> ParameterValue:
        """Return `value` as an `int` or `float` inside the bounds, or raise `StrategyError`."""
        if value is None:
            raise StrategyError(f"{where}: say the {self.name}, for example {self.name}={self.example}")
        number = self._number(value)
        if number is None or not self.low <= number <= self.high:
            raise StrategyError(f"{where}: {self.name} must be {self._allowed}, got {shown(value)}")
        return number

    def _number(self, value: object) -> ParameterValue | None:
        if isinstance(value, (bool, str)):
            return None
        if isinstance(value, float) and self.kind is int and value.is_integer():
            return int(value)
        try:
            return index(value) if self.kind is int else float(value)  # type: ignore[arg-type]  # the except is the check
        except (TypeError, ValueError, OverflowError):
            return None

    @property
    def example(self) -> ParameterValue:
        """A value that is accepted, for messages."""
        if self.default is not None:
            return self.default
        return 20 if self.kind is int else 2.0

    @property
    def _allowed(self) -> str:
        if self.kind is int:
            return f"a whole number of trading days from {self.low:g} to {self.high:g}"
        return f"a number from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class IndicatorWord:
    """What the language knows of an indicator."""

    name: str
    label: str
    """One sentence, used as the long name of the series."""
    unit: str
    """'USD', 'shares', 'percent' (points), 'fraction', 'number', or the range of an index such as '0-100'."""
    parameters: tuple[Parameter, ...]
    aliases: tuple[str, ...] = ()
    """Names in the Composer, QuantMage and native formats."""
    price_level: bool = False
    """True when the value scales with the price, so that comparing it with a constant is fragile."""
    inputs: tuple[str, ...] = ("close",)
    """Fields of the candles that it reads, in the order in which its arithmetic takes them. Only a ticker has others
    than closes: a ratio or a NAV is one line of prices."""

    @property
    def reads_bars(self) -> bool:
        """Whether it reads more than closes."""
        return self.inputs != ("close",)

    def settle(self, given: Mapping[str, object], *, where: str) -> tuple[tuple[str, ParameterValue], ...]:
        """Fill in the defaults, check the bounds, and return the parameters in the order of the table.

        A short window must be below the long one: equal windows have no difference, and swapped ones turn every sign.
        """
        known = [parameter.name for parameter in self.parameters]
        for name in given:
            if name not in known:
                raise unknown_name("parameter", name, known, where=where)
        settled = {
            parameter.name: parameter.check(given.get(parameter.name, parameter.default), where=where)
            for parameter in self.parameters
        }
        if "short" in settled and settled["short"] >= settled["long"]:
            raise StrategyError(
                f"{where}: short must be below long, got short={settled['short']} and long={settled['long']}"
            )
        return tuple(settled.items())


def window(low: int = 1, default: int | None = None, *, name: str = "window", high: int = LONGEST_WINDOW) -> Parameter:
    """Describe a look-back in trading days; without a default the caller must say it."""
    return Parameter(name, int, low, high, default)
