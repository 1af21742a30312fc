"""A child's lines and its end."""

import sys
from pathlib import Path

import pytest

from tests.bench.child import Child
from tests.bench.failure import BenchError


def child(tmp_path: Path, code: str) -> Child:
    return Child("child", [sys.executable, "-c", code], tmp_path)


def test_lines_in_order_also_those_after_sigterm(tmp_path: Path) -> None:
    started = child(
        tmp_path,
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('last'), sys.exit(0)))\n"
        "print('one\\ntwo', flush=True)\n"
        "signal.pause()\n",
    )
    assert [started.line(20), started.line(20)] == ["one", "two"]
    started.ask_to_end()
    assert started.line(20) == "last"
    started.end()
    assert not started.running()


def test_what_it_said_last_is_in_the_error(tmp_path: Path) -> None:
    started = child(tmp_path, "raise SystemExit('no memory for that')")
    with pytest.raises(BenchError, match="child ended: no memory for that"):
        started.line(20)
    started.end()


def test_silence_has_a_deadline(tmp_path: Path) -> None:
    started = child(tmp_path, "import signal; signal.pause()")
    with pytest.raises(BenchError, match="said nothing"):
        started.line(0.01)
    started.end()
    assert not started.running()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"child: .*absent"):
        Child("child", [str(tmp_path / "absent")], tmp_path)
