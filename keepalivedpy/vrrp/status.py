"""What the VRRP process tells about itself (`keepalived --status`). Reads the engine's present
state, changes nothing, asks nobody."""

import os
from operator import attrgetter

from keepalivedpy.model.vrrp import VirtualAddress
from keepalivedpy.status.model import InstanceStatus, VrrpStatus
from keepalivedpy.status.moment import Moment
from keepalivedpy.status.slices import in_slices
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.intervals import advert_interval_us
from keepalivedpy.vrrp.member import Member
from keepalivedpy.vrrp.runner import Engine
from keepalivedpy.vrrp.statistics import Statistics

COUNTERS = tuple(Statistics.__dataclass_fields__)
_values = attrgetter(*COUNTERS)


async def status_of(engine: Engine, moment: Moment, started_us: int) -> VrrpStatus:
    """`started_us`: when the process began, by the moment's clock. About 8 us an instance."""
    core = engine.core
    groups = {id(router): group.name for group in engine.groups for router in group.members}

    def one(member: Member) -> InstanceStatus:
        return _instance(member, moment, started_us, groups.get(id(member.router), ""))

    return VrrpStatus(
        pid=os.getpid(),
        since=moment.epoch_of(started_us),
        core=core.status() if core is not None else None,
        instances=await in_slices(one, list(engine.members.values())),
    )


def _instance(member: Member, moment: Moment, started_us: int, sync_group: str) -> InstanceStatus:
    instance, router = member.instance, member.router
    master = router.master if router.state is State.BACKUP else None
    return InstanceStatus(
        name=instance.name,
        state=router.state.name,
        since=moment.epoch_of(router.changed_at_us or started_us),
        why=router.why,
        interface=instance.interface,
        dpdk_interface=instance.dpdk_interface or "",
        virtual_router_id=instance.virtual_router_id,
        version=instance.version,
        priority=router.priority,
        advert_int_s=advert_interval_us(instance.version, instance.advert_int_us) / 1e6,
        addresses=_words(instance.virtual_ipaddress + instance.virtual_ipaddress_excluded),
        local_addresses=_words(instance.local_addresses),
        addresses_set=router.state is State.MASTER and member.has_addresses,
        faults=tuple(sorted(router.faults)) if router.faults else (),
        sync_group=sync_group,
        master=master[0] if master else "",
        master_priority=master[1] if master else None,
        statistics=_counters(router.statistics),
    )


def _words(addresses: tuple[VirtualAddress, ...]) -> tuple[str, ...]:
    return tuple([f"{address.addr}/{address.prefixlen}" for address in addresses])


def _counters(statistics: Statistics) -> dict[str, int]:
    return dict(zip(COUNTERS, _values(statistics), strict=True))
