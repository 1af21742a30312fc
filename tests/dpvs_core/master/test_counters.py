"""Counters: zero by subtraction, rates over the last two seconds."""

import asyncio
import logging
from typing import Any

from dpvs_core.control import messages as m
from dpvs_core.master.engine import DestStats
from dpvs_core.master.upkeep import Upkeep

KEY = m.ServiceKey(proto="tcp", addr="10.0.0.1", port=80)
SPEC = m.DestSpec(addr="10.0.0.2", port=80, forward="fullnat", upper_threshold=10)
SETUP = (m.ServiceAdd(key=KEY), m.DestAdd(service=KEY, dest=SPEC))


def row(bench: Any, cpu: int = 0) -> Any:
    (rows,) = bench.run(m.ServiceList(cpu=cpu))
    return rows.rows[0]


def test_zero_and_the_workers_own(bench: Any) -> None:
    bench.do(*SETUP)
    bench.engine.stats = {
        (0, None): DestStats(10, 100, 90, 1000, 900, 3, 4, 0),
        (0, 0): DestStats(4, 40, 30, 400, 300, 1, 2, 0),
    }
    shown = row(bench)
    assert shown.counters == m.Counters(
        conns=10, inpkts=100, outpkts=90, inbytes=1000, outbytes=900
    )
    assert (shown.dests[0].active, shown.dests[0].inactive) == (3, 4)
    assert row(bench, 1).counters.conns == 4
    assert row(bench, 2).counters.conns == 0
    bench.do(m.ServiceZero(key=KEY))
    assert row(bench).counters == m.Counters()
    assert row(bench, 1).counters == m.Counters()
    bench.engine.stats[0, None] = DestStats(11, 105, 90, 1000, 900, 5, 5, 0)
    assert row(bench).counters == m.Counters(conns=1, inpkts=5)
    assert row(bench).dests[0].overload is True


def test_a_revived_dest_starts_from_zero(bench: Any) -> None:
    bench.do(*SETUP)
    bench.engine.stats[0, None] = DestStats(10, 100, 90, 1000, 900, 3, 4, 0)
    bench.do(m.DestDel(service=KEY, addr="10.0.0.2", port=80), SETUP[1])
    assert row(bench).dests[0].counters == m.Counters()
    assert row(bench).dests[0].active == 3


def test_rates_begin_with_a_zero(bench: Any) -> None:
    """Also where it falls in the middle of a snapshot."""
    bench.do(*SETUP)
    counting, n_ids = bench.handlers.counting, bench.state.dest_ids.n_given
    for second in range(3):
        bench.engine.stats[0, None] = DestStats(10 * second)
        list(counting.snapshot(n_ids, float(second)))
    assert row(bench).rates.cps == 10
    under_way = counting.snapshot(n_ids, 3.0)
    next(under_way)
    bench.do(m.ServiceZero(key=KEY))
    list(under_way)
    assert row(bench).rates == m.Rates()
    list(counting.snapshot(n_ids, 4.0))
    assert row(bench).rates == m.Rates()
    bench.engine.stats[0, None] = DestStats(25)
    list(counting.snapshot(n_ids, 5.0))
    assert row(bench).rates.cps == 5


def test_rates_are_over_the_last_two_intervals(bench: Any) -> None:
    bench.do(*SETUP)
    upkeep = Upkeep(bench.handlers, bench.service, logging.getLogger("test"))
    for second in range(6):
        conns = 10 * second if second < 4 else 30
        bench.engine.stats[0, None] = DestStats(conns, 2 * conns)
        asyncio.run(upkeep.sample())
        if second == 0:
            assert row(bench).rates == m.Rates()
        if second == 3:
            assert row(bench).rates == m.Rates(cps=10, inpps=20)
        bench.now_s += 1.0
    assert row(bench).rates == m.Rates()
