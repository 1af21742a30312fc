"""What the VRRP process tells of its instances."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance
from keepalivedpy.status.model import CoreStatus, InstanceStatus, VrrpStatus
from keepalivedpy.status.moment import Moment
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.group import SyncGroup
from keepalivedpy.vrrp.member import Member
from keepalivedpy.vrrp.status import status_of

NOW = Moment(epoch_s=2_000_000.0, monotonic_us=100_000_000)
STARTED_US = 90_000_000
CORE = CoreStatus(path="/run/dpvs.ipc", connected=True)


class Sink:
    """Has what it is told to have."""

    def __init__(self) -> None:
        self.present: set[tuple[str, str]] = set()

    def has(self, device: str, addresses: tuple[VirtualAddress, ...]) -> bool:
        return all((a.dev or device, a.addr) in self.present for a in addresses)


def vip(addr: str) -> VirtualAddress:
    return VirtualAddress(addr=addr, prefixlen=32)


def member(sink: Sink, number: int = 1, **more: object) -> Member:
    values: dict[str, object] = {
        "name": f"VI_{number}", "interface": "dpdk0.kni", "dpdk_interface": "dpdk0",
        "virtual_router_id": 51, "priority": 120, "advert_int_us": 200_000, "version": 3,
        "virtual_ipaddress": (vip("10.0.0.1"),), "virtual_ipaddress_excluded": (vip("10.0.0.2"),),
        "local_addresses": (vip("10.0.0.3"),), **more,
    }  # fmt: skip
    instance = msgspec.convert(values, VrrpInstance)
    return Member(instance, "224.0.0.18", sink, print, lambda *_: None)  # type: ignore[arg-type]


def told(*members: Member, groups: tuple[SyncGroup, ...] = ()) -> VrrpStatus:
    engine: Any = SimpleNamespace(
        members=dict(enumerate(members)), groups=groups, core=SimpleNamespace(status=lambda: CORE)
    )
    return asyncio.run(status_of(engine, NOW, STARTED_US))


def only(*members: Member) -> InstanceStatus:
    (instance,) = told(*members).instances
    return instance


def test_an_instance_that_has_just_begun() -> None:
    status = told(member(Sink()))
    assert (status.since, status.core) == (1_999_990.0, CORE)
    (one,) = status.instances
    assert (one.name, one.state, one.since, one.master, one.addresses_set) == (
        "VI_1", "INIT", 1_999_990.0, "", False)  # fmt: skip
    assert (one.interface, one.dpdk_interface, one.virtual_router_id) == ("dpdk0.kni", "dpdk0", 51)
    assert (one.version, one.priority, one.advert_int_s) == (3, 120, 0.2)
    assert one.addresses == ("10.0.0.1/32", "10.0.0.2/32")
    assert one.local_addresses == ("10.0.0.3/32",)
    assert one.statistics["advert_sent"] == 0


def test_a_master_and_which_of_its_addresses_are_set() -> None:
    sink = Sink()
    one = member(sink)
    one.router.state, one.router.changed_at_us = State.MASTER, 97_500_000
    one.router.master = ("10.0.0.9", 90)  # whom it heard before
    one.router.statistics.advert_sent = 7
    shown = only(one)
    assert (shown.state, shown.since, shown.addresses_set) == ("MASTER", 1_999_997.5, False)
    assert (shown.master, shown.master_priority) == ("", None)
    assert shown.statistics["advert_sent"] == 7
    sink.present = {("dpdk0", "10.0.0.1"), ("dpdk0", "10.0.0.2")}
    assert not only(one).addresses_set  # the local address is missing
    sink.present.add(("dpdk0", "10.0.0.3"))
    assert only(one).addresses_set
    one.router.state = State.BACKUP
    assert not only(one).addresses_set  # about to be removed


def test_a_backup_names_its_master() -> None:
    one = member(Sink())
    one.router.state, one.router.master = State.BACKUP, ("10.0.0.9", 150)
    shown = only(one)
    assert (shown.master, shown.master_priority) == ("10.0.0.9", 150)


def test_faults_groups_and_kernel_interfaces() -> None:
    one, other = member(Sink()), member(Sink(), 2, dpdk_interface=None)
    one.router.state, one.router.faults = State.FAULT, frozenset({"z is down", "a is down"})
    group = SyncGroup("G1", (other.router,))
    first, second = told(one, other, groups=(group,)).instances
    assert (first.state, first.faults, first.sync_group) == (
        "FAULT", ("a is down", "z is down"), "")  # fmt: skip
    assert (second.sync_group, second.dpdk_interface) == ("G1", "")


@pytest.mark.long
def test_a_thousand_instances_take_a_few_milliseconds() -> None:
    """Of processor time, best of ten (9 on a quiet AMD EPYC of 2.45 GHz); told in slices."""
    members = [member(Sink(), number) for number in range(1000)]
    best_s = 1.0
    for _ in range(10):
        start_s = time.process_time()
        document = msgspec.json.encode(told(*members))
        best_s = min(best_s, time.process_time() - start_s)
    assert len(document) > 500_000
    assert best_s < 0.05
