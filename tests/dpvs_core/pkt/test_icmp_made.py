"""ICMP that the core makes itself: echo replies, too big, time exceeded; read back by scapy."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether

from tests.oracle.wire import DF, MF, SYN, UDP, Ip4, Tcp, Udp, frame, icmp, packet, read_ip4
from tests.steps.core import MAC, StepCore
from tests.steps.scene import (
    CLIENT,
    CLIENT_MAC,
    LIP,
    RS,
    VIP,
    Flow,
    balancer,
    director,
    from_client,
)

UNREACHABLE, TIME_EXCEEDED = 3, 11


def fields(sent: bytes) -> str:
    """All fields with checksums as they should be."""
    seen = Ether(sent)
    for layer in (IP, ICMP):
        if layer in seen:
            del seen[layer].chksum
    return str(Ether(bytes(seen)).show2(dump=True))


def assert_checksums(sent: bytes) -> None:
    assert Ether(sent).show2(dump=True) == fields(sent)


def to_core(ip: Ip4, dev: int = 0) -> bytes:
    return frame(MAC[dev], CLIENT_MAC, bytes(ip))


# --- echo ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_bytes", [0, 1, 56, 1400])
@pytest.mark.parametrize("options", [b"", b"\x01\x01\x01\x00"])
def test_echo_to_our_addresses(n_bytes: int, options: bytes) -> None:
    payload = bytes(i % 256 for i in range(n_bytes))
    with balancer() as core:
        for dst in (VIP, LIP):
            message = icmp(8, 0, 0x12340007, payload)
            (out,) = core.forward(to_core(Ip4(CLIENT, dst, 1, message, 3, options=options)))
            assert_checksums(out)
            ip = read_ip4(out[14:])
            assert (ip.src, ip.dst, ip.ttl) == (dst, CLIENT, 64)
            assert ip.payload == icmp(0, 0, 0x12340007, payload)


def test_echo_to_others_is_not_answered() -> None:
    """An address of Linux is Linux's, a foreign one is transit; replies are nobody's business."""
    with director() as core:
        core.addr("10.0.0.9", 0, kind=1)
        message = icmp(8, 0, 1, b"ping")
        for dst in ("10.0.0.9", "10.0.0.10", "224.0.0.1"):
            assert core.forward(to_core(Ip4(CLIENT, dst, 1, message))) == []
        assert core.forward(to_core(Ip4(CLIENT, VIP, 1, message, frag=MF))) == []
        assert core.forward(to_core(Ip4(CLIENT, VIP, 1, icmp(0, 0, 1)))) == []


# --- errors --------------------------------------------------------------------------------------


def error_about(core: StepCore, sent: bytes, dev: int = 0) -> tuple[IP, ICMP, bytes]:
    """The one error that is sent back: its IP and ICMP headers and what it quotes."""
    (out,) = core.forward(sent, dev)
    assert_checksums(out)
    ip = read_ip4(out[14:])
    assert ip.proto == 1
    assert len(out) <= 14 + 576
    quote = ip.payload[8:]
    assert quote == sent[14:][: len(quote)]
    assert len(quote) >= min(len(sent) - 14, 28)
    return Ether(out)[IP], Ether(out)[ICMP], quote


def test_too_big_tells_the_mtu_to_the_client() -> None:
    """Less the room for its address, which is added here (behaviour 17)."""
    with balancer() as core:
        core.route(f"{RS}/32", 1, mtu=1000)
        sent = from_client(Tcp(40000, 80, 7, flags=SYN, payload=bytes(1200)), frag=DF)
        ip, error, _ = error_about(core, sent)
        assert (ip.src, ip.dst) == (VIP, CLIENT)
        assert (error.type, error.code, error.nexthopmtu) == (UNREACHABLE, 4, 1000 - 8)
        assert core.verdicts()["too-big"] == 1


def test_too_big_tells_the_mtu_to_the_server() -> None:
    with balancer() as core:
        flow = Flow(core).establish()
        core.route(f"{CLIENT}/32", 0, mtu=1000)
        l3 = packet(Ip4(RS, LIP, 6, frag=DF), Tcp(80, flow.lport, 1, 1, payload=bytes(1200)))
        ip, error, _ = error_about(core, frame(MAC[1], CLIENT_MAC, l3), dev=1)
        assert (ip.src, ip.dst) == (LIP, RS)
        assert (error.type, error.code, error.nexthopmtu) == (UNREACHABLE, 4, 1000)


def test_too_big_without_df_is_fragmented_and_nobody_told() -> None:
    with balancer() as core:
        core.route(f"{RS}/32", 1, mtu=1000)
        out = core.forward(from_client(Tcp(1, 80, 7, flags=SYN, payload=bytes(1200))))
        assert [read_ip4(frame[14:]).dst for frame in out] == [RS, RS]
        assert "too-big" not in core.verdicts()


def test_exactly_the_mtu_fits() -> None:
    with balancer() as core:
        core.route(f"{RS}/32", 1, mtu=1000)
        for n_bytes, fits in ((960, True), (961, False)):
            syn = Tcp(1, 80, 7, flags=SYN, payload=bytes(n_bytes))
            out = core.forward(from_client(syn, frag=DF))
            assert (read_ip4(out[0][14:]).proto == 6) == fits


@pytest.mark.parametrize("ttl", [0, 1, 2])
def test_ttl_of_connections_is_counted_when_told_to(ttl: int) -> None:
    with balancer(settings={"xmit_ttl": 1}) as core:
        sent = from_client(Tcp(40000, 80, 7, flags=SYN), ttl=ttl)
        if ttl == 2:
            (out,) = core.forward(sent)
            assert read_ip4(out[14:]).ttl == 1
            assert_checksums(out)
        else:
            ip, error, _ = error_about(core, sent)
            assert (ip.src, error.type, error.code) == (VIP, TIME_EXCEEDED, 0)


@pytest.mark.parametrize("n_bytes", [8, 100, 1200])
def test_transit_with_ttl_1(n_bytes: int) -> None:
    with director(settings={"ip4_forwarding": 1}) as core:
        l3 = packet(Ip4(CLIENT, RS, UDP, ttl=1), Udp(1, 2, bytes(n_bytes)))
        ip, error, quote = error_about(core, frame(MAC[0], CLIENT_MAC, l3))
        assert (ip.src, ip.dst, error.type) == (VIP, CLIENT, TIME_EXCEEDED)
        assert len(quote) == min(28 + n_bytes, 548)


NEVER = {
    "an ICMP error": Ip4(CLIENT, RS, 1, icmp(3, 1, 0, bytes(28)), ttl=1),
    "a later fragment": Ip4(CLIENT, RS, UDP, bytes(16), ttl=1, frag=1),
    "a multicast source": Ip4("224.0.0.9", RS, UDP, bytes(16), ttl=1),
    "a class E source": Ip4("240.0.0.1", RS, UDP, bytes(16), ttl=1),
    "broadcast": Ip4("255.255.255.255", RS, UDP, bytes(16), ttl=1),
    "no source": Ip4("0.0.0.0", RS, UDP, bytes(16), ttl=1),
    "the loopback": Ip4("127.0.0.1", RS, UDP, bytes(16), ttl=1),
}


@pytest.mark.parametrize("name", NEVER)
def test_no_error_about(name: str) -> None:
    """RFC 1122 3.2.2, RFC 1812 4.3.2.7."""
    with director(settings={"ip4_forwarding": 1}) as core:
        core.route("0.0.0.0/0", 0, CLIENT)
        assert core.forward(to_core(NEVER[name])) == []
        assert core.verdicts()["ttl-expired"] == 1


def test_an_echo_that_cannot_go_on_is_told() -> None:
    with director(settings={"ip4_forwarding": 1}) as core:
        ping = Ip4(CLIENT, RS, 1, icmp(8, 0, 1, b"x"), ttl=1)
        _, error, _ = error_about(core, to_core(ping))
        assert error.type == TIME_EXCEEDED


def test_answers_are_limited() -> None:
    """icmp_pps: a tenth of it at once, and no more than it in a second, echo and errors alike."""
    with director(settings={"ip4_forwarding": 1, "icmp_pps": 100}) as core:
        ping = to_core(Ip4(CLIENT, VIP, 1, icmp(8, 0, 1)))
        dying = to_core(Ip4(CLIENT, RS, UDP, bytes(16), ttl=1))
        made = 0
        for i in range(1000):
            core.now_us += 1000
            made += len(core.forward(ping if i % 2 else dying))
        assert 90 <= made <= 112
        assert core.verdicts()["icmp-rate-limit"] > 400


# --- resets ---------------------------------------------------------------------------------------

RESETS = {
    "ack": (Tcp(1, 80, 100, 555, 16), (555, 0, 4)),
    "data": (Tcp(1, 80, 100, 555, 24, payload=b"abc"), (555, 0, 4)),
    "syn ack": (Tcp(1, 80, 100, 555, 18), (555, 0, 4)),
    "fin": (Tcp(1, 80, 100, 0, 1, payload=b"abc"), (0, 104, 20)),
    "syn fin": (Tcp(1, 80, 0xFFFFFFFF, 0, 3), (0, 1, 20)),
    "nothing": (Tcp(1, 80, 100, 0, 0), (0, 100, 20)),
    "options": (Tcp(1, 80, 100, 555, 16, options=b"\x01" * 40), (555, 0, 4)),
}


@pytest.mark.parametrize("name", RESETS)
def test_reset_to_what_has_no_connection(name: str) -> None:
    """RFC 9293 3.10.7.1: numbers that the sender accepts."""
    segment, (seq, ack, flags) = RESETS[name]
    with balancer() as core:
        (out,) = core.forward(from_client(segment))
        l3 = packet(
            Ip4(VIP, CLIENT, 6, ident=int.from_bytes(out[18:20], "big")),
            Tcp(80, 1, seq, ack, flags, window=0),
        )
        assert out[14:] == l3
