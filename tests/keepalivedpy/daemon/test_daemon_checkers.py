"""The daemon with its checker child, for real: processes, sockets, a fake core."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dpvs_core.control.messages import DestEdit, DestSpec, ServiceKey
from tests.keepalivedpy import lvs_models as models
from tests.keepalivedpy.daemon_process import Daemon
from tests.keepalivedpy.fake_core import FakeCore
from tests.keepalivedpy.listener import Listener

SERVICE = "tcp 192.0.2.254:80"


@pytest.fixture
def core(tmp_path: Path) -> Iterator[FakeCore]:
    with FakeCore(tmp_path / "ipc") as fake:
        yield fake


@pytest.fixture
def servers() -> Iterator[list[Listener]]:
    pair = [Listener("127.0.0.1"), Listener("127.0.0.2")]
    yield pair
    for listener in pair:
        listener.close()


def write_config(folder: Path, servers: list[Listener], **settings: object) -> Path:
    reals = [models.server(one.addr, one.port, **settings) for one in servers]
    return models.write(folder / "ka.json", models.root(models.virtual_server(*reals)))


def start(folder: Path, config: Path, *words: str) -> Daemon:
    return Daemon(folder, "-C", "-f", str(config), "--ipc", str(folder / "ipc"), *words)


def dests(core: FakeCore) -> dict[str, tuple[int, str]]:
    return core.summary().get(SERVICE, {})


BOTH = {"127.0.0.1:80": (100, "check"), "127.0.0.2:80": (100, "check")}


def test_programs_checks_and_clears(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    config = write_config(tmp_path, servers)
    with start(tmp_path, config) as daemon:
        daemon.wait_for("Starting Keepalived v")
        daemon.wait_for(f"Configuration file {config}")
        daemon.wait_for(r"Starting Healthcheck child process, pid=\d+")
        core.wait_for(lambda: dests(core) == BOTH)
        laddrs = next(iter(core.model.services.values())).laddrs
        assert [(a, spec.dev) for a, (spec, _) in laddrs.items()] == [
            ("192.0.2.200", "dpdk0"), ("192.0.2.201", "dpdk0")]  # fmt: skip
        daemon.wait_for(r"TCP connection to \[127.0.0.\d\]:tcp:80 success\.")

        servers[0].close()
        daemon.wait_for(r"TCP_CHECK on service \[127.0.0.1\]:tcp:80 failed after 1 retries\.")
        daemon.wait_for(r"Removing service \[127.0.0.1\]:tcp:80 from VS \[192.0.2.254\]:tcp:80")
        core.wait_for(lambda: dests(core) == {"127.0.0.2:80": (100, "check")})

        servers[0].open()
        daemon.wait_for(r"TCP connection to \[127.0.0.1\]:tcp:80 success\.")
        daemon.wait_for(r"Adding service \[127.0.0.1\]:tcp:80 to VS \[192.0.2.254\]:tcp:80")
        core.wait_for(lambda: dests(core) == BOTH)

        assert (tmp_path / "ka.pid").read_text() == f"{daemon.process.pid}\n"
        assert (tmp_path / "check.pid").exists()
        assert daemon.stop() == 0
        assert "Stopping" in daemon.text()
    assert core.summary() == {}
    assert not (tmp_path / "ka.pid").exists()
    assert not (tmp_path / "check.pid").exists()


def test_inhibit_keeps_the_server_with_weight_0(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    with start(tmp_path, write_config(tmp_path, servers, inhibit_on_failure=True)) as daemon:
        core.wait_for(lambda: dests(core) == BOTH)
        servers[1].close()
        daemon.wait_for(r"Disabling service \[127.0.0.2\]:tcp:80 of VS \[192.0.2.254\]:tcp:80")
        core.wait_for(lambda: dests(core)["127.0.0.2:80"] == (0, "check"))
        servers[1].open()
        daemon.wait_for(r"Enabling service \[127.0.0.2\]:tcp:80 of VS \[192.0.2.254\]:tcp:80")
        core.wait_for(lambda: dests(core) == BOTH)


def test_a_core_that_restarts_is_programmed_within_a_second(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    with start(tmp_path, write_config(tmp_path, servers)) as daemon:
        core.wait_for(lambda: dests(core) == BOTH)
        core.restart()
        core.wait_for(lambda: dests(core) == BOTH, timeout_s=1.0)
        daemon.wait_for("Lost the connection to dpvs at")
        daemon.wait_for("dpvs has started anew .* programming 1 services")


def test_no_core_at_the_start_is_said_once(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    core.stop()
    with start(tmp_path, write_config(tmp_path, servers)) as daemon:
        daemon.wait_for("Cannot reach dpvs at .*/ipc: .*; trying until it answers")
        core.start()
        core.wait_for(lambda: dests(core) == BOTH)
        daemon.stop()
        assert daemon.text().count("Cannot reach dpvs") == 1


def test_without_a_core_nothing_is_said_about_servers(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    """Probes go through the core: what fails while it is away may be its own absence."""
    with start(tmp_path, write_config(tmp_path, servers)) as daemon:
        core.wait_for(lambda: dests(core) == BOTH)
        core.stop()
        servers[0].close()
        daemon.wait_for(r"127.0.0.1\]:tcp:80 could not be run: .*, while dpvs did not run")
        daemon.wait_for("Cannot reach dpvs")
        assert "Removing" not in daemon.text()
        core.start()
        daemon.wait_for(r"Programmed 1 services")
        daemon.wait_for(r"Removing service \[127.0.0.1\]:tcp:80")
        core.wait_for(lambda: dests(core) == {"127.0.0.2:80": (100, "check")})


def test_a_killed_child_is_started_again_and_nothing_changes(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    with start(tmp_path, write_config(tmp_path, servers)) as daemon:
        pid = int(daemon.wait_for(r"Starting Healthcheck child process, pid=(\d+)")[1])
        core.wait_for(lambda: dests(core) == BOTH)
        n_hellos, before = len(core.hellos), core.summary()
        os.kill(pid, signal.SIGKILL)
        daemon.wait_for(rf"Healthcheck child process\({pid}\) died: Respawning")
        daemon.wait_for(r"Starting Healthcheck child process, pid=\d+")
        core.wait_for(lambda: len(core.hellos) > n_hellos)
        daemon.wait_for(r"TCP connection to .* success")
        assert core.summary() == before
        assert not [r for r in core.requests if type(r).__name__ == "ServiceDel"]


def test_reload_changes_only_what_changed_and_keeps_a_drain(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    with start(tmp_path, write_config(tmp_path, servers)) as daemon:
        core.wait_for(lambda: dests(core) == BOTH)
        drained = DestSpec(addr="127.0.0.1", port=80, forward="fullnat", weight=0)
        key = ServiceKey(proto="tcp", addr="192.0.2.254", port=80)
        core.do(DestEdit(service=key, dest=drained))
        extra = models.server("127.0.0.3", port=8080, weight=7)
        reals = [models.server(one.addr, one.port) for one in servers]
        group = models.virtual_server(addr=None, group="web", real_servers=(extra,))
        models.write(tmp_path / "ka.json",
                     models.root(models.virtual_server(*reals, extra), group))  # fmt: skip
        daemon.signal(signal.SIGHUP)
        core.wait_for(lambda: len(core.summary()) == 5)
        assert dests(core) == {
            "127.0.0.1:80": (0, "cli"), "127.0.0.2:80": (100, "check"),
            "127.0.0.3:8080": (7, "check")}  # fmt: skip
        assert set(core.summary()) == {SERVICE} | {
            f"tcp 192.0.2.{host}:{port}" for host in (100, 101) for port in (80, 443)
        }


def test_a_second_start_finds_all_pages_of_what_is_there(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    services = [models.virtual_server(models.server("127.0.0.3"), port=n) for n in range(1, 8)]
    config = models.write(tmp_path / "ka.json", models.root(*services))
    with start(tmp_path, config, "-I") as daemon:
        daemon.wait_for("Programmed 7 services")
    before, n_requests = core.summary(), len(core.requests)
    with start(tmp_path, config) as daemon:
        daemon.wait_for("Programmed 7 services")
        assert core.summary() == before
        asked = {type(request).__name__ for request in core.requests[n_requests:]}
        assert asked == {"ServiceList", "Ready"}


@pytest.mark.parametrize("text", ["error: unknown keyword 'priorty'", None])
def test_a_bad_or_missing_file_at_reload_changes_nothing(
    tmp_path: Path, core: FakeCore, servers: list[Listener], text: str | None
) -> None:
    config = write_config(tmp_path, servers)
    with start(tmp_path, config) as daemon:
        core.wait_for(lambda: dests(core) == BOTH)
        if text is None:
            config.unlink()
        else:
            config.write_text(text)
        daemon.signal(signal.SIGHUP)
        daemon.wait_for(r"unknown keyword 'priorty'" if text else "Unable to find configuration")
        daemon.wait_for("keeping the old configuration")
        servers[0].close()
        core.wait_for(lambda: dests(core) == {"127.0.0.2:80": (100, "check")})


def test_dont_release_ipvs_leaves_everything(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    with start(tmp_path, write_config(tmp_path, servers), "-I") as daemon:
        core.wait_for(lambda: dests(core) == BOTH)
        assert daemon.stop() == 0
    assert dests(core) == BOTH


def test_a_refused_service_does_not_stop_the_others(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    good = models.virtual_server(models.server("127.0.0.3"))
    bad = models.virtual_server(models.server("127.0.0.3"), port=81, lb_algo="lblc")
    config = models.write(tmp_path / "ka.json", models.root(bad, good))
    with start(tmp_path, config) as daemon:
        daemon.wait_for(r"dpvs refused service.add \[192.0.2.254\]:tcp:81: no scheduler lblc")
        core.wait_for(lambda: dests(core) == {"127.0.0.3:80": (100, "check")})


def test_children_leave_when_the_parent_is_killed(
    tmp_path: Path, core: FakeCore, servers: list[Listener]
) -> None:
    with start(tmp_path, write_config(tmp_path, servers)) as daemon:
        core.wait_for(lambda: dests(core) == BOTH)
        daemon.process.kill()
        core.wait_for(lambda: core.summary() == {})
