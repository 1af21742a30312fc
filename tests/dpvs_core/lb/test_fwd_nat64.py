"""FULLNAT between families (F-088) where it is not the oracle's conversations: sizes, hop limits,
headers that are left out, option 254's room, resets, next hops that are not known, errors.

What each packet must become is in test_fnat_oracle.py, whose families are the four pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tests.oracle.fnat import Fnat, with_toa
from tests.oracle.fragments import together
from tests.oracle.translate import is_source_routed
from tests.oracle.wire import (
    ACK,
    DEST_OPTIONS,
    DF,
    HOP_BY_HOP,
    PSH,
    ROUTING,
    SYN,
    TCP,
    UDP,
    Ip4,
    Ip6,
    Tcp,
    Udp,
    bad_checksums,
    ip_frame,
    ip_of,
    packet,
    read_ip,
    transport_of,
)
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.places import PLACES
from tests.steps.scene import (
    CLIENT_MAC,
    LIP,
    LIP6,
    RS,
    RS6,
    RS_MAC,
    TO_CLIENTS,
    TO_SERVERS,
    VIP6,
    Flow,
    director6,
    tcp_of,
)


@dataclass(frozen=True)
class Pair:
    client: str
    vip: str
    lip: str
    rs: str
    net: str
    """Of the servers."""


PAIRS = {
    f"{af}{10 - af}": Pair(at.client, at.vip, there.lip, there.server, there.servers_net)
    for af, at, there in ((6, PLACES[6], PLACES[4]), (4, PLACES[4], PLACES[6]))
}
FAMILIES = pytest.mark.parametrize("families", list(PAIRS))
WORKERS = pytest.mark.parametrize("n_workers", [1, 3])


def between(at: Pair, n_workers: int = 1, proto: int = TCP, **rest) -> StepCore:
    core = director6(n_workers, **rest)
    core.service(at.vip, 80, [Dest(at.rs, 80, id=1)], proto=proto)
    return core


def flow_of(core: StepCore, at: Pair, cport: int = 40000) -> Flow:
    return Flow(core, cport, at.client, at.vip)


def ask(core: StepCore, at: Pair, segment: Tcp | Udp, **ip) -> list[bytes]:
    """A client's packet with these header fields."""
    proto = TCP if isinstance(segment, Tcp) else UDP
    l3 = packet(ip_of(at.client, at.vip, proto, **ip), segment)
    return core.forward(ip_frame(MAC[TO_CLIENTS], CLIENT_MAC, l3), TO_CLIENTS)


def mtu_to_servers(core: StepCore, at: Pair, mtu: int) -> None:
    core.routes = [row for row in core.routes if f"{row[0]}/{row[1]}" != at.net]
    core.route(at.net, TO_SERVERS, mtu=mtu)


@FAMILIES
@pytest.mark.parametrize("n_workers", [1, 2, 3])
def test_every_packet_of_a_flow_reaches_its_worker(families: str, n_workers: int) -> None:
    at = PAIRS[families]
    with between(at, n_workers) as core:
        used = set()
        for cport in range(40000, 40032):
            flow = flow_of(core, at, cport)
            assert len(flow.syn(worker=cport % n_workers)) == 1
            assert flow.server_sees_isn != flow.client_isn  # hidden, as within a family
            for queue in range(n_workers):
                assert len(flow.server(SYN | ACK, seq=0, worker=queue)) == 1
                assert len(flow.client(ACK, worker=queue)) == 1
                assert len(flow.server(ACK | PSH, payload=b"x", worker=queue)) == 1
            row = core.find(TCP, at.client, cport, at.vip, 80)
            assert row == core.find(TCP, at.rs, 80, at.lip, flow.lport)
            assert row and (row.caddr, row.vaddr) == (at.client, at.vip)
            assert (row.laddr, row.daddr) == (at.lip, at.rs)
            used.add(row.worker)
        assert used == set(range(n_workers))
        assert core.verdicts()["scheduled"] == 32
        assert "reset-sent" not in core.verdicts()


@FAMILIES
def test_behaviour_18_room_for_option_254_counts_in_the_servers_mtu(families: str) -> None:
    """The client's address has its own family's size; an IPv6 client's MSS is lowered by 20, which
    is also what its longer header takes on its own way."""
    at = PAIRS[families]
    n_toa, n_header = (20, 20) if families == "64" else (8, 40)
    for n_spare in (n_toa, n_toa - 1):
        with between(at) as core:
            flow = flow_of(core, at)
            flow.ip = {} if families == "64" else {"frag": DF}
            flow.syn()
            (out,) = flow.server(SYN | ACK, seq=0, options=b"\x02\x04\x05\xa0")
            assert tcp_of(out).options == b"\x02\x04" + (1440 - n_toa).to_bytes(2, "big")
            payload = bytes(1400 - n_header - 20 - n_spare)
            mtu_to_servers(core, at, 1400)
            for _ in range(2):  # the route looked up, and known
                (out,) = flow.client(ACK, payload=payload)
                want = with_toa(b"", at.client, 40000, n_header + 20 + len(payload), 1400)
                assert (tcp_of(out).options, bool(want)) == (want, n_spare == n_toa)
                assert len(out) == 14 + n_header + 20 + len(want) + len(payload)
                assert bad_checksums(out[14:]) == []
            assert core.verdicts().get("toa-no-room", 0) == (0 if want else 2)


@FAMILIES
def test_behaviour_18_what_is_too_big_once_translated_is_told_in_the_clients_terms(
    families: str,
) -> None:
    at = PAIRS[families]
    mtu = 1420 if families == "64" else 1380  # for the client, when it is 1400 for the server
    with between(at, proto=UDP) as core:
        ask(core, at, Udp(40000, 80, b"first"))
        mtu_to_servers(core, at, 1400)
        n_headers = 48 if families == "64" else 28
        fields = {} if families == "64" else {"frag": DF}
        for n_over in (0, 1, 0):
            (out,) = ask(core, at, Udp(40000, 80, bytes(mtu - n_headers + n_over)), **fields)
            back = read_ip(out[14:])
            if not n_over:
                assert (back.dst, len(out)) == (at.rs, 14 + 1400)
                continue
            assert (back.src, back.dst) == (at.vip, at.client)
            assert back.payload[:2] == (b"\2\0" if families == "64" else b"\3\4")
            assert int.from_bytes(back.payload[4:8], "big") == mtu
            assert bad_checksums(out[14:]) == []


def test_a_datagram_that_may_be_fragmented_is() -> None:
    """RFC 7915 4: without DF the translator makes fragments that every IPv6 link carries."""
    at = PAIRS["46"]
    with between(at, proto=UDP) as core:
        assert len(ask(core, at, Udp(40000, 80, bytes(1260 - 28)))) == 1
        payload = bytes(range(1, 254)) * 6
        frames = ask(core, at, Udp(40000, 80, payload[: 1260 - 27]))
        assert len(frames) == core.verdicts()["fragmented"] == 2
        assert all(len(sent) <= 14 + 1280 for sent in frames)
        whole = together(sent[14:] for sent in frames)
        left = transport_of(whole)
        assert isinstance(left, Udp)
        assert left.payload == payload[: 1260 - 27]
        assert bad_checksums(bytes(whole)) == []


@FAMILIES
def test_the_hop_limit_stays_or_goes_down_as_set(families: str) -> None:
    at = PAIRS[families]
    for xmit_ttl, ttl in ((0, 9), (1, 8)):
        with between(at, proto=UDP, settings={"xmit_ttl": xmit_ttl}) as core:
            for _ in range(2):
                (out,) = ask(core, at, Udp(40000, 80, b"x"), ttl=9)
                assert read_ip(out[14:]).ttl == ttl
                assert bad_checksums(out[14:]) == []


def fields_that_carry_twice(header: bytes) -> Iterator[tuple[int, int]]:
    """Traffic class and hop limit, if any, with which this header's sum as it is added up (the
    addresses folded already) has a low half of ones."""
    words = [int.from_bytes(header[i : i + 2]) for i in range(0, 20, 2)]
    version, total, ident, frag, ttl_proto, _, *addrs = words
    common = sum(addrs)
    while common >> 16:
        common = (common & 0xFFFF) + (common >> 16)
    rest = common + (version & 0xFF00) + total + ident + frag + (ttl_proto & 0xFF)
    ttl, tos = divmod(0xFFFF - rest & 0xFFFF, 256)
    if ttl and rest + ttl * 256 + tos > 0xFFFF:
        yield tos, ttl


def test_behaviour_18_the_header_checksum_whatever_the_fields() -> None:
    """Each value of either byte, with and without DF; and sums whose carries carry once more, which
    takes a server whose address is a large number."""
    at = replace(PAIRS["64"], rs="172.31.200.1")
    with between(at, proto=UDP) as core:
        core.route(f"{at.rs}/32", TO_SERVERS)
        core.neigh(at.rs, TO_SERVERS, RS_MAC)

        def header(n_payload: int, tos: int, ttl: int) -> bytes:
            (out,) = ask(core, at, Udp(40000, 80, bytes(n_payload)), tos=tos, ttl=ttl)
            assert bad_checksums(out[14:]) == []
            sent = read_ip(out[14:])
            assert isinstance(sent, Ip4)
            assert (sent.tos, sent.ttl, sent.frag) == (tos, ttl, DF if n_payload > 1232 else 0)
            return out[14:34]

        for byte in range(256):
            header(byte % 7, byte, 255 - byte or 1)
        twice = 0
        for n_payload in range(1233, 1433):  # of which identification is 0
            for tos, ttl in fields_that_carry_twice(header(n_payload, 0, 1)):
                header(n_payload, tos, ttl)
                twice += 1
        assert twice > 10


EXTS = {
    "options": ((DEST_OPTIONS, b"\0\0\1\4" + bytes(4)),),
    "two": ((HOP_BY_HOP, b"\0\1\1\x0c" + bytes(12)), (DEST_OPTIONS, b"\0\0\1\4" + bytes(4))),
    "routing, used up": ((ROUTING, b"\0\2\0\0" + bytes(20)),),
}


@pytest.mark.parametrize("name", EXTS)
def test_behaviour_18_extension_headers_are_left_out(name: str) -> None:
    """RFC 7915 5.1: skipped, and not counted in the length."""
    at = PAIRS["64"]
    with between(at, proto=UDP) as core:
        oracle = Fnat(at.client, 40000, at.vip, 80, at.rs, 80)
        for payload in (b"first", b"odd"):
            ip = Ip6(at.client, at.vip, UDP, exts=EXTS[name], tos=0x2E, flow=77)
            l3 = packet(ip, Udp(40000, 80, payload))
            (out,) = core.forward(ip_frame(MAC[0], CLIENT_MAC, l3))
            assert out[14:] == oracle.from_client(l3, out[14:])
            sent = read_ip(out[14:])
            assert isinstance(sent, Ip4)
            assert (sent.frag, sent.tos, sent.options) == (0, 0x2E, b"")


OPTIONS = {
    "router alert": b"\x94\x04\0\0",
    "route recorded": b"\x07\x07\x08\1\2\3\4\0",
    "loose, to go": b"\x83\x07\x04\1\2\3\4\0",
    "loose, used up": b"\x83\x07\x08\1\2\3\4\0",
    "strict, to go, behind others": b"\1\x94\x04\0\0\x89\x07\x04\1\2\3\4",
    "after the end": b"\0\x83\x07\x04\1\2\3\4",
    "cut off": b"\x83\x09\x04\1\2\3\4\0",
    "shorter than its head": b"\x83\x01\x04\1",
    "nothing but a kind": b"\1\1\1\x83",
}


@pytest.mark.parametrize("name", OPTIONS)
def test_behaviour_18_ipv4_options_are_left_out_but_for_a_source_route(name: str) -> None:
    """RFC 7915 4.1, first packets and later ones."""
    at, options = PAIRS["46"], OPTIONS[name]
    refused = is_source_routed(options)
    with between(at, proto=UDP) as core:
        oracle = Fnat(at.client, 40000, at.vip, 80, at.rs, 80)
        for _ in range(2):
            l3 = packet(Ip4(at.client, at.vip, UDP, options=options), Udp(40000, 80, b"x"))
            out = core.forward(ip_frame(MAC[0], CLIENT_MAC, l3))
            assert len(out) == (0 if refused else 1)
            if out:
                assert out[0][14:] == oracle.from_client(l3, out[0][14:])
        assert core.verdicts().get("not-translatable", 0) == (2 if refused else 0)


def test_which_options_the_oracle_refuses() -> None:
    refused = {name for name, options in OPTIONS.items() if is_source_routed(options)}
    assert refused == {"loose, to go", "strict, to go, behind others"}


@pytest.mark.parametrize("n_payload", [0, 1, 2, 7, 1000, 1001])
def test_behaviour_18_a_datagram_without_a_checksum_gets_one(n_payload: int) -> None:
    """RFC 7915 4.5, either direction towards IPv6."""
    at = PAIRS["46"]
    payload = bytes(i % 251 for i in range(n_payload))
    with between(at, proto=UDP) as core:
        (out,) = ask(core, at, Udp(40000, 80, payload, has_checksum=False))
        assert read_ip(out[14:]).payload[6:8] != b"\0\0"
        assert bad_checksums(out[14:]) == []
    at = PAIRS["64"]
    with between(at, proto=UDP) as core:
        (out,) = ask(core, at, Udp(40000, 80, b"?"))
        lport = int.from_bytes(read_ip(out[14:]).payload[:2], "big")
        l3 = packet(Ip4(at.rs, at.lip, UDP), Udp(80, lport, payload, has_checksum=False))
        (out,) = core.forward(ip_frame(MAC[1], RS_MAC, l3), 1)
        assert read_ip(out[14:]).payload[6:8] != b"\0\0"
        assert bad_checksums(out[14:]) == []


@pytest.mark.parametrize("length", [0, 7, 9, 65535])
def test_a_datagram_that_lies_about_its_length_stays_as_it_is(length: int) -> None:
    """Its checksum is computed over what there is; the receiver drops it, nobody reads beyond."""
    at = PAIRS["46"]
    with between(at, proto=UDP) as core:
        l3 = bytearray(packet(Ip4(at.client, at.vip, UDP), Udp(40000, 80, b"abcd", False)))
        l3[24:26] = length.to_bytes(2, "big")
        (out,) = core.forward(ip_frame(MAC[0], CLIENT_MAC, bytes(l3)))
        assert read_ip(out[14:]).payload[4:6] == length.to_bytes(2, "big")
        assert read_ip(out[14:]).payload[8:] == b"abcd"


def test_a_packet_whose_next_hop_is_not_known_waits_translated() -> None:
    """It is asked for in the server's family, and the packet leaves when the answer is there."""
    at, rs = PAIRS["64"], "192.168.100.3"
    with director6() as core:
        core.service(at.vip, 80, [Dest(rs, 80, id=1)], proto=UDP)
        oracle = Fnat(at.client, 40000, at.vip, 80, rs, 80)
        l3 = packet(ip_of(at.client, at.vip, UDP), Udp(40000, 80, b"waits"))
        (request,) = core.forward(ip_frame(MAC[0], CLIENT_MAC, l3))
        assert request[12:14] == b"\x08\x06"
        core.neigh(rs, TO_SERVERS, RS_MAC)
        (sent,) = [frame for frame in core.sent[1] if frame[12:14] == b"\x08\0"]
        assert sent[14:] == oracle.from_client(l3, sent[14:])
        assert sent[:12].hex(":") == f"{RS_MAC}:{MAC[1]}"


@FAMILIES
def test_a_service_without_a_local_address_of_the_servers_family_refuses(families: str) -> None:
    at = PAIRS[families]
    with director6() as core:
        core.service(at.vip, 80, [Dest(at.rs, 80, id=1)],
                     laddrs=[LIP6 if families == "64" else LIP])  # fmt: skip
        assert flow_of(core, at).syn() == []
        assert core.verdicts()["no-local-port"] == 1
        assert core.n_conns() == 0


def test_both_families_of_servers_behind_one_vip() -> None:
    with director6(3) as core:
        core.service(VIP6, 80, [Dest(RS, 80, id=1), Dest(RS6, 80, id=2)])
        ends = [flow_of(core, PAIRS["64"], 40000 + i).establish().daddr for i in range(20)]
        assert sorted(ends) == [RS] * 10 + [RS6] * 10
        assert core.dest(1)["conns"] == core.dest(2)["conns"] == 10
