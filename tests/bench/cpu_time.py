"""CPU time of a process's threads, from /proc. `busiest` is pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NS_PER_S = 1e9


@dataclass(frozen=True, slots=True)
class Thread:
    name: str
    cpu_s: float


def threads(pid: int) -> dict[int, Thread]:
    """By thread id, time on a processor since its start (the first field of schedstat, in ns)."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        spent_ns = int((task / "schedstat").read_text().split()[0])
        name = (task / "comm").read_text().strip()
        found[int(task.name)] = Thread(name, spent_ns / NS_PER_S)
    return found


def busiest(before: Mapping[int, Thread], after: Mapping[int, Thread]) -> Thread:
    """The thread that worked most between two readings, and for how long.

    >>> busiest({1: Thread("main", 5.0)}, {1: Thread("main", 5.1), 2: Thread("worker", 2.0)})
    Thread(name='worker', cpu_s=2.0)
    """
    nobody = Thread("", 0.0)
    spent = [
        Thread(thread.name, thread.cpu_s - before.get(tid, nobody).cpu_s)
        for tid, thread in after.items()
    ]
    return max(spent, key=lambda thread: thread.cpu_s)
