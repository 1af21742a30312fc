"""--with-dpvs: the director as a process of ours: started, watched, started again, stopped.

It runs in a process group of its own (Ctrl-C reaches it through us, after the children have
cleaned up) and ends with the parent.
"""

import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dpvs_core.control import codec
from dpvs_core.control.client import Client, CoreError, socket_path
from keepalivedpy.daemon.backoff import Backoff
from keepalivedpy.daemon.life import Life, ending
from keepalivedpy.daemon.options import Options
from keepalivedpy.daemon.process import spawn

ANSWER_TIMEOUT_S = 1.0
EXEC_FAILED = 127


class Director:
    """`pid` is 0 while it does not run; times are of time.monotonic."""

    def __init__(self, options: Options, log: Callable[[str], None]) -> None:
        self.pid = 0
        self.answered = False
        self.life = Life("dpvs")
        self._options, self._log = options, log
        self._started_s = 0.0
        self._backoff = Backoff()

    def start(self) -> None:
        """Start it; FileNotFoundError if there is no dpvs program."""
        words = command(self._options)
        self._log(f"Starting dpvs: {shlex.join(words)}")
        self.answered, self._started_s = False, time.monotonic()
        self.pid = spawn(lambda: _become(words))
        self.life.began(self.pid)

    def is_answering(self) -> bool:
        """Ask once whether the control socket answers; at most ANSWER_TIMEOUT_S."""
        try:
            with Client("check", "keepalived", self._options.ipc, ANSWER_TIMEOUT_S) as client:
                welcome = client.welcome
        except (OSError, CoreError, codec.DecodeError):
            return False
        if welcome.pid != self.pid:  # somebody else's, which will not let ours start
            return False
        path = socket_path(self._options.ipc)
        self._log(f"dpvs {welcome.dpvs_version} answers on {path}, pid={self.pid}")
        self.answered = True
        return True

    def died(self, status: int) -> float:
        """It ended; how many seconds to wait before the next start."""
        self._log(f"dpvs (pid {self.pid}) {ending(status)}")
        self.life.ended(ending(status))
        self.pid = 0
        return self._backoff.delay_s(time.monotonic() - self._started_s)


def command(options: Options) -> list[str]:
    """The command line of the director; its pid file stands beside its socket."""
    ipc = socket_path(options.ipc)
    words = [_program(), "-c", options.dpvs_config or "", "-x", ipc]
    words += ["-p", str(Path(ipc).with_suffix(".pid"))]
    if options.dpvs_args:
        words += ["--", *shlex.split(options.dpvs_args)]
    return words


def _program() -> str:
    """`dpvs` from where our own program is, else from PATH."""
    ours = Path(sys.argv[0])
    folders = (ours.parent, ours.resolve().parent, Path(sys.executable).parent)
    beside = os.pathsep.join(map(str, folders))
    found = shutil.which("dpvs", path=beside) or shutil.which("dpvs")
    if found is None:
        raise FileNotFoundError("there is no dpvs program beside this one or in PATH")
    return found


def _become(words: list[str]) -> int:
    """In the new process: turn into the director."""
    os.setpgid(0, 0)
    try:
        os.execv(words[0], words)
    except OSError as error:
        os.write(2, f"{words[0]}: {error}\n".encode())
        return EXEC_FAILED
