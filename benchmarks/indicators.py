"""What each indicator kernel costs per bar, beside pandas, compiled libraries and what the memory here allows.

Run ``python benchmarks/indicators.py``; it takes about half a minute. All contenders take turns in one process, so
that a busy machine slows every one of them; the table holds medians over the rounds, in nanoseconds per bar, and
ratios within this run. Nothing is asserted: a time is a measurement, not a law.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from _compiled_words import AGREE, COMPILED, LIBRARIES, compiled_peers

from sbc_lab.engine.cube import cube
from sbc_lab.engine.indicators import INDICATORS
from sbc_lab.engine.strategy.vocabulary import ParameterValue

Series = npt.NDArray[np.float64]

BARS = 6_300
CASES: tuple[tuple[str, tuple[ParameterValue, ...]], ...] = (
    ("price", ()),
    ("sma", (20,)),
    ("sma", (1_000,)),
    ("ema", (50,)),
    ("rsi", (14,)),
    ("cumulative_return", (20,)),
    ("moving_average_return", (20,)),
    ("stdev_return", (20,)),
    ("stdev_price", (20,)),
    ("stdev_price", (1_000,)),
    ("max_drawdown", (60,)),
    ("max_drawdown", (1_000,)),
    ("ppo", (12, 26)),
    ("ppo_signal", (12, 26, 9)),
    ("macd", (12, 26)),
    ("macd_signal", (12, 26, 9)),
    ("lower_bollinger", (20, 2.0)),
    ("upper_bollinger", (20, 2.0)),
    ("bollinger_percent_b", (20, 2.0)),
    ("bollinger_bandwidth", (20, 2.0)),
    ("historical_volatility", (20,)),
    ("wma", (20,)),
    ("wma", (1_000,)),
    ("hma", (20,)),
    ("hma", (1_000,)),
    ("wilder_ma", (14,)),
    ("dema", (20,)),
    ("tema", (20,)),
    ("kama", (10,)),
    ("price_vs_sma", (20,)),
    ("linear_regression_value", (20,)),
    ("linear_regression_slope", (20,)),
    ("trend_clarity", (20,)),
    ("trend_clarity", (1_000,)),
    ("ultimate_smoother", (20,)),
    ("super_smoother", (20,)),
    ("rsi_sma", (14,)),
    ("rsi_ema", (14,)),
    ("stochastic_rsi", (14,)),
    ("laguerre_rsi", (0.8,)),
    ("momentum_weighted", (21,)),
    ("momentum_unweighted", (21,)),
    ("momentum_sma12", (21,)),
    ("ppo_histogram", (12, 26, 9)),
    ("macd_histogram", (12, 26, 9)),
    ("drawdown", ()),
    ("ulcer_index", (14,)),
    ("ulcer_index", (1_000,)),
    ("williams_r", (14,)),
    ("cci", (20,)),
    ("cci", (1_000,)),
    ("stochastic_k", (14,)),
    ("stochastic_k", (1_000,)),
    ("stochastic_d", (14, 3)),
    ("adx", (14,)),
    ("aroon_up", (25,)),
    ("aroon_down", (25,)),
    ("aroon_oscillator", (25,)),
    ("atr", (14,)),
    ("atr_percent", (14,)),
    ("money_flow_index", (14,)),
    ("obv_rate_of_change", (20,)),
    ("vwap_ratio", (20,)),
)


def _ema(prices: pd.Series[float], window: int) -> pd.Series[float]:
    return prices.ewm(span=window, adjust=False, min_periods=window).mean()


def _macd(prices: pd.Series[float], short: int, long: int) -> pd.Series[float]:
    return _ema(prices, short) - _ema(prices, long)


def _rsi(prices: pd.Series[float], window: int) -> pd.Series[float]:
    change = prices.diff()
    gain = change.clip(lower=0.0).ewm(alpha=1.0 / window, adjust=False, min_periods=window).mean()
    loss = (-change.clip(upper=0.0)).ewm(alpha=1.0 / window, adjust=False, min_periods=window).mean()
    return 100.0 * gain / (gain + loss)


def _band(prices: pd.Series[float], window: int, deviations: float) -> pd.Series[float]:
    rolling = prices.rolling(window)
    return rolling.mean() + deviations * rolling.std(ddof=0)


PEERS: dict[str, Callable[..., object]] = {
    "price": lambda s: s.copy(),
    "sma": lambda s, window: s.rolling(window).mean(),
    "ema": _ema,
    "rsi": _rsi,
    "cumulative_return": lambda s, window: 100.0 * s.pct_change(window),
    "moving_average_return": lambda s, window: 100.0 * s.pct_change().rolling(window).mean(),
    "stdev_return": lambda s, window: 100.0 * s.pct_change().rolling(window).std(),
    "stdev_price": lambda s, window: s.rolling(window).std(),
    "ppo": lambda s, short, long: 100.0 * _macd(s, short, long) / _ema(s, long),
    "ppo_signal": lambda s, short, long, smooth: _ema(100.0 * _macd(s, short, long) / _ema(s, long), smooth),
    "macd": _macd,
    "macd_signal": lambda s, short, long, smooth: _ema(_macd(s, short, long), smooth),
    "lower_bollinger": lambda s, window, deviations: _band(s, window, -deviations),
    "upper_bollinger": _band,
    "wilder_ma": lambda s, window: s.ewm(alpha=1.0 / window, adjust=False, min_periods=window).mean(),
    "dema": lambda s, window: 2.0 * _ema(s, window) - _ema(_ema(s, window), window),
    "price_vs_sma": lambda s, window: 100.0 * (s / s.rolling(window).mean() - 1.0),
    "historical_volatility": lambda s, window: 100.0 * 252.0**0.5 * np.log(s / s.shift()).rolling(window).std(),
    "macd_histogram": lambda s, short, long, smooth: _macd(s, short, long) - _ema(_macd(s, short, long), smooth),
    "drawdown": lambda s: 100.0 * (1.0 - s / s.cummax()),
}
"""The shortest idiom in pandas for the same numbers, where it has one."""


def spent(call: Callable[[], object], times: int) -> float:
    """Nanoseconds per bar of one call, over `times` calls."""
    begin = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begin) / times / BARS * 1e9


def lines_around(x: Series) -> dict[str, Series]:
    """Highs, lows and volume to go with closes."""
    rng = np.random.default_rng(3)
    wide = rng.uniform(0.0, 0.01, (2, x.size))
    volume = np.round(rng.lognormal(13.0, 0.5, x.size))
    return {"high": x * (1.0 + wide[0]), "low": x * (1.0 - wide[1]), "close": x, "volume": volume}


def contenders(x: Series) -> dict[str, tuple[Callable[[], object], int]]:
    """Every job of the table, with how often it is called in one round."""
    out, prices, lines = np.empty_like(x), pd.Series(x), lines_around(x)
    jobs: dict[str, tuple[Callable[[], object], int]] = {"copy": (partial(np.copyto, out, x), 200)}
    for name, values in CASES:
        indicator = INDICATORS[name]
        read = [lines[field] for field in indicator.word.inputs]
        jobs[f"{name}{values}"] = (partial(indicator.kernel, *read, *values, out), 20)
        if name in PEERS:
            jobs[f"pandas {name}{values}"] = (partial(PEERS[name], prices, *values), 2)
    return jobs


def measure(rounds: int) -> dict[str, float]:
    """Median nanoseconds per bar of every job."""
    rng = np.random.default_rng(1)
    jobs = contenders(100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, BARS))))
    for call, _ in jobs.values():
        call()
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, (call, times) in jobs.items():
            taken[name].append(spent(call, times))
    return {name: statistics.median(each) for name, each in taken.items()}


def labelled(rounds: int, tickers: int = 100, dates: int = 8_000) -> float:
    """Median milliseconds of a cube of 20 windows."""
    import xarray as xr

    rng = np.random.default_rng(2)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, (tickers, dates)), axis=1))
    days = np.datetime64("1990-01-01", "ns") + np.arange(dates) * np.timedelta64(1, "D")
    candles = xr.Dataset(
        {"close": (("ticker", "date"), close)}, coords={"ticker": [f"T{i}" for i in range(tickers)], "date": days}
    )
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        cube("rsi", candles, window=range(5, 25))
        taken.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(taken)


def show_compiled(rounds: int) -> dict[str, dict[str, float]]:
    """Measure and print the indicators beside the compiled libraries, nanoseconds per bar."""
    rng = np.random.default_rng(1)
    lines = lines_around(100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, BARS))))
    peers, out = compiled_peers(lines), np.empty(BARS)
    found: dict[str, dict[str, float]] = {}
    print(f"\n{'compiled, ns/bar':<26}{'ours':>8}" + "".join(f"{name:>14}" for name in LIBRARIES))
    for name, values in CASES:
        if name not in COMPILED or values[0] == 1_000:
            continue
        indicator = INDICATORS[name]
        calls = {"ours": partial(indicator.kernel, *[lines[field] for field in indicator.word.inputs], *values, out)}
        calls |= {peer: partial(words[name], values[0]) for peer, words in peers.items() if name in words}
        calls["ours"]()
        for peer in calls.keys() - {"ours"}:
            given = np.asarray(calls[peer]())
            if (peer, name) in AGREE and not np.allclose(given[-1000:], out[-1000:], rtol=1e-6):
                raise SystemExit(f"{name}: {peer} does not compute what the engine computes")
        taken: dict[str, list[float]] = {peer: [] for peer in calls}
        for _ in range(rounds):
            for peer, call in calls.items():
                taken[peer].append(spent(call, 20))
        row = found[f"{name}{values}"] = {peer: statistics.median(each) for peer, each in taken.items()}
        cells = [
            f"{row[peer]:>7.1f}{row[peer] / row['ours']:>6.1f}x" if peer in row else f"{'–':>14}" for peer in LIBRARIES
        ]
        print(f"{name + str(values):<26}{row['ours']:>8.2f}{''.join(cells)}")
    for module, package in LIBRARIES.items():
        if module not in peers:
            print(f"{module}: not installed: pip install {package}")
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="how often every contender takes its turn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers as well, nanoseconds per bar")
    given = parser.parse_args()
    rounds = given.rounds
    found = measure(rounds)
    copy = found["copy"]
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}")
    print(f"one series of {BARS:,} bars; medians of {rounds} rounds; copying it takes {copy:.2f} ns per bar ", end="")
    print(f"({16.0 / copy:.0f} GB/s read and written)\n")
    print(f"{'indicator':<34}{'ns/bar':>8}{'copies':>8}{'pandas':>10}{'pandas/ours':>13}")
    for name, values in CASES:
        key = f"{name}{values}"
        peer = found.get(f"pandas {key}")
        shown = f"{peer:>10.1f}{peer / found[key]:>12.0f}x" if peer is not None else f"{'–':>10}{'–':>13}"
        print(f"{key:<34}{found[key]:>8.2f}{found[key] / copy:>8.1f}{shown}")
    compiled = show_compiled(rounds)
    if given.json is not None:
        given.json.write_text(json.dumps({"pandas": found, "compiled": compiled}, indent=1) + "\n")
    print(f"\ncube('rsi'), 20 windows × 100 tickers × 8,000 dates: {labelled(5):.0f} ms")


if __name__ == "__main__":
    main()
