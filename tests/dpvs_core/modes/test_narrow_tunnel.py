"""Tunnels over links and ways too narrow for what every IPv6 link takes (1280 bytes and a header):
the outer packet is cut, its source is here (RFC 2473 7.1, RFC 4213 3.2.1)."""

import pytest

from tests.dpvs_core.modes.one_way_scene import TUNNELS, Mode, arrive, first_of
from tests.oracle.fragments import cut, piece_of, together
from tests.oracle.wire import (
    ACK,
    ICMP6,
    SYN,
    TCP,
    UDP,
    Tcp,
    Udp,
    bad_checksums,
    icmp6,
    ip_frame,
    ip_of,
    read_ip,
)
from tests.steps.core import MAC, StepCore
from tests.steps.scene import RS_MAC, TO_CLIENTS, TO_SERVERS

ROUTER6 = "2001:db8:fe::1"
LEAST = 1280
of_ipv6 = pytest.mark.parametrize("mode", [m for m in TUNNELS if m.client_af == 6], ids=str)


def narrow(core: StepCore, mode: Mode, mtu: int) -> None:
    core.route(f"{mode.server}/{32 if mode.server_af == 4 else 128}", TO_SERVERS, mtu=mtu)


def sized(mode: Mode, n_bytes: int, flags: int = ACK) -> bytes:
    """A client's IPv6 packet of n_bytes."""
    return mode.packet(Tcp(40000, 80, 1, flags=flags, payload=bytes(n_bytes - 40 - 20)))


def left(core: StepCore, l3: bytes) -> list[bytes]:
    """The outer packets, each with the right header checksum."""
    outers = [frame[14:] for frame in arrive(core, l3)]
    assert all("ip" not in bad_checksums(outer) for outer in outers)
    return outers


def number_of(outer: bytes) -> int:
    piece = piece_of(outer)
    assert piece
    return piece.ident


@of_ipv6
@pytest.mark.parametrize("known", [False, True], ids=["first", "known"])
@pytest.mark.parametrize("mtu", [1280, 1290, 1299])
def test_what_every_link_takes_goes_through(mode: Mode, known: bool, mtu: int) -> None:
    """Each outer packet has a number of its own; one byte more is told 1280."""
    with mode.balancer() as core:
        narrow(core, mode, mtu)
        if known:
            arrive(core, mode.packet(first_of(TCP)))
        l3 = sized(mode, LEAST, ACK if known else SYN)
        numbers = set()
        for _ in range(2):
            outers = left(core, l3)
            assert len(outers) == 2 and max(map(len, outers)) <= mtu
            whole = together(outers)
            assert (whole.src, whole.dst, whole.payload) == (mode.source, mode.server, l3)
            numbers.add(*{number_of(outer) for outer in outers})
        assert len(numbers) == 2
        l3 = sized(mode, LEAST + 1)
        (error,) = arrive(core, l3)
        assert core.sent[TO_CLIENTS] == [error]
        told = icmp6(mode.vip, mode.client, 2, 0, LEAST, l3[:1232])
        assert read_ip(error[14:]).payload == told


@of_ipv6
def test_fragments_inside_are_no_fragments_outside(mode: Mode) -> None:
    """Two of one datagram are cut again: under two numbers, so that they are put together right."""
    with mode.balancer(proto=UDP) as core:
        narrow(core, mode, LEAST)
        udp = Udp(40000, 80, bytes(range(240)) * 14)
        datagram = ip_of(mode.client, mode.vip, UDP, udp.pack(mode.client, mode.vip))
        sent = [outer for l3 in cut(datagram, 7, 1232) for outer in left(core, l3)]
        inner = [read_ip(outer).payload for outer in sent if not piece_of(outer)]
        pieces = [outer for outer in sent if piece_of(outer)]
        assert (len(pieces), len({number_of(outer) for outer in pieces})) == (4, 2)
        for number in {number_of(outer) for outer in pieces}:
            inner.append(together(o for o in pieces if number_of(o) == number).payload)
        assert together(inner).payload == datagram.payload


@pytest.mark.parametrize(("told", "n_outers"), [(1300, 2), (600, 2), (9000, 1), (1320, 1)])
def test_what_the_way_takes_is_learnt_from_its_routers(told: int, n_outers: int) -> None:
    """The client, told 1280, sends no less: from then on its packets are cut, until routes change;
    never to less than 1280."""
    mode = Mode("TUNNEL", 6, 6)
    with mode.balancer() as core:
        arrive(core, mode.packet(first_of(TCP)))
        l3 = sized(mode, LEAST)
        (outer,) = left(core, l3)
        about = icmp6(ROUTER6, mode.source, 2, 0, told, outer[:1232])
        error = bytes(ip_of(ROUTER6, mode.source, ICMP6, about))
        (passed_on,) = core.forward(ip_frame(MAC[TO_SERVERS], RS_MAC, error), TO_SERVERS)
        assert read_ip(passed_on[14:]).payload[4:8] == max(LEAST, told - 40).to_bytes(4, "big")
        outers = left(core, l3)
        assert len(outers) == n_outers
        assert max(map(len, outers)) <= max(LEAST, told)
        core.route("2001:db8:77::/48", TO_SERVERS)
        assert len(left(core, l3)) == 1
