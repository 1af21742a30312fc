"""What a MASTER owns: its virtual addresses, and the local addresses of its services with them."""

from typing import TypeVar

from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from keepalivedpy.vrrp.events import AddVips, Announce, DelVips, Effect

T = TypeVar("T")


def all_addresses(instance: VrrpInstance) -> tuple[VirtualAddress, ...]:
    """Everything that comes and goes with MASTER; only virtual_ipaddress stands in adverts."""
    return (
        instance.virtual_ipaddress + instance.virtual_ipaddress_excluded + instance.local_addresses
    )


def changes(old: VrrpInstance, new: VrrpInstance) -> list[Effect]:
    """What a MASTER does about addresses and routes that a reload removed or added."""
    was, wanted = all_addresses(old), all_addresses(new)
    gone, added = _without(was, wanted), _without(wanted, was)
    gone_routes = _without(old.virtual_routes, new.virtual_routes)
    added_routes = _without(new.virtual_routes, old.virtual_routes)
    effects: list[Effect] = []
    if gone or gone_routes:
        effects.append(DelVips(gone, gone_routes))
    if added or added_routes:
        effects.append(AddVips(added, added_routes))
    if added:
        effects.append(Announce(added, new.garp_master_repeat))
    return effects


def _without(these: tuple[T, ...], those: tuple[T, ...]) -> tuple[T, ...]:
    present = set(those)
    return tuple([item for item in these if item not in present])
