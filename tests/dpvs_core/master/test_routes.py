"""Routes: dpip's rules and order (D-030..D-032)."""

from typing import Any

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.messages import Code


def spec(prefix: str, **fields: Any) -> m.RouteSpec:
    return m.RouteSpec(prefix=prefix, **fields)


def add(prefix: str, **fields: Any) -> m.RouteAdd:
    return m.RouteAdd(route=spec(prefix, **fields))


ADDRS = (
    m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.1/16", dev="dpdk0")),
    m.AddrAdd(addr=m.AddrSpec(prefix="192.168.100.1/24", dev="dpdk1")),
)


def prefixes(bench: Any) -> list[str]:
    (rows,) = bench.run(m.RouteList())
    return [f"{row.spec.prefix} {row.spec.scope}" for row in rows.rows]


def test_the_transcripts_routes_in_its_order(bench: Any) -> None:
    bench.do(
        *ADDRS,
        add("default", via="10.0.0.254", dev="dpdk0"),
        add("172.20.0.0/16", via="192.168.100.2", dev="dpdk1", mtu=1400, metric=5),
        add("172.20.0.0/16", via="192.168.100.2", dev="dpdk1"),
        add("172.21.0.0/16", dev="dpdk1", scope="link", src="192.168.100.1"),
        add("172.23.0.1/32", dev="dpdk0", scope="kni_host"),
        add("1.1.1.1/32", via="10.0.0.254"),
    )
    assert prefixes(bench) == [
        "10.0.0.1/32 host",
        "172.23.0.1/32 kni_host",
        "192.168.100.1/32 host",
        "1.1.1.1/32 global",
        "192.168.100.0/24 link",
        "10.0.0.0/16 link",
        "172.20.0.0/16 global",
        "172.21.0.0/16 link",
        "0.0.0.0/0 global",
    ]
    kinds = {str(row.ip): row.kind.name for row in bench.engine.addrs}
    assert kinds == {"10.0.0.1": "LOCAL", "192.168.100.1": "LOCAL", "172.23.0.1": "KERNEL"}
    gateways = {str(r.prefix): str(r.gateway) for r in bench.engine.routes if r.gateway}
    assert gateways == {
        "0.0.0.0": "10.0.0.254", "172.20.0.0": "192.168.100.2", "1.1.1.1": "10.0.0.254",
    }  # fmt: skip


REFUSED = {
    "nowhere": (add("172.22.0.0/16"), Code.INVAL),
    "no device": (add("172.22.0.0/16", dev="nodev"), Code.INVAL),
    "gateway out of reach": (add("172.22.0.0/16", via="9.9.9.9"), Code.INVAL),
    "a network of Linux": (add("172.23.0.0/16", dev="dpdk0", scope="kni_host"), Code.INVAL),
    "no prefix": (add("300.0.0.0/8", dev="dpdk0"), Code.INVAL),
    "delete without device": (m.RouteDel(route=spec("1.2.3.0/24")), Code.INVAL),
    "delete what an address makes": (
        m.RouteDel(route=spec("10.0.0.0/16", dev="dpdk0")), Code.BUSY),
    "another way": (add("172.20.0.0/16", via="10.0.0.9", dev="dpdk0"), Code.EXIST),
    "gateway of another family": (
        add("172.22.0.0/16", via="2001:db8::1", dev="dpdk0"), Code.INVAL),
    "source of another family": (add("2001:db8::/32", src="10.0.0.1", dev="dpdk0"), Code.INVAL),
    "gateway on any link": (add("default", via="fe80::1"), Code.INVAL),
    "flush of no device": (m.RouteFlush(dev="nodev"), Code.NOTEXIST),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_changes_nothing(bench: Any, name: str) -> None:
    bench.do(*ADDRS, add("172.20.0.0/16", dev="dpdk0"))
    before = bench.snapshot()
    request, code = REFUSED[name]
    assert bench.code(request) == code
    assert bench.snapshot() == before


def test_the_device_is_found_through_the_gateway(bench: Any) -> None:
    bench.do(*ADDRS, add("172.22.0.0/16", via="192.168.100.9"))
    (route,) = [r for r in bench.engine.routes if r.gateway]
    assert route.dev == 1


def test_ipv6_routes_by_their_gateway(bench: Any) -> None:
    """D-031: "default" is of the gateway's family; a link-local gateway stands on its device."""
    bench.do(
        m.AddrAdd(addr=m.AddrSpec(prefix="2001:db8::1/64", dev="dpdk1")),
        add("default", via="2001:db8::fe"),
        add("2001:db8:9::7/48", via="fe80::9", dev="dpdk0"),
        add("2001:db8::28", dev="dpdk1", scope="kni_host"),
    )
    assert prefixes(bench) == [
        "2001:db8::1/128 host",
        "2001:db8::28/128 kni_host",
        "2001:db8::/64 link",
        "2001:db8:9::/48 global",
        "::/0 global",
    ]
    ways = {(str(r.prefix), r.plen): (r.dev, str(r.gateway)) for r in bench.engine.routes}
    assert ways["::", 0] == (1, "2001:db8::fe")
    assert ways["2001:db8:9::", 48] == (0, "fe80::9")
    assert ("2001:db8::28", "KERNEL") in {(str(r.ip), r.kind.name) for r in bench.engine.addrs}


def test_a_link_local_gateway_may_be_on_any_link(bench: Any) -> None:
    bench.do(m.AddrAdd(addr=m.AddrSpec(prefix="fe80::1/64", dev="dpdk0", scope="link")))
    assert bench.code(add("default", via="fe80::9")) == Code.INVAL
    assert bench.code(add("default", via="fec0::9")) == Code.INVAL  # on no network at all
    bench.do(add("default", via="fe80::9", dev="dpdk1"))
    (route,) = [r for r in bench.engine.routes if r.gateway]
    assert route.dev == 1


def test_deleting_an_absent_route_is_no_error(bench: Any) -> None:
    (reply,) = bench.run(m.RouteDel(route=spec("172.21.0.0/16", dev="dpdk1")))
    assert reply == m.Ok(changed=False)


def test_set_changes_the_gateway(bench: Any) -> None:
    bench.do(*ADDRS, add("172.20.0.0/16", via="192.168.100.2", dev="dpdk1"))
    bench.do(m.RouteSet(route=spec("172.20.0.0/16", via="192.168.100.3", dev="dpdk1")))
    (route,) = [r for r in bench.engine.routes if r.gateway]
    assert str(route.gateway) == "192.168.100.3"


def test_flush_leaves_what_follows_from_addresses(bench: Any) -> None:
    bench.do(*ADDRS, add("172.20.0.0/16", dev="dpdk0"), m.RouteFlush(dev="dpdk0"))
    assert "172.20.0.0/16 link" not in prefixes(bench)
    assert "10.0.0.1/32 host" in prefixes(bench)


def test_the_lower_metric_is_the_cores(bench: Any) -> None:
    bench.do(*ADDRS, add("default", via="10.0.0.254", dev="dpdk0", metric=9),
             add("default", via="192.168.100.254", dev="dpdk1", metric=3))  # fmt: skip
    (route,) = [r for r in bench.engine.routes if r.plen == 0]
    assert route.dev == 1
    bench.do(m.RouteDel(route=spec("default", dev="dpdk1")))
    (route,) = [r for r in bench.engine.routes if r.plen == 0]
    assert route.dev == 0


def test_a_program_cannot_delete_anothers_route(bench: Any) -> None:
    bench.do(*ADDRS, add("172.20.0.0/16", dev="dpdk0"), owner="vrrp")
    request = m.RouteDel(route=spec("172.20.0.0/16", dev="dpdk0"))
    assert bench.code(request, owner="check") == Code.NOTEXIST
    assert bench.code(request, owner="cli") is None
