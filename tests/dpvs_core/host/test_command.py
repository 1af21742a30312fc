"""What the master asks of the host thread, and how a mistake is answered."""

import errno
import threading
from typing import TYPE_CHECKING

from scapy.layers.l2 import ARP

from tests.dpvs_core.host.test_arp import EVERYBODY, OURS, PEER

if TYPE_CHECKING:
    from tests.dpvs_core.host.plain_core import PlainCore


def test_announcement_is_a_gratuitous_request(core: "PlainCore") -> None:
    assert core.garp("10.0.0.1") == 0
    core.step()
    [frame] = core.sent()
    arp = frame[ARP]
    assert (frame.dst, frame.src, arp.op, arp.hwsrc) == (EVERYBODY, OURS, 1, OURS)
    assert (arp.psrc, arp.pdst, arp.hwdst) == ("10.0.0.1", "10.0.0.1", "00:00:00:00:00:00")


def test_only_addresses_of_the_device_are_announced(core: "PlainCore") -> None:
    assert core.garp("10.0.0.7") == -errno.EADDRNOTAVAIL
    assert core.garp("10.1.0.1") == -errno.EADDRNOTAVAIL


def test_too_many_waiting_commands(core: "PlainCore") -> None:
    answers = {core.garp("10.0.0.1") for _ in range(1100)}
    assert answers == {0, -errno.EAGAIN}
    core.step()
    assert len(core.sent()) == 1023
    assert core.garp("10.0.0.1") == 0


def test_mistakes(core: "PlainCore") -> None:
    assert core.add_neigh("10.0.0.9", PEER, dev=7) == -errno.ENODEV
    assert core.add_neigh("10.0.0.9", EVERYBODY) == -errno.EINVAL
    assert core.add_neigh("10.0.0.9", "00:00:00:00:00:00") == -errno.EINVAL
    assert core.add_neigh("10.0.0.9", PEER, af=5) == -errno.EAFNOSUPPORT
    assert core.del_neigh("10.0.0.9") == -errno.ENOENT
    assert core.set_mac(0, EVERYBODY) == -errno.EINVAL


def test_added_and_deleted_before_the_host_thread_looks(core: "PlainCore") -> None:
    assert core.add_neigh("10.0.0.9", PEER) == 0
    assert core.del_neigh("10.0.0.9") == 0
    core.step()
    assert core.neighs() == []


def test_only_the_master_may_ask(core: "PlainCore") -> None:
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(core.garp("10.0.0.1")))
    thread.start()
    thread.join()
    assert answers == [-errno.EPERM]
