"""A dest's counters: packets and IP bytes as they arrived, whatever is added or padded."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.wire import ACK, SYN, Tcp
from tests.steps.core import MAC, Dest
from tests.steps.scene import RS, VIP, Flow, balancer, director, from_client, from_server

SEGMENTS = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 1400)), max_size=30)


@given(segments=SEGMENTS, n_workers=st.integers(1, 3))
@settings(max_examples=50, deadline=None, database=None)
def test_dest_counters_are_exact(segments: list[tuple[int, bool, int]], n_workers: int) -> None:
    dests = [Dest(RS, 80, id=7), Dest("192.168.100.3", 80, id=8)]
    want: dict[int, Counter[str]] = {7: Counter(), 8: Counter()}
    with director(n_workers) as core:
        core.neigh("192.168.100.3", 1)
        core.service(VIP, 80, dests)
        flows = [Flow(core, cport=100 + i).establish() for i in range(4)]
        ids = [7 if flow.daddr == RS else 8 for flow in flows]
        for i in ids:  # SYN and ACK in, SYN-ACK out, 40 bytes each
            want[i] += Counter(conns=1, inpkts=2, inbytes=80, outpkts=1, outbytes=40, active=1)
        for n, (i, is_client, n_bytes) in enumerate(segments):
            flow, seen = flows[i], want[ids[i]]
            send = flow.client if is_client else flow.server
            assert len(send(ACK, payload=bytes(n_bytes), worker=n % n_workers)) == 1
            way = "in" if is_client else "out"
            seen += Counter({f"{way}pkts": 1, f"{way}bytes": 40 + n_bytes})
        for dest_id, counts in want.items():
            got = core.dest(dest_id)
            assert got == {name: counts[name] for name in got}
            parts = [core.dest(dest_id, worker=w) for w in range(n_workers)]
            assert got == {name: sum(part[name] for part in parts) for name in got}


def test_padding_and_the_clients_address_are_not_counted() -> None:
    with balancer() as core:
        flow = Flow(core)
        flow.syn()
        flow.server(SYN | ACK, seq=0)
        ack = Tcp(flow.cport, 80, flow.client_isn + 1, flow.server_isn + 1, ACK)
        (out,) = core.forward(from_client(ack) + bytes(6))
        assert len(out) >= 14 + 48  # option 254 is in it
        assert core.dest(1)["inbytes"] == 80


def test_counters_outlive_their_dest() -> None:
    """The master subtracts: nothing is set back by a new version of the service or its end."""
    with balancer() as core:
        Flow(core).establish()
        core.service(VIP, 80, [Dest(RS, 80, id=1, weight=9)])
        core.delete_service(VIP, 80)
        assert core.dest(1)["inpkts"] == 2


def test_drops_at_other_stations_are_not_counted() -> None:
    with balancer() as core:
        flow = Flow(core).establish()
        was = core.dest(1)
        sent = bytearray(from_server(Tcp(80, flow.lport, 1, 1, ACK)))
        sent[:6] = bytes.fromhex(MAC[0].replace(":", ""))  # the other device's address
        assert core.forward(bytes(sent), 1) == []
        assert core.dest(1) == was
