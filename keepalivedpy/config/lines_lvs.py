"""Lines, words and headers of virtual servers' blocks as values.

What is beyond the plain forms is read by phrases.py.
"""

from dpvs_core.config.addresses import Address, canonical_address
from dpvs_core.config.errors import BadValue, NotCarried
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Int, Text
from dpvs_core.control.match_text import range_text
from keepalivedpy.model.lvs import (
    AddressRange,
    GroupEntry,
    LocalAddress,
    RealServer,
    VirtualServer,
)

ADDRESS = Address()
PORT = Int(0, 65535)


class Range:
    """`ADDRESS` or `ADDRESS-LAST`."""

    n_words = 1
    expected = "ADDRESS or ADDRESS-LAST"

    def read(self, node: Node, at: int) -> AddressRange:
        word = node.words[at]
        if address := canonical_address(word):
            return AddressRange(first=address)
        if "-" not in word:
            raise BadValue(f"'{word}'", self.expected, at)
        from keepalivedpy.config.phrases import address_range

        first, n = address_range(word, at)
        return AddressRange(first=first, n=n)

    def words(self, value: AddressRange) -> list[str]:
        return [range_words(value)]


RANGE = Range()


class MatchRange:
    """`IP[-IP][:PORT[-PORT]]`, IPv6 in brackets before a port, of a match service."""

    n_words = 1
    expected = "IP[-IP][:PORT[-PORT]], IPv6 as [IP-IP]:PORT"

    def read(self, node: Node, at: int) -> str:
        try:
            return range_text(node.words[at])
        except ValueError:
            raise BadValue(f"'{node.words[at]}'", self.expected, at) from None

    def words(self, value: str) -> list[str] | None:
        return [value] if value else None


class LocalAddressLine:
    """A line of local_address_group: `ADDRESS[-LAST] DEVICE` (K-001)."""

    n_words = 2
    expected = "ADDRESS[-LAST] DEVICE"

    def read(self, node: Node, at: int) -> LocalAddress:
        if len(node.words) < 2:
            raise BadValue(f"'{node.words[0]}' without a device", self.expected, 1)
        return LocalAddress(addrs=RANGE.read(node, 0), dev=Text("a device", 15).read(node, 1))

    def words(self, value: LocalAddress) -> list[str]:
        return [*RANGE.words(value.addrs), value.dev]


class GroupLine:
    """A line of virtual_server_group: `ADDRESS[-LAST] [PORT]`."""

    n_words = 1
    expected = "ADDRESS[-LAST] [PORT]"

    def read(self, node: Node, at: int) -> GroupEntry:
        if node.words[0] == "fwmark":
            raise NotCarried("fwmark in virtual_server_group")
        if "/" in node.words[0]:
            raise NotCarried("ADDRESS/LENGTH in virtual_server_group")
        return GroupEntry(addrs=RANGE.read(node, 0), port=optional_port(node, 1))

    def words(self, value: GroupEntry) -> list[str]:
        return [*RANGE.words(value.addrs), *([str(value.port)] if value.port else [])]


class SorryServer:
    """`ADDRESS [PORT]`."""

    n_words = 1
    expected = "ADDRESS [PORT]"

    def read(self, node: Node, at: int) -> dict[str, str | int]:
        return {"addr": ADDRESS.read(node, at), "port": optional_port(node, at + 1)}

    def words(self, value: RealServer) -> list[str]:
        return SERVER_HEADER.words(value)


class ServiceHeader:
    """`ADDRESS [PORT]`, `group NAME`, `match NAME`; `fwmark N` is not carried yet."""

    fields = ("addr", "port", "group", "match")
    form = "ADDRESS PORT, group NAME or match NAME"

    def read(self, node: Node) -> dict[str, str | int]:
        words, form = node.words, f"virtual_server {self.form}"
        if len(words) < 2:
            raise BadValue("virtual_server without an address", form, 1)
        if words[1] == "fwmark":
            raise NotCarried("virtual_server fwmark")
        if words[1] in ("group", "match"):
            if len(words) < 3:
                raise BadValue(f"{words[1]} without a name", form, 2)
            return {words[1]: words[2]}
        return {"addr": ADDRESS.read(node, 1), "port": optional_port(node, 2)}

    def words(self, model: VirtualServer) -> list[str]:
        for kind, name in (("group", model.group), ("match", model.match)):
            if name is not None:
                return [kind, name]
        return [model.addr or "", *([str(model.port)] if model.port else [])]


class ServerHeader:
    """`ADDRESS [PORT]`."""

    fields = ("addr", "port")
    form = "ADDRESS [PORT]"

    def read(self, node: Node) -> dict[str, str | int]:
        if len(node.words) < 2:
            raise BadValue("real_server without an address", f"real_server {self.form}", 1)
        return {"addr": ADDRESS.read(node, 1), "port": optional_port(node, 2)}

    def words(self, model: RealServer) -> list[str]:
        return [model.addr, *([str(model.port)] if model.port else [])]


SERVER_HEADER = ServerHeader()


def optional_port(node: Node, at: int) -> int:
    """The port at word `at`; 0 where there is none."""
    return PORT.read(node, at) if len(node.words) > at else 0


def range_words(addrs: AddressRange) -> str:
    """`FIRST` or `FIRST-LAST`."""
    if addrs.n == 1:
        return addrs.first
    from ipaddress import ip_address

    return f"{addrs.first}-{ip_address(addrs.first) + (addrs.n - 1)}"
