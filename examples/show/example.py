"""An example with one director: its folder's files, and what must come of them, as data.

`Example(...).show()` is what its demo.py calls SHOW. The folder has README.md (see readme.py),
dpvs.conf and keepalived.conf.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from examples.show.program import Show
from examples.show.readme import Readme
from examples.show.stage import Stage
from examples.show.teller import Teller
from tests.netns.director import Core, Director
from tests.netns.node import Node
from tests.netns.plan import Plan, Role
from tests.netns.topology import Topology

FILE_BYTES = 10_000_000
IPERF_PORT = 5201
START_TIMEOUT_S = 120.0  # of anything, also where the processor is emulated

KEEP_TEXT = """
It is still running. To poke at it:

    client      ip netns exec {name}-client curl http://{vip}/
                ip netns exec {name}-client traceroute -n {vip}
    director    export DPVS_IPC_FILE={folder}/director/run/dpvs.ipc
                .venv/bin/ipvsadm -ln --stats      .venv/bin/dpip route show
                .venv/bin/ipvsadm -lnc             .venv/bin/dpip drops
    its wire    ip netns exec {name}-director tcpdump -ni wire0
    servers     ip netns exec {name}-rs1 tcpdump -ni eth0
    log         tail -f {folder}/director/keepalived.log
    files       {folder}/director/keepalived.conf, dpvs.conf
"""


@dataclass(frozen=True, slots=True)
class Example:
    """`name` is the folder's. A trace: the hops traceroute must print; none: the VIP alone."""

    name: str
    about: str  # one line
    plan: Plan
    vip: str
    scenes: Sequence[Callable[["OneDirector"], None]]
    end: Sequence[Callable[["OneDirector"], None]]
    seen_as: Sequence[str] = ()  # whom the servers see; none: the client itself
    trace_echo: Sequence[str] = ()  # to the VIP itself, with echo requests
    trace_service: Sequence[str] = ()  # through the services, to a server
    iperf_address: str = ""  # at which the servers' iperf3 listens, if not at all of theirs
    keep_text: str = KEEP_TEXT

    @property
    def folder(self) -> Path:
        return Path(__file__).resolve().parents[1] / self.name

    def show(self) -> Show["OneDirector"]:
        return Show(
            name=self.name,
            about=self.about,
            plan=self.plan,
            stage=partial(OneDirector, self),
            scenes=self.scenes,
            end=self.end,
            keep_text=self.keep_text,
        )


class OneDirector(Stage):
    """The files of an example on a network: `core` is dpvs alone, `director` is keepalived's."""

    def __init__(self, example: Example, net: Topology, tell: Teller) -> None:
        self.file = net.folder / "file"
        self.file.write_bytes(Random(1).randbytes(FILE_BYTES))
        super().__init__(net, tell, self.file, example.vip)
        self.example = example
        self.readme = Readme(example.folder / "README.md")
        self.by_hand: list[str] = []  # rows of `ipvsadm -ln`, without counts
        node = net["director"]
        keepalived_conf, dpvs_conf = (
            (example.folder / name).read_text(encoding="utf-8")
            for name in ("keepalived.conf", "dpvs.conf")
        )
        self.core = Core(node, dpvs_conf)
        self.director = Director(node, keepalived_conf, dpvs_conf)
        self.directors[node.name] = self.director

    def named(self, who: str) -> list[Node]:
        """`rs1` is one node, `servers` are all in that role."""
        if who in self.net.nodes:
            return [self.net[who]]
        nodes = self.having(Role(who.removesuffix("s")))
        if not nodes:
            raise ValueError(f"nobody is called {who} here")
        return nodes

    def type_all(self, title: str) -> None:
        """Run what README.md has below that title, and show it."""
        for typed in self.readme.typed(title):
            self.tell.show(f"{typed.who}# {typed.command}")
            for node in self.named(typed.who):
                node.run(["sh", "-c", typed.command])

    def start_iperf(self) -> None:
        """iperf3 on each server."""
        bound = ["-B", self.example.iperf_address] if self.example.iperf_address else []
        for name in self.servers:
            argv = ["iperf3", "-s", "-p", str(IPERF_PORT), "--forceflush", *bound]
            self.net[name].start(argv, "iperf3.log").wait_for_log(
                "Server listening", START_TIMEOUT_S
            )
