"""The checkers' part of a configuration: what the parent hands to the checker child."""

import msgspec

from keepalivedpy.lvs.floating import follow
from keepalivedpy.model.lvs import LocalAddressGroup, VirtualServer, VirtualServerGroup
from keepalivedpy.model.root import GlobalDefs, Root


class CheckerPart(msgspec.Struct, frozen=True, kw_only=True):
    global_defs: GlobalDefs = GlobalDefs()
    local_address_groups: tuple[LocalAddressGroup, ...] = ()
    virtual_server_groups: tuple[VirtualServerGroup, ...] = ()
    virtual_servers: tuple[VirtualServer, ...] = ()
    floating: frozenset[str] = frozenset()  # local addresses that follow a vrrp_instance
    contested: tuple[str, ...] = ()  # a sentence for those that should and cannot


def checker_part(root: Root, alone: bool = False) -> CheckerPart:
    """`alone`: VRRP does not run beside it (-C), so local addresses have nobody to follow."""
    found = follow(msgspec.structs.replace(root, vrrp_instances=()) if alone else root)
    return CheckerPart(
        global_defs=root.global_defs,
        local_address_groups=root.local_address_groups,
        virtual_server_groups=root.virtual_server_groups,
        virtual_servers=root.virtual_servers,
        floating=found.addresses,
        contested=tuple(str(contested) for contested in found.contested),
    )
