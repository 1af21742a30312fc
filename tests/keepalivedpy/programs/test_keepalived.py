"""`keepalived` as typed, with the real parser: -t, and the tutorial's file programming a core."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.keepalivedpy.daemon_process import CHECKOUT, Daemon
from tests.keepalivedpy.fake_core import FakeCore

PROGRAM = (sys.executable, "-m", "keepalivedpy.programs.keepalived")
GROUP = """\
! Configuration File for keepalived
global_defs {
    notification_email {
        acassen@firewall.loc
    }
    router_id DPVS_DEVEL
}
local_address_group laddr_g1 {
    192.168.100.200 dpdk0    # use DPDK interface
    192.168.100.201 dpdk0
}
virtual_server_group 192.168.100.254-80 {
    192.168.100.254 80
}
virtual_server group 192.168.100.254-80 {
    delay_loop 3
    lb_algo rr
    lb_kind FNAT
    protocol TCP
    laddr_group_name laddr_g1
    real_server 192.168.100.2 80 {
        weight 100
        inhibit_on_failure
        TCP_CHECK {
            nb_sock_retry 2
            connect_timeout 3
            connect_port 80
        }
    }
    real_server 192.168.100.3 80 {
        weight 100
    }
}
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *words], capture_output=True, text=True, timeout=20, cwd=CHECKOUT,
    )  # fmt: skip


def test_a_file_of_the_tutorials_form_programs_the_core(tmp_path: Path) -> None:
    config = tmp_path / "keepalived.conf"
    config.write_text(GROUP)
    words = (f"-f{config}", "-C", f"--ipc={tmp_path}/ipc")
    with FakeCore(tmp_path / "ipc") as core, Daemon(tmp_path, *words, program=PROGRAM) as daemon:
        core.wait_for(lambda: len(core.summary()) == 1)
        assert core.summary() == {
            "tcp 192.168.100.254:80": {
                "192.168.100.2:80": (100, "check"), "192.168.100.3:80": (100, "check")}
        }  # fmt: skip
        (service,) = core.model.services.values()
        assert service.spec.scheduler == "rr"
        assert sorted(service.laddrs) == ["192.168.100.200", "192.168.100.201"]
        daemon.wait_for(
            r"Activating healthchecker for service \[192.168.100.2\]:tcp:80 "
            r"for VS \[192.168.100.254-80\]:0"
        )
        assert daemon.stop() == 0
    assert core.summary() == {}


def test_config_test_statuses(tmp_path: Path) -> None:
    config = tmp_path / "keepalived.conf"
    config.write_text(GROUP)
    result = run("-t", "-f", str(config))
    assert (result.returncode, result.stderr) == (0, "")

    config.write_text(GROUP.replace("delay_loop 3", "delay_lop 3"))
    result = run("-t", "-f", str(config))
    assert result.returncode == 5
    assert f"{config}:16:5" in result.stderr
    assert "delay_lop" in result.stderr
    out = tmp_path / "out"
    out.write_text("before\n")
    assert run(f"-t{out}", "-f", str(config)).returncode == 5
    assert out.read_text() == "before\n" + result.stderr

    result = run("-t", "-f", str(tmp_path / "none"))
    assert (result.returncode, result.stderr.count("\n")) == (0, 1)
    assert f"Config files missing '{tmp_path}/none'." in result.stderr


def test_a_wrong_option() -> None:
    result = run("--nonsense")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "Unknown option: --nonsense" in result.stderr


@pytest.mark.parametrize("word, text", [("-v", "Keepalived v"), ("-h", "--with-dpvs")])
def test_version_and_help_go_to_stderr(word: str, text: str) -> None:
    result = run(word)
    assert (result.returncode, result.stdout) == (0, "")
    assert text in result.stderr
