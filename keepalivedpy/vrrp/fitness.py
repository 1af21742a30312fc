"""Whether an instance can run now, from the state of the links; and whether it ever can.

Pure. The sentences are keepalived's where it has one.
"""

from collections.abc import Callable

from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.netlink.links import Link
from keepalivedpy.vrrp import auth

Find = Callable[[str], Link | None]


def refusal(instance: VrrpInstance) -> str:
    """Why this instance cannot be run at all by this engine, or ""."""
    if reason := auth.unsupported(instance.authentication):
        return reason
    if any(":" in vip.addr for vip in instance.virtual_ipaddress):
        return (
            "IPv6 adverts are not supported yet; put IPv6 addresses into "
            "virtual_ipaddress_excluded of an IPv4 instance"
        )
    return ""


def source_of(instance: VrrpInstance, link: Link | None, present: str = "") -> str:
    """The address adverts are sent from, "" if there is none.

    mcast_src_ip (unicast_src_ip), else the interface's first address that is not virtual;
    `present`, the source so far, stays as long as the interface has it.
    """
    if instance.mcast_src_ip:
        return instance.mcast_src_ip
    if link is None:
        return ""
    virtual = {a.addr for a in instance.virtual_ipaddress + instance.virtual_ipaddress_excluded}
    own = [address for address in link.addresses if address not in virtual]
    return present if present in own else next(iter(own), "")


def faults_of(instance: VrrpInstance, find: Find, source: str) -> frozenset[str]:
    """Everything that keeps the instance from running now, a sentence each."""
    faults = [
        fault
        for name in dict.fromkeys((instance.interface, *instance.track_interface))
        if (fault := _link_fault(name, find(name)))
    ]
    if not faults and not source:
        faults.append(f"Cannot find an IP address to use for interface {instance.interface}")
    return frozenset(faults)


def _link_fault(name: str, link: Link | None) -> str:
    if link is None:
        return f"interface {name} does not exist"
    return "" if link.up else link_down(name)


def link_down(name: str) -> str:
    return f"interface {name} is down"


def only_own_link(instance: VrrpInstance, faults: frozenset[str]) -> bool:
    """The interface of the adverts is down, and nothing else is wrong."""
    return faults == {link_down(instance.interface)}
