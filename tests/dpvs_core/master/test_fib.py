"""The stack's table kept change by change, against one made of the whole state."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from dpvs_core.control.messages import AddrSpec, RouteSpec
from dpvs_core.master.engine import AddrKind, FibAddr, FibRoute
from dpvs_core.master.fib import FibTable
from dpvs_core.master.inet import MAX_PLEN, Ip, network, parse_ip
from dpvs_core.master.layouts import ADDR_NODAD
from dpvs_core.master.state import Address, AddrKey, LaddrUse, Route, RouteKey

DEVICE = {"dpdk0": 0, "dpdk1": 1}
PLENS = {
    "10.0.0.1": 24, "10.0.0.2": 24, "10.0.0.3": 16, "10.0.0.4": 32, "10.1.0.1": 24,
    "2001:db8::1": 64, "2001:db8::2": 64, "2001:db8::3": 128, "a00:1::": 24,
}  # fmt: skip
KEYS = [AddrKey(dev, parse_ip(text)) for dev in DEVICE for text in PLENS]

held = st.sampled_from(["gone", "added", "floating", "attached", "added and attached"])
changes = st.lists(st.tuples(st.sampled_from(KEYS), held), max_size=30)
routes = st.dictionaries(
    st.builds(
        lambda text, plen, dev: RouteKey(network(parse_ip(text), plen), plen, dev),
        st.sampled_from([*PLENS, "0.0.0.0", "::"]), st.sampled_from([0, 16, 24, 32]),
        st.sampled_from([*DEVICE]),
    ),
    st.tuples(st.sampled_from(["global", "link", "host", "kni_host"]), st.integers(0, 2)),
    max_size=6,
)  # fmt: skip


def address(key: AddrKey, how: str) -> Address | None:
    if how == "gone":
        return None
    uses = {LaddrUse("check", how == "floating"): 1} if how != "added" else {}
    owners = {"vrrp": "x"} if "added" in how else {}
    plen = PLENS[str(key.ip)]
    spec = AddrSpec(prefix=f"{key.ip}/{plen}", dev=key.dev)
    return Address(spec, plen, owners=owners, laddr_of=uses)


def expected_addrs(
    addresses: Mapping[AddrKey, Address],
    ids: Mapping[Ip, int],
    all_routes: Mapping[RouteKey, Route],
) -> list[FibAddr]:
    active = {key: row for key, row in addresses.items() if row.active}
    rows = []
    for key, row in active.items():
        id_ = ids[key.ip] if row.sapool else None
        rows.append(FibAddr(key.ip, AddrKind.LOCAL, DEVICE[key.dev], id_, ADDR_NODAD))
    ours = {key.ip for key in active}
    for key, route in all_routes.items():
        if route.spec.scope in ("host", "kni_host") and key.prefix not in ours:
            kind = AddrKind.LOCAL if route.spec.scope == "host" else AddrKind.KERNEL
            rows.append(FibAddr(key.prefix, kind, DEVICE[key.dev], None, ADDR_NODAD))
    return rows


def expected_routes(
    addresses: Mapping[AddrKey, Address], all_routes: Mapping[RouteKey, Route]
) -> set[FibRoute]:
    best: dict[tuple[Ip, int], FibRoute] = {}
    given = [(r.spec.metric, n, k) for n, (k, r) in enumerate(all_routes.items())]
    for _metric, _n, key in sorted(given, key=lambda row: row[:2]):
        if all_routes[key].spec.scope not in ("host", "kni_host"):
            row = FibRoute(key.prefix, key.plen, DEVICE[key.dev], 0, None, None)
            best.setdefault((key.prefix, key.plen), row)
    for key, address in addresses.items():
        if address.active and address.plen < MAX_PLEN[key.ip.af]:
            net = network(key.ip, address.plen), address.plen
            best.setdefault(net, FibRoute(*net, DEVICE[key.dev], 0, None, key.ip))
    return set(best.values())


@given(changes=changes, some_routes=routes)
def test_it_is_what_the_whole_state_gives(
    changes: list[tuple[AddrKey, str]],
    some_routes: dict[RouteKey, tuple[str, int]],
) -> None:
    ids = {key.ip: n for n, key in enumerate(KEYS[: len(PLENS)])}
    table = FibTable(DEVICE)
    addresses: dict[AddrKey, Address] = {}
    all_routes = {
        key: Route(RouteSpec(prefix="", dev=key.dev, scope=scope, metric=metric), "cli", "x")  # type: ignore[arg-type]
        for key, (scope, metric) in some_routes.items()
    }
    for key, how in changes:
        row = address(key, how)
        if row is None:
            addresses.pop(key, None)
        else:
            addresses[key] = row
        table.update(key, row, ids[key.ip] if row and row.sapool else None)
        assert table.addrs(all_routes) == expected_addrs(addresses, ids, all_routes)
        got = table.routes(all_routes)
        assert len(got) == len(set(got))
        assert set(got) == expected_routes(addresses, all_routes)
