"""The checkers' part of a configuration: what the parent hands to the checker child."""

import msgspec

from keepalivedpy.model.lvs import LocalAddressGroup, VirtualServer, VirtualServerGroup
from keepalivedpy.model.root import GlobalDefs, Root


class CheckerPart(msgspec.Struct, frozen=True, kw_only=True):
    global_defs: GlobalDefs = GlobalDefs()
    local_address_groups: tuple[LocalAddressGroup, ...] = ()
    virtual_server_groups: tuple[VirtualServerGroup, ...] = ()
    virtual_servers: tuple[VirtualServer, ...] = ()


def checker_part(root: Root) -> CheckerPart:
    return CheckerPart(
        global_defs=root.global_defs,
        local_address_groups=root.local_address_groups,
        virtual_server_groups=root.virtual_server_groups,
        virtual_servers=root.virtual_servers,
    )
