"""Words of global_defs as values."""

import os
from typing import Any, ClassVar

from dpvs_core.config.addresses import Address
from dpvs_core.config.errors import BadValue, MissingWord
from dpvs_core.config.tree import Node
from dpvs_core.config.values import UINT_MAX, Int, Numbers, whole_number
from keepalivedpy.model.global_defs import LvsSyncDaemon, LvsTimeouts, NotifyFifo

IPVS_TIMEOUT_S = 86400 * 31
INTERFACE_CHARACTERS = 15


class MulticastAddress(Address):
    """An IPv4 multicast address, or an IPv6 one of the link."""

    def __init__(self, family: int = 4) -> None:
        super().__init__(family)
        self.expected = (
            "an IPv4 address from 224.0.0.0 to 239.255.255.255"
            if family == 4
            else "an IPv6 multicast address of the link, ff02::..."
        )

    def read(self, node: Node, at: int) -> str:
        address = super().read(node, at)
        first = address.partition(":" if ":" in address else ".")[0]
        right = first == "ff02" if ":" in address else 224 <= int(first) <= 239
        if not right:
            raise BadValue(f"'{address}'", self.expected, at)
        return address


class AnyMulticast(Address):
    """A multicast address of either family."""

    def __init__(self) -> None:
        super().__init__()
        self.expected = "a multicast address"

    def read(self, node: Node, at: int) -> str:
        address = super().read(node, at)
        first = address.partition(":" if ":" in address else ".")[0]
        right = first.startswith("ff") if ":" in address else 224 <= int(first) <= 239
        if not right:
            raise BadValue(f"'{address}'", self.expected, at)
        return address


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


class FifoWords:
    """`PATH [USER [GROUP]]`."""

    n_words = 1
    expected = "PATH [USER [GROUP]]"

    def read(self, node: Node, at: int) -> NotifyFifo:
        return NotifyFifo(*node.words[at : at + 3])

    def words(self, value: NotifyFifo) -> list[str]:
        return [value.path, *filter(None, (value.user, value.group))]


class ExtraIf:
    """`[all] SECONDS`: gratuitous ARP on the VIPs' interfaces that are not the instance's."""

    n_words = 0

    def __init__(self, lowest_s: int, highest_s: int, prefix: str) -> None:
        self.seconds = Int(lowest_s, highest_s, "seconds")
        self.expected = f"[all] and {self.seconds.expected}"
        self.fields = (f"{prefix}_s", f"{prefix}_all")

    def read(self, node: Node, at: int) -> dict[str, int | bool]:
        numbers = [i for i in range(at, len(node.words)) if node.words[i] != "all"]
        if not numbers:
            raise BadValue("no number", self.expected, len(node.words))
        seconds = [self.seconds.read(node, i) for i in numbers]
        every = len(numbers) < len(node.words) - at
        return dict(zip(self.fields, (seconds[-1], every), strict=True))

    def words(self, value: dict[str, Any]) -> list[str] | None:
        seconds, every = (value[field] for field in self.fields)
        return None if seconds is None else [*(["all"] if every else []), str(seconds)]


class SyncDaemonWords:
    """`IF [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]`."""

    n_words = 0
    expected = "INTERFACE [VRRP_INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]"
    options: ClassVar = {
        "id": ("syncid", Int(0, 255)),
        "maxlen": ("maxlen_bytes", Int(1, 65507, "bytes")),
        "port": ("port", Int(1, 65535)),
        "ttl": ("ttl", Int(1, 255)),
        "group": ("group", MulticastAddress()),
    }

    def read(self, node: Node, at: int) -> LvsSyncDaemon:
        words = node.words
        if len(words[at]) > INTERFACE_CHARACTERS:
            raise BadValue(f"'{words[at]}'", f"at most {INTERFACE_CHARACTERS} characters", at)
        found: dict[str, Any] = {"interface": words[at]}
        options_at = at + 1
        if len(words) > options_at and words[options_at] not in self.options:
            name_at = options_at + (words[options_at] == "inst")
            if len(words) <= name_at:
                raise MissingWord("inst without its value", self.expected, name_at)
            found["instance"] = words[name_at]
            options_at = name_at + 1
        for i in range(options_at, len(words), 2):
            if words[i] not in self.options:
                raise BadValue(f"'{words[i]}'", self.expected, i)
            field, value = self.options[words[i]]
            found[field] = _after(node, i, value)
        return LvsSyncDaemon(**found)

    def words(self, value: LvsSyncDaemon) -> list[str]:
        options = [(name, getattr(value, field)) for name, (field, _) in self.options.items()]
        written = [word for name, n in options if n is not None for word in (name, str(n))]
        instance = [] if value.instance is None else ["inst", value.instance]
        return [value.interface, *instance, *written]


class TimeoutsWords:
    """`[tcp S] [tcpfin S] [udp S]`."""

    n_words = 0
    expected = "[tcp SECONDS] [tcpfin SECONDS] [udp SECONDS], at least one"
    options: ClassVar = {"tcp": "tcp_s", "tcpfin": "tcpfin_s", "udp": "udp_s"}
    seconds = Int(0, IPVS_TIMEOUT_S, "seconds")

    def read(self, node: Node, at: int) -> LvsTimeouts:
        found = {}
        for i in range(at, len(node.words), 2):
            if node.words[i] not in self.options:
                raise BadValue(f"'{node.words[i]}'", self.expected, i)
            found[self.options[node.words[i]]] = _after(node, i, self.seconds)
        if not found:
            raise BadValue("nothing", self.expected, at)
        return LvsTimeouts(**found)

    def words(self, value: LvsTimeouts) -> list[str]:
        options = [(name, getattr(value, field)) for name, field in self.options.items()]
        return [word for name, n in options if n is not None for word in (name, str(n))]


def _after(node: Node, at: int, value: Any) -> Any:
    """The value behind the option at `at`."""
    if len(node.words) <= at + 1:
        raise BadValue(f"{node.words[at]} without its value", value.expected, at + 1)
    return value.read(node, at + 1)


class CpuNumbers:
    """Numbers of this machine's CPUs."""

    n_words = 1
    expected = "one or more numbers of CPUs that this machine has, from 0"

    def read(self, node: Node, at: int) -> tuple[int, ...]:
        highest = (os.sysconf("SC_NPROCESSORS_ONLN") or 1) - 1
        return Numbers(Int(0, highest)).read(node, at)

    def words(self, value: tuple[int, ...]) -> list[str]:
        return [str(number) for number in value]


class IncludeChecks:
    """`[+|-]CHECK...`: what an include must not lack; alone: nothing at all."""

    n_words = 0
    names = frozenset({"read", "match", "wildcard_match", "brace_match"})
    expected = "read, match, wildcard_match or brace_match; behind the first one with + or -"

    def read(self, node: Node, at: int) -> tuple[str, ...]:
        for i in range(at, len(node.words)):
            word = node.words[i]
            if word.removeprefix(word[:1] if word[:1] in "+-" else "") not in self.names:
                raise BadValue(f"'{word}'", self.expected, i)
            if i > at and word[0] not in "+-":
                raise BadValue(f"'{word}'", f"+{word} or -{word}", i)
        return tuple(node.words[at:]) or ("all",)

    def words(self, value: tuple[str, ...]) -> list[str]:
        return [] if value == ("all",) else list(value)


class OneWord:
    """One word, and nothing behind it."""

    n_words = 1

    def __init__(self, expected: str) -> None:
        self.expected = expected

    def read(self, node: Node, at: int) -> str:
        if len(node.words) > at + 1:
            raise BadValue(f"'{node.words[at + 1]}'", "the end of the line", at + 1)
        if not node.words[at]:
            raise BadValue("''", self.expected, at)
        return node.words[at]

    def words(self, value: str) -> list[str]:
        return [value]


class RxBufs:
    """`MTU`, `ADVERT`, `NO_SEND_RX` or a number of bytes."""

    n_words = 1
    expected = f"MTU, ADVERT, NO_SEND_RX or a number of bytes from 0 to {UINT_MAX}"

    def read(self, node: Node, at: int) -> str | int:
        word = node.words[at]
        if word in ("MTU", "ADVERT", "NO_SEND_RX"):
            return word
        number = whole_number(word)
        if number is None or not 0 <= number <= UINT_MAX:
            raise BadValue(f"'{word}'", self.expected, at)
        return number

    def words(self, value: str | int) -> list[str]:
        return [str(value)]


UMASK_BITS = {
    f"I{right}{who}": bit << shift
    for who, shift in (("USR", 6), ("GRP", 3), ("OTH", 0))
    for right, bit in (("R", 4), ("W", 2), ("X", 1))
}


class Umask:
    """An octal number, or bits by name joined by |."""

    n_words = 1
    expected = "a number from 0 to 0777, or names as IWGRP|IWOTH"

    def read(self, node: Node, at: int) -> int:
        word = "".join(node.words[at:])
        if word[:1].isdigit():
            try:
                number = int(word, 8 if word.startswith("0") and word.isdigit() else 0)
            except ValueError:
                number = -1
        else:
            bits = [UMASK_BITS.get(name, -1) for name in word.split("|")]
            number = -1 if -1 in bits else sum(set(bits))
        if not 0 <= number <= 0o777:
            raise BadValue(f"'{word}'", self.expected, at)
        return number

    def words(self, value: int) -> list[str]:
        return [f"0{value:o}"]
