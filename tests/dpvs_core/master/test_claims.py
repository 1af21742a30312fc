"""Other stations that use our addresses: what is logged, shown, and what it does to leases."""

import asyncio
import logging
from typing import Any

import pytest

from dpvs_core.control import messages as m
from dpvs_core.master.claims import MAX_STATIONS, QUIET_S, SHOWN_S, Claims
from dpvs_core.master.engine import Conflict
from dpvs_core.master.errors import EngineError
from dpvs_core.master.inet import parse_ip
from dpvs_core.master.state import AddrKey
from dpvs_core.master.upkeep import Upkeep

VIP = "192.168.100.254"
KEY = AddrKey("dpdk0", parse_ip(VIP))
MAC, MAC2 = bytes([2, 0, 0, 0, 0, 9]), bytes([2, 0, 0, 0, 0, 10])
LINE = "another station, 02:00:00:00:00:09, answers for 192.168.100.254 of dpdk0"
HOLD = m.AddrAdd(addr=m.AddrSpec(prefix=f"{VIP}/32", dev="dpdk0"))


def test_one_line_a_minute_for_each_address_and_station() -> None:
    claims = Claims()
    assert claims.heard(KEY, MAC, 100.0) == LINE
    assert claims.heard(KEY, MAC, 100.0 + QUIET_S - 0.1) == ""
    assert claims.heard(KEY, MAC2, 101.0) == LINE.replace(":09", ":0a")
    assert claims.heard(KEY._replace(dev="dpdk1"), MAC, 101.0) == LINE.replace("dpdk0", "dpdk1")
    assert claims.heard(KEY, MAC, 100.0 + QUIET_S) == LINE


def test_the_last_claim_is_shown_for_a_while() -> None:
    claims = Claims()
    assert claims.claimed_by(KEY, 0.0) == ""
    claims.heard(KEY, MAC, 100.0)
    claims.heard(KEY, MAC2, 101.0)
    assert claims.claimed_by(KEY, 101.0 + SHOWN_S - 0.1) == "02:00:00:00:00:0a"
    assert claims.claimed_by(KEY, 101.0 + SHOWN_S) == ""
    assert claims.claimed_by(KEY._replace(dev="dpdk1"), 101.0) == ""


def test_forged_stations_fill_neither_memory_nor_log() -> None:
    claims = Claims()
    macs = [n.to_bytes(6, "big") for n in range(3 * MAX_STATIONS)]
    lines = [line for mac in macs if (line := claims.heard(KEY, mac, 100.0))]
    assert len(lines) == MAX_STATIONS + 1
    assert lines[-1].startswith(f"more than {MAX_STATIONS} claims")
    assert len(claims._logged_s) == MAX_STATIONS
    assert claims.heard(KEY, MAC, 100.0 + QUIET_S) == LINE
    assert len(claims._logged_s) == 1


def test_claims_of_what_is_another_stations_by_right_are_not_shown() -> None:
    claims = Claims()
    other = AddrKey("dpdk1", KEY.ip)
    claims.heard(KEY, MAC, 100.0)
    claims.heard(other, MAC, 100.0)
    claims.keep(lambda key: key == other)
    assert claims.claimed_by(KEY, 101.0) == ""
    assert claims.claimed_by(other, 101.0) == "02:00:00:00:00:09"
    assert claims.heard(KEY, MAC, 101.0) == ""  # but the log stays quiet


def conflict(addr: str = VIP, mac: bytes = MAC) -> Conflict:
    return Conflict(parse_ip(addr), 0, mac, 1)


def vanish(bench: Any, lease_ms: int = 3000, extra: str = "") -> None:
    """A keepalived adds the VIP and is gone; the lease runs."""
    peer = bench.peer("vrrp", "keepalived", lease_ms)

    async def scenario() -> None:
        bench.service.greet(peer)
        assert await bench.service.answer(peer, HOLD) == m.Ok()
        if extra:
            spec = m.AddrSpec(prefix=f"{extra}/32", dev="dpdk0")
            assert await bench.service.answer(peer, m.AddrAdd(addr=spec)) == m.Ok()
        bench.service.gone(peer)

    asyncio.run(scenario())


def claimed(bench: Any, *rows: Conflict) -> None:
    bench.engine.claims = list(rows)
    bench.service.heed_claims()


def test_a_claim_is_logged_and_listed(bench: Any, caplog: Any) -> None:
    bench.do(HOLD, owner="vrrp")
    claimed(bench, conflict(), conflict())
    bench.now_s += 1
    claimed(bench, conflict())
    assert caplog.text.count(LINE) == 1
    (rows,) = bench.run(m.AddrList())
    assert rows.rows[0].claimed_by == "02:00:00:00:00:09"
    assert len(bench.engine.addrs) == 1
    bench.now_s += SHOWN_S
    (rows,) = bench.run(m.AddrList())
    assert rows.rows[0].claimed_by == ""


def test_what_another_director_took_over_is_given_up_at_once(bench: Any, caplog: Any) -> None:
    vanish(bench, extra="192.168.100.200")
    assert len(bench.engine.addrs) == 2
    claimed(bench, conflict())
    assert bench.engine.addrs == ()  # both: the lease is the client's
    assert (
        "02:00:00:00:00:09 has taken over 192.168.100.254 while keepalived is gone" in caplog.text
    )


def test_taken_back_it_is_not_shown_as_the_others(bench: Any) -> None:
    key = m.ServiceKey(proto="tcp", addr=VIP, port=80)
    floating = m.LaddrSpec(addr=VIP, dev="dpdk0", floating=True)
    bench.do(m.ServiceAdd(key=key), m.LaddrAdd(service=key, laddr=floating), owner="check")
    bench.do(HOLD, owner="vrrp")
    claimed(bench, conflict())
    bench.do(m.AddrDel(prefix=f"{VIP}/32", dev="dpdk0"), owner="vrrp")
    (rows,) = bench.run(m.AddrList())
    assert (rows.rows[0].active, rows.rows[0].claimed_by) == (False, "")
    asyncio.run(Upkeep(bench.handlers, bench.service, logging.getLogger("test")).sample())
    bench.do(HOLD, owner="vrrp")
    (rows,) = bench.run(m.AddrList())
    assert (rows.rows[0].active, rows.rows[0].claimed_by) == (True, "")


def stays_connected(bench: Any) -> None:
    bench.service.greet(bench.peer("vrrp", "keepalived", 3000))


def held_by_an_operator(bench: Any) -> None:
    bench.do(HOLD, owner="cli")


def fixed_laddr(bench: Any) -> None:
    key = m.ServiceKey(proto="tcp", addr=VIP, port=80)
    bench.do(
        m.ServiceAdd(key=key),
        m.LaddrAdd(service=key, laddr=m.LaddrSpec(addr=VIP, dev="dpdk0")),
        owner="check",
    )


@pytest.mark.parametrize("also", [stays_connected, held_by_an_operator, fixed_laddr])
def test_a_claim_ends_no_lease_where_others_keep_the_address(bench: Any, also: Any) -> None:
    vanish(bench)
    also(bench)
    claimed(bench, conflict())
    (rows,) = bench.run(m.AddrList())
    assert "vrrp" in rows.rows[0].owners
    assert len(bench.engine.addrs) == 1


def test_a_core_that_tells_no_claims_hinders_no_lease(bench: Any) -> None:
    vanish(bench)
    bench.now_s += 3.0

    def broken() -> list[Conflict]:
        raise EngineError("core_conflicts", 5)

    bench.engine.conflicts = broken
    with pytest.raises(EngineError):
        bench.service.heed_claims()
    assert bench.engine.addrs == ()


def test_a_claim_of_what_we_do_not_answer_for_is_nothing(bench: Any, caplog: Any) -> None:
    key = m.ServiceKey(proto="tcp", addr=VIP, port=80)
    floating = m.LaddrSpec(addr="192.168.100.200", dev="dpdk0", floating=True)
    bench.do(m.ServiceAdd(key=key), m.LaddrAdd(service=key, laddr=floating), owner="check")
    claimed(bench, conflict("192.168.100.200"), conflict("192.168.100.77"))
    assert caplog.text == ""
    (rows,) = bench.run(m.AddrList())
    assert rows.rows[0].claimed_by == ""
