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
from .explain import Explainer, Explanation
from .metric_values import Metrics
from .metrics import drawdown, measure
from .run_warnings import RunWarning, find_warnings
from .settings import DateLike, as_date

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .panel import Panel
    from .program import Program
    from .settings import Settings
    from .strategy import Strategy
    from .trading import Portfolio

ENGINE_VERSION = f"{__version__}/1"
"""Changes with anything that can change a number."""


@dataclass(frozen=True, eq=False, repr=False)
class Backtest:
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

    def _shares(self, values: NDArray[np.float64], name: str, label: str) -> xr.DataArray:
        import xarray as xr

        # A decision of one date earns until the next; the last one has not earned yet.
        until = np.append(self.dates[1:], np.datetime64("NaT", "ns"))
        return xr.DataArray(
            np.ascontiguousarray(values.T),
            dims=("ticker", "date"),
            coords={
                "ticker": list(self._program.tickers[: self._program.assets]),
                "date": self.dates,
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

        The coordinate `decision_date` says when the portfolio that earned it was decided.
        """
        equity = self._portfolio.equity
        values = equity / np.concatenate(([1.0], equity[:-1])) - 1.0
        decided = np.concatenate((self.dates[:1], self.dates[:-1]))
        found = self._series(values, "returns", "Daily return, net of cost", "fraction")
        return found.assign_coords(decision_date=("date", decided))

    @cached_property
    def drawdown(self) -> xr.DataArray:
        """Fall from the running maximum, (date), fraction at most 0."""
        return self._series(drawdown(self._portfolio.equity), "drawdown", "Fall from the running maximum", "fraction")

    @cached_property
    def allocation(self) -> xr.DataArray:
        """Share of the portfolio held after the trade of each date, (ticker, date), fraction."""
        return self._shares(self._portfolio.allocation, "allocation", "Share of the portfolio")

    @cached_property
    def target(self) -> xr.DataArray:
        """What the tree asks for on each date, traded or not, (ticker, date), fraction."""
        return self._shares(self._target[: len(self.dates)], "target", "Share that the tree asks for")

    @cached_property
    def turnover(self) -> xr.DataArray:
        """Traded value / portfolio value of each date, (date), fraction; from cash to fully invested is 1."""
        return self._series(self._portfolio.turnover, "turnover", "Traded value / portfolio value", "fraction")

    @cached_property
    def cost(self) -> xr.DataArray:
        """Share of the portfolio paid for the trade of each date, (date), fraction."""
        return self._series(self._portfolio.cost, "cost", "Cost of trading", "fraction")

    @cached_property
    def data(self) -> xr.Dataset:
        """Every series of the run in one Dataset."""
        import xarray as xr

        parts = (self.equity, self.returns, self.drawdown, self.turnover, self.cost, self.allocation, self.target)
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
                benchmark=other,
            )
        )

    @cached_property
    def identity(self) -> str:
        """Hash of tree, prices, settings and engine, hex: the same identity is the same result, bit for bit."""
        whole = {
            "fingerprint": self.strategy.fingerprint,
            "snapshot": self._panel.snapshot,
            "prices": self._panel.digest,
            "settings": self.settings.as_json(),
            "engine": f"{ENGINE_VERSION}/{self.engine}",
        }
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    def _evaluation(self) -> Evaluation:
        return evaluate(self._program, self._panel, self.settings)

    @cached_property
    def warnings(self) -> tuple[RunWarning, ...]:
        """What to know before trusting the run: carried, missing and undecided spans, seeds, flat volatilities."""
        return find_warnings(self._evaluation(), self._portfolio)

    def explain(self, date: DateLike) -> Explanation:
        """Say why the portfolio was what it was after the close of one date.

        Parameters
        ----------
        date : date
            A trading day of the run, such as "2008-10-10".

        Returns
        -------
        Explanation
            The path from the root to the holdings, with both sides of each comparison; printing it shows it.
        """
        when = as_date(date, name="date")
        if when is None:
            from ..errors import BacktestError

            raise BacktestError("explain takes a date such as '2008-10-10', got None")
        explainer = Explainer(self.strategy.root, self._evaluation(), self._portfolio)
        return explainer.explain(when, name=self.strategy.name)

    def summary(self) -> dict[str, object]:
        """Say the run in plain values, ready for JSON.

        Returns
        -------
        dict
            identity, name, fingerprint, start and end (YYYY-MM-DD), bars, settings, benchmark (name and identity, or
            None), metrics (None where one is undefined), warnings (sentences).
        """
        first, last = (str(np.datetime_as_string(date, unit="D")) for date in (self.dates[0], self.dates[-1]))
        other = self.benchmark
        return {
            "identity": self.identity,
            "name": self.strategy.name,
            "fingerprint": self.strategy.fingerprint,
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
