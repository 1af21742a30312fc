"""Two engines on one link, addresses in the kernel: who is MASTER, and how soon the other is."""

import signal
import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from keepalivedpy.model.vrrp import UnicastPeer, VirtualAddress, VrrpInstance
from keepalivedpy.vrrp.intervals import master_down_us, skew_us

if TYPE_CHECKING:
    from conftest import Lab

pytestmark = pytest.mark.netns

ADVERT_US = 100_000
SLACK_US = 100_000  # two busy cores, a line through a pipe
VIP = "10.99.0.100"


def instance(priority: int, vip: str = VIP, **more: object) -> VrrpInstance:
    return VrrpInstance(
        name="VI_1",
        interface="eth0",
        virtual_router_id=51,
        priority=priority,
        version=3,
        advert_int_us=ADVERT_US,
        virtual_ipaddress=(VirtualAddress(addr=vip, prefixlen=32),),
        **more,
    )  # type: ignore[arg-type]


def test_the_better_is_master_and_the_other_takes_over(lab: "Lab") -> None:
    a = lab.engine("a", instance(150))
    a.until("Entering MASTER STATE")
    b = lab.engine("b", instance(100))
    b.until("Entering BACKUP STATE")
    lab.capture_advert("b")  # so that b has heard one, and nothing but its timer is at work
    killed_us = a.signal(signal.SIGKILL)
    took_us = b.until("Entering MASTER STATE") - killed_us
    least_us = master_down_us(3, 100, ADVERT_US) - ADVERT_US
    assert least_us - 1000 <= took_us <= least_us + ADVERT_US + SLACK_US

    again = lab.engine("a", instance(150))  # with the address its predecessor left behind
    again.until("removing VIPs.")
    again.until("Entering MASTER STATE")
    b.until("Entering BACKUP STATE")
    stopped_us = again.signal(signal.SIGTERM)
    took_us = b.until("Entering MASTER STATE") - stopped_us
    assert took_us <= skew_us(3, 100, ADVERT_US) + SLACK_US
    assert again.wait() == 0
    assert lab.addresses("a") == {"10.99.0.1/24"}
    b.signal(signal.SIGTERM)
    assert b.wait() == 0
    assert lab.addresses("b") == {"10.99.0.2/24"}


def test_the_address_is_there_when_it_is_announced(lab: "Lab") -> None:
    witness = lab.run("b", ["tcpdump", "-l", "-n", "-i", "eth0", "arp"])
    witness.until("listening on")
    a = lab.engine("a", instance(150))
    witness.until(f"who-has {VIP} (ff:ff:ff:ff:ff:ff) tell {VIP}")
    assert f"{VIP}/32" in lab.addresses("a")
    changed = instance(150, "10.99.0.101")
    lab.reload("a", a, changed)
    witness.until("who-has 10.99.0.101 (ff:ff:ff:ff:ff:ff) tell 10.99.0.101")
    assert lab.addresses("a") == {"10.99.0.1/24", "10.99.0.101/32"}
    assert not any("Entering BACKUP STATE" in line for line in a.lines[2:])


def test_link_down_absent_and_back(lab: "Lab") -> None:
    a = lab.engine("a", instance(150))
    a.until("Entering MASTER STATE")
    lab.ip("s", "link set port-a down")  # the carrier goes
    a.until("Entering FAULT STATE")
    lab.ip("s", "link set port-a up")
    a.until("Entering BACKUP STATE")
    a.until("Entering MASTER STATE")
    lab.ip("a", "link del eth0")
    a.until("interface eth0 does not exist")
    lab.plug("a")  # another ifindex, no address yet
    a.until("Cannot find an IP address to use for interface eth0")
    assert sum("Entering FAULT STATE" in line for line in a.lines) == 2
    assert [line for line in a.lines if "cannot del" in line] == []
    lab.ip("a", "addr add 10.99.0.1/24 dev eth0")
    a.until("Entering BACKUP STATE")
    a.until("Entering MASTER STATE")


def test_an_interface_that_comes_later(lab: "Lab") -> None:
    lab.ip("a", "link set eth0 name other0")
    a = lab.engine("a", instance(150))
    a.until("Entering FAULT STATE")
    lab.ip("a", "link set other0 down")
    lab.ip("a", "link set other0 name eth0")
    lab.ip("a", "link set eth0 up")
    a.until("Entering MASTER STATE")
    lab.until_address("a", f"{VIP}/32")


def test_unicast(lab: "Lab") -> None:
    a = lab.engine("a", instance(150, unicast_peer=(UnicastPeer("10.99.0.2"),)))
    b = lab.engine("b", instance(100, unicast_peer=(UnicastPeer("10.99.0.1"),)))
    a.until("Entering MASTER STATE")
    a.signal(signal.SIGTERM)
    b.until("Backup received priority 0 advertisement")
    b.until("Entering MASTER STATE")


def test_msgspec_carries_a_part() -> None:
    """What the parent hands to its child survives the way."""
    part = msgspec.json.decode(msgspec.json.encode(instance(1)), type=VrrpInstance)
    assert part == instance(1)


def test_an_address_of_two_instances_goes_with_the_last(lab: "Lab") -> None:
    own = VirtualAddress(addr="10.99.0.101", prefixlen=32)
    shared = VirtualAddress(addr=VIP, prefixlen=32)
    first = msgspec.structs.replace(instance(150), virtual_ipaddress=(own, shared))
    second = msgspec.structs.replace(instance(150), name="VI_2", virtual_router_id=52)
    a = lab.engine("a", first, second)
    a.until("(VI_1) Entering MASTER STATE")
    a.until("(VI_2) Entering MASTER STATE")
    lab.reload("a", a, second)
    deadline_s = time.monotonic() + 8
    while "10.99.0.101/32" in lab.addresses("a"):  # it would go after the shared one
        assert time.monotonic() < deadline_s
    assert lab.addresses("a") == {"10.99.0.1/24", f"{VIP}/32"}
    a.signal(signal.SIGTERM)
    assert a.wait() == 0
    assert lab.addresses("a") == {"10.99.0.1/24"}
