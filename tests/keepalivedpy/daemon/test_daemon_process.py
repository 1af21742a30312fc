"""The parent process for real: pid files, exit statuses, signals, daemonising."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VrrpInstance
from tests.keepalivedpy import lvs_models as models
from tests.keepalivedpy.daemon_process import CHECKOUT, LAUNCHER, Daemon
from tests.keepalivedpy.fake_core import FakeCore


def empty(folder: Path) -> str:
    return f"-f{models.write(folder / 'ka.json', Root())}"


def with_service(folder: Path) -> str:
    vs = models.virtual_server(models.server("127.0.0.1"))
    return f"-f{models.write(folder / 'ka.json', models.root(vs))}"


def test_a_second_daemon_leaves_with_0(tmp_path: Path) -> None:
    with Daemon(tmp_path, empty(tmp_path)) as first:
        first.wait_for("Startup complete")
        with Daemon(tmp_path, empty(tmp_path)) as second:
            second.wait_for("daemon is already running")
            assert second.wait() == 0
        assert first.stop() == 0


def test_a_pid_file_of_a_live_stranger(tmp_path: Path) -> None:
    (tmp_path / "ka.pid").write_text(f"{os.getpid()}\n")
    with Daemon(tmp_path, empty(tmp_path)) as daemon:
        daemon.wait_for("daemon is already running")
        assert daemon.wait() == 0
    assert (tmp_path / "ka.pid").read_text() == f"{os.getpid()}\n"


def test_a_zombie_pid_file(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    (tmp_path / "ka.pid").write_text(f"{dead.pid}\n")
    with Daemon(tmp_path, empty(tmp_path)) as daemon:
        daemon.wait_for(f"Remove a zombie pid file {tmp_path}/ka.pid")
        daemon.wait_for("Warning - keepalived has no configuration to run")
        assert daemon.stop() == 0


def test_a_pid_file_that_cannot_be_written(tmp_path: Path) -> None:
    with Daemon(tmp_path, empty(tmp_path), f"-p{tmp_path}/no/such/folder.pid") as daemon:
        daemon.wait_for("Cannot write pid file")
        assert daemon.wait() == 1


def test_an_unusable_configuration_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "ka.json").write_text("unusable: no argument")
    with Daemon(tmp_path, f"-f{tmp_path}/ka.json") as daemon:
        daemon.wait_for(r"\(Line 3\) found unusable: no argument")
        assert daemon.wait() == 2
    assert not (tmp_path / "ka.pid").exists()


def test_errors_at_the_start_do_not_stop_the_rest(tmp_path: Path) -> None:
    (tmp_path / "ka.json").write_text("error: unknown keyword 'priorty'")
    with Daemon(tmp_path, f"-f{tmp_path}/ka.json") as daemon:
        daemon.wait_for(r"\(Line 3\) found error: unknown keyword 'priorty'")
        daemon.wait_for("Startup complete")
        assert daemon.stop() == 0


def test_no_configuration_file(tmp_path: Path) -> None:
    with Daemon(tmp_path, f"-f{tmp_path}/none") as daemon:
        daemon.wait_for(f"Unable to find configuration file {tmp_path}/none")
        assert daemon.wait() == 6


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_signals_that_stop(tmp_path: Path, signum: signal.Signals) -> None:
    with Daemon(tmp_path, empty(tmp_path)) as daemon:
        daemon.wait_for("Startup complete")
        daemon.signal(signum)
        daemon.wait_for("Stopping")
        daemon.wait_for("Stopped Keepalived v")
        assert daemon.wait() == 0


def test_a_reload_starts_a_child_that_has_work_now(tmp_path: Path) -> None:
    with FakeCore(tmp_path / "ipc") as core, \
            Daemon(tmp_path, empty(tmp_path), f"--ipc={tmp_path}/ipc") as daemon:  # fmt: skip
        daemon.wait_for("Startup complete")
        with_service(tmp_path)
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("Starting Healthcheck child process")
        core.wait_for(lambda: len(core.summary()) == 1)
        empty(tmp_path)
        daemon.signal(signal.SIGHUP)
        core.wait_for(lambda: core.summary() == {})


def test_usr1_and_usr2_say_that_they_are_not_there_yet(tmp_path: Path) -> None:
    words = (with_service(tmp_path), "-C", f"--ipc={tmp_path}/ipc")
    with FakeCore(tmp_path / "ipc") as core, Daemon(tmp_path, *words) as daemon:
        core.wait_for(lambda: len(core.summary()) == 1)
        for signum, text in ((signal.SIGUSR1, "data"), (signal.SIGUSR2, "statistics")):
            daemon.signal(signum)
            daemon.wait_for(f"Printing {text} on {signum.name}: not yet")
        assert daemon.stop() == 0


def test_dont_respawn_ends_with_the_child(tmp_path: Path) -> None:
    words = (with_service(tmp_path), "-C", "-R", f"--ipc={tmp_path}/ipc")
    with FakeCore(tmp_path / "ipc"), Daemon(tmp_path, *words) as daemon:
        pid = int(daemon.wait_for(r"Starting Healthcheck child process, pid=(\d+)")[1])
        daemon.wait_for("Gained quorum")
        os.kill(pid, signal.SIGKILL)
        daemon.wait_for("was killed by signal 9: Exiting")
        assert daemon.wait() == 1


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="needs root and setpriv (util-linux): gives CAP_NET_RAW away",
)
def test_a_child_without_permission_ends_the_daemon(tmp_path: Path) -> None:
    instance = VrrpInstance(name="VI_1", interface="lo", virtual_router_id=1)
    config = models.write(tmp_path / "ka.json", Root(vrrp_instances=(instance,)))
    setpriv = ("setpriv", "--bounding-set", "-net_raw,-net_admin", sys.executable)
    with Daemon(tmp_path, f"-f{config}", "-P", program=(*setpriv, str(LAUNCHER))) as daemon:
        daemon.wait_for("Keepalived_vrrp exited with permanent error PERMISSION. Terminating")
        assert daemon.wait() == 4


def test_the_daemon_leaves_the_terminal(tmp_path: Path) -> None:
    with Daemon(tmp_path, empty(tmp_path), foreground=False) as daemon:
        daemon.wait_for("Startup complete")
        assert daemon.process.wait(10) == 0  # the one we started is gone
        pid = int((tmp_path / "ka.pid").read_text())
        assert os.getsid(pid) != os.getsid(0)
        assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
        assert Path(f"/proc/{pid}/comm").read_text() == "keepalived\n"
        os.kill(pid, signal.SIGTERM)
        daemon.wait_for("Stopped Keepalived v")


def test_a_full_pipe_does_not_stop_the_daemon(tmp_path: Path) -> None:
    """Nobody reads its console, which is full from the start; it works all the same."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(write, True)
    with FakeCore(tmp_path / "ipc") as core:
        process = subprocess.Popen(
            [sys.executable, str(LAUNCHER), "-nlGC", with_service(tmp_path),
             f"--ipc={tmp_path}/ipc", f"-p{tmp_path}/a", f"-c{tmp_path}/b", f"-r{tmp_path}/c"],
            stdout=write, env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )  # fmt: skip
        core.wait_for(lambda: len(core.summary()) == 1)
        process.terminate()
        assert process.wait(10) == 0
        assert core.summary() == {}
    os.close(read)
    os.close(write)
