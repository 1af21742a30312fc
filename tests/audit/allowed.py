"""What two workers may meet on, and which atomic operations a packet may cost: each with a reason.

A row that no scenario it names shows any more is an error too, so the table says what is.
"""

from dataclasses import dataclass

from tests.audit.findings import Atomic, Shared

ESTABLISHED = frozenset({"established"})
REDIRECTED = frozenset({"redirected"})
RR = frozenset({"first-rr", "first-one-pool"})
COUNTED = frozenset({"first-wlc", "first-threshold"})
FIRST = RR | {"first-wrr"} | COUNTED
ENDS = frozenset({"ends", "ends-threshold"})


@dataclass(frozen=True, slots=True)
class SharedRow:
    scenarios: frozenset[str]
    name: str
    """As Shared.name."""
    several_write: bool
    functions: frozenset[str] | None
    """If several write: all that write. If one does: all that read it from another worker. None:
    whichever."""
    reason: str
    offset: int | None = None
    """Of the only line meant, or any."""

    def covers(self, found: Shared) -> bool:
        meeting = found.writers if self.several_write else found.readers
        return (
            found.name == self.name
            and found.several_write == self.several_write
            and self.offset in (None, found.offset)
            and (self.functions is None or meeting <= self.functions)
        )


@dataclass(frozen=True, slots=True)
class AtomicRow:
    scenarios: frozenset[str]
    atomic: Atomic
    reason: str


def functions(*names: str) -> frozenset[str]:
    return frozenset(names)


SHARED = (
    SharedRow(
        ESTABLISHED | FIRST,
        "create_nexthops: t->used",
        False,
        functions("nexthop_mark_used"),
        "a byte a next hop, written by the first packet after the host thread's look at it",
    ),
    # --- a packet that another worker received ---
    SharedRow(
        REDIRECTED,
        "ring_create: ring",
        False,
        functions(
            "__rte_ring_move_prod_head",
            "__rte_ring_move_cons_head",
            "__rte_ring_dequeue_elems_64",
        ),
        "one producer and one consumer, each with a line of its own",
    ),
    SharedRow(
        REDIRECTED,
        "packet",
        False,
        None,
        "the packet itself, which its owner takes over from the worker that received it",
    ),
    # --- first packets ---
    SharedRow(
        RR,
        "core_lb_set: s->live",
        True,
        functions("rr_pick"),
        "a position for all workers, so that few connections are spread evenly: a line of its own",
    ),
    SharedRow(
        frozenset({"first-wrr"}),
        "core_lb_set: s->live",
        True,
        functions("wrr_pick"),
        "the same",
    ),
    SharedRow(
        COUNTED,
        "worker_create: w->dest_count",
        False,
        functions("own_load", "dest_conns"),
        "wlc and thresholds ask what the other workers have",
    ),
    SharedRow(
        COUNTED,
        "worker_create: w",
        False,
        functions("load", "dest_conns"),
        "not by design: where a worker's counters are (dest_count) stands on a line that the "
        "worker writes every turn; a pointer in what nobody writes would not be shared",
        offset=64,
    ),
    SharedRow(
        frozenset({"first-one-pool"}),
        "laddr_create: l->pool",
        True,
        functions("lport_take"),
        "not by design: four pools are a line, so where a local address has a number of pools that "
        "four does not divide, the pools of two groups share one",
    ),
)

ATOMICS = (
    AtomicRow(
        ESTABLISHED | REDIRECTED | FIRST | ENDS,
        Atomic("fence", "acquire", "nexthop_write_l2", ""),
        "no instruction on x86: loads are not reordered with loads",
    ),
    AtomicRow(
        RR,
        Atomic("rmw", "relaxed", "rr_pick", "core_lb_set: s->live"),
        "the scheduler's position",
    ),
    AtomicRow(
        frozenset({"first-wrr"}),
        Atomic("rmw", "relaxed", "wrr_pick", "core_lb_set: s->live"),
        "the scheduler's position",
    ),
)

SCENARIOS = {
    "established": {"forward-in": 288, "forward-out": 288},
    "redirected": {"forward-in": 288, "forward-out": 288, "redirected": 576},
    "first-rr": {"forward-in": 24, "scheduled": 24},
    "first-wrr": {"forward-in": 24, "scheduled": 24},
    "first-wlc": {"forward-in": 24, "scheduled": 24},
    "first-threshold": {"forward-in": 24, "scheduled": 24},
    "first-one-pool": {"forward-in": 24, "scheduled": 24},
    "ends": {"expiry-reset": 24},
    "ends-threshold": {"expiry-reset": 24},
}
"""What became of the recorded packets: a scenario that took another way would audit that one."""
