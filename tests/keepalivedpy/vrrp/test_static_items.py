"""static_ipaddress and static_routes: where each goes, and what a reload changes."""

from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute
from keepalivedpy.vrrp.static_items import StaticItems

LAN = VirtualAddress(addr="192.168.100.1", prefixlen=24, dev="dpdk0")
KNI = VirtualAddress(addr="192.168.100.28", prefixlen=24, dev="dpdk0.kni")
ROUTE = VirtualRoute(prefix="10.0.0.0/8", via="192.168.100.254", dev="dpdk0")


class Sink:
    """Writes down what it is told."""

    def __init__(self, name: str, orders: list[str]) -> None:
        self.name, self.orders = name, orders

    def _note(self, verb: str, device: str, addresses: tuple, routes: tuple) -> None:
        for item in (*addresses, *routes):
            what = item.addr if isinstance(item, VirtualAddress) else item.prefix
            self.orders.append(f"{self.name} {verb} {what} {device}")

    def add(self, holder, device, addresses, routes):
        self._note("add", device, addresses, routes)

    def remove(self, holder, device, addresses, routes):
        self._note("remove", device, addresses, routes)

    def announce(self, device, addresses, n_repeat):
        raise AssertionError("static items are not announced")

    async def flush(self):
        raise AssertionError("not here")


def items(orders: list[str]) -> StaticItems:
    return StaticItems(
        lambda: Sink("core", orders), Sink("kernel", orders), lambda name: name == "dpdk0.kni"
    )


def test_the_kernels_interfaces_are_the_kernels_all_else_is_the_cores() -> None:
    orders: list[str] = []
    items(orders).take((LAN, KNI), (ROUTE,))
    assert orders == [
        "core add 192.168.100.1 dpdk0",
        "kernel add 192.168.100.28 dpdk0.kni",
        "core add 10.0.0.0/8 dpdk0",
    ]


def test_a_reload_touches_only_what_differs() -> None:
    orders: list[str] = []
    static = items(orders)
    static.take((LAN, KNI), (ROUTE,))
    orders.clear()
    static.take((LAN,), (ROUTE,))
    assert orders == ["kernel remove 192.168.100.28 dpdk0.kni"]


def test_the_end_removes_all() -> None:
    orders: list[str] = []
    static = items(orders)
    static.take((LAN,), (ROUTE,))
    orders.clear()
    static.take((), ())
    assert orders == ["core remove 192.168.100.1 dpdk0", "core remove 10.0.0.0/8 dpdk0"]
