"""Where first packets go: what a worker remembers of servers' next hops is never out of date."""

import pytest

from tests.oracle.wire import SYN, Tcp
from tests.steps.core import StepCore
from tests.steps.neighbours import delete_neighbour
from tests.steps.scene import (
    RS,
    RS6,
    RS_MAC,
    TO_SERVERS,
    VIP,
    VIP6,
    balancer6,
    from_client,
)

OTHER_MAC, GATEWAY_MAC = "02:bb:00:00:00:33", "02:bb:00:00:00:fe"
FAMILIES = pytest.mark.parametrize(
    ("vip", "caddr", "server", "gateway"),
    [
        (VIP, "10.0.0.48", RS, "192.168.100.254"),
        (VIP6, "2001:db8::48", RS6, "fd00:64::fe"),
    ],
    ids=["ip4", "ip6"],
)


def first_packet(core: StepCore, cport: int, vip: str, caddr: str) -> str:
    """Where a new connection's SYN goes: the MAC."""
    core.forward(from_client(Tcp(cport, 80, flags=SYN), caddr=caddr, vip=vip))
    sent = [frame for frame in core.sent[TO_SERVERS] if frame[12:14] in (b"\x08\x00", b"\x86\xdd")]
    assert len(sent) == 1
    return sent[0][:6].hex(":")


@FAMILIES
def test_a_server_that_is_a_neighbour_anew(vip: str, caddr: str, server: str, gateway: str) -> None:
    with balancer6() as core:
        assert [first_packet(core, 1000 + i, vip, caddr) for i in range(2)] == [RS_MAC] * 2
        delete_neighbour(core, server, TO_SERVERS)
        core.step()
        core.neigh(server, TO_SERVERS, OTHER_MAC)
        core.step()
        assert [first_packet(core, 2000 + i, vip, caddr) for i in range(2)] == [OTHER_MAC] * 2


@FAMILIES
def test_a_route_that_changes(vip: str, caddr: str, server: str, gateway: str) -> None:
    with balancer6() as core:
        assert first_packet(core, 1000, vip, caddr) == RS_MAC
        core.neigh(gateway, TO_SERVERS, GATEWAY_MAC)
        core.route(f"{server}/{128 if ':' in server else 32}", TO_SERVERS, via=gateway)
        core.step()
        assert [first_packet(core, 2000 + i, vip, caddr) for i in range(2)] == [GATEWAY_MAC] * 2
