"""The `sbc` command: what one does from a shell or a script. The work is done in the rooms, imported when it is needed.

Lives here: the arguments, what is printed, and how an error ends: one line on standard error and exit code 2, never a
traceback; 0 is success. Does not live here: the commands that run a file (`cli_runs`), those under `sbc data` and
`sbc kernels`, and anything that computes.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from . import cli_runs
from ._version import __version__
from .errors import DataError, SbcError, StrategyError
from .import_commands import add_commands as add_import_commands

if TYPE_CHECKING:
    pass

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
    cli_runs.add_commands(commands)
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


def _add_indicator(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("indicator", help="compute an indicator of a ticker")
    command.add_argument("name", metavar="NAME", help="such as rsi")
    command.add_argument("ticker", metavar="TICKER")
    for name, meaning in PARAMETERS.items():
        command.add_argument(f"--{name}", type=cli_runs.number_of, metavar="N", help=meaning)
    command.add_argument(
        "--parameter", metavar="NAME=N", action="append", default=[], help="any other parameter of an indicator"
    )
    command.add_argument("--start", metavar="DATE", help="first date to print")
    command.add_argument("--end", metavar="DATE", help="last date to print")
    command.add_argument("--csv", action="store_true", help="print date,value for every date that has a value")
    cli_runs.add_data(command)
    command.set_defaults(run=_run_indicator)


def _parameter(text: str) -> tuple[str, int | float]:
    name, _, value = text.partition("=")
    try:
        return name, cli_runs.number_of(value)
    except argparse.ArgumentTypeError:
        raise StrategyError(f"--parameter {text}: say name and number, as in --parameter span=20") from None


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("demo", help="load the sample prices and run the guide notebook on them")
    command.add_argument(
        "--output", metavar="DIR", type=Path, help="where notebook and report go; default: in your store"
    )
    command.set_defaults(run=_run_demo)


def _run_indicator(args: argparse.Namespace) -> int:
    import numpy as np

    from .data import open_source
    from .engine.cube import cube
    from .engine.settings import as_date
    from .engine.strategy import load_word

    word = load_word(args.name)
    given = {name: getattr(args, name) for name in PARAMETERS if getattr(args, name) is not None}
    for other, value in map(_parameter, args.parameter):
        if other in given:
            raise StrategyError(f"--parameter {other}={value}: {other} was given twice; leave one out")
        given[other] = value
    settled: dict[str, Any] = dict(word.settle(given, where=f"{args.name}({args.ticker!r})"))
    start, end = as_date(args.start, name="--start"), as_date(args.end, name="--end")
    series = cube(
        args.name,
        open_source(args.data).candles([args.ticker], fields=dict.fromkeys(("close", *word.inputs))),
        parameters=settled,
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
