"""The documents say what is true: examples run, printed results are the real ones, links and commands exist.

The quick start of the README stands between two markers: a Python block that is run on the sample prices, and a text
block that must equal what it prints, to the letter.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
PACKAGE = PROJECT / "sbc_lab"
README = PROJECT / "README.md"
MOST_LINES = 12
PAGES = sorted([*PROJECT.glob("*.md"), *PACKAGE.rglob("*.md")])
BUILD_FILES = [*PROJECT.glob("*.toml"), *PROJECT.glob("*.txt"), *PROJECT.glob("tools/*"), *PROJECT.glob(".ci/*")]

Blocks = tuple[str, str]


def quick_start(text: str) -> Blocks:
    """The program and the printed result between the markers of a page."""
    part = re.search(r"<!-- quick start -->\n(.*?)<!-- end of quick start -->", text, re.DOTALL)
    assert part, "the README needs the markers <!-- quick start --> and <!-- end of quick start -->"
    program = re.search(r"```python\n(.*?)```", part[1], re.DOTALL)
    printed = re.search(r"```text\n(.*?)```", part[1], re.DOTALL)
    assert program, "the quick start needs a ```python block"
    assert printed, "the quick start needs a ```text block with what the program prints"
    return program[1], printed[1]


def examples() -> list[str]:
    """Every module with an example in a docstring."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if ">>> " in path.read_text(encoding="utf-8"):
            parts = path.relative_to(PROJECT).with_suffix("").parts
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


# ---------------------------------------------------------------- examples


@pytest.mark.parametrize("name", examples())
@pytest.mark.usefixtures("sample_home")
def test_the_examples_of_a_docstring_are_true(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module(name)
    done = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert done.failed == 0, capsys.readouterr().out
    assert done.attempted > 0, f"{name} shows examples, and doctest runs none of them"


@pytest.mark.slow
def test_the_quick_start_prints_what_the_readme_shows(sample_home: Path) -> None:
    program, printed = quick_start(README.read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "-"],
        input=program,
        cwd=sample_home,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    real = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    assert printed.rstrip("\n") == real, f"the ```text block of the README must read:\n\n{real}\n"


def test_the_quick_start_has_at_most_twelve_lines() -> None:
    program, _ = quick_start(README.read_text(encoding="utf-8"))
    ast.parse(program)
    assert 0 < len([line for line in program.splitlines() if line.strip()]) <= MOST_LINES


def test_a_page_without_the_markers_or_the_result_is_refused() -> None:
    whole = "<!-- quick start -->\n```python\nprint(1)\n```\nprints\n```text\n1\n```\n<!-- end of quick start -->\n"
    assert quick_start(whole) == ("print(1)\n", "1\n")
    for missing in ("<!-- quick start -->", "<!-- end of quick start -->", "```python", "```text"):
        with pytest.raises(AssertionError):
            quick_start(whole.replace(missing, ""))


# ---------------------------------------------------------------- links, commands, addresses


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def targets() -> set[str]:
    """The commands of the Makefile."""
    return set(re.findall(r"^([a-z]+): ## ", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_command_of_a_page_exists(page: Path) -> None:
    assert set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))) <= targets()


def test_every_command_has_its_line_in_the_help() -> None:
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    declared = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert declared
    assert set(declared[1].split()) == targets()
    assert {"demo", "test", "lab", "check", "bench", "help"} <= targets()


@pytest.mark.parametrize(
    "file", [*PAGES, *BUILD_FILES, PROJECT / "Makefile"], ids=lambda file: str(file.relative_to(PROJECT))
)
def test_no_file_names_a_registry(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"pypi\.|pythonhosted|npmjs|index-url|--index", text) == []


def test_every_pin_is_a_name_and_a_version() -> None:
    lines = (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9a-z.+!]+( ; [^@/]+)?", line)] == []
