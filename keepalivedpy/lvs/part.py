"""The checkers' part of a configuration: what the parent hands to the checker child.

Without what nobody carries yet (carried.py); `left_out` says what that is, for the log.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec

from keepalivedpy.lvs.carried import (
    carried_group,
    carried_server,
    is_carried,
    left_out_checks,
    refusal,
)
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
    left_out: tuple[str, ...] = ()  # a sentence for what is not carried


def checker_part(root: Root, alone: bool = False) -> CheckerPart:
    """`alone`: VRRP does not run beside it (-C), so local addresses have nobody to follow."""
    found = follow(msgspec.structs.replace(root, vrrp_instances=()) if alone else root)
    return CheckerPart(
        global_defs=root.global_defs,
        local_address_groups=root.local_address_groups,
        virtual_server_groups=tuple(map(carried_group, root.virtual_server_groups)),
        virtual_servers=tuple(carried_server(vs) for vs in root.virtual_servers if not refusal(vs)),
        floating=found.addresses,
        contested=tuple(str(contested) for contested in found.contested),
        left_out=tuple(_left_out(root)),
    )


def _left_out(root: Root) -> Iterator[str]:
    """One sentence for each service, each line of a group and each kind of check."""
    for vs in root.virtual_servers:
        if why := refusal(vs):
            yield f"({vs.place}) {why}: not carried yet, not programmed"
    for group in root.virtual_server_groups:
        n_lines = sum(not is_carried(entry) for entry in group.entries)
        if n_lines:
            yield (
                f"({group.place}) virtual_server_group {group.name}: {n_lines} lines"
                " (fwmark, or more addresses than can be) are not carried, not programmed"
            )
    kinds = Counter(
        type(check).__name__
        for vs in root.virtual_servers
        for real in vs.real_servers
        if real.checkers
        for check in left_out_checks(real)
    )
    for kind, n_checks in kinds.items():
        yield f"{n_checks} checks {kind} are not carried yet: their servers count as up"
