"""What the scenes stand on: the network with its programs, and a way to tell what happens."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.netns.director import Director, sample
from tests.netns.node import Node
from tests.netns.plan import ONE_ARM
from tests.netns.topology import Topology
from tests.netns.webserver import WebServer

HERE = Path(__file__).resolve().parent
KEEPALIVED_CONF = "keepalived.conf.fnat-onearm.sample"
VIP = "192.168.100.254"
LADDRS = ("192.168.100.200", "192.168.100.201")
PREFIX = "demo"


class ShowError(Exception):
    """Something that should be shown did not happen."""


def require(happened: bool, what: str) -> None:
    if not happened:
        raise ShowError(what)


class Teller:
    """Prints with the seconds since the start; scenes as numbered titles."""

    def __init__(self) -> None:
        self._start_s = time.monotonic()
        self._scenes = 0

    def elapsed_s(self) -> float:
        return time.monotonic() - self._start_s

    def scene(self, title: str) -> None:
        self._scenes += 1
        print(f"\n{self._scenes}. {title}", flush=True)

    def say(self, text: str) -> None:
        print(f"[{self.elapsed_s():5.1f} s]  {text}", flush=True)

    def show(self, text: str) -> None:
        """Output of a program, indented."""
        print("".join(f"           {line}\n" for line in text.splitlines()), end="", flush=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """One request through the VIP: who served it, and the client's own end of the connection."""

    server: str  # "" if nobody
    client: str  # ADDRESS:PORT
    seen_as: str  # the client as the server's socket saw it


class Stage:
    def __init__(self, net: Topology, tell: Teller) -> None:
        self.net = net
        self.tell = tell
        self.client: Node = net["client"]
        self.servers = {name: WebServer(net[name]) for name in ("rs1", "rs2")}
        dpvs_conf = (HERE / "dpvs.conf").read_text(encoding="utf-8")
        self.director = Director(net["director"], sample(KEEPALIVED_CONF), dpvs_conf)

    def get(self, timeout_s: float = 2.0) -> Answer:
        """One `curl` from the client to the VIP, on a connection of its own."""
        ends = "%{local_ip}:%{local_port}"
        argv = ["curl", "-s", "-m", f"{timeout_s:g}", "-w", ends, f"http://{VIP}/"]
        done = self.client.run(argv, check=False)
        page, _, client = done.stdout.rpartition("\n")
        match = re.fullmatch(r"Your ip:port : (\S+)  server (\S+)", page)
        if done.returncode != 0 or match is None:
            return Answer("", client, "")
        return Answer(match[2], client, match[1])

    def get_many(self, n_requests: int) -> list[Answer]:
        return [self.get() for _ in range(n_requests)]


def new_network() -> Topology:
    return Topology(ONE_ARM, prefix=PREFIX)


def spread(answers: list[Answer]) -> dict[str, int]:
    """How many answers each server gave; "" counts the requests that nobody answered."""
    servers = [answer.server for answer in answers]
    return {server: servers.count(server) for server in sorted(set(servers))}


def in_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{server or 'nobody'} {count}" for server, count in counts.items())
