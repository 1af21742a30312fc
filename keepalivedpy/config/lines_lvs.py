"""Lines, words and headers of virtual servers' blocks as values.

What is beyond the plain forms is read by phrases.py.
"""

from typing import Any, Literal

from dpvs_core.config.addresses import Address, canonical_address
from dpvs_core.config.errors import AmendedValue, BadValue, MissingWord, NotCarried
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Choice, Int, Text, whole_number
from dpvs_core.control.match_text import range_text
from keepalivedpy.model.lvs import (
    AddressRange,
    Encapsulation,
    GroupEntry,
    GroupMark,
    LocalAddress,
    RealServer,
    VirtualServer,
)

ADDRESS = Address()
PORT = Int(0, 65535)
MARK = Int()


class Range:
    """`ADDRESS` or `ADDRESS-LAST`."""

    n_words = 1
    expected = "ADDRESS or ADDRESS-LAST"

    def __init__(self, most: int = 65536) -> None:
        self.most = most

    def read(self, node: Node, at: int) -> AddressRange:
        word = node.words[at]
        if address := canonical_address(word):
            return AddressRange(first=address)
        if "-" not in word:
            raise BadValue(f"'{word}'", self.expected, at)
        from keepalivedpy.config.phrases import address_range

        first, n = address_range(word, at, self.most)
        return AddressRange(first=first, n=n)

    def words(self, value: AddressRange) -> list[str]:
        return [range_words(value)]


RANGE = Range()
MOST_ADDRESSES = 2**62
ANY_RANGE = Range(most=MOST_ADDRESSES)
"""Of a virtual_server_group: keepalived takes any; carried.py says which are too long for us."""


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


class ClientLine:
    """A line of deny_address_group or allow_address_group: `ADDRESS[-LAST]` or `ipset:SET`."""

    n_words = 1
    expected = "ADDRESS, ADDRESS-LAST or ipset:SET"

    def read(self, node: Node, at: int) -> AddressRange | str:
        word = node.words[at]
        if not word.startswith("ipset:"):
            return RANGE.read(node, at)
        if word == "ipset:":
            raise BadValue("ipset: without a set", self.expected, at)
        return word.removeprefix("ipset:")

    def words(self, value: AddressRange | str) -> list[str]:
        return [f"ipset:{value}"] if isinstance(value, str) else RANGE.words(value)


class GroupLine:
    """A line of virtual_server_group: `ADDRESS[-LAST|/LENGTH] [PORT]` or `fwmark N [FAMILY]`."""

    n_words = 1
    expected = "ADDRESS[-LAST|/LENGTH] [PORT] or fwmark N [inet|inet6]"

    def read(self, node: Node, at: int) -> GroupEntry | GroupMark:
        if node.words[0] == "fwmark":
            return self._mark(node)
        port = optional_port(node, 1)
        if "/" not in node.words[0]:
            return GroupEntry(addrs=ANY_RANGE.read(node, 0), port=port)
        from keepalivedpy.config.phrases_lvs import network_range

        first, n = network_range(node.words[0], 0)
        if n > MOST_ADDRESSES:
            raise NotCarried("a network of more than 2^62 addresses in virtual_server_group")
        return GroupEntry(addrs=AddressRange(first=first, n=n), port=port)

    def _mark(self, node: Node) -> GroupMark:
        if len(node.words) < 2:
            raise MissingWord("the end of the line", MARK.expected, 1)
        family = FAMILY.read(node, 2) if len(node.words) > 2 else None
        return GroupMark(fwmark=MARK.read(node, 1), family=family)

    def words(self, value: GroupEntry | GroupMark) -> list[str]:
        if isinstance(value, GroupMark):
            family = FAMILY.words(value.family) if value.family is not None else []
            return ["fwmark", str(value.fwmark), *family]
        return [*RANGE.words(value.addrs), *([str(value.port)] if value.port else [])]


class IpFamily:
    """inet or inet6."""

    n_words = 1
    expected = "inet or inet6"

    def read(self, node: Node, at: int) -> Literal[4, 6]:
        if node.words[at] not in ("inet", "inet6"):
            raise BadValue(f"'{node.words[at]}'", self.expected, at)
        return 6 if node.words[at] == "inet6" else 4

    def words(self, value: int) -> list[str]:
        return ["inet6" if value == 6 else "inet"]


FAMILY = IpFamily()


class Granularity:
    """Of persistence: a netmask of IPv4, or the length of an IPv6 prefix."""

    n_words = 1
    expected = "a netmask of IPv4 or a prefix length of IPv6 from 1 to 128"

    def read(self, node: Node, at: int) -> str:
        word = node.words[at]
        if (whole_number(word) is None and canonical_address(word) is None) or ":" in word:
            raise BadValue(f"'{word}'", self.expected, at)
        return word

    def words(self, value: str) -> list[str] | None:
        return [value] if value else None


class Forwarding:
    """NAT, DR, FNAT, SNAT or `TUN [type ipip|gue port N|gre] [nocsum|csum|remcsum]`."""

    n_words = 1
    kinds = Choice("NAT", "DR", "TUN", "FNAT", "SNAT")
    expected = f"{kinds.expected}; TUN may have a type"

    def __init__(self, of: str = "") -> None:
        self.fields = (f"{of}lb_kind", f"{of}encapsulation")

    def read(self, node: Node, at: int) -> dict[str, Any]:
        kind = self.kinds.read(node, at)
        wrap = None
        if len(node.words) > at + 1:
            from keepalivedpy.config.phrases_lvs import encapsulation

            try:
                wrap = Encapsulation(**encapsulation(node.words, at + 1))
            except BadValue as bad:
                plain = dict(zip(self.fields, (kind, None), strict=True))
                effect = f"{kind} alone is used"
                raise AmendedValue(bad.found, bad.expected, bad.at, plain, effect) from None
        return dict(zip(self.fields, (kind, wrap if kind == "TUN" else None), strict=True))

    def words(self, value: dict[str, Any]) -> list[str] | None:
        kind, wrap = (value[field] for field in self.fields)
        if kind is None or wrap is None:
            return [kind] if kind else None
        words = [kind, "type", wrap.kind]
        if wrap.port is not None:
            words += ["port", str(wrap.port)]
        return words + ([wrap.checksum] if wrap.checksum else [])


class HashTarget(Choice):
    """What conhash hashes; of another word DPVS makes sip, and says so."""

    def read(self, node: Node, at: int) -> str:
        return str(super().read(node, at)) if node.words[at] in self.meanings else "sip"


class SorryServer:
    """`ADDRESS [PORT]`."""

    n_words = 1
    expected = "ADDRESS [PORT]"

    def read(self, node: Node, at: int) -> dict[str, str | int]:
        return {"addr": ADDRESS.read(node, at), "port": optional_port(node, at + 1)}

    def words(self, value: RealServer) -> list[str]:
        return SERVER_HEADER.words(value)


class ServiceHeader:
    """`ADDRESS [PORT]`, `fwmark N`, `group NAME`, `match NAME`."""

    fields = ("addr", "port", "fwmark", "group", "match")
    form = "ADDRESS PORT, fwmark N, group NAME or match NAME"

    def read(self, node: Node) -> dict[str, str | int]:
        words, form = node.words, f"virtual_server {self.form}"
        if len(words) < 2:
            raise MissingWord("virtual_server without an address", form, 1)
        if words[1] not in ("fwmark", "group", "match"):
            return {"addr": ADDRESS.read(node, 1), "port": optional_port(node, 2)}
        if len(words) < 3:
            what = "number" if words[1] == "fwmark" else "name"
            raise BadValue(f"{words[1]} without a {what}", form, 2)
        return {words[1]: MARK.read(node, 2) if words[1] == "fwmark" else words[2]}

    def words(self, model: VirtualServer) -> list[str]:
        for kind, name in (
            ("fwmark", model.fwmark),
            ("group", model.group),
            ("match", model.match),
        ):
            if name is not None:
                return [kind, str(name)]
        return [model.addr or "", *([str(model.port)] if model.port else [])]


class ServerHeader:
    """`ADDRESS [PORT]`."""

    fields = ("addr", "port")
    form = "ADDRESS [PORT]"

    def read(self, node: Node) -> dict[str, str | int]:
        if len(node.words) < 2:
            form = f"real_server {self.form}"
            raise MissingWord("real_server without an address", form, 1)
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
