"""What keepalived corrects in a vrrp_instance by itself, and says."""

from collections.abc import Callable
from typing import Any

from dpvs_core.config.addresses import family_of
from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node
from dpvs_core.config.values import in_seconds
from keepalivedpy.config.correct_strict import OWNER_PRIORITY, strict
from keepalivedpy.config.correct_unicast import (
    families,
    late_backup,
    no_loopback,
    own_links,
    owner_alone,
    peers_exist,
    vrf_alone,
)
from keepalivedpy.config.lines import SCRIPT
from keepalivedpy.config.status import ERRORS, OK
from keepalivedpy.model.script import Script
from keepalivedpy.model.vrrp import Authentication, VirtualAddress

AUTH_PASS_BYTES = 8
MAX_VIPS = 255


def _authentication(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """Needs a type and a password; v3 has none (RFC 5798 section 9); 8 bytes count."""
    block: Draft | None = values.pop("authentication", None)
    if block is None or not block.values.keys() >= {"auth_type", "auth_pass"}:
        if block is not None:
            # Upstream says nothing where the type is missing.
            reader.report(
                block.node,
                "authentication without auth_type and auth_pass",
                "both",
                "adverts are not authenticated",
                severity="warning",
                exit_status=ERRORS if "auth_type" in block.values else OK,
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
    if block.values["auth_type"] == "AH" and values.get("state") == "MASTER":
        reader.report(
            draft.node_of("state"),
            "state MASTER with auth_type AH",
            "state BACKUP",
            "it starts as BACKUP",
            at=1,
            severity="warning",
        )
        values["state"] = "BACKUP"
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
    first: dict[tuple[str, str | None], VirtualAddress] = {}
    for vip in kept:
        first.setdefault((vip.addr, vip.dev), vip)
    once = tuple(first.values())
    if len(once) < len(kept):
        twice = next(vip for vip in once if sum(vip.addr == other.addr for other in kept) > 1)
        reader.report(
            node,
            f"{twice.addr} more than once in vrrp_instance {values['name']}",
            "each address once",
            "the first is used",
            severity="warning",
        )
        kept = once
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
    meant = values.get("no_virtual_ipaddress") or values.get("virtual_ipaddress_excluded")
    if not kept and not meant:
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


def first_only(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """Of a script that is named twice the first one counts."""
    first: dict[str, Node] = {}
    for node in draft.node.children or ():
        keyword = node.words[0]
        if not keyword.startswith("notify") or keyword not in values or len(node.words) < 2:
            continue
        if isinstance(values[keyword], Script) and first.setdefault(keyword, node) is not node:
            reader.report(
                node, f"{keyword} a second time", "one script", "the first one counts", at=1
            )
            values[keyword] = SCRIPT.read(first[keyword], 1)


Correction = Callable[[Draft, dict[str, Any], Reader], None]
CORRECTIONS: tuple[Correction, ...] = (
    first_only,
    no_loopback,
    _authentication,
    strict,
    _advert_int,
    _preempt,
    late_backup,
    owner_alone,
    _vips,
    families,
    peers_exist,
    own_links,
    vrf_alone,
    _garp_repeat,
)
