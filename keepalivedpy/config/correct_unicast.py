"""What keepalived corrects in a vrrp_instance about unicast, families and its own interfaces."""

from typing import Any

from dpvs_core.config.addresses import family_of
from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader

OWNER_PRIORITY = 255
UNICAST = (
    "unicast_peer",
    "unicast_src_ip",
    "unicast_ttl",
    "check_unicast_src",
    "old_unicast_checksum",
)


def families(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """Source and peers have the family of the virtual addresses."""
    vips = values.get("virtual_ipaddress")
    if not vips:
        return
    family = family_of(vips[0].addr)
    source = values.get("mcast_src_ip")
    if source is not None and family_of(source) != family:
        node = draft.node_of("mcast_src_ip", "unicast_src_ip")
        _other_family(draft, node, f"{node.name} {source}", family, reader)
        del values["mcast_src_ip"]
    peers = values.get("unicast_peer", ())
    kept = tuple(peer for peer in peers if family_of(peer.addr) == family)
    if len(kept) < len(peers):
        wrong = next(peer.addr for peer in peers if peer not in kept)
        node = draft.node_of("unicast_peer")
        _other_family(draft, node, f"unicast_peer {wrong}", family, reader)
        values["unicast_peer"] = kept
    group = values.get("mcast_dst_ip")
    if group is not None and family_of(group) != family:
        node = draft.node_of("mcast_dst_ip")
        _other_family(draft, node, f"mcast_dst_ip {group}", family, reader)
        del values["mcast_dst_ip"]
    if values.get("native_ipv6") and family != 6:
        node = draft.node_of("native_ipv6")
        _other_family(draft, node, "native_ipv6", family, reader)
        del values["native_ipv6"]


def _other_family(draft: Draft, node: Any, what: str, family: int, reader: Reader) -> None:
    found = f"{what} in vrrp_instance {draft.values['name']}, whose addresses are IPv{family}"
    reader.report(node, found, "one family", "it is ignored", at=min(1, len(node.words) - 1))


def no_loopback(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """VRRP has to reach others."""
    if values.get("interface") == "lo":
        reader.report(draft.node_of("interface"), "interface lo", "one that reaches others", at=1)


def peers_exist(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """A word about unicast without a peer: it stays multicast."""
    words = {node.words[0] for node in draft.node.children or ()}
    named = [word for word in UNICAST if word in words]
    if named and not values.get("unicast_peer"):
        reader.report(
            draft.node_of(named[0]),
            f"{named[0]} without a peer",
            "unicast_peer { ADDRESS }",
            "adverts are multicast",
            severity="warning",
        )


def own_links(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """use_vmac, use_ipvlan and vmac_xmit_base need each other."""
    has_link = "use_vmac" in values or "use_ipvlan" in values
    if "use_vmac" in values and values.get("unicast_peer") and not values.get("vmac_xmit_base"):
        _said(draft, reader, "use_vmac", "with unicast_peer", "vmac_xmit_base", "it is set")
        values["vmac_xmit_base"] = True
    if values.get("vmac_xmit_base") and not has_link:
        _said(draft, reader, "vmac_xmit_base", "without use_vmac", "use_vmac", "it has no effect")
        del values["vmac_xmit_base"]
    ipvlan, vips = values.get("use_ipvlan"), values.get("virtual_ipaddress")
    has_source = ipvlan is None or ipvlan.addr is not None or "mcast_src_ip" in values
    if not has_source and vips and family_of(vips[0].addr) == 4:
        _said(draft, reader, "use_ipvlan", "without an address", "use_ipvlan ADDRESS", "")


def vrf_alone(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """vrf is for adverts that no interface is given for."""
    if "vrf" in values and "interface" in values:
        _said(draft, reader, "vrf", "together with interface", "one of the two", "it is ignored")
        del values["vrf"]


def late_backup(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """timer_expired_backup is for instances that do not come back by themselves."""
    if "timer_expired_backup" in values and not values.get("nopreempt"):
        node = draft.node_of("timer_expired_backup", "thread_timer_expired")
        _said(draft, reader, node.name, "without nopreempt", "nopreempt", "it has no effect")
        del values["timer_expired_backup"]


def owner_alone(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """owner_ignore_adverts is for the owner of the addresses."""
    node = draft.node_of("owner_ignore_adverts")
    if node is draft.node or not draft.values.get("owner_ignore_adverts"):
        return
    if values.get("priority") != OWNER_PRIORITY:
        _said(draft, reader, node.name, "below priority 255", "priority 255", "it has no effect")
        values["owner_ignore_adverts"] = False


def _said(draft: Draft, reader: Reader, keyword: str, why: str, expected: str, effect: str) -> None:
    node = draft.node_of(keyword)
    reader.report(node, f"{keyword} {why}", expected, effect, severity="warning")
