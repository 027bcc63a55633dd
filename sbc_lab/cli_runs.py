"""The commands that run a strategy file: `sbc backtest`, `sbc explain` and `sbc today`.

Lives here: their arguments, and what they print. Does not live here: how an error ends (`cli`), and anything that
computes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import BacktestError, SbcError, StoreError, WireError

if TYPE_CHECKING:
    from .engine.backtest import Backtest
    from .engine.strategy import Rebalance, Strategy


def number_of(text: str) -> int | float:
    """Read a number, a whole one as such."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"it must be a number such as 20, got {text!r}") from None


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands that run a strategy file."""
    command = commands.add_parser("backtest", help="run a strategy file over daily candles")
    command.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    _add_run(command)
    command.add_argument("--benchmark", metavar="TICKER", help="what to compare with")
    command.add_argument("--series", metavar="OUT.parquet", type=Path, help="write the daily series to this file")
    command.set_defaults(run=_run_backtest)
    command = commands.add_parser("explain", help="say why a strategy held what it held on one date")
    command.add_argument("--date", metavar="DATE", help="a trading day of the run; default: the last")
    _add_run(command)
    command.set_defaults(run=_run_explain)
    command = commands.add_parser("today", help="say what a strategy asks for on the last date of its prices")
    command.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    _add_run(command)
    command.set_defaults(run=_run_today)


def _add_run(command: argparse.ArgumentParser) -> None:
    """Add the file, and everything that can change a number of its run."""
    command.add_argument("file", metavar="FILE", help="strategy JSON; - reads standard input")
    add_data(command)
    command.add_argument("--start", metavar="DATE", help="first date to trade, or conditions | all_assets")
    command.add_argument("--end", metavar="DATE", help="last date to trade")
    command.add_argument(
        "--cost-bps", type=float, default=5.0, metavar="BPS", help="1/10,000 of the traded value; default 5"
    )
    command.add_argument(
        "--rebalance",
        metavar="RULE",
        help="daily, weekly, monthly, quarterly, yearly, none, or threshold:WIDTH such as threshold:0.05",
    )
    command.add_argument(
        "--execution",
        default="close",
        metavar="MODE",
        help="where a decision is filled: close (default), next_open, open_to_close or close_to_open",
    )
    command.add_argument("--delay", type=number_of, default=0, metavar="BARS", help="fill that many bars later")
    command.add_argument("--cash", metavar="RULE", help="what cash earns: a ticker, or a yearly yield such as 0.03")
    command.add_argument("--on-missing", default="otherwise", metavar="RULE", help="otherwise (default), hold or cash")
    command.add_argument(
        "--profile", metavar="NAME", help="whose rules to follow: composer or quantmage; default: ours"
    )
    command.add_argument("--bots", metavar="DIR", type=Path, help="the strategies that are called: DIR/NAME.json each")


def add_data(command: argparse.ArgumentParser) -> None:
    """Add where the candles come from."""
    command.add_argument(
        "--data", metavar="DIR_OR_STORE", help="a store of candles or a folder of TICKER.parquet; default: your store"
    )


def _load_strategy(file: str) -> Strategy:
    from .engine.strategy import loads

    try:
        text = (
            _read_input() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
        )  # some editors begin a file with a mark
    except UnicodeDecodeError:
        raise WireError(f"{file} is no strategy: it is not a text file") from None
    if not text.strip():
        raise WireError(f"{file} is no strategy: it is empty")
    try:
        return loads(text)
    except WireError as error:
        raise WireError(f"{file}: {error}") from None


def _load_bots(folder: Path) -> dict[str, Strategy]:
    """Read the strategies of a folder, each under the name of its file."""
    if not folder.is_dir():
        raise StoreError(f"--bots {folder}: there is no such folder; name one that holds strategies as NAME.json")
    return {path.stem: _load_strategy(str(path)) for path in sorted(folder.glob("*.json"))}


def _read_input() -> str:
    if sys.stdin is None:
        raise WireError("- reads the strategy from standard input, which is closed; name a file instead")
    return sys.stdin.read()


def _rebalance(rule: str | None) -> Rebalance | None:
    if rule is None:
        return None
    from .engine.strategy import Rebalance

    name, colon, width = rule.partition(":")
    if not colon and name != "threshold":
        return Rebalance(name)  # type: ignore[arg-type]  # Rebalance refuses an unknown rule
    try:
        return Rebalance(name, float(width))  # type: ignore[arg-type]  # Rebalance refuses an unknown rule
    except ValueError as error:
        if isinstance(error, SbcError):
            raise
        raise BacktestError(f"--rebalance {rule}: say the width as a number, as in threshold:0.05") from None


def _cash(rule: str | None) -> str | float | None:
    """Read a number as a yield, and any other word as a ticker."""
    if rule is None:
        return None
    try:
        return float(rule)
    except ValueError:
        return rule


def _run(args: argparse.Namespace, benchmark: str | None = None) -> Backtest:
    """Run the file with the settings that were typed."""
    from .data import open_source
    from .engine.backtest import backtest
    from .engine.strategy import expand

    strategy = _load_strategy(args.file)
    if args.bots is not None:
        strategy = expand(strategy, _load_bots(args.bots))
    source = open_source(args.data)
    cash = _cash(args.cash)
    wanted = dict.fromkeys((*strategy.tickers, *([benchmark] if benchmark else [])))
    fields = dict.fromkeys((*strategy.fields, *(["open"] if args.execution != "close" else [])))
    if wanted and isinstance(cash, str):
        wanted[cash] = None
    return backtest(
        strategy,
        source.candles(wanted, fields=fields) if wanted else None,  # without a ticker it is refused there
        start=args.start,
        end=args.end,
        cost_bps=args.cost_bps,
        rebalance=_rebalance(args.rebalance),
        execution=args.execution,
        delay=args.delay,
        cash=cash,
        on_missing=args.on_missing,
        profile=args.profile,
        benchmark=benchmark,
    )


def _run_backtest(args: argparse.Namespace) -> int:
    if args.series is not None and not args.series.parent.is_dir():
        raise StoreError(f"--series {args.series}: there is no folder {args.series.parent}; make it first")
    run = _run(args, args.benchmark)
    if args.series is not None:
        _write_series(run, args.series)
    if args.json:
        print(json.dumps(run.summary(), indent=2, allow_nan=False))
    else:
        print(
            repr(run).rsplit("\n", 1)[0],  # its last line says where the warnings are; here they follow
            "",
            run.metrics,
            "",
            *([f"warning: {warning}" for warning in run.warnings] or ["no warnings"]),
            f"identity {run.identity}",
            sep="\n",
        )
    return 0


def _run_explain(args: argparse.Namespace) -> int:
    print(_run(args).explain(args.date))
    return 0


def _run_today(args: argparse.Namespace) -> int:
    today = _run(args).today()
    print(json.dumps(today.as_json(), indent=2, allow_nan=False) if args.json else today)
    return 0


def _write_series(run: Backtest, path: Path) -> None:
    """Write date, equity, returns, turnover, cost and one w:<ticker> per ticker."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"date": pa.array(run.dates)}
    columns |= {name: pa.array(getattr(run, name).values) for name in ("equity", "returns", "turnover", "cost")}
    allocation = run.allocation
    for row, ticker in enumerate(allocation["ticker"].values):
        columns[f"w:{ticker}"] = pa.array(allocation.values[row])
    try:
        pq.write_table(pa.table(columns), path)
    except OSError as error:
        raise StoreError(f"--series {path} cannot be written: {error.strerror or error}") from None
