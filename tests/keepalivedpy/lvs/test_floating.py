"""Which local addresses follow an instance, and what is said of those that cannot."""

import time
from pathlib import Path

import msgspec
import pytest

from keepalivedpy.config.load import load
from keepalivedpy.lvs.floating import by_instance, follow
from keepalivedpy.lvs.part import checker_part
from keepalivedpy.lvs.plan import problems
from keepalivedpy.model.lvs import (
    AddressRange,
    GroupEntry,
    LocalAddress,
    LocalAddressGroup,
    VirtualServer,
    VirtualServerGroup,
)
from keepalivedpy.model.root import Root
from keepalivedpy.model.vrrp import VirtualAddress, VrrpInstance

DEVICE = "dpdk0"


def instance(name: str, *vips: str, excluded: str = "", dpdk: str | None = DEVICE) -> VrrpInstance:
    lines = [VirtualAddress(addr=vip, prefixlen=32) for vip in vips]
    return VrrpInstance(
        name=name, interface="dpdk0.kni", dpdk_interface=dpdk, virtual_router_id=1,
        virtual_ipaddress=tuple(lines),
        virtual_ipaddress_excluded=tuple(
            VirtualAddress(addr=vip, prefixlen=32) for vip in excluded.split()
        ),
    )  # fmt: skip


def service(vip: str, laddrs: str | None = "g1", port: int = 80) -> VirtualServer:
    return VirtualServer(addr=vip, port=port, laddr_group_name=laddrs)


def group(name: str, first: str, n: int = 1, dev: str = DEVICE) -> LocalAddressGroup:
    line = LocalAddress(addrs=AddressRange(first=first, n=n), dev=dev)
    return LocalAddressGroup(name=name, addrs=(line,))


G1, G2 = group("g1", "192.0.2.200", 2), group("g2", "2001:db8::c8", dev="dpdk1")
V1, V2 = instance("V1", "192.0.2.1", "192.0.2.2"), instance("V2", "192.0.2.3")
KERNEL = instance("V2", "192.0.2.3", dpdk=None)

Case = tuple[list[VrrpInstance], list[VirtualServer], dict[str, list[str]], list[str]]
CASES: dict[str, Case] = {
    "one service of one instance": (
        [V1, V2], [service("192.0.2.1")], {"V1": ["192.0.2.200/32", "192.0.2.201/32"]}, []),
    "several services of one instance": (
        [V1, V2], [service("192.0.2.1"), service("192.0.2.2"), service("192.0.2.1", port=443)],
        {"V1": ["192.0.2.200/32", "192.0.2.201/32"]}, []),
    "each instance its group; the group's device": (
        [V1, V2], [service("192.0.2.1"), service("192.0.2.3", "g2")],
        {"V1": ["192.0.2.200/32", "192.0.2.201/32"], "V2": ["2001:db8::c8/128"]}, []),
    "an excluded address counts, in any spelling": (
        [instance("V1", excluded="2001:DB8:0::1")], [service("2001:db8::1")],
        {"V1": ["192.0.2.200/32", "192.0.2.201/32"]}, []),
    "no instance has the address": ([V1], [service("192.0.2.9")], {}, []),
    "the kernel has the address": ([KERNEL], [service("192.0.2.3")], {}, []),
    "no service uses the group": ([V1], [service("192.0.2.1", None)], {}, []),
    "the group is not there": ([V1], [service("192.0.2.1", "g9")], {}, []),
    "two instances": (
        [V1, V2], [service("192.0.2.1"), service("192.0.2.3")], {},
        ["local addresses 192.0.2.200, 192.0.2.201 for services of vrrp_instances V1, V2: always"
         " active, both nodes of a pair may answer for them"]),
    "an instance and none": (
        [V1], [service("192.0.2.1", "g2"), service("192.0.2.9", "g2")], {},
        ["local address 2001:db8::c8 for services of vrrp_instance V1 and of none: always active,"
         " both nodes of a pair may answer for it"]),
    "an instance and the kernel": (
        [V1, KERNEL], [service("192.0.2.1", "g2"), service("192.0.2.3", "g2")], {},
        ["local address 2001:db8::c8 for services of vrrp_instance V1 and of none: always active,"
         " both nodes of a pair may answer for it"]),
    "two instances share one address; the other tells": (
        [V1, instance("V3", "192.0.2.1", "192.0.2.4")],
        [service("192.0.2.1"), service("192.0.2.4")],
        {"V3": ["192.0.2.200/32", "192.0.2.201/32"]}, []),
    "two instances share the only address": (
        [V1, instance("V3", "192.0.2.1")], [service("192.0.2.1", "g2")], {},
        ["local address 2001:db8::c8 for services of vrrp_instances V1, V3: always active,"
         " both nodes of a pair may answer for it"]),
}  # fmt: skip


def root(instances: list[VrrpInstance], services: list[VirtualServer]) -> Root:
    return Root(
        vrrp_instances=tuple(instances),
        virtual_servers=tuple(services),
        local_address_groups=(G1, G2),
    )


def warnings(model: Root) -> list[str]:
    return [str(contested) for contested in follow(model).contested]


@pytest.mark.parametrize("name", CASES)
def test_instances_and_their_local_addresses(name: str) -> None:
    instances, services, expected, said = CASES[name]
    model = root(instances, services)
    found = by_instance(model)
    assert {
        name: [f"{address.addr}/{address.prefixlen}" for address in held]
        for name, held in found.items()
    } == expected
    assert warnings(model) == said
    addresses = [address for held in found.values() for address in held]
    assert follow(model).addresses == {address.addr for address in addresses}
    assert all(a.dev == ("dpdk1" if ":" in a.addr else "dpdk0") for a in addresses)
    assert [line for line in problems(checker_part(model)) if "pair" in line] == said


def test_one_address_in_two_groups_is_one_address() -> None:
    other = group("g3", "192.0.2.201", 2)
    model = msgspec.structs.replace(
        root([V1, V2], [service("192.0.2.1"), service("192.0.2.3", "g3")]),
        local_address_groups=(G1, other),
    )
    assert {name: [a.addr for a in held] for name, held in by_instance(model).items()} == {
        "V1": ["192.0.2.200"],
        "V2": ["192.0.2.202"],
    }
    assert warnings(model) == [
        "local address 192.0.2.201 for services of vrrp_instances V1, V2: always active,"
        " both nodes of a pair may answer for it"
    ]


def test_all_addresses_of_a_virtual_server_group_count() -> None:
    entries = (GroupEntry(addrs=AddressRange(first="192.0.2.1", n=2), port=80),)
    web = VirtualServer(group="web", laddr_group_name="g1")
    model = msgspec.structs.replace(
        root([V1, V2], [web]),
        virtual_server_groups=(VirtualServerGroup(name="web", entries=entries),),
    )
    assert list(by_instance(model)) == ["V1"]
    wider = (GroupEntry(addrs=AddressRange(first="192.0.2.1", n=3), port=80),)
    model = msgspec.structs.replace(
        model, virtual_server_groups=(VirtualServerGroup(name="web", entries=wider),)
    )
    assert (by_instance(model), len(warnings(model))) == ({}, 1)


def test_many_addresses_are_one_warning() -> None:
    model = msgspec.structs.replace(
        root([V1, V2], [service("192.0.2.1"), service("192.0.2.3")]),
        local_address_groups=(group("g1", "10.0.0.1", 250),),
    )
    (said,) = warnings(model)
    assert "10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5 ... (250 in all)" in said


def test_ten_thousand_services_and_addresses() -> None:
    """Linear: generous for any machine, and far from what a square would take."""
    vips = [f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(1, 10_001)]
    model = Root(
        vrrp_instances=(instance("V1", *vips),),
        virtual_servers=tuple(service(vip, f"g{n}") for n, vip in enumerate(vips)),
        local_address_groups=tuple(
            group(f"g{n}", f"172.16.{n >> 8}.{n & 255}") for n in range(10_000)
        ),
    )
    began_s = time.process_time()
    assert len(by_instance(model)["V1"]) == 10_000
    assert time.process_time() - began_s < 5.0


def test_the_configuration_test_says_it_and_its_status_stays(tmp_path: Path) -> None:
    instances = "".join(
        f"vrrp_instance V{n} {{\ninterface dpdk0.kni\ndpdk_interface dpdk0\n"
        f"virtual_router_id {n}\nvirtual_ipaddress {{\n192.0.2.{n}\n}}\n}}\n"
        for n in (1, 2)
    )
    services = "".join(
        f"virtual_server 192.0.2.{n} 80 {{\nlb_algo rr\nlb_kind FNAT\nprotocol TCP\n"
        "laddr_group_name g\nreal_server 10.0.0.1 80 {\n}\n}\n"
        for n in (1, 2)
    )
    path = tmp_path / "keepalived.conf"
    path.write_text(f"local_address_group g {{\n192.0.2.200 dpdk0\n}}\n{instances}{services}")
    result = load(str(path))
    (said,) = [str(d) for d in result.diagnostics if "local address" in str(d)]
    assert "local address 192.0.2.200 for services of vrrp_instances V1, V2" in said
    assert result.status == 0
