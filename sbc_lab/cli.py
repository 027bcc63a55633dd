"""The `sbc` command: what one does from a shell or a script. The work is done in the rooms, imported when it is needed.

Lives here: the arguments, what is printed, and how an error ends: one line on standard error and exit code 2, never a
traceback; 0 is success. Does not live here: the commands under `sbc data`, and anything that computes.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ._version import __version__
from .errors import BacktestError, DataError, SbcError, StoreError, WireError
from .import_commands import add_commands as add_import_commands

if TYPE_CHECKING:
    from .engine.backtest import Backtest
    from .engine.strategy import Rebalance, Strategy

BAD_INPUT = 2
PARAMETERS = {
    "window": "look-back in trading days",
    "short": "shorter window of macd and ppo",
    "long": "longer window of macd and ppo",
    "smooth": "window of the signal of macd and ppo, and of stochastic_d",
    "month": "trading days of a month, for the momentums",
    "deviations": "half width of the Bollinger bands",
    "gamma": "damping of laguerre_rsi, 0 to 0.99",
}
SHOWN_DATES = 10


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence instead of printing its usage."""

    def error(self, message: str) -> NoReturn:
        raise SystemExit(_refuse(f"{message}; see {self.prog} --help"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What was typed after `sbc`; by default that of this process.

    Returns
    -------
    int
        0 when it was done, 2 for bad input, 130 when it was interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a letter shows a question mark
    parser = _parser()
    args = parser.parse_args(arguments)
    try:
        code: int = args.run(args)
        if sys.stdout is not None:  # a shell can start us with it closed
            sys.stdout.flush()
    except SbcError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # The reader of our output has left, as `sbc indicator … | head` does.
        _give_up_output()
        return 0
    except OSError as error:
        if error.filename is None:
            _give_up_output()  # a full disk, for example
        return _refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        return 130
    return code


def _give_up_output() -> None:
    """Point standard output at nothing: what is still in its buffer would fail once more when the interpreter ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(message: str) -> int:
    print("sbc: " + " ".join(message.split()), file=sys.stderr)
    return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="sbc", description="Research trading strategies built as trees of blocks.")
    parser.add_argument("--version", action="version", version=f"sbc_lab {__version__}")
    commands: argparse._SubParsersAction[argparse.ArgumentParser] = parser.add_subparsers(
        title="commands", required=True, metavar="COMMAND", parser_class=_Parser
    )
    _add_backtest(commands)
    _add_indicator(commands)
    _add_demo(commands)
    add_import_commands(commands)
    data = commands.add_parser("data", help="import, list and verify prices")
    from .data.commands import add_commands

    add_commands(data.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser))
    kernels = commands.add_parser("kernels", help="compile the arithmetic ahead of time")
    from .cli_kernels import add_commands as add_kernels

    add_kernels(kernels.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser))
    return parser


def _add_backtest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("backtest", help="run a strategy file over daily candles")
    command.add_argument("file", metavar="FILE", help="strategy JSON; - reads standard input")
    command.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    _add_data(command)
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
    command.add_argument("--delay", type=_number, default=0, metavar="BARS", help="fill that many bars later")
    command.add_argument("--cash", metavar="RULE", help="what cash earns: a ticker, or a yearly yield such as 0.03")
    command.add_argument("--bots", metavar="DIR", type=Path, help="the strategies that are called: DIR/NAME.json each")
    command.add_argument("--benchmark", metavar="TICKER", help="what to compare with")
    command.add_argument("--series", metavar="OUT.parquet", type=Path, help="write the daily series to this file")
    command.set_defaults(run=_run_backtest)


def _add_data(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data", metavar="DIR_OR_STORE", help="a store of candles or a folder of TICKER.parquet; default: your store"
    )


def _add_indicator(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("indicator", help="compute an indicator of a ticker")
    command.add_argument("name", metavar="NAME", help="such as rsi")
    command.add_argument("ticker", metavar="TICKER")
    for name, meaning in PARAMETERS.items():
        command.add_argument(f"--{name}", type=_number, metavar="N", help=meaning)
    command.add_argument("--start", metavar="DATE", help="first date to print")
    command.add_argument("--end", metavar="DATE", help="last date to print")
    command.add_argument("--csv", action="store_true", help="print date,value for every date that has a value")
    _add_data(command)
    command.set_defaults(run=_run_indicator)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"it must be a number such as 20, got {text!r}") from None


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("demo", help="load the sample prices and run the guide notebook on them")
    command.add_argument(
        "--output", metavar="DIR", type=Path, help="where notebook and report go; default: in your store"
    )
    command.set_defaults(run=_run_demo)


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


def _run_backtest(args: argparse.Namespace) -> int:
    from .data import open_source
    from .engine.backtest import backtest
    from .engine.strategy import expand

    strategy = _load_strategy(args.file)
    if args.bots is not None:
        strategy = expand(strategy, _load_bots(args.bots))
    if args.series is not None and not args.series.parent.is_dir():
        raise StoreError(f"--series {args.series}: there is no folder {args.series.parent}; make it first")
    source = open_source(args.data)
    cash = _cash(args.cash)
    wanted = dict.fromkeys((*strategy.tickers, *([args.benchmark] if args.benchmark else [])))
    fields = dict.fromkeys((*strategy.fields, *(["open"] if args.execution != "close" else [])))
    if wanted and isinstance(cash, str):
        wanted[cash] = None
    run = backtest(
        strategy,
        source.candles(wanted, fields=fields) if wanted else None,  # without a ticker it is refused there
        start=args.start,
        end=args.end,
        cost_bps=args.cost_bps,
        rebalance=_rebalance(args.rebalance),
        execution=args.execution,
        delay=args.delay,
        cash=cash,
        benchmark=args.benchmark,
    )
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


def _run_indicator(args: argparse.Namespace) -> int:
    import numpy as np

    from .data import open_source
    from .engine.cube import cube
    from .engine.settings import as_date
    from .engine.strategy import load_word

    word = load_word(args.name)
    given = {name: getattr(args, name) for name in PARAMETERS if getattr(args, name) is not None}
    settled: dict[str, Any] = dict(word.settle(given, where=f"{args.name}({args.ticker!r})"))
    start, end = as_date(args.start, name="--start"), as_date(args.end, name="--end")
    series = cube(
        args.name,
        open_source(args.data).candles([args.ticker], fields=dict.fromkeys(("close", *word.inputs))),
        **settled,
    )
    dates, values = series["date"].values.astype("datetime64[D]"), series.values.reshape(-1)
    shown = np.isfinite(values)
    shown &= dates >= start if start is not None else True
    shown &= dates <= end if end is not None else True
    said = f"{args.name}({', '.join([repr(args.ticker), *(f'{name}={value:g}' for name, value in settled.items())])})"
    if not shown.any():
        begin, until = start or dates[0], end or dates[-1]
        raise DataError(f"{said} has no value from {begin} to {until}; its bars reach from {dates[0]} to {dates[-1]}")
    pairs = list(zip(dates[shown], values[shown], strict=True))
    if args.csv:
        # repr gives back the same bits when it is read again; fewer digits would not.
        print("date,value", *(f"{date},{float(value)!r}" for date, value in pairs), sep="\n")
        return 0
    print(f"{said}: {series.attrs['long_name']}, {series.attrs['units']}")
    print(*(f"{date}  {value:14,.4f}" for date, value in pairs[-SHOWN_DATES:]), sep="\n")
    if len(pairs) > SHOWN_DATES:
        print(f"the last {SHOWN_DATES} of {len(pairs)} dates; --csv prints all of them")
    return 0


def _run_demo(args: argparse.Namespace) -> int:
    from .demo import run_demo

    return run_demo(args.output)


if __name__ == "__main__":
    sys.exit(main())
