"""Follows the kernel's links and addresses on one netlink socket that asyncio watches.

The same socket asks for the present state and hears of changes, so none falls in between.
"""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

from pyroute2.netlink.rtnl.marshal import MarshalRtnl

from keepalivedpy.netlink.links import LinkTable

_NETLINK_ROUTE = 0
_GROUPS = 0x1 | 0x10  # RTMGRP_LINK, RTMGRP_IPV4_IFADDR
_RTM_GETLINK, _RTM_GETADDR = 18, 22
_NLM_F_REQUEST_DUMP = 0x1 | 0x300
_BUFFER_BYTES = 1 << 20
_READ_BYTES = 1 << 17
_DUMP_TIMEOUT_S = 5.0
_LINK_BODY_BYTES, _ADDR_BODY_BYTES = 16, 8


class LinkWatch:
    """`links` is current after `start`; `on_change()` is called after each reading with news."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.links = LinkTable()
        self._on_change = on_change
        self._marshal = MarshalRtnl()
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_ROUTE)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.bind((0, _GROUPS))

    def start(self) -> None:
        """Read the present state (about 1 ms), then watch. OSError if netlink does not answer."""
        self._read_all()
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def _read_all(self) -> None:
        self.links.clear()
        self._socket.settimeout(_DUMP_TIMEOUT_S)
        for request, body_bytes in (
            (_RTM_GETLINK, _LINK_BODY_BYTES),
            (_RTM_GETADDR, _ADDR_BODY_BYTES),
        ):
            head = struct.pack("=IHHII", 16 + body_bytes, request, _NLM_F_REQUEST_DUMP, request, 0)
            self._socket.send(head + bytes(body_bytes))
            done = False
            while not done:
                for message in self._messages(self._socket.recv(_READ_BYTES)):
                    self.links.apply(message)
                    done = done or message["event"] == "NLMSG_DONE"
        self._socket.setblocking(False)

    def _readable(self) -> None:
        changed = False
        try:
            while True:
                for message in self._messages(self._socket.recv(_READ_BYTES)):
                    changed = self.links.apply(message) or changed
        except BlockingIOError:
            pass
        except OSError:  # ENOBUFS: the kernel had more news than room; ask for everything
            self._read_all()
            changed = True
        if changed:
            self._on_change()

    def _messages(self, data: bytes) -> Iterator[Any]:
        yield from self._marshal.parse(data)
