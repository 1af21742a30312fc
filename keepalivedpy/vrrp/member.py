"""One router and what surrounds it: carries out its effects, wakes it in time."""

from collections.abc import Callable

from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from keepalivedpy.vrrp import events
from keepalivedpy.vrrp.addresses import all_addresses
from keepalivedpy.vrrp.datagram import encode_ipv4
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.packet import encode
from keepalivedpy.vrrp.router import Router
from keepalivedpy.vrrp.sockets import AdvertSocket
from keepalivedpy.vrrp.timers import Timer, Timers, now_us
from keepalivedpy.vrrp.vips import AddressSink, device_of

OnChange = Callable[["Member", events.StateChanged], None]
KERNEL_CHOOSES = 0  # the identification in the IP header


class Member:
    """`on_change` hears of every new state after its effects were carried out; `catch_up` reads
    what has arrived for this instance, before a backup believes that there was silence. Without
    `timers` nothing wakes it."""

    def __init__(
        self,
        instance: VrrpInstance,
        group_address: str,
        sink: AddressSink,
        log: Callable[[str], None],
        on_change: OnChange,
        timers: Timers | None = None,
        catch_up: Callable[["Member"], None] = lambda _member: None,
    ) -> None:
        self.router = Router(instance)
        self.socket: AdvertSocket | None = None
        self.keep_vips = False
        self.before_tick: Callable[[], None] = lambda: None
        self._group_address, self._sink = group_address, sink
        self._log, self._on_change = log, on_change
        self._timers, self._catch_up = timers, catch_up
        self._timer: Timer | None = None
        self._prepared: tuple[events.SendAdvert, tuple[tuple[str, bytes], ...]] | None = None
        self._send_error = ""

    @property
    def instance(self) -> VrrpInstance:
        return self.router.instance

    @property
    def has_addresses(self) -> bool:
        """Whether the instance's addresses are all in place now."""
        return self._sink.has(device_of(self.instance), all_addresses(self.instance))

    def handle(self, event: events.Event) -> None:
        self.carry_out(self.router.handle(event, now_us()))

    def reconfigure(self, instance: VrrpInstance) -> None:
        self.carry_out(self.router.reconfigure(instance, now_us()))

    def forget_leftovers(self) -> None:
        """Remove addresses that a killed predecessor may have left."""
        self.log("removing VIPs.")
        i = self.instance
        self._sink.remove(i.name, device_of(i), all_addresses(i), i.virtual_routes)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def carry_out(self, effects: list[events.Effect]) -> None:
        """In this order; adverts are first, and nothing else may delay them."""
        changes = []
        for effect in effects:
            match effect:
                case events.SendAdvert():
                    self._send(effect)
                case events.Log(text):
                    self.log(text)
                case events.StateChanged():
                    changes.append(effect)
                case _:
                    self._change_addresses(effect)
        self._arm()
        for change in changes:
            self._on_change(self, change)

    def log(self, text: str) -> None:
        self._log(f"({self.instance.name}) {text}")

    def _change_addresses(self, effect: events.AddVips | events.DelVips | events.Announce) -> None:
        name, device = self.instance.name, device_of(self.instance)
        match effect:
            case events.AddVips(addresses, routes):
                self.log("setting VIPs.")
                self._sink.add(name, device, addresses, routes)
            case events.DelVips(addresses, routes):
                if not self.keep_vips:
                    self.log("removing VIPs.")
                    self._sink.remove(name, device, addresses, routes)
            case events.Announce(addresses, n_repeat):
                self._announce(device, addresses, n_repeat)

    def _announce(self, device: str, addresses: tuple[VirtualAddress, ...], n_repeat: int) -> None:
        for address in addresses if n_repeat else ():
            kind = "unsolicited NAs" if ":" in address.addr else "gratuitous ARPs"
            self.log(f"Sending/queueing {kind} on {address.dev or device} for {address.addr}")
        self._sink.announce(device, addresses, n_repeat)

    # --- adverts --------------------------------------------------------------------------

    def _send(self, order: events.SendAdvert) -> None:
        error = ""
        for dst, packet in self._packets(order):
            try:
                if self.socket is None:
                    raise OSError(0, "no socket")
                self.socket.send(packet, dst)
            except OSError as failed:
                error = f"Cant send advert to {dst} ({failed.strerror})"
        if error != self._send_error:
            self._send_error = error
            if error:
                self.log(error)

    def _packets(self, order: events.SendAdvert) -> tuple[tuple[str, bytes], ...]:
        """The router gives the same object until something changes: so are the bytes the same."""
        if self._prepared is None or self._prepared[0] is not order:
            source, advert = order.source, order.advert
            packets = [
                (dst, encode_ipv4(source, dst, KERNEL_CHOOSES, encode(advert, source, dst)))
                for dst in self._destinations()
            ]
            self._prepared = order, tuple(packets)
        return self._prepared[1]

    def _destinations(self) -> tuple[str, ...]:
        peers = tuple(peer.addr for peer in self.instance.unicast_peer)
        return peers or (self._group_address,)

    # --- timers ---------------------------------------------------------------------------

    def _arm(self) -> None:
        """A deadline that moved back finds the earlier wake-up harmless."""
        deadline_us = self.router.next_deadline_us()
        if self._timer is not None:
            if deadline_us is not None and self._timer.deadline_us <= deadline_us:
                return
            self.close()
        if deadline_us is not None and self._timers is not None:
            self._timer = self._timers.at(deadline_us, self._wake)

    def _wake(self) -> None:
        self._timer = None
        if self.router.state is State.BACKUP:
            self._catch_up(self)
        self.before_tick()
        self.handle(events.Tick())
