"""Multicast groups as `dpip maddr show` lists them (D-042, F-221)."""

from typing import Any

from dpvs_core.control import messages as m
from tests.dpvs_core.master.test_addresses import add, delete


def listed(bench: Any, dev: str = "") -> list[tuple[str, str, str, int, bool]]:
    (rows,) = bench.run(m.GroupList(dev=dev))
    return [(r.dev, r.group, r.mac, r.n_addrs, r.reported) for r in rows.rows]


def test_a_device_listens_to_the_groups_of_its_addresses(bench: Any) -> None:
    assert listed(bench) == [], "IPv4's groups are the kernel port's"
    bench.do(add("10.0.0.1/24"), add("2001:db8::1:2/64"), add("fe80::ff:fe01:2/64"))
    bench.do(add("2001:db8::9/64", "dpdk1"))
    all_nodes = ("ff02::1", "33:33:00:00:00:01")
    second = [
        ("dpdk1", *all_nodes, 1, False),
        ("dpdk1", "ff02::1:ff00:9", "33:33:ff:00:00:09", 1, True),
    ]
    assert listed(bench, "dpdk1") == second
    assert listed(bench) == [
        ("dpdk0", *all_nodes, 2, False),
        ("dpdk0", "ff02::1:ff01:2", "33:33:ff:01:00:02", 2, True),
        *second,
    ]
    bench.do(delete("2001:db8::9/64", "dpdk1"))
    assert listed(bench, "dpdk1") == []


def test_addresses_that_end_alike_share_a_group(bench: Any) -> None:
    bench.do(add("2001:db8::ab:cdef/64"), add("2001:db8:1::ab:cdef/64"))
    assert listed(bench) == [
        ("dpdk0", "ff02::1", "33:33:00:00:00:01", 2, False),
        ("dpdk0", "ff02::1:ffab:cdef", "33:33:ff:ab:cd:ef", 2, True),
    ]
