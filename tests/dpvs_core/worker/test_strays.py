"""Segments of connections that another director had: each end is told once, so that it can end.

After a failover clients and servers go on with connections that this director has never seen.
Their next segment must bring a reset that they accept at once (RFC 9293 3.10.7.1; RFC 5961: the
sequence number is exactly what they wait for), from whatever queue and with whatever worker.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.oracle.wire import (
    ACK,
    FIN,
    PSH,
    RST,
    SYN,
    Ip4,
    Tcp,
    Udp,
    bad_checksums,
    frame,
    icmp,
    packet,
    read_ip4,
)
from tests.oracle.wire import TCP as PROTO_TCP
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
    become_active,
    become_standby,
    client_udp,
    director,
    from_client,
    from_server,
    server_udp,
    tcp_of,
)

WORKERS = [1, 2, 3]


@contextmanager
def pair(n_workers: int) -> Iterator[tuple[StepCore, StepCore]]:
    """Two directors with one configuration; the second has the addresses."""
    with balancer(n_workers, isn_key=1) as old, balancer(n_workers, isn_key=2) as new:
        become_standby(new)
        yield old, new


def take_over(old: StepCore, new: StepCore) -> None:
    become_standby(old)
    become_active(new)


def moved(flow: Flow, to: StepCore) -> Flow:
    """The same connection, its segments sent to another director."""
    return Flow(**{**vars(flow), "core": to})


def the_reset(out: list[bytes], src: str, dst: str, dst_mac: str) -> Tcp:
    (sent,) = out
    ip = read_ip4(sent[14:])
    assert (ip.src, ip.dst, sent[:6].hex(":")) == (src, dst, dst_mac)
    assert bad_checksums(sent[14:]) == []
    reset = tcp_of(sent)
    assert (reset.flags, reset.payload, reset.options) == (RST, b"", b"")
    return reset


@pytest.mark.parametrize("n_workers", WORKERS)
def test_behaviour_10_both_ends_accept_the_new_directors_reset(n_workers: int) -> None:
    with pair(n_workers) as (old, new):
        flows = [Flow(old, cport=40000 + i).establish() for i in range(12)]
        for flow in flows:
            flow.client(ACK | PSH, payload=b"GET /")
            flow.server(ACK | PSH, ack=6, payload=b"hello, world")
        take_over(old, new)
        for flow in flows:
            here = moved(flow, new)
            for queue in range(n_workers):
                out = here.client(ACK | PSH, seq=6, ack=13, payload=b"more", worker=queue)
                reset = the_reset(out, VIP, CLIENT, CLIENT_MAC)
                assert (reset.sport, reset.dport) == (80, flow.cport)
                assert reset.seq == flow.server_isn + 13, "what the client expects next"
                out = here.server(ACK | PSH, seq=13, ack=6, payload=b"more", worker=queue)
                reset = the_reset(out, LIP, RS, RS_MAC)
                assert (reset.sport, reset.dport) == (flow.lport, 80)
                assert reset.seq == (flow.server_sees_isn + 6) % 2**32
        assert new.verdicts()["reset-sent"] == 12 * 2 * n_workers
        assert new.n_conns() == new.ports(LIP)[0] == 0


@pytest.mark.parametrize("n_workers", WORKERS)
def test_a_syn_ack_for_the_old_director_frees_the_server(n_workers: int) -> None:
    """Half open at the failover: the server's half ends too, the client's SYN comes again."""
    with pair(n_workers) as (old, new):
        flow = Flow(old)
        flow.syn()
        take_over(old, new)
        here = moved(flow, new)
        reset = the_reset(here.server(SYN | ACK, seq=0), LIP, RS, RS_MAC)
        assert reset.seq == (flow.server_sees_isn + 1) % 2**32
        assert Flow(new).establish().state() == 1


@pytest.mark.parametrize("n_workers", WORKERS)
def test_the_old_director_says_nothing_about_them(n_workers: int) -> None:
    """Its own connections go on (a stale ARP entry); of the new director's it knows nothing."""
    with pair(n_workers) as (old, new):
        take_over(old, new)
        flow = Flow(new).establish()
        there = moved(flow, old)
        assert there.client() == there.server() == []
        assert old.verdicts() == {**old.verdicts(), "standby": 2}


SILENT = {
    "reset to the service": (from_client(Tcp(1, 80, 5, 6, RST)), 0),
    "reset and ack to the service": (from_client(Tcp(1, 80, 5, 6, RST | ACK)), 0),
    "reset to a local port": (from_server(Tcp(80, 5000, 5, 6, RST | ACK)), 1),
    "reset and syn to a local port": (from_server(Tcp(80, 5000, 5, 6, RST | SYN)), 1),
    "udp to a local port": (server_udp(Udp(53, 5000, b"late")), 1),
    "from nobody": (from_client(Tcp(1, 80, 5, 6, ACK), caddr="0.0.0.0"), 0),
    "from this network": (from_client(Tcp(1, 80, 5, 6, ACK), caddr="0.1.2.3"), 0),
    "from loopback": (from_client(Tcp(1, 80, 5, 6, ACK), caddr="127.0.0.1"), 0),
    "from multicast": (from_client(Tcp(1, 80, 5, 6, ACK), caddr="224.0.0.5"), 0),
    "from everybody": (from_client(Tcp(1, 80, 5, 6, ACK), caddr="255.255.255.255"), 0),
    "server from multicast": (from_server(Tcp(80, 5000, 5, 6, ACK), daddr="239.1.1.1"), 1),
}


@pytest.mark.parametrize("n_workers", WORKERS)
@pytest.mark.parametrize("name", SILENT)
def test_behaviour_10_silent_and_counted(name: str, n_workers: int) -> None:
    sent, dev = SILENT[name]
    with balancer(n_workers) as core:
        core.route("0.0.0.0/0", 0, via=CLIENT)
        for queue in range(n_workers):
            assert core.forward(sent, dev, queue) == []
            assert not core.to_kernel[0] and not core.to_kernel[1]
        assert core.verdicts()["no-connection"] == n_workers
        assert "reset-sent" not in core.verdicts()


@pytest.mark.parametrize("mac", ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:12"])
def test_nothing_that_everybody_heard_is_answered(mac: str) -> None:
    """A switch without entries must not make every director answer: such frames are Linux's."""
    stray = packet(Ip4(CLIENT, VIP, PROTO_TCP), Tcp(1, 80, 5, 6, ACK))
    with balancer() as core:
        assert core.forward(frame(mac, CLIENT_MAC, stray)) == []
        assert "reset-sent" not in core.verdicts()


@pytest.mark.parametrize("n_workers", WORKERS)
def test_a_failovers_resets_are_limited(n_workers: int) -> None:
    """A tenth of reset_pps at once, no more than it in a second; what is not sent is counted."""
    with balancer(n_workers, settings={"reset_pps": 1000}) as core:
        n_sent = 0
        for ms in range(1000):
            core.now_us += 1000
            for i in range(4 * n_workers):
                core.send(from_client(Tcp(1024 + ms * 12 + i, 80, 5, 6, ACK | FIN)), 0, 0)
            core.step(turns=2)
            n_sent += len(core.sent[0])
            core.sent.clear()
        verdicts = core.verdicts()
        limited = {w for w in range(n_workers) if core.worker(w)["dropped"]}
        assert limited == set(range(n_workers)), "each has its own measure"
        assert 0.9 * n_workers * 1000 <= n_sent <= 1.12 * n_workers * 1000
        assert verdicts["reset-sent"] == n_sent
        assert verdicts["reset-sent"] + verdicts["reset-rate-limit"] == 4000 * n_workers


def test_the_default_ends_100000_connections_in_a_second() -> None:
    with balancer() as core:
        n_sent = 0
        for ms in range(1000):
            core.now_us += 1000
            for i in range(100):
                core.send(from_client(Tcp(1024 + i, 80, ms, 6, ACK)))
            core.step(turns=4)
            n_sent += len(core.sent[0])
            core.sent.clear()
        assert n_sent >= 0.99 * 100_000


def test_icmp_and_resets_do_not_starve_each_other() -> None:
    stray = from_client(Tcp(1, 80, 5, 6, ACK))
    echo = frame(MAC[0], CLIENT_MAC, bytes(Ip4(CLIENT, VIP, 1, icmp(8, 0, 1))))
    for flood, other in ((stray, echo), (echo, stray)):
        with balancer(settings={"icmp_pps": 10, "reset_pps": 10}) as core:
            assert [len(core.forward(flood)) for _ in range(4)] == [1, 1, 0, 0]
            assert len(core.forward(other)) == 1


def test_udp_to_a_service_begins_a_connection_after_a_failover() -> None:
    """No numbers to keep: the next datagram of a client is served by the new director."""
    with director() as core:
        core.service(VIP, 53, [Dest(RS, 53, id=1)], proto=17)
        (out,) = core.forward(client_udp(Udp(40000, 53, b"?")))
        assert read_ip4(out[14:]).dst == RS
