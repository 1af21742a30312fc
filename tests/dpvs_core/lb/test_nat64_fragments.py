"""Fragments between families (RFC 7915 4.1, 4.5, 5.1.1): each becomes one of the other family."""

from itertools import permutations

import pytest

from tests.dpvs_core.lb.test_fwd_nat64 import FAMILIES, PAIRS, WORKERS, Pair, between
from tests.dpvs_core.lb.test_fwd_nat64 import mtu_to_servers as servers_mtu
from tests.oracle.fragments import Piece, cut, fragment, piece_of, together
from tests.oracle.wire import (
    ACK,
    DF,
    PSH,
    SYN,
    TCP,
    UDP,
    Ip,
    Ip4,
    Tcp,
    Udp,
    bad_checksums,
    ip_frame,
    ip_of,
    read_ip,
    transport_of,
)
from tests.steps.core import MAC, StepCore
from tests.steps.scene import CLIENT_MAC, RS_MAC, TO_CLIENTS, TO_SERVERS, Flow

LEAST_MTU = 1280
DATA = bytes(range(251)) * 12


def datagram(src: str, dst: str, udp: Udp, **ip: int) -> Ip:
    return ip_of(src, dst, UDP, udp.pack(src, dst), **ip)


def run(core: StepCore, sent: list[bytes], dev: int, worker: int = 0) -> list[bytes]:
    """IP packets that left on the other side for these."""
    core.sent.clear()
    for l3 in sent:
        core.send(ip_frame(MAC[dev], RS_MAC if dev else CLIENT_MAC, l3), dev, worker)
    core.step()
    return [frame[14:] for frame in core.sent[1 - dev]]


def whole(out: list[bytes]) -> tuple[Ip, Udp | Tcp]:
    """What the receiver puts together: checksums right, every piece fit for its family."""
    for l3 in out:
        assert "ip" not in bad_checksums(l3)
        ip = read_ip(l3)
        assert not isinstance(ip, Ip4) or not ip.frag & DF
        assert isinstance(ip, Ip4) or len(l3) <= LEAST_MTU
    got = together(out)
    assert bad_checksums(bytes(got)) == []
    return got, transport_of(got)


@FAMILIES
@WORKERS
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_datagram_both_ways(families: str, n_workers: int, order: tuple[int, ...]) -> None:
    at = PAIRS[families]
    with between(at, n_workers, UDP) as core:
        idents = set()
        for n in range(6):
            queue, cport = n % n_workers, 40000 + n
            pieces = cut(datagram(at.client, at.vip, Udp(cport, 80, DATA), tos=0x2E), n, 1200)
            out = run(core, [pieces[i] for i in order], TO_CLIENTS, queue)
            ip, udp = whole(out)
            assert isinstance(udp, Udp)
            assert (ip.src, ip.dst, ip.tos, ip.ttl) == (at.lip, at.rs, 0x2E, 64)
            assert (udp.dport, udp.payload) == (80, DATA)
            piece = piece_of(out[0])
            assert piece
            idents.add(piece.ident)
            answer = datagram(at.rs, at.lip, Udp(80, udp.sport, DATA[::-1]), ttl=9)
            pieces = cut(answer, n, 1208)
            ip, udp = whole(run(core, [pieces[i] for i in order], TO_SERVERS, queue))
            assert (ip.src, ip.dst, ip.ttl) == (at.vip, at.client, 9)
            assert udp == Udp(80, cport, DATA[::-1])
        assert len(idents) == core.n_conns() == 6  # of one sender now: told apart


def longest(at: Pair) -> int:
    return 65507 - 8 if ":" not in at.client else 65527 - 8 - 20


@FAMILIES
def test_the_largest_datagram(families: str) -> None:
    at = PAIRS[families]
    with between(at, proto=UDP) as core:
        data = bytes(longest(at))
        pieces = cut(datagram(at.client, at.vip, Udp(40000, 80, data)), 7, 1440)
        out = run(core, pieces[:20], TO_CLIENTS) + run(core, pieces[20:], TO_CLIENTS)
        _, udp = whole(out)
        assert udp.payload == data


def test_fragments_too_large_for_every_link_are_cut_again() -> None:
    """Section 4: without DF, 1280 bytes are what fits everywhere; offsets go on."""
    at = PAIRS["46"]
    with between(at, proto=UDP) as core:
        pieces = cut(datagram(at.client, at.vip, Udp(40000, 80, DATA)), 7, 1480)
        out = run(core, pieces, TO_CLIENTS)
        assert len(out) == 5
        assert core.verdicts()["fragmented"] == 4
        _, udp = whole(out)
        assert udp.payload == DATA


@pytest.mark.parametrize("n_payload", [1472, 1480])
def test_df_and_too_large_with_a_fragment_header_is_told(n_payload: int) -> None:
    """The 28 bytes that a fragment gains are counted."""
    at = PAIRS["46"]
    with between(at, proto=UDP) as core:
        core.forward(ip_frame(MAC[0], CLIENT_MAC, bytes(datagram(at.client, at.vip, Udp(1, 80)))))
        data = datagram(at.client, at.vip, Udp(1, 80, DATA)).payload[:n_payload]
        l3 = bytes(Ip4(at.client, at.vip, UDP, data, frag=DF | 0x2000, ident=3))
        core.sent.clear()
        assert run(core, [l3], TO_CLIENTS) == []
        (told,) = [read_ip(frame[14:]) for frame in core.sent[TO_CLIENTS]]
        assert told.payload[:2] == b"\3\4"
        assert int.from_bytes(told.payload[6:8], "big") == 1500 - 28


@pytest.mark.parametrize("mtu", [600, 1000, 1200])
def test_what_an_ipv6_host_need_not_make_smaller_is_cut_for_ipv4(mtu: int) -> None:
    """Section 5.1.1, and of 1280 bytes at most also whole ones (5.1: no DF)."""
    at = PAIRS["64"]
    with between(at, proto=UDP) as core:
        servers_mtu(core, at, mtu)
        pieces = cut(datagram(at.client, at.vip, Udp(40000, 80, DATA)), 7, 1232)
        out = run(core, pieces, TO_CLIENTS)
        assert max(len(l3) for l3 in out) <= mtu
        _, udp = whole(out)
        assert udp.payload == DATA
        out = run(core, [bytes(datagram(at.client, at.vip, Udp(40000, 80, DATA[:1232])))], 0)
        assert len(out) > 1
        _, udp = whole(out)
        assert udp.payload == DATA[:1232]
        larger = bytes(datagram(at.client, at.vip, Udp(40000, 80, DATA[:1233])))
        assert run(core, [larger], TO_CLIENTS) == []
        assert read_ip(core.sent[0][0][14:]).payload[:2] == b"\2\0"


@pytest.mark.parametrize("n_payload", [0, 1231, 1232, 1233, 1300])
def test_identification_and_df_towards_ipv4(n_payload: int) -> None:
    """Section 5.1: up to 1260 bytes an identification and no DF, then DF and none."""
    at = PAIRS["64"]
    with between(at, proto=UDP) as core:
        idents = set()
        for _ in range(8):
            l3 = bytes(datagram(at.client, at.vip, Udp(40000, 80, DATA[:n_payload])))
            (out,) = run(core, [l3], TO_CLIENTS)
            ip = read_ip(out)
            assert isinstance(ip, Ip4)
            assert ip.frag == (0 if n_payload <= 1232 else DF)
            idents.add(ip.ident)
        assert len(idents) == 8 if n_payload <= 1232 else idents == {0}


def test_fragments_of_a_datagram_without_a_checksum_are_refused() -> None:
    """Section 4.5: IPv6 wants one, and nobody here has the whole."""
    at = PAIRS["46"]
    with between(at, proto=UDP) as core:
        ip = datagram(at.client, at.vip, Udp(40000, 80, DATA, has_checksum=False))
        out = run(core, cut(ip, 7, 1200), TO_CLIENTS)
        assert len(out) == 2
        assert core.verdicts()["not-translatable"] == 1
        with pytest.raises(ValueError, match="no first one"):
            together(out)


def test_towards_ipv4_none_stays_none() -> None:
    at = PAIRS["46"]
    with between(at, proto=UDP) as core:
        run(core, [bytes(datagram(at.client, at.vip, Udp(40000, 80, b"?")))], TO_CLIENTS)
        row = core.find(UDP, at.client, 40000, at.vip, 80)
        assert row
        ip = datagram(at.rs, at.lip, Udp(80, row.lport, DATA, has_checksum=False))
        _, udp = whole(run(core, cut(ip, 7, 1200), TO_SERVERS))
        assert isinstance(udp, Udp)
        assert not udp.has_checksum


def test_a_source_route_is_refused_in_fragments_too() -> None:
    at = PAIRS["46"]
    with between(at, proto=UDP) as core:
        raw = Udp(40000, 80, DATA).pack(at.client, at.vip)
        ip = Ip4(at.client, at.vip, UDP, raw, options=b"\x83\x07\x04\1\2\3\4\0")
        assert run(core, cut(ip, 7, 1200), TO_CLIENTS) == []
        assert core.verdicts()["not-translatable"] == 3


@FAMILIES
def test_a_tcp_segment_in_fragments(families: str) -> None:
    at = PAIRS[families]
    with between(at) as core:
        flow = Flow(core, 40000, at.client, at.vip)
        flow.syn()
        flow.server(SYN | ACK, seq=0)
        tcp = Tcp(40000, 80, 1001, 70001, ACK | PSH, payload=DATA)
        ip = ip_of(at.client, at.vip, TCP, tcp.pack(at.client, at.vip))
        _, segment = whole(run(core, cut(ip, 7, 1200), TO_CLIENTS))
        assert isinstance(segment, Tcp)
        assert (segment.seq, segment.options) == (flow.server_sees_isn + 1, b"")
        assert segment.payload == DATA


@FAMILIES
def test_a_fragment_that_is_both_ends(families: str) -> None:
    """Offset and more flag in each family's place: 8 bytes in the middle."""
    at = PAIRS[families]
    with between(at, proto=UDP) as core:
        ip = datagram(at.client, at.vip, Udp(40000, 80, DATA))
        sent = [
            fragment(
                ip, Piece(9, where, more, bytes(8) if where > 8 else ip.payload[where : where + 8])
            )
            for where, more in ((0, True), (8, True), (2**13 * 8 - 16, False))
        ]
        out = run(core, sent, TO_CLIENTS)
        assert [(p.offset, p.more) for l3 in out if (p := piece_of(l3))] == [
            (0, True), (8, True), (2**16 - 16, False),
        ]  # fmt: skip
