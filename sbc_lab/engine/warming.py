"""Compile every kernel before anybody waits for it: what `sbc kernels compile` does once for an environment.

A kernel is compiled when it is first called with arguments of its types, so all of them are called here the way the
engine calls them: every indicator, and trees with every kind of node under every rule of rebalancing, on a few made-up
bars. Where the code is kept, and who may read it, is in `kernels/stored.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, get_args

import numpy as np

from . import strategy as words
from .compile import compile_strategy
from .costs import PerShare, Slippage
from .evaluate import evaluate
from .idle_money import settle_cash
from .indicators import load_indicator
from .panel import OTHER_FIELDS, Panel
from .settings import Execution, Settings
from .strategy import WORDS, Rebalance, Strategy, each
from .strategy.calculations import OF_TWO, FunctionName, RollingName
from .trading import trade

if TYPE_CHECKING:
    from .strategy import Node

BARS = 300
TICKERS = ("A", "B", "C")


@dataclass(frozen=True)
class Warmed:
    """What was compiled, and where it lies.

    Attributes
    ----------
    folder : Path or None
        Where this user keeps compiled code; None when there is nowhere.
    for_everybody : bool
        Whether that is beside the sources, where every user of the environment reads it.
    kernels : int
        How many kernels are there.
    compiled : int
        How many signatures had to be compiled just now; 0 when all was there.
    """

    folder: Path | None
    for_everybody: bool
    kernels: int
    compiled: int


def compile_kernels() -> Warmed:
    """Compile whatever is not on disk yet, and remove what was made from other sources.

    Returns
    -------
    Warmed
    """
    from .kernels import stored

    for path in stored.outdated():
        rmtree(path, ignore_errors=True)  # what stays is never read, it only takes room
    panel = _panel()
    for name, word in WORDS.items():
        parameters = tuple(value for _, value in word.settle(_needed(name), where=name))
        lines = [panel.values_of(field)[0] for field in word.inputs]
        load_indicator(name).kernel(*lines, *parameters, np.empty(BARS))
    for settings in _settings():
        for node in _nodes():
            program = compile_strategy(Strategy("warming", node))
            trade(evaluate(program, panel.select(program.tickers), settings))
    place = next((place for place in stored.places() if place.writable), None)
    kernels, compiled = stored.signatures_here(), stored.compiled_here()
    return Warmed(
        folder=None if place is None else place.folder,
        for_everybody=place is not None and place.folder.is_relative_to(stored.SOURCES),
        kernels=len(kernels),
        compiled=sum(compiled.values()),
    )


def _needed(name: str) -> dict[str, object]:
    """Values for the parameters of an indicator that have no default."""
    return {parameter.name: parameter.example for parameter in WORDS[name].parameters if parameter.default is None}


def _panel() -> Panel:
    """Bars without meaning: waves, one ticker listed late, one with a hole."""
    days = np.arange(BARS)
    dates = np.datetime64("2000-01-03", "ns") + days * np.timedelta64(1, "D")
    close = np.stack([100.0 + 10.0 * np.sin(days / (3.0 + row)) + row for row in range(len(TICKERS))])
    close[1, :20] = np.nan
    close[2, 100:120] = np.nan
    others = {name: close.copy() for name in OTHER_FIELDS}
    return Panel(TICKERS, dates, close, np.isfinite(close), others=others)


def _settings() -> Iterator[Settings]:
    for rule in ("daily", "monthly", "threshold"):
        rebalance = Rebalance("threshold", 0.05) if rule == "threshold" else Rebalance(rule)
        yield Settings(rebalance=rebalance)
        for execution in get_args(Execution):
            yield Settings(rebalance=rebalance, execution=execution, delay=1, cash=settle_cash(0.03))
            yield Settings(rebalance=rebalance, execution=execution, cost_bps=0.0, costs=PerShare() + Slippage(1.0))
    yield Settings(on_missing="hold", profile="quantmage")
    yield Settings(on_missing="cash", profile="composer")


def _nodes() -> Iterator[Node]:
    """Trees that between them take every way through the engine."""
    mean, strength = words.sma("A", 5), words.rsi("B", 5)
    up, high, calm = words.price("A") > mean, strength > 50, words.stdev_return("A", 5) < words.stdev_return("C", 5)
    held = words.when(up).then("A").otherwise(words.equal("B", words.weighted(("A", 0.4), ("C", 0.6))))
    late = words.when(high).then("B").otherwise(words.inverse_vol("A", "C", window=5))
    yield words.equal("A", "B", words.cash())
    yield words.weighted(("A", 0.6), (held, 0.4))
    yield words.when(up & high | ~calm).then(late).otherwise(words.vol("B", "C", window=5))
    yield words.when(words.at_least(2, up, high, words.month(1))).then("B").otherwise("C")
    yield (
        words.when(up.for_days(2))
        .then("A")
        .when(mean.crosses_above(words.price(words.ratio("A", "B"))))
        .then("B")
        .otherwise("C")
    )
    for node in (held, late, words.blend(strength, "A", "B", begin=40, end=60), words.group("box", "A")):
        yield words.when(words.sma(node, 5) > words.lag(words.sma(node, 3), 2)).then(node).otherwise("C")
    yield words.when(words.percentile(mean - strength * 2, 20) > 50).then("A").otherwise("B")
    for rule, count, cases in (("ladder", None, 3), ("first", None, 3), ("exactly", 1, 2), ("any", None, 2)):
        yield words.switch((up, high), TICKERS[:cases], rule=rule, count=count)  # type: ignore[arg-type]  # all four are rules
    yield words.latch(enter=up, exit=calm, on="A", off=words.blend(strength, held, "B", begin=60, end=40))
    ranked = words.cumulative_return(each, 5)
    for weighting in ("equal", words.Weighting("inverse_vol", window=5), words.Weighting("fixed", shares=(0.7, 0.3))):
        yield words.top(held, late, "C", n=2, by=ranked, weighting=weighting)
    yield words.bottom("A", "B", n=1, by=words.rsi(each, 5))
    capped = {"cap": 0.4, "floor": 0.1, "fallback": "C"}
    yield words.equal(held, "B", **capped)  # type: ignore[arg-type]  # as the signature says
    yield words.inverse_vol("A", "B", window=5, **capped)  # type: ignore[arg-type]  # as the signature says
    yield words.top(held, late, "C", n=2, by=ranked, weighting=words.Weighting("vol", window=5, cap=0.3))
    close = words.price("A")
    for name in get_args(RollingName):
        yield words.when(words.Rolling(name, close * 2, 5) > 0).then("A").otherwise("B")
    for name in get_args(FunctionName):
        of = (close, strength) if name in OF_TWO else (close,)
        yield words.when(words.Function(name, of) > 0).then("A").otherwise("B")
