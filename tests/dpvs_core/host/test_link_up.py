"""A link that comes back up (F-221, RFC 4862 5.4): addresses verified, announced, reported."""

from collections.abc import Iterator

import pytest

pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")

from dpvs_core._native import lib

from tests.dpvs_core.host.nd_scene import OURS, PEER, US, claim, nd_director, of_ours
from tests.dpvs_core.host.test_mld import LOCAL, TICK_S, group, records, told
from tests.oracle.nd import Station
from tests.oracle.wire import text
from tests.steps.core import MAC, NEIGHBOUR_MAC, NO_ID, StepCore
from tests.steps.neighbours import addr_states, neighbour

VERIFIED = "2001:db8::77"
VERIFIED_US = Station(MAC[0], VERIFIED)
OWN4, MOVES4 = "10.0.0.1", "10.0.0.100"


@pytest.fixture(params=[1, 3])
def core(request: pytest.FixtureRequest) -> Iterator[StepCore]:
    with nd_director(request.param) as core:
        core.addr(VERIFIED, 0, dad=True)
        core.addr(OWN4, 0, dad=True)
        core.addr(MOVES4, 0)
        core.addr("10.1.0.1", 1, dad=True)
        told(core, 4.0)
        assert addr_states(core) == {VERIFIED: "PREFERRED"}
        yield core


def set_link(core: StepCore, up: bool, dev: int = 0) -> None:
    assert lib.core_device_set(core.core, dev, lib.CORE_LINK_UP, up) == 0
    core.sent.clear()
    core.collect()  # the master sees it
    core.step()


def bounce(core: StepCore) -> None:
    set_link(core, False)
    assert core.sent[0] == [], "a link that goes is no event"
    set_link(core, True)


def frames(core: StepCore, seconds: float, dev: int = 0) -> list[str]:
    """What left beside reports, in order."""
    core.pass_time(seconds, TICK_S)
    return [text(frame) for frame in core.sent[dev]]


def garp(addr: str) -> bytes:
    """RFC 5227 3: an announcement; all fields."""
    mac, ip = (bytes.fromhex(MAC[0].replace(":", "")), bytes(map(int, addr.split("."))))
    head = b"\xff" * 6 + mac + b"\x08\x06" + bytes.fromhex("0001080006040001")
    return head + mac + ip + bytes(6) + ip


def test_own_addresses_are_announced_and_verified_once_more(core: StepCore) -> None:
    bounce(core)
    assert frames(core, 2.0) == [
        text(garp(OWN4)),
        text(bytes(VERIFIED_US.probes())),
        text(of_ours(VERIFIED_US.says())),
    ]
    assert core.sent[1] == [], "the other link did not change"


def test_what_may_be_another_directors_by_now_is_not_announced(core: StepCore) -> None:
    """NEGATIVE: VIPs and local addresses (CORE_ADDR_NODAD): whoever moves them announces them."""
    bounce(core)
    sent = frames(core, 2.0)
    assert text(garp(MOVES4)) not in sent
    assert text(of_ours(US.says())) not in sent


def test_until_it_is_verified_again_it_is_tentative(core: StepCore) -> None:
    bounce(core)
    assert addr_states(core) == {VERIFIED: "TENTATIVE"}
    assert core.forward(bytes(PEER.asks(VERIFIED))) == []
    core.pass_time(1.2, TICK_S)
    assert addr_states(core) == {VERIFIED: "PREFERRED"}
    answer = text(of_ours(VERIFIED_US.answers(PEER)))
    assert [text(out) for out in core.forward(bytes(PEER.asks(VERIFIED)))] == [answer]


def test_one_that_was_taken_meanwhile_fails(core: StepCore) -> None:
    """NEGATIVE: and is announced by nobody here."""
    bounce(core)
    core.step(60_000)
    core.forward(bytes(claim(VERIFIED).says()))
    core.sent.clear()
    core.pass_time(2.0, TICK_S)
    assert addr_states(core) == {VERIFIED: "FAILED"}
    assert core.sent[0] == []
    bounce(core)
    core.pass_time(2.0, TICK_S)
    assert addr_states(core) == {VERIFIED: "PREFERRED"}, "who had it has gone"


def test_without_verification_it_is_announced_at_once(core: StepCore) -> None:
    core.set(dad_transmits=0)
    bounce(core)
    assert frames(core, 0.2) == [text(garp(OWN4)), text(of_ours(VERIFIED_US.says()))]


def test_groups_are_reported_again(core: StepCore) -> None:
    bounce(core)
    joined = records(told(core, 3.0))
    for addr in (OURS, LOCAL, VERIFIED):
        assert joined.count(("to-ex", group(addr))) >= 2
    assert told(core, 3.0, dev=1) == []


def test_neighbours_are_asked_again_when_used(core: StepCore) -> None:
    core.route("10.0.0.0/24", 0)
    core.forward(bytes(PEER.asks(OURS)))
    static = "2001:db8::5"
    core.neigh(static, 0, NEIGHBOUR_MAC)
    core.forward(bytes(PEER.answers(US)))
    before = neighbour(core, PEER.addr)
    assert before is not None and before.state == "REACHABLE"
    bounce(core)
    after, kept = neighbour(core, PEER.addr), neighbour(core, static)
    assert after is not None and (after.state, after.mac) == ("PROBE", PEER.mac)
    assert kept is not None and kept.state == "REACHABLE"


def test_many_addresses_are_all_announced_a_burst_a_turn(core: StepCore) -> None:
    many = [f"10.0.{i >> 8}.{i & 255}" for i in range(1000, 1300)]
    core.addrs += [(addr, 0, 0, NO_ID) for addr in many]
    core.verified |= set(many)
    core._publish()
    set_link(core, False)
    lib.core_device_set(core.core, 0, lib.CORE_LINK_UP, True)
    core.collect()
    core.sent.clear()
    core.turn(-1)
    for worker in range(core.n_workers):
        core.turn(worker)
    core.collect()
    assert len(core.sent[0]) == 32
    core.step(turns=20)
    sent = [text(frame) for frame in core.sent[0]]
    assert sorted(set(sent) & {text(garp(addr)) for addr in many}) == sorted(
        text(garp(addr)) for addr in many
    )
    assert len(sent) == len(many) + 1
