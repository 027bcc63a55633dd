"""How a run did in one state of the market and in another: its returns sorted by a regime known the day before.

Lives here: who decides the regime of a return, and the statistics of each regime. Does not live here: the arithmetic of
the metrics, and how a condition is decided.

A return belongs to the regime that held at the close on which its portfolio was decided: with fills at the close of t,
that of t−1 for the return dated t; with fills at the next open that of t−2, because the return from open to open begins
before the close of t−1 is known; and as many bars earlier as `delay` says. So nothing looks ahead. Returns before the
first fill were decided by nobody, and are "unknown". The days of a regime are no track that anybody could have held on
its own: means and volatilities are those of a year of such days, not compounded, and falls are measured within one
unbroken spell. The growth of the days of all regimes, and the cost of the first trade, multiply to the growth of the
run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BacktestError
from ..options import options
from .compile import compile_strategy
from .evaluate import evaluate
from .executions import decision_rows
from .metric_track import Floats, drawdown
from .metrics import METRICS, measure_returns
from .panel import load_panel
from .strategy import Asset, Cash, Condition, If, Strategy, sentence, tickers
from .tables import Cell, Table, number, percent, shaded

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .panel import Panel
    from .program import Program
    from .result import Backtest
    from .settings import Settings

MOST_REGIMES = 24
TRUE, FALSE, UNKNOWN = "true", "false", "unknown"

_MEASURED = ("mean_return", "volatility", "sharpe", "win_rate", "best_day", "worst_day")
_HEADS = {"mean_return": "Mean, a year", "volatility": "Volatility", "sharpe": "Sharpe", "win_rate": "Win rate"}
_HEADS |= {"best_day": "Best day", "worst_day": "Worst day"}


def regime_table(run: Backtest, regime: Condition | xr.DataArray, candles: xr.Dataset | None) -> Table:
    """Statistics by regime; see `Backtest.by`."""
    if isinstance(regime, Condition):
        said = sentence(regime, limit=120)
        labels = _of_condition(run, regime, candles)
        order = [TRUE, FALSE]
    else:
        said = str(getattr(regime, "name", None) or "regime")
        labels, order = _of_array(run, regime)
    # The labels of the last dates belong to returns that have not been earned.
    deciding = decision_rows(len(run.dates), run.settings)[1:]
    decided = np.where(deciding >= 0, labels[np.maximum(deciding, 0)], UNKNOWN)
    some = set(decided.tolist())
    names = [name for name in (*order, UNKNOWN) if name in some]
    if not names:
        raise BacktestError("by(…): the run has one bar and no return; ask for more dates")
    returns = run.returns.values[1:]
    found = {name: _measured(returns, decided == name) for name in names}
    return _table(run, said, found, _measured(returns, np.ones(len(returns), dtype=bool)))


def _of_condition(run: Backtest, condition: Condition, candles: xr.Dataset | None) -> NDArray[np.str_]:
    """Decide a condition after the close of every date of the run, (date)."""
    held = tickers(condition) or tuple(str(ticker) for ticker in run.allocation["ticker"].values[:1])
    strategy = Strategy("regime", If(condition, Asset(held[0]), Cash()))
    program = compile_strategy(strategy)
    if condition not in program.number_of or program.truths[program.number_of[condition]].constant is not None:
        raise BacktestError(f"by({sentence(condition, limit=120)}): it is the same on every date; compare a price")
    whole = _panel_for(run, program, candles)
    panel = _funded(run, whole, whole.select(program.tickers))
    truth = _decided(strategy, program, condition, panel, replace(run.settings, start=None, end=None))
    # A date of the run on which none of these tickers has a bar is in the regime of the bar before it.
    place = np.searchsorted(panel.dates, run.dates, side="right") - 1
    outside = (place < 0) | (run.dates > panel.dates[-1])
    return np.where(outside, UNKNOWN, truth[np.maximum(place, 0)])


def _decided(
    strategy: Strategy, program: Program, condition: Condition, panel: Panel, settings: Settings
) -> NDArray[np.str_]:
    if options.engine == "numpy":
        from .reference.evaluation import Evaluation as Plain
        from .reference.truths import NO, YES

        answers = Plain(strategy.root, panel, settings).reader.answers((condition,), {})
        truth = answers.truths[condition]
        return np.select([truth == YES, truth == NO], [TRUE, FALSE], UNKNOWN)
    row = evaluate(program, panel, settings).rows.truth(program.number_of[condition])
    return np.select([row == 1, row == 0], [TRUE, FALSE], UNKNOWN)


def _panel_for(run: Backtest, program: Program, candles: xr.Dataset | None) -> Panel:
    """Prices for a condition: those given, else those of the run, when it has them."""
    if candles is not None:
        from ._adjusted import refuse_unadjusted

        refuse_unadjusted(candles)
        return load_panel(candles, program.fields, reader=program.fields)
    own = run._panel
    missing = [ticker for ticker in program.tickers if ticker not in own.rows]
    missing += [name for name in program.fields if name not in own.others]
    if missing:
        raise BacktestError(
            f"by(…): the run holds no candles of {', '.join(missing[:6])}; "
            "give candles that do: run.by(condition, candles=candles)"
        )
    return own


def _funded(run: Backtest, whole: Panel, panel: Panel) -> Panel:
    """Add what idle money is in, which the NAV of a node in the condition earns as it does in the run."""
    cash = run.settings.cash
    if not isinstance(cash, str):
        return panel
    if whole is not run._panel:
        return whole.with_cash(cash, panel)
    days = np.searchsorted(whole.dates, panel.dates)
    return replace(panel, cash={name: line[days] for name, line in whole.cash.items()})


def _of_array(run: Backtest, regime: object) -> tuple[NDArray[np.str_], list[str]]:
    """Read labels off an array, (date), and their order."""
    dims, coords = getattr(regime, "dims", None), getattr(regime, "coords", {})
    if dims != ("date",) or "date" not in coords:
        given = f"one of {dims}" if dims is not None else type(regime).__name__
        raise BacktestError(
            f"by takes a condition such as price('SPY') > sma('SPY', 200), or a labelled array (date), got {given}"
        )
    known, values = coords["date"].values.astype("datetime64[D]"), np.asarray(getattr(regime, "values", ()))
    days = run.dates.astype("datetime64[D]")
    where = {day: place for place, day in enumerate(known.tolist())}
    places = [where.get(day, -1) for day in days.tolist()]
    # The last date of the run has no return yet.
    absent = [day for day, place in zip(days[:-1], places[:-1], strict=True) if place < 0]
    if absent:
        raise BacktestError(
            f"by(…): the regime has no value on {absent[0]}, a date of the run; "
            "carry the last one with .reindex(date=run.dates, method='ffill')"
        )
    picked = values[places[:-1]]
    if picked.dtype.kind == "b":
        return np.append(np.where(picked, TRUE, FALSE), UNKNOWN), [TRUE, FALSE]
    gone = np.isnan(picked) if picked.dtype.kind == "f" else np.array([value is None for value in picked.tolist()])
    kept = sorted(set(picked[~gone].tolist()))
    if len(kept) > MOST_REGIMES:
        raise BacktestError(
            f"by(…): at most {MOST_REGIMES} regimes, got {len(kept)} different values; "
            "compare the array with a number, or cut it into a few labels"
        )
    labels = [UNKNOWN if lost else _label(value) for value, lost in zip(picked.tolist(), gone.tolist(), strict=True)]
    return np.array([*labels, UNKNOWN]), [_label(value) for value in kept]


def _label(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _measured(returns: Floats, mask: NDArray[np.bool_]) -> dict[str, float]:
    own = returns[mask]
    metrics = measure_returns(own)
    begins = np.flatnonzero(mask & ~np.concatenate(([False], mask[:-1])))
    ends = np.flatnonzero(mask & ~np.concatenate((mask[1:], [False]))) + 1
    falls = [
        float(drawdown(_growth(returns[first:stop])).min())
        for first, stop in zip(begins.tolist(), ends.tolist(), strict=True)
    ]
    values = {name: metrics[name] for name in _MEASURED}
    return {
        "days": float(len(own)),
        "time": len(own) / len(returns),
        "spells": float(len(begins)),
        **{name: float("nan") if value is None else float(value) for name, value in values.items()},
        "max_drawdown": min(falls, default=float("nan")),
        "growth": float(np.prod(1.0 + own)) - 1.0,
    }


def _growth(returns: Floats) -> Floats:
    growth = np.ones(len(returns) + 1)
    np.cumprod(1.0 + returns, out=growth[1:])
    return growth


_SAID = {
    "days": ("Days", "days", "Returns that were earned in the regime"),
    "time": ("Time", "fraction", "Share of the returns of the run"),
    "spells": ("Spells", "count", "Unbroken stretches of the regime"),
    **{name: (head, METRICS[name].unit, METRICS[name].formula) for name, head in _HEADS.items()},
    "max_drawdown": ("Max drawdown", "fraction", "Deepest fall within one spell, from a high of that spell"),
    "growth": ("Growth of its days", "fraction", "∏ (1 + r) − 1 over the days of the regime, put end to end"),
}
"""Variable → its head, its unit and what it is."""


def _table(run: Backtest, said: str, found: dict[str, dict[str, float]], whole: dict[str, float]) -> Table:
    import xarray as xr

    variables = {
        name: ("regime", np.array([values[name] for values in found.values()]), {"long_name": what, "units": unit})
        for name, (_, unit, what) in _SAID.items()
    }
    data = xr.Dataset(variables, coords={"regime": list(found)}, attrs={"decided_by": said})
    rows = tuple(
        (Cell(name), *(_cell(column, values[column]) for column in _SAID))
        for name, values in (*found.items(), ("all days", whole))
    )
    late = run.settings.delay or run.settings.execution == "next_open"
    title = f"{run.strategy.name}: {'decided on' if late else 'the day after'} {said}"
    return Table(data, title, ("", *(head for head, _, _ in _SAID.values())), rows)


def _cell(name: str, value: float) -> Cell:
    unit = _SAID[name][1]
    if unit == "fraction":
        text = percent(value)
        return shaded(value, text, 0.5) if name == "mean_return" else Cell(text)
    return Cell(number(value) if unit == "ratio" else f"{value:,.0f}")
