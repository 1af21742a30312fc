"""F-005: what is larger than the next hop's MTU leaves in fragments, where it may."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dpvs_core.worker.fragment_scene import (
    answered,
    asked,
    client_frames,
    datagram,
    frames,
    lport_of,
    offsets,
    payload_of,
    run,
    server_frames,
    udp_balancer,
    whole,
)
from tests.oracle.fragments import piece_of
from tests.oracle.wire import DEST_OPTIONS, DF, UDP, Ip4, Udp, icmp, icmp6, ip_of, read_ip, read_ip4
from tests.steps.core import Dest, StepCore
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    CLIENT_MAC,
    LIP,
    RS,
    RS6,
    TO_CLIENTS,
    TO_SERVERS,
    VIP,
    VIP6,
    balancer,
)


def narrow(n_workers: int = 1, mtu: int = 1000, **rest: object) -> StepCore:
    """To the IPv4 server through that MTU."""
    core = udp_balancer(n_workers, **rest)
    core.route(f"{RS}/32", TO_SERVERS, mtu=mtu)
    return core


@pytest.mark.parametrize("n_workers", [1, 3])
def test_a_datagram_larger_than_the_mtu(n_workers: int) -> None:
    """A first packet and one of a known connection."""
    with narrow(n_workers) as core:
        idents = set()
        for turn in range(3):
            ip = datagram(CLIENT, VIP, Udp(40000, 80, payload_of(1400)), ident=77, tos=8, ttl=9)
            out = run(core, frames([bytes(ip)], 0), worker=turn % n_workers)
            assert offsets(out) == [0, 976]
            assert [len(l3) for l3 in out] == [996, 452]
            got, udp = whole(out)
            assert isinstance(got, Ip4)
            assert (got.src, got.dst, got.tos, got.ttl) == (LIP, RS, 8, 9)
            assert udp.payload == payload_of(1400)
            idents.add(got.ident)
        assert len(idents) == 3  # not the client's: others have the same, RFC 6864 5.3.1
        verdicts = core.verdicts()
        assert (verdicts["fragmented"], verdicts["forward-in"]) == (6, 3)


@given(n_bytes=st.integers(0, 1400), mtu=st.integers(68, 1500))
@settings(max_examples=80, deadline=None, database=None)
def test_any_size_through_any_mtu(n_bytes: int, mtu: int) -> None:
    with narrow(mtu=mtu) as core:
        ip = datagram(CLIENT, VIP, Udp(40000, 80, payload_of(n_bytes)))
        out = run(core, frames([bytes(ip)], 0))
        assert max(len(l3) for l3 in out) <= mtu
        if len(bytes(ip)) <= mtu:
            assert len(out) == 1 and piece_of(out[0]) is None
        else:
            _, udp = whole(out)
            assert udp.payload == payload_of(n_bytes)
            assert len(out) == -(-(n_bytes + 8) // ((mtu - 20) // 8 * 8))


def test_with_df_the_sender_is_told() -> None:
    with narrow() as core:
        ip = datagram(CLIENT, VIP, Udp(40000, 80, payload_of(1400)), frag=DF)
        (out,) = run(core, frames([bytes(ip)], 0))
        error = read_ip4(out)
        assert (error.dst, error.proto, error.payload[:2]) == (CLIENT, 1, b"\x03\x04")
        assert core.verdicts()["too-big"] == 1


def test_fragments_are_fragmented_again() -> None:
    """Also the last one, and in the order they came."""
    with narrow() as core:
        out = run(core, client_frames(asked(4)))
        assert offsets(out) == [0, 976, 1200, 2176, 2400]
        whole(out)


def test_what_came_in_fragments_with_df_is_told_of_once() -> None:
    with narrow() as core:
        sent = [bytearray(frame) for frame in client_frames(asked(4))]
        packets = [read_ip4(bytes(frame[14:])) for frame in sent]
        marked = [
            Ip4(ip.src, ip.dst, UDP, ip.payload, ident=ip.ident, frag=ip.frag | DF)
            for ip in packets
        ]
        out = run(core, frames([bytes(ip) for ip in marked], 0))
        assert [read_ip4(l3).proto for l3 in out] == [17, 1]  # the rest fits, the first is told of
        assert core.verdicts()["too-big"] == 2


def test_an_ipv6_packet_is_never_fragmented_on_the_way() -> None:
    with udp_balancer() as core:
        core.route(f"{RS6}/128", TO_SERVERS, mtu=1300)
        ip = datagram(CLIENT6, VIP6, Udp(40000, 80, payload_of(1400)))
        (error,) = run(core, frames([bytes(ip)], 0))
        assert read_ip(error).dst == CLIENT6 and read_ip(error).payload[:1] == b"\2"
        out = run(core, client_frames(asked(6), n_payload=1400))
        assert [read_ip(l3).dst for l3 in out] == [RS6, CLIENT6, CLIENT6]
        assert "fragmented" not in core.verdicts()


def test_towards_the_client_too() -> None:
    with udp_balancer() as core:
        core.route(f"{CLIENT}/32", TO_CLIENTS, mtu=600)
        run(core, client_frames(asked(4)))
        lport = lport_of(core, 4)
        out = run(core, server_frames(answered(4, lport), n_payload=1480), TO_SERVERS)
        assert max(len(l3) for l3 in out) == 596
        _, udp = whole(out)
        assert udp == Udp(80, 40000, payload_of(3000, 1))


def test_in_transit_the_senders_identification_stays() -> None:
    with balancer(settings={"ip4_forwarding": 1}) as core:
        core.route("172.16.0.0/16", TO_SERVERS, via=RS, mtu=700)
        ip = datagram(CLIENT, "172.16.0.1", Udp(1, 2, payload_of(1400)), ident=4711, ttl=9)
        out = run(core, frames([bytes(ip)], 0))
        got, udp = whole(out)
        assert isinstance(got, Ip4)
        assert (got.ident, got.ttl, len(out)) == (4711, 8, 3)
        assert udp == Udp(1, 2, payload_of(1400))
        marked = datagram(CLIENT, "172.16.0.1", Udp(1, 2, payload_of(1400)), frag=DF)
        (out_df,) = run(core, frames([bytes(marked)], 0))
        assert read_ip4(out_df).proto == 1


def test_a_routes_mtu_above_the_devices_is_not_believed() -> None:
    """Neither for a first packet, whose route was just looked up, nor later, nor in transit."""
    with udp_balancer(mtu=700, settings={"ip4_forwarding": 1}) as core:
        core.route(f"{RS}/32", TO_SERVERS, mtu=1500)
        core.route("172.16.0.0/16", TO_SERVERS, via=RS, mtu=1500)
        for dst in (VIP, VIP, "172.16.0.1"):
            ip = datagram(CLIENT, dst, Udp(40000, 80, payload_of(1400)))
            out = run(core, frames([bytes(ip)], 0))
            assert max(len(l3) for l3 in out) <= 700
            assert whole(out)[1].payload == payload_of(1400)


def test_options_for_the_first_fragment_only() -> None:
    """RFC 791 3.1: record route is not copied, loose source route is; a malformed one stays."""
    record, loose = b"\x07\x07\x04\0\0\0\0", b"\x83\x03\x04"
    with narrow() as core:
        for options, later in (
            (record + loose + b"\1\0", b"\1" * 7 + loose + b"\1\0"),
            (b"\x07\x09\x04\0\0\0\0\0", b"\x07\x09\x04\0\0\0\0\0"),
        ):
            udp = Udp(40000, 80, payload_of(1400)).pack(CLIENT, VIP)
            out = run(core, frames([bytes(Ip4(CLIENT, VIP, UDP, udp, options=options))], 0))
            assert [read_ip4(l3).options for l3 in out] == [options, later]
            whole(out)


@pytest.mark.parametrize(("af", "ip_fields"), [(4, {}), (4, {"frag": DF}), (6, {})])
def test_an_echo_reply_larger_than_the_mtu(af: int, ip_fields: dict[str, int]) -> None:
    """From our own address: IPv6 too is fragmented at its source, and what the request said of
    fragments binds nobody but itself."""
    src, dst = {4: (CLIENT, VIP), 6: (CLIENT6, VIP6)}[af]
    mtu = {4: 576, 6: 1280}[af]
    payload = payload_of(1400)
    message = icmp(8, 0, 0x10001, payload) if af == 4 else icmp6(src, dst, 128, 0, 0x10001, payload)
    with udp_balancer() as core:
        core.route(f"{src}/{32 if af == 4 else 128}", TO_CLIENTS, mtu=mtu)
        ip = ip_of(src, dst, 1 if af == 4 else 58, message, **ip_fields)
        out = run(core, frames([bytes(ip)], 0))
        assert len(out) > 1 and max(len(l3) for l3 in out) <= mtu
        got, _ = whole(out)
        assert (got.src, got.dst, got.payload[8:]) == (dst, src, payload)
        assert core.verdicts()["echo-replied"] == 1


def test_an_echo_reply_that_cannot_be_cut_does_not_leave() -> None:
    """Extension headers of the request, that would have to stay in each fragment."""
    message = icmp6(CLIENT6, VIP6, 128, 0, 0x10001, payload_of(1400))
    with udp_balancer() as core:
        core.route(f"{CLIENT6}/128", TO_CLIENTS, mtu=1280)
        ip = ip_of(CLIENT6, VIP6, 58, message, exts=((DEST_OPTIONS, bytes(8)),))
        assert run(core, frames([bytes(ip)], 0)) == []
        assert core.verdicts()["too-big"] == 1


def test_padding_is_not_sent() -> None:
    with narrow(mtu=100) as core:
        ip = bytes(datagram(CLIENT, VIP, Udp(40000, 80, payload_of(72))))
        for _ in range(2):
            (out,) = run(core, [frames([ip], 0)[0] + bytes(30)])
            assert piece_of(out) is None


def test_a_pool_that_runs_empty_in_the_middle() -> None:
    with narrow(mtu=200, n_mbufs=5) as core:
        ip = datagram(CLIENT, VIP, Udp(40000, 80, payload_of(1400)))
        out = run(core, frames([bytes(ip)], 0))
        assert len(out) == 4
        assert core.verdicts()["no-mbuf"] == 1
        assert core.mbufs_in_use() == 0


def test_fragments_wait_for_the_next_hops_address() -> None:
    with narrow() as core:
        core.service(VIP, 81, [Dest("192.168.100.9", 80, id=2)], proto=UDP, laddrs=[LIP])
        ip = datagram(CLIENT, VIP, Udp(40000, 81, payload_of(1400)))
        core.route("192.168.100.9/32", TO_SERVERS, mtu=1000)
        out = run(core, frames([bytes(ip)], 0))
        assert [l3[:2] for l3 in out] == [b"\0\1"]  # an ARP request
        core.sent.clear()
        core.neigh("192.168.100.9", TO_SERVERS, CLIENT_MAC)
        core.step()
        whole([frame[14:] for frame in core.sent[TO_SERVERS]])


def test_by_a_worker_without_a_transmit_queue() -> None:
    with narrow(3, tx_worker_only=True) as core:
        for cport in range(40000, 40006):
            ip = datagram(CLIENT, VIP, Udp(cport, 80, payload_of(1400)))
            _, udp = whole(run(core, frames([bytes(ip)], 0), worker=1))
            assert udp.payload == payload_of(1400)
