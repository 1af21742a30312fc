"""Sync groups: routers without sockets, one clock."""

from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from keepalivedpy.vrrp import events
from keepalivedpy.vrrp.datagram import Datagram
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.group import SyncGroup
from keepalivedpy.vrrp.packet import Advert, encode
from keepalivedpy.vrrp.router import Router

GROUP_ADDRESS, READY = "224.0.0.18", events.Faults(frozenset(), "10.0.0.2")
DOWN = events.Faults(frozenset({"interface eth0 is down"}), "")
SECOND_US = 1_000_000


class Pair:
    """Two members; the clock moves by `until`."""

    def __init__(self) -> None:
        self.routers = tuple(
            Router(
                VrrpInstance(
                    name=f"VI_{vrid}",
                    interface="eth0",
                    virtual_router_id=vrid,
                    virtual_ipaddress=(VirtualAddress(addr=f"10.0.0.{vrid}", prefixlen=32),),
                )
            )
            for vrid in (1, 2)
        )
        self.group = SyncGroup("VG", self.routers)
        self.now_us = 0
        self.zeros = 0

    def handle(self, router: Router, event: events.Event) -> None:
        for effect in router.handle(event, self.now_us):
            self.zeros += isinstance(effect, events.SendAdvert) and effect.advert.priority == 0
            if isinstance(effect, events.StateChanged):
                for other, told in self.group.follow(router, effect):
                    self.handle(other, told)

    def until(self, at_us: int) -> None:
        while True:
            due_us, router = min(
                ((r.next_deadline_us() or at_us + 1, r) for r in self.routers), key=lambda d: d[0]
            )
            if due_us > at_us:
                break
            self.now_us = due_us
            router.waits_for_group = self.group.holds(router)
            self.handle(router, events.Tick())
        self.now_us = at_us

    def hear(self, router: Router, priority: int) -> None:
        vrid = router.instance.virtual_router_id
        advert = Advert(2, vrid, priority, SECOND_US, (f"10.0.0.{vrid}",))
        body = encode(advert, "10.0.0.9", GROUP_ADDRESS)
        self.handle(router, events.Received(Datagram("10.0.0.9", GROUP_ADDRESS, 255, body)))

    def states(self) -> tuple[State, ...]:
        return tuple(router.state for router in self.routers)


def masters() -> Pair:
    pair = Pair()
    for router in pair.routers:
        pair.handle(router, READY)
    pair.until(4 * SECOND_US)
    return pair


def test_both_become_master_when_both_timers_ran_out() -> None:
    pair = masters()
    assert pair.states() == (State.MASTER, State.MASTER)


def test_a_member_that_hears_a_master_holds_the_other_back() -> None:
    pair = Pair()
    for router in pair.routers:
        pair.handle(router, READY)
    for second in range(1, 20):
        pair.until(second * SECOND_US)
        pair.hear(pair.routers[1], 200)
        assert pair.states() == (State.BACKUP, State.BACKUP)
    pair.until(26 * SECOND_US)
    assert pair.states() == (State.MASTER, State.MASTER)


def test_a_higher_master_of_one_takes_both_down() -> None:
    pair = masters()
    pair.hear(pair.routers[0], 200)
    assert pair.states() == (State.BACKUP, State.BACKUP)
    assert pair.routers[1].why == "sync group VG: VI_1 is BACKUP"


def test_a_fault_of_one_takes_the_other_down_and_keeps_it_there() -> None:
    pair = masters()
    pair.handle(pair.routers[0], DOWN)
    assert pair.states() == (State.FAULT, State.BACKUP)
    assert pair.zeros == 2
    pair.until(60 * SECOND_US)
    assert pair.states() == (State.FAULT, State.BACKUP)
    pair.handle(pair.routers[0], READY)
    pair.until(70 * SECOND_US)
    assert pair.states() == (State.MASTER, State.MASTER)
