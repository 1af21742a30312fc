"""The status socket as a file: its mode, leftovers, and whose it is at the end."""

import os
import socket
import stat
from pathlib import Path

import pytest

from keepalivedpy.status.listener import Listener, status_path


def test_beside_the_pid_file() -> None:
    assert status_path("/run/keepalived_vrrp.pid") == "/run/keepalived_vrrp.status"
    assert status_path("/run/ka.pid.d/mine") == "/run/ka.pid.d/mine.status"


def test_only_its_user_may_ask_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        listener = Listener(str(tmp_path / "s"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600
    listener.close()
    assert not (tmp_path / "s").exists()


def test_a_stale_socket_open_to_all_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    path.chmod(0o777)
    listener = Listener(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(path))
        accepted = listener.accept()
        assert accepted is not None
        accepted.close()
    listener.close()


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        Listener(str(path))
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_and_a_name_too_long(tmp_path: Path) -> None:
    for path in (tmp_path / "none" / "s", tmp_path / ("s" * 200)):
        with pytest.raises(OSError):
            Listener(str(path))


def test_a_successors_socket_is_not_removed(tmp_path: Path) -> None:
    first = Listener(str(tmp_path / "s"))
    second = Listener(str(tmp_path / "s"))
    first.close()
    assert (tmp_path / "s").exists()
    second.close()
    assert not (tmp_path / "s").exists()


def test_a_child_forgets_the_parents_socket(tmp_path: Path) -> None:
    listener = Listener(str(tmp_path / "s"))
    listener.forget()
    assert (tmp_path / "s").exists()


def test_nobody_asks(tmp_path: Path) -> None:
    listener = Listener(str(tmp_path / "s"))
    assert listener.accept() is None
    listener.close()
