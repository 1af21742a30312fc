"""The programs that watch a network while something in it fails."""

import socket

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import ARP, Ether
from scapy.layers.vrrp import VRRP, VRRPv3

from tests.netns import arp_witness, syn_probe, udp_echo, udp_flows, vrrp_watch
from tests.netns.plan import PAIR
from tests.netns.processes import alive, descendants
from tests.netns.program import Program
from tests.netns.topology import Topology
from tests.netns.wait import until
from tests.netns.webserver import WebServer

MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"
MAC_BYTES, ADDRESS = bytes.fromhex("020000000001"), socket.inet_aton("192.0.2.1")


def arp(operation: str, sender: str, target: str) -> bytes:
    return bytes(Ether(src=MAC) / ARP(op=operation, hwsrc=MAC, psrc=sender, pdst=target))


def test_claims() -> None:
    for kind, frame in {
        "answer": arp("is-at", "192.0.2.1", "192.0.2.9"),
        "announce": arp("who-has", "192.0.2.1", "192.0.2.1"),
        "use": arp("who-has", "192.0.2.1", "192.0.2.9"),
    }.items():
        assert arp_witness.claimed(frame) == (kind, ADDRESS, MAC_BYTES)
    assert arp_witness.claimed(arp("is-at", "192.0.2.1", "192.0.2.9")[:30]) is None


def test_question() -> None:
    question = Ether(arp_witness.who_has(MAC_BYTES, ADDRESS, socket.inet_aton("192.0.2.7")))
    assert (question.src, question.dst) == (MAC, "ff:ff:ff:ff:ff:ff")
    fields = question[ARP]
    assert (fields.op, fields.hwsrc, fields.psrc, fields.pdst) == (1, MAC, "192.0.2.1", "192.0.2.7")


@pytest.mark.parametrize("port", [10_000, 10_001, 19_999])
def test_syn(port: int) -> None:
    segment = TCP(syn_probe.syn_segment("192.0.2.1", ("192.0.2.2", 80), port))
    assert (segment.sport, segment.dport, str(segment.flags)) == (port, 80, "S")
    whole = IP(src="192.0.2.1", dst="192.0.2.2") / segment
    right = whole.copy()
    del right[TCP].chksum
    assert TCP(bytes(right)[20:]).chksum == segment.chksum


def test_adverts() -> None:
    ip = Ether(src=MAC) / IP(src="192.0.2.1", dst="224.0.0.18", proto=112, ttl=255)
    for payload in (
        VRRP(priority=100, addrlist=["192.0.2.9"]),
        VRRPv3(priority=100, addrlist=["192.0.2.9"]),
    ):
        assert vrrp_watch.advert(bytes(ip / payload)) == ("192.0.2.1", 100)
    assert vrrp_watch.advert(bytes(Ether() / IP(proto=89) / bytes(40))) is None


def rows(program: Program) -> list[list[str]]:
    return [line.split() for line in program.log_text().splitlines()[1:]]


@pytest.mark.netns
def test_what_is_answered_and_what_is_not() -> None:
    """Servers that are cut off in the middle: answers before, none after."""
    with Topology(PAIR) as net:
        client, server = net["client"], net["rs1"]
        WebServer(server).start()
        server.start_module(udp_echo, server.address, "7").wait_for_log("ready\n", 5)
        words = ("eth0", "192.168.100.147", "10", server.address, net["rs2"].address)
        programs = [
            client.start_module(udp_flows, server.address, "7", "2"),
            client.start_module(syn_probe, "eth0", server.address, "80", "5"),
            client.start_module(arp_witness, *words),
        ]
        for program in programs:
            program.wait_for_log("ready\n", 10)
        client.run(["ping", "-c20", "-i0.01", server.address])
        net.cut("rs1")
        client.run(["ping", "-c20", "-i0.01", "-W0.1", server.address], check=False)
        for program in programs:
            program.end()

        for program in programs[:2]:
            answered = [row[1] != "0" for row in rows(program)]
            assert answered.count(True) > 10
            assert answered.count(False) > 10
            assert answered == sorted(answered, reverse=True)  # first all, then none
            assert all(0 < int(row[1]) - int(row[0]) < 5_000_000 for row in rows(program)[:10])
        macs = {row[2]: row[3] for row in rows(programs[2]) if row[1] == "answer"}
        assert macs.keys() == {server.address, net["rs2"].address}
        assert len(set(macs.values())) == 2
        last_us = {row[2]: int(row[0]) for row in rows(programs[2])}
        assert last_us[net["rs2"].address] > last_us[server.address]


@pytest.mark.netns
def test_a_healed_cable_carries_again() -> None:
    with Topology(PAIR) as net:
        client, server = net["client"], net["rs1"].address
        net.cut("rs1")
        assert client.run(["ping", "-c1", "-W1", server], check=False).returncode != 0
        net.heal("rs1")
        assert client.run(["ping", "-c1", "-W2", server], check=False).returncode == 0


@pytest.mark.netns
def test_a_family_is_killed_at_once() -> None:
    """A shell that would start its child again, and a grandchild."""
    with Topology(PAIR) as net:
        restarting = "while true; do sh -c 'sleep 1000; echo again'; echo restarted; done"
        program = net["rs1"].start(["sh", "-c", restarting], "family.log")
        family = until("a grandchild", lambda: descendants(program.pid)[1:], 5)
        family = [*descendants(program.pid), program.pid]
        program.kill_family()
        until("their end", lambda: not any(alive(pid) for pid in family), 5)
        assert program.log_text() == ""
