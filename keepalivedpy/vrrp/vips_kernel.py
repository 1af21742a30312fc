"""Virtual addresses on kernel interfaces, for instances without dpdk_interface.

One worker thread does everything in the order it was asked, so that an announcement follows
the address and neither delays an advert.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute
from keepalivedpy.netlink.addresses import KernelAddresses
from keepalivedpy.vrrp.announce import announcement
from keepalivedpy.vrrp.sockets import send_frames


class KernelVips:
    """A sink (vips.AddressSink). `mac_of` gives an interface's address, b"" if it has none."""

    def __init__(self, log: Callable[[str], None], mac_of: Callable[[str], bytes]) -> None:
        self._log, self._mac_of = log, mac_of
        self._thread = ThreadPoolExecutor(1, "kernel-vips")
        self._kernel: KernelAddresses | None = None
        self._loop = asyncio.get_running_loop()

    def add(
        self, device: str, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]
    ) -> None:
        self._submit(self._change, "add", device, addresses, routes)

    def remove(
        self, device: str, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]
    ) -> None:
        self._submit(self._change, "del", device, addresses, routes)

    def announce(self, device: str, addresses: tuple[VirtualAddress, ...], n_repeat: int) -> None:
        for dev in dict.fromkeys(address.dev or device for address in addresses):
            if mac := self._mac_of(dev):
                once = [announcement(mac, a.addr) for a in addresses if (a.dev or device) == dev]
                self._submit(self._send, dev, once * n_repeat)

    async def flush(self) -> None:
        await self._loop.run_in_executor(self._thread, lambda: None)

    async def close(self) -> None:
        await self._loop.run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _submit(self, job: Callable[..., None], *arguments: object) -> None:
        self._thread.submit(job, *arguments).add_done_callback(self._report)

    def _report(self, job: Future[None]) -> None:
        """A job that failed in an unforeseen way must be seen."""
        if (error := job.exception()) is not None:
            self._loop.call_soon_threadsafe(self._log, f"kernel addresses: {error!r}")

    # --- in the worker thread -------------------------------------------------------------

    def _change(
        self,
        verb: str,
        device: str,
        addresses: tuple[VirtualAddress, ...],
        routes: tuple[VirtualRoute, ...],
    ) -> None:
        kernel = self._kernel = self._kernel or KernelAddresses()
        jobs = []
        for a in addresses:
            dev = a.dev or device
            job = partial(
                kernel.address, verb, dev, a.addr, a.prefixlen, a.scope, a.broadcast, a.label
            )
            jobs.append((f"{verb} address {a.addr}/{a.prefixlen} on {dev}", job))
        for r in routes:
            job = partial(kernel.route, verb, r.prefix, r.via, r.dev, r.src, r.metric)
            jobs.append((f"{verb} route {r.prefix}", job))
        for what, job in jobs if verb == "add" else reversed(jobs):
            self._try(what, job)

    def _send(self, device: str, frames: list[bytes]) -> None:
        self._try(f"announce addresses on {device}", lambda: send_frames(device, frames))

    def _try(self, what: str, action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            self._loop.call_soon_threadsafe(self._log, f"cannot {what}: {error.strerror}")

    def _close(self) -> None:
        if self._kernel is not None:
            self._kernel.close()
