"""The router's timers against a slow oracle, its counters and its complaints."""

from hypothesis import given
from hypothesis import strategies as st

from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from keepalivedpy.vrrp import events
from keepalivedpy.vrrp.datagram import Datagram
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.packet import Advert, encode
from keepalivedpy.vrrp.router import Router

GROUP, SRC, VIP = "224.0.0.18", "10.0.0.1", "10.0.0.100"
ADVERT_US = 1_000_000


def router(priority: int = 100, version: int = 2, **more: object) -> Router:
    return Router(
        VrrpInstance(
            name="VI_1",
            interface="eth0",
            virtual_router_id=51,
            priority=priority,
            version=version,
            virtual_ipaddress=(VirtualAddress(addr=VIP, prefixlen=32),),
            **more,
        )
    )  # type: ignore[arg-type]


def advert(priority: int, version: int = 2, vips: tuple[str, ...] = (VIP,)) -> events.Received:
    body = encode(Advert(version, 51, priority, ADVERT_US, vips), SRC, GROUP)
    return events.Received(Datagram(SRC, GROUP, 255, body))


def logs(effects: list[events.Effect]) -> list[str]:
    return [effect.text for effect in effects if isinstance(effect, events.Log)]


def takeover_us(priority: int, preempt: bool, heard: list[tuple[int, int]]) -> float:
    """The oracle: version 2, advert 1 s; tries every moment between two adverts.

    `heard` holds (when in us, priority). From RFC 3768 6.4.2, in seconds and fractions.
    """
    skew_s = (256 - priority) / 256
    limit_s = 3 + skew_s
    for when_us, their_priority in [*heard, (10**12, 255)]:
        if limit_s * 1e6 <= when_us:
            return limit_s * 1e6
        if their_priority == 0:
            limit_s = when_us / 1e6 + skew_s
        elif not preempt or their_priority >= priority:
            limit_s = when_us / 1e6 + 3 + skew_s
    raise AssertionError("the last advert is later than any timer")


@given(
    priority=st.integers(1, 254),
    preempt=st.booleans(),
    gaps=st.lists(st.tuples(st.integers(1, 4_200_000), st.integers(0, 255)), max_size=8),
)
def test_takeover_is_when_the_oracle_says(
    priority: int, preempt: bool, gaps: list[tuple[int, int]]
) -> None:
    heard, now_us = [], 0
    for gap_us, their_priority in gaps:
        now_us += gap_us
        heard.append((now_us, their_priority))
    r = router(priority, nopreempt=not preempt)
    r.handle(events.Faults(frozenset(), "10.0.0.2"), 0)
    for when_us, their_priority in heard:
        deadline_us = r.next_deadline_us()
        assert deadline_us is not None
        if deadline_us <= when_us:
            break
        r.handle(advert(their_priority), when_us)
    deadline_us = r.next_deadline_us()
    assert deadline_us is not None
    assert abs(deadline_us - takeover_us(priority, preempt, heard)) <= 1
    r.handle(events.Tick(), deadline_us - 1)
    assert r.state is State.BACKUP
    r.handle(events.Tick(), deadline_us)
    assert r.state is State.MASTER


def test_late_ticks_do_not_shift_the_cadence() -> None:
    r = router(255)
    r.handle(events.Faults(frozenset(), "10.0.0.2"), 0)
    for n in range(1, 4):
        r.handle(events.Tick(), n * ADVERT_US + 20_000)
        assert r.next_deadline_us() == (n + 1) * ADVERT_US
    r.handle(events.Tick(), 50 * ADVERT_US)  # the process stood still: no burst afterwards
    assert r.next_deadline_us() == 51 * ADVERT_US


def test_a_flood_of_bad_adverts_is_counted_and_said_once() -> None:
    r = router()
    r.handle(events.Faults(frozenset(), "10.0.0.2"), 0)
    said = [text for _ in range(1000) for text in logs(r.handle(advert(150, version=3), 1))]
    assert said == ["wrong version. Received 3 and expect 2"]
    assert r.statistics.version_err == 1000
    r.handle(advert(150), 2)
    assert logs(r.handle(advert(150, version=3), 3)) == said
    assert r.next_deadline_us() == 2 + 3_609_375


def test_another_list_of_addresses_is_said_but_counts() -> None:
    """2.2.7 drops such adverts, which leaves two masters for good."""
    r = router()
    r.handle(events.Faults(frozenset(), "10.0.0.2"), 0)
    two = advert(150, vips=(VIP, "10.0.0.101"))
    assert logs(r.handle(two, 1)) == ["expected 1 VIPs but received 2"]
    assert logs(r.handle(two, 2)) == []
    assert r.next_deadline_us() == 2 + 3_609_375
    assert r.statistics.addr_list_err == 2


def test_counters() -> None:
    r = router()
    r.handle(events.Faults(frozenset(), "10.0.0.2"), 0)
    r.handle(events.Tick(), 3_609_375)
    r.handle(advert(0), 4_000_000)
    r.handle(events.Shutdown(), 4_100_000)
    s = r.statistics
    assert (s.become_master, s.release_master, s.advert_sent, s.advert_rcvd) == (1, 1, 3, 1)
    assert (s.pri_zero_rcvd, s.pri_zero_sent) == (1, 1)


def test_keepalived_s_words() -> None:
    r = router()
    said = logs(r.handle(events.Faults(frozenset(), "10.0.0.2"), 0))
    said += logs(r.handle(advert(99), 1))
    said += logs(r.handle(events.Tick(), 3_609_375))
    said += logs(r.handle(advert(99), 3_700_000))
    said += logs(r.handle(advert(150), 3_800_000))
    said += logs(r.handle(events.Faults(frozenset({"interface eth0 is down"}), ""), 4_000_000))
    assert said == [
        "Entering BACKUP STATE (init)",
        "received lower priority (99) advert from 10.0.0.1 - discarding",
        "Receive advertisement timeout",
        "Entering MASTER STATE",
        "Received advert from 10.0.0.1 with lower priority 99, ours 100, forcing new election",
        "Master received advert from 10.0.0.1 with higher priority 150, ours 100",
        "Entering BACKUP STATE",
        "interface eth0 is down",
        "Entering FAULT STATE",
    ]


def test_why() -> None:
    """The sentence for the last change, and only for that."""
    r = router(100)
    ready = events.Faults(frozenset(), "10.0.0.2")
    why = [r.why]
    for event, now_us in (
        (ready, 1),
        (events.Tick(), 4_000_000),
        (advert(99), 4_000_001),  # says something, changes nothing
        (advert(150), 4_000_002),
        (events.Faults(frozenset({"b", "a"}), "", "c"), 4_000_003),
        (ready, 4_000_004),
        (events.GroupWants(State.MASTER, "sync group VG: VI_2 is MASTER"), 4_000_005),
        (events.GroupWants(State.BACKUP, "sync group VG: VI_2 is FAULT"), 4_000_006),
        (events.Shutdown(), 4_000_007),
    ):
        r.handle(event, now_us)
        why.append(r.why)
    assert why == [
        "",
        "start",
        "Receive advertisement timeout",
        "Receive advertisement timeout",
        "Master received advert from 10.0.0.1 with higher priority 150, ours 100",
        "a, b, c",
        "nothing is wrong any more",
        "sync group VG: VI_2 is MASTER",
        "sync group VG: VI_2 is FAULT",
        "stopped",
    ]


def test_the_core_s_trouble_is_a_fault_and_is_said_once() -> None:
    r = router(100)
    trouble = events.Faults(frozenset(), "10.0.0.2", "dpvs cannot be reached")
    assert logs(r.handle(trouble, 1)) == ["dpvs cannot be reached", "Entering FAULT STATE (init)"]
    assert logs(r.handle(trouble, 2)) == []
    assert r.faults == {"dpvs cannot be reached"}
