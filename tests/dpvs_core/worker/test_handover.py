"""Packets between workers: all arrive in one turn, none waits, what has no room is counted."""

import pytest

from tests.oracle.wire import RST, SYN, Ip4, Ip6, Tcp, Udp, frame, ip_frame, packet
from tests.steps.core import MAC, Dest, StepCore, ffi, lib, raw_mac
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    CLIENT_MAC,
    LIP6,
    RS,
    RS6,
    VIP,
    VIP6,
    Flow,
    balancer,
    client_udp,
    director,
    director6,
    from_client,
    tcp_of,
)

RING_PACKETS = 2047
BURST = 32
FIRST_LOCAL_PORT = 1025
STRANGER6 = "2001:db8::77"
A_SECOND_US = 1_000_000
OTHER_STATIONS = frame("02:99:99:99:99:99", CLIENT_MAC, bytes(Ip4(CLIENT, VIP, 17)))
"""Between the packets of a burst that are handed over, one that is not."""


def to_device(dev: int, sent: bytes) -> bytes:
    return raw_mac(MAC[dev]) + sent[6:]


def port_of_worker(core: StepCore, worker: int) -> int:
    """A client port whose UDP connection is on that worker; the connection stands."""
    for cport in range(40000, 40100):
        core.forward(client_udp(Udp(cport, 80, b"?")))
        row = core.find(17, CLIENT, cport, VIP, 80)
        if row and row.worker == worker:
            return cport
    raise AssertionError("no port")


def since(core: StepCore, before: dict[str, int]) -> dict[str, int]:
    """Verdicts counted since."""
    after = core.verdicts()
    return {name: n for name in after if (n := after[name] - before.get(name, 0))}


@pytest.mark.parametrize("n_sent", [1, BURST - 1, BURST, BURST + 1, 2 * BURST])
def test_what_is_received_in_a_turn_is_handed_over_in_it(n_sent: int) -> None:
    """From both devices at once: the owner finds all of it, and deals with it in one turn."""
    with balancer(2, proto=17) as core:
        cport = port_of_worker(core, 1)
        row = core.find(17, CLIENT, cport, VIP, 80)
        assert row
        core.sent.clear()
        before = core.verdicts()
        for i in range(n_sent):
            core.send(to_device(i % 2, client_udp(Udp(cport, 80, b"%d" % i))), i % 2)
            core.send(OTHER_STATIONS, i % 2)
        while core.turn(0):
            if n_sent <= BURST:
                break  # both devices' bursts were one turn's
        core.turn(1)
        core.collect()
        assert len(core.sent[1]) == n_sent
        assert since(core, before).get("redirected") == n_sent


def test_a_full_ring_takes_what_it_has_room_for_and_counts_the_rest() -> None:
    with balancer(2, proto=17) as core:
        cport = port_of_worker(core, 1)
        redirected = core.worker(0)["redirected"]
        for n_more in (200, BURST):
            core.sent.clear()
            before, dropped = core.verdicts(), core.worker(0)["dropped"]
            for i in range(RING_PACKETS + n_more):
                core.send(client_udp(Udp(cport, 80, b"%d" % i)))
            while core.turn(0):
                pass
            counted = since(core, before)
            assert counted["redirected"] == RING_PACKETS
            assert counted["peer-ring-full"] == n_more
            assert core.worker(0)["dropped"] - dropped == n_more
            redirected += RING_PACKETS
            assert core.worker(0)["redirected"] == redirected
            while core.turn(1):
                core.collect()
            assert len(core.sent[1]) == RING_PACKETS


def test_the_packets_of_a_full_ring_are_freed_with_the_core() -> None:
    core = balancer(3, proto=17)
    cport = port_of_worker(core, 1)
    for _ in range(100):
        core.send(client_udp(Udp(cport, 80)))
    for _ in range(4):
        core.turn(0)
    in_use = core.mbufs_in_use()
    core.close()
    assert in_use == 100


# --- the early decision is the one of the slow stages --------------------------------------------


def behind_options(udp: Udp, src: str, dst: str, mac: str) -> bytes:
    """The same datagram behind an empty header of destination options: not for the fast path."""
    options = bytes([17, 0, 1, 4, 0, 0, 0, 0])
    ip = Ip6(src, dst, 60, options + udp.pack(src, dst))
    return ip_frame(mac, CLIENT_MAC, bytes(ip))


def seen(core: StepCore, sent: bytes, dev: int, worker: int) -> dict[str, int]:
    before = core.verdicts()
    core.forward(sent, dev, worker)
    return since(core, before)


def counts(core: StepCore, worker: int) -> list[int]:
    """Packets that a worker decided, by verdict."""
    n = ffi.new("uint64_t[]", lib.core_n_verdicts())
    assert lib.core_verdict_counts(core.core, worker, n) == 0
    return list(n)


def handed_to(core: StepCore, sent: bytes, queue: int) -> int:
    """The worker that decided about a packet, or to which it was handed."""
    before = [counts(core, w) for w in range(core.n_workers)]
    n_handed = core.worker(queue)["redirected"]
    core.forward(sent, 0, queue)
    changed = [w for w in range(core.n_workers) if counts(core, w) != before[w]]
    if core.worker(queue)["redirected"] != n_handed:
        changed.remove(queue)
    (worker,) = changed
    return worker


@pytest.mark.parametrize("dst", [VIP6, LIP6, STRANGER6])
@pytest.mark.parametrize("dport", [53, 80, 1024, 1025, 8080, 40001])
def test_both_ways_know_the_same_owner(dst: str, dport: int) -> None:
    """To a VIP, a local address that is a VIP too, and neither; services on low and high ports."""
    with director6(3) as core:
        for vip in (VIP6, LIP6):
            for port in (53, 8080):
                core.service(vip, port, [Dest(RS6, 80, id=port % 100)], proto=17, laddrs=[LIP6])
        owners = set()
        for sport in range(5000, 5024):
            udp = Udp(sport, dport, b"x")
            fast = ip_frame(MAC[0], CLIENT_MAC, packet(Ip6(CLIENT6, dst, 17), udp))
            slow = behind_options(udp, CLIENT6, dst, MAC[0])
            by_slow, by_fast = ([handed_to(core, way, q) for q in range(3)] for way in (slow, fast))
            assert by_fast == by_slow
            assert len(set(by_fast)) == (3 if dst == STRANGER6 else 1)
            owners.add(by_fast[0])
        by_flow = dst == VIP6 or (dst == LIP6 and (dport < FIRST_LOCAL_PORT or dport == 8080))
        assert len(owners) == (3 if by_flow else 1)


def test_a_packet_that_only_the_careful_parse_refuses_is_dropped_once() -> None:
    """By whoever owns it: the header's checksum is wrong."""
    with balancer(2) as core:
        good = from_client(Tcp(40000, 80, 1, flags=SYN))
        bad = good[:24] + b"\x12\x34" + good[26:]
        for queue in (0, 1):
            counted = seen(core, bad, 0, queue)
            assert counted.pop("redirected", 0) <= 1
            assert counted == {"bad-ip-checksum": 1}
        assert core.worker(0)["redirected"] + core.worker(1)["redirected"] == 1


def ports_of_worker(worker: int, n: int) -> list[int]:
    with balancer(2, proto=17) as core:
        for cport in range(41000, 41000 + 8 * n):
            core.forward(client_udp(Udp(cport, 80)))
        return [row.cport for row in core.conns() if row.worker == worker][:n]


def test_an_address_that_changes_within_the_time_it_is_remembered() -> None:
    """No clock moves: packets of new flows meet what is configured now, whoever receives them."""
    with director(2) as core:
        for n, cport in enumerate(ports_of_worker(1, 6)):
            if n % 2:
                core.service(VIP, 80, [Dest(RS, 80, id=1)], proto=17)
            elif n:
                core.delete_service(VIP, 80, proto=17)
            counted = seen(core, client_udp(Udp(cport, 80)), 0, 0)
            assert bool(counted.get("forward-in")) == bool(n % 2)
            assert bool(counted.get("to-kernel")) == (not n % 2)
            if n % 2:
                assert counted["redirected"] == 1


# --- a worker without a transmit queue -----------------------------------------------------------


def idle_connections(core: StepCore, n: int) -> int:
    """Established, all last heard of at the same time; how many are worker 1's."""
    flows = [Flow(core, cport=10000 + i) for i in range(n)]
    for flow in flows:
        flow.establish()
    rows = core.conns()
    assert len(rows) == n
    return sum(row.worker == 1 for row in rows)


def until_they_end(core: StepCore) -> None:
    """The time-out of 90 s has just passed, without a turn."""
    core.pass_time(89.5)
    assert core.n_conns()
    core.now_us += A_SECOND_US


def is_reset(sent: bytes) -> bool:
    return sent[23] == 6 and bool(tcp_of(sent).flags & RST)


def test_resets_wait_until_the_sender_has_room_for_them() -> None:
    """The owner takes many turns while the sender takes one, and has more to say than the ring
    holds: two resets a connection, every one of them sent."""
    with balancer(2, tx_worker_only=True, conn_pool=8192) as core:
        n = 3000
        n_of_owner = idle_connections(core, n)
        assert 2 * n_of_owner > RING_PACKETS
        core.sent.clear()
        until_they_end(core)
        for _ in range(500):
            for _ in range(20):
                core.turn(1)
            core.turn(0)
            core.collect()
        assert core.n_conns() == 0
        assert "peer-ring-full" not in core.verdicts()
        for dev in (0, 1):
            assert sum(map(is_reset, core.sent[dev])) == n


def test_connections_end_though_their_sender_stands_still() -> None:
    """What the ring has no room for is lost, and counted."""
    with balancer(2, tx_worker_only=True, conn_pool=8192) as core:
        n_of_owner = idle_connections(core, 3000)
        owner_conns = core.worker(1)["conns"]
        assert owner_conns == n_of_owner
        until_they_end(core)
        for _ in range(200):
            core.turn(1)
        waiting = core.worker(1)["conns"]
        assert waiting < owner_conns
        assert waiting > 0
        for _ in range(30):
            core.now_us += A_SECOND_US // 10
            for _ in range(200):
                core.turn(1)
        assert core.worker(1)["conns"] == 0
        assert core.verdicts()["peer-ring-full"] == 2 * n_of_owner - RING_PACKETS
        core.step(turns=70)
