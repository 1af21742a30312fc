"""Arguments of keepalived.conf as values; the plain forms are read here, the rest by phrases.py."""

from dpvs_core.config.addresses import Address, canonical_address, split_prefix
from dpvs_core.config.errors import BadValue, NotCarried
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Int, Text
from dpvs_core.control.match_text import range_text
from keepalivedpy.config.phrase_words import ROUTE_TYPES_LATER
from keepalivedpy.model.lvs import AddressRange, GroupEntry, LocalAddress
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute

PORT = Int(0, 65535)


class AddressLine:
    """A line of virtual_ipaddress."""

    n_words = 0
    expected = "ADDRESS[/LENGTH] [dev IF] ..."

    def read(self, node: Node, at: int) -> VirtualAddress:
        if len(node.words) == 1 and (split := split_prefix(node.words[0])):
            return VirtualAddress(addr=split[0], prefixlen=split[1])
        from keepalivedpy.config.phrases import address_line

        return VirtualAddress(**address_line(node.words))


class RouteLine:
    """A line of virtual_routes."""

    n_words = 0
    expected = "PREFIX [via ADDRESS] [dev IF] ..."

    def read(self, node: Node, at: int) -> VirtualRoute:
        if node.words[0] in ROUTE_TYPES_LATER:
            raise NotCarried(f"a route of type {node.words[0]}")
        from keepalivedpy.config.phrases import route_line

        return VirtualRoute(**route_line(node.words))


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


class LocalAddressLine:
    """A line of local_address_group: `ADDRESS[-LAST] DEVICE` (K-001)."""

    n_words = 2
    expected = "ADDRESS[-LAST] DEVICE"

    def read(self, node: Node, at: int) -> LocalAddress:
        if len(node.words) < 2:
            raise BadValue(f"'{node.words[0]}' without a device", self.expected, 1)
        return LocalAddress(addrs=RANGE.read(node, 0), dev=Text("a device", 15).read(node, 1))


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


class FirstWord:
    """A line whose first word is a name; options behind it are for later."""

    n_words = 0
    expected = "a name"

    def read(self, node: Node, at: int) -> str:
        return node.words[0]


class AddressWord(Address):
    """A line whose first word is an address."""

    n_words = 0


class MulticastAddress(Address):
    """An IPv4 multicast address."""

    def __init__(self) -> None:
        super().__init__(4)
        self.expected = "an IPv4 address from 224.0.0.0 to 239.255.255.255"

    def read(self, node: Node, at: int) -> str:
        address = super().read(node, at)
        if not 224 <= int(address.partition(".")[0]) <= 239:
            raise BadValue(f"'{address}'", self.expected, at)
        return address


class AllWords:
    """A line of names."""

    n_words = 0
    expected = "names"

    def read(self, node: Node, at: int) -> list[str]:
        return list(node.words)


class AuthPass:
    """A password: 8 bytes count, more are cut by whoever uses them."""

    n_words = 1
    expected = "a password of at most 8 bytes"

    def read(self, node: Node, at: int) -> bytes:
        return node.words[at].encode("utf-8", "surrogateescape")


class SmtpServer:
    """`HOST [PORT]`."""

    n_words = 1
    expected = "HOST [PORT]"

    def read(self, node: Node, at: int) -> dict[str, str | int]:
        host: dict[str, str | int] = {"smtp_server": node.words[at]}
        if len(node.words) > at + 1:
            host["smtp_port"] = Int(1, 65535).read(node, at + 1)
        return host


class SorryServer:
    """`ADDRESS [PORT]`."""

    n_words = 1
    expected = "ADDRESS [PORT]"

    def read(self, node: Node, at: int) -> dict[str, str | int]:
        return {"addr": Address().read(node, at), "port": optional_port(node, at + 1)}


class OptionalInt(Int):
    """A number; the keyword alone means `bare`."""

    n_words = 0

    def __init__(self, lowest: int, highest: int, bare: int) -> None:
        super().__init__(lowest, highest)
        self.bare = bare

    def read(self, node: Node, at: int) -> int:
        return super().read(node, at) if len(node.words) > at else self.bare


class ClampedInt(Int):
    """A number that is moved into its bounds."""

    def read(self, node: Node, at: int) -> int:
        return max(self.lowest, min(self.highest, Int().read(node, at)))


class Script:
    """A command with its arguments; a user and group behind it are for later."""

    n_words = 1
    expected = 'a command, in quotes when it has arguments: "/path/to/script arg"'

    def read(self, node: Node, at: int) -> str:
        if len(node.words) > at + 1:
            # Programs that run as somebody else must not silently run as root.
            raise NotCarried(f"a user for the script of {node.words[0]}")
        return node.words[at]


def optional_port(node: Node, at: int) -> int:
    """The port at word `at`; 0 where there is none."""
    return PORT.read(node, at) if len(node.words) > at else 0
