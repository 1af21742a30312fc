"""What the scenes stand on: two directors with the same files but for state and priority."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.pair import asker
from examples.pair.interruption import Request, first_answer_s, parse
from examples.pair.member import Member
from examples.show import who_has
from examples.show.stage import LADDRS, VIP, Stage
from examples.show.teller import Teller
from tests.netns.director import sample
from tests.netns.node import module_command
from tests.netns.program import Program
from tests.netns.topology import Topology
from tests.netns.wait import until

HERE = Path(__file__).resolve().parent
TUTORIAL = ("keepalived.conf.fnat-onearm.sample", "keepalived.conf.fnat-onearm-backup.sample")
FILE_BYTES = 4_000_000_000  # has no blocks: what nginx sends are zeros
ASK_EVERY_MS = 5
ASK_TIMEOUT_MS = 300
FIRST_ANSWER_TIMEOUT_S = 15.0


class Pair(Stage):
    def __init__(self, net: Topology, tell: Teller) -> None:
        file = net.folder / "file"
        super().__init__(net, tell, file)
        with file.open("wb") as empty:
            empty.truncate(FILE_BYTES)
        self.node1, self.node2 = (
            Member(net, f"director{n}", sample(TUTORIAL[n - 1]), read(f"node{n}/dpvs.conf"))
            for n in (1, 2)
        )
        self.members = (self.node1, self.node2)
        self.directors = {member.name: member.director for member in self.members}

    def start_both(self) -> None:
        """Returns when node 1 is MASTER and node 2 BACKUP."""
        master, backup = self.node1.entered("MASTER"), self.node2.entered("BACKUP")
        for member in self.members:
            member.start()
        for member in self.members:
            member.equip()
        backup()
        master()

    def owners(self) -> dict[str, list[str]]:
        """Who answers ARP for the VIP and the local addresses: their MACs."""
        words = ("eth0", self.client.address, VIP, *LADDRS)
        done = self.client.run(module_command(who_has, *words))
        answers: dict[str, list[str]] = json.loads(done.stdout)
        return answers

    def name_of(self, mac: str) -> str:
        """The director whose MAC this is."""
        names = {member.mac: member.name for member in self.members}
        return names.get(mac, "a stranger")

    @contextmanager
    def asking(self) -> Iterator[Program]:
        """A client that asks for a page every few milliseconds, until the end of the block."""
        words = (VIP, "80", str(ASK_EVERY_MS), str(ASK_TIMEOUT_MS))
        program = self.client.start_module(asker, *words)
        try:
            yield program
        finally:
            program.send(signal.SIGTERM)
            program.wait(ASK_TIMEOUT_MS / 1000 + 5)

    @staticmethod
    def now_s() -> float:
        """On the clock of the client's requests."""
        return time.monotonic()

    def first_answer(self, program: Program, after_s: float) -> float:
        """When (time.monotonic) a request that was sent later than `after_s` was answered."""

        def look() -> float | None:
            return first_answer_s(parse(program.log_text()), after_s)

        return until("an answer", look, FIRST_ANSWER_TIMEOUT_S) or 0.0

    def download(self) -> Program:
        """A long download through the VIP; its client tests a silent connection each second."""
        words = ("-s", "-o", "/dev/null", "--limit-rate", "4M", "--keepalive-time", "1")
        argv = ["curl", *words, f"http://{VIP}/file"]
        return self.client.start(argv, "download.log")


def read(name: str) -> str:
    """A file of this folder."""
    return (HERE / name).read_text(encoding="utf-8")


def requests_of(program: Program) -> list[Request]:
    return parse(program.log_text())
