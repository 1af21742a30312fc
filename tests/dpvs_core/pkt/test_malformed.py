"""Anything may arrive: random bytes, and valid packets cut, bent and lied about. Nothing crashes,
nothing is lost uncounted, every buffer comes back."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.wire import (
    ACK,
    DEST_OPTIONS,
    DF,
    FRAGMENT,
    ICMP6,
    SYN,
    UDP,
    Ip4,
    Ip6,
    Tcp,
    Udp,
    checksum,
    frame,
    icmp,
    icmp6,
    ip_frame,
    packet,
)
from tests.steps.core import MAC, StepCore
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    CLIENT_MAC,
    LIP,
    LIP6,
    RS,
    RS6,
    VIP,
    VIP6,
    Dest,
    Flow,
    balancer,
    balancer6,
)

CAMPAIGN = {"deadline": None, "database": None}


def busy(n_workers: int) -> tuple[StepCore, list[tuple[int, bytes]]]:
    """A core with TCP and UDP connections; valid frames of all kinds for it, with their device."""
    core = balancer6(n_workers, settings={"ip4_forwarding": 1, "xmit_ttl": 1})
    core.service(VIP, 53, [Dest(RS, 53, id=2)], proto=UDP, laddrs=[LIP])
    flow = Flow(core)
    flow.syn()
    flow.server(SYN | ACK, seq=0)
    went = core.forward(frame(MAC[0], CLIENT_MAC, packet(Ip4(CLIENT, VIP, UDP), Udp(7, 53, b"q"))))
    options = (
        b"\x01\x01\x08\x0a" + bytes(8) + b"\x05\x0a" + bytes(8) + b"\x02\x04\x05\xb4" + b"\0\0"
    )
    ack = Tcp(40000, 80, 1001, 70001, ACK, options=options, payload=b"data")
    answer = Tcp(80, flow.lport, 70001, 5, ACK, options=options, payload=b"data")
    l3s = [
        (0, packet(Ip4(CLIENT, VIP, 6, frag=DF), ack)),
        (0, packet(Ip4(CLIENT, VIP, 6, options=b"\x94\x04\0\0"), Tcp(9, 80, 5, flags=SYN))),
        (1, packet(Ip4(RS, LIP, 6), answer)),
        (0, packet(Ip4(CLIENT, VIP, UDP), Udp(7, 53, b"question"))),
        (0, bytes(Ip4(CLIENT, VIP, 1, icmp(8, 0, 1, b"ping")))),
        (1, bytes(Ip4(RS, LIP, 1, icmp(3, 4, 1400, went[0][14:])))),
        (0, packet(Ip4(CLIENT, RS, UDP, ttl=1), Udp(1, 2, b"transit"))),
        (0, packet(Ip4(CLIENT, "224.0.0.18", 112), Udp(1, 2))),
    ]
    frames = [(dev, ip_frame(MAC[dev], CLIENT_MAC, l3)) for dev, l3 in l3s + ip6_packets(core)]
    arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + bytes(20)
    return core, [*frames, (0, frame("ff:ff:ff:ff:ff:ff", CLIENT_MAC, arp, 0x0806))]


def ip6_packets(core: StepCore) -> list[tuple[int, bytes]]:
    flow = Flow(core, caddr=CLIENT6, vaddr=VIP6)
    (went,) = flow.syn()
    flow.server(SYN | ACK, seq=0)
    exts = ((DEST_OPTIONS, bytes([0, 1, 1, 12]) + bytes(12)), (FRAGMENT, bytes(8)))
    ack = Tcp(40000, 80, 1001, 70001, ACK, options=b"\x05\x0a" + bytes(8) + b"\1\1", payload=b"d")
    return [
        (0, packet(Ip6(CLIENT6, VIP6, 6), ack)),
        (0, packet(Ip6(CLIENT6, VIP6, 6, exts=exts), ack)),
        (1, packet(Ip6(RS6, LIP6, 6), Tcp(80, flow.lport, 70001, 5, ACK, payload=b"data"))),
        (0, bytes(Ip6(CLIENT6, VIP6, ICMP6, icmp6(CLIENT6, VIP6, 128, 0, 1, b"ping")))),
        (1, bytes(Ip6(RS6, LIP6, ICMP6, icmp6(RS6, LIP6, 2, 0, 1400, went[14:])))),
    ]


def with_ip_checksum(sent: bytearray) -> bytes:
    """The header's checksum made right, so that the lie is looked at."""
    n_header = (sent[14] & 15) * 4
    if len(sent) >= 34 and n_header >= 20 and sent[12:14] == b"\x08\0":
        sent[24:26] = b"\0\0"
        sent[24:26] = checksum(bytes(sent[14 : 14 + n_header])).to_bytes(2, "big")
    return bytes(sent)


BENDS = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=4)
MANGLED = st.tuples(
    st.integers(0, 13), BENDS, st.integers(0, 200), st.booleans(), st.integers(0, 2)
)


def mangle_and_send(mangled: list[tuple[int, list[tuple[int, int]], int, bool, int]],
                    n_workers: int) -> None:  # fmt: skip
    core, frames = busy(n_workers)
    with core:
        for which, bends, n_cut, right, queue in mangled:
            dev, valid = frames[which]
            sent = bytearray(valid[: max(0, len(valid) - n_cut)] if n_cut < 120 else valid)
            for at, value in bends:
                if at < len(sent):
                    sent[at] = value
            core.send(with_ip_checksum(sent) if right and len(sent) > 14 else bytes(sent), dev,
                      queue % n_workers)  # fmt: skip
        core.step(turns=6)
        core.pass_time(120, slice_s=5)
    # StepCore's exit finds every buffer back


@given(mangled=st.lists(MANGLED, min_size=1, max_size=20), n_workers=st.integers(1, 3))
@settings(max_examples=150, **CAMPAIGN)
def test_mangled_packets(
    mangled: list[tuple[int, list[tuple[int, int]], int, bool, int]], n_workers: int
) -> None:
    mangle_and_send(mangled, n_workers)


@pytest.mark.long
@given(mangled=st.lists(MANGLED, min_size=1, max_size=40), n_workers=st.integers(1, 3))
@settings(max_examples=10_000, **CAMPAIGN)
def test_mangled_packets_long(
    mangled: list[tuple[int, list[tuple[int, int]], int, bool, int]], n_workers: int
) -> None:
    mangle_and_send(mangled, n_workers)


@given(frames=st.lists(st.binary(max_size=200), max_size=20), addressed=st.booleans())
@settings(max_examples=100, **CAMPAIGN)
def test_random_bytes(frames: list[bytes], addressed: bool) -> None:
    with balancer() as core:
        for raw in frames:
            core.send(frame(MAC[0], CLIENT_MAC, raw) if addressed else raw)
        core.step(turns=6)


def test_every_truncation_of_every_kind() -> None:
    core, frames = busy(2)
    with core:
        for dev, valid in frames:
            for n_bytes in range(len(valid)):
                core.send(valid[:n_bytes], dev, n_bytes % 2)
                core.send(
                    with_ip_checksum(bytearray(valid[:n_bytes])) if n_bytes > 14 else b"", dev
                )
            core.step(turns=12)


LIES = {
    "header length": (14, range(0x40, 0x50)),
    "total length": (17, range(256)),
    "data offset": (46, range(0, 256, 16)),
    "option lengths": (57, range(256)),
    "version": (14, range(0x05, 0xF6, 0x10)),
}


@pytest.mark.parametrize("name", LIES)
def test_lies_about_lengths(name: str) -> None:
    at, values = LIES[name]
    core, frames = busy(1)
    with core:
        for dev, valid in frames:
            for value in values:
                sent = bytearray(valid)
                if at < len(sent):
                    sent[at] = value
                    core.send(with_ip_checksum(sent), dev)
            core.step(turns=20)


def test_an_oversized_frame_is_refused_by_the_harness_not_the_core() -> None:
    """The largest that a packet buffer takes goes through the path."""
    with balancer() as core:
        l3 = packet(Ip4(CLIENT, VIP, UDP), Udp(1, 2, bytes(2048 - 14 - 28)))
        core.send(frame(MAC[0], CLIENT_MAC, l3))
        core.step()
        assert sum(core.verdicts().values()) >= 1
