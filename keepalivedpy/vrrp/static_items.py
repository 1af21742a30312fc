"""static_ipaddress and static_routes: there from start to stop, whatever the instances do.

An item whose device is a kernel interface goes to the kernel, any other to the core (K-036); an
item without a device is the core's. A reload adds and removes what differs.
"""

from collections.abc import Callable

from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute
from keepalivedpy.vrrp.vips import AddressSink

Item = VirtualAddress | VirtualRoute
HOLDER = "static_ipaddress, static_routes"  # no instance's name: it has a blank


class StaticItems:
    """`core` opens the connection to the core when an item needs it first."""

    def __init__(
        self,
        core: Callable[[], AddressSink],
        kernel: AddressSink,
        is_kernel_link: Callable[[str], bool],
    ) -> None:
        self._core, self._kernel, self._is_kernel_link = core, kernel, is_kernel_link
        self._placed: dict[Item, AddressSink] = {}

    def take(self, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]) -> None:
        """Make exactly these the static items; addresses first, routes may need them."""
        wanted: list[Item] = [*addresses, *routes]
        for gone in [item for item in self._placed if item not in wanted]:
            _apply(self._placed.pop(gone).remove, gone)
        for item in wanted:
            if item not in self._placed:
                self._placed[item] = self._sink_of(item)
                _apply(self._placed[item].add, item)

    def _sink_of(self, item: Item) -> AddressSink:
        return self._kernel if item.dev and self._is_kernel_link(item.dev) else self._core()


def _apply(
    order: Callable[[str, str, tuple[VirtualAddress, ...], tuple[VirtualRoute, ...]], None],
    item: Item,
) -> None:
    if isinstance(item, VirtualAddress):
        order(HOLDER, item.dev or "", (item,), ())
    else:
        order(HOLDER, item.dev or "", (), (item,))
