"""`script/bench control`: dpvs is told a lot while packets go through it.

The packets are those of `memif`, at a steady rate far below what dpvs can carry; what dpvs is told,
and how long that takes, is control_load's. Here: what it costs the packets meanwhile.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from dpvs_core.control.client import CoreError
from tests.bench import control_load, core_program, memif_lab
from tests.bench.core_program import Setting
from tests.bench.failure import BenchError
from tests.bench.figures import Point
from tests.bench.memif_lab import Lab
from tests.bench.memif_scenario import SLACK_S, WARM_UP_TIMEOUT_S, expect
from tests.bench.scenario import Run, Sample
from tests.bench.worker_cost import WorkerCost, cycles_per_packet

RATE_MPPS = 0.2
BEFORE_S = 2.0
SETTLE_S = 0.2


class Changes(Protocol):
    """control_load.measure: all changes, and what they took, in milliseconds. `during_weights` is
    entered while the weights of all services are changed."""

    def __call__(
        self, socket_path: str, *, during_weights: Callable[[], AbstractContextManager[None]]
    ) -> dict[str, Any]: ...


def sample(setting: Setting, _run: Run, point: Point, _rate_mpps: float | None) -> Sample:
    return beside_traffic(setting, point, control_load.measure)


def beside_traffic(setting: Setting, point: Point, changes: Changes) -> Sample:
    paced = ("--seconds", "0", "--rate-mpps", str(RATE_MPPS))
    with memif_lab.standing(setting, point, memif_lab.dpvs, *paced) as lab:
        expect(lab, "measuring", WARM_UP_TIMEOUT_S)
        with beside_worker(setting.cpus), WorkerCost(lab.control_socket) as cost:
            cost.wait(SETTLE_S)
            began_s = time.monotonic()
            cost.wait(BEFORE_S)
            ended_s = time.monotonic()
            weights = Span()
            try:
                told = changes(str(lab.control_socket), during_weights=weights.around)
            except (CoreError, OSError) as error:
                raise BenchError(f"dpvs did not take the changes: {error}") from error
            cost.wait(SETTLE_S)
        lost = last_words(lab)
    return {
        "cycles_per_packet_before": cycles_per_packet(cost.readings, began_s, ended_s),
        "cycles_per_packet": cycles_per_packet(cost.readings, weights.began_s, weights.ended_s),
        "lost_packets": lost,
        **figures(told),
    }


@contextmanager
def beside_worker(cpus: Sequence[int]) -> Iterator[None]:
    """Who measures, and the threads it makes meanwhile, take no time of the worker's processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before - {cpus[1]} or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Span:
    """When something began and ended, by time.monotonic."""

    began_s = ended_s = float("nan")

    @contextmanager
    def around(self) -> Iterator[None]:
        self.began_s = time.monotonic()
        yield
        self.ended_s = time.monotonic()


def figures(told: dict[str, Any]) -> Sample:
    """What goes into the row, from what control_load measured.

    >>> figures({"add_ms": 400.0, "weights_ms": 250.0, "longest_block_ms": 4.0,
    ...          "addr_meanwhile": {"p50_ms": 2.0, "max_ms": 9.0}})["services_batch_s"]
    0.4
    """
    return {
        "services_batch_s": told["add_ms"] / 1e3,
        "batch_s": told["weights_ms"] / 1e3,
        "address_p50_ms": told["addr_meanwhile"]["p50_ms"],
        "address_max_ms": told["addr_meanwhile"]["max_ms"],
        "longest_block_ms": told["longest_block_ms"],
    }


def last_words(lab: Lab) -> int:
    """End the clients; how many of their packets stayed away."""
    lab.clients.ask_to_end()
    expect(lab, "measured", SLACK_S)
    said = core_program.last_object(lab.clients.line(SLACK_S), "generate")
    if said["wrong"]:
        raise BenchError(f"{said['wrong']} packets came back wrong")
    if not said["received"]:
        raise BenchError("nothing went through dpvs")
    return int(said["lost"])
