"""Real SCTP between two kernels, through FULLNAT and DR (F-130). Needs the module sctp, which the
kernel of Debian has (`modprobe sctp`); see script/test-kernel."""

import json
import re
import socket
from collections.abc import Iterator

import pytest

from tests.netns import sctp_ask, sctp_echo
from tests.netns.director import Core
from tests.netns.dpvs_conf import ONE_ARM as ONE_ARM_DEVICES
from tests.netns.dpvs_conf import dpvs_conf
from tests.netns.node import module_command
from tests.netns.plan import ONE_ARM
from tests.netns.topology import Topology

pytestmark = [pytest.mark.netns, pytest.mark.kernel]

OWN, VIP, LADDR, PORT = "192.168.100.1", "192.168.100.254", "192.168.100.200", 36412
N_ASSOCIATIONS, N_MESSAGES = 4, 8
ASKED = {"opened": N_ASSOCIATIONS, "same": N_ASSOCIATIONS * N_MESSAGES}
SERVICE = f"--sctp-service {VIP}:{PORT}"


@pytest.fixture
def net() -> Iterator[Topology]:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP).close()
    except OSError as error:
        pytest.skip(f"this kernel has no SCTP ({error}): modprobe sctp, on Debian's")
    with Topology(ONE_ARM) as net:
        yield net


def started(net: Topology, n_workers: int, *addresses: str) -> Core:
    log = str(net["director"].folder / "dpvs.log")
    core = Core(net["director"], dpvs_conf(ONE_ARM_DEVICES, n_workers, log))
    core.start()
    core.wait_until_it_answers()
    for address in addresses:
        core.tool(*f"dpip addr add {address} dev dpdk0".split())
    core.tool(*f"ipvsadm -A {SERVICE} -s rr".split())
    return core


def asked(net: Topology) -> dict[str, object]:
    words = (VIP, str(PORT), str(N_ASSOCIATIONS), str(N_MESSAGES))
    said: dict[str, object] = json.loads(net["client"].run(module_command(sctp_ask, *words)).stdout)
    return said


def check(core: Core, net: Topology, address: str, seen: str) -> None:
    """Each server is asked as often as the other, by who it should see."""
    echoes = []
    for name in ("rs1", "rs2"):
        echoes.append(net[name].start_module(sctp_echo, address or net[name].address, str(PORT)))
        echoes[-1].wait_for_log("ready\n", 5)
    said = asked(net)
    assert {**ASKED, "n_bytes": said["n_bytes"]} == said, core.tool("ipvsadm", "-lnc")
    for echo in echoes:
        assert re.findall(r"from (\S+)", echo.log_text()) == [seen] * (N_ASSOCIATIONS // 2)


@pytest.mark.parametrize("n_workers", [1, 3])
def test_fullnat(net: Topology, n_workers: int) -> None:
    core = started(net, n_workers, f"{VIP}/24")
    for name in ("rs1", "rs2"):
        core.tool(*f"ipvsadm -a {SERVICE} -r {net[name].address}:{PORT} -b".split())
    core.tool(*f"ipvsadm --add-laddr -z {LADDR} {SERVICE} -F dpdk0".split())
    check(core, net, "", LADDR)
    assert re.findall(r"sctp .*(ESTABLISHED|S-\S+|CLOSED)", core.tool("ipvsadm", "-lnc"))
    assert core.stop() == 0


def test_dr(net: Topology) -> None:
    """Answers go to the client themselves, from the VIP, which each server has. So the director
    asks for the servers in the name of an address of its own: none answers to its own name."""
    core = started(net, 1, f"{OWN}/24", f"{VIP}/32")
    for name in ("rs1", "rs2"):
        for words in ("sysctl -qw net.ipv4.conf.all.arp_ignore=1",
                      "sysctl -qw net.ipv4.conf.all.arp_announce=2",
                      f"ip address add {VIP}/32 dev lo"):  # fmt: skip
            net[name].run(words.split())
        core.tool(*f"ipvsadm -a {SERVICE} -r {net[name].address}:{PORT} -g".split())
    check(core, net, VIP, net["client"].address)
    assert core.stop() == 0
