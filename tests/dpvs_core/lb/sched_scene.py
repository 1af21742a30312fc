"""A director whose dests differ in their port only, so that there may be a thousand of them, and
what tests of schedulers ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.wire import ACK, RST, SYN
from tests.steps.core import Dest, StepCore
from tests.steps.scene import RS, VIP, Flow, director

FIRST_PORT = 1000
QUICK_END = [2, 90, 2, 2, 7, 7, 1, 7, 7, 120, 30]
"""tcp_timeout_s with which reset and half-open connections are soon gone."""


@dataclass
class Balanced:
    """VIP:80 of a core, its dests by index."""

    core: StepCore
    sched: str
    weights: list[int] = field(default_factory=list)
    next_cport: int = 1
    worker: int = 0
    """Who made the last connection, or had none to give."""

    def publish(
        self,
        weights: Sequence[int],
        uppers: Sequence[int] = (),
        lowers: Sequence[int] = (),
        **rest: Any,
    ) -> None:
        self.weights = list(weights)
        none = [0] * len(weights)
        dests = [
            Dest(RS, FIRST_PORT + i, weight, i, upper, lower)
            for i, (weight, upper, lower) in enumerate(
                zip(weights, uppers or none, lowers or none, strict=True)
            )
        ]
        self.core.service(VIP, 80, dests, sched=self.sched, **rest)

    def connect(self) -> int | None:
        """The index of the dest that a new connection went to."""
        return self.open()[1]

    def open(self) -> tuple[Flow, int | None]:
        before = [self.core.worker(w) for w in range(self.core.n_workers)]
        flow = Flow(self.core, cport=self.next_cport)
        self.next_cport += 1
        out = flow.syn()
        after = [self.core.worker(w) for w in range(self.core.n_workers)]
        which = "conns" if out else "dropped"
        (self.worker,) = (
            w for w in range(self.core.n_workers) if before[w][which] != after[w][which]
        )
        return flow, flow.dport - FIRST_PORT if out else None

    def conns(self, worker: int = -1) -> list[tuple[int, int]]:
        """Active and inactive of each dest."""
        stats = (self.core.dest(i, worker) for i in range(len(self.weights)))
        return [(row["active"], row["inactive"]) for row in stats]

    def n_conns(self) -> list[int]:
        return [sum(both) for both in self.conns()]


def balanced(sched: str, weights: Sequence[int], n_workers: int = 1, **rest: Any) -> Balanced:
    settings = {"tcp_timeout_s": QUICK_END}
    core = director(n_workers, settings=settings, conn_pool=rest.pop("conn_pool", 4096))
    scene = Balanced(core, sched)
    scene.publish(weights, **rest)
    return scene


def establish(flow: Flow) -> None:
    flow.server(SYN | ACK, seq=0)
    flow.client(ACK)


def end(flow: Flow) -> None:
    """Reset by its server, then gone."""
    flow.server(RST)
    flow.core.pass_time(2)
