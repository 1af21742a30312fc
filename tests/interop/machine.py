"""How busy the machine is with others: what makes a wake-up late is seen beside the lateness."""

import os
import time
from pathlib import Path

PRESSURE = Path("/proc/pressure/cpu")


def waiting_us(text: str) -> int:
    """Of the kernel's pressure file: since boot, how long some task waited for a processor."""
    for line in text.splitlines():
        if line.startswith("some "):
            return int(line.rpartition("total=")[2])
    raise ValueError(f"{PRESSURE}: no line 'some': {text!r}")


class Busyness:
    """Measures from construction on."""

    def __init__(self) -> None:
        self._waited_us, self._start_ns = self._now_us(), time.monotonic_ns()

    @staticmethod
    def _now_us() -> int | None:
        return waiting_us(PRESSURE.read_text(encoding="ascii")) if PRESSURE.exists() else None

    def __str__(self) -> str:
        """`tasks waited for a processor 12 % of the time`; or the load where no kernel tells."""
        now_us = self._now_us()
        if now_us is None or self._waited_us is None:
            return f"load {os.getloadavg()[0]:.1f}"
        passed_us = max(1, (time.monotonic_ns() - self._start_ns) // 1000)
        share_pct = 100 * (now_us - self._waited_us) / passed_us
        return f"tasks waited for a processor {share_pct:.0f} % of the time"
