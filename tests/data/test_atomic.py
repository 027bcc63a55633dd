"""Files that are there whole or not at all."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from sbc_lab.data.atomic import alone, remove_leftovers, write_whole


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "prices"
    path.write_text("old")

    def half(temporary: Path) -> None:
        temporary.write_text("ne")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_whole(path, half)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_content_is_not_under_its_name_before_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "prices"
    seen = []

    def write(temporary: Path) -> None:
        temporary.write_text("new")
        seen.append(path.exists())

    write_whole(path, write)
    assert seen == [False]
    assert path.read_text() == "new"


def test_leftovers_go_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / ".a.parquet.17.tmp").write_text("half")
    (tmp_path / "a.parquet").write_text("whole")
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def is_free(lock: Path) -> bool:
    with lock.open("a") as other:
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_the_lock_is_held_inside_and_free_again_afterwards(tmp_path: Path) -> None:
    with alone(tmp_path / "lock"):
        assert not is_free(tmp_path / "lock")
    assert is_free(tmp_path / "lock")


def test_a_failure_lets_go_of_the_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), alone(tmp_path / "lock"):
        raise RuntimeError("publisher stumbles")
    assert is_free(tmp_path / "lock")
