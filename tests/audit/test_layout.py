"""What one thread writes does not stand on a line that another reads for every packet or turn.

Where the scenarios cannot show it: the loops around the turns, and threads that were not there.
"""

from typing import NamedTuple

import pytest

from tests.audit.allowed import SCENARIOS
from tests.audit.build import Program, run
from tests.audit.findings import LINE_BYTES, Report

N_WORKERS = 3


class Layout(NamedTuple):
    fields: dict[str, range]
    """Bytes of a struct that a field takes, by struct.field."""
    sizes: dict[str, int]

    def lines(self, name: str) -> set[int]:
        field = self.fields[name]
        return {at // LINE_BYTES for at in field}


@pytest.fixture(scope="module")
def layout(program: Program) -> Layout:
    found = Layout({}, {})
    for line in run(program.path, "layout").splitlines():
        match line.split():
            case ["field", struct, name, offset, n_bytes]:
                end = int(offset) + max(1, int(n_bytes))  # the beginning of an array: 0
                found.fields[f"{struct}.{name}"] = range(int(offset), end)
            case ["size", struct, n_bytes]:
                found.sizes[struct] = int(n_bytes)
    return found


# Elements that different threads write, or one writes while others read the next.
OF_WHOLE_LINES = {
    "rte_rcu_qsbr_cnt": "each thread's quiescent state",
    "service_live": "each service's position, added to by all workers",
    "nexthop": "the host thread changes one while workers read others",
    "rte_ring": "what follows is the packets it holds",
    "dest_count": "read by other workers, one dest at a time",
    "conn_side4": "the other side is another direction's",
    "conn_side6": "the same",
    "conn_unit": "what connections are made of",
    "lport_heads": "each flow group has its own, of one local address",
    "lport_bits": "the same",
    "lport_misses": "the same",
    "conn_bucket": "the index's step",
}


@pytest.mark.parametrize("name", OF_WHOLE_LINES)
def test_whole_lines(name: str, layout: Layout) -> None:
    assert layout.sizes[name] % LINE_BYTES == 0


# A field, and one that another thread writes in its place.
APART = [
    ("rte_ring.prod", "rte_ring.cons"),
    ("rte_rcu_qsbr.token", "rte_rcu_qsbr.qsbr_cnt"),
]
# The core's: what is read in every turn or by first packets, and what other threads keep there.
READ_BY_WORKERS = ("running", "rcu", "lb", "peer", "dest_count")
KEPT_BY_OTHERS = {
    "host_sleeps": "the host thread's, at each sleep",
    "retired": "the master's, at each change",
    "n_retired": "the same",
}
APART += [(f"core.{read}", f"core.{kept}") for read in READ_BY_WORKERS for kept in KEPT_BY_OTHERS]


@pytest.mark.parametrize(("read", "written"), APART)
def test_apart(read: str, written: str, layout: Layout) -> None:
    assert not layout.lines(read) & layout.lines(written)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_turn_reads_what_other_threads_keep(
    scenario: str, layout: Layout, reports: dict[str, Report]
) -> None:
    """Each turn of a worker reads the core; other threads write this part of it."""
    report = reports[scenario]
    read = {
        offset // LINE_BYTES
        for name, offset in (report.name(t.at) for t in report.touches if t.actor < N_WORKERS)
        if name == "core_create: core"
    }
    assert read
    assert [kept for kept in KEPT_BY_OTHERS if read & layout.lines(f"core.{kept}")] == []
