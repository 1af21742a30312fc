"""D-080: the counters of IPv6 beside established connections, by what RFC 4293 says of each."""

from collections.abc import Callable

import pytest

from tests.dpvs_core.worker.fragment_scene import asked, client_frames, run, udp_balancer
from tests.oracle.wire import ACK, ICMP6, SYN, UDP, Ip6, Tcp, Udp, icmp6, ip_frame, packet
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.scene import (
    CLIENT6,
    CLIENT_MAC,
    LIP6,
    RS6,
    TO_CLIENTS,
    TO_SERVERS,
    VIP6,
    balancer6,
    director6,
    from_client,
)

SENT = {"InNoECTPkts": 1, "InReceives": 1}
ECHO_BYTES, SYN_BYTES = 40 + 8 + 4, 40 + 20


def frame_of(l3: bytes) -> bytes:
    return ip_frame(MAC[TO_CLIENTS], CLIENT_MAC, l3)


def echo(dst: str = VIP6, tos: int = 0) -> bytes:
    asked = icmp6(CLIENT6, dst, 128, 0, 1, b"ping")
    return frame_of(bytes(Ip6(CLIENT6, dst, ICMP6, asked, tos=tos)))


def through(ttl: int = 64, n_bytes: int = 10, dst: str = RS6) -> bytes:
    return frame_of(packet(Ip6(CLIENT6, dst, UDP, ttl=ttl), Udp(1, 2, bytes(n_bytes))))


def syn(port: int = 80, flags: int = SYN, cport: int = 40000) -> bytes:
    return frame_of(packet(Ip6(CLIENT6, VIP6, 6), Tcp(cport, port, 1, flags=flags)))


def damaged(frame: bytes, at: int, bits: int = 1) -> bytes:
    return frame[:at] + bytes([frame[at] ^ bits]) + frame[at + 1 :]


def forwarding(**rest: int) -> StepCore:
    return director6(settings={"ip6_forwarding": 1}, **rest)


def tentative() -> StepCore:
    core = balancer6()
    core.addr("2001:db8::77", TO_CLIENTS, dad=True)
    return core


def narrow() -> StepCore:
    core = forwarding()
    core.route("2001:db8:9::/48", 1, mtu=1280)
    return core


ICMP_ERROR_BYTES = 40 + 8
"""Without what it quotes."""
ROWS: dict[str, tuple[Callable[[], StepCore], bytes, dict[str, int]]] = {
    "echo to us": (
        balancer6, echo(),
        {**SENT, "InOctets": ECHO_BYTES, "InDelivers": 1, "OutRequests": 1,
         "OutOctets": ECHO_BYTES},
    ),
    "for Linux": (balancer6, syn(22), {**SENT, "InOctets": SYN_BYTES, "InDelivers": 1}),
    "multicast, which is Linux's": (
        balancer6, through(dst="ff02::5"),
        {**SENT, "InOctets": 58, "InMcastPkts": 1, "InMcastOctets": 58, "InDelivers": 1},
    ),
    "a new connection": (balancer6, syn(), {**SENT, "InOctets": SYN_BYTES}),
    "reset": (
        balancer6, syn(flags=ACK),
        {**SENT, "InOctets": SYN_BYTES, "InDelivers": 1, "OutRequests": 1, "OutOctets": SYN_BYTES},
    ),
    "transit": (
        forwarding, through(),
        {**SENT, "InOctets": 58, "OutForwDatagrams": 1, "OutRequests": 1, "OutOctets": 58},
    ),
    "transit is off": (director6, through(), {**SENT, "InOctets": 58, "InAddrErrors": 1}),
    "hop limit over": (
        forwarding, through(ttl=1),
        {**SENT, "InOctets": 58, "InHdrErrors": 1, "OutRequests": 1,
         "OutOctets": ICMP_ERROR_BYTES + 58},
    ),
    "too big": (
        narrow, through(n_bytes=1400, dst="2001:db8:9::1"),
        {**SENT, "InOctets": 1448, "InTooBigErrors": 1, "OutRequests": 1, "OutOctets": 1280},
    ),
    "not version 6": (
        balancer6, damaged(echo(), 14, 0x10),
        {"InReceives": 1, "InOctets": ECHO_BYTES, "InHdrErrors": 1},
    ),
    "truncated": (
        balancer6, syn()[:-1],
        {"InReceives": 1, "InOctets": SYN_BYTES - 1, "InTruncatedPkts": 1},
    ),
    "damaged echo": (
        balancer6, damaged(echo(), len(echo()) - 1),
        {**SENT, "InOctets": ECHO_BYTES, "InCsumErrors": 1},
    ),
    "an address that is not verified": (
        tentative, echo("2001:db8::77"), {**SENT, "InOctets": ECHO_BYTES, "InAddrErrors": 1}
    ),
    "a balanced address, no such service": (
        lambda: balancer6(settings={"defence_tcp_drop": 1}), syn(81),
        {**SENT, "InOctets": SYN_BYTES, "InDiscards": 1},
    ),
}  # fmt: skip


def counted(core: StepCore, act: Callable[[], object]) -> dict[str, int]:
    """What has moved meanwhile."""
    before = core.ip6_counts()
    act()
    return {name: n - before[name] for name, n in core.ip6_counts().items() if n != before[name]}


@pytest.mark.parametrize("name", ROWS)
def test_each_packet_moves_its_counters_and_no_other(name: str) -> None:
    make, sent, expected = ROWS[name]
    with make() as core:
        core.step()
        assert counted(core, lambda: core.forward(sent)) == expected


@pytest.mark.parametrize(
    ("ecn", "name"), list(enumerate(("InNoECTPkts", "InECT1Pkts", "InECT0Pkts", "InCEPkts")))
)
def test_ecn_marks(ecn: int, name: str) -> None:
    """RFC 3168 5: the two low bits of the traffic class."""
    with balancer6() as core:
        moved = counted(core, lambda: core.forward(echo(tos=0xB8 | ecn)))
        assert {key for key in moved if "ECT" in key or key == "InCEPkts"} == {name}


def test_established_packets_and_ipv4_move_none() -> None:
    with balancer6() as core:
        core.forward(syn())
        assert counted(core, lambda: core.forward(syn(flags=ACK))) == {}
        assert counted(core, lambda: core.forward(from_client(Tcp(1, 80, flags=SYN)))) == {}


def test_an_answer_without_a_route() -> None:
    with balancer6() as core:
        core.addr("2001:db8:f::1", TO_CLIENTS)
        asked = icmp6("2001:db9::1", VIP6, 128, 0, 1)
        sent = frame_of(bytes(Ip6("2001:db9::1", VIP6, ICMP6, asked)))
        moved = counted(core, lambda: core.forward(sent))
        assert (moved["OutNoRoutes"], moved.get("OutRequests", 0)) == (1, 0)


def test_whole_packets_are_received_once_whoever_owns_them() -> None:
    with balancer6(3) as core:
        for cport in range(40000, 40012):
            moved = counted(core, lambda c=cport: core.forward(syn(cport=c), worker=c % 3))
            assert moved == {**SENT, "InOctets": SYN_BYTES}
        assert core.verdicts()["redirected"] > 1


@pytest.mark.parametrize("n_workers", [1, 3])
def test_fragments_are_received_once_whoever_keeps_them(n_workers: int) -> None:
    """The later ones first, so that they wait; by each queue; F-004."""
    with udp_balancer(n_workers) as core:
        for cport in range(40000, 40012):
            first, *later = client_frames(asked(6, cport), ident=cport)
            sent = [*later, first]
            out: list[list[bytes]] = []
            moved = counted(
                core, lambda s=sent, o=out, w=cport: o.append(run(core, s, worker=w % n_workers))
            )
            assert len(out[0]) == 3
            n_bytes = sum(len(frame) - 14 for frame in sent)
            assert moved == {"InReceives": 3, "InNoECTPkts": 3, "InOctets": n_bytes}


def test_fragments_that_wait_in_vain() -> None:
    with udp_balancer() as core:
        _, later, last = client_frames(asked(6))
        run(core, [later, last])
        core.pass_time(60)
        assert core.ip6_counts()["ReasmTimeout"] == 2


def test_packets_that_are_cut_to_leave() -> None:
    """A tunnel's outer packet, where the inner one need not be smaller (RFC 2473 7.1)."""
    with director6() as core:
        core.addr("2001:db8:77::1", TO_SERVERS)
        core.route(f"{RS6}/128", TO_SERVERS, mtu=1300)
        core.service(VIP6, 80, [Dest(RS6, fwd="TUNNEL")], proto=UDP)
        sent = frame_of(packet(Ip6(CLIENT6, VIP6, UDP), Udp(40000, 80, bytes(1232))))
        moved = counted(core, lambda: core.forward(sent))
        assert len(core.sent[TO_SERVERS]) == 2
        assert (moved["FragOKs"], moved["FragCreates"]) == (1, 2)


def test_what_the_host_thread_sends() -> None:
    """An address that is verified: joins its group and asks for itself (RFC 4862 5.4.2)."""
    with director6() as core:
        core.pass_time(30)

        def verify() -> None:
            core.addr("2001:db8::99", TO_CLIENTS, dad=True)
            core.pass_time(5)

        core.sent.clear()
        core.reports.clear()
        moved = counted(core, verify)
        n_frames = sum(map(len, (*core.sent.values(), *core.reports.values())))
        assert moved["OutRequests"] == moved["OutMcastPkts"] == n_frames >= 2


def test_an_address_of_the_other_director() -> None:
    with balancer6() as core:
        core.remove_addr(LIP6)
        core.laddr_active(LIP6, False)
        sent = frame_of(packet(Ip6(RS6, LIP6, 6), Tcp(80, 5000, 1, flags=SYN)))
        assert counted(core, lambda: core.forward(sent))["InAddrErrors"] == 1
