"""What this machine has free: read once at start, so that the decisions about it are pure."""

import os
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


def meminfo_kib(text: str) -> dict[str, int]:
    """/proc/meminfo: name -> number (KiB, or pages for the HugePages_ counts)."""
    rows = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {name: int(rest.split()[0]) for name, rest in rows if rest.split()[:1]}
