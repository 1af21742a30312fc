"""A director in a namespace of its own, a client at the other end of its wire."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.netns.ip import enter, ip

PROGRAM = Path(__file__).with_name("small_director.py")


class Director:
    """small_director.py in the namespace `ns`, asked over its standard input."""

    def __init__(self, ns: str, command: list[str]) -> None:
        self.process = subprocess.Popen(
            [*enter(ns), *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._line() == "ready"

    def _line(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(10)
            raise AssertionError(f"the director is gone, exit status {self.process.returncode}")
        return json.loads(line)

    def ask(self, word: str) -> Any:
        assert self.process.stdin
        print(word, file=self.process.stdin, flush=True)
        return self._line()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


class Wire:
    """Namespaces `lb` (wire0) and `client` (10.9.0.2 on wire1)."""

    def __init__(self) -> None:
        self.lb, self.client = f"kp{os.getpid()}l", f"kp{os.getpid()}c"
        self.directors: list[Director] = []
        for ns in (self.lb, self.client):
            ip("", "netns", "add", ns)
        ip(self.lb, "link", "add", "wire0", "type", "veth", "peer", "name", "wire1",
                "netns", self.client)  # fmt: skip
        # The wire is the director's: the kernel, which holds the kernel port's address, ignores it.
        quiet = "cd /proc/sys/net/ipv4/conf/wire0; echo 1 >rp_filter; echo 8 >arp_ignore"
        self.run(self.lb, "sh", "-c", quiet)
        ip(self.lb, "link", "set", "wire0", "up")
        ip(self.client, "link", "set", "wire1", "up")
        ip(self.client, "addr", "add", "10.9.0.2/24", "dev", "wire1")

    def run(self, ns: str, *words: str) -> str:
        done = subprocess.run([*enter(ns), *words],
                              check=False, capture_output=True, text=True)  # fmt: skip
        return done.stdout + done.stderr

    def ping(self, ns: str, addr: str) -> str:
        """The line that sums up: duplicates would stand in it."""
        text = self.run(ns, "ping", "-c", "5", "-i", "0.05", "-W", "2", addr)
        return next((line for line in text.splitlines() if "packets transmitted" in line), text)

    def command(self) -> list[str]:
        return [sys.executable, "-P", str(PROGRAM), "iface=wire0"]

    def director(self) -> Director:
        self.directors.append(Director(self.lb, self.command()))
        return self.directors[-1]

    def close(self) -> None:
        for director in self.directors:
            director.process.kill()
            director.process.communicate()
        for ns in (self.lb, self.client):
            ip("", "netns", "del", ns)


@pytest.fixture
def wire() -> Iterator[Wire]:
    pytest.importorskip("dpvs_core._native", reason="needs the native module: script/setup")
    if os.geteuid() != 0:
        pytest.skip("needs root, for network namespaces and taps")
    wire = Wire()
    yield wire
    wire.close()
