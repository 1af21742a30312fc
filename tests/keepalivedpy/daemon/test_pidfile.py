"""Pid files: live, dead, locked, our own number."""

import os
import subprocess
from pathlib import Path

import pytest

from keepalivedpy.daemon.pidfile import AlreadyRunningError, PidFile, live_pid


def claim(path: Path) -> tuple[PidFile, list[str]]:
    said: list[str] = []
    file = PidFile(str(path))
    file.claim(said.append)
    return file, said


def dead_pid() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_life_of_a_pid_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pid"
    file, said = claim(path)
    file.write()
    assert (path.read_text(), said) == (f"{os.getpid()}\n", [])
    file.remove()
    assert not path.exists()


def test_a_live_process_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.pid"
    path.write_text(f"{os.getppid()}\n")
    with pytest.raises(AlreadyRunningError):
        claim(path)
    assert path.read_text() == f"{os.getppid()}\n"
    assert live_pid(str(path)) == os.getppid()


@pytest.mark.parametrize(
    "text, is_zombie", [("dead", True), ("own", True), ("", False), ("x", False)]
)
def test_leftovers_are_taken_over(tmp_path: Path, text: str, is_zombie: bool) -> None:
    path = tmp_path / "a.pid"
    path.write_text({"dead": str(dead_pid()), "own": str(os.getpid())}.get(text, text))
    assert live_pid(str(path)) is None
    file, said = claim(path)
    assert said == ([f"Remove a zombie pid file {path}"] if is_zombie else [])
    file.remove()


def test_of_two_at_the_same_moment_one_leaves(tmp_path: Path) -> None:
    first, _ = claim(tmp_path / "a.pid")  # has not written its number yet
    with pytest.raises(AlreadyRunningError):
        claim(tmp_path / "a.pid")
    first.remove()
