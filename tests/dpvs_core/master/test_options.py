"""The command line, the pid file, settings: small things of the process."""

import os
from pathlib import Path

import pytest

from dpvs_core.config.dpvs_model import (
    DpvsConf,
    GlobalDefs,
    IpvsDefs,
    NetifDefs,
    TcpDefs,
    TcpTimeouts,
    WorkerDefs,
)
from dpvs_core.master import pidfile
from dpvs_core.master.errors import StartError
from dpvs_core.master.options import Options, UsageError, parse, usage
from dpvs_core.master.settings import core_settings, needs_restart

LINES = {
    "": Options(),
    "-v": Options(version=True),
    "--help": Options(help=True),
    "-c a -p b -x c": Options(conf="a", pid_file="b", socket="c"),
    "--conf a --pid-file=b --ipc-file c -d": Options(
        conf="a", pid_file="b", socket="c", daemon=True),
    "-c a -- -l 0-3 -c 7": Options(conf="a", eal=("-l", "0-3", "-c", "7")),
    "--remove-kernel-ports": Options(remove_kernel_ports=True),
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_command_lines(line: str) -> None:
    assert parse(line.split()) == LINES[line]


@pytest.mark.parametrize("line", ["-z", "-c", "--conf=", "stray", "-l 0"])
def test_bad_command_lines(line: str) -> None:
    with pytest.raises(UsageError):
        parse(line.split())


def test_the_socket_of_the_environment_is_the_default() -> None:
    assert parse([], "/tmp/x").socket == "/tmp/x"
    assert parse(["-x", "/tmp/y"], "/tmp/x").socket == "/tmp/y"


def test_the_help_has_dpvs_lines() -> None:
    """Every line of the original's help is in ours, with its own program name."""
    transcript = (
        Path(__file__).resolve().parents[3] / "../shared/cases/dpvs-cli/00-help-version.txt"
    )
    if not transcript.exists():
        pytest.skip("needs the shared case files; not in this checkout")
    text = transcript.read_text().split("$ (build) -h\n", 1)[1].split("[rc=0]")[0]
    ours = usage("(build)").splitlines()
    for line in text.strip().splitlines():
        assert line in ours


def test_a_stale_pid_file_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    path.write_text("999999999\n")
    pidfile.claim(path)
    assert not path.exists()
    path.write_text("nonsense")
    pidfile.claim(path)
    assert not path.exists()


def test_a_live_dpvs_is_named(tmp_path: Path) -> None:
    proc = tmp_path / "4711"
    proc.mkdir()
    (proc / "cmdline").write_bytes(b"/usr/bin/dpvs\0-c\0")
    assert pidfile.is_alive(4711, tmp_path)
    (proc / "cmdline").write_bytes(b"/usr/sbin/nginx\0")
    assert not pidfile.is_alive(4711, tmp_path)
    assert not pidfile.is_alive(4712, tmp_path)


def test_claiming_refuses_a_live_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pidfile, "is_alive", lambda pid: pid == 4711)
    path = tmp_path / "pid"
    path.write_text("4711\n")
    with pytest.raises(StartError, match="already running"):
        pidfile.claim(path)


def test_our_pid_file_is_written_and_removed_anothers_stays(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    pidfile.write(path)
    assert pidfile.read(path) == os.getpid()
    pidfile.remove(path)
    assert not path.exists()
    path.write_text("1\n")
    pidfile.remove(path)
    assert path.exists()


def test_settings_of_the_file() -> None:
    tcp = TcpDefs(timeout=TcpTimeouts(established_s=77), defence_tcp_drop=True)
    values = core_settings(DpvsConf(ipvs_defs=IpvsDefs(tcp=tcp)))
    assert values["tcp_timeout_s"] == [2, 77, 3, 30, 7, 7, 3, 7, 7, 120, 30]
    assert (values["defence_tcp_drop"], values["defence_udp_drop"]) == (1, 0)
    busy = DpvsConf(worker_defs=WorkerDefs(idle_backoff=False))
    assert core_settings(busy)["idle_sleep_max_us"] == 0


def test_what_a_reload_cannot_take_over_is_named() -> None:
    now = DpvsConf(global_defs=GlobalDefs(kni=False), netif_defs=NetifDefs(pktpool_size=1023))
    assert needs_restart(DpvsConf(), now) == ["kni", "pktpool_size"]
    assert needs_restart(now, now) == []
