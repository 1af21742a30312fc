"""One node of the pair: its director, and what can happen to it."""

import json
import time
from collections.abc import Callable

from examples.show.stage import ROUTE
from tests.netns.director import Director
from tests.netns.processes import marked_pids
from tests.netns.topology import Topology
from tests.netns.wait import until

PID_FILES = ("-p", "-r", "-c")  # the options that say where they are

STATE_TIMEOUT_S = 15.0
END_TIMEOUT_S = 5.0


class Member:
    def __init__(self, net: Topology, name: str, keepalived_conf: str, dpvs_conf: str) -> None:
        self.name = name
        self.node = net[name]
        self.director = Director(self.node, keepalived_conf, dpvs_conf)
        self._net_name = net.name
        self._mac = ""

    @property
    def mac(self) -> str:
        """Of its port, which DPDK's device has as well."""
        if not self._mac:
            listing = self.node.run(["ip", "-j", "link", "show", "wire0"]).stdout
            self._mac = json.loads(listing)[0]["address"]
        return self._mac

    def start(self) -> None:
        """Start `keepalived --with-dpvs`, as a person would; see `equip`."""
        self.director.start()

    def equip(self) -> None:
        """Once dpvs answers: give the core the tutorial's route, unless the file has one."""
        self.director.wait_until_it_answers()
        if "static_routes" not in self.director.keepalived_conf.read_text(encoding="utf-8"):
            self.director.tool(*ROUTE)

    def entered(self, state: str) -> Callable[[], None]:
        """Call it now, and the answer later: that waits until the log says it entered `state`."""
        words = f"Entering {state} STATE"
        before = self.director.log.count(words)

        def wait() -> None:
            what = f"{self.name}: {words}"
            until(what, lambda: self.director.log.count(words) > before, STATE_TIMEOUT_S, 0.02)

        return wait

    def kill(self) -> float:
        """SIGKILL to keepalived, its children and dpvs at once; when (time.monotonic) it was.

        Nobody gets to say goodbye to the backup.
        """
        self.director.kill()
        killed_s = time.monotonic()
        until(f"the end of {self.name}'s processes", self._is_dead, END_TIMEOUT_S)
        return killed_s

    def _is_dead(self) -> bool:
        return not self.director.running() and not marked_pids(
            self._net_name, [self.node.namespace]
        )

    def terminate(self) -> int:
        """SIGTERM to keepalived, which takes dpvs with it; its exit status."""
        return self.director.stop()

    def configure(self, keepalived_conf: str) -> None:
        self.director.keepalived_conf.write_text(keepalived_conf, encoding="utf-8")

    def status(self) -> str:
        """`keepalived --status`, which fails unless both of its children answer."""
        command = self.director.command
        words = [word for name in PID_FILES for word in (name, command[command.index(name) + 1])]
        return self.director.tool("keepalived", "--status", *words)
