"""The commands under `sbc kernels`: compile what the engine needs, once for everybody who uses an environment.

Lives here: the arguments and what is printed. Does not live here: what is compiled (`engine.warming`), and where it is
kept and whose it may be (`engine.kernels.stored`).
"""

from __future__ import annotations

import argparse

from .errors import StoreError


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to a parser."""
    command = commands.add_parser(
        "compile", help="compile every kernel now, so that no first backtest has to wait; as the owner, for everybody"
    )
    command.set_defaults(run=_compile)


def _compile(_: argparse.Namespace) -> int:
    from .engine.warming import compile_kernels

    warmed = compile_kernels()
    if warmed.folder is None:
        raise StoreError(
            "compiled kernels can be kept nowhere, because there is no home folder; "
            "type the command as the owner of the environment, or set XDG_CACHE_HOME to a folder of yours"
        )
    whom = "everybody who uses this environment" if warmed.for_everybody else "you alone: the environment is not yours"
    print(f"{warmed.kernels} kernels are ready for {whom}; {warmed.compiled} had to be compiled")
    print(warmed.folder)
    return 0
