"""What bad weather does to TCP segments: some are lost, some come twice, some come late.

One `Weather` is one direction. Time and chance are arguments; it keeps frames only while it holds
them back. The first segments of a flow suffer most: there a director remembers and adds things.
What is not TCP passes unhurt (a lost neighbour solicitation costs a second and tells nothing).
"""

from dataclasses import asdict, dataclass, fields
from random import Random

IP4, IP6 = b"\x08\x00", b"\x86\xdd"
IP4_INSIDE, TCP, IP6_INSIDE = 4, 6, 41
ETHERNET_BYTES = 14


@dataclass(frozen=True, slots=True)
class Forecast:
    """Percentages of the segments of a direction, each decided by itself."""

    lost_pct: float = 1.0
    lost_early_pct: float = 20.0
    """Of the first `n_early` segments of each flow, but never of two that follow each other: a
    third SYN would be sent after three seconds, a fourth after seven."""
    n_early: int = 4
    doubled_pct: float = 2.0
    late_pct: float = 2.0
    most_behind: int = 8
    """A late segment lets 1 to so many others pass."""
    most_late_ms: int = 20
    """It goes then at the latest."""


@dataclass(slots=True)
class Counts:
    segments: int = 0
    lost: int = 0
    lost_early: int = 0
    doubled: int = 0
    overtaken: int = 0
    """Late ones that others really passed."""
    others: int = 0

    def __add__(self, more: "Counts") -> "Counts":
        names = [field.name for field in fields(Counts)]
        return Counts(*(getattr(self, name) + getattr(more, name) for name in names))

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass(slots=True)
class Held:
    frame: bytes
    due: int
    """It goes when so many segments of this direction have passed."""
    due_ms: int
    held_at: int


class Weather:
    def __init__(self, forecast: Forecast, chance: Random) -> None:
        self.counts = Counts()
        self._forecast = forecast
        self._chance = chance
        self._early: dict[bytes, list[bool]] = {}
        self._held: list[Held] = []
        self._n_passed = 0

    def arrived(self, frame: bytes, now_ms: int) -> list[bytes]:
        """The frames that go on now that this one has come."""
        at = tcp_offset(frame)
        if not at:
            self.counts.others += 1
            return [frame]
        self.counts.segments += 1
        if self._is_lost(frame[at - 8 : at + 4]):
            return []
        forecast = self._forecast
        if self._happens(forecast.late_pct):
            behind = self._chance.randint(1, forecast.most_behind)
            due_ms = now_ms + forecast.most_late_ms
            self._held.append(Held(frame, self._n_passed + behind, due_ms, self._n_passed))
            return self.due(now_ms)
        frames = [frame]
        if self._happens(forecast.doubled_pct):
            self.counts.doubled += 1
            frames.append(frame)
        self._n_passed += 1
        return frames + self.due(now_ms)

    def due(self, now_ms: int) -> list[bytes]:
        """Late frames whose time has come."""
        going = [h for h in self._held if h.due <= self._n_passed or h.due_ms <= now_ms]
        if going:
            self._held = [held for held in self._held if held not in going]
            self.counts.overtaken += sum(held.held_at < self._n_passed for held in going)
        return [held.frame for held in going]

    def holds(self) -> bool:
        return bool(self._held)

    def _is_lost(self, flow: bytes) -> bool:
        before = self._early.setdefault(flow, [])
        early = len(before) < self._forecast.n_early
        pct = self._forecast.lost_early_pct if early else self._forecast.lost_pct
        lost = self._happens(pct) and not (early and before[-1:] == [True])
        if early:
            before.append(lost)
        self.counts.lost += lost
        self.counts.lost_early += lost and early
        return lost

    def _happens(self, pct: float) -> bool:
        return self._chance.random() * 100 < pct


def tcp_offset(frame: bytes) -> int:
    """Where the TCP header begins, also inside a tunnel; 0 if there is none. The eight bytes in
    front of it and the ports are enough to tell one direction's flows apart."""
    kinds = {IP4: IP4_INSIDE, IP6: IP6_INSIDE}
    kind, at = kinds.get(frame[12:14], 0), ETHERNET_BYTES
    while kind in (IP4_INSIDE, IP6_INSIDE) and at + 40 <= len(frame):
        if kind == IP4_INSIDE:
            kind, at = frame[at + 9], at + (frame[at] & 15) * 4
        else:
            kind, at = frame[at + 6], at + 40
    return at if kind == TCP and at + 20 <= len(frame) else 0
