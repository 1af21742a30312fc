"""Plays tests/conformance/vrrp/*.txt against the router and compares all it does."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from keepalivedpy.vrrp import events
from keepalivedpy.vrrp.datagram import Datagram
from keepalivedpy.vrrp.packet import Advert, encode
from keepalivedpy.vrrp.router import Router

FOLDER = Path(__file__).parents[2] / "conformance" / "vrrp"
GROUP = "224.0.0.18"
SECONDS = {"advert_int", "preempt_delay", "garp_master_delay"}


def us(seconds: str) -> int:
    return round(float(seconds) * 1_000_000)


def settings(words: list[str]) -> dict[str, object]:
    """`name=value` words as fields of VrrpInstance."""
    fields: dict[str, object] = {}
    for name, value in (word.split("=") for word in words):
        if name == "vips":
            fields["virtual_ipaddress"] = vips(value)
        elif name in SECONDS:
            fields[name + "_us"] = us(value)
        elif name == "dpdk_interface":
            fields[name] = value
        else:
            fields[name] = bool(int(value)) if name == "nopreempt" else int(value)
    return fields


def vips(text: str) -> tuple[VirtualAddress, ...]:
    return tuple(VirtualAddress(addr=addr, prefixlen=32) for addr in text.split(","))


def instance(words: list[str]) -> VrrpInstance:
    plain: dict[str, object] = {"virtual_ipaddress": vips("10.0.0.100")}
    return VrrpInstance(
        name="VI_1", interface="eth0", virtual_router_id=51, **(plain | settings(words))
    )  # type: ignore[arg-type]


def line(effect: events.Effect) -> str | None:
    match effect:
        case events.StateChanged(new=new):
            return new.name
        case events.SendAdvert(advert=advert):
            return f"advert {advert.priority}"
        case events.AddVips(addresses=addresses):
            return f"add {','.join(a.addr for a in addresses)}"
        case events.DelVips(addresses=addresses):
            return f"del {','.join(a.addr for a in addresses)}"
        case events.Announce(n_repeat=n_repeat):
            return f"garp {n_repeat}"
        case _:
            return None


class Player:
    """A router under a clock of its own; `done` collects what it does."""

    def __init__(self, words: list[str]) -> None:
        self.router = Router(instance(words))
        self.done: list[str] = []

    def play(self, at_us: int, words: list[str]) -> None:
        while (due_us := self.router.next_deadline_us()) is not None and due_us <= at_us:
            self.collect(due_us, self.router.handle(events.Tick(), due_us))
        match words:
            case ["ready", source]:
                self.handle(at_us, events.Faults(frozenset(), source))
            case ["fault", *words]:
                cause = " ".join(words) or "interface eth0 is down"
                self.handle(at_us, events.Faults(frozenset({cause}), ""))
            case ["advert", src, priority, interval_s]:
                self.handle(at_us, self.advert(src, int(priority), us(interval_s)))
            case ["reload", *changes]:
                new = msgspec.structs.replace(self.router.instance, **settings(changes))
                self.collect(at_us, self.router.reconfigure(new, at_us))
            case ["stop"]:
                self.handle(at_us, events.Shutdown())
            case ["end"]:
                pass
            case _:
                raise ValueError(f"no such input: {words}")

    def handle(self, at_us: int, event: events.Event) -> None:
        self.collect(at_us, self.router.handle(event, at_us))

    def collect(self, at_us: int, effects: list[events.Effect]) -> None:
        self.done += [f"{at_us / 1e6:.6f} {text}" for e in effects if (text := line(e))]

    def advert(self, src: str, priority: int, interval_us: int) -> events.Received:
        ours = self.router.instance
        addresses = tuple(vip.addr for vip in ours.virtual_ipaddress)
        advert = Advert(ours.version, 51, priority, interval_us, addresses)
        return events.Received(Datagram(src, GROUP, 255, encode(advert, src, GROUP)))


def scenarios() -> Iterator[tuple[str, list[str]]]:
    for path in sorted(FOLDER.glob("*.txt")):
        for block in path.read_text().split("\n\n"):
            title, *lines = block.strip().splitlines()
            yield f"{path.stem}: {title.removeprefix('# ')}", lines


SCENARIOS = dict(scenarios())


@pytest.mark.parametrize("lines", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(lines: list[str]) -> None:
    kind, *words = lines[0].split()
    assert kind == "router"
    player = Player(words)
    transcript = [lines[0]]
    for text in lines[1:]:
        if not text.startswith(" "):
            at, *what = text.split()
            player.done.clear()
            player.play(us(at), what)
            transcript += [text, *(f"  {done}" for done in player.done)]
    assert transcript == lines


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) >= 25
