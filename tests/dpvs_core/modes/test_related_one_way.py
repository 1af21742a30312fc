"""ICMP errors where the answers do not pass here: about answers they go to the server as they are
(F-190), about what a tunnel carried the client is told (RFC 2003 4, RFC 2473 8; behaviour 17)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dpvs_core.modes.one_way_scene import MODES, Mode
from tests.dpvs_core.modes.related_scene import ROUTERS, kinds
from tests.oracle.icmp import Error, message, through_tunnel
from tests.oracle.tunnel import tunnelled
from tests.oracle.wire import (
    ACK,
    SYN,
    TCP,
    UDP,
    Tcp,
    Udp,
    bad_checksums,
    ip_frame,
    ip_of,
    packet,
    read_ip,
    text,
)
from tests.steps.core import MAC, StepCore
from tests.steps.scene import CLIENT_MAC, RS_MAC, TO_CLIENTS, TO_SERVERS

TUNNELS = [mode for mode in MODES if mode.fwd == "TUNNEL"]


def first(proto: int, sport: int = 40000, n_payload: int = 0) -> Tcp | Udp:
    payload = bytes(i % 256 for i in range(n_payload))
    if proto == TCP:
        return Tcp(sport, 80, 1000, flags=SYN, payload=payload)
    return Udp(sport, 80, payload)


def arrive(core: StepCore, dev: int, l3: bytes, worker: int = 0) -> list[bytes]:
    """What left on either device, IPv4 and IPv6."""
    core.forward(ip_frame(MAC[dev], CLIENT_MAC, l3), dev, worker)
    return core.sent[0] + core.sent[1]


def router(dev: int, af: int) -> str:
    return ROUTERS[dev][af]


# --- about answers ------------------------------------------------------------------------------


def answer(mode: Mode, proto: int, sport: int = 40000) -> bytes:
    """What the server sent to the client, not through here."""
    segment = Tcp(80, sport, 7, 8, ACK, payload=b"x" * 9) if proto == TCP else Udp(80, sport, b"y")
    return packet(ip_of(mode.vip, mode.client, proto), segment)


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("proto", [TCP, UDP])
@pytest.mark.parametrize("mode", MODES, ids=str)
def test_an_error_about_an_answer_goes_to_the_server_unmodified(
    mode: Mode, proto: int, n_workers: int
) -> None:
    """F-190, F-191."""
    with mode.balancer(n_workers, proto) as core:
        for sport in range(40000, 40004):
            arrive(core, 0, mode.packet(first(proto, sport)))
            for worker in range(n_workers):
                for kind in kinds(mode.client_af)[::9]:
                    error = Error(router(0, mode.client_af), *kind, tos=4)
                    l3 = bytes(error.quoting(answer(mode, proto, sport)))
                    (out,) = arrive(core, TO_CLIENTS, l3, worker)
                    want = l3
                    if mode.fwd == "TUNNEL":
                        want = tunnelled(l3, mode.source, mode.server, out[14:])
                    assert text(out) == text(ip_frame(RS_MAC, MAC[TO_SERVERS], want))
                    assert out[14:] == want
        assert core.verdicts()["icmp-related"] == 4 * n_workers * len(kinds(mode.client_af)[::9])


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_a_damaged_error_about_an_answer_is_dropped(mode: Mode) -> None:
    with mode.balancer() as core:
        arrive(core, 0, mode.packet(first(TCP)))
        kind = (3, 1) if mode.client_af == 4 else (1, 3)
        l3 = bytearray(bytes(Error(router(0, mode.client_af), *kind).quoting(answer(mode, TCP))))
        l3[-1] ^= 1
        assert arrive(core, TO_CLIENTS, bytes(l3)) == []
        assert core.verdicts()["bad-icmp"] == 1


# --- about what a tunnel carried ----------------------------------------------------------------


def wrapped(
    core: StepCore, mode: Mode, proto: int, sport: int = 40000, n_payload: int = 60
) -> bytes:
    arrive(core, 0, mode.packet(first(proto, sport)))
    (out,) = arrive(core, 0, mode.packet(first(proto, sport, n_payload)))
    return out[14:]


def told(out: list[bytes]) -> bytes | None:
    assert len(out) <= 1
    return out[0][14:] if out else None


def ident(l3: bytes | None) -> int:
    return int.from_bytes(l3[4:6], "big") if l3 and l3[0] >> 4 == 4 else 0


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("proto", [TCP, UDP])
@pytest.mark.parametrize("mode", TUNNELS, ids=str)
def test_behaviour_17_every_kind_of_error_about_a_tunnelled_packet(
    mode: Mode, proto: int, n_workers: int
) -> None:
    with mode.balancer(n_workers, proto, settings={"icmp_pps": 1_000_000}) as core:
        n_told = 0
        for n, kind in enumerate(kinds(mode.server_af)):
            whole = wrapped(core, mode, proto, 40000 + n % 5)
            error = Error(router(1, mode.server_af), *kind)
            l3 = bytes(error.quoting(whole))
            got = told(arrive(core, TO_SERVERS, l3, n % n_workers))
            want = through_tunnel(error, whole, len(whole), 64, ident(got))
            assert got == want, (kind, got and read_ip(got), want and read_ip(want))
            if got is None:  # an error of the tunnel's own: Linux's
                assert [frame[14:] for frame in core.to_kernel[1]] == [l3]
                continue
            assert bad_checksums(got) == []
            assert core.sent[1] == []
            n_told += 1
        assert core.verdicts()["icmp-related"] == n_told


@pytest.mark.parametrize("mode", TUNNELS, ids=str)
def test_every_length_of_a_quote(mode: Mode) -> None:
    """Too little of the packet inside names no connection: Linux's."""
    with mode.balancer(proto=UDP, settings={"icmp_pps": 1_000_000}) as core:
        whole = wrapped(core, mode, UDP, n_payload=1380)
        n_needed = len(whole) - len(read_ip(read_ip(whole).payload).payload) + 8
        for n_quoted in (*range(n_needed - 30, n_needed + 30), 520, 1230, len(whole)):
            kind = (3, 4, 1400) if mode.server_af == 4 else (2, 0, 1400)
            error = Error(router(1, mode.server_af), *kind)
            got = told(arrive(core, 1, bytes(error.quoting(whole[:n_quoted]))))
            want = through_tunnel(error, whole, n_quoted, 64, ident(got))
            assert got == (want if n_quoted >= n_needed else None)


@pytest.mark.parametrize("n_sent", [1492, 1493, 1500])
@pytest.mark.parametrize("mode", [mode for mode in TUNNELS if mode.server_af == 4], ids=str)
def test_an_old_router_that_tells_no_mtu(mode: Mode, n_sent: int) -> None:
    """RFC 1191 5: the plateau below what the tunnel's packet was long, less its header."""
    with mode.balancer(proto=UDP) as core:
        n_headers = 20 + (20 if mode.client_af == 4 else 40) + 8
        whole = wrapped(core, mode, UDP, n_payload=n_sent - n_headers)
        assert len(whole) == n_sent
        error = Error(router(1, 4), 3, 4, 0)
        got = told(arrive(core, 1, bytes(error.quoting(whole))))
        assert got
        assert got == through_tunnel(error, whole, len(whole), 64, ident(got))


@pytest.mark.parametrize("mode", TUNNELS, ids=str)
def test_what_another_server_was_sent_is_not_ours(mode: Mode) -> None:
    """Nobody closes or shrinks a connection who does not know where it goes; nor by bad sums."""
    with mode.balancer() as core:
        whole = wrapped(core, mode, TCP)
        ip = read_ip(whole)
        other = "192.168.100.3" if mode.server_af == 4 else "fd00:64::3"
        foreign = bytes(ip_of(ip.src, other, ip.proto, ip.payload))
        kind = (3, 4, 1400) if mode.server_af == 4 else (2, 0, 1400)
        error = Error(router(1, mode.server_af), *kind)
        assert arrive(core, 1, bytes(error.quoting(foreign))) == []
        assert len(core.to_kernel[1]) == 1
        bad = bytearray(bytes(error.quoting(whole)))
        bad[-1] ^= 1
        assert arrive(core, 1, bytes(bad)) == []
        assert core.verdicts()["bad-icmp"] == 1
        assert len(arrive(core, 1, bytes(error.quoting(whole)))) == 1


@pytest.mark.parametrize("mode", TUNNELS, ids=str)
def test_relayed_errors_are_limited(mode: Mode) -> None:
    """RFC 4443 2.4 (f): they are made here."""
    with mode.balancer(settings={"icmp_pps": 30}) as core:
        whole = wrapped(core, mode, TCP)
        kind = (3, 4, 1400) if mode.server_af == 4 else (2, 0, 1400)
        l3 = bytes(Error(router(1, mode.server_af), *kind).quoting(whole))
        n_sent = sum(len(arrive(core, 1, l3)) for _ in range(20))
        assert 1 <= n_sent <= 5
        assert core.verdicts()["icmp-rate-limit"] == 20 - n_sent


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_behaviour_17_too_big_for_the_tunnel_is_told_here(mode: Mode) -> None:
    """Behaviour 17: the MTU less what the mode adds, from the address that was asked."""
    with mode.balancer() as core:
        plen = 32 if mode.server_af == 4 else 128
        core.route(f"{mode.server}/{plen}", TO_SERVERS, mtu=1400)
        arrive(core, 0, mode.packet(first(TCP)))
        ip = {"frag": 0x4000} if mode.client_af == 4 else {}
        (out,) = arrive(core, 0, mode.packet(first(TCP, n_payload=1400), **ip))
        error = read_ip(out[14:])
        assert (error.src, error.dst) == (mode.vip, mode.client)
        kind = (3, 4) if mode.client_af == 4 else (2, 0)
        assert (error.payload[0], error.payload[1]) == kind
        assert int.from_bytes(error.payload[4:8], "big") == 1400 - mode.growth


@given(
    mode=st.sampled_from(TUNNELS), cut=st.integers(0, 200), kind=st.sampled_from([1, 2, 3, 11]),
    bends=st.lists(st.tuples(st.integers(0, 130), st.integers(0, 255)), max_size=4),
)  # fmt: skip
@settings(max_examples=100, deadline=None, database=None)
def test_bent_quotes(mode: Mode, cut: int, kind: int, bends: list[tuple[int, int]]) -> None:
    with mode.balancer() as core:
        whole = wrapped(core, mode, TCP)
        quote = bytearray(whole[:cut])
        for at, value in bends:
            if at < len(quote):
                quote[at] = value
        src, dst = router(1, mode.server_af), read_ip(whole).src
        for out in arrive(core, 1, bytes(message(src, dst, kind, 0, 1400, bytes(quote), 9, 0, 1))):
            assert bad_checksums(out[14:]) == []
