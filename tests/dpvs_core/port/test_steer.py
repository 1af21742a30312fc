"""Simulated cards that spread by our key, that take flow rules, and that do neither: the same
packets pass, and the first two bring most of them to their worker at once."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.oracle.wire import ACK, FIN, PSH, RST, SYN, Tcp, Udp
from tests.steps.core import Dest, StepCore, lib
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    LIP,
    LIP6,
    RS,
    RS6,
    TO_CLIENTS,
    TO_SERVERS,
    VIP,
    VIP6,
    Flow,
    balancer,
    balancer6,
    client_udp,
    director,
    from_client,
    from_server,
    server_udp,
    tcp_of,
)

WORKERS = [2, 3, 4, 5]
N_FLOWS = 60

Queue = Callable[[bytes, int], int]


def redirected(core: StepCore) -> int:
    return core.verdicts().get("redirected", 0)


@contextmanager
def counted(core: StepCore, into: list[int]) -> Iterator[None]:
    """Add how many packets were handed to another worker meanwhile."""
    before = redirected(core)
    yield
    into.append(redirected(core) - before)


def a_conversation(core: StepCore, queue: Queue, cport: int) -> tuple[int, int]:
    """A TCP connection, each segment by the queue its card chose; redirects from each side."""
    to_vip: list[int] = []
    to_laddr: list[int] = []

    def client(flags: int, seq: int, ack: int, payload: bytes = b"") -> bytes:
        tcp = Tcp(cport, 80, 1000 + seq, 70000 + ack if flags & ACK else 0, flags, payload=payload)
        frame = from_client(tcp)
        with counted(core, to_vip):
            (out,) = core.forward(frame, TO_CLIENTS, queue(frame, TO_CLIENTS))
        return out

    syn = tcp_of(client(SYN, 0, 0))

    def server(flags: int, seq: int, ack: int, payload: bytes = b"") -> None:
        tcp = Tcp(syn.dport, syn.sport, 70000 + seq, syn.seq + ack, flags, payload=payload)
        frame = from_server(tcp)
        with counted(core, to_laddr):
            (out,) = core.forward(frame, TO_SERVERS, queue(frame, TO_SERVERS))
        assert tcp_of(out).dport == cport

    server(SYN | ACK, 0, 1)
    client(ACK, 1, 1)
    client(ACK | PSH, 1, 1, b"question")
    server(ACK | PSH, 1, 9, b"answer")
    server(ACK | FIN, 7, 9)
    client(ACK | FIN, 9, 8)
    server(ACK, 8, 10)
    return sum(to_vip), sum(to_laddr)


def conversations(core: StepCore, queue: Queue) -> tuple[int, int]:
    """Redirects of the clients' and of the servers' packets, four each in a flow."""
    sums = [a_conversation(core, queue, 20000 + 7 * i) for i in range(N_FLOWS)]
    assert core.verdicts()["scheduled"] == core.n_conns() == N_FLOWS
    assert "reset-sent" not in core.verdicts()
    return sum(a for a, _ in sums), sum(b for _, b in sums)


@pytest.mark.parametrize("n_workers", WORKERS)
def test_random_queues(n_workers: int) -> None:
    rng = random.Random(n_workers)
    with balancer(n_workers) as core:
        to_vip, to_laddr = conversations(core, lambda _frame, _dev: rng.randrange(n_workers))
        expected = 4 * N_FLOWS * (n_workers - 1) / n_workers
        assert 0.7 * expected < to_vip < 1.3 * expected
        assert 0.7 * expected < to_laddr < 1.3 * expected


@pytest.mark.parametrize("n_workers", WORKERS)
def test_a_card_with_a_key_of_its_own(n_workers: int) -> None:
    with balancer(n_workers) as core:
        for dev in (0, 1):
            kind, _, why = core.steering(dev)
            assert kind == "SOFTWARE"
            assert why.startswith("RSS: the simulated card has no redirection table; flow rules: ")
        to_vip, to_laddr = conversations(core, core.queue)
        assert to_vip > N_FLOWS
        assert to_laddr > N_FLOWS


@pytest.mark.parametrize("n_workers", WORKERS)
def test_a_card_that_takes_key_and_table(n_workers: int) -> None:
    """Neither side's packets are handed on: answers come where the local port was chosen for."""
    with balancer(n_workers, nic="RSS") as core:
        assert core.steering(0) == ("RSS", {"n_entries": 128, "n_addrs": 0, "n_refused": 0}, "")
        assert conversations(core, core.queue) == (0, 0)
        owners = {row.worker for row in core.conns()}
        assert owners == set(range(n_workers))
        assert {row.lport % 64 % n_workers == row.worker for row in core.conns()} == {True}


@pytest.mark.parametrize("n_workers", [2, 3])
def test_udp_by_a_card_that_takes_key_and_table(n_workers: int) -> None:
    with balancer(n_workers, proto=17, nic="RSS") as core:
        for cport in range(40000, 40064):
            sent = client_udp(Udp(cport, 80, b"?"))
            assert len(core.forward(sent, TO_CLIENTS, core.queue(sent))) == 1
            row = core.find(17, CLIENT, cport, VIP, 80)
            assert row
            answer = server_udp(Udp(80, row.lport, b"!"))
            assert len(core.forward(answer, TO_SERVERS, core.queue(answer, TO_SERVERS))) == 1
        assert redirected(core) == 0


@pytest.mark.parametrize("n_workers", [2, 4])
def test_behaviour_13_a_card_that_takes_flow_rules(n_workers: int) -> None:
    """All answers arrive where they belong; clients' packets as the card likes."""
    with balancer(n_workers, nic="FLOW") as core:
        for dev in (0, 1):
            assert core.steering(dev) == (
                "FLOW",
                {"n_entries": 0, "n_addrs": 1, "n_refused": 0},
                "",
            )
        to_vip, to_laddr = conversations(core, core.queue)
        assert to_laddr == 0
        assert to_vip > N_FLOWS


@pytest.mark.parametrize("n_workers", [3, 5])
def test_behaviour_13_masks_need_a_power_of_two_of_workers(n_workers: int) -> None:
    with balancer(n_workers, nic="FLOW") as core:
        kind, _, why = core.steering(0)
        assert kind == "SOFTWARE"
        assert "flow rules: masks need a power of two of workers" in why
        _, to_laddr = conversations(core, core.queue)
        assert to_laddr > N_FLOWS


def test_one_worker_needs_nothing() -> None:
    for nic in ("OWN", "RSS", "FLOW"):
        with balancer(1, nic=nic) as core:
            assert core.steering(0)[0::2] == ("ONE", "")
            assert core.queue(from_client(Tcp(1, 80, 1, flags=SYN))) == 0


def test_behaviour_13_rules_come_and_go_with_their_address() -> None:
    """Room for two addresses (two protocols, two workers); the third is served by software."""
    with director(2, nic="FLOW", nic_rules=9) as core:
        core.laddr("192.168.100.201", 1)
        assert core.steering(1)[1:] == ({"n_entries": 0, "n_addrs": 2, "n_refused": 0}, "")
        core.laddr("192.168.100.202", 1)
        numbers = {"n_entries": 0, "n_addrs": 2, "n_refused": 1}
        assert core.steering(1) == ("FLOW", numbers, "the simulated card is full")
        core.step()
        assert core.delete_laddr("192.168.100.202") == 0
        assert core.steering(1)[1] == {"n_entries": 0, "n_addrs": 2, "n_refused": 0}
        core.step()
        assert core.delete_laddr(LIP) == 0
        assert core.steering(1)[1] == {"n_entries": 0, "n_addrs": 1, "n_refused": 0}
        core.step()
        core.laddr("192.168.100.203", 1)
        assert core.steering(1)[1] == {"n_entries": 0, "n_addrs": 2, "n_refused": 0}


def test_behaviour_13_an_address_without_rules_is_right_too() -> None:
    """Room for three of its four: the three are taken away again."""
    with balancer(2, nic="FLOW", nic_rules=3) as core:
        assert core.steering(1)[1] == {"n_entries": 0, "n_addrs": 0, "n_refused": 1}
        _, to_laddr = conversations(core, core.queue)
        assert to_laddr > N_FLOWS


def test_a_card_that_finds_rules_valid_and_makes_none() -> None:
    with balancer(2, nic="FLOW", nic_rules=0) as core:
        kind, _, why = core.steering(1)
        assert kind == "SOFTWARE"
        assert why.endswith("; flow rules: the simulated card is full")


def test_steering_again_keeps_addresses_and_rules() -> None:
    with balancer(2, nic="FLOW") as core:
        assert lib.core_steer(core.core) == 0
        assert core.steering(1)[1] == {"n_entries": 0, "n_addrs": 1, "n_refused": 0}
        _, to_laddr = conversations(core, core.queue)
        assert to_laddr == 0


def test_groups_that_moved_are_steered_to_their_worker() -> None:
    """Three quarters of the groups on worker 1: the table says so after core_steer."""
    with balancer(2, nic="RSS") as core:
        assert lib.core_groups_set(core.core, bytes(group >= 16 for group in range(64))) == 0
        assert lib.core_steer(core.core) == 0
        assert conversations(core, core.queue) == (0, 0)
        owners = [row.worker for row in core.conns()]
        assert owners.count(1) > 2 * owners.count(0)


def test_a_worker_without_a_queue() -> None:
    with balancer(2, nic="RSS") as core:
        assert lib.core_device_poll(core.core, 1, 0, -1, 1) == 0
        assert lib.core_steer(core.core) == 0
        assert core.steering(0)[0::2] == ("SOFTWARE", "worker 1 has no receive queue of it")
        assert core.steering(1)[0] == "RSS"


def test_other_ports_are_taken_when_the_right_ones_are_used_up() -> None:
    """One real server, two workers: about half of the ports answer to their worker, all serve."""
    with director(2, nic="RSS", conn_pool=70_000) as core:
        core.service(VIP, 80, [Dest(RS, 80, id=1)])
        n_flows, wrong = 40_000, []
        for i in range(n_flows):
            frame = from_client(Tcp(1024 + i % 8000, 80, 1, flags=SYN), f"10.0.{1 + i // 8000}.1")
            core.send(frame, TO_CLIENTS, core.queue(frame))
            if i % 100 == 99:
                core.step(turns=8)
        for frame in core.sent[TO_SERVERS]:
            syn = tcp_of(frame)
            answer = from_server(Tcp(80, syn.sport, 1, syn.seq + 1, SYN | ACK))
            if core.queue(answer, TO_SERVERS) != syn.sport % 64 % 2:
                wrong.append(syn.sport)
        assert core.n_conns() == len(core.sent[TO_SERVERS]) > 0.99 * n_flows
        assert redirected(core) == 0
        # 40,000 flows are 625 a group on average, 504 ports of each group come back right.
        assert 0.10 * n_flows < len(wrong) < 0.25 * n_flows


def test_a_port_that_came_back_is_taken_before_a_wrong_one() -> None:
    """Connections one after the other: the right half of the ports goes round, however often."""
    with balancer(2, nic="RSS") as core:
        core.set(tcp_timeout_s=[2, 90, 3, 30, 7, 7, 1, 7, 7, 120, 30])
        flow = Flow(core, cport=40000)
        for _ in range(600):  # more than the 504 of a group that answer to its worker
            flow.syn(worker=core.queue(from_client(Tcp(40000, 80, 1000, flags=SYN))))
            answer = from_server(Tcp(80, flow.lport, 1, 1, RST))
            flow.server(RST, worker=core.queue(answer, TO_SERVERS))
            core.pass_time(2)
        assert redirected(core) == 0


# --- IPv6 ---------------------------------------------------------------------------------------


def six(core: StepCore, cport: int) -> tuple[int, int]:
    """A short IPv6 conversation by the cards' queues; redirects from each side."""
    flow = Flow(core, cport=cport, caddr=CLIENT6, vaddr=VIP6)
    to_vip: list[int] = []
    to_laddr: list[int] = []

    def queue(client: bool, flags: int) -> int:
        """The cards look at addresses and ports alone."""
        if client:
            frame = from_client(Tcp(cport, 80, 1, flags=flags), CLIENT6, VIP6)
            return core.queue(frame, TO_CLIENTS)
        frame = from_server(Tcp(80, flow.lport, 1, flags=flags), LIP6, RS6)
        return core.queue(frame, TO_SERVERS)

    with counted(core, to_vip):
        assert len(flow.syn(worker=queue(True, SYN))) == 1
    with counted(core, to_laddr):
        assert len(flow.server(SYN | ACK, seq=0, worker=queue(False, SYN))) == 1
        assert len(flow.server(worker=queue(False, ACK))) == 1
    with counted(core, to_vip):
        assert len(flow.client(worker=queue(True, ACK))) == 1
    return sum(to_vip), sum(to_laddr)


@pytest.mark.parametrize(
    ("nic", "n_workers", "clients", "servers"),
    [("RSS", 2, True, True), ("RSS", 3, True, True), ("FLOW", 2, False, True),
     ("OWN", 2, False, False), ("OWN", 3, False, False)],
)  # fmt: skip
def test_ip6(nic: str, n_workers: int, clients: bool, servers: bool) -> None:
    """Whose packets arrive at their worker at once."""
    with balancer6(n_workers, nic=nic) as core:
        sums = [six(core, 20000 + 7 * i) for i in range(N_FLOWS)]
        assert core.n_conns() == N_FLOWS
        assert (sum(a for a, _ in sums) == 0) == clients
        assert (sum(b for _, b in sums) == 0) == servers
        assert {row.worker for row in core.conns()} == set(range(n_workers))
