"""Link-local addresses: RFC 4291 appendix A, RFC 7217, and what dpvs.conf chooses (C-092)."""

import logging
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Any

import pytest
from scapy.utils6 import in6_addrtomac, in6_islladdr

from dpvs_core.config.dpvs_model import Ipv6Defs
from dpvs_core.master.link_local import link_local, mode_of

MAC = bytes.fromhex("025e10020304")
SECRET = "00112233445566778899aabbccddeeff"
PRIVATE = Ipv6Defs(addr_gen_mode="stable-privacy", stable_secret=SECRET)


def none(_n: int) -> bytes:
    raise AssertionError("no chance is wanted here")


def text(
    defs: Ipv6Defs, device: str = "dpdk0", mac: bytes = MAC, random: Callable[[int], bytes] = none
) -> str:
    ip = link_local(defs, device, mac, random)
    assert ip is not None
    assert in6_islladdr(str(ip)) and IPv6Address(str(ip)).packed[:8] == b"\xfe\x80" + bytes(6)
    return str(ip)


@pytest.mark.parametrize(
    ("mac", "address"),
    [("34567890abcd", "fe80::3656:78ff:fe90:abcd"), ("020000000a01", "fe80::ff:fe00:a01")],
)
def test_the_mac_is_in_it(mac: str, address: str) -> None:
    found = text(Ipv6Defs(), mac=bytes.fromhex(mac))
    assert found == address
    assert in6_addrtomac(found).replace(":", "") == mac


def test_a_private_one_stays_and_tells_nothing() -> None:
    found = text(PRIVATE)
    assert text(PRIVATE, mac=bytes(6)) == found
    assert text(PRIVATE, device="dpdk1") != found
    other = Ipv6Defs(addr_gen_mode="stable-privacy", stable_secret=SECRET[::-1])
    assert text(other) != found
    assert IPv6Address(found).packed[8] & 2 == 0  # made of no universal MAC


def test_without_a_secret_it_is_the_macs() -> None:
    bare = Ipv6Defs(addr_gen_mode="stable-privacy")
    assert mode_of(bare) == "eui64"
    assert text(bare) == text(Ipv6Defs())
    assert mode_of(PRIVATE) == "stable-privacy"


def test_by_chance_and_none() -> None:
    chance = Ipv6Defs(addr_gen_mode="random")
    assert text(chance, random=lambda n: b"\xff" * n) == "fe80::fdff:ffff:ffff:ffff"
    assert link_local(Ipv6Defs(addr_gen_mode="none"), "dpdk0", MAC, none) is None


def test_a_director_has_one_on_each_device(caplog: pytest.LogCaptureFixture, bench: Any) -> None:
    """F-221: from the start, verified, on-link."""
    boot = pytest.importorskip("dpvs_core.master.boot", reason="needs the native module")
    from dpvs_core.config.dpvs_model import Device, DpvsConf, Kni

    kni = Kni(addresses=("2001:db8::28/64", "10.0.0.28/24"))
    director = boot.Director(
        DpvsConf(ipv6_defs=Ipv6Defs(addr_gen_mode="stable-privacy")), "", logging.getLogger("t")
    )
    director.handlers = bench.handlers
    for number, row in enumerate(bench.state.devices):
        port = boot.native_life.Port(number, "", "", bytes([2, 0, 0, 0, 0, number]), 1, 1)
        conf = Device(name=row.name, kni=kni if number == 0 else Kni())
        director.devices.append((conf, row, port))
    boot._first_rows(director)
    local = [row for row in bench.engine.addrs if row.kind.name == "LOCAL"]
    assert [(str(row.ip), row.dev, row.flags) for row in local] == [
        ("fe80::ff:fe00:0", 0, 0), ("fe80::ff:fe00:1", 1, 0),
    ]  # fmt: skip
    linux = [row for row in bench.engine.addrs if row.kind.name == "KERNEL"]
    assert [str(row.ip) for row in linux] == ["2001:db8::28", "10.0.0.28"]
    assert [record.getMessage() for record in caplog.records] == [
        "ipv6_defs: addr_gen_mode stable-privacy needs stable_secret; eui64 is used"
    ]
