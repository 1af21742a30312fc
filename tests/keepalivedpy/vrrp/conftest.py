"""A laboratory of namespaces: nodes on one bridge, our engine or keepalived on each."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.vrrp.part import VrrpPart
from tests.netns.ip import enter, ip
from tests.netns.wait import until

KEEPALIVED = "/usr/sbin/keepalived"
PROGRAM = Path(__file__).with_name("engine_program.py")
ROOT = Path(__file__).parents[3]


class Daemon:
    """A running program whose output is read line by line; `lines` holds what came so far."""

    def __init__(self, command: list[str]) -> None:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        )
        self._rest = b""
        self.lines: list[str] = []
        self._n_seen = 0

    def until(self, words: str, deadline_s: float = 8.0) -> int:
        """Wait for a line with these words after those seen; returns now in monotonic us."""
        end = time.monotonic() + deadline_s
        while True:
            while self._n_seen < len(self.lines):
                line = self.lines[self._n_seen]
                self._n_seen += 1
                if words in line:
                    return time.monotonic_ns() // 1000
            if not self._read(end - time.monotonic()):
                pytest.fail(f"{words!r} did not come in {deadline_s} s:\n" + "\n".join(self.lines))

    def _read(self, timeout_s: float) -> bool:
        out = self._process.stdout
        assert out is not None
        if timeout_s <= 0 or not select.select([out], [], [], timeout_s)[0]:
            return False
        chunk = os.read(out.fileno(), 65536)
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        self.lines += [line.decode() for line in whole]
        return bool(chunk)

    def signal(self, number: int) -> int:
        """Returns when it was sent, in monotonic us."""
        self._process.send_signal(number)
        return time.monotonic_ns() // 1000

    def kill_keepalived(self) -> int:
        """The parent must be stopped first, or it starts its child again or says goodbye."""
        self._process.send_signal(signal.SIGSTOP)
        pid = self._process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        return self.signal(signal.SIGKILL)

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(timeout=5)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def wait(self) -> int:
        return self._process.wait(timeout=5)


class Lab:
    """Nodes "a" and "b" (10.99.0.1, 10.99.0.2 on eth0), their cables on one bridge."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._prefix = folder, f"vrrp{os.getpid()}"
        self._daemons: list[Daemon] = []

    def namespace(self, node: str) -> str:
        return f"{self._prefix}-{node}"

    def ip(self, node: str, words: str) -> str:
        return ip(self.namespace(node), *words.split())

    def build(self) -> None:
        for node in ("s", "a", "b"):
            subprocess.run(["ip", "netns", "add", self.namespace(node)], check=True)
        self.ip("s", "link add br0 type bridge mcast_snooping 0 forward_delay 0")
        self.ip("s", "link set br0 up")
        for number, node in enumerate(("a", "b"), 1):
            self.plug(node)
            self.ip(node, f"addr add 10.99.0.{number}/24 dev eth0")

    def plug(self, node: str) -> None:
        there = self.namespace("s")
        self.ip(node, f"link add eth0 type veth peer name port-{node} netns {there}")
        self.ip("s", f"link set port-{node} master br0 up")
        self.ip(node, "link set eth0 up")

    def addresses(self, node: str) -> set[str]:
        shown = self.ip(node, "-4 -o addr show dev eth0")
        return {line.split()[3] for line in shown.splitlines()}

    def until_address(self, node: str, address: str) -> None:
        """The kernel gets addresses after the state is logged."""
        until(f"{address} in {node}", lambda: address in self.addresses(node), 5.0)

    def run(self, node: str, command: list[str]) -> Daemon:
        daemon = Daemon([*enter(self.namespace(node)), *command])
        self._daemons.append(daemon)
        return daemon

    def engine(self, node: str, *instances: VrrpInstance) -> Daemon:
        part = msgspec.json.encode(VrrpPart(instances=instances)).decode()
        return self.run(
            node, [sys.executable, str(PROGRAM), part, str(self._folder / f"{node}.json")]
        )

    def reload(self, node: str, daemon: Daemon, *instances: VrrpInstance) -> None:
        part = msgspec.json.encode(VrrpPart(instances=instances))
        (self._folder / f"{node}.json").write_bytes(part)
        daemon.signal(signal.SIGHUP)

    def keepalived(self, node: str, configuration: str) -> Daemon:
        path = self._folder / f"{node}.conf"
        path.write_text(configuration)
        pids = [str(self._folder / f"{node}.{kind}.pid") for kind in ("main", "vrrp")]
        for pid in pids:
            Path(pid).unlink(missing_ok=True)
        words = f"-n -l -G -D -P -f {path} -p {pids[0]} -r {pids[1]}"
        return self.run(node, [KEEPALIVED, *words.split()])

    def capture_advert(self, node: str) -> None:
        """Return when an advert has just arrived at the node."""
        command = ["tcpdump", "-l", "-n", "-c", "1", "-i", "eth0", "proto", "112"]
        self.run(node, command).until("vrid")

    def clean(self) -> None:
        for daemon in self._daemons:
            daemon.end()
        for node in ("a", "b", "s"):
            subprocess.run(["ip", "netns", "del", self.namespace(node)], check=False)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    if os.geteuid() != 0:
        pytest.skip("needs root: network namespaces (run it as root)")
    laboratory = Lab(tmp_path)
    try:
        laboratory.build()
        yield laboratory
    finally:
        laboratory.clean()
