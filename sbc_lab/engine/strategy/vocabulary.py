"""Every indicator of the language by name, and looking one up; no arithmetic.

A strategy is checked against this table when it is written, so that a wrong window is refused where it was typed.
`engine.indicators` puts a kernel behind every word; a test holds both tables to the same names. What a word holds is
described in `words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...errors import StrategyError, unknown_name
from . import user_words
from ._words_averages import AVERAGES
from ._words_bars import BARS
from ._words_momentum import MOMENTUM
from ._words_risk import RISK
from .words import LONGEST_WINDOW, IndicatorWord, Parameter, ParameterValue, TradingDays

__all__ = [
    "ALIASES",
    "LIBRARY",
    "LONGEST_WINDOW",
    "WORDS",
    "IndicatorWord",
    "Parameter",
    "ParameterValue",
    "TradingDays",
    "load_word",
]

_WORDS = (*AVERAGES, *MOMENTUM, *RISK, *BARS)

WORDS: Mapping[str, IndicatorWord] = MappingProxyType({word.name: word for word in _WORDS})
"""Every indicator of the language, by name."""

ALIASES: Mapping[str, str] = MappingProxyType({alias: word.name for word in _WORDS for alias in word.aliases})
"""The name of this lab for a name of another format."""


LIBRARY: Mapping[str, str] = MappingProxyType(
    {
        "close": "price",
        "open": "open_price",
        "high": "high_price",
        "low": "low_price",
        "wilderma": "wilder_ma",
        "ultsmooth": "super_smoother",
        "linreg_value": "linear_regression_value",
        "linreg_slope": "linear_regression_slope",
        "r2": "trend_clarity",
        "stochrsi": "stochastic_rsi",
        "laguerrersi": "laguerre_rsi",
        "willr": "williams_r",
        "stochk": "stochastic_k",
        "stochd": "stochastic_d",
        "aroon_osc": "aroon_oscillator",
        "momentum_w": "momentum_weighted",
        "momentum_u": "momentum_unweighted",
        "roc": "cumulative_return",
        "cumret": "cumulative_return",
        "sma_ret": "moving_average_return",
        "macd_hist": "macd_histogram",
        "ppo_hist": "ppo_histogram",
        "stdev": "stdev_return",
        "hvol": "historical_volatility",
        "maxdd": "max_drawdown",
        "ulcer": "ulcer_index",
        "bbpctb": "bollinger_percent_b",
        "bbwidth": "bollinger_bandwidth",
        "atr_pct": "atr_percent",
        "mfi": "money_flow_index",
        "obv_roc": "obv_rate_of_change",
    }
)
"""Short names that formulas use: the name of this lab for each that differs. Units are those of this lab.

`momentum_sma12`, `rsi_sma` and the rest of the ancestor's library have the same name here.
"""


def load_word(key: str) -> IndicatorWord:
    """Look an indicator up by name, or a user's own by "name@hash of its code".

    Packages that bring indicators are asked before a name is unknown; the error lists the nearest, and says what a
    name of another format is called here.
    """
    word = WORDS.get(key)
    if word is not None:
        return word
    name, _, code = key.partition("@")
    if name in WORDS:
        raise StrategyError(f"{name} is an indicator of this lab, so it has no code of its own; leave {code!r} out")
    called = ALIASES.get(name) or LIBRARY.get(name)
    if called is not None:
        raise StrategyError(f"there is no indicator {name!r} here; it is called {called!r}")
    own = user_words.find_word(name, code)
    if own is None:
        raise unknown_name("indicator", name, (*WORDS, *user_words.names()))
    return own
