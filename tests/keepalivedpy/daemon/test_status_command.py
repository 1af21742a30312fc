"""`--status` against daemons: ours in every condition, dead ones, other programs."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from keepalivedpy.daemon import status_command
from keepalivedpy.daemon.children import KINDS
from keepalivedpy.daemon.options import Options, parse
from keepalivedpy.daemon.status_command import TELLERS, StatusExit, gather, show_status
from keepalivedpy.model.root import Root
from keepalivedpy.status.listener import Listener
from keepalivedpy.status.model import Status
from tests.keepalivedpy import lvs_models as models
from tests.keepalivedpy.daemon_process import DEADLINE_S, Daemon
from tests.keepalivedpy.fake_core import FakeCore

# Has the name of keepalived and none of its sockets, as another implementation has.
NAMESAKE = """
import sys, time
open("/proc/self/comm", "w").write(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
"""


def options(folder: Path, *words: str) -> Options:
    pids = [f"-p{folder}/ka.pid", f"-r{folder}/vrrp.pid", f"-c{folder}/check.pid"]
    return parse(["keepalived", "--status", *pids, *words])


def write_config(folder: Path, n_services: int = 1) -> str:
    services = [
        models.virtual_server(models.server("127.0.0.1"), port=80 + n) for n in range(n_services)
    ]
    return f"-f{models.write(folder / 'ka.json', models.root(*services))}"


@pytest.fixture
def core(tmp_path: Path) -> Iterator[FakeCore]:
    with FakeCore(tmp_path / "ipc") as fake:
        yield fake


@contextlib.contextmanager
def namesake(folder: Path, name: str) -> Iterator[int]:
    program = [sys.executable, "-c", NAMESAKE, name]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        (folder / "ka.pid").write_text(f"{process.pid}\n")
        yield process.pid


def ask_until(given: Options, wanted: StatusExit) -> Status:
    """Ask until the exit status is this."""
    deadline_s = time.monotonic() + DEADLINE_S
    while True:
        status, result = gather(given)
        if result is wanted:
            return status
        assert time.monotonic() < deadline_s, (result, status)


def test_the_tellers_are_the_children() -> None:
    assert {(teller.title, teller.pid_option) for teller in TELLERS} == {
        (kind.title, kind.pid_option) for kind in KINDS
    }


def test_a_running_daemon_and_after_it(tmp_path: Path, core: FakeCore) -> None:
    given = options(tmp_path)
    with Daemon(tmp_path, write_config(tmp_path), "-C", f"--ipc={tmp_path}/ipc") as daemon:
        core.wait_for(lambda: len(core.summary()) == 1)
        status, result = gather(given)
        assert (result, status.troubles) == (StatusExit.ANSWERS, ())
        assert (status.pid, status.config) == (daemon.process.pid, f"{tmp_path}/ka.json")
        assert [process.name for process in status.processes] == ["Healthcheck"]
        assert status.vrrp is None
        assert status.checkers is not None
        assert status.checkers.pid == status.processes[0].pid
        assert status.checkers.core is not None and status.checkers.core.connected
        assert status.checkers.core.instance.startswith("fake-")
        (service,) = status.checkers.services
        assert (service.names, service.quorum_up) == (("192.0.2.254:80 tcp",), True)
        core.stop()
        daemon.wait_for("Lost the connection")
        status = ask_until(given, StatusExit.ANSWERS)
        assert status.checkers is not None and status.checkers.core is not None
        assert not status.checkers.core.connected
        assert status.checkers.core.trouble
        assert daemon.stop() == 0
    assert list(tmp_path.glob("*.status")) == []
    status, result = gather(given)
    assert (result, status.pid) == (StatusExit.NOT_RUNNING, None)
    assert status.troubles == (f"keepalived is not running ({tmp_path}/ka.pid)",)


def test_a_reload_is_seen(tmp_path: Path, core: FakeCore) -> None:
    with Daemon(tmp_path, write_config(tmp_path), "-C", f"--ipc={tmp_path}/ipc") as daemon:
        core.wait_for(lambda: len(core.summary()) == 1)
        write_config(tmp_path, 3)
        daemon.signal(signal.SIGHUP)
        core.wait_for(lambda: len(core.summary()) == 3)
        status = ask_until(options(tmp_path), StatusExit.ANSWERS)
        assert status.checkers is not None and len(status.checkers.services) == 3


def test_a_daemon_without_work(tmp_path: Path) -> None:
    config = models.write(tmp_path / "ka.json", Root())
    with Daemon(tmp_path, f"-f{config}") as daemon:
        daemon.wait_for("Startup complete")
        status, result = gather(options(tmp_path))
        assert (result, status.processes, status.troubles) == (StatusExit.ANSWERS, (), ())


def test_a_child_that_was_killed(tmp_path: Path, core: FakeCore) -> None:
    """It comes back at once the first time, then after one and two seconds."""
    given = options(tmp_path)
    with Daemon(tmp_path, write_config(tmp_path), "-C", f"--ipc={tmp_path}/ipc") as daemon:
        for _ in range(3):
            pid = int(daemon.wait_for(r"Starting Healthcheck child process, pid=(\d+)")[1])
            ask_until(given, StatusExit.ANSWERS)
            os.kill(pid, signal.SIGKILL)
            daemon.wait_for("died: Respawning")
        status, result = gather(given)
        assert result is StatusExit.INCOMPLETE
        assert status.troubles == ("Healthcheck process is not running: it was killed by signal 9",)
        assert status.processes[0].n_ended == 3
        daemon.wait_for("Starting Healthcheck child process")
        status = ask_until(given, StatusExit.ANSWERS)  # its stale socket was replaced
        assert (status.processes[0].n_ended, status.processes[0].ended) == (
            3, "was killed by signal 9")  # fmt: skip


def test_a_child_that_hangs(
    tmp_path: Path, core: FakeCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_command, "TIMEOUT_S", 0.2)
    with Daemon(tmp_path, write_config(tmp_path), "-C", f"--ipc={tmp_path}/ipc") as daemon:
        pid = int(daemon.wait_for(r"Starting Healthcheck child process, pid=(\d+)")[1])
        ask_until(options(tmp_path), StatusExit.ANSWERS)
        os.kill(pid, signal.SIGSTOP)
        try:
            status, result = gather(options(tmp_path))
        finally:
            os.kill(pid, signal.SIGCONT)
        assert result is StatusExit.INCOMPLETE
        assert status.troubles == (
            f"Healthcheck process, pid {pid}, does not answer: "
            f"no answer on {tmp_path}/check.status within 0.2 s",
        )


def test_a_parent_that_hangs_while_its_child_works(
    tmp_path: Path, core: FakeCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_command, "TIMEOUT_S", 0.2)
    with Daemon(tmp_path, write_config(tmp_path), "-C", f"--ipc={tmp_path}/ipc") as daemon:
        ask_until(options(tmp_path), StatusExit.ANSWERS)
        daemon.signal(signal.SIGSTOP)
        try:
            status, result = gather(options(tmp_path))
        finally:
            daemon.signal(signal.SIGCONT)
        assert result is StatusExit.INCOMPLETE
        assert (
            f"pid {daemon.process.pid} is keepalived, but it does not answer"
            in (status.troubles[0])
        )
        assert status.checkers is not None and len(status.checkers.services) == 1


def test_another_keepalived(tmp_path: Path) -> None:
    with namesake(tmp_path, "keepalived") as pid:
        status, result = gather(options(tmp_path))
    assert (result, status.pid) == (StatusExit.INCOMPLETE, pid)
    assert status.troubles == (
        f"pid {pid} is keepalived, but it has no status socket ({tmp_path}/ka.status): "
        "another program of this name?",
    )


def test_a_pid_file_that_names_something_else(tmp_path: Path) -> None:
    with namesake(tmp_path, "nginx") as pid:
        status, result = gather(options(tmp_path))
    assert (result, status.pid) == (StatusExit.NOT_RUNNING, None)
    assert f"names pid {pid}, which is nginx" in status.troubles[0]


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(path: str, *_: object) -> None:
        raise status_command.NoAnswerError(f"no permission for {path}", permission=True)

    monkeypatch.setattr(status_command, "ask", ask)
    with namesake(tmp_path, "keepalived"):
        assert gather(options(tmp_path))[1] is StatusExit.NO_PERMISSION


def test_a_status_socket_that_cannot_be_made_stops_nothing(tmp_path: Path, core: FakeCore) -> None:
    (tmp_path / "check.status").write_text("a file")
    (tmp_path / "ka.status").write_text("a file")
    with Daemon(tmp_path, write_config(tmp_path), "-C", f"--ipc={tmp_path}/ipc") as daemon:
        daemon.wait_for(f"No status for --status: cannot make {tmp_path}/ka.status")
        daemon.wait_for(f"No status for --status: cannot make {tmp_path}/check.status")
        core.wait_for(lambda: len(core.summary()) == 1)
        assert daemon.stop() == 0
    assert (tmp_path / "check.status").read_text() == "a file"


def test_leftovers_of_a_killed_daemon(tmp_path: Path, core: FakeCore) -> None:
    for name in ("ka", "check", "vrrp"):
        Listener(f"{tmp_path}/{name}.status").forget()
    with Daemon(tmp_path, write_config(tmp_path), "-C", f"--ipc={tmp_path}/ipc") as daemon:
        core.wait_for(lambda: len(core.summary()) == 1)
        ask_until(options(tmp_path), StatusExit.ANSWERS)
        assert daemon.stop() == 0
    assert list(tmp_path.glob("*.status")) == [tmp_path / "vrrp.status"]  # nobody took it


def test_as_json_and_as_a_screen(tmp_path: Path, core: FakeCore) -> None:
    with Daemon(tmp_path, write_config(tmp_path), "-C", f"--ipc={tmp_path}/ipc"):
        core.wait_for(lambda: len(core.summary()) == 1)
        out = io.StringIO()
        assert show_status(options(tmp_path, "--json"), out) == 0
        status = msgspec.json.decode(out.getvalue(), type=Status)
        assert status.checkers is not None and len(status.checkers.services) == 1
        out = io.StringIO()
        assert show_status(options(tmp_path), out) == 0
        assert f"keepalived {status.version}, pid {status.pid}, since " in out.getvalue()
        assert "\n  UP    192.0.2.254:80 tcp  since " in out.getvalue()
        assert "\x1b" not in out.getvalue()
