"""Words and lines of VRRP's blocks as values."""

import re
from typing import Any

from dpvs_core.config.addresses import canonical_address
from dpvs_core.config.errors import AmendedValue, BadValue
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Int, whole_number
from keepalivedpy.model.vrrp import HmacKey, UnicastPeer, UseIpvlan, UseVmac

IPVLAN_MODES = ("bridge", "private", "vepa")
HMAC_BYTES = range(32, 65)
FORBIDDEN = frozenset("/: \t\r\n\f\v")
"""What the name of an interface cannot have."""


class PeerLine:
    """A line of unicast_peer."""

    n_words = 0
    expected = "ADDRESS [min_ttl N] [max_ttl N]"
    ttl = Int(0, 255)

    def read(self, node: Node, at: int) -> UnicastPeer:
        found = {}
        words = node.words
        for i in range(1, len(words), 2):
            if words[i] not in ("min_ttl", "max_ttl"):
                raise BadValue(f"'{words[i]}'", self.expected, i)
            if len(words) <= i + 1:
                raise BadValue(f"{words[i]} without its value", self.ttl.expected, i + 1)
            found[words[i]] = self.ttl.read(node, i + 1)
        # As upstream reads it: what is behind the address is not looked at.
        addr = canonical_address(re.split("[-/]", words[0], maxsplit=1)[0])
        if addr is None:
            raise BadValue(f"'{words[0]}'", "an IP address", 0)
        peer = UnicastPeer(addr=addr, **found)
        if found.get("min_ttl", 0) > found.get("max_ttl", 255):
            what = "min_ttl beyond max_ttl"
            raise AmendedValue(what, "an ascending range", 1, peer, "no packet of it is taken")
        return peer

    def words(self, value: UnicastPeer) -> list[str]:
        ttls = (("min_ttl", value.min_ttl), ("max_ttl", value.max_ttl))
        return [value.addr, *(w for name, n in ttls if n is not None for w in (name, str(n)))]


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


class HmacKeyWords:
    """`ID VALUE`: 32 to 64 bytes as text, as hex:DIGITS or in file:PATH."""

    n_words = 2
    expected = "a number from 1 to 255, and 32 to 64 bytes as text, hex:DIGITS or file:PATH"

    def read(self, node: Node, at: int) -> HmacKey:
        number, value = Int(1, 255).read(node, at), node.words[at + 1]
        kind, _, rest = value.partition(":")
        if kind == "hex":
            digits = rest.isascii() and not set(rest.lower()) - set("0123456789abcdef")
            right = digits and len(rest) % 2 == 0 and len(rest) // 2 in HMAC_BYTES
        elif kind == "file":
            right = rest != ""
        else:
            right = len(value.encode("utf-8", "surrogateescape")) in HMAC_BYTES
        if not right:
            raise BadValue("a key that is too short or too long", self.expected, at + 1)
        return HmacKey(number, value)

    def words(self, value: HmacKey) -> list[str]:
        return [str(value.id), value.value]


class VmacWords:
    """`[[name] N] [MAC] [netlink_notify_msg] [group G]`."""

    n_words = 0
    expected = "[name NAME] [MAC of 5 or 6 bytes] [netlink_notify_msg] [group GROUP]"

    def read(self, node: Node, at: int) -> UseVmac:
        found: dict[str, Any] = {}
        words = iter(range(at, len(node.words)))
        for i in words:
            word = node.words[i]
            if word == "netlink_notify_msg":
                found["netlink_notify_msg"] = True
            elif word in ("name", "group"):
                found[word] = _next(node, next(words, None), word, self.expected)
            elif word.count(":") in (4, 5) and _is_mac(word):
                found["mac"] = word
            elif "name" not in found:
                found["name"] = _interface(node, i)
            else:
                raise BadValue(f"'{word}'", self.expected, i)
        return UseVmac(**found)

    def words(self, value: UseVmac) -> list[str]:
        return [
            *(["name", value.name] if value.name else []),
            *filter(None, (value.mac,)),
            *(["netlink_notify_msg"] if value.netlink_notify_msg else []),
            *([] if value.group is None else ["group", str(value.group)]),
        ]


class IpvlanWords:
    """`[[name] N] [IP] [bridge|private|vepa] [group G]`."""

    n_words = 0
    expected = "[name NAME] [ADDRESS] [bridge, private or vepa] [group GROUP]"

    def read(self, node: Node, at: int) -> UseIpvlan:
        found: dict[str, Any] = {}
        words = iter(range(at, len(node.words)))
        for i in words:
            word = node.words[i]
            if word in IPVLAN_MODES:
                found["mode"] = word
            elif word in ("name", "group"):
                found[word] = _next(node, next(words, None), word, self.expected)
            elif addr := canonical_address(word.partition("/")[0]):
                found["addr"] = addr
            elif "name" not in found:
                found["name"] = _interface(node, i)
            else:
                raise BadValue(f"'{word}'", self.expected, i)
        return UseIpvlan(**found)

    def words(self, value: UseIpvlan) -> list[str]:
        return [
            *(["name", value.name] if value.name else []),
            *filter(None, (value.addr, value.mode)),
            *([] if value.group is None else ["group", str(value.group)]),
        ]


def _is_mac(word: str) -> bool:
    parts = word.lower().split(":")
    return all(len(p) in (1, 2) and not set(p) - set("0123456789abcdef") for p in parts)


def _next(node: Node, at: int | None, option: str, expected: str) -> int | str:
    """The name of an interface, or the number or name of a group, behind its word."""
    if at is None:
        raise BadValue(f"{option} without its value", expected, len(node.words))
    number = whole_number(node.words[at]) if option == "group" else None
    return _interface(node, at) if number is None else number


def _interface(node: Node, at: int) -> str:
    name = node.words[at]
    if not 0 < len(name) <= 15:
        raise BadValue(f"'{name}'", "at most 15 characters", at)
    if name in (".", "..") or set(name) & FORBIDDEN:
        raise BadValue(f"'{name}'", "a name without /, : and blanks", at)
    return name
