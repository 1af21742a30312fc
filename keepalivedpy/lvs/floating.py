"""Which local addresses follow which vrrp_instance.

Both nodes of a pair are given the same local addresses, so only the MASTER may answer for one. A
local address belongs to the instance that holds the virtual addresses of all services that
use it. With no such instance it is always active. With several it is always active too, and
said: both nodes may answer for it.

Only an instance with dpdk_interface counts; the addresses of another are the kernel's.
Pure; cost: services + instances' addresses + local addresses.
"""

from collections.abc import Iterator
from typing import NamedTuple

from keepalivedpy.lvs.carried import carried_group
from keepalivedpy.lvs.names import canonical
from keepalivedpy.lvs.ranges import expand
from keepalivedpy.model.lvs import GroupEntry, VirtualServer
from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VirtualAddress

MAX_NAMED = 5  # addresses, and instances, in a warning

Holders = frozenset[str]  # the instances that hold a virtual address, by name
NO_INSTANCE: Holders = frozenset()


class Contested(NamedTuple):
    """Local addresses of one group without a single instance; `unheld`: a service that uses
    them has a virtual address that no instance holds."""

    group: str
    addrs: tuple[str, ...]
    instances: tuple[str, ...]
    unheld: bool

    def __str__(self) -> str:
        return f"{self.found}: {self.effect}"

    @property
    def found(self) -> str:
        addresses = "address" if len(self.addrs) == 1 else "addresses"
        instances = "vrrp_instance" if len(self.instances) == 1 else "vrrp_instances"
        none = " and of none" if self.unheld else ""
        return (
            f"local {addresses} {_some(self.addrs)} for services"
            f" of {instances} {_some(self.instances)}{none}"
        )

    @property
    def effect(self) -> str:
        return "always active, both nodes of a pair may answer for " + (
            "it" if len(self.addrs) == 1 else "them"
        )


class Floating(NamedTuple):
    """What `follow` found: instance -> its local addresses, and those that have no single one."""

    of_instance: dict[str, tuple[VirtualAddress, ...]]
    contested: tuple[Contested, ...]

    @property
    def addresses(self) -> frozenset[str]:
        """All that follow an instance, in the core's spelling."""
        return frozenset(address.addr for held in self.of_instance.values() for address in held)


def by_instance(root: Root) -> dict[str, tuple[VirtualAddress, ...]]:
    """The local addresses that each instance takes along, /32 or /128, on their device."""
    return follow(root).of_instance


def follow(root: Root) -> Floating:
    """Find the instance of each local address."""
    found: dict[str, list[VirtualAddress]] = {}
    contested: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    for addr, use in _uses(root).items():
        every, some = frozenset.intersection(*use.holders), frozenset.union(*use.holders)
        if len(every) == 1:
            (name,) = every
            prefixlen = 128 if ":" in addr else 32
            address = VirtualAddress(addr=addr, prefixlen=prefixlen, dev=use.dev)
            found.setdefault(name, []).append(address)
        elif some:
            key = (use.group, tuple(sorted(some)), NO_INSTANCE in use.holders)
            contested.setdefault(key, []).append(addr)
    return Floating(
        {name: tuple(held) for name, held in found.items()},
        tuple(
            Contested(group, tuple(addrs), instances, unheld)
            for (group, instances, unheld), addrs in contested.items()
        ),
    )


class _Use(NamedTuple):
    """Of a local address: where it stands first, and who holds the services that use it."""

    group: str
    dev: str
    holders: set[Holders]


def _uses(root: Root) -> dict[str, _Use]:
    """Each local address that a service uses."""
    of_group = _holders_of_groups(root)
    uses: dict[str, _Use] = {}
    for group in root.local_address_groups:
        for line in group.addrs if group.name in of_group else ():
            for addr in expand(line.addrs):
                use = uses.setdefault(addr, _Use(group.name, line.dev, set()))
                use.holders.update(of_group[group.name])
    return uses


def _holders_of_groups(root: Root) -> dict[str, set[Holders]]:
    """For each local_address_group in use, who holds each of its services."""
    holders, expanded = _vip_holders(root), _group_vips(root)
    found: dict[str, set[Holders]] = {}
    for vs in root.virtual_servers:
        if vs.laddr_group_name is not None:
            for vip in _vips(vs, expanded):
                into = found.setdefault(vs.laddr_group_name, set())
                into.add(holders.get(vip, NO_INSTANCE))
    return found


def _vip_holders(root: Root) -> dict[str, Holders]:
    found: dict[str, set[str]] = {}
    for instance in root.vrrp_instances:
        if instance.dpdk_interface:
            for vip in instance.virtual_ipaddress + instance.virtual_ipaddress_excluded:
                found.setdefault(canonical(vip.addr), set()).add(instance.name)
    return {vip: frozenset(names) for vip, names in found.items()}


def _group_vips(root: Root) -> dict[str, list[str]]:
    """The addresses of each virtual_server_group; groups of one name are joined."""
    found: dict[str, dict[str, None]] = {}
    for group in root.virtual_server_groups:
        into = found.setdefault(group.name, {})
        for entry in carried_group(group).entries:
            if isinstance(entry, GroupEntry):
                into.update(dict.fromkeys(expand(entry.addrs)))
    return {name: list(vips) for name, vips in found.items()}


def _vips(vs: VirtualServer, groups: dict[str, list[str]]) -> Iterator[str]:
    if vs.group is not None:
        yield from groups.get(vs.group, ())
    elif vs.addr is not None:
        yield canonical(vs.addr)


def _some(words: tuple[str, ...]) -> str:
    more = f" ... ({len(words)} in all)" if len(words) > MAX_NAMED else ""
    return ", ".join(words[:MAX_NAMED]) + more
