"""--with-dpvs: the daemon starts, watches and stops a director (a stand-in program)."""

import os
import signal
import sys
from pathlib import Path

import pytest

from dpvs_core.control.client import Client
from dpvs_core.control.messages import ServiceList, ServiceRows
from keepalivedpy.daemon.director import command
from keepalivedpy.daemon.options import Options
from tests.keepalivedpy import lvs_models as models
from tests.keepalivedpy.daemon_process import LAUNCHER, Daemon
from tests.keepalivedpy.fake_core import FakeCore

STAND_IN = LAUNCHER.with_name("fake_dpvs.py")


@pytest.fixture
def programs(tmp_path: Path) -> tuple[str, ...]:
    """A folder with both programs; the command that starts keepalived from it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "keepalived").symlink_to(LAUNCHER)
    dpvs = folder / "dpvs"
    dpvs.write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n')
    dpvs.chmod(0o755)
    return (sys.executable, str(folder / "keepalived"))


def words(folder: Path, conf_text: str = "") -> tuple[str, ...]:
    (folder / "dpvs.conf").write_text(conf_text)
    config = models.root(models.virtual_server(models.server("127.0.0.1")))
    path = models.write(folder / "ka.json", config)
    return ("-C", f"-f{path}", f"--ipc={folder}/ipc", "--with-dpvs", f"{folder}/dpvs.conf",
            "--dpvs-args", "--no-huge -m 256")  # fmt: skip


def events(folder: Path) -> list[str]:
    return (folder / "dpvs.events").read_text().splitlines()


def n_services(folder: Path) -> int:
    with Client("cli", "test", str(folder / "ipc")) as client:
        return len(client.call(ServiceList(), ServiceRows).rows)


def test_one_command_is_a_whole_load_balancer(tmp_path: Path, programs: tuple[str, ...]) -> None:
    with Daemon(tmp_path, *words(tmp_path), program=programs) as daemon:
        daemon.wait_for("Starting dpvs: .*/bin/dpvs -c .*dpvs.conf -x .*ipc -p .*ipc.pid -- ")
        pid = int(daemon.wait_for(r"dpvs fake answers on .*/ipc, pid=(\d+)")[1])
        assert os.getpgid(pid) == pid  # Ctrl-C does not reach it before its clients
        daemon.wait_for("Starting Healthcheck child process")
        daemon.wait_for("Programmed 1 services")
        assert n_services(tmp_path) == 1

        os.kill(pid, signal.SIGKILL)
        daemon.wait_for(rf"dpvs \(pid {pid}\) was killed by signal 9")
        daemon.wait_for("Starting dpvs: ")
        daemon.wait_for("Programmed 1 services")
        assert n_services(tmp_path) == 1
        assert daemon.stop() == 0
    assert daemon.text().count("Starting Healthcheck") == 1
    assert events(tmp_path) == [
        "start -- --no-huge -m 256", "start -- --no-huge -m 256", "stop 0"]  # fmt: skip


def test_a_director_that_cannot_start_ends_the_daemon(
    tmp_path: Path, programs: tuple[str, ...]
) -> None:
    with Daemon(tmp_path, *words(tmp_path, "die"), program=programs) as daemon:
        daemon.wait_for(r"dpvs \(pid \d+\) ended with exit status 3")
        assert daemon.wait() == 1
    assert events(tmp_path) == ["start -- --no-huge -m 256"]


def test_another_director_on_the_socket_is_not_taken_for_ours(
    tmp_path: Path, programs: tuple[str, ...]
) -> None:
    with FakeCore(tmp_path / "ipc") as core:
        with Daemon(tmp_path, *words(tmp_path, "refuse"), program=programs) as daemon:
            daemon.wait_for(r"dpvs \(pid \d+\) ended with exit status 1")
            assert daemon.wait() == 1
        assert core.summary() == {}


def test_no_director_program(tmp_path: Path, programs: tuple[str, ...]) -> None:
    (tmp_path / "bin" / "dpvs").unlink()
    lonely = tmp_path / "lonely"
    lonely.mkdir()
    (lonely / "python").symlink_to(sys.executable)
    if (Path(sys.executable).parent / "dpvs").exists():
        pytest.skip("dpvs is installed beside this Python: it would be found")
    env = {"PATH": str(lonely)}
    with Daemon(tmp_path, *words(tmp_path), program=programs, env=env) as daemon:
        daemon.wait_for("there is no dpvs program beside this one or in PATH")
        assert daemon.wait() == 1


def test_the_director_ends_with_a_killed_parent(tmp_path: Path, programs: tuple[str, ...]) -> None:
    with Daemon(tmp_path, *words(tmp_path), program=programs) as daemon:
        daemon.wait_for("Programmed 1 services")
        daemon.process.kill()
        daemon.wait_until_silent()
    assert events(tmp_path)[-1].startswith("stop")


def test_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dpvs = tmp_path / "dpvs"
    dpvs.write_text("#!/bin/sh\n")
    dpvs.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "keepalived")])
    monkeypatch.delenv("DPVS_IPC_FILE", raising=False)
    plain = [str(dpvs), "-c", "a.conf", "-x", "/var/run/dpvs.ipc", "-p", "/var/run/dpvs.pid"]
    assert command(Options(dpvs_config="a.conf")) == plain
    assert command(Options(dpvs_config="a.conf", dpvs_args="-l 1,2 --file-prefix 'a b'")) == [
        *plain, "--", "-l", "1,2", "--file-prefix", "a b"]  # fmt: skip
