"""What trading costs, as objects that can be swapped and added: `costs=PerShare() + Slippage(2)`.

Lives here: the models, what each of them may be told, and how they show in an identity. What they take from a portfolio
is computed in `kernels.trading`, and once more in `reference.costs`; the dated fees are in `fees`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import cast

from ..errors import BacktestError

__all__ = ["Bps", "CostModel", "CostSum", "PerShare", "RegulatoryFees", "Slippage"]

MOST_BPS = 10_000.0
CAPITAL = 100_000.0
"""What a portfolio is worth at its start when nobody says so, in USD."""


@dataclass(frozen=True)
class CostModel:
    """Base of everything that takes money for a trade; models are added with +."""

    @property
    def parts(self) -> tuple[CostModel, ...]:
        """The models that this one is made of; itself when it is simple."""
        return (self,)

    @property
    def name(self) -> str:
        """What the model is called in a result, such as 'PerShare'."""
        return type(self).__name__

    @property
    def counts_shares(self) -> bool:
        """Whether it needs to know how many shares are traded."""
        return False

    def __add__(self, other: object) -> CostModel:
        """Pay both."""
        if not isinstance(other, CostModel):
            return NotImplemented
        return CostSum((*self.parts, *other.parts))

    def as_json(self) -> dict[str, object]:
        """Name and parameters as plain JSON."""
        return {"model": self.name, **{field.name: getattr(self, field.name) for field in fields(self)}}


@dataclass(frozen=True)
class Bps(CostModel):
    """A part of the traded value, for purchases and sales alike.

    Parameters
    ----------
    bps : float
        1/10,000 of the traded value, from 0 to 10,000.

    Examples
    --------
    >>> Bps(5) + Slippage({"SPY": 0.5}, others=3)
    CostSum(models=(Bps(bps=5.0), Slippage(bps=(('SPY', 0.5),), others=3.0)))
    """

    bps: float = 5.0

    def __post_init__(self) -> None:
        """Refuse what is no rate."""
        _set(self, bps=_number("Bps", "bps", self.bps, most=MOST_BPS))


@dataclass(frozen=True)
class Slippage(CostModel):
    """Half the spread between bid and ask: what a fill is worse than the price of the bar.

    Parameters
    ----------
    bps : float or mapping of ticker to float
        1/10,000 of the traded value, from 0 to 10,000.
    others : float, optional
        For the tickers that a mapping does not name; without it, trading one of those is an error.
    """

    bps: float | Mapping[str, float] | tuple[tuple[str, float], ...] = 1.0
    others: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no rate, and keep a mapping in the order of its tickers."""
        if isinstance(self.bps, (Mapping, tuple)):
            pairs = sorted(dict(self.bps).items())
            named = tuple((str(ticker), _number("Slippage", ticker, rate, most=MOST_BPS)) for ticker, rate in pairs)
            _set(self, bps=named)
        else:
            _set(self, bps=_number("Slippage", "bps", self.bps, most=MOST_BPS))
        if self.others is not None:
            _set(self, others=_number("Slippage", "others", self.others, most=MOST_BPS))

    def rate_of(self, ticker: str) -> float:
        """Half spread of one ticker, 1/10,000 of the traded value."""
        if not isinstance(self.bps, tuple):
            return cast("float", self.bps)
        rate = dict(self.bps).get(ticker, self.others)
        if rate is None:
            known = ", ".join(name for name, _ in self.bps[:6]) or "no ticker"
            raise BacktestError(
                f"Slippage names {known} but not {ticker!r}, which is traded; add it, or type others=5 for the rest"
            )
        return rate

    def as_json(self) -> dict[str, object]:
        """Name and parameters as plain JSON."""
        bps = dict(self.bps) if isinstance(self.bps, tuple) else self.bps
        return {"model": self.name, "bps": bps, "others": self.others}


@dataclass(frozen=True)
class PerShare(CostModel):
    """A commission for every share that is traded, as brokers charge it for an order.

    Parameters
    ----------
    rate : float, USD a share
    minimum : float, USD an order
        One ticker on one date is one order; so is its sale at the other end of a round trip.
    maximum : float, optional
        Most of an order, as a fraction of its value, such as 0.01; it wins over the minimum.
    capital : float, USD
        What the portfolio is worth when its equity is 1.

    Notes
    -----
    How many shares an order has depends on the price at which they were traded on that day, before later splits and
    dividends. The variable `raw_close` of the candles says it, (ticker, date), USD; without it the adjusted close
    stands in, which makes the shares of the past too many, and a warning says so.
    """

    rate: float = 0.005
    minimum: float = 1.0
    maximum: float | None = None
    capital: float = CAPITAL

    def __post_init__(self) -> None:
        """Refuse what no broker charges."""
        _set(self, rate=_number("PerShare", "rate", self.rate), minimum=_number("PerShare", "minimum", self.minimum))
        _set(self, capital=_capital("PerShare", self.capital))
        if self.maximum is not None:
            _set(self, maximum=_number("PerShare", "maximum", self.maximum, most=1.0))

    @property
    def counts_shares(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class RegulatoryFees(CostModel):
    """What US regulators take of a sale: the SEC's fee of Section 31, and FINRA's Trading Activity Fee.

    Parameters
    ----------
    section_31, trading_activity : bool
        Which of the two to charge.
    capital : float, USD
        What the portfolio is worth when its equity is 1; the Trading Activity Fee has a most per sale.

    Notes
    -----
    The rates are those of the date of the sale, out of the tables of `fees`, which begin on 2008-04-01. What is sold
    before that pays nothing, and after the last known date the last known rates stand; a warning names those dates.
    Fees are not rounded to cents.
    """

    section_31: bool = True
    trading_activity: bool = True
    capital: float = CAPITAL

    def __post_init__(self) -> None:
        """Refuse what is neither true nor false."""
        for name in ("section_31", "trading_activity"):
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise BacktestError(f"RegulatoryFees: {name} must be True or False, got {value!r}")
        _set(self, capital=_capital("RegulatoryFees", self.capital))

    @property
    def counts_shares(self) -> bool:
        """Only for the Trading Activity Fee."""
        return self.trading_activity


@dataclass(frozen=True)
class CostSum(CostModel):
    """Several models, all of them paid.

    Parameters
    ----------
    models : tuple of CostModel
        At least one; those that know the capital must agree on it.
    """

    models: tuple[CostModel, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no model, and two opinions on what the portfolio is worth."""
        if not self.models or not all(isinstance(model, CostModel) for model in self.models):
            raise BacktestError(f"CostSum takes models such as (Bps(5), PerShare()), got {self.models!r}")
        _set(self, models=tuple(part for model in self.models for part in model.parts))
        capitals = sorted({cast("float", getattr(part, "capital", None)) for part in self.models} - {None})
        if len(capitals) > 1:
            said = " and ".join(f"{capital:,g}" for capital in capitals)
            raise BacktestError(
                f"one portfolio has one capital, these models say {said} USD; give all of them the same"
            )

    @property
    def parts(self) -> tuple[CostModel, ...]:
        """The models."""
        return self.models

    @property
    def counts_shares(self) -> bool:
        """Whether any of them does."""
        return any(model.counts_shares for model in self.models)

    def as_json(self) -> dict[str, object]:
        """Name and models as plain JSON."""
        return {"model": self.name, "models": [model.as_json() for model in self.models]}


KNOWN_MODELS = (Bps, Slippage, PerShare, RegulatoryFees)
"""Those that both engines can compute."""


def capital_of(model: CostModel) -> float:
    """Find what the portfolio is worth when its equity is 1, USD."""
    known = [part.capital for part in model.parts if isinstance(part, (PerShare, RegulatoryFees))]
    return known[0] if known else CAPITAL


def _set(model: CostModel, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(model, name, value)


def _number(model: str, name: str, value: object, *, most: float = math.inf) -> float:
    good = isinstance(value, (int, float)) or hasattr(value, "__float__")
    number = float(value) if good and not isinstance(value, (bool, str)) else math.nan  # type: ignore[arg-type]  # just checked
    if not 0.0 <= number <= most or math.isinf(number):
        allowed = "at least 0" if math.isinf(most) else f"from 0 to {most:,g}"
        raise BacktestError(f"{model}: {name} must be a number {allowed}, got {value!r}")
    return number


def _capital(model: str, value: object) -> float:
    capital = _number(model, "capital", value)
    if capital == 0.0:
        raise BacktestError(f"{model}: capital must be more than 0 USD, got {value!r}")
    return capital
