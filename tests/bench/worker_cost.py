"""What a packet costs dpvs's workers, watched over the control socket while other things happen."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from dpvs_core.control.client import Client
from dpvs_core.control.messages import CpuList, CpuRows
from tests.bench.failure import BenchError

PERIOD_S = 0.02


@dataclass(frozen=True, slots=True)
class Reading:
    """All workers' totals at a moment of time.monotonic."""

    at_s: float
    busy_cycles: int
    packets: int


def cycles_per_packet(readings: Sequence[Reading], began_s: float, ended_s: float) -> float:
    """Between the last reading at or before `began_s` and the first at or after `ended_s`.

    >>> readings = [Reading(0, 0, 0), Reading(1, 5000, 50), Reading(2, 25000, 150)]
    >>> cycles_per_packet(readings, 1.0, 1.5)
    200.0
    """
    before = [reading for reading in readings if reading.at_s <= began_s]
    after = [reading for reading in readings if reading.at_s >= ended_s]
    if not before or not after:
        raise BenchError("dpvs's counters were not read at that time")
    n_packets = after[0].packets - before[-1].packets
    if n_packets <= 0:
        raise BenchError("no packet went through dpvs at that time")
    return round((after[0].busy_cycles - before[-1].busy_cycles) / n_packets, 1)


class WorkerCost:
    """Reads the counters every 20 ms on a connection and a thread of its own, while it is open."""

    def __init__(self, socket: Path) -> None:
        self._client = Client("cli", "bench", str(socket))
        self._stop = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.readings: list[Reading] = []

    def __enter__(self) -> "WorkerCost":
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._stop.set()
        self._thread.join()
        self._client.close()

    def wait(self, seconds: float) -> None:
        """Let time pass; an error of the reading thread ends it."""
        self._stop.wait(seconds)
        if self._failure is not None:
            raise BenchError(f"dpvs's counters: {self._failure}")

    def _run(self) -> None:
        try:
            while not self._stop.wait(PERIOD_S):
                self.readings.append(self._read())
        except Exception as error:  # told by wait(), on the thread that can do something
            self._failure = error
            self._stop.set()

    def _read(self) -> Reading:
        rows = self._client.call(CpuList(), CpuRows).rows
        workers = [row for row in rows if row.role == "worker"]
        return Reading(
            time.monotonic(),
            sum(row.busy_cycles for row in workers),
            sum(row.ipackets for row in workers),
        )
