"""Several holders of one address, and the comparison with the core's list."""

import pytest

from dpvs_core.control.messages import (
    AddrAdd,
    AddrDel,
    AddrRow,
    AddrSpec,
    GarpSend,
    Owner,
    RouteAdd,
    RouteDel,
    RouteRow,
    RouteSpec,
)
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute
from keepalivedpy.vrrp.core_orders import announcements, difference, key_of, objects
from keepalivedpy.vrrp.holdings import Holdings

ONE = AddrAdd(addr=AddrSpec(prefix="192.0.2.1/32", dev="dpdk0"))
WIDE = AddrAdd(addr=AddrSpec(prefix="192.0.2.1/24", dev="dpdk0"))
TWO = AddrAdd(addr=AddrSpec(prefix="192.0.2.2/32", dev="dpdk0"))
ROUTE = RouteAdd(route=RouteSpec(prefix="10.0.0.0/8", via="192.0.2.2"))
ONE_DEL = AddrDel(prefix="192.0.2.1/32", dev="dpdk0")
WIDE_DEL = AddrDel(prefix="192.0.2.1/24", dev="dpdk0")
ROUTE_DEL = RouteDel(route=ROUTE.route)

# name: (take or release, holder, object, what the core is asked), one after the other
STORIES = {
    "one holder": [
        ("take", "a", ONE, [ONE]), ("release", "a", ONE, [ONE_DEL]),
    ],
    "two holders": [
        ("take", "a", ONE, [ONE]), ("take", "b", ONE, []),
        ("release", "a", ONE, []), ("release", "b", ONE, [ONE_DEL]),
    ],
    "taken twice by the same": [
        ("take", "a", ONE, [ONE]), ("take", "a", ONE, []), ("release", "a", ONE, [ONE_DEL]),
        ("release", "a", ONE, []),
    ],
    "released by another": [
        ("take", "a", ONE, [ONE]), ("release", "b", ONE, []), ("release", "a", ONE, [ONE_DEL]),
    ],
    "the first one's way counts while it holds": [
        ("take", "a", ONE, [ONE]), ("take", "b", WIDE, []),
        ("release", "a", ONE, [ONE_DEL, WIDE]), ("release", "b", WIDE, [WIDE_DEL]),
    ],
    "the holder wants it otherwise": [
        ("take", "a", ONE, [ONE]), ("take", "a", WIDE, [ONE_DEL, WIDE]),
        ("release", "a", ONE, [WIDE_DEL]),
    ],
    "a route": [("take", "a", ROUTE, [ROUTE]), ("release", "a", ROUTE, [ROUTE_DEL])],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_holders(story: list) -> None:
    held = Holdings()
    for verb, holder, item, asked in story:
        assert getattr(held, verb)(holder, [item]) == asked
    assert (len(held), held.wanted) == (0, {})


def row(prefix: str, *owners: Owner) -> AddrRow:
    return AddrRow(spec=AddrSpec(prefix=prefix, dev="dpdk0"), owners=owners)


COMPARED = {
    "nothing there": ([], [], [ONE, ROUTE]),
    "equal": ([row("192.0.2.1/32", "vrrp")], [RouteRow(ROUTE.route, "vrrp")], []),
    "another's is not ours": (
        [row("192.0.2.1/32", "cli")], [RouteRow(ROUTE.route, "cli")], [ONE, ROUTE]),
    "held by another too: the prefix length is theirs": (
        [row("192.0.2.1/24", "cli", "vrrp")], [RouteRow(ROUTE.route, "vrrp")], []),
    "another prefix length": (
        [row("192.0.2.1/24", "vrrp")], [RouteRow(ROUTE.route, "vrrp")], [WIDE_DEL, ONE]),
    "leftovers": (
        [row("192.0.2.1/32", "vrrp"), row("192.0.2.9/32", "check", "vrrp"), row("192.0.2.8/32")],
        [RouteRow(ROUTE.route, "vrrp"), RouteRow(RouteSpec(prefix="10.9.0.0/16"), "vrrp")],
        [RouteDel(route=RouteSpec(prefix="10.9.0.0/16")),
         AddrDel(prefix="192.0.2.9/32", dev="dpdk0")]),
}  # fmt: skip


@pytest.mark.parametrize("addresses, routes, expected", COMPARED.values(), ids=COMPARED)
def test_comparison(addresses: list, routes: list, expected: list) -> None:
    wanted = {key_of(item): item for item in (ONE, ROUTE)}
    assert difference(wanted, addresses, routes) == expected


def test_the_models_addresses_in_the_cores_words() -> None:
    taken = objects(
        "dpdk0",
        (VirtualAddress(addr="2001:DB8:0::1", prefixlen=64),
         VirtualAddress(addr="192.0.2.7", prefixlen=24, sapool=True),
         VirtualAddress(addr="192.0.2.1", prefixlen=24, dev="dpdk1", scope="site")),
        (VirtualRoute(prefix="10.0.0.0/8", via="192.0.2.9", metric=7),),
    )  # fmt: skip
    assert taken == [
        AddrAdd(addr=AddrSpec(prefix="2001:db8::1/64", dev="dpdk0")),
        AddrAdd(addr=AddrSpec(prefix="192.0.2.7/24", dev="dpdk0", sapool=True)),
        AddrAdd(addr=AddrSpec(prefix="192.0.2.1/24", dev="dpdk1")),
        RouteAdd(route=RouteSpec(prefix="10.0.0.0/8", via="192.0.2.9", metric=7)),
    ]


@pytest.mark.parametrize(
    ("address", "broadcast"),
    [
        (VirtualAddress(addr="192.0.2.1", prefixlen=20, broadcast="+"), "192.0.15.255"),
        (VirtualAddress(addr="192.0.2.1", prefixlen=32, broadcast="+"), "192.0.2.1"),
        (VirtualAddress(addr="192.0.2.1", prefixlen=24, broadcast="-"), ""),
        (VirtualAddress(addr="192.0.2.1", prefixlen=24, broadcast="192.0.2.9"), "192.0.2.9"),
        (VirtualAddress(addr="2001:db8::1", prefixlen=64, broadcast="+"), ""),
    ],
)
def test_broadcasts_are_addresses(address: VirtualAddress, broadcast: str) -> None:
    ((order,),) = (objects("dpdk0", (address,), ()),)
    assert isinstance(order, AddrAdd) and order.addr.broadcast == broadcast


@pytest.mark.parametrize(
    ("route", "dev"),
    [
        (VirtualRoute(prefix="::/0", via="2001:db8::9"), ""),
        (VirtualRoute(prefix="::/0", via="fe80::9"), "dpdk0"),
        (VirtualRoute(prefix="::/0", via="fe80::9", dev="dpdk1"), "dpdk1"),
        (VirtualRoute(prefix="2001:db8:9::/48"), "dpdk0"),
        (VirtualRoute(prefix="10.0.0.0/8", dev="dpdk1"), "dpdk1"),
        (VirtualRoute(prefix="0.0.0.0/0", via="192.0.2.9"), ""),
    ],
)
def test_where_nothing_tells_a_routes_device_it_is_the_instances(
    route: VirtualRoute, dev: str
) -> None:
    ((order,),) = (objects("dpdk0", (), (route,)),)
    assert isinstance(order, RouteAdd) and order.route.dev == dev


def test_announcements_go_round_by_round() -> None:
    addresses = [("dpdk0", f"192.0.2.{n}") for n in range(200)] + [("dpdk1", "2001:DB8::1")]
    sent = announcements(addresses, 2)
    assert [(garp.dev, len(garp.addrs)) for garp in sent] == [
        ("dpdk0", 128), ("dpdk0", 72), ("dpdk1", 1)] * 2  # fmt: skip
    assert sent[2] == GarpSend(dev="dpdk1", addrs=("2001:db8::1",))
    assert announcements(addresses, 0) == announcements([], 5) == []
