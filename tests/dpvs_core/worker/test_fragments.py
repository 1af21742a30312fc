"""F-004: fragments of balanced packets are forwarded, in any order, to the worker of their flow."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dpvs_core.worker.fragment_scene import (
    CLIENTS,
    FAMILIES,
    LIPS,
    SERVERS,
    VIPS,
    WORKERS,
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
from tests.oracle.fragments import Piece, fragment, piece_of
from tests.oracle.wire import ACK, MF, PSH, SYN, Ip4, Ip6, Tcp, Udp, ip_of, read_ip, tcp_frame
from tests.steps.core import MAC, Dest
from tests.steps.scene import CLIENT, RS, TO_CLIENTS, TO_SERVERS, VIP, Flow, balancer, tcp_of

ORDERS = list(permutations(range(3)))


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize("n_workers", WORKERS)
@pytest.mark.parametrize("order", ORDERS)
def test_a_datagram_of_three_fragments_both_ways(af: int, n_workers: int, order: list[int]) -> None:
    """What the ends put together is what a whole datagram would have become; no fragment is before
    the first one, and those that waited are in the order of arrival."""
    late = [1200 * i for i in order if i]
    with udp_balancer(n_workers) as core:
        for cport in range(40000, 40006):
            queue = cport % n_workers
            sent = client_frames(asked(af, cport), ident=cport)
            out = run(core, [sent[i] for i in order], worker=queue)
            ip, udp = whole(out)
            lport = lport_of(core, af, cport)
            assert (ip.src, ip.dst) == (LIPS[af], SERVERS[af])
            assert udp == Udp(lport, 80, payload_of(3000))
            assert offsets(out) == [0, *late]
            back = server_frames(answered(af, lport), ident=cport)
            out = run(core, [back[i] for i in order], TO_SERVERS, queue)
            ip, udp = whole(out)
            assert (ip.src, ip.dst) == (VIPS[af], CLIENTS[af])
            assert udp == Udp(80, cport, payload_of(3000, 1))
            assert offsets(out) == [0, *late]
        assert core.n_conns() == 6
        verdicts = core.verdicts()
        assert verdicts["forward-in"] == verdicts["forward-out"] == 18
        assert verdicts["scheduled"] == 6
        assert verdicts.get("fragment-waiting", 0) == 12 * order.index(0)
        stats = core.dest(6 if af == 6 else 1)
        assert (stats["inpkts"], stats["outpkts"]) == (18, 18)


ARRIVALS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 2)), max_size=16)


@given(
    shuffle=st.permutations(range(12)), again=ARRIVALS, n_workers=st.integers(1, 3),
    queues=st.lists(st.integers(0, 2), min_size=28, max_size=28), bursts=st.integers(1, 28),
    af=st.sampled_from(FAMILIES),
)  # fmt: skip
@settings(max_examples=120, deadline=None, database=None)
def test_four_datagrams_in_any_order_by_any_queue_some_twice(
    shuffle: list[int], again: list[tuple[int, int]], n_workers: int, queues: list[int],
    bursts: int, af: int,
) -> None:  # fmt: skip
    """Of four flows, the same identification twice; each arrives, once put together."""
    sent = [
        frame
        for n in range(4)
        for frame in client_frames(asked(af, 40000 + n), ident=n + 1)
    ]  # fmt: skip
    arrivals = list(shuffle) + [which for which, _ in again]
    with udp_balancer(n_workers) as core:
        for at, which in enumerate(arrivals):
            core.send(sent[which], TO_CLIENTS, queues[at] % n_workers)
            if at % bursts == 0:
                core.step()
        core.step(turns=8)
        by_port: dict[int, list[bytes]] = {}
        by_ident: dict[int, list[bytes]] = {}
        for frame in core.sent[TO_SERVERS]:
            piece = piece_of(frame[14:])
            assert piece
            by_ident.setdefault(piece.ident, []).append(frame[14:])
        for out in by_ident.values():
            _, udp = whole(out)
            assert udp.payload == payload_of(3000)
            by_port[udp.sport] = out
        assert len(by_port) == 4
        assert len(core.sent[TO_SERVERS]) == len(arrivals)


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize("n_workers", WORKERS)
def test_two_clients_with_one_identification_are_told_apart(af: int, n_workers: int) -> None:
    """The server knows both by one address: RFC 6864 4.1, 5.3.1."""
    other = {4: "10.0.7.7", 6: "2001:db8::707"}[af]
    with udp_balancer(n_workers) as core:
        idents = set()
        for cport in range(40000, 40020):
            for caddr in (CLIENTS[af], other):
                ip = datagram(caddr, VIPS[af], Udp(cport, 80, payload_of(2000)))
                out = run(core, client_frames(ip, ident=99), worker=cport % n_workers)
                assert len(out) == 2
                whole(out)
                idents |= {piece.ident for l3 in out if (piece := piece_of(l3))}
        assert len(idents) == 40


@pytest.mark.parametrize("af", FAMILIES)
def test_an_identification_used_again_at_once_by_another_flow(af: int) -> None:
    """The latest first fragment counts."""
    idents = set()
    with udp_balancer() as core:
        for cport in (40000, 40001, 40000):
            out = run(core, client_frames(asked(af, cport)))
            _, udp = whole(out)
            assert udp.sport == lport_of(core, af, cport)
            idents |= {piece.ident for l3 in out if (piece := piece_of(l3))}
    assert len(idents) == 3


def test_overlaps_are_the_receivers_to_judge() -> None:
    ip = asked(4, n_bytes=1000)
    with udp_balancer() as core:
        sent = [
            fragment(ip, Piece(5, at, True, ip.payload[at : at + n]))
            for at, n in ((0, 400), (200, 400), (8, 8), (0, 400))
        ]
        assert offsets(run(core, frames(sent, TO_CLIENTS))) == [0, 200, 8, 0]


@pytest.mark.parametrize("af", FAMILIES)
def test_the_largest_datagram(af: int) -> None:
    with udp_balancer() as core:
        ip = asked(af, n_bytes=65507 - 8 if af == 4 else 65527 - 8)
        sent = client_frames(ip, n_payload=1480 if af == 4 else 1448)
        out = run(core, sent[:20] + sent[20:])
        assert len(out) == len(sent)
        _, udp = whole(out)
        assert len(udp.payload) == len(ip.payload) - 8


@pytest.mark.parametrize("af", FAMILIES)
def test_ip_options_and_extension_headers_stay(af: int) -> None:
    udp = Udp(40000, 80, payload_of(2000))
    ip = (
        Ip4(CLIENTS[4], VIPS[4], 17, udp.pack(CLIENTS[4], VIPS[4]), options=b"\x83\3\4\0")
        if af == 4
        else Ip6(CLIENTS[6], VIPS[6], 17, udp.pack(CLIENTS[6], VIPS[6]),
                 exts=((60, bytes([0, 0, 1, 4, 0, 0, 0, 0])),))
    )  # fmt: skip
    with udp_balancer() as core:
        out = run(core, list(reversed(client_frames(ip))))
        for l3 in out:
            got = read_ip(l3)
            if isinstance(got, Ip4):
                assert got.options == b"\x83\3\4\0"
            else:
                assert [kind for kind, _ in got.exts] == [60, 44]
        assert len(out) == 2


def test_udp_without_a_checksum_stays_so() -> None:
    ip = datagram(CLIENT, VIP, Udp(40000, 80, payload_of(2000), has_checksum=False))
    with udp_balancer() as core:
        _, udp = whole(run(core, client_frames(ip)))
        assert not udp.has_checksum


def test_a_tcp_segment_in_fragments() -> None:
    """Numbers and checksum by the first one; the client's address waits for a whole segment."""
    with balancer() as core:
        flow = Flow(core)
        flow.syn()
        flow.server(SYN | ACK, seq=0)
        tcp = Tcp(flow.cport, 80, 1001, 70001, ACK | PSH, payload=payload_of(2000))
        ip = ip_of(CLIENT, VIP, 6, tcp.pack(CLIENT, VIP))
        out = run(core, client_frames(ip))
        got, _ = whole(out)
        segment = tcp_of(bytes(14) + bytes(got))
        assert (got.dst, segment.dport) == (RS, 80)
        assert segment.seq == flow.server_sees_isn + 1
        assert (segment.payload, segment.options) == (tcp.payload, b"")
        assert core.verdicts()["toa-no-room"] == 1
        assert tcp_of(flow.client(ACK, seq=2001)[0]).options[:1] == b"\xfe"


def test_a_stray_tcp_segment_in_fragments_is_reset_once() -> None:
    with balancer(settings={"reset_pps": 100}) as core:
        tcp = Tcp(40000, 80, 1001, 70001, ACK, payload=payload_of(2000))
        out = run(core, client_frames(ip_of(CLIENT, VIP, 6, tcp.pack(CLIENT, VIP))))
        assert [tcp_of(bytes(14) + l3).flags for l3 in out] == [4]
        assert core.verdicts()["reset-sent"] == core.verdicts()["no-connection"] == 1


def test_a_syn_in_the_first_fragment_begins_a_connection() -> None:
    with balancer() as core:
        syn = Tcp(40000, 80, 1001, flags=SYN)
        core.forward(tcp_frame(MAC[0], CLIENT, VIP, syn, frag=MF)[: 14 + 20 + 20])
        assert core.n_conns() == 0  # 20 bytes and more to come: no fragment is that odd
        assert core.verdicts()["fragment-bad"] == 1
        syn = Tcp(40000, 80, 1001, flags=SYN, payload=bytes(4))
        assert len(core.forward(tcp_frame(MAC[0], CLIENT, VIP, syn, frag=MF))) == 1
        assert core.n_conns() == 1


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize("n_workers", WORKERS)
def test_to_a_vips_port_without_service_all_go_to_linux(af: int, n_workers: int) -> None:
    with udp_balancer(n_workers) as core:
        sent = list(reversed(client_frames(asked(af, vport=22))))
        assert run(core, sent, worker=n_workers - 1) == []
        assert sorted(core.to_kernel[0]) == sorted(sent)


@pytest.mark.parametrize("af", FAMILIES)
def test_what_is_not_balanced_goes_to_linux_as_it_comes(af: int) -> None:
    """Linux puts it together."""
    ip = ip_of(CLIENTS[af], VIPS[af], 47, bytes(3000))
    with udp_balancer() as core:
        sent = client_frames(ip)
        assert run(core, [sent[2], sent[0]]) == []
        assert core.to_kernel[0] == [sent[2], sent[0]]
        assert "fragment-waiting" not in core.verdicts()


def test_a_server_that_is_gone_gets_no_later_fragments() -> None:
    with udp_balancer() as core:
        sent = client_frames(asked(4))
        assert len(run(core, sent[:2])) == 2
        core.delete_service(VIP, 80, 17)
        core.service(VIP, 80, [Dest(RS, 80, id=1, weight=0)], proto=17, flags=1)
        assert run(core, sent[2:]) == []
        assert core.verdicts()["quiesced"] == 1


@pytest.mark.parametrize("n_workers", [1, 2, 3])
def test_groups_that_move_between_first_and_later_fragments(n_workers: int) -> None:
    """A fragment may be lost then, none is misled or leaks."""
    with udp_balancer(3) as core:
        for turn in range(12):
            sent = client_frames(asked(4, 40000 + turn), ident=turn)
            core.sent.clear()
            core.send(sent[0], 0, turn % 3)
            core.send(sent[2], 0, turn % 3)
            core.turn(turn % 3)
            core.groups([(g + turn) % n_workers for g in range(64)])
            core.send(sent[1], 0, 0)
            core.step(turns=8)
            for frame in core.sent[TO_SERVERS]:
                assert read_ip(frame[14:]).src == LIPS[4]
            core.pass_time(1.5)
            core.groups([g % 3 for g in range(64)])
