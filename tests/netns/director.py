"""A director in a node: `keepalived --with-dpvs` or `dpvs` alone, and the tools for it.

Started as a user does, from `.venv/bin`: files of its own, the default places below the
node's own /run.
"""

import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.netns.node import Node
from tests.netns.program import Program
from tests.netns.wait import until

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Dest:
    """A row of `ipvsadm -ln` below a service."""

    server: str  # ADDRESS:PORT
    weight: int
    active: int
    inactive: int
    flag: str = ""  # "inhibited"


class Core:
    """`dpvs` alone in a node, programmed by hand: `tool("ipvsadm", ...)`, `tool("dpip", ...)`."""

    def __init__(self, node: Node, dpvs_conf: str) -> None:
        self.node = node
        self.dpvs_conf = node.folder / "dpvs.conf"
        self.dpvs_conf.write_text(dpvs_conf, encoding="utf-8")
        self._program: Program | None = None

    @property
    def command(self) -> list[str]:
        files = run_files(self.node, p="dpvs.pid", x="dpvs.ipc")
        return ["dpvs", "-c", str(self.dpvs_conf), *files]

    @property
    def log(self) -> str:
        return self._program.log_text() if self._program else ""

    def start(self) -> None:
        self._program = self.node.start(self.command, f"{self.command[0]}.log")

    def running(self) -> bool:
        return self._program is not None and self._program.running()

    def answers(self) -> bool:
        """Whether dpvs answers its tools now; without its socket none needs to be started."""
        if not (self.node.folder / "run/dpvs.ipc").exists():
            return False
        return self.node.run(["ipvsadm", "-ln"], check=False).returncode == 0

    def wait_until_it_answers(self, timeout_s: float = START_TIMEOUT_S) -> None:
        def probe() -> bool:
            self.require_running()
            return self.answers()

        until("ipvsadm -ln", probe, timeout_s, every_s=0.02)

    def wait_for_dest(self, server: str, weight: int, timeout_s: float = START_TIMEOUT_S) -> None:
        """Until `ipvsadm -ln` lists the server with this weight, in every service that has it."""

        def listed() -> bool:
            self.require_running()
            found = [dest for dest in self.dests() if dest.server == server]
            return bool(found) and all(dest.weight == weight for dest in found)

        until(f"{server} with weight {weight} in ipvsadm -ln", listed, timeout_s, every_s=0.02)

    def wait_for_address(self, address: str, timeout_s: float = START_TIMEOUT_S) -> None:
        """Until `dpip addr show` has the address."""

        def listed() -> bool:
            self.require_running()
            return f" {address}/" in self.tool("dpip", "addr", "show", check=False)

        until(f"{address} in dpip addr show", listed, timeout_s)

    def tool(self, *argv: str, check: bool = True) -> str:
        """Standard output of `ipvsadm ...` or `dpip ...` in the director's node."""
        return self.node.run(argv, check=check).stdout

    def dests(self) -> list[Dest]:
        """All rows of `ipvsadm -ln`; none while dpvs does not answer."""
        return parse_dests(self.tool("ipvsadm", "-ln", check=False))

    def dpvs_pid(self) -> int:
        """The process that dpvs's pid file names; 0 if there is none."""
        try:
            return int((self.node.folder / "run/dpvs.pid").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0

    def kill_dpvs(self, number: signal.Signals) -> None:
        os.kill(self.dpvs_pid(), number)

    def wait_for_another_dpvs(self, old_pid: int, timeout_s: float = START_TIMEOUT_S) -> None:
        """Until a dpvs that is not `old_pid` answers."""

        def probe() -> bool:
            self.require_running()
            return self.dpvs_pid() not in (0, old_pid) and self.answers()

        until("a new dpvs", probe, timeout_s, every_s=0.02)

    def stop(self) -> int:
        """SIGTERM, as a user ends it; the exit status."""
        if self._program is None:
            raise RuntimeError("the director was not started")
        self._program.send(signal.SIGTERM)
        return self._program.wait(STOP_TIMEOUT_S)

    def require_running(self) -> None:
        """RuntimeError with its last words if it has ended."""
        if not self.running():
            tail = self._program.tail() if self._program else "it was not started"
            raise RuntimeError(f"the director ended:\n{tail}")


class Director(Core):
    """`keepalived --with-dpvs`: the whole load balancer."""

    def __init__(self, node: Node, keepalived_conf: str, dpvs_conf: str) -> None:
        super().__init__(node, dpvs_conf)
        self.keepalived_conf = node.folder / "keepalived.conf"
        self.keepalived_conf.write_text(keepalived_conf, encoding="utf-8")

    @property
    def command(self) -> list[str]:
        words = keepalived_command(self.node, self.keepalived_conf)
        return [*words, "--with-dpvs", str(self.dpvs_conf)]

    def kill(self) -> None:
        """kill -9 of keepalived and of dpvs, all at once."""
        if self._program is None:
            raise RuntimeError("the director was not started")
        self._program.kill_family()


def keepalived_command(node: Node, conf: Path) -> list[str]:
    """In the foreground, log to standard output and not to syslog."""
    files = run_files(node, p="keepalived.pid", r="vrrp.pid", c="checkers.pid")
    return ["keepalived", "-f", str(conf), "-n", "-l", "-D", "-G", *files]


def run_files(node: Node, **names: str) -> list[str]:
    """Options that put pid files and sockets into the node's own folder."""
    run = node.folder / "run"
    return [word for option, name in names.items() for word in (f"-{option}", str(run / name))]


_DEST = re.compile(r"\s+-> (\S+)\s+\S+\s+(\d+)\s+(\d+)\s+(\d+)\s*(\w*)")


def parse_dests(listing: str) -> list[Dest]:
    """The rows `  -> 192.168.100.2:80   FullNat 100    0          0` of `ipvsadm -ln`."""
    return [
        Dest(match[1], int(match[2]), int(match[3]), int(match[4]), match[5])
        for line in listing.splitlines()
        if (match := _DEST.fullmatch(line))
    ]


def parse_connections(stats: str) -> dict[str, int]:
    """Connections by row of `ipvsadm -ln --stats --exact`: services "TCP A:P" and dests "A:P"."""
    counts: dict[str, int] = {}
    for line in stats.splitlines():
        words = line.split()
        if len(words) == 7 and words[1][-1].isdigit():
            key = words[1] if words[0] == "->" else f"{words[0]} {words[1]}"
            counts[key] = int(words[2])
    return counts


def sample(name: str) -> str:
    """A file of conf/, unchanged."""
    return (Path(__file__).resolve().parents[2] / "conf" / name).read_text(encoding="utf-8")
