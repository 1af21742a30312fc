"""A director with IPv6 on both legs, one neighbour on each, and the stations' frames."""

from dataclasses import replace

from tests.oracle.nd import ROUTER, Message, Station, eui64
from tests.oracle.wire import UDP, Ip6, Udp, ip_frame, packet
from tests.steps.core import MAC, Dest, StepCore

OURS, FAR_OURS, LOCAL = "2001:db8::1", "fd00:64::1", eui64(MAC[0])
VIP, SERVER, LIP = "2001:db8::100", "fd00:64::2", "fd00:64::200"
PEER = Station("02:aa:00:00:00:99", "2001:db8::9")
THIRD = Station("02:aa:00:00:00:33", "2001:db8::33")
US, US_LOCAL = Station(MAC[0], OURS), Station(MAC[0], LOCAL)


def nd_director(n_workers: int = 1, **rest: object) -> StepCore:
    core = StepCore(n_workers=n_workers, **rest)  # type: ignore[arg-type]
    core.addr(LOCAL, 0)
    core.addr(OURS, 0)
    core.addr(FAR_OURS, 1)
    core.route("2001:db8::/64", 0)
    core.route("fd00:64::/64", 1)
    return core


def balanced(n_workers: int = 1, **rest: object) -> StepCore:
    """With a UDP service VIP:53 whose server's MAC is known: its clients must be resolved."""
    core = nd_director(n_workers, **rest)
    core.addr(VIP, 0)
    core.laddr(LIP, 1)
    core.neigh(SERVER, 1)
    core.service(VIP, 53, [Dest(SERVER, 53, id=1)], proto=UDP, laddrs=[LIP])
    return core


def claim(addr: str) -> Station:
    """The other station, as if it had the address."""
    return replace(PEER, addr=addr)


def of_ours(message: Message) -> bytes:
    """As the core sends it: with the router flag."""
    return bytes(replace(message, flags=message.flags | ROUTER))


def question(client: str, sport: int = 4000, payload: bytes = b"question") -> bytes:
    """A client's datagram to the service."""
    l3 = packet(Ip6(client, VIP, UDP), Udp(sport, 53, payload))
    return ip_frame(MAC[0], "02:cc:00:00:00:01", l3)
