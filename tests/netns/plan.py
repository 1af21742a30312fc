"""What a test network consists of, as data: bridges, nodes, and the cables between them.

Addresses are the DPVS tutorial's: client 192.168.100.146 (one-arm) or 10.0.0.48 (two-arm), real
servers 192.168.100.2 and .3, the director's own kernel address 192.168.100.28 (of a pair .28, .29).
"""

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    CLIENT = "client"
    SERVER = "server"
    DIRECTOR = "director"
    ROUTER = "router"


@dataclass(frozen=True, slots=True)
class Cable:
    """A veth pair: `device` in the node, the other end on a bridge of the switch node.

    An empty address leaves the device without any, IPv6 too: a director's port belongs to DPDK.
    """

    device: str
    bridge: str
    address: str = ""  # with its prefix length


@dataclass(frozen=True, slots=True)
class NodePlan:
    name: str
    role: Role
    cables: tuple[Cable, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    nodes: tuple[NodePlan, ...]

    def bridges(self) -> list[str]:
        return sorted({cable.bridge for node in self.nodes for cable in node.cables})


def host(name: str, role: Role, bridge: str, address: str) -> NodePlan:
    """A node with one cable, eth0."""
    return NodePlan(name, role, (Cable("eth0", bridge, address),))


SERVERS = (
    host("rs1", Role.SERVER, "lan", "192.168.100.2/24"),
    host("rs2", Role.SERVER, "lan", "192.168.100.3/24"),
)

ONE_ARM_DIRECTOR = NodePlan("director", Role.DIRECTOR, (Cable("wire0", "lan"),))
TWO_ARM_DIRECTOR = NodePlan(
    "director", Role.DIRECTOR, (Cable("wire0", "lan"), Cable("wire1", "wan"))
)

ONE_ARM = Plan(
    (
        host("client", Role.CLIENT, "lan", "192.168.100.146/24"),
        *SERVERS,
        ONE_ARM_DIRECTOR,
    )
)

PAIR = Plan(
    (
        host("client", Role.CLIENT, "lan", "192.168.100.146/24"),
        *SERVERS,
        NodePlan("director1", Role.DIRECTOR, (Cable("wire0", "lan"),)),
        NodePlan("director2", Role.DIRECTOR, (Cable("wire0", "lan"),)),
    )
)

TWO_ARM = Plan(
    (
        host("client", Role.CLIENT, "wan", "10.0.0.48/16"),
        *SERVERS,
        TWO_ARM_DIRECTOR,
    )
)
