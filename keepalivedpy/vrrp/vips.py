"""Where virtual addresses live: in the core (dpdk_interface) or in the kernel.

A sink takes orders at once and carries them out in their order, outside of the timers' way.
"""

from typing import Protocol

from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute, VrrpInstance


class AddressSink(Protocol):
    """`device` is where an address without `dev` goes; `holder` is who wants it there, an
    instance's name: what several hold goes when the last one lets go."""

    def add(
        self,
        holder: str,
        device: str,
        addresses: tuple[VirtualAddress, ...],
        routes: tuple[VirtualRoute, ...],
    ) -> None: ...

    def remove(
        self,
        holder: str,
        device: str,
        addresses: tuple[VirtualAddress, ...],
        routes: tuple[VirtualRoute, ...],
    ) -> None: ...

    def announce(
        self, device: str, addresses: tuple[VirtualAddress, ...], n_repeat: int
    ) -> None: ...

    def has(self, device: str, addresses: tuple[VirtualAddress, ...]) -> bool:
        """Whether all of these are in place now, as far as the sink has done it."""
        ...

    async def flush(self) -> None:
        """Return when everything ordered so far is done, or cannot be."""


def device_of(instance: VrrpInstance) -> str:
    """The device the instance's addresses belong to."""
    return instance.dpdk_interface or instance.interface
