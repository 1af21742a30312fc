"""What the scenes of any show stand on: a client, two web servers, directors, and a teller."""

from pathlib import Path

from examples.show.answer import Answer, ask
from examples.show.teller import Teller
from tests.netns.director import Director
from tests.netns.node import Node
from tests.netns.topology import Topology
from tests.netns.webserver import WebServer

VIP = "192.168.100.254"
LADDRS = ("192.168.100.200", "192.168.100.201")
RS1 = "192.168.100.2:80"
RS2 = "192.168.100.3:80"
WEIGHT = 100

# The tutorial tells the core by hand where clients and servers are.
ROUTE = ("dpip", "route", "add", "192.168.100.0/24", "dev", "dpdk0")


class Stage:
    """`directors` by the names of their nodes; `file` is what the servers give for /file."""

    def __init__(self, net: Topology, tell: Teller, file: Path = Path("/dev/null")) -> None:
        self.net = net
        self.tell = tell
        self.client: Node = net["client"]
        self.servers = {name: WebServer(net[name], file) for name in ("rs1", "rs2")}
        self.directors: dict[str, Director] = {}

    def get(self, timeout_s: float = 2.0) -> Answer:
        return ask(self.client, VIP, timeout_s)

    def get_many(self, n_requests: int) -> list[Answer]:
        return [self.get() for _ in range(n_requests)]
