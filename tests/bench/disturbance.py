"""What else ran on the processors of a measurement: /proc/stat before and after, less our own.

`usage` and `between` are pure; `watch` reads the clock and /proc.
"""

import os
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.noise import Disturbance

STAT = Path("/proc/stat")
_BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq; guest time is inside user
_STOLEN = 7


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds since some start: of the processors, of the wall clock, of our own programs."""

    busy_s: float
    stolen_s: float
    wall_s: float
    own_s: float


def usage(stat: str, cpus: Sequence[int], ticks_per_s: int) -> tuple[float, float]:
    """(busy, stolen) seconds of these processors together, from the text of /proc/stat.

    >>> usage("cpu0 100 0 50 900 0 0 0 25 0 0\\ncpu1 7 0 0 0 0 0 0 0 0 0", [0], 100)
    (1.5, 0.25)
    """
    busy = stolen = 0
    wanted = {f"cpu{cpu}" for cpu in cpus}
    for line in stat.splitlines():
        name, *fields = line.split()
        if name in wanted:
            busy += sum(int(fields[at]) for at in _BUSY)
            stolen += int(fields[_STOLEN])
    return busy / ticks_per_s, stolen / ticks_per_s


def between(before: Usage, after: Usage, n_cpus: int) -> Disturbance:
    """Shares of the processors' time that went elsewhere."""
    available_s = (after.wall_s - before.wall_s) * n_cpus
    own_s = after.own_s - before.own_s
    others_s = max(0.0, after.busy_s - before.busy_s - own_s)
    return Disturbance(
        stolen_pct=100 * (after.stolen_s - before.stolen_s) / available_s,
        others_pct=100 * others_s / available_s,
    )


def now(cpus: Sequence[int]) -> Usage:
    """Of programs that we started only those count that have ended: stop them before asking."""
    busy_s, stolen_s = usage(STAT.read_text(), cpus, os.sysconf("SC_CLK_TCK"))
    own_s = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        own_s += used.ru_utime + used.ru_stime
    return Usage(busy_s, stolen_s, time.monotonic(), own_s)
