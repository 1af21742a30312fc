"""How connections end, end early and begin anew."""

import pytest

from tests.oracle.wire import ACK, FIN, PSH, RST, SYN, Tcp, bad_checksums, read_ip4
from tests.steps.core import Dest, StepCore, lib
from tests.steps.scene import CLIENT, LIP, RS, VIP, Flow, balancer, from_client, tcp_of

QUIESCENT = lib.CORE_SVC_EXPIRE_QUIESCENT


def resets(core: StepCore) -> tuple[Tcp | None, Tcp | None]:
    """What the client and the server got, if resets; nothing else may have left."""
    found: list[Tcp | None] = []
    for dev, src, dst in ((0, VIP, CLIENT), (1, LIP, RS)):
        frames = [f for f in core.sent[dev] if tcp_of(f).flags & RST]
        assert len(frames) == len(core.sent[dev]) <= 1
        found.append(tcp_of(frames[0]) if frames else None)
        for sent in frames:
            ip = read_ip4(sent[14:])
            assert (ip.src, ip.dst) == (src, dst)
            assert bad_checksums(sent[14:]) == []
    return found[0], found[1]


def expire(flow: Flow) -> tuple[Tcp, Tcp]:
    flow.core.sent.clear()
    flow.core.pass_time(95)
    to_client, to_server = resets(flow.core)
    assert to_client and to_server
    assert (to_client.sport, to_client.dport) == (80, flow.cport)
    assert (to_server.sport, to_server.dport) == (flow.lport, 80)
    return to_client, to_server


LATER = {
    "a retransmission": [(0, b"hello, ")],
    "a keep-alive probe": [(11, b"")],
    "an overtaken segment": [(0, b"hel"), (3, b"lo")],
}


@pytest.mark.parametrize("name", LATER)
def test_behaviour_12_expiry_resets_hold_after(name: str) -> None:
    """What comes late from the server carries lower numbers than what it sent before."""
    with balancer() as core:
        flow = Flow(core).establish()
        flow.client(ACK | PSH, payload=b"GET /")
        flow.server(ACK | PSH, ack=6, payload=b"hello, world")
        for seq, payload in LATER[name]:
            flow.server(ACK, seq=1 + seq, ack=1, payload=payload)
        to_client, to_server = expire(flow)
        assert to_client.seq == flow.server_isn + 13
        assert to_server.seq == (flow.server_sees_isn + 6) % 2**32


def test_only_established_connections_end_with_resets() -> None:
    with balancer() as core:
        flow = Flow(core)
        flow.syn()
        closing = Flow(core, cport=40001).establish()
        closing.client(FIN | ACK)
        closing.server(FIN | ACK)
        core.sent.clear()
        core.pass_time(40)
        assert core.n_conns() == 0
        assert resets(core) == (None, None)


# --- begun anew ------------------------------------------------------------------------------


def closed(core: StepCore) -> Flow:
    """Both ends sent their FIN: TIME_WAIT, and the real server waits with it."""
    flow = Flow(core).establish()
    flow.client(ACK | PSH, payload=b"x" * 100)
    flow.server(ACK | FIN, ack=101)
    flow.client(ACK | FIN, seq=101, ack=2)
    flow.server(ACK, seq=2, ack=102)
    return flow


@pytest.mark.parametrize("client_isn", [5, 0x80000000, 0xFFFFFFFF])
def test_behaviour_11_a_syn_where_a_connection_is_closing_begins_another(client_isn: int) -> None:
    """It is counted and scheduled; the server, in TIME_WAIT still, sees another local port."""
    with balancer() as core:
        old = closed(core)
        core.now_us += 1_000_000
        new = Flow(core, client_isn=client_isn, server_isn=900_000)
        new.syn()
        assert new.lport != old.lport
        (out,) = new.server(SYN | ACK, seq=0)
        assert tcp_of(out).ack == (client_isn + 1) % 2**32
        (out,) = new.client(ACK)
        sent = tcp_of(out)
        assert sent.seq == (new.server_sees_isn + 1) % 2**32
        assert sent.options[:2] == b"\xfe\x08"  # the client's address again
        assert core.n_conns() == core.ports(LIP)[0] == 1
        assert core.dest(1)["conns"] == 2
        assert core.dest(1)["active"] == 1


def test_what_ended_earlier_in_a_burst_is_not_found_again() -> None:
    """Both SYNs were matched to the old connection before the first one ended it."""
    with balancer() as core:
        old = closed(core)
        core.sent.clear()
        syn = from_client(Tcp(old.cport, 80, 5, 0, SYN))
        for _ in range(2):
            core.send(syn)
        core.step()
        first, second = (tcp_of(frame) for frame in core.sent[1])
        assert first == second
        assert first.sport != old.lport
        assert core.n_conns() == core.ports(LIP)[0] == 1
        assert core.dest(1)["conns"] == 2


def test_a_half_closed_connection_makes_way_too() -> None:
    """The client has forgotten it (no TIME_WAIT of its own: the server closed first)."""
    with balancer() as core:
        flow = Flow(core).establish()
        flow.server(ACK | FIN, ack=1)
        Flow(core, client_isn=77).syn()
        assert core.dest(1)["conns"] == 2
        assert core.n_conns() == 1


def test_a_repeated_syn_keeps_its_numbers() -> None:
    with balancer() as core:
        flow = Flow(core)
        first = tcp_of(flow.syn()[0])
        core.now_us += 1_000_000
        assert tcp_of(flow.syn()[0]) == first
        flow.server(SYN | ACK, seq=0)
        assert tcp_of(flow.syn()[0]) == first


# --- ended early ------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["weight 0", "inhibited", "dest gone", "service gone"])
@pytest.mark.parametrize("flags", [0, QUIESCENT])
def test_connections_of_a_dest_that_is_taken_away(how: str, flags: int) -> None:
    """They go on, unless the service says expire-quiescent."""
    with balancer() as core:
        core.service(VIP, 80, [Dest(RS, 80, id=1)], flags=flags)
        flow = Flow(core).establish()
        if how == "weight 0":
            core.service(VIP, 80, [Dest(RS, 80, id=1, weight=0)], flags=flags)
        elif how == "inhibited":
            core.service(VIP, 80, [Dest(RS, 80, id=1, inhibited=True)], flags=flags)
        elif how == "dest gone":
            core.service(VIP, 80, [], flags=flags)
        else:
            core.delete_service(VIP, 80)
        out = flow.client() + flow.server()
        assert len([f for f in out if not tcp_of(f).flags & RST]) == (0 if flags else 2)
        assert core.n_conns() == (0 if flags else 1)
        assert core.ports(LIP)[0] == core.n_conns()


def test_a_dest_that_comes_back_is_not_cut() -> None:
    with balancer() as core:
        core.service(VIP, 80, [Dest(RS, 80, id=1)], flags=QUIESCENT)
        flow = Flow(core).establish()
        core.service(VIP, 80, [Dest(RS, 80, id=1, weight=0)], flags=QUIESCENT)
        core.service(VIP, 80, [Dest(RS, 80, id=1, weight=5)], flags=QUIESCENT)
        assert len(flow.client()) == 1


# --- the pool ---------------------------------------------------------------------------------


def test_a_full_pool_serves_the_old_ones_and_heals() -> None:
    with balancer(conn_pool=5) as core:
        flows = [Flow(core, cport=1 + i).establish() for i in range(5)]
        for cport in range(100, 110):
            assert core.forward(from_client(Tcp(cport, 80, 1, flags=SYN))) == []
        assert core.verdicts()["no-conn-memory"] == 10
        for flow in flows:
            assert len(flow.client()) == len(flow.server()) == 1
        flows[0].client(RST)
        core.pass_time(5)
        assert Flow(core, cport=200).establish().state() == 1


@pytest.mark.parametrize("now_ms", [2**32 - 20_000, 2**31 - 20_000, 40 * 86_400_000])
def test_time_outs_hold_when_the_clock_wraps_or_is_late(now_ms: int) -> None:
    """Milliseconds are 32 bits: after 49.7 days they begin again; and a machine may be up long."""
    with balancer(now_us=now_ms * 1000) as core:
        flow = Flow(core).establish()
        core.pass_time(60)
        assert len(flow.client()) == 1
        core.pass_time(85)
        assert flow.state() == 1
        core.pass_time(8)
        assert flow.state() is None
