"""Both families at once: bursts that mix them, any worker, any queue; addresses that look alike."""

import errno
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.wire import ACK, PSH, SYN, Ip6, Tcp, Udp, icmp6, ip_frame, read_ip
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    CLIENT_MAC,
    LIP,
    LIP6,
    RS,
    RS6,
    RS_MAC,
    TO_CLIENTS,
    TO_SERVERS,
    VIP,
    VIP6,
    Flow,
    balancer6,
    client_udp,
    director6,
    from_client,
    server_udp,
    tcp_of,
)

WORKERS = [1, 2, 3]


def flow_of(core: StepCore, af: int, cport: int) -> Flow:
    ends = {4: (CLIENT, VIP), 6: (CLIENT6, VIP6)}
    return Flow(core, cport, *ends[af])


@pytest.mark.parametrize("n_workers", WORKERS)
def test_every_packet_of_an_ipv6_flow_reaches_its_worker(n_workers: int) -> None:
    with balancer6(n_workers) as core:
        used = set()
        for cport in range(40000, 40032):
            flow = flow_of(core, 6, cport)
            assert len(flow.syn(worker=cport % n_workers)) == 1
            row = core.find(6, CLIENT6, cport, VIP6, 80)
            assert row == core.find(6, RS6, 80, flow.laddr, flow.lport)
            assert row
            for queue in range(n_workers):
                assert len(flow.server(SYN | ACK, seq=0, worker=queue)) == 1
                assert len(flow.client(ACK, worker=queue)) == 1
                assert len(flow.server(ACK | PSH, payload=b"x", worker=queue)) == 1
            used.add(row.worker)
        assert core.n_conns() == 32
        assert used == set(range(n_workers))
        assert "reset-sent" not in core.verdicts()


@pytest.mark.parametrize("n_workers", WORKERS)
def test_icmpv6_errors_from_both_sides_reach_the_owner(n_workers: int) -> None:
    with balancer6(n_workers) as core:
        for cport in range(40000, 40012):
            flow = flow_of(core, 6, cport)
            to_server = flow.syn()[0]
            to_client = flow.server(SYN | ACK, seq=0)[0]
            for queue in range(n_workers):
                error = icmp6(RS6, LIP6, 1, 4, 0, to_server[14:])
                l3 = bytes(Ip6(RS6, LIP6, 58, error))
                assert len(core.forward(ip_frame(MAC[1], RS_MAC, l3), 1, queue)) == 1
                error = icmp6("2001:db8::1", VIP6, 2, 0, 1300, to_client[14:])
                l3 = bytes(Ip6("2001:db8::1", VIP6, 58, error))
                assert len(core.forward(ip_frame(MAC[0], CLIENT_MAC, l3), 0, queue)) == 1
        assert core.verdicts()["icmp-related"] == 12 * 2 * n_workers


PACKETS = st.lists(
    st.tuples(st.sampled_from([4, 6]), st.integers(0, 5), st.booleans(), st.integers(0, 2)),
    min_size=1, max_size=60,
)  # fmt: skip


@given(packets=PACKETS, n_workers=st.integers(1, 3))
@settings(max_examples=80, deadline=None, database=None)
def test_bursts_of_both_families(packets: list[tuple[int, int, bool, int]], n_workers: int) -> None:
    """All are received before any turn: one burst a device and queue. Each segment leaves once,
    with its own connection's tuple."""
    with balancer6(n_workers) as core:
        flows = {(af, i): flow_of(core, af, 40000 + i).establish()
                 for af in (4, 6) for i in range(6)}  # fmt: skip
        core.sent.clear()
        want: Counter[tuple[str, int, bytes]] = Counter()
        for n, (af, i, to_client, queue) in enumerate(packets):
            flow, payload = flows[af, i], n.to_bytes(4, "big")
            if to_client:
                tcp = Tcp(80, flow.lport, 70001, flow.server_sees_isn + 1, payload=payload)
                src, dst, dev = flow.daddr, flow.laddr, TO_SERVERS
                want[flow.caddr, flow.cport, payload] += 1
            else:
                tcp = Tcp(flow.cport, 80, 1001, 70005, payload=payload)
                src, dst, dev = flow.caddr, flow.vaddr, TO_CLIENTS
                want[flow.daddr, 80, payload] += 1
            core.send(from_client(tcp, src, dst) if dev == TO_CLIENTS else
                      ip_frame(MAC[dev], RS_MAC, from_client(tcp, src, dst)[14:]),
                      dev, queue % n_workers)  # fmt: skip
        core.step(turns=8)
        got: Counter[tuple[str, int, bytes]] = Counter()
        for frame in core.sent[0] + core.sent[1]:
            l3, segment = frame[14:], tcp_of(frame)
            got[read_ip(l3).dst, segment.dport, segment.payload] += 1
        assert got == want
        assert core.n_conns() == 12


def test_an_ipv6_client_whose_address_looks_like_an_ipv4_tuple() -> None:
    """10.0.0.48 -> 10.0.0.100 in the first eight bytes of its source: another flow."""
    alike = "a00:30:a00:64::"
    with balancer6(proto=17) as core:
        core.route("a00:30::/32", TO_CLIENTS)
        core.neigh(alike, TO_CLIENTS, CLIENT_MAC)
        core.forward(client_udp(Udp(40000, 80, b"?")))
        core.forward(client_udp(Udp(40000, 80, b"?"), alike, VIP6))
        assert core.n_conns() == 2
        for caddr, vaddr in ((CLIENT, VIP), (alike, VIP6)):
            row = core.find(17, caddr, 40000, vaddr, 80)
            assert row and (row.caddr, row.vaddr) == (caddr, vaddr)
            answer = server_udp(Udp(80, row.lport, b"!"), row.laddr, row.daddr)
            assert len(core.forward(answer, TO_SERVERS)) == 1


def test_a_server_of_another_family_is_refused_where_no_mode_translates() -> None:
    """NAT leaves the client's address, which a server of the other family could not answer to."""
    with director6() as core, core.edit() as edit:
        refused = -errno.EAFNOSUPPORT
        assert edit.put(VIP6, 80, [Dest(RS, 80, id=1, fwd="NAT")], laddrs=[LIP]) == refused
        assert edit.put(VIP, 80, [Dest(RS6, 80, id=2, fwd="NAT")], laddrs=[LIP6]) == refused
