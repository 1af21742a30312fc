"""The VRRP part of a configuration: what the parent hands to the VRRP child.

What is read but not carried (carried.py) is left out here.
"""

import msgspec

from keepalivedpy.lvs.floating import by_instance
from keepalivedpy.model.root import GlobalDefs, Root
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute, VrrpInstance, VrrpSyncGroup
from keepalivedpy.vrrp.carried import reduced, routes_made, runs


class VrrpPart(msgspec.Struct, frozen=True, kw_only=True):
    """`expect_services`: the checkers will program services, which come before the addresses."""

    global_defs: GlobalDefs = GlobalDefs()
    instances: tuple[VrrpInstance, ...] = ()
    groups: tuple[VrrpSyncGroup, ...] = ()
    static_addresses: tuple[VirtualAddress, ...] = ()
    static_routes: tuple[VirtualRoute, ...] = ()
    expect_services: bool = False


def vrrp_part(root: Root, alone: bool = False) -> VrrpPart:
    """`alone`: no checkers run beside it (-P), so nobody will program services."""
    local_addresses = by_instance(root)
    return VrrpPart(
        global_defs=root.global_defs,
        instances=tuple(
            msgspec.structs.replace(reduced(i), local_addresses=local_addresses.get(i.name, ()))
            for i in root.vrrp_instances
            if runs(i)
        ),
        groups=root.vrrp_sync_groups,
        static_addresses=root.static_ipaddress,
        static_routes=routes_made(root.static_routes),
        expect_services=bool(root.virtual_servers) and not alone,
    )
