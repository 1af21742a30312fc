"""Match services (F-020, F-021, behaviour 20): which one takes a packet, against the brute-force
matcher of oracle/snat.py; what is refused; and the memory of their edits."""

import errno
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from dpvs_core._native import lib
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dpvs_core.lb.test_edit_memory import MAX_REFUSALS, pieces
from tests.oracle.snat import Seen, chosen
from tests.oracle.wire import ICMP, ICMP6, SYN, TCP, UDP, Tcp, Udp, ip_frame, ip_of, packet, read_ip
from tests.steps.core import MAC, Dest, Edit, Match, Range, StepCore
from tests.steps.scene import CLIENT_MAC, RS_MAC, TO_CLIENTS, TO_SERVERS, VIP, director6
from tests.steps.scene_snat import INSIDE, REMOTE, WAN, query, world

N_WANS = 6
WANS = {4: [f"10.0.0.{200 + i}" for i in range(N_WANS)],
        6: [f"2001:db8::2:{i}" for i in range(N_WANS)]}  # fmt: skip
HOSTS = {
    4: ["192.168.100.2", "192.168.100.3", "192.168.101.9", "10.0.0.48", "10.0.0.49", "10.0.1.1"],
    6: ["fd00:64::2", "fd00:64::3", "fd00:65::9", "2001:db8::48", "2001:db8::49", "2001:db8:1::1"],
}
"""The first half is routed to dpdk1, the second to dpdk0."""
PORTS = (0, 1, 79, 80, 81, 65535)
ADDR = {af: st.sampled_from(hosts) for af, hosts in HOSTS.items()}


def address_space(n_workers: int = 1) -> StepCore:
    core = director6(n_workers)
    for af, prefixes in (
        (4, ("192.168.101.0/24", "10.0.1.0/24")),
        (6, ("fd00:65::/64", "2001:db8:1::/64")),
    ):
        core.route(prefixes[0], TO_SERVERS)
        core.route(prefixes[1], TO_CLIENTS)
        for i, host in enumerate(HOSTS[af]):
            dev, mac = (TO_SERVERS, RS_MAC) if i < len(HOSTS[af]) // 2 else (TO_CLIENTS, CLIENT_MAC)
            core.neigh(host, dev, mac)
        for wan in WANS[af]:
            core.laddr(wan, TO_CLIENTS)
    return core


@st.composite
def ranges(draw: st.DrawFn, af: int) -> Range:
    at = sorted(draw(st.lists(st.sampled_from(range(6)), min_size=2, max_size=2)))
    ordered = sorted(HOSTS[af], key=lambda addr: int(ip_address(addr)))
    addrs = (ordered[at[0]], ordered[at[1]]) if draw(st.booleans()) else ("", "")
    ports = sorted(draw(st.lists(st.sampled_from(PORTS), min_size=2, max_size=2)))
    if draw(st.booleans()):
        ports = [0, 0]
    return Range(*addrs, *ports)


@st.composite
def matches(draw: st.DrawFn) -> Match:
    af = draw(st.sampled_from([4, 6]))
    return Match(
        af,
        draw(st.sampled_from([0, TCP, UDP, ICMP if af == 4 else ICMP6])),
        draw(ranges(af)),
        draw(ranges(af)),
        draw(st.sampled_from([None, None, 0, 1])),
        draw(st.sampled_from([None, None, 0, 1])),
    )


@st.composite
def packets(draw: st.DrawFn) -> tuple[Seen, bytes]:
    """A first packet, as a match sees it and as it is."""
    af = draw(st.sampled_from([4, 6]))
    src, dst = draw(ADDR[af]), draw(ADDR[af])
    sport, dport = draw(st.sampled_from(PORTS)), draw(st.sampled_from(PORTS))
    proto = draw(st.sampled_from([TCP, UDP, ICMP if af == 4 else ICMP6]))
    iif = draw(st.sampled_from([0, 1]))
    oif = TO_SERVERS if HOSTS[af].index(dst) < 3 else TO_CLIENTS
    ports: tuple[int, int] | None = (sport, dport)
    if proto == TCP:
        l3 = packet(ip_of(src, dst, TCP), Tcp(sport, dport, flags=SYN))
    elif proto == UDP:
        l3 = packet(ip_of(src, dst, UDP), Udp(sport, dport))
    else:
        l3, ports = query(src, dst, 8 if af == 4 else 128, sport), None
    return Seen(proto, src, dst, ports, iif, oif), l3


@given(
    added=st.lists(matches(), max_size=N_WANS, unique=True),
    first=st.lists(packets(), max_size=12),
    n_workers=st.sampled_from([1, 3]),
    data=st.data(),
)
@settings(max_examples=150, deadline=None, database=None)
def test_behaviour_20_the_oracles_service_takes_the_packet(
    added: list[Match], first: list[tuple[Seen, bytes]], n_workers: int, data: st.DataObject
) -> None:
    """Each service has a WAN address of its own, which tells it. Some are changed, which keeps
    their turn, some removed and added again, which gives them the first."""
    with address_space(n_workers) as core:
        for i, match in enumerate(added):
            core.match_service(match, [Dest(WANS[match.af][i], 0, id=i)])
        order = list(added)
        for match in data.draw(
            st.lists(st.sampled_from(added), max_size=3) if added else st.just([])
        ):
            if data.draw(st.booleans()):
                core.delete_match(match)
                order.remove(match)
                order.append(match)
            i = added.index(match)
            core.match_service(match, [Dest(WANS[match.af][i], 0, id=i)], conn_timeout_s=77)
        for i, (seen, l3) in enumerate(first):
            expect(core, order, added, seen, l3, i % n_workers)


def expect(
    core: StepCore, order: list[Match], added: list[Match], seen: Seen, l3: bytes, queue: int
) -> None:
    """What no service takes goes on as without any: here to Linux, or dropped."""
    match = chosen(order, seen)
    before = core.n_conns()
    sent = core.forward(ip_frame(MAC[seen.iif], RS_MAC, l3), seen.iif, queue)
    if match is None:
        assert sent == []
        assert core.n_conns() == before
    else:
        assert [read_ip(frame[14:]).src for frame in sent] == [
            WANS[match.af][added.index(match)]
        ], core.verdicts()


@pytest.mark.parametrize("mac_of", [MAC[0], MAC[1]])
def test_behaviour_20_a_service_of_the_destination_comes_first(mac_of: str) -> None:
    """F-020: address and port before any match; and what is for this station is not from inside."""
    dev = MAC.index(mac_of)
    with world() as core:
        core.service(VIP, 80, [Dest(INSIDE, 80, id=1)])
        core.match_service(Match(4), [Dest(WAN, 0, id=3)])
        core.addr("10.0.0.1", TO_CLIENTS)
        here = (VIP, 80), (VIP, 81), (WAN, 5), ("192.168.100.200", 80), ("10.0.0.1", 80)
        for dst, dport in here:
            l3 = packet(ip_of(REMOTE, dst, TCP), Tcp(1000, dport, flags=SYN))
            core.forward(ip_frame(mac_of, RS_MAC, l3), dev)
        assert core.dest(3)["conns"] == 0
        assert core.dest(1)["conns"] == 1


def test_behaviour_20_without_a_route_there_is_no_match() -> None:
    with world() as core:
        core.match_service(Match(4), [Dest(WAN, 0, id=3)])
        l3 = packet(ip_of(INSIDE, "8.8.8.8", UDP), Udp(1000, 53))
        frame = ip_frame(MAC[1], RS_MAC, l3)
        assert core.forward(frame, TO_SERVERS) == []
        assert core.to_kernel[TO_SERVERS] == [frame]
        assert core.n_conns() == 0


ANY = Match(4)
OTHER_LADDR = "192.168.100.200"
REFUSED: list[tuple[Match, list[Dest], dict[str, Any], int]] = [
    (replace(ANY, af=5), [Dest(WAN, 0)], {}, errno.EINVAL),
    (replace(ANY, proto=47), [Dest(WAN, 0)], {}, errno.EINVAL),
    (replace(ANY, proto=ICMP6), [Dest(WAN, 0)], {}, errno.EINVAL),
    (replace(ANY, iif=2), [Dest(WAN, 0)], {}, errno.EINVAL),
    (replace(ANY, oif=2), [Dest(WAN, 0)], {}, errno.EINVAL),
    (replace(ANY, src=Range("10.0.0.2", "10.0.0.1")), [Dest(WAN, 0)], {}, errno.EINVAL),
    (replace(ANY, dst=Range(first_port=9, last_port=8)), [Dest(WAN, 0)], {}, errno.EINVAL),
    (ANY, [Dest(WAN, 0)], {"fwd": "FNAT"}, errno.EINVAL),
    (ANY, [Dest(WAN, 0)], {"laddr_ids": [63]}, errno.ENOENT),
    (ANY, [Dest(WAN, 0)], {"laddr_ids": [64]}, errno.ENOENT),
    (ANY, [Dest("10.0.0.201", 0)], {"laddr_ids": [2]}, errno.EINVAL),  # not that address
    (Match(6), [Dest(WAN, 0)], {}, errno.EINVAL),
    (ANY, [Dest(WAN, 0, id=5000)], {}, errno.EINVAL),
    (ANY, [Dest(WAN, 0)], {"flags": 0x80}, errno.EINVAL),
    (ANY, [Dest(WAN, 0)], {"flags": 2}, errno.EOPNOTSUPP),
]  # fmt: skip


@pytest.mark.parametrize(("match", "dests", "rest", "error"), REFUSED)
def test_refused(match: Match, dests: list[Dest], rest: dict[str, Any], error: int) -> None:
    with world() as core:
        assert core.laddrs[WAN] == 2
        before = pieces(core)
        edit = Edit(core)
        assert edit.put_match(match, dests, **rest) == -error
        assert edit.delete_match(ANY) == -errno.ENOENT
        edit.abort()
        assert pieces(core) == before


def test_snat_is_for_matches_alone() -> None:
    with world() as core:
        edit = Edit(core)
        assert edit.put(VIP, 80, [Dest(WAN, 80, fwd="SNAT")]) == -errno.EINVAL
        assert edit.put(VIP, 80, [Dest(INSIDE, 80)], flags=0x80) == -errno.EINVAL
        edit.abort()


def test_behaviour_15_a_wan_address_in_use_is_not_deleted() -> None:
    """Behaviour 15: by a service, then by connections."""
    with world() as core:
        core.match_service(ANY, [Dest(WAN, 0, id=3)])
        l3 = packet(ip_of(INSIDE, REMOTE, UDP), Udp(1000, 53))
        core.forward(ip_frame(MAC[1], RS_MAC, l3), TO_SERVERS)
        assert core.delete_laddr(WAN) == -errno.EBUSY
        core.delete_match(ANY)
        pieces(core)
        assert core.delete_laddr(WAN) == -errno.EBUSY
        core.pass_time(302, slice_s=5)
        assert core.delete_laddr(WAN) == 0


# --- memory ---------------------------------------------------------------------------------------


def wan_match(i: int) -> Match:
    return Match(4, dst=Range(first_port=i + 1, last_port=i + 1))


def changes(edit: Edit) -> list[int]:
    """Made, made twice, changed, removed, removed and made again: also of this very edit."""
    made = [edit.put_match(wan_match(i), [Dest(WAN, 0, id=i)], sched="WRR") for i in range(5, 9)]
    again = [edit.put_match(wan_match(i), [Dest(WAN, 0, id=i)] * 2) for i in (6, 1, 1)]
    removed = [edit.delete_match(wan_match(i)) for i in (0, 7, 1)]
    return made + again + removed + [edit.put_match(wan_match(0), [Dest(WAN, 0, id=0)])]


def test_an_aborted_edit_leaves_nothing() -> None:
    with world() as core:
        for i in range(4):
            core.match_service(wan_match(i), [Dest(WAN, 0, id=i)])
        before = pieces(core)
        edit = Edit(core)
        assert set(changes(edit)) == {0}
        edit.abort()
        assert pieces(core) == before


def test_committed_edits_free_what_they_replaced() -> None:
    with world() as core:
        amounts = set()
        for _ in range(4):
            with core.edit() as edit:
                for i in range(4):
                    assert edit.put_match(wan_match(i), [Dest(WAN, 0, id=i)]) == 0
            with core.edit() as edit:
                assert set(changes(edit)) == {0}
            with core.edit() as edit:
                for i in (0, 2, 3, 5, 6, 8):
                    assert edit.delete_match(wan_match(i)) == 0
                assert edit.delete_match(wan_match(1)) == -errno.ENOENT
            amounts.add(pieces(core))
        assert len(amounts) == 1


def test_every_refused_allocation_leaves_the_set_as_it_was() -> None:
    with world() as core:
        for i in range(4):
            core.match_service(wan_match(i), [Dest(WAN, 0, id=i)])
        before = pieces(core)
        for after in range(1, MAX_REFUSALS):
            lib.core_memory_refuse(core.core, after)
            edit_raw = lib.core_lb_begin(core.core)
            if not edit_raw:
                assert pieces(core) == before
                continue
            lib.core_lb_abort(edit_raw)
            lib.core_memory_refuse(core.core, 0)
            edit = Edit(core)
            lib.core_memory_refuse(core.core, after)
            results = changes(edit)
            lib.core_memory_refuse(core.core, 0)
            edit.abort()
            assert pieces(core) == before
            assert set(results) <= {0, -errno.ENOMEM, -errno.ENOENT}
            if set(results) == {0}:
                assert after > 10
                return
        raise AssertionError("it never succeeds")
