"""Another station uses an address of ours: counted and told to the master (RFC 5227 2.4)."""

import errno
import threading
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from tests.dpvs_core.host.test_arp import EVERYBODY, OURS, PEER, reply, request

if TYPE_CHECKING:
    from tests.dpvs_core.host.plain_core import PlainCore

THIRD = "02:00:00:00:00:77"
OTHER_PORT = "02:00:00:00:01:01"
N_ROWS = 256

CLAIMS = {
    "gratuitous request": request("10.0.0.1", psrc="10.0.0.1"),
    "gratuitous reply": reply("10.0.0.1", pdst="10.0.0.1", dst=EVERYBODY),
    "request for another": request("10.0.0.7", psrc="10.0.0.1"),
    "reply to us": reply("10.0.0.1"),
}
NO_CLAIMS = {
    "a probe for it": request("10.0.0.1", psrc="0.0.0.0"),
    "a request for it": request("10.0.0.1"),
    "our own, come back": request("10.0.0.1", psrc="10.0.0.1", hwsrc=OURS),
    "another port of ours": request("10.0.0.1", psrc="10.0.0.1", hwsrc=OTHER_PORT),
    "somebody's own address": request("10.0.0.9", psrc="10.0.0.9"),
    "another device's address": request("10.1.0.1", psrc="10.1.0.1"),
}


def claim(addr: str, mac: str = PEER) -> Packet:
    return request(addr, psrc=addr, hwsrc=mac)


def with_addrs(core: "PlainCore", addrs: list[str]) -> "PlainCore":
    core.publish([(addr, 0) for addr in addrs], [("10.0.0.0/16", 0)])
    core.set(arp_pps=1_000_000)
    return core


def many(n: int) -> list[str]:
    return [f"10.0.{1 + i // 250}.{1 + i % 250}" for i in range(n)]


@pytest.mark.parametrize("name", CLAIMS)
def test_claim_is_told_once(core: "PlainCore", name: str) -> None:
    core.receive(CLAIMS[name])
    assert core.counts()["arp-conflict"] == 1
    assert core.conflicts() == [("10.0.0.1", 0, PEER, 1)]
    assert core.conflicts() == []
    assert core.neighs() == [], "not learnt"


@pytest.mark.parametrize("name", NO_CLAIMS)
def test_what_claims_nothing(core: "PlainCore", name: str) -> None:
    core.receive(NO_CLAIMS[name])
    assert "arp-conflict" not in core.counts()
    assert core.conflicts() == []


@pytest.mark.parametrize("what", ["given up", "of Linux"])
def test_an_address_that_is_not_the_cores_is_not_disputed(core: "PlainCore", what: str) -> None:
    """The standby hears the announcements of the director that has the addresses."""
    core.publish([("10.0.0.1", 0, 1)] if what == "of Linux" else [], [("10.0.0.0/24", 0)])
    core.receive(claim("10.0.0.1"))
    assert core.conflicts() == [] and "arp-conflict" not in core.counts()


def test_it_is_answered_all_the_same(core: "PlainCore") -> None:
    """Whoever asks for the address gets our answer, before and after the claim, and its sender."""
    core.receive(claim("10.0.0.1"), request("10.0.0.1", psrc="10.0.0.9", hwsrc=THIRD))
    assert [(f.dst, f[ARP].psrc) for f in core.sent()] == [(PEER, "10.0.0.1"), (THIRD, "10.0.0.1")]


def test_again_from_another_station(core: "PlainCore") -> None:
    core.receive(claim("10.0.0.1"))
    core.conflicts()
    core.receive(claim("10.0.0.1"), claim("10.0.0.1", THIRD))
    assert core.conflicts() == [("10.0.0.1", 0, THIRD, 3)]


def test_one_address_of_each_device(core: "PlainCore") -> None:
    core.receive(claim("10.0.0.1"))
    core.receive(claim("10.1.0.1"), dev=1)
    assert core.conflicts() == [("10.0.0.1", 0, PEER, 1), ("10.1.0.1", 1, PEER, 1)]


def test_an_address_that_moved_to_another_device_is_another_row(core: "PlainCore") -> None:
    addrs = many(60)
    for dev in (0, 1):
        core.publish([(addr, dev) for addr in addrs], [("10.0.0.0/16", dev)])
        core.receive(*map(claim, addrs), dev=dev)
    assert core.conflicts() == sorted((addr, dev, PEER, 1) for addr in addrs for dev in (0, 1))


def test_what_did_not_fit_comes_with_the_next_call(core: "PlainCore") -> None:
    addrs = many(10)
    with_addrs(core, addrs).receive(*map(claim, addrs))
    told = core.conflicts(3) + core.conflicts(3) + core.conflicts(3) + core.conflicts(3)
    assert sorted(row.addr for row in told) == sorted(addrs)


def test_one_that_never_stops_hides_no_other(core: "PlainCore") -> None:
    addrs = many(10)
    with_addrs(core, addrs).receive(*map(claim, addrs))
    told = set()
    for _ in range(20):
        core.receive(*[claim(addr) for addr in addrs[:5]])
        told |= {row.addr for row in core.conflicts(1)}
    assert told == set(addrs)


def test_a_flood_takes_no_more_than_the_rows(core: "PlainCore") -> None:
    """More addresses disputed than rows: those heard last are told, and each packet is counted."""
    addrs = many(600)
    core = with_addrs(core, addrs)
    for at in range(0, 600, 100):
        core.receive(*map(claim, addrs[at : at + 100]))
    rows = core.conflicts()
    assert core.counts()["arp-conflict"] == 600
    assert N_ROWS // 2 < len(rows) <= N_ROWS
    assert all(row.n_seen == 1 and row.mac == PEER for row in rows)
    assert len({row.addr for row in rows}) == len(rows)
    core.now_us += 1_000_000
    core.receive(claim(addrs[0], THIRD))
    assert next(row for row in core.conflicts() if row.addr == addrs[0]).mac == THIRD


def test_a_full_set_of_rows_forgets_what_was_heard_longest_ago(core: "PlainCore") -> None:
    addrs = many(600)
    core = with_addrs(core, addrs)
    for at in range(0, 600, 100):
        core.receive(*map(claim, addrs[at : at + 100]))
        core.now_us += 1_000_000
    rows = {row.addr for row in core.conflicts()}
    assert rows >= set(addrs[-100:]), "of the last heard none is missing"


def test_without_kernel_port(make_core: Any) -> None:
    core = make_core(kernel=False)
    core.receive(reply("10.0.0.1"))
    assert core.conflicts() == [("10.0.0.1", 0, PEER, 1)]
    assert core.counts() == {"arp-conflict": 1, "no-kernel-port": 1}


def test_bad_arp_claims_nothing(core: "PlainCore") -> None:
    bad = Ether(dst=EVERYBODY, src=PEER) / ARP(op=3, hwsrc=PEER, psrc="10.0.0.1", pdst="10.0.0.1")
    core.receive(bad)
    assert core.conflicts() == []


def test_only_the_master_may_ask(core: "PlainCore") -> None:
    from dpvs_core._native import ffi, lib

    answers: list[int] = []
    rows = ffi.new("struct core_conflict[]", 4)
    thread = threading.Thread(target=lambda: answers.append(lib.core_conflicts(core.core, rows, 4)))
    thread.start()
    thread.join()
    assert answers == [-errno.EPERM]
