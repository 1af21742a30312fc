"""Which local port a new connection takes where services have the same address."""

from collections.abc import Iterator

from tests.oracle.wire import TCP, UDP
from tests.steps.core import Dest, StepCore
from tests.steps.scene import LIP, RS, Flow, balancer

N_GROUPS, ENOUGH = 64, 1000


def new_ports(core: StepCore) -> Iterator[int]:
    """The local ports that new connections take, one after the other."""
    for cport in range(20000, 20000 + ENOUGH):
        flow = Flow(core, cport=cport)
        assert flow.syn()
        yield flow.lport


def test_a_port_that_is_a_service_of_the_same_address_is_passed_over() -> None:
    """Its answers would be taken for clients' packets to that service."""
    with balancer() as core:
        ports = new_ports(core)
        first = next(port for port in ports if port < 60000)
        ahead = [first + N_GROUPS * i for i in (1, 2, 3)]
        core.service(LIP, ahead[0], [Dest(RS, 80, id=2)], proto=TCP)
        core.service(LIP, ahead[1], [Dest(RS, 80, id=3)], proto=TCP)
        core.service(LIP, ahead[2], [Dest(RS, 80, id=4)], proto=UDP)  # in nobody's way
        assert next(port for port in ports if port % N_GROUPS == first % N_GROUPS) == ahead[2]
