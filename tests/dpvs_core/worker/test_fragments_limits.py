"""Fragments whose first one is late, lost, or never was; floods; what no sender makes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dpvs_core.worker.fragment_scene import (
    CLIENTS,
    FAMILIES,
    VIPS,
    WORKERS,
    asked,
    client_frames,
    datagram,
    frames,
    payload_of,
    run,
    udp_balancer,
    whole,
)
from tests.oracle.fragments import Piece, fragment
from tests.oracle.wire import ACK, TCP, Tcp, Udp, ip_of
from tests.steps.core import Dest, StepCore
from tests.steps.scene import CLIENT, LIP, RS, TO_CLIENTS, VIP, Flow, balancer, balancer6, director

ROOMS, ROOM_PKTS, WAITING, ENTRIES = 128, 64, 512, 4096


def counted(core: StepCore, name: str) -> int:
    return core.verdicts().get(name, 0)


def later(ident: int, at: int = 1480, more: bool = True, n_bytes: int = 8) -> bytes:
    """A small later fragment of some datagram of the client's."""
    ip = datagram(CLIENT, VIP, Udp(40000, 80))
    return frames([fragment(ip, Piece(ident, at, more, bytes(n_bytes)))], TO_CLIENTS)[0]


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize("n_workers", WORKERS)
def test_a_first_fragment_that_never_comes(af: int, n_workers: int) -> None:
    """The others are dropped after a second, not before, counted and freed."""
    with udp_balancer(n_workers) as core:
        for ident in range(8):
            core_frames = client_frames(asked(af), ident)
            assert run(core, core_frames[1:], worker=ident % n_workers) == []
        assert (counted(core, "fragment-waiting"), core.mbufs_in_use()) == (16, 16)
        core.pass_time(0.9, 0.1)
        assert (counted(core, "fragment-lost"), core.mbufs_in_use()) == (0, 16)
        core.pass_time(0.2, 0.1)
        assert (counted(core, "fragment-lost"), core.mbufs_in_use()) == (16, 0)
        # what comes later still begins anew
        whole(run(core, client_frames(asked(af), 3)))


def test_the_time_is_a_setting_and_counts_from_the_first_one() -> None:
    with udp_balancer(settings={"fragment_timeout_ms": 200}) as core:
        sent = client_frames(asked(4))
        assert len(run(core, sent[:1])) == 1
        core.pass_time(0.15, 0.05)
        assert len(run(core, sent[1:2])) == 1
        core.pass_time(0.06, 0.02)
        assert run(core, sent[2:]) == []
        assert (counted(core, "fragment-waiting"), counted(core, "fragment-lost")) == (1, 0)
        core.pass_time(0.21, 0.03)
        assert counted(core, "fragment-lost") == 1


def test_a_core_that_ends_frees_what_waits() -> None:
    core = udp_balancer()
    run(core, client_frames(asked(4))[1:])
    assert core.mbufs_in_use() == 2
    core.close()


def test_so_many_packets_may_wait_for_their_first_one() -> None:
    """Packets in order need no room, however many others wait."""
    with udp_balancer() as core:
        run(core, [later(ident) for ident in range(ROOMS + 20)])
        core.step(turns=8)
        assert counted(core, "fragment-waiting") == ROOMS
        assert counted(core, "fragment-full") == 20
        whole(run(core, client_frames(asked(4), ident=5000)))
        core.pass_time(1.1)
        assert counted(core, "fragment-lost") == ROOMS
        assert len(run(core, list(reversed(client_frames(asked(4), ident=5001))))) == 3


def test_so_many_fragments_of_one_packet_may_wait() -> None:
    with udp_balancer() as core:
        run(core, [later(1, 8 * n) for n in range(1, ROOM_PKTS + 6)])
        assert counted(core, "fragment-waiting") == ROOM_PKTS
        assert counted(core, "fragment-full") == 5
        first = client_frames(asked(4), ident=1)[0]
        assert len(run(core, [first])) == 1 + ROOM_PKTS
        core.pass_time(1.1)
        assert counted(core, "fragment-lost") == 0


def test_so_many_fragments_may_wait_at_all() -> None:
    with udp_balancer() as core:
        for ident in range(20):
            run(core, [later(ident, 8 * n) for n in range(1, 41)])
            core.step()
        assert counted(core, "fragment-waiting") == WAITING
        assert counted(core, "fragment-full") == 800 - WAITING
        assert core.mbufs_in_use() == WAITING
        core.pass_time(1.1, 0.01)
        assert counted(core, "fragment-lost") == WAITING


def test_more_packets_in_fragments_than_are_remembered() -> None:
    """The oldest are forgotten: the latest ones' fragments still pass."""
    with udp_balancer(settings={"fragment_pps": 10_000_000}) as core:
        ip = asked(4, n_bytes=16)
        for base in range(0, 2 * ENTRIES, 32):
            run(core, [
                frames([fragment(ip, Piece(ident, 0, True, ip.payload[:16]))], TO_CLIENTS)[0]
                for ident in range(base, base + 32)
            ])  # fmt: skip
        out = run(core, [later(ident, 16, False) for ident in range(2 * ENTRIES - 64, 2 * ENTRIES)])
        assert len(out) == 64
        n_known = len(out)
        for base in range(0, 2 * ENTRIES - 64, 32):
            n_known += len(run(core, [later(ident, 16) for ident in range(base, base + 32)]))
        assert n_known <= ENTRIES
        assert counted(core, "fragment-waiting") == ROOMS
        core.pass_time(1.1)


def test_more_fragments_than_the_rate() -> None:
    with udp_balancer(3, settings={"fragment_pps": 100}) as core:
        core.pass_time(1)
        sent = client_frames(asked(4))
        for _ in range(10):
            run(core, sent)
        assert counted(core, "fragment-rate-limit") == 30 - 11
        whole(run(core, client_frames(asked(4, n_bytes=100), n_payload=56), worker=1))


BAD = {
    "tcp, over its flags": (TCP, 8, True, 8),
    "tcp, over its checksum": (TCP, 16, True, 8),
    "beyond 64 kB": (17, 65528, False, 8),
    "odd, and more to come": (17, 1480, True, 9),
    "empty": (17, 1480, True, 0),
}


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize("name", BAD)
def test_what_no_sender_makes(name: str, af: int) -> None:
    """RFC 1858 3.1, RFC 3128; RFC 791, 8200 4.5."""
    proto, at, more, n_bytes = BAD[name]
    ip = ip_of(CLIENTS[af], VIPS[af], proto)
    with balancer6(proto=proto) as core:
        assert run(core, frames([fragment(ip, Piece(1, at, more, bytes(n_bytes)))], 0)) == []
        assert counted(core, "fragment-bad") == 1


def test_the_last_bytes_of_the_largest_packet_are_not_beyond() -> None:
    with udp_balancer() as core:
        run(core, [later(1, 65528, False, 7)])
        assert counted(core, "fragment-waiting") == 1
        core.pass_time(1.1)


@pytest.mark.parametrize("af", FAMILIES)
def test_a_first_fragment_without_the_whole_transport_header(af: int) -> None:
    """RFC 1858 3: its ports alone do not tell what it is."""
    with balancer6() as core:
        tcp = Tcp(40000, 80, 1, flags=2, payload=bytes(100)).pack(CLIENTS[af], VIPS[af])
        ip = ip_of(CLIENTS[af], VIPS[af], TCP)
        assert run(core, frames([fragment(ip, Piece(1, 0, True, tcp[:16]))], 0)) == []
        assert counted(core, "too-short") == 1
        assert core.n_conns() == 0


def test_later_fragments_begin_no_connection_and_get_no_reset() -> None:
    """Their first one was refused."""
    with director() as core:
        core.service(VIP, 80, [])
        tcp = Tcp(40000, 80, 1, 1, ACK, payload=payload_of(2500)).pack(CLIENT, VIP)
        out = run(core, client_frames(ip_of(CLIENT, VIP, TCP, tcp)))
        assert len(out) == 1  # the reset to the first
        assert counted(core, "no-connection") == 2


def test_later_fragments_of_a_refused_datagram_begin_no_connection_later() -> None:
    with director() as core:
        core.service(VIP, 80, [], proto=17)
        sent = client_frames(asked(4))
        assert run(core, sent[:1]) == []
        core.service(VIP, 80, [Dest(RS, 80, id=1)], proto=17)
        assert run(core, sent[1:]) == []
        assert (core.n_conns(), counted(core, "no-connection")) == (0, 2)


def test_later_fragments_to_a_local_address_get_no_reset() -> None:
    with balancer() as core:
        tcp = Tcp(80, 5000, 1, 1, ACK, payload=payload_of(2500)).pack(RS, LIP)
        sent = client_frames(ip_of(RS, LIP, TCP, tcp))
        assert len(run(core, sent)) == 1
        assert counted(core, "no-connection") == 2


def test_a_flood_of_fragments_leaves_whole_packets_alone() -> None:
    with balancer(3) as core:
        flow = Flow(core).establish()
        for burst in range(40):
            for ident in range(30):
                core.send(later(burst * 30 + ident), 0, burst % 3)
            assert len(flow.client(ACK, payload=b"x", worker=burst % 3)) == 1
        core.pass_time(1.5, 0.1)


FRAGMENT_SHAPES = st.lists(
    st.tuples(
        st.sampled_from(FAMILIES), st.integers(0, 3), st.integers(0, 40).map(lambda n: n * 8),
        st.booleans(), st.integers(0, 40), st.integers(0, 2), st.sampled_from([6, 17]),
    ),
    max_size=80,
)  # fmt: skip


@given(shapes=FRAGMENT_SHAPES, n_workers=st.integers(1, 3))
@settings(max_examples=60, deadline=None, database=None)
def test_any_fragments_are_all_accounted_for(
    shapes: list[tuple[int, int, int, bool, int, int, int]], n_workers: int
) -> None:
    with udp_balancer(n_workers) as core:
        for af, ident, at, more, n_bytes, queue, proto in shapes:
            ip = ip_of(CLIENTS[af], VIPS[af], proto)
            piece = Piece(ident, at, more, bytes([156, 64, 0, 80, *range(40)])[:n_bytes])
            core.send(frames([fragment(ip, piece)], 0)[0], 0, queue % n_workers)
        core.step(turns=8)
        core.pass_time(1.2, 0.1)
        assert core.mbufs_in_use() == 0
        done = {
            name: n
            for name, n in core.verdicts().items()
            if name not in ("redirected", "fragment-waiting", "scheduled", "kernel-delivered")
        }
        assert sum(done.values()) == len(shapes)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1), (3, 2), (512, 8)])
def test_how_many_packets_are_known_is_a_setting(shape: tuple[int, int]) -> None:
    """C-082..C-084: of n first fragments at once, those that are not known lose the others."""
    n = 64
    with udp_balancer(frag_table=shape) as core:
        sent = [client_frames(asked(4, 40000 + i), ident=i) for i in range(n)]
        assert len(run(core, [pieces[0] for pieces in sent])) == n
        left = run(core, [pieces[1] for pieces in reversed(sent)])  # who waits takes a place
        assert len(left) <= shape[0] * shape[1]
        assert len(left) == n if shape == (512, 8) else len(left) >= shape[1]
        core.pass_time(1.5, 0.1)
