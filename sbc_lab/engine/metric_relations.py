"""The arithmetic of the metrics that need more than returns: a benchmark, the holdings, the turnover.

Lives here: one function per metric, as in metric_formulas.py, where those of the returns alone are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .metric_formulas import ROOT_YEAR, TRADING_DAYS, cagr, ratio_of
from .metric_track import NOISE, Floats, Track, sample_spread


def _known(values: Floats | None) -> Floats:
    # The table says what a metric needs, and `measure` calls it only with that.
    assert values is not None
    return values


def _covariance(left: Floats, right: Floats) -> float:
    return float((left - left.mean()) @ (right - right.mean()) / (len(left) - 1))


# ---------------------------------------------------------------- against the benchmark


def beta(track: Track) -> float:
    """Slope of the daily returns on those of the benchmark."""
    benchmark = _known(track.benchmark)
    still = sample_spread(benchmark) == 0.0
    return float("nan") if still else _covariance(track.returns, benchmark) / float(benchmark.var(ddof=1))


def alpha(track: Track) -> float:
    """Mean return of a year that the slope on the benchmark does not explain."""
    return (track.mean - beta(track) * float(_known(track.benchmark).mean())) * TRADING_DAYS


def treynor(track: Track) -> float:
    """Mean return of a year per unit of beta."""
    return ratio_of(track.mean * TRADING_DAYS, beta(track))


def correlation(track: Track) -> float:
    """Pearson correlation of the daily returns with those of the benchmark."""
    benchmark = _known(track.benchmark)
    spreads = track.spread * sample_spread(benchmark)
    if spreads == 0.0:
        return float("nan")
    # Rounding can carry a perfect correlation past 1.
    return float(np.clip(_covariance(track.returns, benchmark) / spreads, -1.0, 1.0))


def r_squared(track: Track) -> float:
    """Share of the variance of the daily returns that goes with the benchmark."""
    return correlation(track) ** 2


def tracking_error(track: Track) -> float:
    """Sample standard deviation of a year of the returns above the benchmark."""
    return sample_spread(track.returns - _known(track.benchmark)) * ROOT_YEAR


def information_ratio(track: Track) -> float:
    """Mean return of a year above the benchmark per unit of tracking error."""
    above = track.returns - _known(track.benchmark)
    return ratio_of(float(above.mean()), sample_spread(above)) * ROOT_YEAR


def up_capture(track: Track) -> float:
    """Growth per 252 days on which the benchmark rose, over that of the benchmark."""
    return _capture(track, _known(track.benchmark) > 0.0)


def down_capture(track: Track) -> float:
    """Growth per 252 days on which the benchmark fell, over that of the benchmark."""
    return _capture(track, _known(track.benchmark) < 0.0)


def _capture(track: Track, days: NDArray[np.bool_]) -> float:
    if not days.any():
        return float("nan")
    own, other = (
        np.expm1(TRADING_DAYS * np.log1p(returns[days]).mean()) for returns in (track.returns, _known(track.benchmark))
    )
    return ratio_of(float(own), float(other))


# ---------------------------------------------------------------- holdings


def average_turnover(track: Track) -> float:
    """Mean traded value of a decision, as a share of the portfolio."""
    return float(_known(track.turnover).mean())


def annual_turnover(track: Track) -> float:
    """Mean traded value of a year of decisions, in portfolios."""
    return average_turnover(track) * TRADING_DAYS


def average_turnover_one_way(track: Track) -> float:
    """Mean of half of what changes hands, cash included, as a share of the portfolio."""
    return float(_known(track.one_way).mean())


def average_holdings(track: Track) -> float:
    """Mean number of tickers held after a decision."""
    return float(track.holdings.mean())


def herfindahl(track: Track) -> float:
    """Mean concentration of what is invested: 1 for one ticker, 1/N for N equal ones; bars all in cash do not count."""
    shares = _known(track.allocation)
    invested = shares.sum(axis=0)
    some = invested > NOISE
    if not some.any():
        return float("nan")
    squares = np.einsum("td,td->d", shares, shares)
    return float(np.mean(squares[some] / invested[some] ** 2))


def time_in_market(track: Track) -> float:
    """Share of the decisions after which anything is held."""
    return float((track.holdings > 0).mean())


def timar(track: Track) -> float:
    """Growth per year over the time in market."""
    return ratio_of(cagr(track), time_in_market(track))
