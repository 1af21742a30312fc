"""The kernel port for real: threads, EAL, net_tap (or virtio_user), a wire with a client."""

import json
import re
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from pyroute2 import netns

from tests.netns.ip import ip

if TYPE_CHECKING:
    from tests.dpvs_core.port.conftest import Wire

pytestmark = pytest.mark.netns

ALL = "5 packets transmitted, 5 received, 0% packet loss"
ETH_P_ALL = 3


def socket_in(ns: str, *args: int) -> socket.socket:
    netns.pushns(ns)
    try:
        return socket.socket(*args)
    finally:
        netns.popns()


def wait_for(what: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def link(wire: "Wire") -> dict[str, Any]:
    (shown,) = json.loads(ip(wire.lb, "-j", "link", "show", "dev", "dpdk0.kni"))
    return dict(shown)


def carrier(wire: "Wire") -> str:
    return "1" if "LOWER_UP" in link(wire)["flags"] else "0"


def address(wire: "Wire", *, add: bool = False) -> str:
    if add:
        ip(wire.lb, "link", "set", "dpdk0.kni", "up")
        ip(wire.lb, "addr", "add", "10.9.0.1/24", "dev", "dpdk0.kni")
        ip(wire.lb, "route", "add", "192.0.2.0/24", "via", "10.9.0.2")
    shown = ip(wire.lb, "-o", "addr", "show", "dpdk0.kni")
    return re.sub(" tentative| dadfailed", "", shown)  # IPv6 asks anew with each carrier


def test_linux_and_the_core_answer_each_for_its_own(wire: "Wire") -> None:
    director = wire.director()
    address(wire, add=True)
    for ns, addr in ((wire.client, "10.9.0.1"), (wire.client, "10.9.0.3"), (wire.lb, "10.9.0.2")):
        assert wire.ping(ns, addr).startswith(ALL), addr
    counts = director.ask("counts")
    assert counts["echo-replied"] == 5
    assert counts["arp-handled"] == 1, "asked for 10.9.0.3 once, answered by the core alone"
    neighbours = ip(wire.client, "neigh")
    mac = director.ask("link")["mac"]
    assert neighbours.count(mac) == 2, "both addresses have the port's own MAC"


@pytest.mark.parametrize(
    "proto, group", [(112, "224.0.0.18"), (89, "224.0.0.5"), (89, "224.0.0.6")]
)
@pytest.mark.parametrize("towards", ["client", "linux"])
def test_vrrp_and_ospf_multicast(wire: "Wire", proto: int, group: str, towards: str) -> None:
    wire.director()
    address(wire, add=True)
    ends = [(wire.client, "wire1"), (wire.lb, "dpdk0.kni")]
    (ns, name), (from_ns, from_name) = ends if towards == "client" else ends[::-1]
    with (
        socket_in(ns, socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)) as receiver,
        socket_in(from_ns, socket.AF_INET, socket.SOCK_RAW, proto) as sender,
    ):
        netns.pushns(ns)
        receiver.bind((name, 0x0800))
        netns.popns()
        receiver.settimeout(5)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, from_name.encode())
        for i in range(5):
            sender.sendto(b"advert %d" % i, (group, 0))
        got: list[tuple[str, bytes]] = []
        while len(got) < 5:
            packet = receiver.recv(2000)
            if packet[9] == proto:
                got.append((socket.inet_ntoa(packet[16:20]), packet[20:28]))
    assert got == [(group, b"advert %d" % i) for i in range(5)]


def test_death_is_seen_by_linux_and_nothing_is_lost(wire: "Wire") -> None:
    director = wire.director()
    before = address(wire, add=True)
    assert carrier(wire) == "1"
    index = link(wire)["ifindex"]
    director.kill()
    wait_for(lambda: carrier(wire) == "0")
    assert "192.0.2.0/24" in ip(wire.lb, "route")
    wire.director()
    wait_for(lambda: carrier(wire) == "1")
    assert address(wire) == before
    assert link(wire)["ifindex"] == index
    assert wire.ping(wire.client, "10.9.0.1").startswith(ALL), "with nothing configured again"


def test_clean_end_keeps_addresses_and_routes(wire: "Wire") -> None:
    director = wire.director()
    before = address(wire, add=True)
    assert director.ask("stop")["stopped_s"] < 1
    assert director.process.wait(10) == 0
    wait_for(lambda: carrier(wire) == "0")
    assert address(wire) == before
    assert "192.0.2.0/24" in ip(wire.lb, "route")


def cpu(director: Any, thread: str) -> float:
    return float(director.ask("threads")[thread]["cpu_s"])


def test_idle_threads_sleep_and_wake(wire: "Wire") -> None:
    director = wire.director()
    address(wire, add=True)
    began, host, worker = time.monotonic(), cpu(director, "host"), cpu(director, "rte-worker-1")
    with socket_in(wire.lb, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as idle:
        idle.settimeout(1)
        try:
            while True:
                idle.recv(2000)
        except TimeoutError:
            passed = time.monotonic() - began
    assert cpu(director, "host") - host < 0.05 * passed
    assert cpu(director, "rte-worker-1") - worker < 0.5 * passed
    assert wire.ping(wire.client, "10.9.0.1").startswith(ALL)
    cpus = {name: row["n_cpus"] for name, row in director.ask("threads").items()}
    assert len(set(cpus.values())) == 1, "EAL pinned nobody"


def test_a_queue_that_nobody_polls_is_refused(wire: "Wire") -> None:
    assert "Invalid argument" in wire.run(wire.lb, *wire.command(), "unpolled")
