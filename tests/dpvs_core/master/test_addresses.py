"""Addresses: owners, life times, and the routes that follow from them."""

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpvs_core.control import messages as m
from dpvs_core.control.messages import Code
from dpvs_core.master.addresses import drop_expired, merge
from dpvs_core.master.engine import DadState
from dpvs_core.master.inet import parse_ip
from dpvs_core.master.layouts import ADDR_DEPRECATED, ADDR_NODAD
from dpvs_core.master.state import Address, By
from dpvs_core.master.upkeep import Upkeep


def add(prefix: str, dev: str = "dpdk0", **fields: Any) -> m.AddrAdd:
    return m.AddrAdd(addr=m.AddrSpec(prefix=prefix, dev=dev, **fields))


def delete(prefix: str, dev: str = "dpdk0") -> m.AddrDel:
    return m.AddrDel(prefix=prefix, dev=dev)


def owners(bench: Any) -> dict[str, tuple[str, ...]]:
    (rows,) = bench.run(m.AddrList())
    return {row.spec.prefix: row.owners for row in rows.rows}


def shown(bench: Any, dev: str = "") -> list[str]:
    (rows,) = bench.run(m.RouteList(dev=dev))
    return [
        f"{r.spec.prefix} via {r.spec.via or '0.0.0.0'} src {r.spec.src or '0.0.0.0'} "
        f"dev {r.spec.dev} mtu {r.spec.mtu} scope {r.spec.scope} metric {r.spec.metric}"
        for r in rows.rows
    ]


def test_routes_that_follow_from_addresses(bench: Any) -> None:
    bench.do(add("10.0.0.100/32"), add("10.0.0.1/16"), add("192.168.100.1/24", "dpdk1"))
    assert shown(bench) == [
        "10.0.0.1/32 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500 scope host metric 0",
        "10.0.0.100/32 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500 scope host metric 0",
        "192.168.100.1/32 via 0.0.0.0 src 0.0.0.0 dev dpdk1 mtu 9000 scope host metric 0",
        "192.168.100.0/24 via 0.0.0.0 src 192.168.100.1 dev dpdk1 mtu 9000 scope link metric 0",
        "10.0.0.0/16 via 0.0.0.0 src 10.0.0.1 dev dpdk0 mtu 1500 scope link metric 0",
    ]
    assert [(str(r.prefix), r.plen, r.dev, str(r.src)) for r in bench.engine.routes] == [
        ("10.0.0.0", 16, 0, "10.0.0.1"),
        ("192.168.100.0", 24, 1, "192.168.100.1"),
    ]


def test_both_families_side_by_side(bench: Any) -> None:
    """S-010: an IPv6 address has its host route and network; another spelling is the same."""
    bench.do(add("2001:db8:0::1/64"), add("10.0.0.1/24"), add("fe80::1/64", scope="link"))
    assert [line.split()[0] for line in shown(bench)[:2]] == ["10.0.0.1/32", "10.0.0.0/24"]
    assert shown(bench)[2:] == [
        "2001:db8::1/128 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500 scope host metric 0",
        "fe80::1/128 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500 scope host metric 0",
        "2001:db8::/64 via 0.0.0.0 src 2001:db8::1 dev dpdk0 mtu 1500 scope link metric 0",
        "fe80::/64 via 0.0.0.0 src fe80::1 dev dpdk0 mtu 1500 scope link metric 0",
    ]
    assert [(str(row.ip), row.ip.af, row.dev) for row in bench.engine.addrs] == [
        ("2001:db8::1", 6, 0), ("10.0.0.1", 4, 0), ("fe80::1", 6, 0),
    ]  # fmt: skip
    assert bench.code(add("2001:DB8::1/64")) == Code.EXIST
    bench.do(delete("2001:db8::0:1"))
    assert "2001:db8::1/64" not in owners(bench)


def test_an_owner_adds_once_and_owners_share(bench: Any) -> None:
    bench.do(add("10.0.0.100/32"))
    assert bench.code(add("10.0.0.100/32")) == Code.EXIST
    bench.do(add("10.0.0.100/32"), owner="vrrp")
    assert owners(bench) == {"10.0.0.100/32": ("cli", "vrrp")}
    bench.do(delete("10.0.0.100/32"))
    assert owners(bench) == {"10.0.0.100/32": ("vrrp",)}
    assert bench.code(delete("10.0.0.100/32"), owner="check") == Code.NOTEXIST
    bench.do(delete("10.0.0.100/32"), owner="vrrp")
    assert bench.engine.addrs == ()


def test_an_operator_may_take_what_is_not_his(bench: Any) -> None:
    bench.do(add("10.0.0.100/32"), owner="vrrp")
    bench.do(delete("10.0.0.100/32"), owner="cli")
    assert bench.engine.addrs == ()


REFUSED = {
    "no device": (add("10.0.0.1/24", "nodev"), Code.NOTEXIST),
    "length": (add("10.0.0.1/33"), Code.INVAL),
    "no address": (add("10.0.0.999/24"), Code.INVAL),
    "multicast": (add("224.0.0.1/32"), Code.INVAL),
    "length of IPv6": (add("2001:db8::1/129"), Code.INVAL),
    "IPv6 multicast": (add("ff02::1/128"), Code.INVAL),
    "IPv6 loopback": (add("::1/128"), Code.INVAL),
    "an IPv4 address in IPv6": (add("::ffff:192.0.2.1/128"), Code.INVAL),
    "broadcast of IPv6": (add("2001:db8::1/64", broadcast="192.0.2.255"), Code.INVAL),
    "preferred longer than valid": (
        add("2001:db8::1/64", valid_lft_s=9, preferred_lft_s=10),
        Code.INVAL,
    ),
    "preferred never": (add("2001:db8::1/64", preferred_lft_s=-1), Code.INVAL),
    "IPv6 as broadcast": (add("10.0.0.1/24", broadcast="2001:db8::1"), Code.INVAL),
    "absent": (delete("10.0.0.77/24"), Code.NOTEXIST),
    "absent to set": (m.AddrSet(addr=m.AddrSpec(prefix="1.2.3.4", dev="dpdk0")), Code.NOTEXIST),
    "list of no device": (m.AddrList(dev="nodev"), Code.NOTEXIST),
    "flush of no device": (m.AddrFlush(dev="nodev"), Code.NOTEXIST),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_changes_nothing(bench: Any, name: str) -> None:
    bench.do(add("10.0.0.1/24"))
    before = bench.snapshot()
    request, code = REFUSED[name]
    assert bench.code(request) == code
    assert bench.snapshot() == before


def test_flush_takes_an_operators_all_and_a_programs_own(bench: Any) -> None:
    bench.do(add("10.0.0.1/24"), add("10.0.0.2/24"), add("10.1.0.1/24", "dpdk1"))
    bench.do(add("10.0.0.3/24"), owner="vrrp")
    bench.do(m.AddrFlush(dev="dpdk0"), owner="vrrp")
    assert sorted(owners(bench)) == ["10.0.0.1/24", "10.0.0.2/24", "10.1.0.1/24"]
    bench.do(m.AddrFlush(dev="dpdk0"))
    assert sorted(owners(bench)) == ["10.1.0.1/24"]


def test_what_is_left_of_a_life_time_is_shown(bench: Any) -> None:
    bench.do(add("10.0.0.1/24", valid_lft_s=200))
    bench.now_s += 50
    (rows,) = bench.run(m.AddrList(dev="dpdk0"))
    assert rows.rows[0].spec.valid_lft_s == 150
    bench.do(m.AddrSet(addr=m.AddrSpec(prefix="10.0.0.1/24", dev="dpdk0")))
    (rows,) = bench.run(m.AddrList(dev="dpdk0"))
    assert rows.rows[0].spec.valid_lft_s == 0


def test_a_deprecated_address_is_shown_so_until_it_goes(bench: Any) -> None:
    """D-023, but preferred_lft is kept for itself."""
    bench.do(add("2001:db8::1/64", valid_lft_s=300, preferred_lft_s=100))

    def shown_life() -> tuple[int, int, str]:
        ((row,),) = (rows.rows for rows in bench.run(m.AddrList()))
        return row.spec.valid_lft_s, row.spec.preferred_lft_s, row.state

    assert shown_life() == (300, 100, "preferred")
    bench.now_s += 99
    assert shown_life() == (201, 1, "preferred")
    bench.now_s += 1
    assert shown_life() == (200, 1, "deprecated")
    bench.do(m.AddrSet(addr=m.AddrSpec(prefix="2001:db8::1/64", dev="dpdk0", valid_lft_s=50)))
    assert shown_life() == (50, 0, "preferred")
    draft = bench.handlers.draft(By("conf", "valid_lft"))
    assert drop_expired(draft) == 0
    bench.now_s += 50
    assert drop_expired(bench.handlers.draft(By("conf", "valid_lft"))) == 1


def verified(bench: Any) -> list[str]:
    """The addresses that the core is to verify before use."""
    return [str(row.ip) for row in bench.engine.addrs if row.flags != ADDR_NODAD]


def test_behaviour_32_what_vrrp_takes_over_is_not_verified(bench: Any) -> None:
    """D-021: what an operator adds is; a take-over does not wait for it."""
    bench.do(add("2001:db8::1/64"), add("2001:db8::2/64", nodad=True))
    bench.do(add("2001:db8::100/128"), owner="vrrp")
    bench.do(add("2001:db8::3/64"), owner="agent")
    key = m.ServiceKey(proto="tcp", addr="2001:db8::100", port=80)
    laddr = m.LaddrSpec(addr="2001:db8::200", dev="dpdk1")
    bench.do(m.ServiceAdd(key=key), m.LaddrAdd(service=key, laddr=laddr))
    assert verified(bench) == ["2001:db8::1", "2001:db8::3"]


def test_an_address_in_use_is_not_verified_afterwards(bench: Any) -> None:
    bench.do(add("2001:db8::100/128"), owner="vrrp")
    bench.do(add("2001:db8::100/128"))
    bench.do(delete("2001:db8::100/128"), owner="vrrp")
    assert verified(bench) == []
    bench.do(delete("2001:db8::100/128"), add("2001:db8::100/128"))
    assert verified(bench) == ["2001:db8::100"]
    bench.do(add("2001:db8::100/128"), owner="vrrp")
    assert verified(bench) == []


def test_how_far_verification_is_is_shown(bench: Any) -> None:
    bench.do(
        add("2001:db8::1/64"),
        add("2001:db8::2/64"),
        add("2001:db8::2/64", "dpdk1"),
        add("2001:db8::3/64", valid_lft_s=9, preferred_lft_s=5),
        add("10.0.0.1/24"),
    )
    bench.now_s += 6
    bench.engine.dad = {
        (0, parse_ip("2001:db8::1")): DadState.TENTATIVE,
        (0, parse_ip("2001:db8::2")): DadState.FAILED,
        (1, parse_ip("2001:db8::2")): DadState.PREFERRED,
        (0, parse_ip("2001:db8::3")): DadState.PREFERRED,
    }
    (rows,) = bench.run(m.AddrList())
    assert [row.state for row in rows.rows] == [
        "tentative", "dadfailed", "preferred", "deprecated", "preferred",
    ]  # fmt: skip


def test_a_duplicate_is_said_once(bench: Any, caplog: pytest.LogCaptureFixture) -> None:
    upkeep = Upkeep(bench.handlers, bench.service, logging.getLogger("test"))
    bench.do(add("2001:db8::1/64"))
    where = (0, parse_ip("2001:db8::1"))
    for state in (DadState.TENTATIVE, DadState.FAILED, DadState.FAILED):
        bench.engine.dad = {where: state}
        upkeep.watch_duplicates()
    assert [record.getMessage() for record in caplog.records] == [
        "address 2001:db8::1 of dpdk0 is not used: another station has it (delete it here or there)"
    ]


def test_ports_to_give_are_made_and_shown(bench: Any) -> None:
    bench.do(add("10.0.0.1/24", sapool=True))
    (rows,) = bench.run(m.AddrList())
    (row,) = rows.rows
    assert (row.sa_used, row.sa_free, row.sa_miss) == (1, 2, 3)
    bench.do(delete("10.0.0.1/24"))
    assert bench.state.laddr_ids.trash


holders = st.dictionaries(st.sampled_from(["vrrp", "check", "cli"]), st.just("x"))
SPEC = m.AddrSpec(prefix="10.0.0.1/32", dev="dpdk0")


def address(held: dict[str, str]) -> Address | None:
    return Address(SPEC, 32, None, held) if held else None  # type: ignore[arg-type]


@given(holders, holders, holders)
def test_overtaking_requests_and_a_batch_lose_nobodys_word(
    then: dict[str, str], now: dict[str, str], mine: dict[str, str]
) -> None:
    """Holder by holder: what the batch changed holds, everything else is as it is now."""
    expected = {
        who
        for who in ("vrrp", "check", "cli")
        if (who in mine if (who in then) != (who in mine) else who in now)
    }
    merged = merge(address(then), address(now), address(mine))
    assert set(merged.owners if merged else ()) == expected


def test_the_core_is_told_when_an_address_is_deprecated_and_when_not_any_more(bench: Any) -> None:
    """RFC 6724 5 rule 3, both families: flags of what the core has, by upkeep's second."""

    def flags() -> dict[str, int]:
        return {str(row.ip): row.flags for row in bench.engine.addrs}

    def second() -> None:
        asyncio.run(Upkeep(bench.handlers, bench.service, logging.getLogger("test")).expire())

    lives = {"valid_lft_s": 300, "preferred_lft_s": 100}
    bench.do(add("2001:db8::1/64", **lives), add("10.0.0.1/24", **lives), add("10.0.0.2/24"))
    never = {"2001:db8::1": 0, "10.0.0.1": 0, "10.0.0.2": 0}
    bench.now_s += 99
    second()
    assert flags() == never
    bench.now_s += 1
    n_fibs = bench.engine.n_fibs
    second()
    second()
    assert flags() == never | {"2001:db8::1": ADDR_DEPRECATED, "10.0.0.1": ADDR_DEPRECATED}
    assert bench.engine.n_fibs == n_fibs + 1, "told once"
    bench.do(m.AddrSet(addr=m.AddrSpec(prefix="10.0.0.1/24", dev="dpdk0", valid_lft_s=500)))
    assert flags()["10.0.0.1"] == 0
    bench.now_s += 200
    second()
    assert flags() == {"10.0.0.1": 0, "10.0.0.2": 0}, "valid_lft of the other is over"
