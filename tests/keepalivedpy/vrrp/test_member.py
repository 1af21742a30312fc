"""What a member does with its router's effects, and in which order."""

import asyncio
import errno

from keepalivedpy.model.vrrp import UnicastPeer, VirtualAddress, VirtualRoute, VrrpInstance
from keepalivedpy.vrrp import events
from keepalivedpy.vrrp.datagram import Datagram, decode_ipv4
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.member import Member
from keepalivedpy.vrrp.packet import Advert, decode, encode
from keepalivedpy.vrrp.timers import Timers, now_us

GROUP, READY = "224.0.0.18", events.Faults(frozenset(), "10.0.0.2")
VIP = VirtualAddress(addr="10.0.0.100", prefixlen=32)
LIP = VirtualAddress(addr="10.0.0.200", prefixlen=32, dev="dpdk1")
Addresses = tuple[VirtualAddress, ...]
Routes = tuple[VirtualRoute, ...]


class World:
    """Socket, sink, log and whoever hears of changes, in one list."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.packets: list[tuple[str, bytes]] = []
        self.broken = ""

    def send(self, packet: bytes, dst: str) -> None:
        if dst == self.broken:
            raise OSError(errno.ENETDOWN, "Network is down")
        self.packets.append((dst, packet))
        self.seen.append(f"advert {decode(decode_ipv4(packet).body).priority} to {dst}")

    def add(self, holder: str, device: str, addresses: Addresses, routes: Routes) -> None:
        self.seen.append(f"{holder} adds {[a.addr for a in addresses]} to {device}")

    def remove(self, holder: str, device: str, addresses: Addresses, routes: Routes) -> None:
        self.seen.append(f"{holder} removes {[a.addr for a in addresses]} from {device}")

    def announce(self, device: str, addresses: Addresses, n_repeat: int) -> None:
        self.seen.append(f"announces {[a.addr for a in addresses]} {n_repeat} times")

    def has(self, device: str, addresses: Addresses) -> bool:
        return True

    async def flush(self) -> None: ...

    def log(self, text: str) -> None:
        self.seen.append(f"log {text}")

    def changed(self, _member: Member, change: events.StateChanged) -> None:
        self.seen.append(f"is {change.new.name}")

    def clear(self) -> None:
        self.seen.clear()
        self.packets.clear()


def member(world: World, **more: object) -> Member:
    instance = VrrpInstance(
        name="VI_1",
        interface="eth0",
        virtual_router_id=51,
        virtual_ipaddress=(VIP,),
        **({"version": 3, "priority": 255} | more),
    )  # type: ignore[arg-type]
    made = Member(instance, GROUP, world, world.log, world.changed)
    made.socket = world  # type: ignore[assignment]
    return made


def test_the_advert_is_first_and_scripts_are_last() -> None:
    world = World()
    member(world, local_addresses=(LIP,)).handle(READY)
    assert world.seen == [
        "advert 255 to 224.0.0.18",
        "log (VI_1) Entering MASTER STATE (init)",
        "log (VI_1) setting VIPs.",
        "VI_1 adds ['10.0.0.100', '10.0.0.200'] to eth0",
        "log (VI_1) Sending/queueing gratuitous ARPs on eth0 for 10.0.0.100",
        "log (VI_1) Sending/queueing gratuitous ARPs on dpdk1 for 10.0.0.200",
        "announces ['10.0.0.100', '10.0.0.200'] 5 times",
        "is MASTER",
    ]


def test_priority_0_is_first_too() -> None:
    world = World()
    ours = member(world)
    ours.handle(READY)
    world.clear()
    ours.handle(events.Shutdown())
    assert [text.split()[0] for text in world.seen] == ["advert", "log", "log", "VI_1", "is"]
    assert world.seen[0] == "advert 0 to 224.0.0.18"


def test_local_addresses_are_not_in_adverts() -> None:
    world = World()
    member(world, local_addresses=(LIP,)).handle(READY)
    ((_dst, packet),) = world.packets
    assert decode(decode_ipv4(packet).body).addresses == ("10.0.0.100",)


def test_leftovers_include_local_addresses() -> None:
    world = World()
    member(world, local_addresses=(LIP,)).forget_leftovers()
    assert world.seen[-1] == "VI_1 removes ['10.0.0.100', '10.0.0.200'] from eth0"


def test_unicast_goes_to_every_peer_though_one_cannot_be_reached() -> None:
    world = World()
    world.broken = "10.0.0.3"
    ours = member(
        world,
        unicast_peer=tuple(map(UnicastPeer, ("10.0.0.1", "10.0.0.3", "10.0.0.4"))),
    )
    ours.handle(READY)
    assert [dst for dst, _packet in world.packets] == ["10.0.0.1", "10.0.0.4"]
    sent = [decode_ipv4(packet) for _dst, packet in world.packets]
    assert [(d.src, d.dst) for d in sent] == [("10.0.0.2", "10.0.0.1"), ("10.0.0.2", "10.0.0.4")]
    complaint = "log (VI_1) Cant send advert to 10.0.0.3 (Network is down)"
    assert world.seen.count(complaint) == 1
    ours.handle(events.Received(heard(50, to="10.0.0.2")))  # is answered
    assert [dst for dst, _packet in world.packets] == ["10.0.0.1", "10.0.0.4"] * 2
    assert world.seen.count(complaint) == 1


def test_adverts_are_the_same_bytes_until_something_changes() -> None:
    world = World()
    ours = member(world)
    ours.handle(READY)
    ours.handle(events.Received(lower()))
    ours.reconfigure(VrrpInstance(
        name="VI_1", interface="eth0", virtual_router_id=51, version=3, priority=255,
        virtual_ipaddress=(VIP, LIP),
    ))  # fmt: skip
    first, second, third = (packet for _dst, packet in world.packets)
    assert first == second
    changed = decode(decode_ipv4(third).body)
    assert (changed.priority, changed.addresses) == (255, ("10.0.0.100", "10.0.0.200"))


def test_a_backup_reads_what_arrived_before_it_believes_in_silence() -> None:
    """A process that was kept from running finds timer and advert at the same moment."""
    world, waiting = World(), [better(), better()]

    async def play(catch_up: bool) -> State:
        def arrived(backup: Member) -> None:
            if catch_up:
                backup.handle(events.Received(waiting.pop()))

        timers = Timers()
        instance = VrrpInstance(
            name="VI_1", interface="eth0", virtual_router_id=51, version=3, priority=100,
            advert_int_us=10_000, virtual_ipaddress=(VIP,),
        )  # fmt: skip
        backup = Member(instance, GROUP, world, world.log, world.changed, timers, arrived)
        backup.handle(READY)
        woken = asyncio.Event()
        backup.before_tick = woken.set  # asked after reading
        async with asyncio.timeout(5):
            await woken.wait()
        backup.close()
        timers.close()
        return backup.router.state

    assert asyncio.run(play(catch_up=True)) is State.BACKUP
    assert asyncio.run(play(catch_up=False)) is State.MASTER


def test_without_a_socket_it_says_so_once() -> None:
    world = World()
    ours = member(world)
    ours.socket = None
    ours.handle(READY)
    ours.router.handle(events.Tick(), now_us() + 10**9)
    assert world.seen[0] == "log (VI_1) Cant send advert to 224.0.0.18 (no socket)"


def lower() -> Datagram:
    return heard(50)


def better() -> Datagram:
    return heard(150)


def heard(priority: int, to: str = GROUP) -> Datagram:
    advert = Advert(3, 51, priority, 1_000_000, ("10.0.0.100",))
    return Datagram("10.0.0.1", to, 255, encode(advert, "10.0.0.1", to))
