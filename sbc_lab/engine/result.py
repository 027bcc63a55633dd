"""The result of a backtest: labelled series, metrics, warnings, identity, and why. Nothing is computed until asked.

A run keeps the targets and the portfolio; what lies behind them (every row of the program) is computed again when a
warning or an explanation needs it, because it is cheap to compute and large to keep.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .._version import __version__
from ..errors import DataError
from . import run_display
from .compile import compile_strategy
from .evaluate import Evaluation, evaluate
from .executions import lines_of_dates
from .explain import Explainer, Explanation
from .metric_values import Metrics
from .metrics import drawdown, measure
from .run_tables import RunTables
from .run_warnings import RunWarning, find_warnings
from .settings import DateLike, as_date
from .today import Today, look
from .trace import Trace

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .panel import Panel
    from .program import Program
    from .settings import Settings
    from .strategy import Strategy
    from .trading import Portfolio

ENGINE_VERSION = f"{__version__}/3"
"""Changes with anything that can change a number."""


@dataclass(frozen=True, eq=False, repr=False)
class Backtest(RunTables):
    """What became of a strategy.

    Attributes
    ----------
    strategy : Strategy
    settings : Settings
        Everything besides tree and prices that can change a number.
    engine : str
        "numba" or "numpy".
    benchmark : Backtest or None
        The benchmark, run on the same dates.
    """

    strategy: Strategy
    settings: Settings
    _program: Program
    _panel: Panel
    _start: int
    _target: NDArray[np.float64]
    _portfolio: Portfolio
    engine: str
    benchmark: Backtest | None = None

    def __getstate__(self) -> dict[str, object]:
        """Pickle what was computed, without the program: it has every term of the tree in it, and is made again."""
        state = {field.name: getattr(self, field.name) for field in fields(self)}
        del state["_program"]
        return {**state, "held": self._program.tickers}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Take up what was pickled, compile the tree again, and refuse what another version held in another order."""
        held = state.pop("held")
        strategy = state["strategy"]
        program = compile_strategy(strategy)  # type: ignore[arg-type]  # it was pickled as one
        if program.tickers != held:
            raise DataError("this run was pickled by another version of sbc_lab, which numbered its tickers otherwise")
        for name, value in {**state, "_program": program}.items():
            object.__setattr__(self, name, value)

    def beside(self, benchmark: Backtest) -> Backtest:
        """Return this run with a benchmark to measure against."""
        return replace(self, benchmark=benchmark)

    @cached_property
    def dates(self) -> NDArray[np.datetime64]:
        """The dates of the run, (date)."""
        return self._panel.dates[self._start : self._start + len(self._portfolio.equity)]

    def _series(self, values: NDArray[np.float64], name: str, label: str, units: str) -> xr.DataArray:
        import xarray as xr

        return xr.DataArray(
            values, dims="date", coords={"date": self.dates}, name=name, attrs={"long_name": label, "units": units}
        )

    @cached_property
    def _lines(self) -> dict[str, NDArray[np.datetime64]]:
        return lines_of_dates(self.dates, self.settings)

    def _shares(
        self,
        values: NDArray[np.float64],
        name: str,
        label: str,
        decided: NDArray[np.datetime64],
        until: NDArray[np.datetime64],
    ) -> xr.DataArray:
        import xarray as xr

        return xr.DataArray(
            np.ascontiguousarray(values.T),
            dims=("ticker", "date"),
            coords={
                "ticker": list(self._program.tickers[: self._program.assets]),
                "date": self.dates,
                "decision_date": ("date", decided),
                "return_date": ("date", until),
            },
            name=name,
            attrs={"long_name": label, "units": "fraction"},
        )

    @cached_property
    def equity(self) -> xr.DataArray:
        """Growth of 1 net of cost, after the trade of each date, (date)."""
        return self._series(self._portfolio.equity, "equity", "Growth of 1, net of cost", "1")

    @cached_property
    def returns(self) -> xr.DataArray:
        """Daily returns net of cost, (date), fraction; the first is the cost of the first trade.

        The coordinate `decision_date` says when the portfolio that earned it was decided; NaT before the first fill.
        """
        equity = self._portfolio.equity
        values = equity / np.concatenate(([1.0], equity[:-1])) - 1.0
        found = self._series(values, "returns", "Daily return, net of cost", "fraction")
        return found.assign_coords(decision_date=("date", self._lines["returns decision"]))

    @cached_property
    def drawdown(self) -> xr.DataArray:
        """Fall from the running maximum, (date), fraction at most 0."""
        return self._series(drawdown(self._portfolio.equity), "drawdown", "Fall from the running maximum", "fraction")

    @cached_property
    def allocation(self) -> xr.DataArray:
        """Share of the portfolio held after the trade of each date, (ticker, date), fraction.

        Of a round trip: what was bought on the date. `decision_date` says which decision could be filled on the date,
        `return_date` until when it earns; NaT where that lies outside the run.
        """
        lines, shares = self._lines, self._portfolio.allocation
        return self._shares(shares, "allocation", "Share of the portfolio", lines["decision"], lines["return"])

    @cached_property
    def target(self) -> xr.DataArray:
        """What the tree asks for on each date, traded or not, (ticker, date), fraction.

        `return_date` is the first date on whose return it can show; NaT where that lies behind the run.
        """
        shares, until = self._target[: len(self.dates)], self._lines["target return"]
        return self._shares(shares, "target", "Share that the tree asks for", self.dates, until)

    @cached_property
    def turnover(self) -> xr.DataArray:
        """Traded value / portfolio value of each date, (date), fraction; from cash to fully invested is 1."""
        return self._series(self._portfolio.turnover, "turnover", "Traded value / portfolio value", "fraction")

    @cached_property
    def cost(self) -> xr.DataArray:
        """Share of the portfolio paid for the trade of each date, (date), fraction."""
        return self._series(self._portfolio.cost, "cost", "Cost of trading", "fraction")

    @cached_property
    def turnover_one_way(self) -> xr.DataArray:
        """Half of all that changes hands on each date, cash included, (date), fraction; from cash to invested is 1."""
        label = "Turnover, one way"
        return self._series(self._portfolio.one_way, "turnover_one_way", label, "fraction")

    @cached_property
    def costs(self) -> xr.DataArray:
        """Share of the portfolio paid to each model of cost, (model, date), fraction; they add up to `cost`."""
        import xarray as xr

        parts = self._portfolio.costs
        values = self._portfolio.cost[None, :] if parts is None else np.ascontiguousarray(parts.T)
        names = [model.name for model in self.settings.model.parts]
        return xr.DataArray(
            values,
            dims=("model", "date"),
            coords={"model": names, "date": self.dates},
            name="costs",
            attrs={"long_name": "Cost of trading, by model", "units": "fraction"},
        )

    @cached_property
    def data(self) -> xr.Dataset:
        """Every series of the run in one Dataset.

        `decision_date` is that of the returns, `return_date` that of the allocation; the others stay with their series.
        """
        import xarray as xr

        allocation, target = self.allocation.drop_vars("decision_date"), self.target.drop_vars("decision_date")
        series = (self.equity, self.returns, self.drawdown, self.turnover, self.turnover_one_way, self.cost)
        parts = (*series, allocation, target.drop_vars("return_date"))
        attrs = {"strategy": self.strategy.name, "identity": self.identity}
        return xr.Dataset({part.name: part for part in parts}, attrs=attrs)

    @cached_property
    def metrics(self) -> Metrics:
        """Every metric of the table, by name; fractions, never percent."""
        other = None if self.benchmark is None else self.benchmark._portfolio.equity[: len(self.dates)]
        portfolio = self._portfolio
        return Metrics(
            measure(
                portfolio.equity,
                dates=self.dates,
                allocation=portfolio.allocation.T,
                turnover=portfolio.turnover,
                one_way=portfolio.one_way,
                benchmark=other,
            )
        )

    @cached_property
    def identity(self) -> str:
        """Hash of tree, prices, settings, engine and benchmark, hex: the same identity is the same result to the bit.

        The prices are those that the run read, not all that were loaded beside them.
        """
        whole = {
            "fingerprint": self.strategy.fingerprint,
            "prices": self._panel.digest,
            "settings": self.settings.as_json(),
            "engine": f"{ENGINE_VERSION}/{self.engine}",
            "benchmark": None if self.benchmark is None else self.benchmark.identity,
        }
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    def _evaluation(self) -> Evaluation:
        return evaluate(self._program, self._panel, self.settings)

    @cached_property
    def warnings(self) -> tuple[RunWarning, ...]:
        """What to know before trusting the run: carried, missing and undecided spans, seeds, flat volatilities."""
        return find_warnings(self._evaluation(), self._portfolio)

    def explain(self, date: DateLike | None = None) -> Explanation:
        """Say why the portfolio was what it was after the close of one date.

        Parameters
        ----------
        date : date, optional
            A trading day of the run, such as "2008-10-10"; without one, the last.

        Returns
        -------
        Explanation
            The path from the root to the holdings, with both sides of each comparison; printing it shows it.
        """
        when = as_date(self.dates[-1] if date is None else date, name="date")
        assert when is not None, "a date was given"
        explainer = Explainer(self.strategy.root, self._evaluation(), self._portfolio)
        return explainer.explain(when, name=self.strategy.name)

    @cached_property
    def trace(self) -> Trace:
        """What every block and every condition did: when it was active, how often true, and what it earned."""
        return Trace(self.strategy.root, self._evaluation, self._portfolio)

    def today(self) -> Today:
        """Say what the strategy asks for on the last date: target, trades, and how near conditions are to flipping.

        Returns
        -------
        Today
            Stamped with the last date of the prices; printing it shows it, `as_json()` gives plain values.
        """
        return look(self.strategy, self._evaluation(), self._portfolio)

    def summary(self) -> dict[str, object]:
        """Say the run in plain values, ready for JSON.

        Returns
        -------
        dict
            identity, name, fingerprint, snapshot (id of the candles, "" when they have none), start and end
            (YYYY-MM-DD), bars, settings, benchmark (name and identity, or None), metrics (None where one is undefined),
            warnings (sentences).
        """
        first, last = (str(np.datetime_as_string(date, unit="D")) for date in (self.dates[0], self.dates[-1]))
        other = self.benchmark
        return {
            "identity": self.identity,
            "name": self.strategy.name,
            "fingerprint": self.strategy.fingerprint,
            "snapshot": self._panel.snapshot,
            "start": first,
            "end": last,
            "bars": len(self.dates),
            "settings": self.settings.as_json(),
            "benchmark": other and {"name": other.strategy.name, "identity": other.identity},
            "metrics": dict(self.metrics),
            "warnings": [str(warning) for warning in self.warnings],
        }

    def __repr__(self) -> str:
        """Show name, span, the main metrics, and how many warnings there are."""
        return run_display.text(self)

    def _repr_html_(self) -> str:
        return run_display.page(self)
