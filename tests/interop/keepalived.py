"""A keepalived of either make in a node, whole: parent, VRRP process and all."""

import os
import signal
import time
from pathlib import Path

from tests.interop.cases import Maker
from tests.interop.configuration import DEVICE, VIP
from tests.netns.node import Node
from tests.netns.program import Program

STOP_TIMEOUT_S = 10.0
PROGRAMS = {maker: maker.value for maker in Maker}


class Keepalived:
    """Starts, dies and starts again; each life has a log of its own."""

    def __init__(self, node: Node, maker: Maker, configuration: str) -> None:
        self.node, self.maker = node, maker
        self._configuration = node.folder / "keepalived.conf"
        self._configuration.write_text(configuration, encoding="utf-8")
        self._n_lives = 0
        self._program: Program | None = None

    def start(self) -> None:
        """As after a crash that an operator cleaned up: no pid files, no address left over."""
        run = self.node.folder / "run"
        pid_files = {"-p": "keepalived.pid", "-r": "vrrp.pid", "-c": "checkers.pid"}
        options = ["-n", "-l", "-D", "-G", "-f", str(self._configuration)]
        for option, name in pid_files.items():
            (run / name).unlink(missing_ok=True)
            options += [option, str(run / name)]
        self.node.run(["ip", "address", "delete", f"{VIP}/32", "dev", DEVICE], check=False)
        self._n_lives += 1
        log = f"keepalived-{self._n_lives}.log"
        self._program = self.node.start([str(PROGRAMS[self.maker]), *options], log)

    @property
    def program(self) -> Program:
        if self._program is None:
            raise RuntimeError(f"keepalived of {self.node.name} was not started")
        return self._program

    def kill(self) -> float:
        """SIGKILL to all its processes; milliseconds from the first of them to the last.

        The parent is stopped first: it would start a dead child again, and children of a dead
        parent say goodbye.
        """
        parent = self.program.pid
        os.kill(parent, signal.SIGSTOP)
        family = _descendants(parent)
        start_ns = time.monotonic_ns()
        for pid in (*family, parent):
            os.kill(pid, signal.SIGKILL)
        took_ms = (time.monotonic_ns() - start_ns) / 1e6
        self.program.wait(STOP_TIMEOUT_S)
        return took_ms

    def stop(self) -> None:
        self.program.send(signal.SIGTERM)

    def wait_stopped(self) -> None:
        """RuntimeError unless it ends in time and well."""
        status = self.program.wait(STOP_TIMEOUT_S)
        if status != 0:
            raise RuntimeError(f"keepalived of {self.node.name}: exit {status}: {self.log_tail()}")

    def log_tail(self) -> str:
        return self.program.tail()


def _descendants(pid: int) -> list[int]:
    """Its children and theirs, the nearest first."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    direct = [int(child) for child in children]
    return direct + [late for child in direct for late in _descendants(child)]
