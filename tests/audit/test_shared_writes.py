"""No established packet writes what another worker reads: shown by the compiler, not promised."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.audit.allowed import ATOMICS, SCENARIOS, SHARED
from tests.audit.build import CORE, WRAPPED, Program, rebuild, run
from tests.audit.findings import Atomic, Report, Shared, run_scenario

N_WORKERS = 3

# Folders whose code runs in a worker's turn, and what they call that cannot be seen in.
IN_A_TURN = ("base", "pkt", "net", "lb", "worker")
UNSEEN = {
    "madvise": "where a local address is made",
    "qsort": "where wrr's order is made, with the service",
    "posix_memalign": "a capture when it begins",
    "clock_gettime": "a capture's time stamps; writes what it is given, on the stack",
    "pthread_self": "the master's check of itself",
    "rte_cpu_get_flag_enabled": "before main, to choose a hash instruction",
}


def unexpected(scenario: str, found: Report) -> Iterator[Shared | Atomic]:
    rows = [row for row in SHARED if scenario in row.scenarios]
    yield from (one for one in found.shared if not any(row.covers(one) for row in rows))
    atomics = {row.atomic for row in ATOMICS if scenario in row.scenarios}
    yield from (one for one in sorted(found.atomics) if one not in atomics)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_packets_take_the_way_that_is_audited(scenario: str, reports: dict[str, Report]) -> None:
    assert reports[scenario].verdicts == SCENARIOS[scenario]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_shared_but_what_is_allowed(scenario: str, reports: dict[str, Report]) -> None:
    assert [str(one) for one in unexpected(scenario, reports[scenario])] == []


def test_what_is_allowed_happens(reports: dict[str, Report]) -> None:
    stale = [
        f"{scenario}: {row.name}: {row.reason}"
        for row in SHARED
        for scenario in sorted(row.scenarios)
        if not any(row.covers(one) for one in reports[scenario].shared)
    ]
    stale += [
        f"{scenario}: {row.atomic}"
        for row in ATOMICS
        for scenario in sorted(row.scenarios)
        if row.atomic not in reports[scenario].atomics
    ]
    assert stale == []


# --- the audit sees ------------------------------------------------------------------------------


class Sight(NamedTuple):
    """What a worker certainly does in a scenario, and where it must show."""

    name: str
    kind: str
    function: str
    n_bytes: int
    scenario: str = "established"


SIGHTS = (
    Sight("worker_create: w->dest_count", "write", "known_packet", 8),
    Sight("conn_pool_create: pool->unit", "write", "known_packet", 4),
    Sight("conn_table_create: t->bucket", "read", "_mm_load_si128", 16),
    Sight("packet", "write", "nexthop_copy_l2", 14),  # a call of memcpy
    Sight("packet", "write", "rewrite_tcp", 4),
    Sight("create_nexthops: t->entry", "read", "nexthop_copy_l2", 14),
    Sight("conn_pool_create: pool->unit", "write", "known_packet", 4, "established6"),
    Sight("packet", "write", "rewrite6", 16, "established6"),
    Sight("laddr_create: l->bits", "write", "spend", 8, "first-rr"),
    Sight("wlc_prepare: plan", "write", "wlc_load_changed", 4, "later-wlc"),
)


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda s: f"{s.scenario} {s.function} {s.name}")
def test_every_worker_is_seen_at_its_work(sight: Sight, reports: dict[str, Report]) -> None:
    found = reports[sight.scenario]
    actors = {
        touch.actor
        for touch in found.touches
        if touch.kind == sight.kind
        and found.function(touch.pc) == sight.function
        and found.name(touch.at)[0] == sight.name
        and touch.bytes.bit_count() >= sight.n_bytes
    }
    assert actors == set(range(N_WORKERS))


class Fault(NamedTuple):
    source: str
    before: str
    """A line of the source that every packet of the scenarios comes by."""
    added: str
    seen: str
    scenarios: tuple[str, ...] = ("established", "established6")


FAULTS = {
    "a shared counter": Fault(
        "worker/fast.c",
        "in->last_seen_ms = w->now_ms;",
        "w->core->host_eventfd++;",
        "core_create: core+",
    ),
    "an atomic counter": Fault(
        "worker/fast.c",
        "in->last_seen_ms = w->now_ms;",
        "__atomic_fetch_add(&w->core->host_eventfd, 1, __ATOMIC_RELAXED);",
        "Atomic(kind='rmw', order='relaxed', function='known_packet', name='core_create: core')",
    ),
    "counters side by side": Fault(
        "worker/worker.c",
        "w->now_us = now_us;",
        "core->conf.worker_lcore[w->id]++;",
        "only the line in common; written in worker_step",
    ),
    "a copy to what is shared": Fault(
        "worker/worker.c",
        "w->now_us = now_us;",
        "memcpy(&core->device[0].mac, core->device[1].mac, w->id + 1);",
        "core_create: core+",
    ),
    "a static counter": Fault(
        "worker/output.c",
        "w->stats.opackets += sent;",
        "static uint64_t n_sent_by_all; n_sent_by_all += sent;",
        "static n_sent_by_all",
    ),
    "a fence": Fault(
        "worker/fast.c",
        "in->last_seen_ms = w->now_ms;",
        "__atomic_thread_fence(__ATOMIC_SEQ_CST);",
        "Atomic(kind='fence', order='seq_cst', function='known_packet', name='')",
    ),
    "a look at the others at every pick": Fault(
        "lb/sched_wlc.c",
        "if (likely(l->weight)) {",
        "look_at_others(w, t);",
        "wlc_prepare: plan+",
        ("later-wlc",),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str, program: Program, tmp_path: Path) -> None:
    fault = FAULTS[name]
    source = CORE / fault.source
    text = source.read_text(encoding="utf-8")
    assert text.count(fault.before) == 1, "the place of the fault has changed"
    faulty = rebuild(
        program, tmp_path, source, text.replace(fault.before, f"{fault.added} {fault.before}")
    )
    for scenario in fault.scenarios:
        found = [str(one) for one in unexpected(scenario, run_scenario(faulty.path, scenario))]
        assert any(fault.seen in one for one in found), (scenario, found)


def test_calls_that_cannot_be_seen_in(program: Program) -> None:
    """What a turn calls is the core's own, marked by the compiler; the rest is known here."""
    in_a_turn = [o for source, o in program.objects.items() if source.parent.name in IN_A_TURN]
    called = set(run("nm", "-j", "-u", *in_a_turn).split())
    defined = set(run("nm", "-j", "--defined-only", *program.objects.values()).split())
    names = {name for name in called - defined - set(WRAPPED) if not name.endswith(":")}
    assert names == set(UNSEEN)
