"""Virtual addresses on kernel interfaces, for instances without dpdk_interface.

One worker thread does everything in the order it was asked, so that an announcement follows
the address and neither delays an advert.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute
from keepalivedpy.netlink.addresses import KernelAddresses
from keepalivedpy.vrrp.announce import announcement
from keepalivedpy.vrrp.holders import Holders
from keepalivedpy.vrrp.sockets import send_frames


class KernelVips:
    """A sink (vips.AddressSink). `mac_of` gives an interface's address, b"" if it has none."""

    def __init__(self, log: Callable[[str], None], mac_of: Callable[[str], bytes]) -> None:
        self._log, self._mac_of = log, mac_of
        self._thread = ThreadPoolExecutor(1, "kernel-vips", _run_as_the_main_thread)
        self._kernel: KernelAddresses | None = None
        self._holders = Holders()
        self._present: set[tuple[str, str]] = set()  # (device, address) or ("", route)
        self._loop = asyncio.get_running_loop()

    def add(
        self,
        holder: str,
        device: str,
        addresses: tuple[VirtualAddress, ...],
        routes: tuple[VirtualRoute, ...],
    ) -> None:
        take = partial(self._holders.take, holder)
        added = [a for a in addresses if take(_address_key(device, a))]
        self._submit(self._change, "add", device, added, [r for r in routes if take(_route_key(r))])

    def remove(
        self,
        holder: str,
        device: str,
        addresses: tuple[VirtualAddress, ...],
        routes: tuple[VirtualRoute, ...],
    ) -> None:
        release = partial(self._holders.release, holder)
        gone = [a for a in addresses if release(_address_key(device, a))]
        gone_routes = [r for r in routes if release(_route_key(r))]
        self._submit(self._change, "del", device, gone, gone_routes)

    def announce(self, device: str, addresses: tuple[VirtualAddress, ...], n_repeat: int) -> None:
        for dev in dict.fromkeys(address.dev or device for address in addresses):
            if mac := self._mac_of(dev):
                once = [announcement(mac, a.addr) for a in addresses if (a.dev or device) == dev]
                self._submit(self._send, dev, once * n_repeat)

    def has(self, device: str, addresses: tuple[VirtualAddress, ...]) -> bool:
        """Whether the kernel took all of these from us, and was not asked to remove them."""
        return all((address.dev or device, address.addr) in self._present for address in addresses)

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
        addresses: list[VirtualAddress],
        routes: list[VirtualRoute],
    ) -> None:
        kernel = self._kernel = self._kernel or KernelAddresses()
        jobs = []
        for a in addresses:
            dev = a.dev or device
            job = partial(
                kernel.address, verb, dev, a.addr, a.prefixlen, a.scope, a.broadcast, a.label
            )
            jobs.append((f"{verb} address {a.addr}/{a.prefixlen} on {dev}", (dev, a.addr), job))
        for r in routes:
            job = partial(kernel.route, verb, r.prefix, r.via, r.dev, r.src, r.metric)
            jobs.append((f"{verb} route {r.prefix}", ("", r.prefix), job))
        for what, key, job in jobs if verb == "add" else reversed(jobs):
            if self._try(what, job) and verb == "add":
                self._present.add(key)
            else:
                self._present.discard(key)

    def _send(self, device: str, frames: list[bytes]) -> None:
        self._try(f"announce addresses on {device}", lambda: send_frames(device, frames))

    def _try(self, what: str, action: Callable[[], None]) -> bool:
        """Whether it went well; a failure is logged."""
        try:
            action()
        except OSError as error:
            self._loop.call_soon_threadsafe(self._log, f"cannot {what}: {error.strerror}")
            return False
        return True

    def _close(self) -> None:
        if self._kernel is not None:
            self._kernel.close()


def _address_key(device: str, address: VirtualAddress) -> tuple[str, str, int]:
    """What names an address in the kernel."""
    return address.dev or device, address.addr, address.prefixlen


def _route_key(route: VirtualRoute) -> tuple[str, str | None, str | None, int]:
    return route.prefix, route.via, route.dev, route.metric


def _run_as_the_main_thread() -> None:
    """Its scheduling: a thread without it could lose its processor while it holds the
    interpreter, and the adverts would wait with it."""
    main = os.getpid()
    with contextlib.suppress(OSError):  # not allowed: then main has no other either
        os.sched_setscheduler(0, os.sched_getscheduler(main), os.sched_getparam(main))
