"""Where DR and tunnelled packets go: next hops, MTU with the outer header, the outer source."""

import pytest

from tests.dpvs_core.modes.one_way_scene import (
    MODES,
    OWN,
    OWN6,
    TUNNELS,
    Mode,
    arrive,
    first_of,
)
from tests.oracle.fragments import together
from tests.oracle.tunnel import tunnelled
from tests.oracle.wire import (
    ACK,
    DF,
    SYN,
    TCP,
    UDP,
    Tcp,
    Udp,
    icmp,
    icmp6,
    ip_frame,
    read_ip,
    text,
)
from tests.steps.core import MAC, Dest, StepCore, raw_mac
from tests.steps.scene import (
    CLIENT_MAC,
    LIP,
    LIP6,
    TO_CLIENTS,
    TO_SERVERS,
    director6,
)

modes = pytest.mark.parametrize("mode", MODES, ids=str)
tunnels = pytest.mark.parametrize("mode", TUNNELS, ids=str)
OTHER_MAC = "02:bb:00:00:00:77"


def host_prefix(mode: Mode) -> str:
    """The real server alone."""
    return f"{mode.server}/{32 if mode.server_af == 4 else 128}"


def source_of(sent: bytes) -> str:
    return read_ip(sent[14:]).src


# --- next hops ---------------------------------------------------------------------------------


@modes
def test_through_a_gateway(mode: Mode) -> None:
    """F-084: a gateway before the server is allowed."""
    gateway = "192.168.100.9" if mode.server_af == 4 else "fd00:64::9"
    with mode.balancer() as core:
        core.route(host_prefix(mode), TO_SERVERS, via=gateway)
        core.neigh(gateway, TO_SERVERS, OTHER_MAC)
        for _ in range(2):
            l3 = mode.packet(first_of(TCP))
            (sent,) = arrive(core, l3)
            assert sent[:6] == raw_mac(OTHER_MAC)
            assert sent[14:] == mode.expected(l3, sent)[14:]


@pytest.mark.parametrize("mode", [m for m in MODES if m.server_af == 4], ids=str)
def test_a_server_that_is_not_known_yet(mode: Mode) -> None:
    """The first packets wait for its MAC, and then leave as they should, in order."""
    with mode.balancer(proto=UDP) as core:
        server = "192.168.100.77" if mode.server_af == 4 else "fd00:64::77"
        core.service(mode.vip, 80, [Dest(server, id=3, fwd=mode.fwd)], proto=UDP, laddrs=[])
        packets = [mode.packet(Udp(40000, 80, bytes([n]))) for n in range(3)]
        for l3 in packets:
            assert not [f for f in arrive(core, l3) if f[:6] == raw_mac(OTHER_MAC)]
        assert core.verdicts()["resolving"] == 3
        core.sent.clear()
        core.neigh(server, TO_SERVERS, OTHER_MAC)
        core.step()
        got = core.sent[TO_SERVERS]
        assert [text(f) for f in got] == [
            text(moved(mode, server, l3, f)) for l3, f in zip(packets, got, strict=True)
        ]


def moved(mode: Mode, server: str, l3: bytes, sent: bytes) -> bytes:
    """What that server behind OTHER_MAC must get."""
    if mode.fwd == "TUNNEL":
        l3 = tunnelled(l3, mode.source, server, sent[14:])
    return ip_frame(OTHER_MAC, MAC[TO_SERVERS], l3)


@modes
def test_hops_are_counted_where_the_setting_says_so(mode: Mode) -> None:
    """C-115: TTL and hop limit are left alone, or counted down, inside and so outside too."""
    with mode.balancer(settings={"xmit_ttl": 1}) as core:
        for ttl in (9, 2, 64):
            l3 = mode.packet(first_of(TCP), ttl=ttl)
            (sent,) = arrive(core, l3)
            assert text(sent) == text(mode.expected(l3, sent, counts_hops=True))
        (error,) = arrive(core, mode.packet(first_of(TCP), ttl=1))
        assert core.sent[TO_CLIENTS] == [error]
        kind = error[14 + (20 if mode.client_af == 4 else 40)]
        assert kind == (11 if mode.client_af == 4 else 3)


# --- the MTU -----------------------------------------------------------------------------------


def padded(mode: Mode, n_bytes: int, first: bool, **ip: int) -> bytes:
    """A client's packet of n_bytes."""
    n_header = 20 if mode.client_af == 4 else 40
    free = n_bytes - n_header - 20
    return mode.packet(Tcp(40000, 80, 2, 0 if first else 9, SYN if first else ACK,
                           payload=bytes(free)), **ip)  # fmt: skip


def too_big(mode: Mode, l3: bytes, mtu: int) -> str:
    """The error the client gets: from the address it asked, quoting what it sent."""
    if mode.client_af == 4:
        return icmp(3, 4, mtu, l3[:548]).hex()
    return icmp6(mode.vip, mode.client, 2, 0, mtu, l3[:1232]).hex()


@modes
@pytest.mark.parametrize("known", [False, True], ids=["first", "known"])
@pytest.mark.parametrize("mtu", [1500, 1420])
def test_behaviour_17_the_largest_packet(mode: Mode, known: bool, mtu: int) -> None:
    """Behaviour 17: what fits with its outer header goes; one byte more is told, less overhead."""
    with mode.balancer() as core:
        if mtu != 1500:
            core.route(host_prefix(mode), TO_SERVERS, mtu=mtu)
        ip = {"frag": DF} if mode.client_af == 4 else {}
        if known:
            arrive(core, mode.packet(first_of(TCP)))
        l3 = padded(mode, mtu - mode.growth + 1, first=not known, **ip)
        (error,) = arrive(core, l3)
        assert core.sent[TO_CLIENTS] == [error]
        assert error[:6] == raw_mac(CLIENT_MAC)
        ip_sent = read_ip(error[14:])
        assert (ip_sent.src, ip_sent.dst) == (mode.vip, mode.client)
        assert ip_sent.payload.hex() == too_big(mode, l3, mtu - mode.growth)
        l3 = padded(mode, mtu - mode.growth, first=not known, **ip)
        (sent,) = arrive(core, l3)
        assert len(sent) == 14 + mtu
        assert sent == mode.expected(l3, sent)
        assert core.verdicts()["too-big"] == 1


@pytest.mark.parametrize("mode", [m for m in MODES if m.client_af == 4], ids=str)
def test_larger_without_df_leaves_in_fragments(mode: Mode) -> None:
    """F-005: DR those of the packet itself; a tunnel those of the outer one, whose source it is."""
    with mode.balancer() as core:
        l3 = padded(mode, 1500 - mode.growth + 1, first=True)
        frames = arrive(core, l3)
        assert len(frames) == core.verdicts()["fragmented"] == 2
        assert all(len(frame) <= 14 + 1500 for frame in frames)
        whole = together(frame[14:] for frame in frames)
        assert whole.payload == (l3 if mode.growth else read_ip(l3).payload)


@modes
def test_a_smaller_mtu_is_seen_by_the_next_packet(mode: Mode) -> None:
    with mode.balancer() as core:
        ip = {"frag": DF} if mode.client_af == 4 else {}
        arrive(core, mode.packet(first_of(TCP)))
        l3 = padded(mode, 1440, first=False, **ip)
        assert core.sent[TO_SERVERS] and len(arrive(core, l3)[0]) == 14 + 1440 + mode.growth
        core.route(host_prefix(mode), TO_SERVERS, mtu=1400)
        (error,) = arrive(core, l3)
        assert read_ip(error[14:]).payload.hex() == too_big(mode, l3, 1400 - mode.growth)


# --- the outer source --------------------------------------------------------------------------


@tunnels
def test_the_routes_source_is_preferred(mode: Mode) -> None:
    """F-085; and another one is used from the next packet on."""
    with mode.balancer() as core:
        l3 = mode.packet(first_of(TCP))
        assert source_of(arrive(core, l3)[0]) == mode.source
        for last in (50, 51):
            src = f"192.168.100.{last}" if mode.server_af == 4 else f"fd00:64::{last}"
            core.routes = [row for row in core.routes if row[1] not in (32, 128)]
            core.route(host_prefix(mode), TO_SERVERS, src=src)
            for _ in range(2):
                (sent,) = arrive(core, l3)
                assert text(sent) == text(mode.expected(l3, sent, source=src))


def bare(mode: Mode, *addrs: str) -> StepCore:
    """The director with these addresses towards the servers, in that order, and no others."""
    core = director6()
    for own in (LIP, LIP6):
        core.remove_addr(own)
    for own in addrs:
        core.addr(own, TO_SERVERS, laddr_id=core.laddrs.get(own, 0xFFFFFFFF))
    mode.serve(core)
    return core


VIP_INSIDE, VIP6_INSIDE = "192.168.100.100", "fd00:64::100"


@tunnels
def test_neither_a_vip_nor_a_local_address_if_there_is_another(mode: Mode) -> None:
    """The server has the VIP itself: it would take the packet for a forged one."""
    vip, lip, own, link = (
        (VIP_INSIDE, LIP, OWN, LIP) if mode.server_af == 4 else (VIP6_INSIDE, LIP6, OWN6, "fe80::1")
    )
    for addrs, want in [
        ((vip, lip, link, own), own),
        ((lip, own, vip), own),
        ((own, vip, lip), own),
        ((vip, lip), vip),
        ((lip,), lip),
    ]:
        with bare(mode, *addrs) as core:
            core.service(vip, 443, [Dest(mode.server, 443, id=9, fwd="TUNNEL")], laddrs=[])
            (sent,) = arrive(core, mode.packet(first_of(TCP)))
            assert source_of(sent) == want, addrs


@tunnels
def test_without_a_source_it_is_dropped_and_counted(mode: Mode) -> None:
    with bare(mode) as core:
        l3 = mode.packet(first_of(TCP))
        assert arrive(core, l3) == arrive(core, l3) == []
        assert core.verdicts()["no-source-address"] == 2
        core.addr(mode.source, TO_SERVERS)
        (sent,) = arrive(core, l3)
        assert sent == mode.expected(l3, sent)


@modes
def test_no_route_and_a_route_again(mode: Mode) -> None:
    with mode.balancer() as core:
        l3 = mode.packet(first_of(TCP))
        arrive(core, l3)
        routes, core.routes = core.routes, []
        core.route("10.0.0.0/16", TO_CLIENTS)
        assert arrive(core, l3) == []
        assert core.verdicts()["no-route"] == 1
        core.routes = routes
        core.route("203.0.113.0/24", TO_CLIENTS)
        (sent,) = arrive(core, l3)
        assert sent == mode.expected(l3, sent)
