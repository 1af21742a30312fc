"""Duplicate address detection (F-221, behaviour 32; RFC 4862 5.4), by the test's clock."""

from collections.abc import Iterator
from dataclasses import replace
from errno import EADDRNOTAVAIL, ENOSPC

import pytest

pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")

import itertools

from dpvs_core._native import ffi, lib

from tests.dpvs_core.host.nd_scene import (
    FAR_OURS,
    LIP,
    PEER,
    US,
    VIP,
    balanced,
    claim,
    nd_director,
    of_ours,
    question,
)
from tests.oracle.nd import Station
from tests.oracle.wire import ICMP6, UDP, Ip6, icmp6, ip_frame, text
from tests.steps.core import MAC, Dest, StepCore, raw_addr
from tests.steps.neighbours import addr_states, announce, conflicts, neighbours

NEW, OTHER = "2001:db8::77", "2001:db8::78"
NEW_US = Station(MAC[0], NEW)
TICK_S = 0.05
"""Timers fire with the first tick after their time."""


@pytest.fixture(params=[1, 3])
def core(request: pytest.FixtureRequest) -> Iterator[StepCore]:
    with nd_director(request.param) as core:
        core.step()
        yield core


def add(core: StepCore, addr: str = NEW, dev: int = 0) -> None:
    core.addr(addr, dev, dad=True)


def probed(core: StepCore, seconds: float) -> list[float]:
    """When, in that time, an own address was probed for; each frame is compared."""
    times, start_us = [], core.now_us
    while core.now_us < start_us + seconds * 1e6:
        core.sent.clear()
        core.step(10_000, turns=2)
        for frame in core.sent[0]:
            assert text(frame) == text(bytes(NEW_US.probes()))
            times.append((core.now_us - start_us) / 1e6)
    return times


def pass_verification(core: StepCore) -> None:
    core.pass_time(1.2, slice_s=TICK_S)


def hear(core: StepCore, frame: object, dev: int = 0) -> list[str]:
    data = bytes(frame)  # type: ignore[call-overload]
    return [text(out) for out in core.forward(data, dev, core.n_workers - 1)]


def test_behaviour_32_one_probe_then_a_second_later_it_is_preferred(core: StepCore) -> None:
    add(core)
    assert addr_states(core) == {NEW: "TENTATIVE"}
    [sent_s] = probed(core, 1.0)
    assert sent_s <= 2 * TICK_S
    assert addr_states(core) == {NEW: "TENTATIVE"}
    assert probed(core, sent_s + 2 * TICK_S) == []
    assert addr_states(core) == {NEW: "PREFERRED"}
    assert hear(core, PEER.asks(NEW)) == [text(of_ours(NEW_US.answers(PEER)))]


def test_transmits_and_interval_are_settings(core: StepCore) -> None:
    core.set(dad_transmits=3, dad_interval_ms=200)
    add(core)
    times = probed(core, 0.55)
    assert len(times) == 3
    assert all(0.2 <= b - a <= 0.2 + TICK_S for a, b in itertools.pairwise(times))
    assert addr_states(core) == {NEW: "TENTATIVE"}
    assert probed(core, 0.2) == []
    assert addr_states(core) == {NEW: "PREFERRED"}


def test_no_transmits_no_detection(core: StepCore) -> None:
    core.set(dad_transmits=0)
    add(core)
    core.step()
    assert addr_states(core) == {NEW: "PREFERRED"}
    assert probed(core, 2) == []


def test_behaviour_32_an_address_without_detection_is_used_at_once(core: StepCore) -> None:
    """A VIP that VRRP takes over: the other director may still have it for a moment."""
    core.addr(NEW, 0)
    assert announce(core, NEW) == 0
    assert hear(core, claim(NEW).probes()) == [text(of_ours(NEW_US.says()))] * 2
    assert addr_states(core) == {}
    assert probed(core, 2) == []


@pytest.mark.parametrize("state", ["tentative", "failed"])
def test_what_is_not_verified_is_not_used(core: StepCore, state: str) -> None:
    add(core)
    core.step(100_000)
    if state == "failed":
        hear(core, claim(NEW).says())
    core.sent.clear()
    assert hear(core, PEER.asks(NEW)) == []
    assert neighbours(core) == [], "RFC 4862 5.4.3: ignored"
    assert announce(core, NEW) == -EADDRNOTAVAIL
    echo = Ip6(PEER.addr, NEW, ICMP6, icmp6(PEER.addr, NEW, 128, 0, 1, b"ping"))
    assert hear(core, ip_frame(MAC[0], PEER.mac, bytes(echo))) == []
    assert not core.to_kernel[0]
    assert core.verdicts()["tentative"] == 1


def test_it_is_not_asked_from() -> None:
    with balanced() as core:
        core.remove_addr(FAR_OURS)
        core.remove_addr(LIP)
        core.addr("fd00:64::5", 1, dad=True)
        core.service(VIP, 53, [Dest("fd00:64::7", 53, id=2)], proto=UDP, laddrs=[LIP])
        assert core.forward(question("2001:db8::48")) == []
        assert core.verdicts()["unresolved"] == 1
        pass_verification(core)
        core.forward(question("2001:db8::48"))
        asked = Station(MAC[1], "fd00:64::5").asks("fd00:64::7")
        assert [text(f) for f in core.sent[1]] == [text(bytes(asked))]
        core.pass_time(7)


LOST = {
    "an advertisement": claim(NEW).says(),
    "an advertisement to us": claim(NEW).answers(US),
    "a probe of another": claim(NEW).probes(),
    "a question from it": claim(NEW).asks("2001:db8::9"),
}
KEPT = {
    "our own probe, come back": NEW_US.probes(),
    "a question for it": PEER.asks(NEW),
    "an advertisement of another": PEER.says(),
    "a probe for another": claim(OTHER).probes(),
}


@pytest.mark.parametrize("name", LOST)
def test_another_has_it_or_wants_it_too(core: StepCore, name: str) -> None:
    add(core)
    core.step(100_000)
    core.sent.clear()
    assert hear(core, LOST[name]) == [], "not defended"
    assert addr_states(core) == {NEW: "FAILED"}
    assert conflicts(core) == [(NEW, 0, PEER.mac, 1)]
    assert probed(core, 3) == []
    assert addr_states(core) == {NEW: "FAILED"}


@pytest.mark.parametrize("name", KEPT)
def test_what_takes_nothing_away(core: StepCore, name: str) -> None:
    add(core)
    core.step(100_000)
    hear(core, KEPT[name])
    assert addr_states(core) == {NEW: "TENTATIVE"}
    assert conflicts(core) == []
    pass_verification(core)
    assert addr_states(core) == {NEW: "PREFERRED"}


def test_a_claim_on_another_device_takes_nothing_away(core: StepCore) -> None:
    add(core)
    core.step(100_000)
    hear(core, claim(NEW).says(), 1)
    assert addr_states(core) == {NEW: "TENTATIVE"}


def test_behaviour_32_once_verified_it_is_defended(core: StepCore) -> None:
    add(core)
    pass_verification(core)
    assert hear(core, claim(NEW).probes()) == [text(of_ours(NEW_US.says()))]
    hear(core, claim(NEW).says())
    assert addr_states(core) == {NEW: "PREFERRED"}
    assert conflicts(core) == [(NEW, 0, PEER.mac, 2)]


def test_other_publications_do_not_begin_anew(core: StepCore) -> None:
    add(core)
    [sent_s] = probed(core, 0.5)
    core.addr("2001:db8::5", 0)
    core.addr("10.0.0.5", 0)
    assert probed(core, sent_s + 0.5 + 2 * TICK_S) == []
    assert addr_states(core) == {NEW: "PREFERRED"}
    core.remove_addr("2001:db8::5")
    core.step()
    assert addr_states(core) == {NEW: "PREFERRED"}


def test_failed_until_it_was_away(core: StepCore) -> None:
    add(core)
    core.step(100_000)
    hear(core, claim(NEW).says())
    core.addr("10.0.0.5", 0)
    core.step()
    assert addr_states(core) == {NEW: "FAILED"}
    core.remove_addr(NEW)
    core.step()
    assert addr_states(core) == {}
    add(core)
    assert len(probed(core, 0.2)) == 1
    pass_verification(core)
    assert addr_states(core) == {NEW: "PREFERRED"}


def test_removed_meanwhile(core: StepCore) -> None:
    add(core)
    core.remove_addr(NEW)
    assert probed(core, 2) == []
    add(core)
    core.step(100_000)
    core.remove_addr(NEW)
    core.pass_time(2)
    assert addr_states(core) == {}


def test_moved_to_the_other_device_it_is_verified_there(core: StepCore) -> None:
    add(core)
    pass_verification(core)
    core.remove_addr(NEW)
    core.sent.clear()
    add(core, dev=1)
    core.step()
    core.step(100_000)
    assert [text(f) for f in core.sent[1]] == [text(bytes(replace(NEW_US, mac=MAC[1]).probes()))]
    assert addr_states(core) == {NEW: "TENTATIVE"}
    pass_verification(core)


def test_its_detection_may_be_taken_back(core: StepCore) -> None:
    """An operator's address that VRRP takes as VIP."""
    add(core)
    core.step(100_000)
    core.verified.clear()
    core.addr("10.0.0.5", 0)
    assert hear(core, PEER.asks(NEW)) != []
    assert addr_states(core) == {}


def test_many_addresses_all_are_probed_and_preferred(core: StepCore) -> None:
    addrs = [f"2001:db8::2:{i:x}" for i in range(1, 301)]
    core.addrs += [(addr, 0, 0, lib.CORE_NO_ID) for addr in addrs]
    core.verified |= set(addrs)
    core.addr("10.0.0.5", 0)
    core.sent.clear()
    for _ in range(8):
        core.step(50_000)
    expected = {text(bytes(Station(MAC[0], addr).probes())) for addr in addrs}
    assert {text(f) for f in core.sent[0]} == expected
    assert len(core.sent[0]) == len(addrs)
    core.pass_time(1.5, slice_s=0.05)
    states = addr_states(core, page=16)
    assert states == dict.fromkeys(addrs, "PREFERRED")


def publish(core: StepCore, n: int, first: int = 0) -> int:
    rows = ffi.new("struct core_addr[]", n)
    for i in range(n):
        rows[i].af, rows[i].laddr_id = 6, lib.CORE_NO_ID
        rows[i].addr = raw_addr(f"2001:db8:1::{first + i + 1:x}")
    routes = ffi.new("struct core_route[]", 1)
    return int(lib.core_fib_publish(core.core, rows, n, routes, 0))


def test_more_than_the_table_holds_is_refused(core: StepCore) -> None:
    core.set(dad_transmits=0)
    for first in (0, 10_000):
        assert publish(core, lib.CORE_MAX_DAD, first) == 0
        core.step()
        assert set(addr_states(core, page=512).values()) == {"PREFERRED"}
    assert publish(core, lib.CORE_MAX_DAD + 1) == -ENOSPC
    assert len(addr_states(core, page=512)) == lib.CORE_MAX_DAD
