"""Where virtual addresses live: in the core (dpdk_interface) or in the kernel.

A sink takes orders at once and carries them out in their order, outside of the timers' way.
"""

from typing import Protocol

from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute, VrrpInstance


class AddressSink(Protocol):
    """`device` is where an address without `dev` goes."""

    def add(
        self, device: str, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]
    ) -> None: ...

    def remove(
        self, device: str, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]
    ) -> None: ...

    def announce(
        self, device: str, addresses: tuple[VirtualAddress, ...], n_repeat: int
    ) -> None: ...

    async def flush(self) -> None:
        """Return when everything ordered so far is done, or cannot be."""


def device_of(instance: VrrpInstance) -> str:
    """The device the instance's addresses belong to."""
    return instance.dpdk_interface or instance.interface
