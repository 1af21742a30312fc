"""The sockets adverts arrive on: one an interface, opened when the interface is there."""

import asyncio
from collections.abc import Callable

from keepalivedpy.netlink.links import LinkTable
from keepalivedpy.vrrp.datagram import Datagram, decode_ipv4
from keepalivedpy.vrrp.packet import DecodeError
from keepalivedpy.vrrp.sockets import AdvertSocket

VRID_BYTE = 1

Deliver = Callable[[str, int, Datagram], None]
"""Takes the interface, the virtual router id and the packet."""


class Listeners:
    def __init__(self, log: Callable[[str], None], deliver: Deliver) -> None:
        self._log, self._deliver = log, deliver
        self._sockets: dict[str, AdvertSocket] = {}

    def get(self, interface: str) -> AdvertSocket | None:
        return self._sockets.get(interface)

    def update(self, interfaces: set[str], links: LinkTable, group_address: str) -> None:
        """Have a socket for each of these that exists; anew where its index changed.

        Raises PermissionError where raw sockets are not allowed.
        """
        for name in interfaces | self._sockets.keys():
            link, present = links.get(name), self._sockets.get(name)
            index = link.index if link is not None and name in interfaces else None
            if present is not None and present.ifindex != index:
                self._end(self._sockets.pop(name))
            if index is not None and name not in self._sockets:
                self._open(name, index, group_address)

    def close(self) -> None:
        for advert_socket in self._sockets.values():
            self._end(advert_socket)
        self._sockets = {}

    def read(self, interface: str) -> None:
        """Deliver what has arrived on an interface."""
        advert_socket = self._sockets.get(interface)
        if advert_socket is None:
            return
        try:
            for packet in advert_socket.receive():
                self._received(interface, packet)
        except OSError as error:  # ENETDOWN once after the link went: the watch handles it
            self._log(f"VRRP socket on {interface}: {error.strerror}")

    def _open(self, interface: str, ifindex: int, group_address: str) -> None:
        try:
            opened = AdvertSocket(interface, ifindex, group_address)
        except PermissionError:
            raise
        except OSError as error:  # it may have gone meanwhile: the next link message tells
            self._log(f"cannot open a VRRP socket on {interface}: {error.strerror}")
            return
        self._sockets[interface] = opened
        asyncio.get_running_loop().add_reader(opened.fileno(), self.read, interface)

    @staticmethod
    def _end(advert_socket: AdvertSocket) -> None:
        asyncio.get_running_loop().remove_reader(advert_socket.fileno())
        advert_socket.close()

    def _received(self, interface: str, packet: bytes) -> None:
        try:
            datagram = decode_ipv4(packet)
        except DecodeError:
            return
        body = datagram.body
        self._deliver(interface, body[VRID_BYTE] if len(body) > VRID_BYTE else 0, datagram)
