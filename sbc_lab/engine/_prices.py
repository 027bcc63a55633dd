"""Where the prices of a run come from: the candles that were given, or the store, read once for all that need them.

Lives here: which fields are read, and which dates and lines a run gets of them. Does not live here: what a panel is
(`panel`), and what is done with it (`backtest`, `batch`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ._adjusted import refuse_unadjusted
from .candles import load_bars
from .panel import load_panel, panel_of_bars

if TYPE_CHECKING:
    import xarray as xr

    from .panel import Panel
    from .program import Program
    from .settings import Settings


class Prices:
    """The bars that some programs need under the same settings.

    Parameters
    ----------
    candles : Dataset (ticker, date) or None
        None: those of the store.
    programs : iterable of Program
        All that will be asked for; what is read from the store is read here and once.
    settings : Settings
        Its execution, costs and cash say what is needed besides closes.
    """

    def __init__(self, candles: xr.Dataset | None, programs: Iterable[Program], settings: Settings) -> None:
        self.settings, self._candles = settings, candles
        self._known: dict[tuple[str, ...], Panel] = {}
        if candles is not None:
            refuse_unadjusted(candles)
            return
        known = tuple(programs)
        wanted = dict.fromkeys(ticker for program in known for ticker in program.tickers)
        if isinstance(settings.cash, str):
            wanted[settings.cash] = None
        fields = dict.fromkeys(name for program in known for name in self._fields(program))
        # No candles with labels here: importing what makes them would cost more than the first backtest.
        self._bars = load_bars(None, wanted, fields=("close", *fields))

    def whole(self, program: Program) -> Panel:
        """Read every ticker that there is, with the fields that a program needs."""
        fields = self._fields(program)
        key = tuple(sorted(fields))
        if key not in self._known:
            if self._candles is None:
                self._known[key] = panel_of_bars(self._bars, fields)
            else:
                self._known[key] = load_panel(self._candles, fields, reader=fields)
        return self._known[key]

    def panel(self, program: Program) -> Panel:
        """Take the tickers of a program on the dates of their union."""
        whole = self.whole(program)
        return self.funded(whole, whole.select(program.tickers))

    def beside(self, program: Program, run: Panel) -> Panel:
        """Take the tickers of a program on the dates of a run that it is compared with."""
        whole = self.whole(program)
        return self.funded(whole, whole.select_beside(program.tickers, run))

    def funded(self, whole: Panel, panel: Panel) -> Panel:
        """Add the prices of what idle money is in, if it is in a ticker."""
        cash = self.settings.cash
        return whole.with_cash(cash, panel) if isinstance(cash, str) else panel

    def _fields(self, program: Program) -> dict[str, str]:
        """List the fields besides closes, each with what asks for it."""
        settings = self.settings
        fields = {"open": f"execution={settings.execution!r}"} if settings.opens else {}
        fields |= program.fields
        by_shares = settings.costs is not None and settings.costs.counts_shares
        if by_shares and self._candles is not None and "raw_close" in self._candles.variables:
            fields["raw_close"] = "a cost by shares"
        return fields
