"""Plays a block of tests/conformance/vrrp/*.txt: routers without sockets, one clock.

The language is described in that folder's README.md.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec

from keepalivedpy.model.trackers import Track
from keepalivedpy.model.vrrp import Authentication, UnicastPeer, VirtualAddress, VrrpInstance
from keepalivedpy.netlink.links import Link
from keepalivedpy.vrrp import events, fitness
from keepalivedpy.vrrp.auth import fields
from keepalivedpy.vrrp.datagram import Datagram
from keepalivedpy.vrrp.group import SyncGroup
from keepalivedpy.vrrp.packet import Advert, encode
from keepalivedpy.vrrp.router import Router

FOLDER = Path(__file__).parents[2] / "conformance" / "vrrp"
MULTICAST, INTERFACE, VRID = "224.0.0.18", "eth0", 51


def us(seconds: str) -> int:
    return round(float(seconds) * 1_000_000)


def addresses(text: str) -> tuple[VirtualAddress, ...]:
    return tuple(VirtualAddress(addr=addr, prefixlen=32) for addr in text.split(",") if addr)


def password(text: str) -> Authentication:
    return Authentication(auth_type="PASS", auth_pass=text.encode())


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


SETTINGS = {  # name in a scenario: field of VrrpInstance, how its value is read
    "version": ("version", int),
    "priority": ("priority", int),
    "advert_int": ("advert_int_us", us),
    "nopreempt": ("nopreempt", lambda text: text == "1"),
    "preempt_delay": ("preempt_delay_us", us),
    "garp_master_delay": ("garp_master_delay_us", us),
    "garp_master_repeat": ("garp_master_repeat", int),
    "garp_master_refresh": ("garp_master_refresh_us", us),
    "garp_lower_prio_repeat": ("garp_lower_prio_repeat", int),
    "lower_prio_no_advert": ("lower_prio_no_advert", lambda text: text == "1"),
    "higher_prio_send_advert": ("higher_prio_send_advert", lambda text: text == "1"),
    "dpdk_interface": ("dpdk_interface", str),
    "vips": ("virtual_ipaddress", addresses),
    "excluded": ("virtual_ipaddress_excluded", addresses),
    "local": ("local_addresses", addresses),
    "unicast_peer": ("unicast_peer", lambda text: tuple(map(UnicastPeer, words(text)))),
    "track": ("track_interface", lambda text: tuple(map(Track, words(text)))),
    "pass": ("authentication", password),
}


def settings(given: list[str]) -> dict[str, object]:
    """`name=value` words as fields of VrrpInstance."""
    found = {}
    for name, value in (word.split("=") for word in given):
        field, read = SETTINGS[name]
        found[field] = read(value)
    return found


def line(effect: events.Effect) -> str | None:
    """An effect as a line of a scenario; the log is not part of it."""
    match effect:
        case events.StateChanged(new=new):
            return new.name
        case events.SendAdvert(advert=advert):
            return f"advert {advert.priority}"
        case events.AddVips(addresses=added):
            return f"add {','.join(a.addr for a in added)}"
        case events.DelVips(addresses=gone):
            return f"del {','.join(a.addr for a in gone)}"
        case events.Announce(addresses=_, n_repeat=n_repeat):
            return f"garp {n_repeat}"
        case _:
            return None


class Player:
    """`done` collects what the routers do."""

    def __init__(self) -> None:
        self.routers: dict[str, Router] = {}
        self.done: list[str] = []
        self.group: SyncGroup | None = None
        self.core: dict[str, fitness.Core] = {}
        self._links: dict[str, Link] = {}
        self._again_us: dict[str, int] = {}  # when fitness wants to be asked again

    def router(self, given: list[str]) -> None:
        name = given.pop(0) if "=" not in given[0] else f"VI_{len(self.routers) + 1}"
        plain: dict[str, object] = {"virtual_ipaddress": addresses("10.0.0.100")}
        instance = VrrpInstance(
            name=name, interface=INTERFACE, virtual_router_id=VRID, **(plain | settings(given))
        )  # type: ignore[arg-type]
        self.routers[name] = Router(instance)

    def form_group(self, names: list[str]) -> None:
        self.group = SyncGroup("VG", tuple(self.routers[name] for name in names))
        for router in self.group.members:
            router.in_group = True

    def play(self, at_us: int, what: list[str]) -> None:
        """Let time pass until `at_us`, then give the input."""
        self._pass_time(at_us)
        named = what[0] in self.routers
        for name in [what[0]] if named else list(self.routers):
            self._input(name, at_us, what[1:] if named else what)

    def _pass_time(self, until_us: int) -> None:
        while True:
            due = [(at, 0, name) for name, at in self._again_us.items()]
            due += [
                (at, 1, name)
                for name, router in self.routers.items()
                if (at := router.next_deadline_us()) is not None
            ]
            at_us, is_tick, name = min(due, default=(until_us + 1, 0, ""))
            if at_us > until_us:
                return
            if is_tick:
                self._handle(name, at_us, events.Tick())
            else:
                self._judge(name, at_us)

    def _input(self, name: str, at_us: int, what: list[str]) -> None:
        router = self.routers[name]
        match what:
            case ["ready", source]:
                self._handle(name, at_us, events.Faults(frozenset(), source))
            case ["fault", *cause]:
                causes = frozenset({" ".join(cause) or "interface eth0 is down"})
                self._handle(name, at_us, events.Faults(causes, ""))
            case ["links", *states]:
                self._links = dict(map(link, states))
                self._judge(name, at_us)
            case ["core", "ready"]:
                self.core.pop(name, None)
                self._judge(name, at_us)
            case ["core", "away", *lease]:
                lease_us = us(lease[0]) if lease else 3_000_000
                self.core[name] = fitness.Core("dpvs cannot be reached", at_us, lease_us)
                self._judge(name, at_us)
            case ["advert", src, priority, interval_s, *unusual]:
                self._handle(name, at_us, advert(router, src, int(priority), interval_s, unusual))
            case ["reload", *changes]:
                new = msgspec.structs.replace(router.instance, **settings(changes))
                self._collect(name, at_us, router.reconfigure(new, at_us))
            case ["stop"]:
                self._handle(name, at_us, events.Shutdown())
            case ["end"]:
                pass
            case _:
                raise ValueError(f"no such input: {what}")

    def _judge(self, name: str, at_us: int) -> None:
        """As Engine does it."""
        router, core = self.routers[name], self.core.get(name, fitness.READY)
        source = fitness.source_of(router.instance, self._links.get(INTERFACE), router.source)
        verdict = fitness.judge(router.instance, router.state, self._links.get, source, core, at_us)
        self._again_us.pop(name, None)
        if verdict.again_at_us is not None:
            self._again_us[name] = verdict.again_at_us
        if verdict.faults is not None:
            self._handle(name, at_us, verdict.faults)

    def _handle(self, name: str, at_us: int, event: events.Event) -> None:
        router = self.routers[name]
        if self.group is not None and event == events.Tick():
            router.waits_for_group = self.group.holds(router)
        self._collect(name, at_us, router.handle(event, at_us))

    def _collect(self, name: str, at_us: int, effects: list[events.Effect]) -> None:
        who = f"{name} " if len(self.routers) > 1 else ""
        lines = [text for effect in effects if (text := line(effect))]
        self.done += [f"{at_us / 1e6:.6f} {who}{text}" for text in lines]
        for change in effects:
            if isinstance(change, events.StateChanged) and self.group is not None:
                for other, event in self.group.follow(self.routers[name], change):
                    self._handle(other.instance.name, at_us, event)


def link(text: str) -> tuple[str, Link]:
    """`eth0=up` or `eth0=down`; eth0 has the address 10.0.0.2."""
    name, state = text.split("=")
    own = ("10.0.0.2",) if name == INTERFACE else ()
    return name, Link(name, 2, state == "up", b"", own)


def advert(
    router: Router, src: str, priority: int, interval_s: str, unusual: list[str]
) -> events.Received:
    """What a peer with our settings would send; `unusual` is what differs (to=, ttl=, ...)."""
    ours = router.instance
    odd = dict(word.split("=") for word in unusual)
    version = int(odd.get("version", ours.version))
    secret = password(odd["pass"]) if odd.get("pass") else ours.authentication
    auth_type, auth_data = fields(None if odd.get("pass") == "" or version == 3 else secret)
    to = odd.get("to", router.source if ours.unicast_peer else MULTICAST)
    listed = tuple(vip.addr for vip in ours.virtual_ipaddress)
    sent = Advert(version, VRID, priority, us(interval_s), listed, auth_type, auth_data)
    body = bytearray(encode(sent, src, to))
    body[6] ^= int(odd.get("checksum_xor", 0))
    return events.Received(Datagram(src, to, int(odd.get("ttl", 255)), bytes(body)))


def blocks() -> Iterator[tuple[str, list[str]]]:
    """Title and lines of every scenario."""
    for path in sorted(FOLDER.glob("*.txt")):
        for block in path.read_text().split("\n\n"):
            title, *lines = block.strip().splitlines()
            yield f"{path.stem}: {title.removeprefix('# ')}", lines


def transcript(lines: list[str]) -> list[str]:
    """The scenario's inputs with what the routers really do."""
    player, written = Player(), []
    declare = {"router": player.router, "group": player.form_group}
    for text in lines:
        if text.startswith(" "):
            continue
        first, *what = text.split()
        player.done.clear()
        act = declare.get(first) or partial(player.play, us(first))
        act(what)
        written += [text, *(f"  {done}" for done in player.done)]
    return written
