"""Lines and words of VRRP's blocks as values.

What is beyond the plain forms is read by phrases.py.
"""

from dpvs_core.config.addresses import Address, split_prefix
from dpvs_core.config.errors import BadValue, NotCarried
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Int
from keepalivedpy.config.lines import written_options
from keepalivedpy.config.phrase_words import ROUTE_TYPES_LATER
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute


class AddressLine:
    """A line of virtual_ipaddress."""

    n_words = 0
    expected = "ADDRESS[/LENGTH] [dev IF] ..."

    def read(self, node: Node, at: int) -> VirtualAddress:
        if len(node.words) == 1 and (split := split_prefix(node.words[0])):
            return VirtualAddress(addr=split[0], prefixlen=split[1])
        from keepalivedpy.config.phrases import address_line

        return VirtualAddress(**address_line(node.words))

    def words(self, value: VirtualAddress) -> list[str]:
        whole = f"{value.addr}/{value.prefixlen}"
        options = written_options(value, dev="dev", brd="broadcast", scope="scope", label="label")
        return [whole, *options, *(["sapool"] if value.sapool else [])]


class RouteLine:
    """A line of virtual_routes."""

    n_words = 0
    expected = "PREFIX [via ADDRESS] [dev IF] ..."

    def read(self, node: Node, at: int) -> VirtualRoute:
        if node.words[0] in ROUTE_TYPES_LATER:
            raise NotCarried(f"a route of type {node.words[0]}")
        from keepalivedpy.config.phrases import route_line

        return VirtualRoute(**route_line(node.words))

    def words(self, value: VirtualRoute) -> list[str]:
        options = written_options(
            value, via="via", dev="dev", src="src", scope="scope", metric="metric"
        )
        return [value.prefix, *options]


class FirstWord:
    """A line whose first word is a name; options behind it are for later."""

    n_words = 0
    expected = "a name"

    def read(self, node: Node, at: int) -> str:
        return node.words[0]

    def words(self, value: str) -> list[str]:
        return [value]


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

    def words(self, value: str) -> list[str]:
        """One name: the model has them all in one list."""
        return [value]


class AuthPass:
    """A password: 8 bytes count, more are cut by whoever uses them."""

    n_words = 1
    expected = "a password of at most 8 bytes"

    def read(self, node: Node, at: int) -> bytes:
        return node.words[at].encode("utf-8", "surrogateescape")

    def words(self, value: bytes) -> list[str]:
        return [value.decode("utf-8", "surrogateescape")]


class SmtpServer:
    """`HOST [PORT]`."""

    n_words = 1
    fields = ("smtp_server", "smtp_port")
    expected = "HOST [PORT]"

    def read(self, node: Node, at: int) -> dict[str, str | int]:
        host: dict[str, str | int] = {"smtp_server": node.words[at]}
        if len(node.words) > at + 1:
            host["smtp_port"] = Int(1, 65535).read(node, at + 1)
        return host

    def words(self, value: dict[str, str | int | None]) -> list[str] | None:
        if value["smtp_server"] is None:
            return None
        return [str(value["smtp_server"]), str(value["smtp_port"])]
