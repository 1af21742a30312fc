"""What the scenes of any show stand on: a client, two web servers, directors, and a teller."""

from pathlib import Path

from examples.show.answer import Answer, ask
from examples.show.teller import Teller
from tests.netns.director import Director
from tests.netns.node import Node
from tests.netns.plan import Role
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
    """`directors` by the names of their nodes; `file` is what the servers give for /file.

    `client` is the first node in the role of one, `servers` are all in theirs.
    """

    def __init__(
        self, net: Topology, tell: Teller, file: Path = Path("/dev/null"), vip: str = VIP
    ) -> None:
        self.net = net
        self.tell = tell
        self.vip = vip
        self.clients = self.having(Role.CLIENT)
        self.client: Node = self.clients[0]
        self.servers = {node.name: WebServer(node, file) for node in self.having(Role.SERVER)}
        self.directors: dict[str, Director] = {}

    def having(self, role: Role) -> list[Node]:
        """The nodes in this role."""
        return [node for node in self.net.nodes.values() if node.plan.role is role]

    def get(self, timeout_s: float = 2.0) -> Answer:
        return ask(self.client, self.vip, timeout_s)

    def get_many(self, n_requests: int) -> list[Answer]:
        return [self.get() for _ in range(n_requests)]
