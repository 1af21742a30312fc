"""IPv6 packets as they arrive (RFC 8200, 4443): extension headers, fragments, what is Linux's, echo
and ICMPv6 errors; what the core makes is read back by scapy."""

import pytest
from scapy.layers.inet6 import ICMPv6PacketTooBig, ICMPv6TimeExceeded, IPv6
from scapy.layers.l2 import Ether

from tests.oracle.wire import (
    ACK,
    DEST_OPTIONS,
    FRAGMENT,
    HOP_BY_HOP,
    ICMP6,
    ROUTING,
    SYN,
    TCP,
    UDP,
    Ip6,
    Tcp,
    Udp,
    bad_checksums,
    icmp6,
    ip_frame,
    packet,
    read_ip6,
)
from tests.steps.core import MAC, StepCore
from tests.steps.scene import (
    CLIENT6,
    CLIENT_MAC,
    LIP6,
    RS6,
    RS_MAC,
    VIP6,
    Flow,
    balancer6,
    client_udp,
    from_client,
    tcp_of,
)

ROUTER6 = "2001:db8::1"
PAD8 = bytes([0, 0, 1, 4, 0, 0, 0, 0])
"""An options header of 8 bytes, all padding."""


def to_core(ip: Ip6, dev: int = 0) -> bytes:
    return ip_frame(MAC[dev], RS_MAC if dev else CLIENT_MAC, bytes(ip))


def asked(**fields: object) -> bytes:
    """A datagram to the service, with further fields of its header."""
    return client_udp(Udp(40000, 80, b"question"), CLIENT6, VIP6, **fields)


def routing(segments_left: int) -> tuple[int, bytes]:
    return ROUTING, bytes([0, 0, 0, segments_left, 0, 0, 0, 0])


def fragment(offset: int, more: int) -> tuple[int, bytes]:
    return FRAGMENT, bytes([0, 0]) + (offset << 3 | more).to_bytes(2) + b"\0\0\0\7"


CHAINS = {
    "options": ((HOP_BY_HOP, PAD8), (DEST_OPTIONS, PAD8)),
    "long options": ((DEST_OPTIONS, bytes([0, 3, 1, 28]) + bytes(28)),),
    "a used-up route": (routing(0), (DEST_OPTIONS, PAD8)),
    "an atomic fragment": (fragment(0, 0),),
    "an atomic fragment with reserved bits": ((FRAGMENT, b"\0\0\0\6\0\0\0\7"),),
    "eight headers": ((DEST_OPTIONS, PAD8),) * 8,
}


@pytest.mark.parametrize("name", CHAINS)
def test_extension_headers_are_walked_and_kept(name: str) -> None:
    with balancer6(proto=UDP) as core:
        for _ in range(2):  # a first packet, one of a known connection
            (out,) = core.forward(asked(exts=CHAINS[name]))
            ip = read_ip6(out[14:])
            assert (ip.src, ip.dst, ip.proto) == (LIP6, RS6, UDP)
            assert [raw[1:] for _, raw in ip.exts] == [raw[1:] for _, raw in CHAINS[name]]
            assert bad_checksums(out[14:]) == []
        assert core.verdicts()["scheduled"] == 1


REFUSED = {
    "nine headers": (((DEST_OPTIONS, PAD8),) * 9, "bad-ip-header"),
    "a header longer than the packet": (((DEST_OPTIONS, b"\0\x09" + bytes(6)),), "bad-ip-header"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    exts, verdict = REFUSED[name]
    with balancer6(proto=UDP) as core:
        assert core.forward(asked(exts=exts)) == []
        assert core.verdicts()[verdict] == 1
        assert core.n_conns() == 0


def test_lies_about_lengths() -> None:
    valid = asked()
    with balancer6(proto=UDP) as core:
        for cut in (1, 8, 20, 50):
            core.send(valid[:-cut])
        for at, value in ((18, 255), (19, 7), (14, 0x45), (14, 0x70), (19, 0)):
            core.send(valid[:at] + bytes([value]) + valid[at + 1 :])
        core.step()
        verdicts = core.verdicts()
        assert verdicts["too-short"] + verdicts["bad-ip-header"] == 9
        assert core.n_conns() == 0


def test_padding_behind_the_packet_is_no_part_of_it() -> None:
    with balancer6(proto=UDP) as core:
        sent = [core.forward(asked() + pad)[0][14 : 14 + 56] for pad in (b"", bytes(7), b"x")]
        assert sent[0] == sent[1] == sent[2]
        assert core.dest(6)["inbytes"] == 3 * 56


LINUXS = {
    "link-local": ("fe80::1", UDP, Udp(1, 80).pack(CLIENT6, "fe80::1")),
    "a multicast address": ("ff02::1", UDP, Udp(1, 80).pack(CLIENT6, "ff02::1")),
    "a route with segments left": (VIP6, UDP, Udp(1, 80).pack(CLIENT6, VIP6)),
    "another protocol": (VIP6, 89, bytes(20)),
    "ICMPv6 to a VIP": (VIP6, ICMP6, icmp6(CLIENT6, VIP6, 1, 0, 0, bytes(50))),
}


@pytest.mark.parametrize("name", LINUXS)
def test_what_is_linuxs(name: str) -> None:
    dst, proto, payload = LINUXS[name]
    exts = (routing(1),) if "segments" in name else ()
    with balancer6(proto=UDP) as core:
        core.route("::/0", 1, via=RS6)
        sent = to_core(Ip6(CLIENT6, dst, proto, payload, exts=exts))
        assert core.forward(sent) == []
        assert core.to_kernel[0] == [sent], core.verdicts()


LINK_LOCALS = {
    "not echo": (0, UDP, Udp(1, 80).pack("fe80::48", "fe80::10")),
    "an echo reply": (0, ICMP6, icmp6("fe80::48", "fe80::10", 129, 0, 1)),
    "of another device": (1, ICMP6, icmp6("fe80::48", "fe80::10", 128, 0, 1)),
}


@pytest.mark.parametrize("name", LINK_LOCALS)
def test_what_comes_to_our_link_local_address_is_linuxs(name: str) -> None:
    dev, proto, payload = LINK_LOCALS[name]
    with balancer6() as core:
        core.addr("fe80::10", dev)
        sent = to_core(Ip6("fe80::48", "fe80::10", proto, payload))
        assert core.forward(sent) == []
        assert core.to_kernel[0] == [sent]


# --- echo, errors ------------------------------------------------------------------------------


def assert_checksum(sent: bytes) -> None:
    """scapy computes the same."""
    seen = Ether(sent)
    fresh = Ether(sent)
    del fresh[IPv6].payload.cksum
    assert bytes(fresh) == bytes(seen)


@pytest.mark.parametrize("n_bytes", [0, 1, 56, 1400])
def test_echo_to_our_addresses(n_bytes: int) -> None:
    data = bytes(i % 256 for i in range(n_bytes))
    with balancer6() as core:
        for dst in (VIP6, LIP6):
            message = icmp6(CLIENT6, dst, 128, 0, 0x12340007, data)
            (out,) = core.forward(to_core(Ip6(CLIENT6, dst, ICMP6, message, 3)))
            assert_checksum(out)
            ip = read_ip6(out[14:])
            assert (ip.src, ip.dst, ip.ttl) == (dst, CLIENT6, 64)
            assert ip.payload == icmp6(dst, CLIENT6, 129, 0, 0x12340007, data)


@pytest.mark.parametrize("dst", ["fe80::10", VIP6])
def test_a_link_local_address_is_answered_where_it_asked(dst: str) -> None:
    """Whatever the routes say: it is on the link that the request came by (F-223)."""
    with balancer6() as core:
        core.addr("fe80::10", 0)
        core.route("fe80::/64", 1)
        core.neigh("fe80::48", 0, CLIENT_MAC)
        core.neigh("fe80::48", 1, RS_MAC)
        message = icmp6("fe80::48", dst, 128, 0, 0x12340007, b"ping")
        core.forward(to_core(Ip6("fe80::48", dst, ICMP6, message)))
        (out,) = core.sent[0]
        assert out[:6].hex(":") == CLIENT_MAC
        assert read_ip6(out[14:]).payload == icmp6(dst, "fe80::48", 129, 0, 0x12340007, b"ping")


def test_a_damaged_echo_is_dropped() -> None:
    with balancer6() as core:
        sent = bytearray(to_core(Ip6(CLIENT6, VIP6, ICMP6, icmp6(CLIENT6, VIP6, 128, 0, 5, b"x"))))
        sent[-1] ^= 1
        assert core.forward(bytes(sent)) == []
        assert core.verdicts()["bad-icmp"] == 1


def error_about(core: StepCore, sent: bytes, dev: int = 0) -> IPv6:
    (out,) = core.forward(sent, dev)
    assert_checksum(out)
    ip = read_ip6(out[14:])
    assert len(out) - 14 <= 1280
    assert ip.payload[8:] == sent[14:][: 1280 - 48]
    return Ether(out)[IPv6]


def test_too_big_tells_the_mtu() -> None:
    """Also without a DF bit: nobody fragments on the way (RFC 8200 5). Less the room for the
    client's address, which is added here."""
    with balancer6() as core:
        core.route(f"{RS6}/128", 1, mtu=1300)
        sent = from_client(Tcp(40000, 80, 7, flags=SYN, payload=bytes(1400)), CLIENT6, VIP6)
        ip = error_about(core, sent)
        assert (ip.src, ip.dst) == (VIP6, CLIENT6)
        assert ip[ICMPv6PacketTooBig].mtu == 1300 - 20
        assert core.verdicts()["too-big"] == 1


def test_too_big_tells_the_server() -> None:
    with balancer6() as core:
        core.route(f"{CLIENT6}/128", 0, mtu=1280)
        flow = Flow(core, caddr=CLIENT6, vaddr=VIP6)
        flow.syn()
        tcp = Tcp(80, flow.lport, 7, 9, ACK, payload=bytes(1300))
        ip = error_about(core, to_core(Ip6(RS6, LIP6, TCP, tcp.pack(RS6, LIP6)), 1), 1)
        assert (ip.src, ip.dst) == (LIP6, RS6)


def test_hop_limit_is_lowered_and_told_when_over() -> None:
    with balancer6(settings={"xmit_ttl": 1}) as core:
        ip = error_about(core, from_client(Tcp(40000, 80, 7, flags=SYN), CLIENT6, VIP6, ttl=1))
        assert ip[ICMPv6TimeExceeded].code == 0
        (out,) = core.forward(from_client(Tcp(40000, 80, 7, flags=SYN), CLIENT6, VIP6, ttl=9))
        assert read_ip6(out[14:]).ttl == 8


SILENT = {
    "an ICMPv6 error": Ip6(CLIENT6, VIP6, UDP, b"", 1),
    "the unspecified address": Ip6("::", VIP6, TCP, b"", 1),
    "loopback": Ip6("::1", VIP6, TCP, b"", 1),
    "a multicast source": Ip6("ff02::5", VIP6, TCP, b"", 1),
}


@pytest.mark.parametrize("name", SILENT)
def test_who_gets_no_error(name: str) -> None:
    ip = SILENT[name]
    with balancer6(settings={"xmit_ttl": 1}) as core:
        core.route("::/0", 0, via=CLIENT6)
        if ip.proto == UDP:
            flow = Flow(core, caddr=CLIENT6, vaddr=VIP6)
            (went,) = flow.syn()
            error = icmp6(RS6, LIP6, 1, 0, 0, went[14:])
            out = core.forward(to_core(Ip6(RS6, LIP6, ICMP6, error, 1), 1), 1)
        else:
            out = core.forward(from_client(Tcp(1, 80, flags=SYN), ip.src, VIP6, ttl=1))
        assert out == []
        assert "icmp-error-sent" not in core.verdicts()
        assert core.verdicts()["ttl-expired"] == 1


# --- errors about connections -------------------------------------------------------------------

KINDS = [(1, 0), (1, 4), (2, 0), (3, 0), (4, 1)]


@pytest.mark.parametrize("kind,code", KINDS)
@pytest.mark.parametrize("n_quote", [48, 60, 1200])
def test_an_error_from_the_servers_side(kind: int, code: int, n_quote: int) -> None:
    """The client reads its own packet inside: addresses, ports and its own sequence number."""
    with balancer6() as core:
        flow = Flow(core, caddr=CLIENT6, vaddr=VIP6).establish()
        (went,) = flow.client(ACK, seq=77, ack=300, payload=b"question" * 10)
        error = icmp6(RS6, LIP6, kind, code, 1400, went[14 : 14 + n_quote])
        (out,) = core.forward(to_core(Ip6(RS6, LIP6, ICMP6, error, 60), 1), 1)
        assert_checksum(out)
        ip = read_ip6(out[14:])
        assert (ip.src, ip.dst, ip.ttl) == (VIP6, CLIENT6, 60)
        rest = 1400 - 20 if kind == 2 else 1400
        assert (ip.payload[0], ip.payload[1], ip.payload[4:8]) == (kind, code, rest.to_bytes(4))
        quoted = ip.payload[8:]
        inner = read_ip6(quoted)
        assert (inner.src, inner.dst, inner.proto) == (CLIENT6, VIP6, TCP)
        ports_and_seq = inner.payload[:8]
        assert ports_and_seq == Tcp(40000, 80, flow.client_isn + 77).pack(CLIENT6, VIP6)[:8]
        if n_quote >= len(went) - 14:
            assert bad_checksums(quoted) == []  # quoted whole: it verifies


def test_an_error_from_the_clients_side() -> None:
    with balancer6() as core:
        flow = Flow(core, caddr=CLIENT6, vaddr=VIP6).establish()
        (went,) = flow.server(ACK, seq=500, payload=b"answer")
        error = icmp6(ROUTER6, VIP6, 2, 0, 1280, went[14:])
        (out,) = core.forward(to_core(Ip6(ROUTER6, VIP6, ICMP6, error)))
        assert_checksum(out)
        ip = read_ip6(out[14:])
        assert (ip.src, ip.dst) == (LIP6, RS6)
        assert bad_checksums(ip.payload[8:]) == []
        inner = read_ip6(ip.payload[8:])
        assert (inner.src, inner.dst) == (RS6, LIP6)
        assert tcp_of(bytes(14) + ip.payload[8:]).seq == flow.server_isn + 500


def test_an_error_about_a_packet_with_extension_headers() -> None:
    with balancer6(proto=UDP) as core:
        sent = asked(exts=CHAINS["options"])
        (went,) = core.forward(sent)
        error = icmp6(RS6, LIP6, 1, 4, 0, went[14:])
        (out,) = core.forward(to_core(Ip6(RS6, LIP6, ICMP6, error), 1), 1)
        assert read_ip6(out[14:]).payload[8:] == sent[14:]


def test_an_error_about_a_fragment() -> None:
    """The first one has the ports, a later one anything in their place."""
    with balancer6() as core:
        (went,) = Flow(core, caddr=CLIENT6, vaddr=VIP6).syn()
        for exts, n_sent in (((fragment(0, 1),), 1), ((fragment(100, 1),), 0)):
            inner = bytes(Ip6(LIP6, RS6, TCP, went[54:], exts=exts))
            error = icmp6(RS6, LIP6, 1, 0, 0, inner)
            assert len(core.forward(to_core(Ip6(RS6, LIP6, ICMP6, error), 1), 1)) == n_sent


def test_a_damaged_error_is_dropped_and_a_foreign_one_linuxs() -> None:
    with balancer6() as core:
        (went,) = Flow(core, caddr=CLIENT6, vaddr=VIP6).syn()
        sent = bytearray(to_core(Ip6(RS6, LIP6, ICMP6, icmp6(RS6, LIP6, 1, 0, 0, went[14:])), 1))
        sent[-1] ^= 1
        assert core.forward(bytes(sent), 1) == []
        assert core.verdicts()["bad-icmp"] == 1
        for quote in (went[14:61], b"", packet(Ip6(LIP6, RS6, TCP), Tcp(9, 80))):
            error = icmp6(RS6, LIP6, 1, 0, 0, quote)
            assert core.forward(to_core(Ip6(RS6, LIP6, ICMP6, error), 1), 1) == []
            assert len(core.to_kernel[1]) == 1
