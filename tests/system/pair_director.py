"""One director of a pair, started in either of two ways, and the ways to end it."""

import signal
from abc import ABC, abstractmethod

from tests.netns.director import STOP_TIMEOUT_S, Core, Director, keepalived_command
from tests.netns.node import Node
from tests.netns.program import Program
from tests.system.pair_conf import Adverts, Place, core_conf, keepalived_conf


class PairDirector(ABC):
    """`start` gives the commands of the first start again, for what does not run: nothing is
    tidied up by hand."""

    def __init__(self, node: Node, place: Place, adverts: Adverts) -> None:
        self.node, self.place = node, place
        self._keepalived_conf = keepalived_conf(place, adverts)
        self._core_conf = core_conf(place, str(node.folder / "core.log"))
        self.core = self._make_core()

    @abstractmethod
    def _make_core(self) -> Core: ...

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def kill(self) -> None:
        """kill -9 of keepalived and the core, all at once."""

    @abstractmethod
    def kill_keepalived(self) -> None: ...

    @abstractmethod
    def terminate(self) -> None:
        """SIGTERM to all of it; returns when it has ended, with status 0."""

    @abstractmethod
    def log(self) -> str:
        """Of keepalived; of the core too if one process started both."""

    def require_running(self) -> None:
        """RuntimeError with its last words if a program has ended."""
        self.core.require_running()

    def kill_core(self) -> None:
        self.core.kill_dpvs(signal.SIGKILL)

    def core_log(self) -> str:
        file = self.node.folder / "core.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


class Together(PairDirector):
    """`keepalived --with-dpvs`."""

    core: Director

    def _make_core(self) -> Director:
        return Director(self.node, self._keepalived_conf, self._core_conf)

    def start(self) -> None:
        self.core.start()

    def kill(self) -> None:
        self.core.kill()

    def kill_keepalived(self) -> None:
        raise NotImplementedError("dpvs ends with the keepalived that started it")

    def terminate(self) -> None:
        status = self.core.stop()
        if status != 0:
            raise RuntimeError(f"keepalived ended with status {status}")

    def log(self) -> str:
        return self.core.log


class Apart(PairDirector):
    """`dpvs` and `keepalived -f`, as two services of an init system."""

    def _make_core(self) -> Core:
        self._conf_file = self.node.folder / "keepalived.conf"
        self._conf_file.write_text(self._keepalived_conf, encoding="utf-8")
        self._keepalived: Program | None = None
        return Core(self.node, self._core_conf)

    def start(self) -> None:
        if not self.core.running():
            self.core.start()
        if self._keepalived is None or not self._keepalived.running():
            command = keepalived_command(self.node, self._conf_file)
            self._keepalived = self.node.start(command, "keepalived.log")

    def require_running(self) -> None:
        super().require_running()
        if not self._running().running():
            raise RuntimeError(f"keepalived ended:\n{self._running().tail()}")

    def kill(self) -> None:
        self.kill_keepalived()
        self.kill_core()

    def kill_keepalived(self) -> None:
        self._running().kill_family()

    def terminate(self) -> None:
        keepalived = self._running()
        keepalived.send(signal.SIGTERM)
        statuses = keepalived.wait(STOP_TIMEOUT_S), self.core.stop()
        if statuses != (0, 0):
            raise RuntimeError(f"keepalived and dpvs ended with statuses {statuses}")

    def log(self) -> str:
        return self._running().log_text()

    def _running(self) -> Program:
        if self._keepalived is None:
            raise RuntimeError("the director was not started")
        return self._keepalived
