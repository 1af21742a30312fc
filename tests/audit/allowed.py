"""What two workers may meet on, and which atomic operations a packet may cost: each with a reason.

A row that no scenario it names shows any more is an error too, so the table says what is.
"""

from dataclasses import dataclass

from tests.audit.findings import Atomic, Shared

ESTABLISHED = frozenset({"established", "established6", "established-threshold"})
REDIRECTED = frozenset({"redirected", "redirected6"})
FIRST_RR = frozenset({"first-rr", "first-rr6", "first-one-pool"})
RR = FIRST_RR | {"later-rr"}
WRR = frozenset({"first-wrr"})
WLC = frozenset({"first-wlc", "first-threshold"})
LIMITED = frozenset({"first-threshold", "later-threshold"})
FIRST = FIRST_RR | WRR | WLC
LATER = frozenset({"later-rr", "later-wlc", "later-wlc-10ms", "later-threshold"})
ENDS = frozenset({"ends", "ends6", "ends-threshold"})
LIMIT = "create_published: core->dest_limit"


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

    def covers(self, found: Shared) -> bool:
        meeting = found.writers if self.several_write else found.readers
        return (
            found.name == self.name
            and found.several_write == self.several_write
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
            "__rte_ring_dequeue_elems_128",
            "rte_ring_count",
        ),
        "one producer and one consumer, each with a line of its own, asked once a burst; its count "
        "when the room known of is used up",
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
        "edit_adopt: s->live",
        True,
        functions("sched_move"),
        "a position for all workers, so that few connections are spread evenly: a line of its own",
    ),
    SharedRow(
        WRR,
        "edit_adopt: s->live",
        True,
        functions("sched_move"),
        "the same",
    ),
    SharedRow(
        frozenset({"first-wlc"}),
        "worker_create: w->dest_count",
        False,
        functions("load_of"),
        "a worker's first pick after a publication: others that have no tree of the service yet",
    ),
    SharedRow(
        frozenset({"first-threshold"}),
        "worker_create: w->dest_count",
        False,
        functions("load_of", "conns_of", "count_all"),
        "the same; and until every worker takes part in a dest's limit, what the others have of it",
    ),
    SharedRow(
        WLC | {"later-wlc-10ms"},
        "wlc_prepare: plan",
        False,
        functions("add_loads_of"),
        "the loads in the others' trees: a worker's first pick, and when they are 10 ms old",
    ),
    SharedRow(
        LIMITED,
        LIMIT,
        True,
        functions("limit_take", "join"),
        "a dest's connections of all workers; eight dests a line, whose service's workers meet",
    ),
    SharedRow(
        frozenset({"ends-threshold"}),
        LIMIT,
        True,
        functions("limit_sync"),
        "the same, given back",
    ),
)

ATOMICS = (
    AtomicRow(
        ESTABLISHED | REDIRECTED | FIRST | LATER | ENDS,
        Atomic("fence", "acquire", "nexthop_copy_l2", ""),
        "no instruction on x86: loads are not reordered with loads",
    ),
    AtomicRow(
        RR,
        Atomic("rmw", "relaxed", "sched_move", "edit_adopt: s->live"),
        "the scheduler's position",
    ),
    AtomicRow(
        WRR,
        Atomic("rmw", "relaxed", "sched_move", "edit_adopt: s->live"),
        "the scheduler's position",
    ),
    AtomicRow(
        LIMITED,
        Atomic("rmw", "acq_rel", "limit_take", LIMIT),
        "a place below the threshold",
    ),
    AtomicRow(
        LIMITED,
        Atomic("rmw", "release", "join", LIMIT),
        "once a worker and dest: it takes part",
    ),
    AtomicRow(
        frozenset({"ends-threshold"}),
        Atomic("rmw", "relaxed", "limit_sync", LIMIT),
        "the place is given back",
    ),
)

SCENARIOS = {
    "established": {"forward-in": 288, "forward-out": 288},
    "redirected": {"forward-in": 288, "forward-out": 288, "redirected": 576},
    "established6": {"forward-in": 288, "forward-out": 288},
    "redirected6": {"forward-in": 288, "forward-out": 288, "redirected": 576},
    "established-threshold": {"forward-in": 288, "forward-out": 288},
    "first-rr": {"forward-in": 24, "scheduled": 24},
    "first-rr6": {"forward-in": 24, "scheduled": 24},
    "first-wrr": {"forward-in": 24, "scheduled": 24},
    "first-wlc": {"forward-in": 24, "scheduled": 24},
    "first-threshold": {"forward-in": 24, "scheduled": 24},
    "first-one-pool": {"forward-in": 24, "scheduled": 24},
    "later-rr": {"forward-in": 12, "scheduled": 12},
    "later-wlc": {"forward-in": 12, "scheduled": 12},
    "later-wlc-10ms": {"forward-in": 12, "scheduled": 12},
    "later-threshold": {"forward-in": 12, "scheduled": 12},
    "ends": {"expiry-reset": 24},
    "ends6": {"expiry-reset": 24},
    "ends-threshold": {"expiry-reset": 24},
}
"""What became of the recorded packets: a scenario that took another way would audit that one."""
