"""The words for indicators: names, aliases, units, parameters and their bounds; no arithmetic.

A strategy is checked against this table when it is written, so that a wrong window is refused where it was typed.
`engine.indicators` puts a kernel behind every word; a test holds both tables to the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import index
from types import MappingProxyType

from ...errors import StrategyError, unknown_name
from ._checks import shown

TradingDays = int
ParameterValue = int | float

LONGEST_WINDOW: TradingDays = 5_000


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
    """'USD', 'percent' (points), '0-100'."""
    parameters: tuple[Parameter, ...]
    aliases: tuple[str, ...] = ()
    """Names in the Composer, QuantMage and native formats."""
    price_level: bool = False
    """True when the value scales with the price, so that comparing it with a constant is fragile."""

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


def _window(low: int = 1, default: int | None = None, name: str = "window") -> Parameter:
    return Parameter(name, int, low, LONGEST_WINDOW, default)


_FAST, _SLOW, _SMOOTH = _window(1, 12, "short"), _window(1, 26, "long"), _window(1, 9, "smooth")
_BANDS = (_window(2, 20), Parameter("deviations", float, 0.0, 100.0, 2.0))

_WORDS = (
    IndicatorWord("price", "Price", "USD", (), ("current-price", "CurrentPrice", "Current Price"), price_level=True),
    IndicatorWord(
        "sma",
        "Simple moving average of price",
        "USD",
        (_window(),),
        ("moving-average-price", "MovingAverage", "Simple Moving Average"),
        price_level=True,
    ),
    IndicatorWord(
        "ema",
        "Exponential moving average of price",
        "USD",
        (_window(),),
        ("exponential-moving-average-price", "ExponentialMovingAverage", "Exponential Moving Average"),
        price_level=True,
    ),
    IndicatorWord(
        "rsi",
        "Relative strength index",
        "0-100",
        (_window(1, 14),),
        ("relative-strength-index", "RelativeStrengthIndex", "Relative Strength Index"),
    ),
    IndicatorWord(
        "cumulative_return", "Cumulative return", "percent", (_window(),), ("cumulative-return", "CumulativeReturn")
    ),
    IndicatorWord(
        "moving_average_return",
        "Mean of daily returns",
        "percent",
        (_window(),),
        ("moving-average-return", "MovingAverageReturn"),
    ),
    IndicatorWord(
        "stdev_return",
        "Standard deviation of daily returns",
        "percent",
        (_window(2),),
        ("standard-deviation-return", "stdev-return", "Volatility"),
    ),
    IndicatorWord(
        "stdev_price",
        "Standard deviation of price",
        "USD",
        (_window(2),),
        ("standard-deviation-price", "stdev-price"),
        price_level=True,
    ),
    IndicatorWord(
        "max_drawdown", "Largest fall inside the window", "percent", (_window(),), ("max-drawdown", "MaxDrawdown")
    ),
    IndicatorWord("ppo", "Percentage price oscillator", "percent", (_FAST, _SLOW), ("percentage-price-oscillator",)),
    IndicatorWord(
        "ppo_signal",
        "Signal line of the percentage price oscillator",
        "percent",
        (_FAST, _SLOW, _SMOOTH),
        ("percentage-price-oscillator-signal",),
    ),
    IndicatorWord(
        "macd",
        "Moving average convergence divergence",
        "USD",
        (_FAST, _SLOW),
        ("moving-average-convergence-divergence",),
        price_level=True,
    ),
    IndicatorWord(
        "macd_signal",
        "Signal line of the moving average convergence divergence",
        "USD",
        (_FAST, _SLOW, _SMOOTH),
        ("moving-average-convergence-divergence-signal",),
        price_level=True,
    ),
    IndicatorWord("lower_bollinger", "Lower Bollinger band", "USD", _BANDS, ("lower-bollinger",), price_level=True),
    IndicatorWord("upper_bollinger", "Upper Bollinger band", "USD", _BANDS, ("upper-bollinger",), price_level=True),
)

WORDS: Mapping[str, IndicatorWord] = MappingProxyType({word.name: word for word in _WORDS})
"""Every indicator of the language, by name."""

ALIASES: Mapping[str, str] = MappingProxyType({alias: word.name for word in _WORDS for alias in word.aliases})
"""The name of this lab for a name of another format."""


def load_word(name: str) -> IndicatorWord:
    """Look an indicator up by name; an unknown one is an error that lists the nearest, aliases counted."""
    word = WORDS.get(name)
    if word is not None:
        return word
    if name in ALIASES:
        raise StrategyError(f"there is no indicator {name!r} here; it is called {ALIASES[name]!r}")
    raise unknown_name("indicator", name, WORDS)
