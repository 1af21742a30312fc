"""The standby of a pair: its services' local addresses are another director's; it keeps quiet.

Packets still come (a stale ARP entry, a flooding switch) and neither the core nor Linux may answer
them; connections from the time before go on.
"""

import threading
from errno import ENOENT, EPERM

import pytest

from tests.oracle.wire import ACK, FIN, PSH, RST, SYN, Ip4, Tcp, Udp, frame, icmp, read_ip4
from tests.steps.core import MAC, Dest, StepCore, lib
from tests.steps.scene import (
    CLIENT,
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
OTHER_LIP, OTHER_RS = "192.168.100.201", "192.168.100.3"

TO_THE_VIP = {
    "syn": from_client(Tcp(40000, 80, 1, 0, SYN)),
    "middle of a connection": from_client(Tcp(40000, 80, 1, 2, ACK | PSH, payload=b"x")),
    "fin": from_client(Tcp(40000, 80, 1, 2, FIN | ACK)),
    "reset": from_client(Tcp(40000, 80, 1, 2, RST)),
    "syn ack": from_client(Tcp(40000, 80, 1, 2, SYN | ACK)),
    "udp": client_udp(Udp(40000, 53, b"?")),
}
TO_THE_LADDR = {
    "answer": from_server(Tcp(80, 5000, 7, 8, ACK, payload=b"x")),
    "syn ack": from_server(Tcp(80, 5000, 7, 8, SYN | ACK)),
    "reset": from_server(Tcp(80, 5000, 7, 8, RST)),
    "udp": server_udp(Udp(53, 5000, b"!")),
    "below the ports": from_server(Tcp(80, 22, 7, 0, SYN)),
    "echo": frame(MAC[1], RS_MAC, bytes(Ip4(RS, LIP, 1, icmp(8, 0, 1, b"ping")))),
    "dying": from_server(Tcp(80, 22, 7, 0, SYN), ttl=1),
    "other protocol": frame(MAC[1], RS_MAC, bytes(Ip4(RS, LIP, 47, bytes(8)))),
}


def standby(n_workers: int = 1, **rest: object) -> StepCore:
    core = balancer(n_workers, **rest)
    with core.edit() as edit:
        assert edit.put(VIP, 53, [Dest(RS, 53, id=2)], proto=17) == 0
    become_standby(core)
    return core


def is_quiet(core: StepCore) -> bool:
    """Nothing left, and Linux was not asked either."""
    return not (core.sent[0] or core.sent[1] or core.to_kernel[0] or core.to_kernel[1])


@pytest.mark.parametrize("n_workers", WORKERS)
@pytest.mark.parametrize("name", TO_THE_VIP)
def test_what_comes_for_a_service_is_dropped(name: str, n_workers: int) -> None:
    with standby(n_workers) as core:
        for queue in range(n_workers):
            core.forward(TO_THE_VIP[name], 0, queue)
            assert is_quiet(core)
        assert core.verdicts()["standby"] == n_workers
        assert core.n_conns() == 0 and core.ports(LIP)[0] == core.ports(LIP)[2] == 0
        assert core.dest(1)["conns"] == core.dest(2)["conns"] == 0


@pytest.mark.parametrize("forwarding", [0, 1])
@pytest.mark.parametrize("n_workers", WORKERS)
@pytest.mark.parametrize("name", TO_THE_LADDR)
def test_what_comes_for_a_local_address_is_dropped(
    name: str, n_workers: int, forwarding: int
) -> None:
    with standby(n_workers, settings={"ip4_forwarding": forwarding}) as core:
        for queue in range(n_workers):
            core.forward(TO_THE_LADDR[name], 1, queue)
            assert is_quiet(core)
        assert core.verdicts()["standby"] == n_workers


@pytest.mark.parametrize("name", ["answer", "syn ack", "reset", "udp"])
def test_the_address_alone_is_not_enough(name: str) -> None:
    """Between the two calls of the master, either way round, its ports are nobody's yet."""
    with standby() as core:
        core.addr(LIP, 1, laddr_id=core.laddrs[LIP])
        core.forward(TO_THE_LADDR[name], 1)
        core.remove_addr(LIP)
        core.laddr_active(LIP, True)
        core.forward(TO_THE_LADDR[name], 1)
        assert is_quiet(core) and core.verdicts()["standby"] == 2


def test_the_schedulers_turn_is_not_used_up() -> None:
    """The first connection after the takeover goes to the first server, as after a fresh start."""
    with director() as core:
        core.neigh(OTHER_RS, 1)
        core.service(VIP, 80, [Dest(RS, id=1), Dest(OTHER_RS, id=2)])
        become_standby(core)
        core.forward(from_client(Tcp(40000, 80, 1, 0, SYN)))
        become_active(core)
        flow = Flow(core)
        flow.syn()
        assert flow.daddr == RS


@pytest.mark.parametrize("n_workers", WORKERS)
def test_connections_from_before_go_on(n_workers: int) -> None:
    """Whatever queue their packets take: the local address still tells the owner."""
    with balancer(n_workers) as core:
        flows = [Flow(core, cport=40000 + i).establish() for i in range(16)]
        become_standby(core)
        for flow in flows:
            for queue in range(n_workers):
                (to_server,) = flow.client(ACK | PSH, payload=b"x", worker=queue)
                assert read_ip4(to_server[14:]).src == LIP
                (to_client,) = flow.server(ACK | PSH, payload=b"x", worker=queue)
                assert read_ip4(to_client[14:]).src == VIP
        assert "standby" not in core.verdicts()
        assert core.ports(LIP)[0] == core.n_conns() == 16


@pytest.mark.parametrize("n_workers", WORKERS)
def test_icmp_errors_about_them_too(n_workers: int) -> None:
    with balancer(n_workers) as core:
        for cport in range(40000, 40008):
            (to_server,) = Flow(core, cport=cport).syn()
            become_standby(core)
            error = Ip4(RS, LIP, 1, icmp(3, 1, 0, to_server[14 : 14 + 28]))
            for queue in range(n_workers):
                (out,) = core.forward(frame(MAC[1], RS_MAC, bytes(error)), 1, queue)
                assert read_ip4(out[14:]).dst == CLIENT
            become_active(core)


def test_a_new_connection_on_a_closing_ones_ports_is_not_made() -> None:
    with balancer() as core:
        flow = Flow(core).establish()
        flow.client(FIN | ACK)
        become_standby(core)
        assert Flow(core, client_isn=5).syn() == []
        assert core.verdicts()["standby"] == 1


def test_idle_connections_end_without_a_word() -> None:
    """Resets in the name of addresses that another director uses would meet its connections."""
    with balancer() as core:
        Flow(core).establish()
        become_standby(core)
        core.sent.clear()
        core.pass_time(95)
        assert core.n_conns() == core.ports(LIP)[0] == 0
        assert is_quiet(core) and "expiry-reset" not in core.verdicts()


@pytest.mark.parametrize("n_workers", WORKERS)
def test_active_again(n_workers: int) -> None:
    with standby(n_workers) as core:
        for cport in range(40000, 40008):
            assert Flow(core, cport=cport).syn(worker=cport % n_workers) == []
        become_active(core)
        for cport in range(40000, 40008):
            assert Flow(core, cport=cport).establish().state() == 1
        assert core.dest(1)["conns"] == core.ports(LIP)[0] == 8


@pytest.mark.parametrize("n_workers", WORKERS)
def test_ports_come_from_the_active_addresses_only(n_workers: int) -> None:
    with director(n_workers) as core:
        core.laddr(OTHER_LIP, 1)
        core.service(VIP, 80, [Dest(RS, id=1)])
        sources = {True: set[str](), False: set[str]()}
        for both in (True, False):
            core.laddr_active(LIP, both)
            for cport in range(100):
                flow = Flow(core, cport=40000 + 100 * both + cport)
                flow.syn()
                sources[both].add(flow.laddr)
        assert sources == {True: {LIP, OTHER_LIP}, False: {OTHER_LIP}}
        assert "standby" not in core.verdicts()


def test_a_service_without_local_addresses_is_nobodys_standby() -> None:
    with director() as core:
        core.service(VIP, 80, [Dest(RS, id=1)], laddrs=[])
        core.forward(from_client(Tcp(40000, 80, 1, 0, SYN)))
        assert core.verdicts() == {"no-local-port": 1}


def test_an_inactive_address_can_be_deleted_when_its_connections_are_over() -> None:
    with balancer() as core:
        flow = Flow(core).establish()
        become_standby(core)
        core.delete_service(VIP, 80)
        core.step()
        assert core.delete_laddr(LIP) < 0
        flow.client(RST)
        core.pass_time(5)
        assert core.delete_laddr(LIP) == 0
        core.forward(TO_THE_LADDR["answer"], 1)
        assert core.verdicts()["not-forwarding"] == 1, "an address like any other now"


def test_addresses_are_found_whatever_was_added_and_deleted() -> None:
    """Ten at a time out of twenty, in changing order: those there are known, the others not."""
    addrs = [f"192.168.100.{210 + i}" for i in range(20)]
    with director() as core:
        for turn in range(12):
            there = {addrs[(turn * 7 + i * 3) % 20] for i in range(10)}
            for addr in addrs:
                if addr in core.laddrs and addr not in there:
                    core.step()
                    assert core.delete_laddr(addr) == 0
                elif addr in there and addr not in core.laddrs:
                    core.laddr(addr, 1)
                    core.remove_addr(addr)
            for addr in addrs:
                before = core.verdicts().get("standby", 0)
                core.forward(from_server(Tcp(80, 5000, 7, 8, ACK), laddr=addr), 1)
                assert core.verdicts().get("standby", 0) - before == (addr in there)


def test_mistakes() -> None:
    with balancer() as core:
        for laddr_id in (7, 64, 2**32 - 1):
            assert lib.core_laddr_active(core.core, laddr_id, 1) == -ENOENT
        answers: list[int] = []
        thread = threading.Thread(
            target=lambda: answers.append(lib.core_laddr_active(core.core, 0, 0))
        )
        thread.start()
        thread.join()
        assert answers == [-EPERM]
        assert tcp_of(Flow(core).syn()[0]).dport == 80
