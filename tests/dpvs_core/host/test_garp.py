"""Announcements at a takeover: many at once, all of them, and none of what was given away again."""

from errno import EAGAIN
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.l2 import ARP

from tests.dpvs_core.host.test_arp import EVERYBODY, OURS
from tests.dpvs_core.host.test_conflict import many, with_addrs

if TYPE_CHECKING:
    from tests.dpvs_core.host.plain_core import PlainCore

N_COMMANDS = 1023
BURST = 32


def announce(core: "PlainCore", addrs: list[str]) -> list[str]:
    """Ask for all; those that were taken."""
    return [addr for addr in addrs if core.garp(addr) == 0]


def announced(core: "PlainCore") -> list[str]:
    """The addresses of what left, each frame checked: broadcast, a request, sender = target."""
    found = []
    for sent in core.sent():
        arp = sent[ARP]
        assert (sent.dst, sent.src, arp.op) == (EVERYBODY, OURS, 1)
        assert (arp.hwsrc, arp.hwdst) == (OURS, "00:00:00:00:00:00")
        assert arp.psrc == arp.pdst
        found.append(arp.psrc)
    return found


@pytest.mark.parametrize("n_workers", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 64, N_COMMANDS])
def test_a_burst_leaves_whole_and_in_order(make_core: Any, n: int, n_workers: int) -> None:
    addrs = many(n)
    core = with_addrs(make_core(n_workers=n_workers), addrs)
    assert announce(core, addrs) == addrs
    core.step()
    assert announced(core) == addrs


def test_a_burst_of_64_takes_two_turns_of_each_thread(core: "PlainCore") -> None:
    """A turn carries out at most one burst, so that it stays short; nothing waits for a timer."""
    from dpvs_core._native import lib

    addrs = many(64)
    with_addrs(core, addrs)
    announce(core, addrs)
    left = []
    for _ in range(2):
        lib.core_step_host(core.core, core.now_us)
        lib.core_step_worker(core.core, 0, core.now_us)
        left.append(len(announced(core)))
    assert left == [BURST, BURST]


def test_a_busy_worker_finds_them_all_later(core: "PlainCore") -> None:
    """The host thread is far ahead: the ring between them takes the longest burst."""
    addrs = many(N_COMMANDS)
    with_addrs(core, addrs)
    announce(core, addrs)
    core.step_host(N_COMMANDS // BURST + 1)
    core.step()
    assert announced(core) == addrs


def test_more_than_can_wait_is_refused_and_comes_when_asked_again(core: "PlainCore") -> None:
    addrs = many(1500)
    with_addrs(core, addrs)
    first = announce(core, addrs)
    assert first == addrs[:N_COMMANDS]
    assert core.garp(addrs[-1]) == -EAGAIN
    core.step()
    assert announced(core) == first
    assert announce(core, addrs[N_COMMANDS:]) == addrs[N_COMMANDS:]
    core.step()
    assert announced(core) == addrs[N_COMMANDS:]


@pytest.mark.parametrize("how", ["gone", "of Linux", "on the other device"])
def test_an_address_given_away_meanwhile_is_not_announced(core: "PlainCore", how: str) -> None:
    """Asked for as MASTER, carried out as BACKUP: it would turn everybody's ARP entries back."""
    core.garp("10.0.0.1")
    left = {"gone": [], "of Linux": [("10.0.0.1", 0, 1)], "on the other device": [("10.0.0.1", 1)]}
    core.publish(left[how], [("10.0.0.0/24", 0)])
    core.step()
    assert core.sent(0) == core.sent(1) == []
