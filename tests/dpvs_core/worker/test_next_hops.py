"""Where first packets go: what a worker remembers of servers' next hops is never out of date."""

import pytest

from tests.oracle.wire import SYN, Tcp
from tests.steps.core import Dest, StepCore
from tests.steps.neighbours import delete_neighbour
from tests.steps.scene import (
    CLIENT,
    CLIENT6,
    LIP,
    LIP6,
    RS,
    RS6,
    RS_MAC,
    TO_SERVERS,
    VIP,
    VIP6,
    balancer6,
    director6,
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


@pytest.mark.parametrize("af", [4, 6])
def test_many_servers_behind_many_gateways(af: int) -> None:
    """More of both than a worker remembers; gateways are neighbours anew meanwhile."""
    n = 40
    far = "10.7.{}.0/24" if af == 4 else "2001:db8:7:{}::/64"
    server = "10.7.{}.{}" if af == 4 else "2001:db8:7:{}::{}"
    gateway = "192.168.100.{}" if af == 4 else "fd00:64::{}"
    vip, caddr, laddr = (VIP, CLIENT, LIP) if af == 4 else (VIP6, CLIENT6, LIP6)
    with director6() as core:
        for i in range(n):
            core.neigh(gateway.format(100 + i), TO_SERVERS, f"02:cc:00:00:00:{i:02x}")
            core.routes.append((far.format(i).split("/")[0], 24 if af == 4 else 64, TO_SERVERS,
                                gateway.format(100 + i), 0))  # fmt: skip
            dests = [Dest(server.format(i, 1 + k), 80, id=1 + 3 * i + k) for k in range(3)]
            core.service(vip, 1000 + i, dests, laddrs=[laddr])
        core.route("10.99.0.0/16", TO_SERVERS)  # publishes them all
        for turn, mac in enumerate(("02:cc:00:00:00", "02:dd:00:00:00")):
            for cport in range(3):
                for i in [*range(n), *range(0, n, 7)]:
                    port = 2000 + 1000 * turn + 100 * cport + i
                    syn = Tcp(port, 1000 + i, flags=SYN)
                    (out,) = core.forward(from_client(syn, caddr=caddr, vip=vip))
                    assert out[:6].hex(":") == f"{mac}:{i:02x}"
            for i in range(n):
                delete_neighbour(core, gateway.format(100 + i), TO_SERVERS)
                core.step()
                core.neigh(gateway.format(100 + i), TO_SERVERS, f"02:dd:00:00:00:{i:02x}")
