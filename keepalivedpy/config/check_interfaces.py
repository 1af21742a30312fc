"""Interfaces that the configuration names and the system does not have.

As keepalived, it is said and shows in the exit status; nothing is left out, since an interface may
come (the kernel port of a core that is not up yet). Devices of DPVS are no interfaces: where an
instance has dpdk_interface, its addresses are not looked at, and static items neither.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node
from keepalivedpy.config.check_trackers import line_of
from keepalivedpy.config.rule import Places
from keepalivedpy.config.status import CANNOT_RUN, ERRORS
from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VrrpInstance

NOT_THERE = "which is not there"


class Use(NamedTuple):
    """An interface's name, and where it stands."""

    name: str
    draft: Draft
    keyword: str
    exit_status: int = ERRORS


def interfaces_exist(model: Root, places: Places, reader: Reader, known: Collection[str]) -> None:
    """`known`: the interfaces of the system."""
    if model.global_defs.dynamic_interfaces:
        return
    said: set[str] = set()
    for use in _uses(model, places):
        if use.name and use.name not in known and use.name not in said:
            said.add(use.name)
            node, at = _where(use)
            reader.report(
                node,
                f"interface {use.name}, {NOT_THERE}",
                "one of: " + ", ".join(sorted(known)[:8]),
                at=at,
                severity="warning",
                exit_status=use.exit_status,
            )


def _uses(model: Root, places: Places) -> Iterator[Use]:
    for instance in model.vrrp_instances:
        yield from _of_instance(instance, places[instance.place])
    for group in model.vrrp_sync_groups:
        for track in group.track_interface:
            yield Use(track.name, places[group.place], "track_interface")
    root = places[""]
    for garp_group in model.garp_groups:
        for name in garp_group.interfaces:
            yield Use(name, root, "garp_group")
    for beat in model.linkbeat_interfaces:
        yield Use(beat.name, root, "linkbeat_interfaces", CANNOT_RUN)
    for delays in model.interface_up_down_delays:
        yield Use(delays.name, root, "interface_up_down_delays", CANNOT_RUN)
    if not _has_core(model):
        for keyword in ("static_ipaddress", "static_routes"):
            for item in getattr(model, keyword):
                yield Use(item.dev or "", root, keyword)
        for rule in model.static_rules:
            yield from (Use(name or "", root, "static_rules") for name in (rule.iif, rule.oif))


def _has_core(model: Root) -> bool:
    """Then static items may be its devices'."""
    on_core = any(instance.dpdk_interface for instance in model.vrrp_instances)
    return on_core or bool(model.virtual_servers or model.local_address_groups)


def _of_instance(instance: VrrpInstance, draft: Draft) -> Iterator[Use]:
    own = {vmac.name for vmac in (instance.use_vmac, instance.use_ipvlan) if vmac is not None}
    yield Use(instance.interface, draft, "interface")
    for track in instance.track_interface:
        yield Use(track.name, draft, "track_interface")
    if instance.dpdk_interface is None:
        for keyword in ("virtual_ipaddress", "virtual_ipaddress_excluded", "virtual_routes"):
            for item in getattr(instance, keyword):
                if item.dev not in own:
                    yield Use(item.dev or "", draft, keyword)
        for rule in instance.virtual_rules:
            yield from (Use(name or "", draft, "virtual_rules") for name in (rule.iif, rule.oif))


def _where(use: Use) -> tuple[Node, int]:
    """The line, and which word of it."""
    block = line_of(use.draft, use.keyword, use.name)
    for line in (block, *(block.children or ())):
        if use.name in line.words:
            return line, line.words.index(use.name)
    return block, 0
