"""Behaviour 33: what goes to Linux by the kernel port, and what does not (F-002, F-231): each once,
as it came, on its own device; what is dropped or answered here never."""

import pytest

from tests.oracle import nd
from tests.oracle.wire import (
    ACK,
    ICMP,
    ICMP6,
    SYN,
    TCP,
    UDP,
    Tcp,
    Udp,
    frame,
    icmp,
    icmp6,
    ip_frame,
    ip_of,
    packet,
)
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.places import CLIENT_MAC, PLACES, TO_CLIENTS, TO_SERVERS
from tests.steps.scene import director6

A4, A6 = PLACES[4], PLACES[6]
OWN, OWN6 = "10.0.0.1", "2001:db8::1"
GRE, OSPF, VRRP, IGMP, SCTP = 47, 89, 112, 2, 132


def core_of(n_workers: int) -> StepCore:
    """A service on each family's VIP, addresses of the director's own, no IPv4 forwarding, and a
    route to everywhere, so that none is taken for Linux's because nobody knows the way."""
    core = director6(n_workers)
    core.route("0.0.0.0/0", TO_SERVERS, via=A4.server)
    core.route("::/0", TO_SERVERS, via=A6.server)
    core.addr(OWN, TO_CLIENTS)
    core.addr(OWN6, TO_CLIENTS)
    for at in (A4, A6):
        core.service(at.vip, 80, [Dest(at.server, id=4 if at is A4 else 6)])
    return core


def from_client(dst: str, proto: int, payload: bytes = bytes(24), mac: str = MAC[0]) -> bytes:
    src = A6.client if ":" in dst else A4.client
    return ip_frame(mac, CLIENT_MAC, bytes(ip_of(src, dst, proto, payload, ttl=9)))


def segment(dst: str, port: int, flags: int = SYN) -> bytes:
    src = A6.client if ":" in dst else A4.client
    return ip_frame(MAC[0], CLIENT_MAC, packet(ip_of(src, dst, TCP), Tcp(4000, port, 1, 1, flags)))


def datagram(dst: str, port: int, mac: str = MAC[0]) -> bytes:
    src = A6.client if ":" in dst else A4.client
    l3 = packet(ip_of(src, dst, UDP), Udp(4000, port, b"data"))
    return ip_frame(mac, CLIENT_MAC, l3)


def multicast(group: str) -> str:
    """Its station address; IPv4's groups here are 224.0.0.x."""
    if ":" in group:
        return nd.group_mac(group)
    return f"01:00:5e:00:00:{int(group.split('.')[-1]):02x}"


def to_group(group: str, proto: int) -> bytes:
    return from_client(group, proto, mac=multicast(group))


def arp(op: int, asked: str) -> bytes:
    addrs = bytes(map(int, A4.client.split("."))), bytes(map(int, asked.split(".")))
    mac = bytes.fromhex(CLIENT_MAC.replace(":", ""))
    body = b"\0\1\x08\0\6\4" + op.to_bytes(2, "big") + mac + addrs[0] + bytes(6) + addrs[1]
    return frame("ff:ff:ff:ff:ff:ff", CLIENT_MAC, body, 0x0806)


def query6(dst: str, kind: int, mac: str = MAC[0], hops: int = 255) -> bytes:
    message = icmp6(A6.client, dst, kind, 0, 7 << 16, bytes(16))
    return ip_frame(mac, CLIENT_MAC, bytes(ip_of(A6.client, dst, ICMP6, message, ttl=hops)))


LINUXS = {
    "LLDP": frame("01:80:c2:00:00:0e", CLIENT_MAC, bytes(50), 0x88CC),
    "a type that nobody knows": frame(MAC[0], CLIENT_MAC, bytes(50), 0x1234),
    "IS-IS, a length for a type": frame("01:80:c2:00:00:14", CLIENT_MAC, bytes(60), 60),
    "ARP for others": arp(1, "10.0.0.77"),
    "OSPF hello": to_group("224.0.0.5", OSPF),
    "OSPF to us": from_client(OWN, OSPF),
    "OSPF to a VIP": from_client(A4.vip, OSPF),
    "OSPFv3": to_group("ff02::5", OSPF),
    "VRRP": to_group("224.0.0.18", VRRP),
    "VRRP over IPv6": to_group("ff02::12", VRRP),
    "IGMP": to_group("224.0.0.22", IGMP),
    "MLD report": query6("ff02::16", 143, multicast("ff02::16"), hops=1),
    "router solicitation": query6("ff02::2", 133, multicast("ff02::2")),
    "router advertisement": query6("ff02::1", 134, multicast("ff02::1")),
    "mDNS": datagram("224.0.0.251", 5353, multicast("224.0.0.251")),
    "DHCP": datagram("255.255.255.255", 68, "ff:ff:ff:ff:ff:ff"),
    "SSH to us": segment(OWN, 22),
    "SSH to us, IPv6": segment(OWN6, 22, ACK),
    "SSH to the VIP": segment(A4.vip, 22),
    "SNMP to the VIP": datagram(A4.vip, 161),
    "GRE to us": from_client(OWN, GRE),
    "GRE to the VIP": from_client(A6.vip, GRE),
    "timestamp request": from_client(OWN, ICMP, icmp(13, 0, 1, bytes(12))),
    "echo reply": from_client(OWN, ICMP, icmp(0, 0, 1, b"x")),
    "to link-local": datagram("fe80::77", 546),
}
NOT_LINUXS: dict[str, tuple[bytes, str]] = {
    "another station's": (datagram(OWN, 53, "02:00:00:00:00:77"), "other-host"),
    "ARP for us": (arp(1, OWN), "arp-handled"),
    "echo": (from_client(OWN, ICMP, icmp(8, 0, 1, b"x")), "echo-replied"),
    "echo, IPv6": (query6(OWN6, 128), "echo-replied"),
    "a service's SYN": (segment(A4.vip, 80), "forward-in"),
    "a segment without a connection": (segment(A6.vip, 80, ACK), "reset-sent"),
    "in transit": (datagram(A4.server, 53), "not-forwarding"),
    "to a local address": (segment(A4.lip, 3000, ACK), "reset-sent"),
    "too short": (from_client(OWN, GRE)[:30], "too-short"),
    "a wrong sum": (
        from_client(OWN, GRE)[:24] + b"\0\0" + from_client(OWN, GRE)[26:],
        "bad-ip-checksum",
    ),
    "ND from afar": (query6("ff02::1", 135, multicast("ff02::1"), hops=64), "bad-nd"),
}


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("name", LINUXS)
def test_behaviour_33_linux_gets_it_once_as_it_came(name: str, n_workers: int) -> None:
    with core_of(n_workers) as core:
        for queue in range(n_workers):
            assert core.forward(LINUXS[name], TO_CLIENTS, queue) == []
            assert core.to_kernel[TO_CLIENTS] == [LINUXS[name]]
            assert core.to_kernel[TO_SERVERS] == []


@pytest.mark.parametrize("dst", ["203.0.113.9", "2001:db8:ff::9"])
def test_behaviour_33_linux_may_know_a_way_where_there_is_no_route(dst: str) -> None:
    """F-002."""
    with director6() as core:
        assert core.forward(datagram(dst, 53)) == []
        assert core.to_kernel[TO_CLIENTS] == [datagram(dst, 53)]


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("name", NOT_LINUXS)
def test_behaviour_33_the_rest_is_not_linuxs(name: str, n_workers: int) -> None:
    sent, verdict = NOT_LINUXS[name]
    with core_of(n_workers) as core:
        for queue in range(n_workers):
            core.forward(sent, TO_CLIENTS, queue)
            assert not any(core.to_kernel.values())
        assert core.verdicts()[verdict] == n_workers


@pytest.mark.parametrize("name", ["SSH to the VIP", "SNMP to the VIP"])
def test_behaviour_33_a_vips_other_ports_may_be_defended(name: str) -> None:
    """F-121, F-074: dropped before Linux sees them."""
    with core_of(1) as core:
        core.set(defence_tcp_drop=1, defence_udp_drop=1)
        core.forward(LINUXS[name])
        assert not any(core.to_kernel.values())
        assert [word for word in core.verdicts() if word.startswith("defence")]
