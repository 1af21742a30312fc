"""Every verdict of a worker is reached by a packet, one scenario each; none is left out unseen."""

from collections.abc import Callable
from pathlib import Path
from socket import AF_INET6, inet_pton

import pytest

from tests.oracle import wire
from tests.oracle.mld import Query
from tests.oracle.sctp import SCTP, Chunk, Sctp
from tests.oracle.wire import (
    ACK,
    DF,
    ICMP,
    ICMP6,
    MF,
    RST,
    SYN,
    UDP,
    Ip4,
    Ip6,
    Tcp,
    Udp,
    frame,
    icmp,
    icmp6,
    packet,
)
from tests.steps.core import MAC, Dest, StepCore, ffi, lib
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    CLIENT_MAC,
    LIP,
    LIP6,
    RS,
    RS6,
    VIP,
    VIP6,
    Flow,
    balancer,
    balancer6,
    become_standby,
    client_udp,
    director,
    director6,
    from_client,
    from_server,
)

SCENES: dict[str, Callable[[], StepCore]] = {}
IN_HOST = {
    "from-host", "arp-handled", "arp-conflict", "bad-arp", "nd-handled", "nd-conflict",
    "kernel-delivered", "unresolved", "unresolved-full", "mld-full", "mld-handled",
}  # fmt: skip
"""Verdicts that need the host thread at work: their scenes are in tests/dpvs_core/host."""
OUT_OF_REACH = {
    "continue": "the stages' own word, never counted",
}


def scene(verdict: str) -> Callable[[Callable[[], StepCore]], Callable[[], StepCore]]:
    def add(run: Callable[[], StepCore]) -> Callable[[], StepCore]:
        assert verdict not in SCENES
        SCENES[verdict] = run
        return run

    return add


def ip_frame(l3: bytes, mac: str = MAC[0]) -> bytes:
    return frame(mac, CLIENT_MAC, l3)


def syn_frame(cport: int = 40000, **ip: int) -> bytes:
    return from_client(Tcp(cport, 80, 1, flags=SYN), **ip)


def after(core: StepCore, *frames: bytes, dev: int = 0) -> StepCore:
    for sent in frames:
        core.forward(sent, dev)
    return core


def echo(dst: str = VIP, src: str = CLIENT, code: int = 0) -> bytes:
    return ip_frame(bytes(Ip4(src, dst, 1, icmp(8, code, 0x10001, b"ping"))))


# --- known connections -------------------------------------------------------------------------


@scene("scheduled")
@scene("forward-in")
def first_packet() -> StepCore:
    return after(balancer(), syn_frame())


@scene("forward-out")
def answered() -> StepCore:
    return Flow(balancer()).establish().core


@scene("toa-no-room")
def header_full_of_timestamps() -> StepCore:
    flow = Flow(balancer())
    flow.syn()
    flow.server(SYN | ACK, seq=0)
    flow.client(ACK, options=b"\x08\x0a12345678" * 4)
    return flow.core


@scene("icmp-related")
def icmp_about_a_connection() -> StepCore:
    core = balancer()
    out = core.forward(syn_frame())[0]
    error = icmp(3, 1, 0, out[14 : 14 + 28])
    return after(core, ip_frame(bytes(Ip4(RS, LIP, 1, error)), MAC[1]), dev=1)


@scene("expiry-reset")
def idle_connection() -> StepCore:
    flow = Flow(balancer()).establish()
    flow.core.pass_time(95)
    return flow.core


@scene("quiesced")
def quiesced() -> StepCore:
    flow = Flow(balancer()).establish()
    flow.core.service(VIP, 80, [Dest(RS, 80, weight=0, id=1)], flags=lib.CORE_SVC_EXPIRE_QUIESCENT)
    flow.client()
    return flow.core


@scene("nat-clash")
def two_services_one_server() -> StepCore:
    core = director()
    for port in (80, 81):
        core.service(VIP, port, [Dest(RS, 80, id=port, fwd="NAT")])
    second = from_client(Tcp(40000, 81, 1, flags=SYN))
    return after(core, syn_frame(), second)


@scene("not-translatable")
def source_route_towards_ipv6() -> StepCore:
    core = director6()
    core.service(VIP, 80, [Dest(RS6, 80, id=1)], laddrs=[LIP6])
    ip = Ip4(CLIENT, VIP, 6, options=b"\x83\x07\x04\1\2\3\4\0")
    return after(core, ip_frame(packet(ip, Tcp(40000, 80, 1, flags=SYN))))


# --- packets answered here -----------------------------------------------------------------------


@scene("echo-replied")
def echo_to_vip() -> StepCore:
    return after(balancer(), echo())


@scene("reset-sent")
def ack_without_connection() -> StepCore:
    return after(balancer(), from_client(Tcp(40000, 80, 1, 2, ACK)))


@scene("reset-rate-limit")
def flood_without_connection() -> StepCore:
    return after(
        balancer(settings={"reset_pps": 10}), *[from_client(Tcp(40000, 80, 1, 2, ACK))] * 5
    )


@scene("icmp-error-sent")
@scene("too-big")
def too_big_for_the_route() -> StepCore:
    core = balancer()
    core.route("192.168.100.0/25", 1, mtu=576)
    return after(core, from_client(Tcp(40000, 80, flags=SYN, payload=bytes(800)), frag=DF))


@scene("no-source-address")
def tunnel_from_a_device_without_addresses() -> StepCore:
    core = StepCore()
    core.addr(VIP, 0)
    core.route("192.168.100.0/24", 1)
    core.service(VIP, 80, [Dest(RS, fwd="TUNNEL")])
    return after(core, syn_frame())


@scene("ttl-expired")
def ttl() -> StepCore:
    return after(balancer(settings={"xmit_ttl": 1}), syn_frame(ttl=1))


@scene("icmp-rate-limit")
def echo_flood() -> StepCore:
    return after(balancer(settings={"icmp_pps": 10}), *[echo()] * 5)


# --- routed, to Linux, to other threads -----------------------------------------------------------


@scene("transit")
def transit() -> StepCore:
    core = director(settings={"ip4_forwarding": 1})
    return after(core, ip_frame(packet(Ip4(CLIENT, RS, UDP), Udp(1, 2))))


@scene("not-forwarding")
def transit_off() -> StepCore:
    return after(director(), ip_frame(packet(Ip4(CLIENT, RS, UDP), Udp(1, 2))))


@scene("to-kernel")
def ssh_to_the_vip() -> StepCore:
    return after(balancer(), from_client(Tcp(40000, 22, flags=SYN)))


@scene("to-kernel-control")
def bgp_to_the_vip() -> StepCore:
    return after(balancer(), from_client(Tcp(40000, 179, flags=SYN)))


@scene("no-kernel-port")
def kernel_ports_off() -> StepCore:
    return after(balancer(settings={"kernel_ports": 0}), from_client(Tcp(40000, 22, flags=SYN)))


@scene("kernel-rate-limit")
def kernel_flood() -> StepCore:
    core = balancer(settings={"kernel_bulk_pps": 10})
    return after(core, *[from_client(Tcp(40000, 22, flags=SYN))] * 5)


ARP = frame("ff:ff:ff:ff:ff:ff", CLIENT_MAC, bytes(28), 0x0806)


@scene("segments")
def jumbo_frame_in_two_buffers() -> StepCore:
    core = balancer()
    core.send(ip_frame(packet(Ip4(CLIENT, VIP, UDP), Udp(1, 2, bytes(3000)))))
    core.step()
    assert core.sent[1] == []
    return core


@scene("arp-received")
def arp() -> StepCore:
    return after(balancer(), ARP)


def solicitation(ttl: int = 255) -> bytes:
    asked = icmp6(CLIENT6, VIP6, 135, 0, 0, inet_pton(AF_INET6, VIP6))
    return wire.ip_frame(MAC[0], CLIENT_MAC, bytes(Ip6(CLIENT6, VIP6, ICMP6, asked, ttl)))


@scene("nd-received")
def neighbour_discovery() -> StepCore:
    return after(balancer6(), solicitation())


@scene("mld-received")
def query_for_listeners() -> StepCore:
    return after(balancer6(), bytes(Query()))


@scene("ipv6-disabled")
def no_ipv6() -> StepCore:
    return after(balancer6(settings={"ip6_disable": 1}), solicitation())


@scene("bad-nd")
def neighbour_discovery_from_afar() -> StepCore:
    return after(balancer6(), solicitation(ttl=254))


@scene("tentative")
def echo_to_an_address_that_is_not_verified() -> StepCore:
    core = balancer6()
    core.addr("2001:db8::77", 0, dad=True)
    asked = icmp6(CLIENT6, "2001:db8::77", 128, 0, 1)
    l3 = bytes(Ip6(CLIENT6, "2001:db8::77", ICMP6, asked))
    return after(core, wire.ip_frame(MAC[0], CLIENT_MAC, l3))


def flood_host(sent: bytes) -> StepCore:
    """More than the ring to the host thread holds, which has no turn."""
    core = balancer()
    for _ in range(1100):
        core.send(sent)
    while core.turn(0):
        pass
    core.step(turns=80)
    return core


@scene("host-ring-full")
def host_ring() -> StepCore:
    return flood_host(from_client(Tcp(40000, 22, flags=SYN)))


@scene("host-ring-full-control")
def host_ring_control() -> StepCore:
    return flood_host(from_client(Tcp(40000, 179, flags=SYN)))


@scene("arp-rate-limit")
def arp_flood() -> StepCore:
    return flood_host(ARP)


@scene("resolving")
def unknown_neighbour() -> StepCore:
    core = director()
    core.service(VIP, 80, [Dest("192.168.100.77", 80, id=1)])
    after(core, syn_frame())
    core.neigh("192.168.100.77", 1)
    return core


def owners(core: StepCore, cports: range) -> dict[int, int]:
    """Client port -> the worker that its connection is on."""
    for cport in cports:
        core.forward(syn_frame(cport))
    return {row.cport: row.worker for row in core.conns()}


@scene("redirected")
def other_workers_flow() -> StepCore:
    core = balancer(2)
    assert set(owners(core, range(40000, 40032)).values()) == {0, 1}
    return core


@scene("sent-for-peer")
def worker_without_queue() -> StepCore:
    core = balancer(2, tx_worker_only=True)
    owners(core, range(40000, 40032))
    return core


@scene("peer-ring-full")
def peer_ring() -> StepCore:
    core = balancer(2)
    cport = next(c for c, w in owners(core, range(40000, 40032)).items() if w == 1)
    for _ in range(2200):
        core.send(syn_frame(cport))
    while core.turn(0):
        pass
    core.step(turns=80)
    return core


@scene("tx-full")
def transmit_queue_is_full() -> StepCore:
    core = balancer(n_txd=2)
    for cport in range(5):
        core.send(syn_frame(cport + 1))
    core.step()
    assert len(core.sent[1]) == 2
    return core


@scene("kernel-port-full")
def kernel_port_is_full() -> StepCore:
    core = balancer(n_txd=2)
    for _ in range(5):
        core.send(from_client(Tcp(40000, 22, flags=SYN)))
    core.step()
    assert len(core.to_kernel[0]) == 2
    return core


@scene("no-mbuf")
def no_packet_for_an_error() -> StepCore:
    core = balancer(settings={"xmit_ttl": 1}, n_mbufs=1)
    assert core.forward(syn_frame(ttl=1)) == []
    return core


# --- drops ---------------------------------------------------------------------------------------


@scene("other-host")
def other_station() -> StepCore:
    l3 = packet(Ip4(CLIENT, VIP, UDP), Udp(1, 2))
    return after(balancer(), ip_frame(l3, "02:99:99:99:99:99"))


@scene("too-short")
def truncated() -> StepCore:
    return after(balancer(), syn_frame()[:-1])


@scene("bad-ip-header")
def ip_version_5() -> StepCore:
    sent = bytearray(syn_frame())
    sent[14] = 0x55
    return after(balancer(), bytes(sent))


@scene("bad-ip-checksum")
def damaged() -> StepCore:
    sent = bytearray(syn_frame())
    sent[24] ^= 1
    return after(balancer(), bytes(sent))


def fragment_frame(offset: int, n_bytes: int = 16) -> bytes:
    return ip_frame(bytes(Ip4(CLIENT, VIP, UDP, bytes(n_bytes), frag=MF | offset // 8)))


@scene("fragment-waiting")
def fragment_before_the_first() -> StepCore:
    core = after(balancer(), fragment_frame(1480))
    core.pass_time(1.5)
    return core


SCENES["fragment-lost"] = SCENES["fragment-waiting"]


@scene("fragment-bad")
def fragment_of_odd_length() -> StepCore:
    return after(balancer(), fragment_frame(1480, 17))


@scene("fragment-full")
def fragments_of_too_many_packets() -> StepCore:
    core = balancer()
    for ident in range(129):
        after(core, ip_frame(bytes(Ip4(CLIENT, VIP, UDP, bytes(8), ident=ident, frag=MF | 100))))
    core.pass_time(1.5, 0.1)
    return core


@scene("fragment-rate-limit")
def fragments_beyond_the_rate() -> StepCore:
    return after(balancer(settings={"fragment_pps": 0}), fragment_frame(1480))


@scene("fragmented")
def larger_than_the_mtu() -> StepCore:
    core = balancer()
    core.route(f"{RS}/32", 1, mtu=1000)
    return after(core, from_client(Tcp(40000, 80, 1, flags=SYN, payload=bytes(1200))))


@scene("bad-icmp")
def damaged_echo() -> StepCore:
    sent = bytearray(echo())
    sent[-1] ^= 1
    return after(balancer(), bytes(sent))


def sctp_director() -> StepCore:
    core = director()
    core.service(VIP, 80, [Dest(RS, 8080, id=1)], proto=SCTP)
    return core


def sctp_frame(data: bytes) -> bytes:
    return ip_frame(bytes(Ip4(CLIENT, VIP, SCTP, data)))


@scene("bad-sctp-checksum")
def damaged_association() -> StepCore:
    data = Sctp(1, 80, 0, (Chunk(1, bytes(17)),)).pack()
    return after(sctp_director(), sctp_frame(data[:-1] + b"x"))


@scene("fragment")
def error_about_a_later_fragment() -> StepCore:
    inner = bytes(Ip4(VIP, CLIENT, UDP, bytes(8), frag=100))
    error = Ip4(CLIENT, VIP, ICMP, icmp(11, 1, 0, inner))
    return after(balancer(), ip_frame(bytes(error)))


@scene("no-dest")
def all_quiesced() -> StepCore:
    core = director()
    core.service(VIP, 80, [Dest(RS, 80, id=1, weight=0)])
    return after(core, syn_frame())


@scene("dest-overload")
def all_full() -> StepCore:
    core = director()
    core.service(VIP, 80, [Dest(RS, 80, id=1, upper=1)])
    return after(core, syn_frame(1), syn_frame(2))


@scene("no-local-port")
def no_local_address() -> StepCore:
    core = director()
    core.service(VIP, 80, [Dest(RS, 80, id=1)], laddrs=[])
    return after(core, syn_frame())


@scene("standby")
def another_director_has_the_addresses() -> StepCore:
    core = balancer()
    become_standby(core)
    return after(core, syn_frame())


@scene("no-conn-memory")
def pool_is_full() -> StepCore:
    return after(balancer(conn_pool=1), syn_frame(1), syn_frame(2))


@scene("no-connection")
def stray_reset() -> StepCore:
    return after(balancer(), from_server(Tcp(80, 5000, flags=RST)), dev=1)


@scene("defence-tcp")
def defence_tcp() -> StepCore:
    core = balancer(settings={"defence_tcp_drop": 1})
    return after(core, from_client(Tcp(40000, 22, flags=SYN)))


@scene("defence-udp")
def defence_udp() -> StepCore:
    return after(balancer(settings={"defence_udp_drop": 1}), client_udp(Udp(40000, 22)))


@scene("no-route")
def server_without_route() -> StepCore:
    core = director()
    core.service(VIP, 80, [Dest("172.16.0.1", 80, id=1)])
    return after(core, syn_frame())


def names() -> set[str]:
    info = ffi.new("struct core_verdict *")
    found = set()
    for verdict in range(lib.core_n_verdicts()):
        assert lib.core_verdict_get(verdict, info) == 0
        found.add(ffi.string(info.name).decode())
    return found


@pytest.mark.parametrize("verdict", SCENES)
def test_verdict_is_counted(verdict: str) -> None:
    with SCENES[verdict]() as core:
        assert core.verdicts().get(verdict), core.verdicts()


def test_every_verdict_has_a_scene() -> None:
    assert set(SCENES) | IN_HOST | set(OUT_OF_REACH) == names()
    assert not set(SCENES) & (IN_HOST | set(OUT_OF_REACH))


def test_the_host_threads_tests_name_its_verdicts() -> None:
    folder = Path(__file__).parents[1] / "host"
    if not folder.is_dir():
        pytest.skip("needs tests/dpvs_core/host")
    tested = "".join(path.read_text(encoding="utf-8") for path in folder.glob("test_*.py"))
    assert {name for name in IN_HOST if f'"{name}"' not in tested} == set()
