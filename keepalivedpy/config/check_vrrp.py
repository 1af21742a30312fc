"""Rules across vrrp_instance blocks."""

from dpvs_core.config.addresses import family_of
from dpvs_core.config.reader import Reader
from keepalivedpy.config.rule import Places, Rule
from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VrrpInstance


def unique_names(model: Root, places: Places, reader: Reader) -> None:
    """An instance's name is its identity over reloads."""
    first: dict[str, VrrpInstance] = {}
    for instance in model.vrrp_instances:
        other = first.setdefault(instance.name, instance)
        if other is not instance:
            reader.report(
                places[instance.place].node,
                f"vrrp_instance {instance.name} a second time (first: {other.place})",
                "another name",
                at=1,
            )


def unique_vrids(model: Root, places: Places, reader: Reader) -> None:
    """One VRID an interface and family (RFC 5798 section 5.2.3)."""
    first: dict[tuple[str, int, int], VrrpInstance] = {}
    for instance in model.vrrp_instances:
        if instance.unicast_peer:
            continue
        key = (instance.interface, _family(instance), instance.virtual_router_id)
        other = first.setdefault(key, instance)
        if other is not instance:
            reader.report(
                places[instance.place].node_of("virtual_router_id"),
                f"virtual_router_id {instance.virtual_router_id} a second time on "
                f"{instance.interface} (first: {other.name}, {other.place})",
                "another number",
                at=1,
            )


def _family(instance: VrrpInstance) -> int:
    vips = instance.virtual_ipaddress or instance.virtual_ipaddress_excluded
    return family_of(vips[0].addr) if vips else 4


def kernel_side(model: Root, places: Places, reader: Reader) -> None:
    """Adverts run over the kernel port, VIPs stand on the device (K-004)."""
    for instance in model.vrrp_instances:
        if instance.interface == instance.dpdk_interface:
            reader.remark(
                places[instance.place].node_of("interface"),
                f"interface {instance.interface}, which is the dpdk_interface",
                f"its kernel port, {instance.interface}.kni",
                at=1,
            )


def interface_there(model: Root, places: Places, reader: Reader) -> None:
    """An instance without an interface sends to its peers from wherever that goes."""
    for instance in model.vrrp_instances:
        if not instance.interface:
            reader.not_carried_text(
                places[instance.place].node, f"vrrp_instance {instance.name} without interface"
            )


def one_group(model: Root, places: Places, reader: Reader) -> None:
    """An instance changes together with one group."""
    first: dict[str, str] = {}
    for group in model.vrrp_sync_groups:
        for at, member in enumerate(group.group):
            within = member in group.group[:at]
            if first.setdefault(member, group.place) != group.place or within:
                reader.report(
                    places[group.place].node_of("group"),
                    f"instance {member} in vrrp_sync_group {group.name}, which is already in one",
                    "one group for each instance",
                    f"it belongs to the first one ({first[member]})",
                    severity="warning",
                )


VRRP_RULES: tuple[Rule, ...] = (
    unique_names,
    unique_vrids,
    kernel_side,
    interface_there,
    one_group,
)
