"""Which links, addresses and settings let an instance run."""

import msgspec

from keepalivedpy.model.vrrp import Authentication, VirtualAddress, VrrpInstance
from keepalivedpy.netlink.links import Link
from keepalivedpy.vrrp.fitness import faults_of, refusal, source_of

VIP = VirtualAddress(addr="10.0.0.100", prefixlen=24)
INSTANCE = VrrpInstance(
    name="VI_1",
    interface="dpdk0.kni",
    virtual_router_id=1,
    virtual_ipaddress=(VIP,),
    track_interface=("eth1",),
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
