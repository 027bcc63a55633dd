"""The commands under `sbc data`: import, sample, list, show, verify.

Here live their arguments and what they print, plain and aligned. The work is done elsewhere and imported when a command
runs; errors are raised and turned into one sentence by the command line itself.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .store import SnapshotStore

# every import inside a handler waits for its command: `sbc --help` must not load pandas

__all__ = ["add_commands"]

Handler = Callable[[argparse.Namespace], int]


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the commands; each parser's default `run` is a function (args) -> exit code."""
    directory = _add(subparsers, "import", run_import, "publish a directory of TICKER.parquet or TICKER.csv")
    directory.add_argument("directory", metavar="DIR", type=Path, help="one file per ticker; columns as in the README")
    directory.add_argument("--replace", action="store_true", help="drop the tickers that DIR does not have")
    _add(subparsers, "sample", run_sample, "publish the sample prices of the demo packages, without a network")
    listing = _add(subparsers, "list", run_list, "list the tickers of the present snapshot")
    listing.add_argument("--snapshots", action="store_true", help="list what was published when instead")
    show = _add(subparsers, "show", run_show, "show what there is of one ticker")
    show.add_argument("ticker", metavar="TICKER")
    show.add_argument("--rows", type=int, default=5, help="how many of the last bars, 5 by default")
    verify = _add(subparsers, "verify", run_verify, "read every price again and compare it with its hash")
    for parser in (listing, show, verify):
        parser.add_argument("--snapshot", metavar="ID", help="a snapshot other than the present one")


def run_import(args: argparse.Namespace) -> int:
    """Publish a directory."""
    from .importing import import_directory

    _say(str(import_directory(args.directory, _store(args), keep=not args.replace)))
    return 0


def run_sample(args: argparse.Namespace) -> int:
    """Publish the sample prices."""
    from .sample import import_sample

    _say(str(import_sample(_store(args))))
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List tickers, or publications."""
    store = _store(args)
    if args.snapshots:
        rows = [
            (entry.snapshot[:12], f"{entry.published_at:%Y-%m-%d %H:%M}", str(len(entry.quarantine)), entry.source)
            for entry in store.snapshots()
        ]
        _say(_table(("snapshot", "published (UTC)", "refused", "source"), rows, right=(2,)))
        return 0
    snapshot = store.snapshot(args.snapshot)
    _say(f"{store.path}: snapshot {snapshot.id[:12]}, published {snapshot.published_at:%Y-%m-%d %H:%M} UTC")
    held = [(ticker, snapshot.bars[ticker]) for ticker in snapshot.tickers]
    rows = [(ticker, str(entry.first), str(entry.last), str(entry.rows)) for ticker, entry in held]
    _say(_table(("ticker", "first day", "last day", "bars"), rows, right=(3,)))
    for ticker, state in sorted(snapshot.quarantine.items()):
        _say(f"refused  {ticker}: {state.reason}{'; its last good state stays' if state.kept else ''}")
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Show the last bars of one ticker."""
    from ..engine.candles import FIELDS, load_candles
    from ..errors import OptionError

    if args.rows < 1:
        raise OptionError(f"--rows must be at least 1, got {args.rows}")
    store = _store(args)
    snapshot = store.snapshot(args.snapshot)
    entry = snapshot.load_coverage(args.ticker)
    candles = load_candles(store.path, args.ticker, snapshot=snapshot.id, adjust=False)
    _say(f"{args.ticker}: {entry.rows} bars from {entry.first} to {entry.last} in snapshot {snapshot.id[:12]}")
    _say("prices in USD, adjusted for splits; adj_close for dividends too; volume in shares")
    last = candles.sel(ticker=args.ticker).dropna("date", how="all").isel(date=slice(-args.rows, None))
    days = last["date"].to_numpy().astype("datetime64[D]").astype(str)
    values = {name: last[name].to_numpy() for name in FIELDS}
    rows = [
        (day, *(f"{values[name][row]:,.0f}" if name == "volume" else f"{values[name][row]:.4f}" for name in FIELDS))
        for row, day in enumerate(days)
    ]
    _say(_table(("date", *FIELDS), rows, right=range(1, 7)))
    return 0


def run_verify(args: argparse.Namespace) -> int:
    """Verify a snapshot; exit code 1 when something is damaged."""
    verification = _store(args).verify(args.snapshot)
    _say(str(verification))
    return 0 if verification.ok else 1


def _add(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Handler, text: str
) -> argparse.ArgumentParser:
    parser = subparsers.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.add_argument("--store", metavar="PATH", type=Path, help="the store; without it the one under SBC_HOME")
    parser.set_defaults(run=run)
    return parser


def _store(args: argparse.Namespace) -> SnapshotStore:
    from .store import SnapshotStore

    return SnapshotStore(args.store)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> str:
    """Columns under their names, numbers to the right."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    numeric = set(right)
    return "\n".join(
        "  ".join(
            text.rjust(width) if column in numeric else text.ljust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
