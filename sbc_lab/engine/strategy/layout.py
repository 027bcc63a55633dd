"""Breaking one long line of Python over several, at brackets and commas, without changing what it says.

Lives here: line breaks, for `code`. Does not live here: anything that knows what a strategy is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 110
INDENT = 4
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Group:
    """A pair of brackets that is inside no other: where its content begins and ends, and where its commas are."""

    begin: int
    end: int
    commas: tuple[int, ...]


def wrapped(statement: str, *, width: int = WIDTH) -> str:
    """Break a statement into lines of at most `width` characters, where brackets allow it.

    Parameters
    ----------
    statement : str
        One line of Python. Every text in it is written as by `repr`, and there are no comments.
    """
    out: list[str] = []
    stack: list[tuple[int, str]] = [(0, statement)]
    while stack:
        indent, line = stack.pop()
        groups = [] if len(line) + indent <= width else [group for group in _groups(line) if group.begin < group.end]
        if not groups:
            out.append(" " * indent + line)
            continue
        if indent + groups[-1].begin <= width:
            # What stands before the last group fits, so only that one is opened: the reader sees the whole head.
            groups = groups[-1:]
        pieces: list[tuple[int, str]] = []
        begin = 0
        for group in groups:
            pieces.append((indent, line[begin : group.begin]))
            pieces += [(indent + INDENT, item) for item in _filled(_items(line, group), width - indent - INDENT)]
            begin = group.end
        pieces.append((indent, line[begin:]))
        # What stands between two groups cannot be broken any further: it holds no bracket with content.
        stack += [(level, piece) for level, piece in reversed(pieces)]
    return "\n".join(out)


def _items(line: str, group: Group) -> list[str]:
    cuts = (group.begin, *(comma + 1 for comma in group.commas), group.end)
    return [line[first:last].strip() for first, last in pairwise(cuts)]


def _filled(items: list[str], width: int) -> Iterator[str]:
    """Put many short items on one line, long ones on lines of their own."""
    if len(items) < 8 or max(map(len, items)) > 24:
        yield from items
        return
    line = ""
    for item in items:
        if line and len(line) + 1 + len(item) > width:
            yield line
            line = item
        else:
            line = f"{line} {item}" if line else item
    yield line


def _groups(line: str) -> list[Group]:
    """Find the outermost brackets of a line, looking past texts."""
    found: list[Group] = []
    depth, begin, place = 0, 0, 0
    commas: list[int] = []
    while place < len(line):
        letter = line[place]
        if letter in "'\"":
            place = _text_end(line, place)
        elif letter in _OPENING:
            depth += 1
            if depth == 1:
                begin, commas = place + 1, []
        elif letter in _CLOSING:
            depth -= 1
            if depth == 0:
                found.append(Group(begin, place, tuple(commas)))
        elif letter == "," and depth == 1:
            commas.append(place)
        place += 1
    return found


def _text_end(line: str, begin: int) -> int:
    place = begin + 1
    while line[place] != line[begin]:
        place += 2 if line[place] == "\\" else 1
    return place
