"""Drafts -> the model: defaults from outer blocks, and what keepalived corrects by itself.

A correction that keepalived reports is reported here too, with its exit status.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from dpvs_core.config.keywords import Draft, Keyword, to_model
from dpvs_core.config.reader import Reader
from keepalivedpy.config.assemble_groups import (
    client_group,
    local_address_group,
    virtual_server_group,
)
from keepalivedpy.config.assemble_lvs import virtual_server
from keepalivedpy.config.assemble_static import (
    bfd_instance,
    garp_group,
    track_file,
    track_group,
    track_process,
    vrrp_script,
)
from keepalivedpy.config.assemble_vrrp import instance, sync_group
from keepalivedpy.config.inherit import own, passed_on
from keepalivedpy.config.table_static import PROGRAM
from keepalivedpy.model.root import GlobalDefs, Root

Blocks = Iterable[Draft]

T = TypeVar("T")


def assemble(root: Draft, reader: Reader) -> Root:
    """The whole model; blocks that cannot be used are reported and left out."""
    values = root.values
    defs: Draft | None = values.get("global_defs")
    global_values: Mapping[str, Any] = defs.values if defs else {}
    global_defs = GlobalDefs(**own(global_values))
    instance_defaults = passed_on(global_values, "instance")
    instances = _made(
        instance(draft, instance_defaults, global_defs, reader)
        for draft in values.get("vrrp_instances", ())
    )
    names = {made.name for made in instances}
    sync_groups = (sync_group(draft, names, reader) for draft in values.get("vrrp_sync_groups", ()))
    groups = _made(
        virtual_server_group(draft, reader) for draft in values.get("virtual_server_groups", ())
    )
    named = {group.name: group for group in reversed(groups)}
    servers = (virtual_server(draft, reader, named) for draft in values.get("virtual_servers", ()))
    return Root(
        global_defs=global_defs,
        vrrp_instances=instances,
        vrrp_sync_groups=_made(sync_groups),
        **_static(values, reader),
        local_address_groups=tuple(
            local_address_group(draft) for draft in values.get("local_address_groups", ())
        ),
        deny_address_groups=tuple(
            client_group(draft) for draft in values.get("deny_address_groups", ())
        ),
        allow_address_groups=tuple(
            client_group(draft) for draft in values.get("allow_address_groups", ())
        ),
        tunnel_groups=tuple(to_model(draft) for draft in values.get("tunnel_groups", ())),
        ssl=to_model(values["ssl"]) if "ssl" in values else None,
        virtual_server_groups=groups,
        virtual_servers=_made(servers),
    )


LISTS = (
    "static_ipaddress",
    "static_routes",
    "static_rules",
    "linkbeat_interfaces",
    "interface_up_down_delays",
)
SINGLE = tuple(row.field for row in PROGRAM if isinstance(row, Keyword))


def _static(values: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """What stands outside the instances, by field of Root."""

    def blocks(field: str) -> Blocks:
        drafts: Blocks = values.get(field, ())
        return drafts

    return {
        **{field: tuple(values.get(field, ())) for field in LISTS},
        **{field: values[field] for field in SINGLE if field in values},
        "vrrp_scripts": _made(vrrp_script(d, reader) for d in blocks("vrrp_scripts")),
        "track_files": _made(track_file(d, reader) for d in blocks("track_files")),
        "track_processes": _made(track_process(d, reader) for d in blocks("track_processes")),
        "bfd_instances": _made(bfd_instance(d, reader) for d in blocks("bfd_instances")),
        "track_groups": tuple(track_group(d, reader) for d in blocks("track_groups")),
        "garp_groups": _made(garp_group(d, reader) for d in blocks("garp_groups")),
    }


def _made(models: Iterable[T | None]) -> tuple[T, ...]:
    """Without the blocks that could not be used."""
    return tuple(model for model in models if model is not None)
