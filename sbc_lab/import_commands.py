"""The commands `sbc import` and `sbc export`: their arguments and what they print.

Does not live here: the work, and how an error ends, which the command line itself says in one sentence.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import StrategyImportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .engine.strategy import Strategy

# every import inside a handler waits for its command: `sbc --help` must not load the language

__all__ = ["add_commands"]


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register both commands; each parser's default `run` is a function (args) -> exit code."""
    reads = subparsers.add_parser("import", help="read a strategy of another tool and report every loss")
    reads.add_argument("file", metavar="FILE", help="a document of another tool; - reads standard input")
    reads.add_argument("--to", metavar="OUT.json", type=Path, help="write the strategy as this lab stores it")
    reads.add_argument(
        "--report", metavar="R.json", type=Path, help="write the whole report, as JSON or, to R.html, HTML"
    )
    reads.add_argument(
        "--bots",
        metavar="DIR",
        type=Path,
        help="write the strategies that it calls and brings along: DIR/NAME.json each",
    )
    reads.add_argument("--strict", action="store_true", help="refuse any loss")
    reads.add_argument("--partial", action="store_true", help="put cash in the place of what cannot be said here")
    reads.add_argument("--format", metavar="NAME", help="refuse every other format; by default it is detected")
    reads.set_defaults(run=_run_import)
    writes = subparsers.add_parser("export", help="write a strategy for another tool")
    writes.add_argument(
        "file", metavar="FILE", help="a strategy in any format that can be read; - reads standard input"
    )
    writes.add_argument(
        "--as",
        dest="target",
        metavar="NAME",
        required=True,
        help="composer-json, defsymphony, quantmage, native or sbc_lab",
    )
    writes.add_argument("--to", metavar="OUT", type=Path, help="write the document here instead of printing it")
    writes.add_argument(
        "--report", metavar="R.json", type=Path, help="write the whole report, as JSON or, to R.html, HTML"
    )
    writes.add_argument("--approximate", action="store_true", help="write something close where nothing is the same")
    writes.set_defaults(run=_run_export)


def _run_import(args: argparse.Namespace) -> int:
    from .engine.importers import load
    from .engine.strategy import count_nodes, count_unique, dumps

    try:
        found = load(_source(args.file), strict=args.strict, partial=args.partial, format=args.format)
    except StrategyImportError as error:
        _write_report(error.report, args.report)
        raise
    strategy = found.strategy
    if args.to is not None:
        args.to.write_text(dumps(strategy), encoding="utf-8")
    _write_bots(found.bots, args.bots)
    _write_report(found.report, args.report)
    nodes, unique = count_nodes(strategy), count_unique(strategy)
    _say(f"{strategy.name}: {nodes:,} nodes, {unique:,} different, rebalance={strategy.rebalance}")
    _say(f"fingerprint {strategy.fingerprint}")
    if found.settings:
        _say("settings " + ", ".join(f"{name}={value!r}" for name, value in found.settings.items()))
    if found.bots:
        _say(f"calls {', '.join(found.bots)}" + ("" if args.bots else "; --bots DIR writes them"))
    _say(found.report.text())
    return 0


def _write_bots(bots: Mapping[str, Strategy], folder: Path | None) -> None:
    """Write the strategies that came along, each under its name; one that is no file name is an error."""
    from .engine.strategy import dumps

    if folder is None:
        return
    for name in bots:
        if Path(name).name != name or name.startswith("."):
            raise StrategyImportError(f"--bots: {name[:80]!r} is no name of a file; call that chain otherwise")
    folder.mkdir(parents=True, exist_ok=True)
    for name, bot in bots.items():
        (folder / f"{name}.json").write_text(dumps(bot), encoding="utf-8")


def _run_export(args: argparse.Namespace) -> int:
    from .engine.importers import export, load

    found = load(_source(args.file))
    try:
        made = export(found.strategy, args.target, approximate=args.approximate, bots=found.bots)
    except StrategyImportError as error:
        _write_report(error.report, args.report)
        raise
    _write_report(made.report, args.report)
    if args.to is None:
        sys.stdout.write(made.text)
        return 0
    args.to.write_text(made.text, encoding="utf-8")
    if not found.report.lossless:
        _say(f"read {found.report.text()}")
    _say(made.report.text())
    return 0


def _source(file: str) -> str | bytes | Path:
    if file != "-":
        return Path(file)
    if sys.stdin is None:
        raise StrategyImportError("- reads the document from standard input, which is closed; name a file instead")
    return sys.stdin.read().encode("utf-8", "surrogatepass")  # as bytes it is never taken for a path


def _write_report(report: object, path: Path | None) -> None:
    from .engine.importers.report import Report

    if path is None or not isinstance(report, Report):
        return
    if path.suffix.lower() in {".html", ".htm"}:
        from .engine.importers.report_html import html

        text = f"<!doctype html><meta charset='utf-8'><title>{report.format}</title>{html(report, most=10_000)}\n"
    else:
        text = json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
