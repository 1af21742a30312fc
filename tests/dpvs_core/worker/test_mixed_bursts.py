"""Bursts of which the table knows some packets and other workers own others: nothing is lost, none
is taken twice, and the packets of a flow stay in their order."""

from collections import defaultdict
from random import Random

import pytest

from tests.oracle.wire import Ip4, Udp, frame
from tests.steps.core import MAC, StepCore, raw_mac
from tests.steps.scene import CLIENT, CLIENT_MAC, VIP, balancer, client_udp

BURST = 32
SMALL_POOL = 512
N_FLOWS = 980
"""So many in tables of that size that some are found behind their bucket only."""
OTHER_STATIONS = frame("02:99:99:99:99:99", CLIENT_MAC, bytes(Ip4(CLIENT, VIP, 17)))
N_GROUPS = 64
UDP_PAYLOAD_AT = 14 + 20 + 8


def datagram(cport: int, number: int, dev: int = 0) -> bytes:
    sent = client_udp(Udp(cport, 80, b"%05d%05d" % (cport, number)))
    return raw_mac(MAC[dev]) + sent[6:]


def forwarded(core: StepCore) -> dict[int, list[int]]:
    """Numbers of the packets that left, in their order, by the client's port."""
    core.collect()
    numbers = defaultdict(list)
    for out in core.sent[1]:
        said = out[UDP_PAYLOAD_AT : UDP_PAYLOAD_AT + 10]
        numbers[int(said[:5])].append(int(said[5:]))
    core.sent[1].clear()
    return numbers


def ports(core: StepCore, n: int) -> list[int]:
    """Clients' ports whose connections stand."""
    wanted = range(40000, 40000 + n)
    for cport in wanted:
        core.forward(datagram(cport, 0))
    assert core.n_conns() == n
    forwarded(core)
    return list(wanted)


@pytest.mark.parametrize("moved", [False, True])
def test_known_and_others_packets_in_one_burst(moved: bool) -> None:
    """Moved: all groups are the other worker's since, yet connections stay where they stand."""
    random = Random(2)
    with balancer(2, proto=17, conn_pool=SMALL_POOL) as core:
        flows = ports(core, N_FLOWS)
        elsewhere = {row.cport for row in core.conns() if row.worker == 1}
        if moved:
            core.groups([1] * N_GROUPS)
        n_handed = 0
        expected = defaultdict(list)
        for number in range(12 * BURST):
            cport = random.choice(flows)
            expected[cport].append(number)
            n_handed += cport in elsewhere
            core.send(datagram(cport, number))
            if not random.randrange(8):
                core.send(OTHER_STATIONS)
        handed = core.worker(0)["redirected"]
        while core.turn(0):
            core.turn(1)
        assert forwarded(core) == expected
        assert core.n_conns() == N_FLOWS
        assert core.worker(0)["redirected"] - handed == n_handed
        assert core.mbufs_in_use() == 0


@pytest.mark.parametrize("n_each", [1, BURST - 1, BURST, BURST + 1, 2 * BURST])
def test_what_several_workers_hand_over_is_dealt_with_in_one_turn(n_each: int) -> None:
    """More than one takes before it looks at its ports, too; its ports bring packets as well."""
    with balancer(3, proto=17) as core:
        ports(core, 24)
        own, *handed = (row.cport for row in core.conns() if row.worker == 2)
        queue_of = {own: 2, handed[0]: 0, handed[1]: 1}
        for cport, queue in queue_of.items():
            for number in range(n_each):
                dev = number % 2
                core.send(datagram(cport, number, dev), dev, queue)
        for receiver in (0, 1):
            while core.turn(receiver):
                pass
        core.turn(2)
        left = {cport: sorted(numbers) for cport, numbers in forwarded(core).items()}
        assert left == {cport: list(range(n_each)) for cport in queue_of}
