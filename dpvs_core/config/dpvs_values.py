"""Arguments that only dpvs.conf has: hash types, vdevs, routes of the kernel port."""

import re

from dpvs_core.config.addresses import Address, Prefix
from dpvs_core.config.dpvs_model import KniRoute, Vdev
from dpvs_core.config.errors import BadValue
from dpvs_core.config.tree import Node

RSS_TYPES = ("all", "ip", "tcp", "udp", "sctp", "ether", "port", "tunnel")
SECRET_DIGITS = 32
_VDEV = re.compile(r"(net_[a-z0-9_]+?\d*)(?:,(.+))?")


class RssTypes:
    """`ip|tcp`: hash types joined by bars (C-028)."""

    n_words = 1
    expected = f"{', '.join(RSS_TYPES)}, or several joined by |"

    def read(self, node: Node, at: int) -> tuple[str, ...]:
        words = tuple(node.words[at].split("|"))
        if not set(words) <= set(RSS_TYPES):
            raise BadValue(f"'{node.words[at]}'", self.expected, at)
        return words

    def words(self, value: tuple[str, ...]) -> list[str]:
        return ["|".join(value)]


class VdevName:
    """`DRIVER[,ARGS]`, as the environment layer's --vdev takes it."""

    n_words = 1
    expected = "DRIVER[,ARGUMENTS] such as net_af_packet0,iface=veth0"

    def read(self, node: Node, at: int) -> Vdev:
        match = _VDEV.fullmatch(node.words[at])
        if match is None:
            raise BadValue(f"'{node.words[at]}'", self.expected, at)
        return Vdev(driver=match[1], args=match[2] or "")

    def words(self, value: Vdev) -> list[str]:
        return [",".join(filter(None, (value.driver, value.args)))]


class StableSecret:
    """32 hexadecimal digits (C-093); what follows them is not looked at, as DPVS does."""

    n_words = 1
    expected = "32 hexadecimal digits"

    def read(self, node: Node, at: int) -> str:
        digits = node.words[at][:SECRET_DIGITS].lower()
        if not re.fullmatch(f"[0-9a-f]{{{SECRET_DIGITS}}}", digits):
            raise BadValue(f"'{node.words[at]}'", self.expected, at)
        return digits

    def words(self, value: str) -> list[str]:
        return [value]


class KniRouteLine:
    """`PREFIX [via ADDRESS]`."""

    n_words = 1
    expected = "PREFIX [via ADDRESS]"

    def read(self, node: Node, at: int) -> KniRoute:
        prefix = Prefix(network=True).read(node, at)
        rest = node.words[at + 1 :]
        if not rest:
            return KniRoute(prefix=prefix)
        if rest[0] != "via" or len(rest) != 2:
            raise BadValue(f"'{' '.join(rest)}'", self.expected, at + 1)
        via = Address().read(node, at + 2)
        if node.words[at] == "default" and ":" in via:
            prefix = "::/0"
        return KniRoute(prefix=prefix, via=via)

    def words(self, value: KniRoute) -> list[str]:
        return [value.prefix, *(["via", value.via] if value.via else [])]
