"""vrrp_instance and vrrp_sync_group: Drafts -> model, with keepalived's own corrections."""

from collections.abc import Callable, Mapping, Set
from typing import Any

from dpvs_core.config.addresses import family_of
from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.config.values import in_seconds
from keepalivedpy.config.inherit import own
from keepalivedpy.model.root import GlobalDefs
from keepalivedpy.model.vrrp import Authentication, VirtualAddress, VrrpInstance, VrrpSyncGroup

AUTH_PASS_BYTES = 8
MAX_VIPS = 255
OWNER_PRIORITY = 255


def instance(
    draft: Draft, defaults: Mapping[str, Any], global_defs: GlobalDefs, reader: Reader
) -> VrrpInstance | None:
    """The instance, or None when it lacks what it cannot do without."""
    values = {**defaults, **own(draft.values)}
    name = values["name"]
    for field, expected in REQUIRED.items():
        if field not in values:
            reader.report(
                draft.node,
                f"vrrp_instance {name} without {field}",
                expected,
                "the instance is ignored",
            )
    if not values.keys() >= REQUIRED.keys():
        return None
    values.setdefault("version", _version(values, global_defs))
    values.setdefault("priority", OWNER_PRIORITY if values.get("state") == "MASTER" else 100)
    values.setdefault("garp_lower_prio_delay_us", values.get("garp_master_delay_us", 5_000_000))
    values.setdefault("garp_lower_prio_repeat", values.get("garp_master_repeat", 5))
    # Behind a healed cable are two masters. If the lower one gives way silently, the other has not
    # noticed anything, announces nothing, and clients go on sending to the lower one.
    values.setdefault("higher_prio_send_advert", "dpdk_interface" in values)
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


def _authentication(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """Needs a type and a password; v3 has none (RFC 5798 section 9); 8 bytes count."""
    block: Draft | None = values.pop("authentication", None)
    if block is None or not block.values.keys() >= {"auth_type", "auth_pass"}:
        if block is not None:
            reader.remark(
                block.node,
                "authentication without auth_type and auth_pass",
                "both",
                "adverts are not authenticated",
            )
        return
    if values["version"] == 3:
        reader.report(
            block.node,
            f"authentication in the VRRPv3 instance {values['name']}",
            "version 2",
            "it is ignored",
            severity="warning",
        )
        return
    password = block.values["auth_pass"]
    if len(password) > AUTH_PASS_BYTES:
        reader.report(
            block.node_of("auth_pass"),
            f"auth_pass of {len(password)} bytes",
            f"at most {AUTH_PASS_BYTES}",
            f"the first {AUTH_PASS_BYTES} bytes are used",
            at=1,
            severity="warning",
        )
    values["authentication"] = Authentication(
        auth_type=block.values["auth_type"], auth_pass=password[:AUTH_PASS_BYTES]
    )


def _advert_int(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """v2 carries whole seconds, at least one; v3 hundredths up to 40.95 s."""
    written = values.get("advert_int_us", 1_000_000)
    step, highest = (1_000_000, 255_000_000) if values["version"] == 2 else (10_000, 40_950_000)
    right = min(max((written + step // 2) // step * step, step), highest)
    if right != written:
        reader.report(
            draft.node_of("advert_int"),
            f"advert_int {in_seconds(written)} in a VRRPv{values['version']} instance",
            f"{in_seconds(step)} to {in_seconds(highest)} in steps of {in_seconds(step)}",
            f"{in_seconds(right)} is used",
            at=1,
            severity="warning",
        )
    values["advert_int_us"] = right


def _preempt(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """nopreempt contradicts state MASTER and priority 255; preempt_delay contradicts nopreempt."""
    master = values.get("state") == "MASTER"
    owner = values["priority"] == OWNER_PRIORITY
    if values.get("nopreempt") and (master or owner):
        why = "state MASTER" if master else "priority 255"
        _cleared(draft, values, reader, "nopreempt", "nopreempt", why)
    if values.get("preempt_delay_us"):
        why = "nopreempt" if values.get("nopreempt") else "state MASTER" if master else ""
        if why:
            _cleared(draft, values, reader, "preempt_delay_us", "preempt_delay", why)


def _cleared(
    draft: Draft, values: dict[str, Any], reader: Reader, field: str, keyword: str, why: str
) -> None:
    del values[field]
    reader.report(
        draft.node_of(keyword),
        f"{keyword} together with {why}",
        "one of the two",
        f"{keyword} has no effect",
        severity="warning",
    )


def _vips(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """All of one family, at most 255 in the adverts; the others move or go."""
    vips: tuple[VirtualAddress, ...] = values.get("virtual_ipaddress", ())
    kept = tuple(vip for vip in vips if family_of(vip.addr) == family_of(vips[0].addr))
    node = draft.node_of("virtual_ipaddress")
    if len(kept) < len(vips):
        reader.report(
            node,
            f"addresses of both families in vrrp_instance {values['name']}",
            "one family; the other belongs into virtual_ipaddress_excluded",
            f"only those of the first one's family (IPv{family_of(vips[0].addr)}) are used",
        )
    if len(kept) > MAX_VIPS:
        reader.report(
            node,
            f"{len(kept)} addresses in virtual_ipaddress",
            f"at most {MAX_VIPS}",
            "the others become virtual_ipaddress_excluded",
            severity="warning",
        )
        excluded = values.get("virtual_ipaddress_excluded", ())
        values["virtual_ipaddress_excluded"] = (*kept[MAX_VIPS:], *excluded)
        kept = kept[:MAX_VIPS]
    if not kept and not values.get("virtual_ipaddress_excluded"):
        reader.report(
            draft.node,
            f"vrrp_instance {values['name']} without a virtual address",
            "virtual_ipaddress { ADDRESS }",
            severity="warning",
        )
    values["virtual_ipaddress"] = kept


def _garp_repeat(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """A burst has at least one packet."""
    if values.get("garp_master_repeat") == 0:
        reader.report(
            draft.node_of("garp_master_repeat"),
            "garp_master_repeat 0",
            "at least 1",
            "1 is used",
            at=1,
            severity="warning",
        )
        values["garp_master_repeat"] = 1


Correction = Callable[[Draft, dict[str, Any], Reader], None]
CORRECTIONS: tuple[Correction, ...] = (_authentication, _advert_int, _preempt, _vips, _garp_repeat)


def sync_group(draft: Draft, known: Set[str], reader: Reader) -> VrrpSyncGroup | None:
    """The group with those members that are in `known`, or None without any."""
    name = draft.values["name"]
    members = [member for line in draft.values.get("group", ()) for member in line]
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
    return VrrpSyncGroup(name=name, group=group, place=draft.node.short_place)
