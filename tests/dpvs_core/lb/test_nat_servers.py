"""What becomes of NAT's real servers and of a service's clients when its dests change (F-086):
answers find their worker as long as there are any; then the address is any host's again."""

import pytest

from tests.dpvs_core.lb.test_fwd_nat import DPORT, ENDS, FAMILIES, Talk, nat_director
from tests.oracle.wire import ACK, SYN, TCP, UDP, Tcp, Udp, ip_frame, ip_of, packet
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.scene import (
    CLIENT_MAC,
    RS_MAC,
    TO_CLIENTS,
    TO_SERVERS,
    Flow,
    balancer6,
    director6,
    tcp_of,
)

N_WORKERS = 3
ABSENT = {4: "192.168.100.77", 6: "fd00:64::77"}
OTHER_PORT = 8088


def change_something(core: StepCore, af: int, times: int = 2) -> None:
    """Commits, with a grace period between each two."""
    for at in range(times):
        core.service(ENDS[af][1], OTHER_PORT, [Dest(ENDS[af][2], 9, id=9)] if at % 2 else [])
        core.step()


def is_handed_on(core: StepCore, af: int, server: str = "") -> bool:
    """Whether what the server says to hosts elsewhere is taken for answers, and so for a certain
    worker's: of 8 such packets some then have another one than that which received them."""
    client, _, rs = ENDS[af]
    before = sum(core.worker(w)["redirected"] for w in range(N_WORKERS))
    for port in range(5000, 5008):
        l3 = packet(ip_of(server or rs, client, UDP), Udp(53, port, b"?"))
        core.forward(ip_frame(MAC[TO_SERVERS], RS_MAC, l3), TO_SERVERS, 0)
    return sum(core.worker(w)["redirected"] for w in range(N_WORKERS)) > before


def answered(core: StepCore, talks: list[Talk]) -> bool:
    return all(
        len(talk.server(queue, flags=ACK, seq=501)) == 1 for talk in talks for queue in range(3)
    )


@FAMILIES
@pytest.mark.parametrize("how", ["service", "dest", "forward", "address"])
def test_a_server_is_known_while_it_has_connections(af: int, how: str) -> None:
    """Whatever took the dest away; with its last connection the address is nobody's."""
    _, vip, rs = ENDS[af]
    dests = {
        "dest": [], "forward": [Dest(rs, DPORT, id=1)],
        "address": [Dest(ABSENT[af], DPORT, id=2, fwd="NAT")],
    }  # fmt: skip
    with nat_director(af, N_WORKERS) as core:
        talks = [Talk(core, af, cport=40000 + i).establish() for i in range(6)]
        if how == "service":
            core.delete_service(vip, 80)
        else:
            core.service(vip, 80, dests[how])
        change_something(core, af, 6)
        assert is_handed_on(core, af) and answered(core, talks)
        core.pass_time(100, 5)
        assert core.n_conns() == 0 and is_handed_on(core, af)
        change_something(core, af)
        assert not is_handed_on(core, af)


@FAMILIES
def test_an_address_of_two_dests_is_known_by_either(af: int) -> None:
    _, vip, rs = ENDS[af]
    with nat_director(af, N_WORKERS) as core:
        core.service(vip, 81, [Dest(rs, DPORT, id=2, fwd="NAT")])
        core.delete_service(vip, 80)
        change_something(core, af, 4)
        assert is_handed_on(core, af)
        core.delete_service(vip, 81)
        change_something(core, af, 4)
        assert not is_handed_on(core, af)


@FAMILIES
def test_changes_of_weights_change_nothing(af: int) -> None:
    """200 of them, then the end: the count is still right."""
    _, vip, rs = ENDS[af]
    with nat_director(af, N_WORKERS) as core:
        for turn in range(200):
            dests = [
                Dest(rs, DPORT, id=1, fwd="NAT", weight=turn % 3),
                Dest(rs, 9090, id=2, fwd="NAT"),
            ]
            core.service(vip, 80, dests if turn % 2 else dests[::-1])
        change_something(core, af, 4)
        assert is_handed_on(core, af)
        core.service(vip, 80, [])
        change_something(core, af, 4)
        assert not is_handed_on(core, af)


@FAMILIES
def test_an_edit_that_is_dropped_forgets_nobody(af: int) -> None:
    """NEGATIVE: nor is somebody known by it."""
    vip = ENDS[af][1]
    with nat_director(af, N_WORKERS) as core:
        for _ in range(2):
            with pytest.raises(InterruptedError), core.edit() as edit:
                assert edit.delete(vip, 80, TCP) == 0
                raise InterruptedError
        change_something(core, af, 4)
        assert is_handed_on(core, af)
        other = vip.replace("100", "101")
        with pytest.raises(InterruptedError), core.edit() as edit:
            assert edit.put(other, 80, [Dest(ABSENT[af], 80, id=5, fwd="NAT")]) == 0
            raise InterruptedError
        assert not is_handed_on(core, af, ABSENT[af])


@FAMILIES
def test_who_comes_back_meanwhile_stays(af: int) -> None:
    _, vip, rs = ENDS[af]
    with nat_director(af, N_WORKERS) as core:
        talk = Talk(core, af).establish()
        core.service(vip, 80, [])
        core.service(vip, 80, [Dest(rs, DPORT, id=1, fwd="NAT")])
        assert answered(core, [talk])
        core.pass_time(100, 5)
        change_something(core, af, 4)
        assert core.n_conns() == 0 and is_handed_on(core, af)


def test_more_that_went_than_one_commit_looks_at() -> None:
    """All are forgotten, in turn, also those that came behind some that have connections."""
    _, vip, _ = ENDS[4]
    servers = [f"192.168.100.{host}" for host in range(20, 170)]
    with director6(N_WORKERS) as core:
        for host in servers:
            core.neigh(host, TO_SERVERS, RS_MAC)
        dests = [Dest(host, DPORT, id=10 + i, fwd="NAT") for i, host in enumerate(servers)]
        core.service(vip, 80, dests)
        for cport in range(40000, 40100):
            Talk(core, 4, cport=cport).client(flags=SYN)
        core.service(vip, 80, [])
        core.pass_time(100, 5)
        change_something(core, 4, 8)
        l3 = [packet(ip_of(host, "10.0.0.48", UDP), Udp(53, 7, b"?")) for host in servers]
        before = sum(core.worker(w)["redirected"] for w in range(N_WORKERS))
        for one in l3:
            core.forward(ip_frame(MAC[TO_SERVERS], RS_MAC, one), TO_SERVERS, 0)
        assert sum(core.worker(w)["redirected"] for w in range(N_WORKERS)) == before


# --- the first NAT dest of a service that has connections ---------------------------------------


@pytest.mark.parametrize("nic", ["OWN", "RSS"])
def test_connections_outlive_the_first_nat_dest(nic: str) -> None:
    """Its clients' groups are others from then on; whoever receives what of the old connections."""
    client, vip, rs = ENDS[4]
    with balancer6(N_WORKERS, nic=nic) as core:
        flows = [Flow(core, cport=40000 + i).establish() for i in range(24)]
        dests = [Dest(rs, 80, id=1), Dest(rs, DPORT, id=2, fwd="NAT")]
        core.service(vip, 80, dests)
        for turn in range(2):
            for flow in flows:
                for queue in range(N_WORKERS):
                    l3 = packet(ip_of(client, vip, TCP), Tcp(flow.cport, 80, 9, 9, ACK))
                    (out,) = core.forward(ip_frame(MAC[0], CLIENT_MAC, l3), TO_CLIENTS, queue)
                    assert (tcp_of(out).sport, tcp_of(out).dport) == (flow.lport, 80)
            core.service(vip, 80, dests[: 2 - turn])
        assert "reset-sent" not in core.verdicts()
        assert core.n_conns() == 24


def test_a_stray_there_is_reset_all_the_same() -> None:
    """NEGATIVE: neither its new nor its old owner knows it; none goes round."""
    client, vip, rs = ENDS[4]
    with balancer6(N_WORKERS) as core:
        core.service(vip, 80, [Dest(rs, 80, id=1), Dest(rs, DPORT, id=2, fwd="NAT")])
        for cport in range(40000, 40030):
            for queue in range(N_WORKERS):
                l3 = packet(ip_of(client, vip, TCP), Tcp(cport, 80, 9, 9, ACK))
                core.forward(ip_frame(MAC[0], CLIENT_MAC, l3), TO_CLIENTS, queue)
        assert core.verdicts()["reset-sent"] == 30 * N_WORKERS
        assert core.verdicts()["redirected"] <= 2 * 30 * N_WORKERS
