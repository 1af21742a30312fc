"""When addresses are announced again; the rules are in conformance/vrrp/garp.txt."""

from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.vrrp.garp_schedule import GarpSchedule


def instance(**more: object) -> VrrpInstance:
    return VrrpInstance(name="VI_1", interface="eth0", virtual_router_id=1, **more)  # type: ignore[arg-type]


def test_what_is_due_at_once_is_announced_once() -> None:
    """With an interval of 5 s the later burst and the one after the lease fall together."""
    ours = instance(dpdk_interface="dpdk0", advert_int_us=5_000_000)
    schedule = GarpSchedule()
    assert schedule.became_master(ours, 0) == 5
    assert schedule.due(ours, 4_999_999) == 0
    assert schedule.due(ours, 5_000_000) == 5
    assert schedule.next_deadline_us() is None


def test_the_greatest_number_counts() -> None:
    ours = instance(
        garp_master_refresh_us=5_000_000, garp_master_refresh_repeat=7, garp_master_repeat=2
    )
    schedule = GarpSchedule()
    schedule.became_master(ours, 0)
    assert schedule.due(ours, 5_000_000) == 7
    assert schedule.next_deadline_us() == 10_000_000


def test_a_refresh_does_not_shorten_a_burst() -> None:
    ours = instance(garp_master_refresh_us=5_000_000)
    schedule = GarpSchedule()
    schedule.became_master(ours, 0)
    assert schedule.due(ours, 5_000_000) == 5
    assert schedule.due(ours, 10_000_000) == 1


def test_cleared_nothing_is_due() -> None:
    ours = instance(dpdk_interface="dpdk0", garp_master_refresh_us=1_000_000)
    schedule = GarpSchedule()
    schedule.became_master(ours, 0)
    schedule.clear()
    assert schedule.next_deadline_us() is None
    assert schedule.due(ours, 10**9) == 0
