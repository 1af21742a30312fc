"""Words and lines of trackers as values: weights, files, processes, links."""

from typing import Any

from dpvs_core.config.errors import AmendedValue, BadValue, SwallowedValue
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Int, Timer, whole_number
from keepalivedpy.model.static import InterfaceDelays, LinkbeatInterface
from keepalivedpy.model.trackers import InitFile, Track

DIRECTIONS = {"reverse": True, "noreverse": False}


class Weight:
    """`N [reverse|noreverse]`, two fields of a tracker."""

    n_words = 1
    fields = ("weight", "reverse")

    def __init__(self, bound: int) -> None:
        self.number = Int(-bound, bound)
        self.expected = f"{self.number.expected}, and reverse or nothing"

    def read(self, node: Node, at: int) -> dict[str, int | bool]:
        found: dict[str, int | bool] = {"weight": self.number.read(node, at)}
        if len(node.words) > at + 1:
            found["reverse"] = _direction(node, at + 1)
        return found

    def words(self, value: dict[str, Any]) -> list[str] | None:
        if value["weight"] is None:
            return None
        return [str(value["weight"]), *(["reverse"] if value["reverse"] else [])]


class TrackLine:
    """A line of track_*: `NAME [weight N [reverse|noreverse]]`; beyond `most` it is `most`."""

    n_words = 0

    def __init__(self, bound: int = 254, most: int = 254, *, noreverse: bool = True) -> None:
        self.weight, self.most, self.noreverse = Int(-bound, bound), most, noreverse
        self.expected = f"NAME [weight {-most}..{most} [reverse{'|noreverse' * noreverse}]]"

    def read(self, node: Node, at: int) -> Track:
        words = node.words
        if len(words) == 1:
            return Track(words[0])
        if words[1] != "weight":
            raise BadValue(f"'{words[1]}'", "weight N", 1)
        if len(words) == 2:
            raise BadValue("weight without its value", self.weight.expected, 2)
        weight = self.weight.read(node, 2)
        reverse = len(words) > 3 and _direction(node, 3)
        if words[3:4] == ["noreverse"] and not self.noreverse:
            found = Track(words[0], weight)
            raise AmendedValue("'noreverse'", "reverse or nothing", 3, found, "it has no effect")
        if abs(weight) > self.most:
            near = self.most if weight > 0 else -self.most
            found = Track(words[0], near, reverse)
            raise AmendedValue(
                f"weight {weight}", f"at most {self.most}", 2, found, f"it is {near}"
            )
        return Track(words[0], weight, reverse)

    def words(self, value: Track) -> list[str]:
        weight = [] if value.weight is None else ["weight", str(value.weight)]
        return [value.name, *weight, *(["reverse"] if value.reverse else [])]


class InitFileWords:
    """`[VALUE] [overwrite]`."""

    n_words = 0
    expected = "[a number] [overwrite]"

    def read(self, node: Node, at: int) -> InitFile:
        value, overwrite = 0, False
        for i in range(at, len(node.words)):
            number = whole_number(node.words[i])
            if node.words[i] == "overwrite":
                overwrite = True
            elif number is not None and -(2**31) <= number < 2**31:
                value = number
            else:
                expected = f"a number from {-(2**31)} to {2**31 - 1}, or overwrite"
                raise BadValue(f"'{node.words[i]}'", expected, i)
        return InitFile(value, overwrite)

    def words(self, value: InitFile) -> list[str]:
        return [str(value.value), *(["overwrite"] if value.overwrite else [])]


class ProcessWords:
    """`COMMAND [ARGUMENT...]`."""

    n_words = 1
    expected = "a command, and its arguments where they matter"

    def read(self, node: Node, at: int) -> tuple[str, ...]:
        return tuple(node.words[at:])

    def words(self, value: tuple[str, ...]) -> list[str]:
        return list(value)


class LinkbeatLine:
    """A line of linkbeat_interfaces: `IF [MII|ETHTOOL|IOCTL]`."""

    n_words = 0
    expected = "INTERFACE [MII, ETHTOOL or IOCTL]"
    kinds = ("MII", "ETHTOOL", "IOCTL")

    def read(self, node: Node, at: int) -> LinkbeatInterface:
        if len(node.words) == 1:
            return LinkbeatInterface(node.words[0])
        if node.words[1] not in self.kinds:
            raise BadValue(f"'{node.words[1]}'", self.expected, 1)
        return LinkbeatInterface(node.words[0], node.words[1])  # type: ignore[arg-type]

    def words(self, value: LinkbeatInterface) -> list[str]:
        return [value.name, *filter(None, (value.how,))]


class DelaysLine:
    """A line of interface_up_down_delays: `IF DOWN [UP]`."""

    n_words = 0
    expected = "INTERFACE DOWN [UP], seconds from 0 to 255"
    delay = Timer(0, 255_000_000)

    def read(self, node: Node, at: int) -> InterfaceDelays:
        if len(node.words) < 2:
            raise SwallowedValue("no delay", self.expected, 1)
        down_s, *up_s = (self.delay.read(node, i) / 1e6 for i in range(1, min(3, len(node.words))))
        return InterfaceDelays(node.words[0], down_s, *up_s)

    def words(self, value: InterfaceDelays) -> list[str]:
        delays = (value.down_s, value.up_s)
        return [value.name, *(f"{delay:.9g}" for delay in delays if delay is not None)]


class Millis:
    """Milliseconds with a fraction, kept in microseconds."""

    n_words = 1

    def __init__(self, lowest_ms: int, highest_ms: int) -> None:
        self.lowest_us, self.highest_us = lowest_ms * 1000, highest_ms * 1000
        self.expected = f"milliseconds from {lowest_ms} to {highest_ms}"

    def read(self, node: Node, at: int) -> int:
        whole, _, fraction = node.words[at].partition(".")
        digits = whole_number((whole or "0") + fraction) if whole or fraction else None
        if digits is not None:
            time_us = int(whole or "0") * 1000 + int(fraction[:3].ljust(3, "0") or 0)
        if digits is None or not self.lowest_us <= time_us <= self.highest_us:
            raise BadValue(f"'{node.words[at]}'", self.expected, at)
        return time_us

    def words(self, value: int) -> list[str] | None:
        return [f"{value // 1000}.{value % 1000:03d}".rstrip("0").rstrip(".")]


def _direction(node: Node, at: int) -> bool:
    if node.words[at] not in DIRECTIONS:
        raise BadValue(f"'{node.words[at]}'", "weight N, reverse or noreverse", at)
    return DIRECTIONS[node.words[at]]
