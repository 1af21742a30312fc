"""The pid file: who runs, and whether he still does (P-002)."""

import contextlib
import os
from pathlib import Path

from dpvs_core.master.errors import StartError


def claim(path: Path) -> None:
    """Remove a stale pid file; StartError if it names a live dpvs."""
    pid = read(path)
    if pid is not None and pid != os.getpid() and is_alive(pid):
        raise StartError(f"dpvs is already running (process {pid}, {path}); use -p for another")
    path.unlink(missing_ok=True)


def read(path: Path) -> int | None:
    """The process id in the file; None if there is no file or no number in it."""
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text().strip())
    return None


def is_alive(pid: int, proc: Path = Path("/proc")) -> bool:
    """Whether that process exists and is a dpvs: ids are used again after a crash or a reboot."""
    try:
        command = (proc / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False
    return b"dpvs" in command


def write(path: Path) -> None:
    """Write our id; the file appears whole."""
    new = path.with_name(path.name + ".new")
    new.write_text(f"{os.getpid()}\n")
    new.replace(path)


def remove(path: Path) -> None:
    """Remove the file if it is ours."""
    if read(path) == os.getpid():
        path.unlink(missing_ok=True)
