"""What the kernel told us of its links and their IPv4 addresses: a table fed with messages.

Pure: takes decoded rtnetlink messages (anything with `get` and `get_attr`), does no I/O.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Protocol

IFF_UP = 0x1
IFF_RUNNING = 0x40  # has a carrier
AF_INET = 2


class Message(Protocol):
    """A decoded rtnetlink message, as pyroute2 gives it."""

    def __getitem__(self, key: str) -> Any: ...

    def get_attr(self, name: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Link:
    """`up` needs both the administrator's will and a carrier; `mac` is 6 bytes, b"" if none."""

    name: str
    index: int
    up: bool
    mac: bytes = b""
    addresses: tuple[str, ...] = field(default=())  # IPv4, in the order in which they appeared


class LinkTable:
    """The links by name."""

    def __init__(self) -> None:
        self._by_index: dict[int, Link] = {}

    def get(self, name: str) -> Link | None:
        return next((link for link in self._by_index.values() if link.name == name), None)

    def clear(self) -> None:
        self._by_index.clear()

    def apply(self, message: Message) -> bool:
        """Take one message; returns whether anything we know changed."""
        handler = _HANDLERS.get(message["event"])
        if handler is None:
            return False
        before = self._by_index.copy()
        handler(self._by_index, message)
        return before != self._by_index


def _new_link(links: dict[int, Link], message: Message) -> None:
    if message["family"] not in (0, AF_INET):  # a bridge's own view of its port
        return
    index, flags = message["index"], message["flags"]
    old = links.get(index)
    links[index] = Link(
        name=message.get_attr("IFLA_IFNAME"),
        index=index,
        up=bool(flags & IFF_UP and flags & IFF_RUNNING),
        mac=bytes.fromhex((message.get_attr("IFLA_ADDRESS") or "").replace(":", "")),
        addresses=old.addresses if old else (),
    )


def _del_link(links: dict[int, Link], message: Message) -> None:
    if message["family"] in (0, AF_INET):
        links.pop(message["index"], None)


def _new_address(links: dict[int, Link], message: Message) -> None:
    link, address = _address(links, message)
    if link is not None and address not in link.addresses:
        links[link.index] = replace(link, addresses=(*link.addresses, address))


def _del_address(links: dict[int, Link], message: Message) -> None:
    link, address = _address(links, message)
    if link is not None:
        rest = tuple(known for known in link.addresses if known != address)
        links[link.index] = replace(link, addresses=rest)


def _address(links: dict[int, Link], message: Message) -> tuple[Link | None, str]:
    if message["family"] != AF_INET:
        return None, ""
    address = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS") or ""
    return links.get(message["index"]), address


_HANDLERS = {
    "RTM_NEWLINK": _new_link,
    "RTM_DELLINK": _del_link,
    "RTM_NEWADDR": _new_address,
    "RTM_DELADDR": _del_address,
}
