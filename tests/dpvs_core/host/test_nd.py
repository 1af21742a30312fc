"""Neighbour discovery: who is answered, what is learnt, what Linux gets (F-221; RFC 4861 7.2)."""

from collections.abc import Iterator
from dataclasses import replace
from errno import EADDRNOTAVAIL

import pytest
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6
from scapy.layers.l2 import Ether

pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")

from tests.dpvs_core.host.nd_scene import (
    FAR_OURS,
    LIP,
    LOCAL,
    OURS,
    PEER,
    THIRD,
    US,
    US_LOCAL,
    VIP,
    balanced,
    claim,
    nd_director,
    of_ours,
)
from tests.oracle.nd import OVERRIDE, SOLICITED, TARGET_LLA, Station, option, solicited_node
from tests.oracle.wire import DEST_OPTIONS, ICMP6, Ip6, icmp6, ip_frame, text
from tests.steps.core import MAC, StepCore
from tests.steps.neighbours import Neighbour, announce, conflicts, neighbour, neighbours


@pytest.fixture(params=[1, 3])
def core(request: pytest.FixtureRequest) -> Iterator[StepCore]:
    with nd_director(request.param) as core:
        yield core


def sent(core: StepCore, frame: object, dev: int = 0) -> list[str]:
    """What leaves by both devices when a frame came in by the last worker, as text."""
    data = bytes(frame)  # type: ignore[call-overload]
    return [text(out) for out in core.forward(data, dev, core.n_workers - 1)]


# --- answering -----------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [US, US_LOCAL])
def test_a_solicitation_is_answered_and_kept_from_linux(core: StepCore, asked: Station) -> None:
    assert sent(core, PEER.asks(asked.addr)) == [text(of_ours(asked.answers(PEER)))]
    assert not core.to_kernel[0]
    assert core.verdicts() == {"nd-received": 1, "nd-handled": 1, "from-host": 1}


def test_a_unicast_solicitation_is_answered(core: StepCore) -> None:
    assert sent(core, PEER.asks_again(OURS, MAC[0])) == [text(of_ours(US.answers(PEER)))]


def test_one_without_a_link_layer_address_is_answered_where_it_came_from(core: StepCore) -> None:
    """RFC 4861 4.3: it may be left out of unicast solicitations; nothing is learnt then."""
    bare = replace(PEER.asks_again(OURS, MAC[0]), options=b"")
    assert sent(core, bare) == [text(of_ours(US.answers(PEER)))]
    assert neighbours(core) == []


def test_a_probe_for_an_address_of_ours_is_defended_to_all(core: StepCore) -> None:
    """RFC 4862 5.4.3, 4861 7.2.4: the asker has no address, so all nodes hear it."""
    assert sent(core, claim(OURS).probes()) == [text(of_ours(US.says()))]
    assert conflicts(core) == [(OURS, 0, PEER.mac, 1)]


def test_behind_an_extension_header(core: StepCore) -> None:
    padding = (DEST_OPTIONS, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
    asked = replace(PEER.asks(OURS), exts=(padding,))
    assert sent(core, asked) == [text(of_ours(US.answers(PEER)))]


def test_the_address_of_another_device_is_nobodys_here(core: StepCore) -> None:
    assert sent(core, PEER.asks(FAR_OURS)) == []
    assert not core.to_kernel[0]


def test_vip_and_active_local_address_are_answered_for() -> None:
    with balanced() as core:
        for dev, addr in ((0, VIP), (1, LIP)):
            asker = Station(PEER.mac, "2001:db8::9" if dev == 0 else "fd00:64::9")
            answer = of_ours(Station(MAC[dev], addr).answers(asker))
            assert sent(core, asker.asks(addr), dev) == [text(answer)]


@pytest.mark.parametrize("kind", ["unknown", "of Linux"])
def test_what_is_not_ours_goes_to_linux(core: StepCore, kind: str) -> None:
    if kind == "of Linux":
        core.addr("2001:db8::7", 0, kind=1)
    asked = bytes(PEER.asks("2001:db8::7"))
    assert sent(core, asked) == []
    assert core.to_kernel[0] == [asked]
    assert neighbours(core) == []


@pytest.mark.parametrize("kind", [133, 134, 137])
def test_what_routers_say_goes_to_linux(core: StepCore, kind: int) -> None:
    """F-221: router solicitation, router advertisement, redirect."""
    src = "fe80::99"
    message = icmp6(src, "ff02::1", kind, 0, 0, bytes(32))
    router = ip_frame(
        "33:33:00:00:00:01", PEER.mac, bytes(Ip6(src, "ff02::1", ICMP6, message, 255))
    )
    assert sent(core, router) == []
    assert core.to_kernel[0] == [router]
    assert core.verdicts()["to-kernel-control"] == 1


def test_scapy_reads_what_we_say(core: StepCore) -> None:
    (out,) = core.forward(bytes(PEER.asks(OURS)))
    seen = Ether(out)
    told, lla = seen[ICMPv6ND_NA], seen[ICMPv6NDOptDstLLAddr]
    assert (seen.dst, seen[IPv6].src, seen[IPv6].dst) == (PEER.mac, OURS, PEER.addr)
    assert (seen[IPv6].hlim, told.R, told.S, told.O, told.tgt) == (255, 1, 1, 1, OURS)
    assert (lla.len, lla.lladdr) == (1, MAC[0])
    fresh = Ether(out)
    del fresh[ICMPv6ND_NA].cksum
    assert bytes(fresh) == out


# --- learning ------------------------------------------------------------------------------------


def test_a_solicitation_for_us_teaches_its_sender(core: StepCore) -> None:
    sent(core, PEER.asks(OURS))
    assert neighbours(core) == [Neighbour(PEER.addr, 0, "PROBE", PEER.mac)]


def test_a_link_local_sender_is_on_every_link(core: StepCore) -> None:
    sent(core, Station(PEER.mac, "fe80::9").asks(OURS))
    assert neighbours(core) == [Neighbour("fe80::9", 0, "PROBE", PEER.mac)]


@pytest.mark.parametrize("asker", ["2001:db8:7::9", "fd00:64::9"])
def test_a_sender_from_off_link_teaches_nothing(core: StepCore, asker: str) -> None:
    sent(core, Station(PEER.mac, asker).asks(OURS))
    assert neighbours(core) == []


def test_a_solicitation_for_others_teaches_nothing(core: StepCore) -> None:
    sent(core, PEER.asks("2001:db8::7"))
    assert neighbours(core) == []


def test_an_advertisement_nobody_asked_for_makes_no_entry(core: StepCore) -> None:
    """RFC 4861 7.2.5; it goes to Linux, which may have asked."""
    for advert in (PEER.says(), PEER.answers(US)):
        assert sent(core, advert) == []
        assert core.to_kernel[0] == [bytes(advert)]
    assert neighbours(core) == []


MOVED = replace(PEER, mac="02:aa:00:00:00:aa")
BARE = replace(PEER.answers(US), options=b"")
ADVERTS = {
    # name: state before, message, MAC and state after (RFC 4861 7.2.5, and 7.2.3 for the last)
    "solicited, the same": ("PROBE", PEER.answers(US), PEER.mac, "REACHABLE"),
    "solicited without override, the same":
        ("PROBE", PEER.answers(US, SOLICITED), PEER.mac, "REACHABLE"),
    "solicited without an address": ("PROBE", BARE, PEER.mac, "REACHABLE"),
    "unsolicited, the same": ("REACHABLE", PEER.says(), PEER.mac, "REACHABLE"),
    "solicited, moved": ("REACHABLE", MOVED.answers(US), MOVED.mac, "REACHABLE"),
    "unsolicited, moved": ("REACHABLE", MOVED.says(), MOVED.mac, "PROBE"),
    "unsolicited, moved while stale": ("PROBE", MOVED.says(), MOVED.mac, "PROBE"),
    "no override, another address": ("REACHABLE", MOVED.says(0), PEER.mac, "PROBE"),
    "no override, another address while stale": ("PROBE", MOVED.says(0), PEER.mac, "PROBE"),
    "solicited, no override, another address while stale":
        ("PROBE", MOVED.answers(US, SOLICITED), PEER.mac, "PROBE"),
    "asks from another address": ("REACHABLE", MOVED.asks(OURS), MOVED.mac, "PROBE"),
    "asks from the same address": ("REACHABLE", PEER.asks(OURS), PEER.mac, "REACHABLE"),
}  # fmt: skip


@pytest.mark.parametrize("name", ADVERTS)
def test_what_changes_an_entry(core: StepCore, name: str) -> None:
    before, message, mac, after = ADVERTS[name]
    sent(core, PEER.asks(OURS))
    if before == "REACHABLE":
        sent(core, PEER.answers(US))
    sent(core, message)
    assert neighbour(core, PEER.addr) == Neighbour(PEER.addr, 0, after, mac)


def test_a_static_neighbour_is_not_replaced(core: StepCore) -> None:
    core.neigh(PEER.addr, 0, "02:55:00:00:00:55")
    for message in (MOVED.says(), MOVED.answers(US), MOVED.asks(OURS)):
        sent(core, message)
    expected = Neighbour(PEER.addr, 0, "REACHABLE", "02:55:00:00:00:55", True)
    assert neighbours(core) == [expected]


def test_what_is_learnt_from_an_answer_linux_hears_too(core: StepCore) -> None:
    sent(core, PEER.asks(OURS))
    answer = bytes(PEER.answers(US))
    assert sent(core, answer) == []
    assert core.to_kernel[0] == [answer]
    assert neighbour(core, PEER.addr) == Neighbour(PEER.addr, 0, "REACHABLE", PEER.mac)


# --- others that use our addresses ---------------------------------------------------------------

CLAIMS = {
    "advertisement to all": claim(OURS).says(),
    "advertisement to us": claim(OURS).answers(US),
    "advertisement without an address": replace(claim(OURS).says(), options=b""),
    "a question from it": claim(OURS).asks("2001:db8::7"),
    "a probe for it": claim(OURS).probes(),
}
NO_CLAIMS = {
    "our own, come back": US.says(),
    "our own probe, come back": US.probes(),
    "another port of ours": Station(MAC[1], OURS).says(),
    "somebody's own address": PEER.says(),
    "another device's address": claim(FAR_OURS).says(),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_is_told_once_and_not_learnt(core: StepCore, name: str) -> None:
    sent(core, CLAIMS[name])
    assert core.verdicts()["nd-conflict"] == 1
    assert conflicts(core) == [(OURS, 0, PEER.mac, 1)]
    assert conflicts(core) == []
    assert neighbours(core) == []


@pytest.mark.parametrize("name", NO_CLAIMS)
def test_what_claims_nothing(core: StepCore, name: str) -> None:
    sent(core, NO_CLAIMS[name])
    assert "nd-conflict" not in core.verdicts()
    assert conflicts(core) == []


def test_a_disputed_address_is_answered_for_all_the_same(core: StepCore) -> None:
    sent(core, claim(OURS).says())
    assert sent(core, THIRD.asks(OURS)) == [text(of_ours(US.answers(THIRD)))]


# --- announcing ----------------------------------------------------------------------------------


def test_behaviour_32_an_announcement_is_an_unsolicited_advertisement(core: StepCore) -> None:
    """Behaviour 32: at a take-over everybody's entries turn to us at once."""
    core.addr(VIP, 0)
    assert announce(core, VIP) == 0
    core.step()
    [out] = core.sent[0]
    assert text(out) == text(of_ours(Station(MAC[0], VIP).says()))


@pytest.mark.parametrize("how", ["gone", "of Linux", "on the other device"])
def test_an_announcement_that_waits_while_its_address_goes_is_not_sent(
    core: StepCore, how: str
) -> None:
    core.addr(VIP, 0)
    assert announce(core, VIP) == 0
    core.remove_addr(VIP)
    if how != "gone":
        core.addr(VIP, dev=int("device" in how), kind=int("Linux" in how))
    core.step()
    assert core.sent[0] == core.sent[1] == []


@pytest.mark.parametrize(("addr", "dev"), [("2001:db8::7", 0), (FAR_OURS, 0), (OURS, 1)])
def test_only_an_address_of_the_device_is_announced(core: StepCore, addr: str, dev: int) -> None:
    assert announce(core, addr, dev) == -EADDRNOTAVAIL


def test_64_announcements(core: StepCore) -> None:
    addrs = [f"2001:db8::1:{i:x}" for i in range(1, 65)]
    for addr in addrs:
        core.addr(addr, 0)
    assert [announce(core, addr) for addr in addrs] == [0] * 64
    core.step()
    expected = [text(of_ours(Station(MAC[0], addr).says())) for addr in addrs]
    assert [text(out) for out in core.sent[0]] == expected


# --- limits --------------------------------------------------------------------------------------


def test_a_flood_is_limited_with_arp(core: StepCore) -> None:
    core.set(arp_pps=100)
    for _ in range(50):
        core.send(bytes(PEER.asks(OURS)))
    core.step(turns=20)
    verdicts = core.verdicts()
    assert verdicts["arp-rate-limit"] > 30
    assert verdicts["nd-received"] + verdicts["arp-rate-limit"] == 50


def test_without_a_kernel_port_answers_are_still_learnt(core: StepCore) -> None:
    core.set(kernel_ports=0)
    sent(core, PEER.asks(OURS))
    sent(core, PEER.answers(US))
    assert neighbour(core, PEER.addr) == Neighbour(PEER.addr, 0, "REACHABLE", PEER.mac)
    assert core.verdicts()["nd-handled"] == 2
    sent(core, THIRD.asks("2001:db8::7"))
    assert core.verdicts()["no-kernel-port"] == 1


def test_the_oracle_knows_its_groups() -> None:
    assert solicited_node("2001:db8::12:3456:789a") == "ff02::1:ff56:789a"
    assert option(TARGET_LLA, MAC[0]) == bytes([2, 1, 2, 0, 0, 0, 0, 0x10])
    assert LOCAL == "fe80::0:ff:fe00:10" and OVERRIDE == 0x20
