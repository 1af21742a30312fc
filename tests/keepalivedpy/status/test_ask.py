"""Asking: every way in which there can be no answer."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from keepalivedpy.status.ask import NoAnswerError, ask
from keepalivedpy.status.listener import Listener


class Told(msgspec.Struct):
    n: int


@contextmanager
def answering(path: Path, *chunks: bytes) -> Iterator[None]:
    """A process that sends these to its first client, and ends the stream if there are any."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def tell() -> None:
        client, _ = listening.accept()
        with client:
            for chunk in chunks:
                client.sendall(chunk)

    thread = threading.Thread(target=tell, daemon=True)
    if chunks:
        thread.start()
    yield
    if chunks:
        thread.join(5)
    listening.close()


def refusal(path: Path, timeout_s: float = 2.0) -> NoAnswerError:
    with pytest.raises(NoAnswerError) as caught:
        ask(str(path), Told, timeout_s)
    return caught.value


def test_in_pieces(tmp_path: Path) -> None:
    with answering(tmp_path / "s", b'{"n"', b": 5, ", b'"what_came_later": 1}'):
        assert ask(str(tmp_path / "s"), Told) == Told(5)


def test_not_there(tmp_path: Path) -> None:
    error = refusal(tmp_path / "s")
    assert (str(error), error.absent) == (f"there is no status socket {tmp_path}/s", True)


def test_nobody_listens(tmp_path: Path) -> None:
    Listener(str(tmp_path / "s")).forget()
    error = refusal(tmp_path / "s")
    assert (str(error), error.absent) == (f"nobody listens on {tmp_path}/s", True)


def test_it_does_not_answer(tmp_path: Path) -> None:
    start_s = time.monotonic()
    with answering(tmp_path / "s"):
        error = refusal(tmp_path / "s", 0.05)
    assert time.monotonic() - start_s < 5
    assert str(error) == f"no answer on {tmp_path}/s within 0.05 s"
    assert not error.absent


def test_so_many_wait_that_it_cannot_even_connect(tmp_path: Path) -> None:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "s"))
    listening.listen(0)
    with listening, socket.socket(socket.AF_UNIX) as first:
        first.connect(str(tmp_path / "s"))
        assert "within 0.05 s" in str(refusal(tmp_path / "s", 0.05))


def test_it_waits_for_a_place_in_a_full_queue(tmp_path: Path) -> None:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "s"))
    listening.listen(0)
    answers: list[Told] = []
    asking = threading.Thread(
        target=lambda: answers.append(ask(str(tmp_path / "s"), Told, 10.0)), daemon=True
    )
    with listening, socket.socket(socket.AF_UNIX) as first:
        first.connect(str(tmp_path / "s"))
        asking.start()
        asking.join(0.1)
        assert asking.is_alive()
        for _ in range(2):
            client, _ = listening.accept()
            with client:
                client.send(b'{"n": 7}')
        asking.join(5)
    assert answers == [Told(7)]


@pytest.mark.parametrize("text", [b"{}", b'{"n": "x"}', b"nonsense", b'{"n": 5'])
def test_it_is_something_else(tmp_path: Path, text: bytes) -> None:
    with answering(tmp_path / "s", text):
        assert f"{tmp_path}/s does not tell a Told" in str(refusal(tmp_path / "s"))


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="needs root and setpriv (util-linux): becomes another user",
)
def test_another_user_may_not_ask(tmp_path: Path) -> None:
    listener = Listener(str(tmp_path / "s"))
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    program = (
        "import sys, socket\n"
        "try:\n socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
        "except PermissionError: print('refused')"
    )
    nobody = ("setpriv", "--reuid", "65534", "--clear-groups", "/usr/bin/env", "python3")
    done = subprocess.run(
        [*nobody, "-c", program, str(tmp_path / "s")], capture_output=True, text=True,
        check=False, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    listener.close()
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_no_permission_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "socket", type("S", (socket.socket,), {"connect": connect}))
    error = refusal(tmp_path / "s")
    assert (error.permission, str(error)) == (True, f"no permission for {tmp_path}/s")


def test_imports_nothing_slow() -> None:
    code = "import sys, keepalivedpy.status.screen, keepalivedpy.status.ask; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"asyncio", "pyroute2", "pyparsing"} & set(done.stdout.split())
