"""F-056: one-packet scheduling. Each datagram goes where the scheduler says, nothing is kept."""

from collections import Counter

import pytest

from tests.dpvs_core.modes.one_way_scene import OWN, OWN6
from tests.oracle.fragments import cut, together
from tests.oracle.wire import TCP, UDP, Udp, bad_checksums, ip_frame, ip_of, packet, read_ip
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    LIP,
    LIP6,
    TO_CLIENTS,
    TO_SERVERS,
    VIP,
    VIP6,
    director6,
    server_udp,
)

NEIGHBOUR = "02:cc:00:00:00:01"
ONE_PACKET = 2
EINVAL, EOPNOTSUPP = -22, -95
MODES = [
    ("FNAT", 4, 4), ("FNAT", 6, 6), ("FNAT", 6, 4), ("FNAT", 4, 6), ("NAT", 4, 4), ("NAT", 6, 6),
    ("DR", 4, 4), ("DR", 6, 6), ("TUNNEL", 4, 4), ("TUNNEL", 6, 4), ("TUNNEL", 4, 6),
]  # fmt: skip
EVERY_MODE = pytest.mark.parametrize(
    ("fwd", "client_af", "server_af"), MODES, ids=[f"{f}{c}{s}" for f, c, s in MODES]
)
WORKERS = pytest.mark.parametrize("n_workers", [1, 3])


def servers(af: int) -> list[str]:
    return [f"192.168.100.{n}" if af == 4 else f"fd00:64::{n}" for n in (2, 3, 4)]


def balancer(
    fwd: str = "FNAT", client_af: int = 4, server_af: int = 4, n_workers: int = 1,
    weights: tuple[int, ...] = (1, 1, 1), sched: str = "RR", **rest: int,
) -> StepCore:  # fmt: skip
    core = director6(n_workers)
    core.addr(OWN, TO_SERVERS)
    core.addr(OWN6, TO_SERVERS)
    for n, addr in enumerate(servers(server_af)):
        core.neigh(addr, TO_SERVERS, f"02:bb:00:00:00:0{n + 2}")
    dests = [
        Dest(addr, 80, id=n, fwd=fwd, weight=weight, **rest)
        for n, (addr, weight) in enumerate(zip(servers(server_af), weights, strict=True))
    ]
    laddrs = [LIP, LIP6] if fwd == "FNAT" else []
    vip = VIP if client_af == 4 else VIP6
    core.service(vip, 80, dests, proto=UDP, laddrs=laddrs, flags=ONE_PACKET, sched=sched)
    return core


def ask(core: StepCore, client_af: int = 4, n: int = 0, worker: int = 0) -> list[bytes]:
    ends = (CLIENT, VIP) if client_af == 4 else (CLIENT6, VIP6)
    l3 = packet(ip_of(*ends, UDP), Udp(40000, 80, b"datagram %d" % n))
    return core.forward(ip_frame(MAC[TO_CLIENTS], NEIGHBOUR, l3), TO_CLIENTS, worker)


def nothing_is_kept(core: StepCore) -> bool:
    counts = [core.dest(n) for n in range(3)]
    return core.n_conns() == 0 and not any(row["active"] + row["inactive"] for row in counts)


@EVERY_MODE
@WORKERS
def test_datagrams_of_one_socket_go_to_all_servers(
    fwd: str, client_af: int, server_af: int, n_workers: int
) -> None:
    with balancer(fwd, client_af, server_af, n_workers) as core:
        reached = Counter[str]()
        for n in range(12):
            (frame,) = ask(core, client_af, n, n % n_workers)
            reached[frame[:6].hex(":")] += 1
            ip = read_ip(frame[14:])
            assert bad_checksums(frame[14:]) == []
            inner = read_ip(ip.payload) if fwd == "TUNNEL" else ip
            assert inner.payload[8:] == b"datagram %d" % n
            assert nothing_is_kept(core)
        assert reached == {f"02:bb:00:00:00:0{n}": 4 for n in (2, 3, 4)}
        assert [core.dest(n)["conns"] for n in range(3)] == [4, 4, 4]
        assert [core.dest(n)["inpkts"] for n in range(3)] == [4, 4, 4]
        assert core.verdicts()["scheduled"] == core.verdicts()["forward-in"] == 12
        assert core.ports(LIP)[0] == core.ports(LIP6)[0] == 0


def test_weights_decide() -> None:
    with balancer(sched="WRR", weights=(1, 0, 3)) as core:
        for n in range(8):
            assert len(ask(core, n=n)) == 1
        assert [core.dest(n)["conns"] for n in range(3)] == [2, 0, 6]


def test_a_threshold_is_never_reached() -> None:
    """Datagrams are not connections that last."""
    with balancer(upper=1) as core:
        for n in range(9):
            assert len(ask(core, n=n)) == 1
        assert "dest-overload" not in core.verdicts()


def test_answers_find_nothing() -> None:
    """As in DPVS: FULLNAT's local port is free again."""
    with balancer() as core:
        ip = read_ip(ask(core)[0][14:])
        port = int.from_bytes(ip.payload[:2], "big")
        assert core.forward(server_udp(Udp(80, port, b"!")), TO_SERVERS) == []
        assert core.verdicts()["no-connection"] == 1


@EVERY_MODE
@WORKERS
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_fragments_of_a_datagram_stay_together(
    fwd: str, client_af: int, server_af: int, n_workers: int, order: tuple[int, ...]
) -> None:
    ends = (CLIENT, VIP) if client_af == 4 else (CLIENT6, VIP6)
    data = bytes(range(250)) * 12
    used = set()
    with balancer(fwd, client_af, server_af, n_workers) as core:
        for n in range(30):
            ip = ip_of(*ends, UDP, Udp(40000, 80, data).pack(*ends))
            pieces = cut(ip, 100 + n, 1200)
            core.sent.clear()
            for i in order:
                frame = ip_frame(MAC[TO_CLIENTS], NEIGHBOUR, pieces[i])
                core.send(frame, TO_CLIENTS, n % n_workers)
            core.step()
            left = core.sent[TO_SERVERS]
            (mac,) = {frame[:6] for frame in left}
            used.add(mac)
            if fwd != "TUNNEL":
                whole = together([frame[14:] for frame in left])
                assert bad_checksums(bytes(whole)) == []
                assert whole.payload[8:] == data
            assert len(left) >= 3
            assert nothing_is_kept(core)
        assert len(used) == 3


def test_fragments_by_weight_and_never_to_weight_zero() -> None:
    ip = ip_of(CLIENT, VIP, UDP, Udp(40000, 80, bytes(2000)).pack(CLIENT, VIP))
    with balancer(weights=(0, 1, 9)) as core:
        for n in range(200):
            for piece in cut(ip, n, 1200):
                core.forward(ip_frame(MAC[TO_CLIENTS], NEIGHBOUR, piece), TO_CLIENTS)
        counts = [core.dest(n)["inpkts"] for n in range(3)]
        assert counts[0] == 0
        assert 8 <= counts[1] <= 80
        assert sum(counts) == 400
    with balancer(weights=(0, 0, 0)) as core:
        core.forward(ip_frame(MAC[TO_CLIENTS], NEIGHBOUR, cut(ip, 1, 1200)[0]), TO_CLIENTS)
        assert core.verdicts()["no-dest"] == 1


def test_a_dest_that_goes_in_that_moment() -> None:
    """The worker still has the set, while the dest's connections are cut already."""
    with balancer() as core:
        assert len(ask(core)) == 1
        core.service(VIP, 80, [Dest(servers(4)[0], 80, id=0, weight=0)], proto=UDP, flags=3)
        assert ask(core) == []
        assert core.verdicts()["no-dest"] == 1
        assert nothing_is_kept(core)


def test_udp_alone() -> None:
    with director6() as core, core.edit() as edit:
        dest = [Dest("192.168.100.2", 80, id=1)]
        assert edit.put(VIP, 80, dest, proto=TCP, flags=ONE_PACKET) == EOPNOTSUPP
        assert edit.put(VIP, 80, dest, proto=132, flags=ONE_PACKET) == EOPNOTSUPP
        assert edit.put(VIP, 80, dest, proto=UDP, flags=4) == EINVAL
        assert edit.put(VIP, 80, dest, proto=UDP, flags=ONE_PACKET) == 0
