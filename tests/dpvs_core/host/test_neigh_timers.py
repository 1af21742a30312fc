"""F-207, row by row: how long a neighbour stays in each state, and what leads where; either family,
to the timer's tick. Where we differ from the inventory it says so.

| inventory | here |
|---|---|
| NONE 2 s, then gone | the same |
| SEND 3 s -> NONE | the same, asked three times in them (RFC 1122 2.3.2.1, RFC 4861 10) |
| REACHABLE 60 s (a setting) -> PROBE | the same |
| PROBE 30 s -> NONE | -> gone at once: it has nothing that waits |
| PROBE, a packet -> DELAY, asks | the same, within a second: workers mark it used |
| DELAY 3 s -> NONE | the same, asked three times in them |
| an answer: any -> REACHABLE | the same |
| F-208 traffic confirms | no: only answers do; it is asked, by unicast, while it is used |
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from scapy.layers.l2 import ARP, Ether

from tests.oracle.nd import Station
from tests.oracle.wire import UDP, Udp, ip_frame, ip_of, packet
from tests.steps.core import MAC, StepCore
from tests.steps.neighbours import neighbour
from tests.steps.places import PLACES, TO_CLIENTS, TO_SERVERS
from tests.steps.scene import director6

TICK_S = 0.2
"""How late a timer may be."""
FAMILIES = [4, 6]
HOSTS = {4: "192.168.100.77", 6: "fd00:64::77"}
OTHERS_MAC = "02:bb:00:00:00:77"


@dataclass
class Scene:
    core: StepCore
    af: int

    @property
    def state(self) -> str:
        found = neighbour(self.core, HOSTS[self.af])
        return found.state if found else ""

    def uses(self) -> list[bytes]:
        """A packet for the neighbour; what left for its link."""
        self.core.sent.clear()
        at = PLACES[self.af]
        l3 = packet(ip_of(at.client, HOSTS[self.af], UDP, ttl=9), Udp(1, 9, b"x"))
        self.core.forward(ip_frame(MAC[TO_CLIENTS], OTHERS_MAC, l3), TO_CLIENTS)
        return self.core.sent[TO_SERVERS]

    def answers(self) -> None:
        raise NotImplementedError

    def lasts_s(self, state: str, most_s: float) -> float:
        """Seconds until the state is another."""
        waited = 0.0
        while self.state == state and waited < most_s:
            self.core.step(50_000, turns=1)
            waited += 0.05
        return waited


class Arp(Scene):
    def answers(self) -> None:
        at = PLACES[4]
        reply = ARP(op=2, hwsrc=OTHERS_MAC, psrc=HOSTS[4], hwdst=MAC[TO_SERVERS], pdst=at.own)
        frame = Ether(dst=MAC[TO_SERVERS], src=OTHERS_MAC) / reply
        self.core.send(bytes(frame), TO_SERVERS)
        self.core.step()


class Nd(Scene):
    def answers(self) -> None:
        us = Station(MAC[TO_SERVERS], PLACES[6].own)
        self.core.send(bytes(Station(OTHERS_MAC, HOSTS[6]).answers(us)), TO_SERVERS)
        self.core.step()


def scene(af: int) -> Scene:
    core = director6(settings={f"ip{af}_forwarding": 1, "icmp_pps": 0})
    core.addr(PLACES[af].own, TO_SERVERS)
    return (Arp if af == 4 else Nd)(core, af)


def to_send(s: Scene) -> None:
    s.uses()


def to_none(s: Scene) -> None:
    s.uses()
    s.lasts_s("SEND", 5)


def to_reachable(s: Scene) -> None:
    s.uses()
    s.answers()


def to_probe(s: Scene) -> None:
    to_reachable(s)
    s.lasts_s("REACHABLE", 70)


def to_delay(s: Scene) -> None:
    to_probe(s)
    s.uses()
    s.lasts_s("PROBE", 2)


WAYS: dict[str, Callable[[Scene], None]] = {
    "NONE": to_none, "SEND": to_send, "REACHABLE": to_reachable, "PROBE": to_probe,
    "DELAY": to_delay,
}  # fmt: skip
TIMEOUTS = [
    ("NONE", 2, ""), ("SEND", 3, "NONE"), ("REACHABLE", 60, "PROBE"), ("PROBE", 30, ""),
    ("DELAY", 3, "NONE"),
]  # fmt: skip


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize(("state", "lasts_s", "then"), TIMEOUTS)
def test_f_207_time_outs(af: int, state: str, lasts_s: float, then: str) -> None:
    s = scene(af)
    with s.core:
        WAYS[state](s)
        assert s.state == state
        assert s.lasts_s(state, 100) == pytest.approx(lasts_s, abs=TICK_S)
        assert s.state == then


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize("state", WAYS)
def test_f_207_an_answer_makes_it_reachable(af: int, state: str) -> None:
    s = scene(af)
    with s.core:
        WAYS[state](s)
        assert s.state == state
        s.answers()
        assert s.state == "REACHABLE"
        assert s.lasts_s("REACHABLE", 100) == pytest.approx(60, abs=TICK_S)


@pytest.mark.parametrize("af", FAMILIES)
@pytest.mark.parametrize(
    ("state", "then", "forwards"),
    [("NONE", "SEND", False), ("SEND", "SEND", False), ("REACHABLE", "REACHABLE", True),
     ("PROBE", "DELAY", True), ("DELAY", "DELAY", True)],
)  # fmt: skip
def test_f_207_a_packet(af: int, state: str, then: str, forwards: bool) -> None:
    """In NONE and SEND it waits; in all other states it goes at once."""
    s = scene(af)
    with s.core:
        WAYS[state](s)
        assert s.state == state
        sent = [frame for frame in s.uses() if frame[:6].hex(":") == OTHERS_MAC]
        assert bool(sent) == forwards
        if state == "PROBE":
            assert s.lasts_s("PROBE", 5) <= 1 + TICK_S
        assert s.state == then
        s.answers()  # what waits goes


@pytest.mark.parametrize("af", FAMILIES)
def test_f_208_traffic_alone_confirms_nothing(af: int) -> None:
    """What a neighbour sends otherwise does not keep it reachable: it is asked while it is used."""
    s = scene(af)
    with s.core:
        to_reachable(s)
        for _ in range(59):
            l3 = packet(ip_of(HOSTS[af], PLACES[af].client, UDP), Udp(9, 1, b"y"))
            s.core.send(ip_frame(MAC[TO_SERVERS], OTHERS_MAC, l3), TO_SERVERS)
            s.core.pass_time(1)
        s.uses()
        assert s.lasts_s("REACHABLE", 5) <= 1 + TICK_S
        assert s.state == "DELAY"
