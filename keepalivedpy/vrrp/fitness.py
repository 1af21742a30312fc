"""Whether an instance can run now, from the links and the core; and whether it ever can.

Pure. The sentences are keepalived's where it has one.
"""

from collections.abc import Callable
from typing import NamedTuple

from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.netlink.links import Link
from keepalivedpy.vrrp import auth
from keepalivedpy.vrrp.addresses import all_addresses
from keepalivedpy.vrrp.events import Faults
from keepalivedpy.vrrp.fsm import State

START_WAIT_US = 1_500_000  # a core reached in its first third has a whole second for services

Find = Callable[[str], Link | None]


class Core(NamedTuple):
    """The connection to the core: what is wrong with it, since when (None: nothing), and how
    long the core keeps our addresses without it."""

    trouble: str = ""
    down_since_us: int | None = None
    lease_us: int = 0


READY = Core()


class Verdict(NamedTuple):
    """What the router is to be told, if anything; and when to judge again without any news."""

    faults: Faults | None
    again_at_us: int | None = None


def judge(
    instance: VrrpInstance, state: State, find: Find, source: str, core: Core, now_us: int
) -> Verdict:
    """`core` counts for an instance with dpdk_interface; `source` is what source_of gives.

    A core that is not ready is no fault at once: at the start it is waited for, and while it
    may only have lost the connection it keeps our addresses until the lease ends. An instance
    in FAULT comes back only with a core that is ready.
    """
    faults = Faults(faults_of(instance, find, source), source)
    if instance.dpdk_interface is None or core.down_since_us is None:
        return Verdict(faults)
    patience_us = {State.INIT: START_WAIT_US, State.FAULT: 0}.get(state, core.lease_us)
    until_us = core.down_since_us + patience_us
    if now_us >= until_us:
        return Verdict(Faults(faults.causes, source, core.trouble))
    return Verdict(None if state is State.INIT else faults, until_us)


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
    virtual = {address.addr for address in all_addresses(instance)}
    own = [address for address in link.addresses if address not in virtual]
    return present if present in own else next(iter(own), "")


def faults_of(instance: VrrpInstance, find: Find, source: str) -> frozenset[str]:
    """Everything about links that keeps the instance from running now, a sentence each."""
    faults = [
        fault
        for name in dict.fromkeys((instance.interface, *(t.name for t in instance.track_interface)))
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


def own_core_died(instance: VrrpInstance, faults: Faults) -> bool:
    """The interface of the adverts is the core's own and is down, and nothing else is wrong but,
    perhaps, the core itself. (With the link up priority 0 leaves, and a peer takes over.)"""
    return instance.dpdk_interface is not None and faults.causes == {link_down(instance.interface)}
