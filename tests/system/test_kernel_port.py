"""The kernel port dpdk0.kni: what Linux programs of the director send and receive through it.

On every kernel with net_tap; with virtio_user, DPVS's way, where /dev/vhost-net exists
(script/test-kernel).
"""

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.netns import multicast
from tests.netns.director import Core
from tests.netns.dpvs_conf import Device, dpvs_conf
from tests.netns.node import Node, module_command
from tests.netns.plan import ONE_ARM
from tests.netns.topology import Topology
from tests.netns.wait import until
from tests.system import page_server

pytestmark = pytest.mark.netns

PORT = "dpdk0.kni"
ADDRESS = "192.168.100.28"
ADDED_BY_HAND = "192.168.100.29"
MULTICAST = [(112, "224.0.0.18"), (89, "224.0.0.5"), (89, "224.0.0.6")]
N_DATAGRAMS = 10


@dataclass(frozen=True, slots=True)
class KernelPort:
    core: Core
    director: Node
    client: Node

    def director_log(self) -> str:
        return self.core.log


@pytest.fixture(
    scope="module", params=["net_tap", pytest.param("virtio_user", marks=pytest.mark.kernel)]
)
def port(request: pytest.FixtureRequest) -> Iterator["KernelPort"]:
    with Topology(ONE_ARM) as net:
        log = str(net["director"].folder / "dpvs.log")
        devices = (Device("dpdk0", "wire0", f"{ADDRESS}/24", kni_backend=request.param),)
        core = Core(net["director"], dpvs_conf(devices, 1, log))
        core.start()
        core.wait_until_it_answers()
        yield KernelPort(core, net["director"], net["client"])


def link(node: Node) -> dict[str, object]:
    """What `ip address` says of the kernel port: index, flags, addresses."""
    row = json.loads(node.run(["ip", "-j", "address", "show", PORT]).stdout)[0]
    return {
        "index": row["ifindex"],
        "carrier": "NO-CARRIER" not in row["flags"],
        "addresses": sorted(a["local"] for a in row["addr_info"] if a["family"] == "inet"),
    }


def test_ping_both_ways(port: KernelPort) -> None:
    client = port.client
    for node, address in ((client, ADDRESS), (port.director, client.address)):
        done = node.run(["ping", "-c5", "-i0.1", "-W1", address], check=False)
        assert "5 received" in done.stdout


def test_tcp_to_a_linux_program(port: KernelPort) -> None:
    server = port.director.start_module(page_server, ADDRESS, "8080")
    server.wait_for_log("ready\n", 5)
    url = f"http://{ADDRESS}:8080/"
    argv = ["curl", "-s", "-m10", "-w", "%{size_download}", "-o", "/dev/null", url]
    assert port.client.run(argv).stdout == "1000000"


@pytest.mark.parametrize(("protocol", "group"), MULTICAST)
@pytest.mark.parametrize("inwards", [True, False], ids=["inwards", "outwards"])
def test_multicast(port: KernelPort, protocol: int, group: str, inwards: bool) -> None:
    ends = [(port.director, PORT, ADDRESS), (port.client, "eth0", port.client.address)]
    (hearer, hearer_device, _), (sender, device, source) = ends if inwards else reversed(ends)
    words = (str(protocol), group)
    listener = hearer.start_module(multicast, "listen", hearer_device, *words)
    listener.wait_for_log("ready\n", 5)
    sender.run(module_command(multicast, "send", device, *words, str(N_DATAGRAMS)))
    listener.wait_for_log(f"{group} {N_DATAGRAMS - 1}\n", 5)
    expected = [f"{source} {group} {number}" for number in range(N_DATAGRAMS)]
    assert listener.log_text().splitlines() == ["ready", *expected]


def test_addresses_stay_when_the_core_is_killed(port: KernelPort) -> None:
    """And Linux sees that the port is dead, until dpvs is there again."""
    port.director.run(["ip", "address", "add", f"{ADDED_BY_HAND}/24", "dev", PORT])
    before = link(port.director)
    assert before["addresses"] == [ADDRESS, ADDED_BY_HAND]
    assert before["carrier"]

    port.core.kill_dpvs(signal.SIGKILL)
    until("the carrier falls", lambda: not link(port.director)["carrier"], 5)
    assert link(port.director) == {**before, "carrier": False}

    port.core.start()
    port.core.wait_until_it_answers()
    until("the carrier rises", lambda: link(port.director) == before, 5)
    done = port.client.run(["ping", "-c3", "-i0.2", "-W1", ADDED_BY_HAND], check=False)
    assert "3 received" in done.stdout
