"""Which machine the figures are of."""

import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

NO_HUGE = "4 kB pages (no hugepages: figures are higher)"


@dataclass(frozen=True, slots=True)
class Machine:
    cpu: str
    processors: int
    used: tuple[int, ...]
    kernel: str
    dpdk: str
    pages: str

    def line(self) -> str:
        used = ",".join(map(str, self.used))
        return (
            f"{self.cpu}, {self.processors} processors (used: {used}), Linux {self.kernel}, "
            f"DPDK {self.dpdk}, {self.pages}"
        )

    def json(self) -> dict[str, object]:
        return asdict(self)


def describe(cpus: tuple[int, ...], huge: bool) -> Machine:
    return Machine(
        cpu=cpu_model(Path("/proc/cpuinfo").read_text()),
        processors=os.cpu_count() or 1,
        used=cpus,
        kernel=platform.release(),
        dpdk=_dpdk_version(),
        pages="2 MB hugepages" if huge else NO_HUGE,
    )


def cpu_model(cpuinfo: str) -> str:
    """`model name` of the first processor; other architectures have no such line.

    >>> cpu_model("processor\\t: 0\\nmodel name\\t: AMD EPYC 7B13\\n")
    'AMD EPYC 7B13'
    """
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _dpdk_version() -> str:
    asked = subprocess.run(
        ["pkg-config", "--modversion", "libdpdk"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "of unknown version"
