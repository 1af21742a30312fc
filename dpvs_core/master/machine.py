"""What this machine has free: read once at start, so that the decisions about it are pure."""

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """`cpus`: those we may run on. `hugepages_mib` is free now, `memory_mib` available now."""

    cpus: tuple[int, ...]
    hugepages_mib: int
    memory_mib: int
    has_vhost_net: bool


def read_machine(proc: Path = Path("/proc"), dev: Path = Path("/dev")) -> Machine:
    kib = meminfo_kib((proc / "meminfo").read_text())
    huge_mib = kib.get("HugePages_Free", 0) * kib.get("Hugepagesize", 0) // 1024
    return Machine(
        cpus=tuple(sorted(os.sched_getaffinity(0))),
        hugepages_mib=huge_mib,
        memory_mib=kib.get("MemAvailable", 0) // 1024,
        has_vhost_net=(dev / "vhost-net").exists(),
    )


def beside(workers: Iterable[Collection[int]], cpus: Sequence[int]) -> tuple[int, ...]:
    """Of `cpus`, those on which no worker is pinned, so that the master never takes a worker's
    turn: packets would wait for milliseconds. All if none is left; a worker that floats over
    several goes out of the way by itself.

    >>> beside([[1], [2]], [0, 1, 2, 3]), beside([[0]], [0]), beside([[0, 1]], [0, 1, 2])
    ((0, 3), (0,), (0, 1, 2))
    """
    pinned = {cpu for may_run_on in workers if len(may_run_on) == 1 for cpu in may_run_on}
    return tuple(cpu for cpu in cpus if cpu not in pinned) or tuple(cpus)


def meminfo_kib(text: str) -> dict[str, int]:
    """/proc/meminfo: name -> number (KiB, or pages for the HugePages_ counts)."""
    rows = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {name: int(rest.split()[0]) for name, rest in rows if rest.split()[:1]}
