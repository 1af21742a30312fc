"""Who owns a packet never depends on the queue it came by, nor on whose turn it is."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.wire import ACK, FIN, PSH, SYN, Ip4, Tcp, Udp, frame, icmp
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.scene import (
    CLIENT,
    CLIENT_MAC,
    LIP,
    RS,
    RS_MAC,
    VIP,
    Flow,
    balancer,
    client_udp,
    director,
    from_client,
    server_udp,
    tcp_of,
)

WORKERS = [1, 2, 3]


def worker_of(core: StepCore, cport: int) -> int:
    row = core.find(6, CLIENT, cport, VIP, 80)
    assert row
    return row.worker


@pytest.mark.parametrize("n_workers", WORKERS)
def test_behaviour_16_every_packet_of_a_flow_reaches_the_worker_that_has_the_connection(
    n_workers: int,
) -> None:
    """All arrival queues, all segments: no second connection, nothing answered with a reset."""
    with balancer(n_workers) as core:
        used = set()
        for cport in range(40000, 40048):
            flow = Flow(core, cport=cport)
            queues = iter((cport + i) % n_workers for i in range(100))
            assert len(flow.syn(worker=next(queues))) == 1
            owner = worker_of(core, cport)
            for queue in range(n_workers):
                assert len(flow.client(SYN, seq=0, worker=queue)) == 1
                assert len(flow.server(SYN | ACK, seq=0, worker=queue)) == 1
                assert len(flow.client(ACK, worker=queue)) == 1
                assert len(flow.server(ACK | PSH, payload=b"x", worker=queue)) == 1
            assert worker_of(core, cport) == owner
            used.add(owner)
        assert core.n_conns() == 48
        assert used == set(range(n_workers))
        assert "reset-sent" not in core.verdicts()
        assert core.verdicts()["scheduled"] == 48


@pytest.mark.parametrize("n_workers", WORKERS)
def test_behaviour_16_a_packet_is_handed_on_once_at_most(n_workers: int) -> None:
    with balancer(n_workers) as core:
        for cport in range(40000, 40020):
            flow = Flow(core, cport=cport)
            flow.syn()
            owner = worker_of(core, cport)
            for queue in range(n_workers):
                before = core.verdicts().get("redirected", 0)
                flow.client(ACK, worker=queue)
                handed = core.verdicts().get("redirected", 0) - before
                assert handed == (queue != owner)


@pytest.mark.parametrize("n_workers", WORKERS)
def test_icmp_errors_from_both_sides_reach_the_owner(n_workers: int) -> None:
    with balancer(n_workers) as core:
        for cport in range(40000, 40016):
            flow = Flow(core, cport=cport)
            to_server = flow.syn()[0]
            to_client = flow.server(SYN | ACK, seq=0)[0]
            for queue in range(n_workers):
                error = icmp(3, 1, 0, to_server[14 : 14 + 28])
                sent = frame(MAC[1], RS_MAC, bytes(Ip4(RS, LIP, 1, error)))
                assert len(core.forward(sent, 1, queue)) == 1
                error = icmp(11, 0, 0, to_client[14 : 14 + 28])
                sent = frame(MAC[0], CLIENT_MAC, bytes(Ip4("10.0.7.7", VIP, 1, error)))
                assert len(core.forward(sent, 0, queue)) == 1
        assert core.verdicts()["icmp-related"] == 16 * 2 * n_workers


@pytest.mark.parametrize("n_workers", WORKERS)
def test_udp_answers_reach_the_owner(n_workers: int) -> None:
    with balancer(n_workers, proto=17) as core:
        for cport in range(40000, 40032):
            assert len(core.forward(client_udp(Udp(cport, 80, b"?")), 0, cport % n_workers)) == 1
            row = core.find(17, CLIENT, cport, VIP, 80)
            assert row
            answer = server_udp(Udp(80, row.lport, b"!"))
            for queue in range(n_workers):
                assert len(core.forward(answer, 1, queue)) == 1
        assert core.verdicts()["scheduled"] == 32


@pytest.mark.parametrize("n_workers", WORKERS)
def test_a_local_address_that_is_a_vip_too(n_workers: int) -> None:
    """One address for both (one-arm set-ups), with a service above the first local port."""
    with director(n_workers) as core:
        core.service(LIP, 8080, [Dest(RS, 80, id=1)])
        for cport in range(40000, 40032):
            syn = Tcp(cport, 8080, 1, flags=SYN)
            (out,) = core.forward(from_client(syn, vip=LIP), 0, cport % n_workers)
            sent = tcp_of(out)
            answer = Tcp(80, sent.sport, 9, sent.seq + 1, SYN | ACK)
            l3 = Ip4(RS, LIP, 6, answer.pack(RS, LIP))
            back = core.forward(frame(MAC[1], RS_MAC, bytes(l3)), 1, cport % n_workers)
            assert [tcp_of(out).dport for out in back] == [cport], core.verdicts()


# --- the same behaviour outside, whoever works and whoever's turn it is -------------------------

Action = tuple[str, int, int]
"""What, client port, and arrival queue (or thread whose turn it is)."""

ACTIONS = st.one_of(
    st.tuples(st.sampled_from(["syn", "ack", "data", "fin"]), st.integers(0, 5), st.integers(0, 2)),
    st.tuples(st.just("turn"), st.just(0), st.integers(-1, 2)),
)
FLAGS = {"syn": SYN, "ack": ACK, "data": ACK | PSH, "fin": ACK | FIN}


def seen_outside(core: StepCore, n_workers: int, actions: list[Action]) -> Counter[bytes]:
    """Frames that left, local ports and sequence numbers of the core's choice blanked."""
    core.sent.clear()
    for what, i, at in actions:
        if what == "turn":
            core.turn(at if at < n_workers else 0)
            continue
        payload = b"data" if what == "data" else b""
        tcp = Tcp(40000 + i, 80, 1000 + (what != "syn"), 0, FLAGS[what], payload=payload)
        core.send(from_client(tcp), 0, at % n_workers)
    core.step(turns=8)
    return Counter(map(without_choices, core.sent[0] + core.sent[1]))


def without_choices(sent: bytes) -> bytes:
    """Blank IP id and checksum; towards the server also port, number and TCP checksum."""
    out = bytearray(sent)
    out[18:20] = out[24:26] = b"\0\0"
    if sent[26:30] == bytes([192, 168, 100, 200]):
        out[34:36] = out[50:52] = b"\0\0"
        out[38:42] = b"\0\0\0\0"
    return bytes(out)


@given(actions=st.lists(ACTIONS, min_size=1, max_size=40))
@settings(max_examples=150, deadline=None, database=None)
def test_workers_and_their_turns_are_not_seen_from_outside(actions: list[Action]) -> None:
    """Each client's packets keep their order here: they come by one queue a client, as RSS does."""
    pinned = [(what, i, i % 3 if what != "turn" else at) for what, i, at in actions]
    seen = []
    for n_workers in WORKERS:
        with balancer(n_workers) as core:
            seen.append(seen_outside(core, n_workers, pinned))
            assert not any("drop" in name for name in core.verdicts())
    assert seen[0] == seen[1] == seen[2]


@given(actions=st.lists(ACTIONS, min_size=1, max_size=30), n_workers=st.integers(1, 3))
@settings(max_examples=100, deadline=None, database=None)
def test_known_connections_go_on_in_any_interleaving(actions: list[Action], n_workers: int) -> None:
    """Established flows, any queue for each packet: every segment leaves exactly once."""
    with balancer(n_workers) as core:
        flows = [Flow(core, cport=40000 + i).establish() for i in range(6)]
        segments = [a for a in actions if a[0] in ("ack", "data")]
        turns = [a for a in actions if a[0] == "turn"]
        core.sent.clear()
        for n, (what, i, queue) in enumerate(segments):
            flow = flows[i]
            tcp = Tcp(
                flow.cport, 80, flow.client_isn + 1, flow.server_isn + 5, FLAGS[what],
                payload=n.to_bytes(4, "big"),
            )  # fmt: skip
            core.send(from_client(tcp), 0, queue % n_workers)
            for _, _, thread in turns[n : n + 1]:
                core.turn(thread if thread < n_workers else -1)
        core.step(turns=8)
        left = Counter(tcp_of(sent).payload for sent in core.sent[1])
        assert left == Counter(n.to_bytes(4, "big") for n in range(len(segments)))
