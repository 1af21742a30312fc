"""vrrp_instance and vrrp_sync_group: Drafts -> model, with keepalived's own corrections."""

from collections.abc import Mapping, Set
from typing import Any

from dpvs_core.config.addresses import family_of
from dpvs_core.config.keywords import Draft, to_model
from dpvs_core.config.reader import Reader
from keepalivedpy.config.assemble_static import names
from keepalivedpy.config.correct_strict import OWNER_PRIORITY
from keepalivedpy.config.correct_vrrp import CORRECTIONS, first_only
from keepalivedpy.config.inherit import own
from keepalivedpy.model.root import GlobalDefs
from keepalivedpy.model.vrrp import VrrpInstance, VrrpSyncGroup


def instance(
    draft: Draft, defaults: Mapping[str, Any], global_defs: GlobalDefs, reader: Reader
) -> VrrpInstance | None:
    """The instance, or None when it lacks what it cannot do without."""
    values = {**defaults, **own(draft.values)}
    name = values["name"]
    missing = [field for field in REQUIRED if field not in values]
    if values.get("unicast_peer") and values.get("mcast_src_ip") and "interface" in missing:
        missing.remove("interface")  # which is found by the source address
    for field, expected in REQUIRED.items():
        if field in missing:
            reader.report(
                draft.node,
                f"vrrp_instance {name} without {field}",
                expected,
                "the instance is ignored",
            )
    if missing:
        return None
    if "auth_hmac" in values:
        values["auth_hmac"] = to_model(values["auth_hmac"])
    values.setdefault("version", _version(values, global_defs))
    values.setdefault("priority", OWNER_PRIORITY if values.get("state") == "MASTER" else 100)
    values.setdefault("garp_lower_prio_delay_us", values.get("garp_master_delay_us", 5_000_000))
    values.setdefault("garp_lower_prio_repeat", values.get("garp_master_repeat", 5))
    # Behind a healed cable are two masters. If the lower one gives way silently, the other has not
    # noticed anything, announces nothing, and clients go on sending to the lower one.
    values.setdefault("higher_prio_send_advert", "dpdk_interface" in values)
    values["is_strict"] = values.get("strict_mode", global_defs.vrrp_strict)
    for correct in CORRECTIONS:
        correct(draft, values, reader)
    return VrrpInstance(**values, place=draft.node.short_place)


REQUIRED = {
    "interface": "interface IF: where the adverts run",
    "virtual_router_id": "virtual_router_id 1..255",
}


def _version(values: Mapping[str, Any], global_defs: GlobalDefs) -> int:
    """IPv6 always runs VRRPv3 (RFC 5798)."""
    vips = values.get("virtual_ipaddress") or values.get("virtual_ipaddress_excluded")
    return 3 if vips and family_of(vips[0].addr) == 6 else global_defs.vrrp_version


def sync_group(draft: Draft, known: Set[str], reader: Reader) -> VrrpSyncGroup | None:
    """The group with those members that are in `known`, or None without any."""
    name = draft.values["name"]
    values = own(draft.values)
    members = names(values.pop("group", ()))
    for member in members:
        if member not in known:
            reader.report(
                draft.node_of("group"),
                f"instance {member} in vrrp_sync_group {name}",
                f"one of: {', '.join(sorted(known)[:5])}" if known else "a vrrp_instance",
                "it is left out",
            )
    group = tuple(member for member in members if member in known)
    if not group:
        reader.report(
            draft.node,
            f"vrrp_sync_group {name} without members",
            "group { INSTANCE ... }",
            "it is ignored",
        )
        return None
    if len(group) == 1:
        reader.report(
            draft.node_of("group"),
            f"vrrp_sync_group {name} with one member",
            "at least two instances",
            "it has no effect",
            severity="warning",
        )
    first_only(draft, values, reader)
    return VrrpSyncGroup(**values, group=group, place=draft.node.short_place)
