"""Which links, addresses and settings let an instance run."""

import msgspec
import pytest

from keepalivedpy.model.trackers import Track
from keepalivedpy.model.vrrp import Authentication, VirtualAddress, VrrpInstance
from keepalivedpy.netlink.links import Link
from keepalivedpy.vrrp.events import Faults
from keepalivedpy.vrrp.fitness import (
    READY,
    START_WAIT_US,
    Core,
    Verdict,
    faults_of,
    judge,
    own_core_died,
    refusal,
    source_of,
)
from keepalivedpy.vrrp.fsm import State

VIP = VirtualAddress(addr="10.0.0.100", prefixlen=24)
INSTANCE = VrrpInstance(
    name="VI_1",
    interface="dpdk0.kni",
    virtual_router_id=1,
    virtual_ipaddress=(VIP,),
    track_interface=(Track("eth1"),),
)
KNI = Link("dpdk0.kni", 2, True, b"", ("10.0.0.100", "10.0.0.1", "10.0.0.7"))
UP = {"dpdk0.kni": KNI, "eth1": Link("eth1", 3, True)}


def test_it_runs() -> None:
    assert faults_of(INSTANCE, UP.get, "10.0.0.1") == frozenset()


def test_each_fault_is_named() -> None:
    down = {"dpdk0.kni": Link("dpdk0.kni", 2, False)}
    assert faults_of(INSTANCE, down.get, "10.0.0.1") == {
        "interface dpdk0.kni is down",
        "interface eth1 does not exist",
    }
    assert faults_of(INSTANCE, UP.get, "") == {
        "Cannot find an IP address to use for interface dpdk0.kni"
    }


def test_the_source_is_an_own_address_and_stays() -> None:
    assert source_of(INSTANCE, KNI) == "10.0.0.1"
    assert source_of(INSTANCE, KNI, "10.0.0.7") == "10.0.0.7"
    assert source_of(INSTANCE, KNI, "10.0.0.8") == "10.0.0.1"
    assert source_of(INSTANCE, None) == ""
    configured = msgspec.structs.replace(INSTANCE, mcast_src_ip="10.9.9.9")
    assert source_of(configured, KNI, "10.0.0.1") == "10.9.9.9"


def test_what_is_not_carried_is_refused_in_words() -> None:
    ah = Authentication(auth_type="AH", auth_pass=b"1")
    assert "AH" in refusal(msgspec.structs.replace(INSTANCE, authentication=ah))
    ipv6 = (VirtualAddress(addr="2001:db8::1", prefixlen=128),)
    assert "IPv6" in refusal(msgspec.structs.replace(INSTANCE, virtual_ipaddress=ipv6))
    excluded = msgspec.structs.replace(INSTANCE, virtual_ipaddress_excluded=ipv6)
    assert refusal(excluded) == ""


# --- the core -----------------------------------------------------------------------------------

ON_CORE = msgspec.structs.replace(INSTANCE, dpdk_interface="dpdk0")
WELL = Faults(frozenset(), "10.0.0.1")
AWAY = Core("dpvs cannot be reached", down_since_us=10_000_000, lease_us=300_000)
BROKEN = Faults(frozenset(), "10.0.0.1", AWAY.trouble)
N, B, M, F = State.INIT, State.BACKUP, State.MASTER, State.FAULT


@pytest.mark.parametrize(
    ("instance", "state", "core", "after_us", "expected"),
    [
        (ON_CORE, N, READY, 0, Verdict(WELL)),
        (INSTANCE, N, AWAY, 0, Verdict(WELL)),
        (INSTANCE, M, AWAY, 10**9, Verdict(WELL)),
        (ON_CORE, N, AWAY, 0, Verdict(None, 10_000_000 + START_WAIT_US)),
        (ON_CORE, N, AWAY, START_WAIT_US - 1, Verdict(None, 10_000_000 + START_WAIT_US)),
        (ON_CORE, N, AWAY, START_WAIT_US, Verdict(BROKEN)),
        (ON_CORE, B, AWAY, 299_999, Verdict(WELL, 10_300_000)),
        (ON_CORE, B, AWAY, 300_000, Verdict(BROKEN)),
        (ON_CORE, M, AWAY, 299_999, Verdict(WELL, 10_300_000)),
        (ON_CORE, M, AWAY, 300_000, Verdict(BROKEN)),
        (ON_CORE, F, AWAY, 0, Verdict(BROKEN)),
        (ON_CORE, F, READY, 0, Verdict(WELL)),
    ],
)
def test_how_long_a_core_is_waited_for(
    instance: VrrpInstance, state: State, core: Core, after_us: int, expected: Verdict
) -> None:
    now_us = 10_000_000 + after_us
    assert judge(instance, state, UP.get, "10.0.0.1", core, now_us) == expected


def test_a_link_that_is_down_does_not_wait_for_the_core_s_lease() -> None:
    down = {**UP, "dpdk0.kni": Link("dpdk0.kni", 2, False)}
    told = judge(ON_CORE, M, down.get, "10.0.0.1", AWAY, 10_000_001).faults
    assert told == Faults(frozenset({"interface dpdk0.kni is down"}), "10.0.0.1")


def test_what_proves_that_the_own_core_died() -> None:
    """Its own link; the core may be missed as well, but nothing else, and not it alone."""
    link = frozenset({"interface dpdk0.kni is down"})
    assert own_core_died(ON_CORE, Faults(link, ""))
    assert own_core_died(ON_CORE, Faults(link, "", AWAY.trouble))
    assert not own_core_died(ON_CORE, BROKEN)
    assert not own_core_died(ON_CORE, Faults(link | {"interface eth1 is down"}, ""))
    assert not own_core_died(INSTANCE, Faults(link, ""))
