"""Processes of a topology, known by its name in their environment.

A daemon's children may have left its process group; they still carry the mark, and an operator's
shell in the same namespace does not.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.netns.wait import until

MARK = "NETNS_TOPOLOGY"
KILL_TIMEOUT_S = 5.0


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        return _stat(Path(f"/proc/{pid}/stat"))[0] != "Z"
    except OSError:
        return False


def marked_pids(name: str, namespaces: Iterable[str]) -> list[int]:
    """Processes in these namespaces that the topology `name` has started."""
    mark = f"{MARK}={name}".encode()
    pids: list[int] = []
    for namespace in namespaces:
        listing = subprocess.run(
            ["ip", "netns", "pids", namespace], capture_output=True, text=True, check=False
        )
        pids += [int(pid) for pid in listing.stdout.split()]
    return [pid for pid in pids if mark in _environment(pid)]


def end_marked(name: str, namespaces: list[str]) -> None:
    """SIGTERM, and SIGKILL to those that are still there after five seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        pids = marked_pids(name, namespaces)
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        with contextlib.suppress(TimeoutError):
            until("their end", lambda: not marked_pids(name, namespaces), KILL_TIMEOUT_S)


def kill_family(pid: int) -> None:
    """kill -9 of a process and its descendants, who get no chance to notice each other's death.

    The parent is stopped first: it would start a killed child again, or the child, told of the
    parent's death by PR_SET_PDEATHSIG, would leave politely (a VRRP router with priority 0).
    """
    os.kill(pid, signal.SIGSTOP)
    for member in (*descendants(pid), pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Children, their children and so on; a parent stands before its children."""
    parent_of: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent_of[int(entry.parent.name)] = int(_stat(entry)[1])
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in parent_of.items() if its_parent == parent]
    return found[1:]


def _stat(path: Path) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, parent, ..."""
    return path.read_text(encoding="utf-8").rpartition(")")[2].split()


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it ended meanwhile
        return []
