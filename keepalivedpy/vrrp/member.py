"""One router and what surrounds it: carries out its effects, wakes it in time."""

import asyncio
import time
from collections.abc import Callable

from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from keepalivedpy.vrrp import events
from keepalivedpy.vrrp.datagram import encode_ipv4
from keepalivedpy.vrrp.packet import Advert, encode
from keepalivedpy.vrrp.router import Router
from keepalivedpy.vrrp.sockets import AdvertSocket
from keepalivedpy.vrrp.vips import AddressSink, device_of

OnChange = Callable[["Member", events.StateChanged], None]


def now_us() -> int:
    """The engine's clock, asyncio's own: monotonic, microseconds."""
    return time.monotonic_ns() // 1000


class Member:
    """`on_change` hears of every new state after its effects were carried out."""

    def __init__(
        self,
        instance: VrrpInstance,
        group_address: str,
        sink: AddressSink,
        log: Callable[[str], None],
        on_change: OnChange,
    ) -> None:
        self.router = Router(instance)
        self.socket: AdvertSocket | None = None
        self.keep_vips = False
        self.before_tick: Callable[[], None] = lambda: None
        self._group_address, self._sink = group_address, sink
        self._log, self._on_change = log, on_change
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at_us = 0
        self._ip_id = 0
        self._send_error = ""

    @property
    def instance(self) -> VrrpInstance:
        return self.router.instance

    def handle(self, event: events.Event) -> None:
        self.carry_out(self.router.handle(event, now_us()))

    def reconfigure(self, instance: VrrpInstance) -> None:
        self.carry_out(self.router.reconfigure(instance, now_us()))

    def forget_leftovers(self) -> None:
        """Remove addresses that a killed predecessor may have left."""
        self.log("removing VIPs.")
        i = self.instance
        addresses = i.virtual_ipaddress + i.virtual_ipaddress_excluded
        self._sink.remove(device_of(i), addresses, i.virtual_routes)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def carry_out(self, effects: list[events.Effect]) -> None:
        changes = []
        device = device_of(self.instance)
        for effect in effects:
            match effect:
                case events.SendAdvert(advert, source):
                    self._send(advert, source)
                case events.Log(text):
                    self.log(text)
                case events.AddVips(addresses, routes):
                    self.log("setting VIPs.")
                    self._sink.add(device, addresses, routes)
                case events.DelVips() if self.keep_vips:
                    pass
                case events.DelVips(addresses, routes):
                    self.log("removing VIPs.")
                    self._sink.remove(device, addresses, routes)
                case events.Announce(addresses, n_repeat):
                    self._announce(device, addresses, n_repeat)
                case events.StateChanged():
                    changes.append(effect)
        self._arm()
        for change in changes:
            self._on_change(self, change)

    def log(self, text: str) -> None:
        self._log(f"({self.instance.name}) {text}")

    def _announce(self, device: str, addresses: tuple[VirtualAddress, ...], n_repeat: int) -> None:
        for address in addresses if n_repeat else ():
            kind = "unsolicited NAs" if ":" in address.addr else "gratuitous ARPs"
            self.log(f"Sending/queueing {kind} on {address.dev or device} for {address.addr}")
        self._sink.announce(device, addresses, n_repeat)

    def _send(self, advert: Advert, source: str) -> None:
        error = ""
        for dst in self.instance.unicast_peer or (self._group_address,):
            self._ip_id += 1
            packet = encode_ipv4(source, dst, self._ip_id, encode(advert, source, dst))
            try:
                if self.socket is None:
                    raise OSError(0, "no socket")
                self.socket.send(packet, dst)
            except OSError as failed:
                error = f"Cant send advert to {dst} ({failed.strerror})"
        if error and error != self._send_error:
            self.log(error)
        self._send_error = error

    # --- timers ---------------------------------------------------------------------------

    def _arm(self) -> None:
        """Ask asyncio to wake us; a deadline that moved back finds the earlier wake-up harmless."""
        deadline_us = self.router.next_deadline_us()
        if deadline_us is None:
            self.close()
            return
        if self._timer is not None:
            if self._timer_at_us <= deadline_us:
                return
            self._timer.cancel()
        self._timer_at_us = deadline_us
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(deadline_us / 1e6, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.before_tick()
        self.handle(events.Tick())
