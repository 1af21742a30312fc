"""ICMP errors about a connection's packets, translated to the other side (F-190)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.wire import (
    ACK,
    SYN,
    TCP,
    UDP,
    Ip4,
    Udp,
    bad_checksums,
    checksum,
    frame,
    icmp,
    read_ip4,
    read_tcp,
)
from tests.steps.core import MAC
from tests.steps.scene import (
    CLIENT,
    CLIENT_MAC,
    LIP,
    RS,
    RS_MAC,
    VIP,
    Flow,
    balancer,
    client_udp,
    server_udp,
)

ROUTER = "10.0.9.9"
KINDS = [(3, 0), (3, 1), (3, 3), (3, 4), (4, 0), (11, 0), (11, 1)]


def error(src: str, dst: str, dev: int, kind: int, code: int, rest: int, quote: bytes) -> bytes:
    ip = Ip4(src, dst, 1, icmp(kind, code, rest, quote), ttl=60)
    return frame(MAC[dev], RS_MAC if dev else CLIENT_MAC, bytes(ip))


@pytest.mark.parametrize("kind,code", KINDS)
@pytest.mark.parametrize("n_quote", [28, 40, 1000])
def test_from_the_servers_side(kind: int, code: int, n_quote: int) -> None:
    """The client reads its own packet inside: addresses, ports and its own sequence number."""
    with balancer() as core:
        flow = Flow(core).establish()
        (went,) = flow.client(ACK, seq=77, ack=300, payload=b"question" * 10)
        (out,) = core.forward(error(RS, LIP, 1, kind, code, 1400, went[14 : 14 + n_quote]), 1)
        assert bad_checksums(out[14:]) == []
        ip = read_ip4(out[14:])
        assert (ip.src, ip.dst, ip.ttl) == (VIP, CLIENT, 60)
        assert (out[:6].hex(":"), core.sent[1]) == (CLIENT_MAC, [])
        rest = 1400 - 8 if (kind, code) == (3, 4) else 1400
        assert (ip.payload[0], ip.payload[1], ip.payload[4:8]) == (kind, code, rest.to_bytes(4))
        quoted = ip.payload[8:]
        inner = read_ip4(quoted[:20] + quoted[20:].ljust(1500, b"\0"))
        assert (inner.src, inner.dst, inner.proto) == (CLIENT, VIP, TCP)
        assert checksum(quoted[:20]) == 0
        ports_and_seq = (flow.cport, 80, flow.client_isn + 77)
        segment = read_tcp(inner.payload.ljust(60, b"\0"))
        assert (segment.sport, segment.dport, segment.seq) == ports_and_seq
        if n_quote >= len(went) - 14:
            assert bad_checksums(quoted) == []  # quoted whole: it verifies


@pytest.mark.parametrize("kind,code", KINDS)
def test_from_the_clients_side(kind: int, code: int) -> None:
    with balancer() as core:
        flow = Flow(core).establish()
        (went,) = flow.server(ACK, seq=500, payload=b"answer")
        (out,) = core.forward(error(ROUTER, VIP, 0, kind, code, 1300, went[14:]))
        assert bad_checksums(out[14:]) == []
        ip = read_ip4(out[14:])
        assert (ip.src, ip.dst) == (LIP, RS)
        assert out[:6].hex(":") == RS_MAC
        inner = read_ip4(ip.payload[8:])
        assert bad_checksums(ip.payload[8:]) == []
        assert (inner.src, inner.dst) == (RS, LIP)
        segment = read_tcp(inner.payload)
        assert (segment.sport, segment.dport) == (80, flow.lport)
        assert segment.seq == flow.server_isn + 500


@given(n_bytes=st.integers(0, 60), has_checksum=st.booleans(), n_quote=st.integers(28, 100))
@settings(max_examples=40, deadline=None, database=None)
def test_udp_both_ways(n_bytes: int, has_checksum: bool, n_quote: int) -> None:
    with balancer(proto=UDP) as core:
        asked = client_udp(Udp(40000, 80, bytes(range(n_bytes)), has_checksum))
        (went,) = core.forward(asked)
        (out,) = core.forward(error(RS, LIP, 1, 3, 3, 0, went[14 : 14 + n_quote]), 1)
        assert bad_checksums(out[14:]) == []
        assert read_ip4(out[14:]).payload[8:] == asked[14 : 14 + n_quote]
        row = core.find(UDP, CLIENT, 40000, VIP, 80)
        assert row
        answered = server_udp(Udp(80, row.lport, bytes(range(n_bytes)), has_checksum))
        (back,) = core.forward(answered, 1)
        (out,) = core.forward(error(ROUTER, VIP, 0, 3, 3, 0, back[14 : 14 + n_quote]))
        assert bad_checksums(out[14:]) == []
        assert read_ip4(out[14:]).payload[8:] == answered[14 : 14 + n_quote]


def test_udp_checksum_inside_that_comes_out_as_zero() -> None:
    """0 would say that the sender made none (RFC 768)."""
    bare = Udp(40000, 80, b"\0\0").pack(CLIENT, VIP)
    asked = client_udp(Udp(40000, 80, bare[6:8]))
    assert asked[14 + 26 : 14 + 28] == b"\xff\xff"
    with balancer(proto=UDP) as core:
        (went,) = core.forward(asked)
        (out,) = core.forward(error(RS, LIP, 1, 3, 3, 0, went[14:]), 1)
        assert read_ip4(out[14:]).payload[8:] == asked[14:]


def test_a_damaged_error_is_dropped() -> None:
    with balancer() as core:
        (went,) = Flow(core).syn()
        sent = bytearray(error(RS, LIP, 1, 3, 1, 0, went[14:42]))
        sent[-1] ^= 1
        assert core.forward(bytes(sent), 1) == []
        assert core.verdicts()["bad-icmp"] == 1


def test_errors_about_nothing_of_ours_are_linuxs() -> None:
    """To an address of ours without such a connection, or too short to tell."""
    with balancer() as core:
        (went,) = Flow(core).syn()
        other = bytearray(went[14:42])
        other[20:22] = b"\x77\x77"  # another source port inside
        for quote in (bytes(other), went[14:41], b"", went[14:34]):
            core.forward(error(RS, LIP, 1, 3, 1, 0, quote), 1)
            assert (core.sent[0], core.sent[1]) == ([], [])
            assert len(core.to_kernel[1]) == 1


def test_an_error_about_a_later_fragment_is_not_taken_for_a_connections() -> None:
    with balancer() as core:
        (went,) = Flow(core).syn()
        inner = Ip4(LIP, RS, TCP, went[34:54], frag=100)
        assert core.forward(error(RS, LIP, 1, 3, 1, 0, bytes(inner)), 1) == []
        assert core.to_kernel[1] == []
        assert core.verdicts()["fragment"] == 1
        assert "icmp-related" not in core.verdicts()


def test_the_connections_state_and_age_are_not_changed() -> None:
    with balancer() as core:
        flow = Flow(core)
        (went,) = flow.syn()
        core.pass_time(20)
        assert len(core.forward(error(RS, LIP, 1, 3, 1, 0, went[14:42]), 1)) == 1
        assert flow.timeout_s() == 10
        assert flow.client(SYN, seq=0) != []
