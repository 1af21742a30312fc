"""Groups beside the services: Drafts -> model."""

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from keepalivedpy.model.groups import ClientGroup
from keepalivedpy.model.lvs import LocalAddressGroup, VirtualServerGroup


def virtual_server_group(draft: Draft, reader: Reader) -> VirtualServerGroup | None:
    """The group, or None without entries."""
    name, entries = draft.values["name"], tuple(draft.values["entries"])
    if not entries:
        reader.report(
            draft.node,
            f"virtual_server_group {name} without addresses",
            "ADDRESS PORT lines",
            "it is ignored",
        )
        return None
    return VirtualServerGroup(name=name, entries=entries, place=draft.node.short_place)


def local_address_group(draft: Draft) -> LocalAddressGroup:
    """The group; one without addresses stays, so that services that name it can say so."""
    return LocalAddressGroup(
        name=draft.values["name"],
        addrs=tuple(draft.values["addrs"]),
        place=draft.node.short_place,
    )


def client_group(draft: Draft) -> ClientGroup:
    """The group, empty or not."""
    return ClientGroup(
        name=draft.values["name"],
        entries=tuple(draft.values["entries"]),
        place=draft.node.short_place,
    )
