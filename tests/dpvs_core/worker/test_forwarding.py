"""Packets in transit: ipv4_defs and ipv6_defs forwarding, ipv6_defs disable (C-080, C-090, C-091;
F-201, F-224)."""

import pytest

pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")

from tests.oracle.wire import (
    ICMP,
    ICMP6,
    SYN,
    UDP,
    Tcp,
    Udp,
    frame,
    ip_frame,
    ip_of,
    packet,
    read_ip,
)
from tests.steps.core import MAC, StepCore, family
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    CLIENT_MAC,
    RS,
    RS6,
    RS_MAC,
    TO_CLIENTS,
    TO_SERVERS,
    VIP6,
    Flow,
    balancer6,
    director6,
    from_client,
)

ENDS = {4: (CLIENT, RS), 6: (CLIENT6, RS6)}
DF = 0x4000
TIME_EXCEEDED = {4: (11, 0), 6: (3, 0)}
TOO_BIG = {4: (3, 4), 6: (2, 0)}


def passing(af: int, ttl: int = 64, n_bytes: int = 20, src: str = "", **rest: int) -> bytes:
    """The IP packet of a host beside us for a host behind us."""
    client, server = ENDS[af]
    if af == 4:
        rest.setdefault("frag", DF)
    return packet(
        ip_of(src or client, server, UDP, b"", ttl=ttl, **rest), Udp(9, 7, bytes(n_bytes))
    )


def forward(core: StepCore, l3: bytes) -> list[bytes]:
    return core.forward(ip_frame(MAC[TO_CLIENTS], CLIENT_MAC, l3), worker=core.n_workers - 1)


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("af", [4, 6])
def test_a_packet_is_routed_on_with_one_hop_less(af: int, n_workers: int) -> None:
    with director6(n_workers, settings={f"ip{af}_forwarding": 1}) as core:
        [out] = forward(core, passing(af))
        assert out == ip_frame(RS_MAC, MAC[TO_SERVERS], passing(af, ttl=63))
        assert core.verdicts()["transit"] == 1


@pytest.mark.parametrize("af", [4, 6])
def test_each_family_has_its_own_switch_off_at_first(af: int) -> None:
    """NEGATIVE: the default, and where only the other family's is on."""
    for settings in ({}, {f"ip{10 - af}_forwarding": 1}):
        with director6(settings=settings) as core:
            assert forward(core, passing(af)) == []
            assert not any(core.to_kernel.values())
            assert core.verdicts() == {"not-forwarding": 1}


@pytest.mark.parametrize("forwards", [0, 1])
@pytest.mark.parametrize("af", [4, 6])
def test_what_has_no_route_is_linuxs(af: int, forwards: int) -> None:
    """F-200."""
    with director6(settings={f"ip{af}_forwarding": forwards}) as core:
        far = {4: "203.0.113.9", 6: "2001:db8:9::9"}[af]
        l3 = packet(ip_of(ENDS[af][0], far, UDP), Udp(9, 7))
        assert forward(core, l3) == []
        assert [data[14:] for data in core.to_kernel[0]] == [l3]


@pytest.mark.parametrize("af", [4, 6])
def test_the_last_hop_is_told(af: int) -> None:
    """traceroute: from our own address, about the packet as it came."""
    with director6(settings={f"ip{af}_forwarding": 1}) as core:
        [out] = forward(core, passing(af, ttl=1))
        ip = read_ip(out[14:])
        assert (ip.dst, ip.proto) == (ENDS[af][0], ICMP if af == 4 else ICMP6)
        assert (ip.payload[0], ip.payload[1]) == TIME_EXCEEDED[af]
        assert ip.payload[8:] == passing(af, ttl=1)[: len(ip.payload) - 8]
        assert core.verdicts()["ttl-expired"] == 1


@pytest.mark.parametrize("af", [4, 6])
def test_too_big_is_told_with_the_mtu(af: int) -> None:
    with director6(settings={f"ip{af}_forwarding": 1}) as core:
        core.routes = [(*row[:4], 1400 if row[2] == TO_SERVERS else row[4]) for row in core.routes]
        core._publish()
        [out] = forward(core, passing(af, n_bytes=1400))
        payload = read_ip(out[14:]).payload
        assert (payload[0], payload[1]) == TOO_BIG[af]
        assert int.from_bytes(payload[4:8], "big") & 0xFFFF == 1400
        assert core.verdicts()["too-big"] == 1


def test_link_local_packets_stay_on_their_link() -> None:
    """NEGATIVE: RFC 4291 2.5.6: a router must not forward what comes from fe80::/10."""
    with director6(settings={"ip6_forwarding": 1}) as core:
        assert forward(core, passing(6, src="fe80::48")) == []
        assert core.verdicts() == {"not-forwarding": 1}


def test_disabled_ipv6_is_dropped_and_ipv4_is_not() -> None:
    """C-090: every received IPv6 packet, services and neighbour discovery too."""
    with balancer6(settings={"ip6_disable": 1, "ip6_forwarding": 1}) as core:
        echo = packet(ip_of(CLIENT6, VIP6, UDP), Udp(9, 7))
        syn = from_client(Tcp(40000, 80, 1, flags=SYN), CLIENT6, VIP6)
        group = frame("33:33:00:00:00:01", CLIENT_MAC, passing(6), 0x86DD)
        assert core.forward(syn) == core.forward(group) == []
        assert forward(core, echo) == forward(core, passing(6)) == []
        assert not any(core.to_kernel.values())
        assert core.verdicts() == {"ipv6-disabled": 4}
        Flow(core).establish()


def test_a_balanced_packet_needs_no_forwarding() -> None:
    """Services, and with them SNAT, are not transit: they work whatever the switches say."""
    with balancer6() as core:
        Flow(core, caddr=CLIENT6, vaddr=VIP6).establish()
        assert family(CLIENT6) == 6 and "not-forwarding" not in core.verdicts()
        assert TO_CLIENTS == 0
