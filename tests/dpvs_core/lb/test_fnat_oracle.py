"""Conversations through FNAT, every emitted frame against oracle/fnat.py, byte for byte.

Within each family and between them (F-088). Hypothesis writes the conversations: flags, numbers,
options well-formed and malformed, IP options, odd payloads, Ethernet padding, the worker on whose
queue each packet arrives, and 1 to 3 workers.
"""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.fnat import Fnat
from tests.oracle.wire import (
    ACK,
    DEST_OPTIONS,
    DF,
    FIN,
    HOP_BY_HOP,
    PSH,
    RST,
    SYN,
    TCP,
    UDP,
    Ip,
    Ip4,
    Tcp,
    Udp,
    ip_frame,
    ip_of,
    packet,
    text,
)
from tests.steps.core import MAC, Dest, StepCore, family
from tests.steps.places import CLIENT_MAC, PLACES, RS_MAC, TO_CLIENTS, TO_SERVERS
from tests.steps.scene import director6

CLIENT_ISN, SERVER_ISN = 0xFFFFFF00, 0xFFFFFFF0
"""Near the end of the number space, so that additions wrap."""
CPORT, DPORT = 40000, 8080


@dataclass(frozen=True)
class Corners:
    client: str
    vip: str
    lip: str
    rs: str


CORNERS = {
    f"{af}{server_af}": Corners(at.client, at.vip, there.lip, there.server)
    for af, at in PLACES.items()
    for server_af, there in PLACES.items()
}
"""By the families of client and server."""
FAMILIES = pytest.mark.parametrize("families", list(CORNERS))


def header_bytes(addr: str) -> int:
    return 40 if ":" in addr else 20


def balancer(at: Corners, proto: int, n_workers: int = 1) -> StepCore:
    core = director6(n_workers)
    core.service(at.vip, 80, [Dest(at.rs, 80, id=1)], proto=proto)
    return core


@dataclass(frozen=True)
class Step:
    from_client: bool
    flags: int
    seq: int
    ack: int
    """Both relative: 0 is the sender's initial number, or the peer's as the sender sees it."""
    options: bytes
    payload: bytes
    ip4: dict[str, Any]
    ip6: dict[str, Any]
    pad: bytes
    queue: int
    window: int
    urgent: int
    after_us: int


WELL_FORMED = (
    b"\x02\x04\x05\xb4",  # MSS 1460
    b"\x02\x04\x00\x08",  # MSS 8: not above what is taken off
    b"\x03\x03\x07",  # window scale
    b"\x04\x02",  # SACK permitted
    b"\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x02",  # timestamps
    b"\x05\x0a\x00\x00\x00\x10\xff\xff\xff\xff",  # one SACK block
    b"\x05\x12" + bytes(range(16)),  # two
    b"\xfe\x08\x12\x34\x01\x02\x03\x04",  # somebody's TOA
    b"\x22\x02",  # fast open, empty
    b"\xfd\x05abc",  # unknown, odd length
    b"\x01",
)
MALFORMED = (
    b"\x02\x01",
    b"\x02\x00",
    b"\x08\x63",
    b"\x05",
    b"\x00\x02\x04\x05\xb4",
    b"\x08\x09" * 4,
)


def aligned(parts: list[bytes]) -> bytes:
    """As many of the options as fit, padded to whole words."""
    out = b""
    for part in parts:
        if len(out) + len(part) <= 40:
            out += part
    return out + b"\x01" * (-len(out) % 4)


OPTIONS = st.builds(
    lambda good, bad: aligned([*good, *bad]),
    st.lists(st.sampled_from(WELL_FORMED), max_size=8),
    st.lists(st.sampled_from(MALFORMED), max_size=1),
)
FLAGS = st.one_of(
    st.sampled_from([ACK, ACK | PSH, FIN | ACK, RST, RST | ACK, SYN, SYN | ACK]),
    st.integers(0, 255),
)
NUMBER = st.one_of(st.integers(-2, 4), st.integers(0, 2**32 - 1))
SIZES = st.one_of(st.integers(0, 9), st.integers(1300, 1376))
"""With every header the largest, IPv6 comes to 1500 bytes."""


IP4_OPTIONS = (b"", b"", b"\x01\x01\x01\x00", b"\x94\x04\x00\x00" * 2)
IP6_HEADERS = (
    (),
    (),
    ((DEST_OPTIONS, b"\0\0\1\4" + bytes(4)),),
    ((HOP_BY_HOP, b"\0\1\1\x0c" + bytes(12)), (DEST_OPTIONS, b"\0\0\1\4" + bytes(4))),
)


def ip4_fields(options: tuple[bytes, ...] = (b"",)) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({
        "tos": st.integers(0, 255), "ident": st.integers(0, 65535), "ttl": st.integers(1, 255),
        "frag": st.sampled_from([0, DF]), "options": st.sampled_from(options),
    })  # fmt: skip


def ip6_fields() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({
        "tos": st.integers(0, 255), "flow": st.integers(0, 0xFFFFF), "ttl": st.integers(1, 255),
        "exts": st.sampled_from(IP6_HEADERS),
    })  # fmt: skip


STEPS = st.builds(
    Step, from_client=st.booleans(), flags=FLAGS, seq=NUMBER, ack=NUMBER, options=OPTIONS,
    payload=SIZES.map(lambda n: bytes(i % 251 for i in range(n))),
    ip4=ip4_fields(IP4_OPTIONS), ip6=ip6_fields(),
    pad=st.sampled_from([b"", b"\0" * 6, b"padding"]), queue=st.integers(0, 2),
    window=st.integers(0, 65535), urgent=st.integers(0, 65535), after_us=st.integers(0, 2000),
)  # fmt: skip
HANDSHAKE = [
    {"from_client": True, "flags": SYN, "seq": 0, "ack": 0},
    {"from_client": False, "flags": SYN | ACK, "seq": 0, "ack": 1},
]


@st.composite
def conversations(draw: st.DrawFn) -> list[Step]:
    opening = [replace(draw(STEPS), **fixed, payload=b"") for fixed in HANDSHAKE]
    return [*opening[: draw(st.integers(1, 2))], *draw(st.lists(STEPS, min_size=1, max_size=12))]


def whole(ip: Ip, at: Corners, n_payload: int) -> Ip:
    """Between families a large packet without DF is cut for IPv6: that is another test's."""
    if isinstance(ip, Ip4) and ":" in at.client + at.rs and n_payload > 1000:
        return replace(ip, frag=DF)
    return ip


def l3_of(step: Step, oracle: Fnat, at: Corners) -> bytes:
    """The packet as the end writes it; the server's numbers of the client are the shifted ones."""
    shift = oracle.delta or 0
    own, other = (CLIENT_ISN, SERVER_ISN) if step.from_client else (SERVER_ISN, CLIENT_ISN + shift)
    ports = (CPORT, 80) if step.from_client else (DPORT, oracle.lport)
    hosts = (at.client, at.vip) if step.from_client else (at.rs, oracle.laddr)
    fields = step.ip6 if ":" in hosts[0] else step.ip4
    tcp = Tcp(
        *ports, own + step.seq, other + step.ack, step.flags, step.window, step.urgent,
        step.options, step.payload,
    )  # fmt: skip
    return packet(whole(ip_of(*hosts, TCP, **fields), at, len(step.payload)), tcp)


def assert_emitted(out: list[bytes], l2: bytes, expected: bytes, pad: bytes) -> None:
    """Exactly one frame; Ethernet padding may go on behind the packet or not."""
    assert len(out) == 1
    want = l2 + (b"\x86\xdd" if expected[0] >> 4 == 6 else b"\x08\0") + expected
    got = out[0].removesuffix(pad) if len(out[0]) > len(want) else out[0]
    assert text(got) == text(want)
    assert got == want


L2_TO_SERVER = bytes.fromhex((RS_MAC + MAC[TO_SERVERS]).replace(":", ""))
L2_TO_CLIENT = bytes.fromhex((CLIENT_MAC + MAC[TO_CLIENTS]).replace(":", ""))


def converse(families: str, steps: list[Step], n_workers: int, tx_worker_only: bool) -> None:
    at = CORNERS[families]
    with director6(n_workers, tx_worker_only=tx_worker_only) as core:
        core.service(at.vip, 80, [Dest(at.rs, DPORT, id=1)])
        oracle = Fnat(at.client, CPORT, at.vip, 80, at.rs, DPORT)
        for step in steps:
            l3 = l3_of(step, oracle, at)
            dev = TO_CLIENTS if step.from_client else TO_SERVERS
            core.now_us += step.after_us
            out = core.forward(
                ip_frame(MAC[dev], CLIENT_MAC, l3) + step.pad, dev, step.queue % n_workers
            )
            if step.from_client:
                assert len(out) == 1, core.verdicts()
                assert_emitted(out, L2_TO_SERVER, oracle.from_client(l3, out[0][14:]), step.pad)
            else:
                assert_emitted(out, L2_TO_CLIENT, oracle.from_server(l3, out[0][14:]), step.pad)
        assert oracle.laddr == at.lip
        assert 1025 <= oracle.lport <= 65535
        assert not any("drop" in name for name in core.verdicts())


CAMPAIGN = {"deadline": None, "database": None}


@FAMILIES
@given(steps=conversations(), n_workers=st.integers(1, 3), tx_worker_only=st.booleans())
@settings(max_examples=200, **CAMPAIGN)
def test_tcp_conversation_is_the_oracles(
    families: str, steps: list[Step], n_workers: int, tx_worker_only: bool
) -> None:
    converse(families, steps, n_workers, tx_worker_only)


@pytest.mark.long
@FAMILIES
@given(steps=conversations(), n_workers=st.integers(1, 3), tx_worker_only=st.booleans())
@settings(max_examples=5000, **CAMPAIGN)
def test_tcp_conversation_is_the_oracles_long(
    families: str, steps: list[Step], n_workers: int, tx_worker_only: bool
) -> None:
    converse(families, steps, n_workers, tx_worker_only)


DATAGRAMS = st.tuples(
    st.booleans(), SIZES, st.booleans(), st.fixed_dictionaries({4: ip4_fields(), 6: ip6_fields()}),
    st.integers(0, 2), st.integers(0, 65535),
)  # fmt: skip
Datagram = tuple[bool, int, bool, dict[int, dict[str, Any]], int, int]


@FAMILIES
@given(datagrams=st.lists(DATAGRAMS, min_size=1, max_size=10), n_workers=st.integers(1, 3))
@settings(max_examples=100, **CAMPAIGN)
def test_udp_conversation_is_the_oracles(
    families: str, datagrams: list[Datagram], n_workers: int
) -> None:
    at = CORNERS[families]
    with balancer(at, UDP, n_workers) as core:
        oracle = Fnat(at.client, CPORT, at.vip, 80, at.rs, 80)
        for from_server, n_bytes, has_checksum, fields, queue, salt in datagrams:
            payload = (salt.to_bytes(2, "big") * 700)[:n_bytes]
            if not from_server or not oracle.lport:
                ip = ip_of(at.client, at.vip, UDP, **fields[family(at.client)])
                ip = whole(ip, at, len(payload))
                l3 = packet(ip, Udp(CPORT, 80, payload, has_checksum))
                out = core.forward(ip_frame(MAC[0], CLIENT_MAC, l3), 0, queue % n_workers)
                assert len(out) == 1, core.verdicts()
                assert_emitted(out, L2_TO_SERVER, oracle.from_client(l3, out[0][14:]), b"")
            else:
                udp = Udp(80, oracle.lport, payload, has_checksum)
                ip = ip_of(at.rs, at.lip, UDP, **fields[family(at.rs)])
                l3 = packet(whole(ip, at, len(payload)), udp)
                out = core.forward(ip_frame(MAC[1], RS_MAC, l3), 1, queue % n_workers)
                assert_emitted(out, L2_TO_CLIENT, oracle.from_server(l3, out[0][14:]), b"")


def udp_payload_summing_to_zero(src: str, dst: str, sport: int, dport: int) -> bytes:
    """Two bytes that make the datagram's computed checksum 0, which must be sent as 0xffff."""
    bare = Udp(sport, dport, b"\0\0").pack(src, dst)
    return bare[6:8]


@FAMILIES
def test_behaviour_18_udp_checksum_that_comes_out_as_zero_is_sent_as_ones(families: str) -> None:
    at = CORNERS[families]
    n_ip = header_bytes(at.rs)
    asks = ip_of(at.client, at.vip, UDP)
    with balancer(at, UDP) as core:
        first = ip_frame(MAC[0], CLIENT_MAC, packet(asks, Udp(CPORT, 80, b"ab")))
        learn = Fnat(at.client, CPORT, at.vip, 80, at.rs, 80)
        learn.from_client(first[14:], core.forward(first)[0][14:])
        payload = udp_payload_summing_to_zero(at.lip, at.rs, learn.lport, 80)
        l3 = packet(asks, Udp(CPORT, 80, payload))
        (out,) = core.forward(ip_frame(MAC[0], CLIENT_MAC, l3))
        assert out[14 + n_ip + 6 : 14 + n_ip + 8] == b"\xff\xff"
        assert_emitted([out], L2_TO_SERVER, learn.from_client(l3, out[14:]), b"")


@FAMILIES
@pytest.mark.parametrize("proto", [TCP, UDP])
def test_a_wrong_checksum_stays_wrong(families: str, proto: int) -> None:
    """A damaged packet is the receiver's to drop: it must not be made to look right."""
    at = CORNERS[families]
    with balancer(at, proto) as core:
        segment = Tcp(CPORT, 80, 1, flags=SYN) if proto == TCP else Udp(CPORT, 80, b"data")
        l3 = bytearray(packet(ip_of(at.client, at.vip, proto), segment))
        l3[header_bytes(at.vip) + (16 if proto == TCP else 6)] ^= 0x55
        (out,) = core.forward(ip_frame(MAC[0], CLIENT_MAC, bytes(l3)))
        assert f"wrong checksums ['{'tcp' if proto == TCP else 'udp'}']" in text(out)
