"""Hugepages for a run: what it needs, the loan of what is missing, and the way without."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

POOL = Path("/proc/sys/vm/nr_hugepages")
MEMINFO = Path("/proc/meminfo")
BASE_MIB = 256
BYTES_PER_FLOW = 512
"""A connection, its places in the index and the wheel, local ports, the generator's record."""


def mib_needed(flows: int) -> int:
    """Memory of the measuring program.

    >>> mib_needed(1_000_000)
    744
    """
    return BASE_MIB + flows * BYTES_PER_FLOW // 2**20


def free_pages(meminfo: str) -> int:
    """2 MB pages that nobody uses; 0 if the machine's are of another size."""
    values = {
        name: rest.split() for name, _, rest in (s.partition(":") for s in meminfo.splitlines())
    }
    if values.get("Hugepagesize", ["0"])[0] != "2048":
        return 0
    return int(values["HugePages_Free"][0])


@contextlib.contextmanager
def lent(wanted_mib: int) -> Iterator[bool]:
    """Enough free pages while the block runs, given back after it; False if they cannot be had."""
    wanted = wanted_mib // 2 + 1
    missing = wanted - free_pages(MEMINFO.read_text())
    added = _grow(missing) if missing > 0 and os.geteuid() == 0 else 0
    before = signal.signal(signal.SIGTERM, _leave)  # so that the pages go back then too
    try:
        yield free_pages(MEMINFO.read_text()) >= wanted
    finally:
        signal.signal(signal.SIGTERM, before)
        if added:
            POOL.write_text(str(max(0, int(POOL.read_text()) - added)))


def _grow(missing: int) -> int:
    """How many pages the kernel could add; it gives fewer where memory is in pieces."""
    before = int(POOL.read_text())
    POOL.write_text(str(before + missing))
    return int(POOL.read_text()) - before


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def eal_words(huge: bool, mib: int) -> list[str]:
    """The environment layer's memory options."""
    if huge:
        return ["--in-memory"]
    return ["--no-huge", "--no-shconf", "-m", str(mib)]
