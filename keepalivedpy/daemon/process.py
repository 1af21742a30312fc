"""Making processes: fork with a clean start, names, and an end when the parent ends."""

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from keepalivedpy.daemon.exit_codes import Exit

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def set_name(name: str) -> None:
    """The process's short name (15 bytes are kept), as ps and top show it."""
    Path("/proc/self/comm").write_text(name[:15])


def end_with(parent_pid: int, signum: int = signal.SIGTERM) -> None:
    """Have `signum` come when the parent dies; if it is dead already, leave now."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(Exit.OK)


def spawn(entry: Callable[[], int]) -> int:
    """Fork; `entry` runs in the child and its result is the exit status. The child's number.

    The child starts with default signal handling and ends with its parent.
    """
    parent_pid = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    status = int(Exit.PROGRAM)
    try:
        signal.set_wakeup_fd(-1)
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD,
                       signal.SIGUSR1, signal.SIGUSR2):  # fmt: skip
            signal.signal(signum, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        end_with(parent_pid)
        status = entry()
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def daemonise(keep_output: bool) -> None:
    """Leave the terminal: two forks, a session of our own, / as directory, null as streams.

    `keep_output` leaves standard output and error where they are (-l).
    """
    if os.fork():
        os._exit(Exit.OK)
    os.setsid()
    if os.fork():
        os._exit(Exit.OK)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0,) if keep_output else (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
