"""The words of QuantMage in the words of this language: indicators, tickers and references to other spells.

Lives here: what single words mean, in both directions. Does not live here: incantations and conditions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ....errors import unknown_name
from ...strategy import Branch, Call, Expression, Indicator, Nav, Series, Ticker, load_word
from ..composer.words import ticker, whole
from ..draft import Place, Unsupported
from ..values import Map, Value, outline_of

__all__ = [
    "BRANCHES",
    "INDICATORS",
    "NAMES",
    "has_window",
    "indicator",
    "indicator_out",
    "series_of",
    "series_out",
    "spell_name",
]

NAMES: Mapping[str, str] = {
    "price": "CurrentPrice",
    "sma": "MovingAverage",
    "ema": "ExponentialMovingAverage",
    "rsi": "RelativeStrengthIndex",
    "cumulative_return": "CumulativeReturn",
    "stdev_return": "Volatility",
    "max_drawdown": "MaxDrawdown",
    "drawdown": "Drawdown",
    "moving_average_return": "MovingAverageReturn",
    "momentum_weighted": "13612wMomentum",
    "momentum_unweighted": "13612uMomentum",
    "momentum_sma12": "SMA12Momentum",
    "ultimate_smoother": "UltimateSmoother",
    "aroon_up": "AroonUp",
    "aroon_down": "AroonDown",
    "aroon_oscillator": "Aroon",
    "macd_histogram": "MACD",
    "ppo_histogram": "PPO",
    "trend_clarity": "TrendClarity",
}
"""What every indicator of QuantMage is called there, by its name here; both in the same unit, percent points for
returns, deviations of returns and falls."""
_ALSO = {
    "SimpleMovingAverage": "sma",
    "MovingAverageOfReturns": "moving_average_return",
    "AroonOscillator": "aroon_oscillator",
}
INDICATORS: Mapping[str, str] = {
    **{theirs.lower(): ours for ours, theirs in NAMES.items()},
    **{theirs.lower(): ours for theirs, ours in _ALSO.items()},
}
"""Every name there in small letters, because documents differ in capitals, and what it is called here."""

BRANCHES: Mapping[str, str] = {
    "then": "then",
    "else": "otherwise",
    "from": "from",
    "to": "to",
    "enter": "on",
    "exit": "off",
}
"""The branches of the spell around a condition that a reference may mean, in small letters."""
_REFERENCE = re.compile(r'\s*subspell\s+"([^"]*)"\s*', re.IGNORECASE)


def spell_name(value: Value) -> str | None:
    """Take the name out of `Subspell "name"`; None for every other text."""
    found = _REFERENCE.fullmatch(value) if isinstance(value, str) and len(value) <= 600 else None
    return found[1].strip() if found else None


def series_of(value: Value, place: Place, what: str) -> Series:
    """Take what an indicator is computed of: a ticker, a branch of the spell around it, or another spell."""
    name = spell_name(value)
    if name is None:
        return Ticker(ticker(value, place, what))
    if name.lower() in BRANCHES:
        return Branch(BRANCHES[name.lower()])
    place.mapped(f"{what}: the spell {name[:40]!r} is called by its name")
    return Nav(Call(name))


def series_out(series: Series) -> str:
    """Write what an indicator is computed of."""
    if isinstance(series, Ticker):
        return series.symbol
    if isinstance(series, Branch):
        for theirs, ours in BRANCHES.items():
            if ours == series.which:
                return f'Subspell "{theirs.capitalize()}"'
    if isinstance(series, Nav) and isinstance(series.node, Call):
        bot = series.node.bot
        if bot.lower() not in BRANCHES and '"' not in bot and bot == bot.strip() and series.node.version == "latest":
            return f'Subspell "{bot}"'
    raise Unsupported(
        f"an indicator is computed of a ticker, a branch of its own spell or a whole spell there, not of `{series!r}`"
    )


def indicator(value: Value, series: Series, place: Place, what: str) -> Indicator:
    """Build an indicator from `{"type": …, "window": …}`."""
    if not isinstance(value, Map) or not isinstance(value.get("type"), str):
        raise Unsupported(f'{what} must be a map such as {{"type": "CumulativeReturn"}}, got {outline_of(value)}')
    written = str(value["type"])
    name = INDICATORS.get(written.lower())
    if name is None:
        raise Unsupported(str(unknown_name("indicator", written[:60], [*NAMES.values(), *_ALSO])))
    window = value.get("window")
    if not has_window(name):
        if window is not None and whole(window, f"window of {what}") != 0:
            place.cosmetic(f"window of {written}, which has none")
        return Indicator(name, series)
    if window is None:
        raise Unsupported(f"{written} needs a window, and the document does not say it")
    return Indicator(name, series, (("window", whole(window, f"window of {what}")),))


def has_window(name: str) -> bool:
    """Tell whether QuantMage knows a window for an indicator; the others are fixed there."""
    return any(parameter.name == "window" for parameter in load_word(name).parameters)


def indicator_out(term: Expression) -> Map:
    """Write an indicator without what it is computed of."""
    if not isinstance(term, Indicator) or term.name not in NAMES:
        raise Unsupported(f"`{term!r}` is nothing that it computes; it knows {', '.join(sorted(NAMES))}")
    given = dict(term.parameters)
    window = given.pop("window", 0)
    plain = dict(load_word(term.name).settle({"window": window} if has_window(term.name) else {}, where=term.name))
    for key, held in given.items():
        if plain[key] != held:
            raise Unsupported(f"{key} of {term.name} is always {plain[key]} there, not {held}")
    return Map(type=NAMES[term.name], window=window)
