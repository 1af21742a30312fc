"""Arguments that only dpvs.conf has: hash types, vdevs, bonds, routes of the kernel port."""

import re
from collections.abc import Mapping
from typing import Any

from dpvs_core.config.addresses import Address, Prefix
from dpvs_core.config.dpvs_model import KniRoute, Vdev
from dpvs_core.config.errors import BadValue
from dpvs_core.config.keywords import Named
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


class BondName(Named):
    """Letters and then digits (C-035)."""

    form = "NAME such as bond0"

    def read(self, node: Node) -> dict[str, Any]:
        found = super().read(node)
        if not re.fullmatch("[A-Za-z_]+[0-9]+", node.words[1]):
            raise BadValue(f"'{node.words[1]}'", "letters, then digits: bond0", 1)
        return found


class BondOptions:
    """`NAME=VALUE;...` (C-041)."""

    n_words = 1
    names: Mapping[str, bool] = {"on": True, "enable": True, "off": False, "disable": False}
    expected = f"dedicated_queues={'|'.join(names)}"

    def read(self, node: Node, at: int) -> bool:
        name, _, value = node.words[at].rstrip(";").partition("=")
        if name.strip() != "dedicated_queues" or value.strip() not in self.names:
            raise BadValue(f"'{node.words[at]}'", self.expected, at)
        return self.names[value.strip()]

    def words(self, value: bool) -> list[str]:
        return [f"dedicated_queues={'on' if value else 'off'}"]


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
