"""The exception path: two classes, bounded, a flow's packets in order, nothing lost uncounted."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from scapy.contrib.ospf import OSPF_Hdr, OSPF_Hello
from scapy.layers.inet import ICMP, IP, TCP, UDP, fragment
from scapy.layers.inet6 import ICMPv6EchoRequest, ICMPv6ND_NS, IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.layers.vrrp import VRRP
from scapy.packet import Packet, Raw

from tests.dpvs_core.host.test_arp import OURS, PEER

if TYPE_CHECKING:
    from tests.dpvs_core.host.plain_core import PlainCore

ETHER = Ether(dst=PEER, src=OURS)
IP4 = IP(src="10.0.0.1", dst="10.0.0.9")
CONTROL: dict[str, Packet] = {
    "arp": ETHER / ARP(op=1),
    "vrrp": ETHER / IP(dst="224.0.0.18") / VRRP(vrid=1),
    "ospf": ETHER / IP(dst="224.0.0.5") / OSPF_Hdr() / OSPF_Hello(),
    "ospf, later fragment": ETHER / IP(dst="224.0.0.5", proto=89, frag=100) / Raw(b"x" * 40),
    "bfd": ETHER / IP4 / UDP(sport=50000, dport=3784) / Raw(b"x" * 24),
    "bfd echo": ETHER / IP4 / UDP(sport=50000, dport=3785),
    "bfd multihop": ETHER / IP4 / UDP(sport=50000, dport=4784),
    "bgp, to": ETHER / IP4 / TCP(dport=179),
    "bgp, from": ETHER / IP4 / TCP(sport=179, dport=40000),
    "bgp, IP options": ETHER / IP(dst="10.0.0.9", options=b"\x94\x04\0\0") / TCP(dport=179),
    "lacp": Ether(dst="01:80:c2:00:00:02", src=OURS, type=0x8809) / Raw(b"\1" * 110),
    "lldp": Ether(dst="01:80:c2:00:00:0e", src=OURS, type=0x88CC) / Raw(b"\1" * 50),
    "tagged": ETHER / Dot1Q(vlan=5) / IP(dst="224.0.0.18") / VRRP(vrid=1),
    "neighbour discovery": ETHER / IPv6() / ICMPv6ND_NS(),
    "vrrp, IPv6": ETHER / IPv6(nh=112) / Raw(b"x" * 8),
}
BULK: dict[str, Packet] = {
    "ping": ETHER / IP4 / ICMP(),
    "ping, IPv6": ETHER / IPv6() / ICMPv6EchoRequest(),
    "web": ETHER / IP4 / TCP(dport=80),
    "udp, port of BGP": ETHER / IP4 / UDP(dport=179),
    "bfd's port as source": ETHER / IP4 / UDP(sport=3784, dport=53),
    "bgp, later fragment": ETHER / IP(proto=6, frag=100) / Raw(b"\0\xb3\0\xb3"),
    "unknown ethertype": Ether(dst=PEER, src=OURS, type=0x1234) / Raw(b"x" * 50),
    "cut before the ports": Ether(bytes(ETHER / IP4 / TCP(dport=179))[:36]),
    "cut in the IP header": Ether(bytes(ETHER / IP4 / TCP(dport=179))[:30]),
    "cut in the tag": Ether(bytes(ETHER / Dot1Q(vlan=5) / ARP())[:16]),
    "header length too small": ETHER / IP(ihl=3, proto=112) / Raw(b"x" * 8),
}


@pytest.mark.parametrize("name", CONTROL)
def test_control_frames_of_linux_pass_a_full_bulk_ring(core: "PlainCore", name: str) -> None:
    core.queue_from_kernel([bytes(BULK["ping"])] * 1100 + [CONTROL[name]])
    core.step_host(40)
    core.step()
    sent = core.sent_bytes()
    assert sent[0] == bytes(CONTROL[name]), "before all bulk"
    assert len(sent) == 1024
    assert core.counts() == {"peer-ring-full": 77}


@pytest.mark.parametrize("name", BULK)
def test_bulk_frames_of_linux_do_not(core: "PlainCore", name: str) -> None:
    core.queue_from_kernel([bytes(BULK["ping"])] * 1023 + [BULK[name]])
    core.step_host(40)
    core.step()
    assert len(core.sent_bytes()) == 1023
    assert core.counts() == {"peer-ring-full": 1}


def test_frames_of_linux_leave_unchanged_on_their_device(core: "PlainCore") -> None:
    frame = ETHER / IP4 / UDP(sport=7, dport=9) / Raw(b"hello")
    core.from_kernel(frame, dev=1)
    assert core.sent(0) == []
    assert [bytes(f) for f in core.sent(1)] == [bytes(frame)]
    assert core.counts(0) == {"from-host": 1}


def test_a_flow_keeps_its_worker_and_flows_spread(make_core: Callable[..., "PlainCore"]) -> None:
    core = make_core(n_workers=3)
    core.from_kernel(*[ETHER / IP4 / UDP(sport=5, dport=9)] * 9)
    assert sorted(core.counts(w).get("from-host", 0) for w in range(3)) == [0, 0, 9]
    core.from_kernel(*[ETHER / IP4 / UDP(sport=i, dport=9) for i in range(90)])
    assert all(core.counts(w).get("from-host", 0) > 10 for w in range(3))


def test_fragments_of_a_datagram_keep_together(make_core: Callable[..., "PlainCore"]) -> None:
    core = make_core(n_workers=3)
    for sport in range(20):
        before = [core.counts(w).get("from-host", 0) for w in range(3)]
        whole = (
            IP(src="10.0.0.1", dst="10.0.0.9", id=7) / UDP(sport=sport, dport=9) / Raw(bytes(2000))
        )
        core.from_kernel(*[ETHER / piece for piece in fragment(whole, 1000)])  # type: ignore[no-untyped-call]
        counts = [core.counts(w).get("from-host", 0) for w in range(3)]
        assert sorted(n - b for n, b in zip(counts, before, strict=True)) == [0, 0, 3]


def test_only_workers_with_a_queue_on_the_device_send(
    make_core: Callable[..., "PlainCore"],
) -> None:
    core = make_core(n_workers=3)
    core.set_queues(worker=0, dev=0, rxq=0, txq=-1)
    core.set_queues(worker=2, dev=0, rxq=2, txq=-1)
    core.from_kernel(*[ETHER / IP4 / UDP(sport=i, dport=9) for i in range(30)])
    assert core.counts(1) == {"from-host": 30}


def test_multicast_for_linux_arrives_unchanged(core: "PlainCore") -> None:
    frame = Ether(dst="01:00:5e:00:00:12", src=PEER) / IP(src="10.0.0.9", dst="224.0.0.18") / VRRP()
    core.receive(frame)
    assert [bytes(f) for f in core.to_kernel()] == [bytes(frame)]
    assert core.counts() == {"kernel-delivered": 1}
    assert core.counts(0) == {"to-kernel-control": 1}


def test_kernel_ports_switched_off(make_core: Callable[..., "PlainCore"]) -> None:
    core = make_core(kernel_ports=0)
    core.queue_from_kernel([CONTROL["vrrp"]])
    core.step()
    assert core.sent() == []
    core.set(kernel_ports=1)
    core.step()
    assert len(core.sent()) == 1
