"""ARP as the host thread does it: answering, learning, handing to Linux (RFC 826, 5227)."""

from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw

if TYPE_CHECKING:
    from tests.dpvs_core.host.plain_core import PlainCore

OURS, PEER = "02:00:00:00:00:01", "02:00:00:00:00:99"
EVERYBODY = "ff:ff:ff:ff:ff:ff"


def request(
    pdst: str, *, psrc: str = "10.0.0.9", hwsrc: str = PEER, dst: str = EVERYBODY
) -> Packet:
    return Ether(dst=dst, src=hwsrc) / ARP(op=1, hwsrc=hwsrc, psrc=psrc, pdst=pdst)


def reply(psrc: str, *, pdst: str = "10.0.0.1", hwsrc: str = PEER, dst: str = OURS) -> Packet:
    return Ether(dst=dst, src=hwsrc) / ARP(op=2, hwsrc=hwsrc, psrc=psrc, hwdst=OURS, pdst=pdst)


def fields(frame: Packet) -> tuple[Any, ...]:
    arp = frame[ARP]
    return (frame.dst, frame.src, arp.op, arp.hwsrc, arp.psrc, arp.hwdst, arp.pdst)


def test_request_for_our_address_is_answered_and_kept_from_linux(core: "PlainCore") -> None:
    core.receive(request("10.0.0.1"))
    [answer] = core.sent()
    assert fields(answer) == (PEER, OURS, 2, OURS, "10.0.0.1", PEER, "10.0.0.9")
    assert len(bytes(answer)) == 42
    assert core.to_kernel() == []
    assert core.counts() == {"arp-handled": 1}


def test_padding_of_the_request_is_not_sent_back(core: "PlainCore") -> None:
    core.receive(request("10.0.0.1") / Raw(b"secret" * 3))
    [answer] = core.sent()
    assert len(bytes(answer)) == 42


def test_address_of_another_device_is_not_answered(core: "PlainCore") -> None:
    core.receive(request("10.1.0.1", psrc="10.0.0.9"))
    assert core.sent() == [] and core.to_kernel() == []
    assert core.counts() == {"arp-handled": 1}


@pytest.mark.parametrize("kind", ["unknown", "kernel"])
def test_what_is_not_ours_goes_to_linux(core: "PlainCore", kind: str) -> None:
    if kind == "kernel":
        core.publish([("10.0.0.1", 0), ("10.0.0.7", 0, 1)], [("10.0.0.0/24", 0)])
    core.receive(request("10.0.0.7"))
    assert core.sent() == []
    assert [f[ARP].pdst for f in core.to_kernel()] == ["10.0.0.7"]
    assert core.counts() == {"kernel-delivered": 1}
    assert core.neighs() == []


def test_probe_is_answered_but_nothing_learnt(core: "PlainCore") -> None:
    core.publish([("10.0.0.1", 0)], [("0.0.0.0/0", 0)])
    core.receive(request("10.0.0.1", psrc="0.0.0.0"))
    assert [f[ARP].psrc for f in core.sent()] == ["10.0.0.1"]
    assert core.neighs() == []


def test_request_for_us_teaches_its_sender(core: "PlainCore") -> None:
    core.receive(request("10.0.0.1"))
    [neigh] = core.neighs()
    assert (neigh.addr, neigh.state, neigh.mac) == ("10.0.0.9", "PROBE", PEER)


def test_request_from_off_link_teaches_nothing(core: "PlainCore") -> None:
    core.receive(request("10.0.0.1", psrc="192.0.2.1"))
    assert len(core.sent()) == 1
    assert core.neighs() == []


def test_reply_for_us_is_learnt_and_goes_to_linux_too(core: "PlainCore") -> None:
    core.receive(reply("10.0.0.9"))
    [neigh] = core.neighs()
    assert (neigh.addr, neigh.state, neigh.mac) == ("10.0.0.9", "REACHABLE", PEER)
    assert [f[ARP].psrc for f in core.to_kernel()] == ["10.0.0.9"]


def test_gratuitous_of_a_stranger_is_not_learnt(core: "PlainCore") -> None:
    core.receive(request("10.0.0.9", psrc="10.0.0.9"))
    assert core.neighs() == []


@pytest.mark.parametrize("op", [1, 2])
def test_gratuitous_moves_a_known_neighbour_at_once(core: "PlainCore", op: int) -> None:
    core.receive(reply("10.0.0.9"))
    moved = "02:00:00:00:00:aa"
    core.receive(
        Ether(dst=EVERYBODY, src=moved) / ARP(op=op, hwsrc=moved, psrc="10.0.0.9", pdst="10.0.0.9")
    )
    neigh = core.neigh("10.0.0.9")
    assert neigh and (neigh.mac, neigh.state) == (moved, "PROBE")


def test_repeated_gratuitous_changes_nothing(core: "PlainCore") -> None:
    core.receive(reply("10.0.0.9"))
    core.receive(request("10.0.0.9", psrc="10.0.0.9"))
    neigh = core.neigh("10.0.0.9")
    assert neigh and (neigh.mac, neigh.state) == (PEER, "REACHABLE")


def test_somebody_else_with_our_address_is_not_learnt(core: "PlainCore") -> None:
    core.receive(request("10.0.0.1", psrc="10.0.0.1"))
    assert core.neighs() == []
    assert [f[ARP].psrc for f in core.sent()] == ["10.0.0.1"], "we defend it"


GOOD = bytes(request("10.0.0.1"))
BAD = {
    "hardware type": GOOD[:14] + b"\0\6" + GOOD[16:],
    "protocol": GOOD[:16] + b"\x86\xdd" + GOOD[18:],
    "hardware length": GOOD[:18] + b"\x08" + GOOD[19:],
    "protocol length": GOOD[:19] + b"\x10" + GOOD[20:],
    "operation": GOOD[:20] + b"\0\3" + GOOD[22:],
    "multicast sender": GOOD[:22] + b"\xff" * 6 + GOOD[28:],
    "no sender": GOOD[:22] + bytes(6) + GOOD[28:],
    "multicast address": GOOD[:28] + bytes([224, 0, 0, 5]) + GOOD[32:],
    "loopback address": GOOD[:28] + bytes([127, 0, 0, 1]) + GOOD[32:],
    "too short": GOOD[:41],
}


@pytest.mark.parametrize("what", BAD)
def test_bad_arp_is_dropped_and_counted(core: "PlainCore", what: str) -> None:
    core.receive(BAD[what])
    assert core.sent() == [] and core.to_kernel() == [] and core.neighs() == []
    assert core.counts() == {"bad-arp": 1}


def test_without_kernel_port(make_core: Any) -> None:
    core = make_core(kernel=False)
    core.receive(request("10.0.0.7"), reply("10.0.0.9"))
    assert core.counts() == {"no-kernel-port": 1, "arp-handled": 1}
