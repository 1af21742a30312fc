"""The services under test, a row each, and the network they stand in: all in one director.

client -- far -- weather1 -- wan --(dpdk1) director (dpdk0)-- lan -- weather2 -- farm -- rs1, rs2
                              |                                                           |
                              +----- eth1 of the servers: the way back of DR and tunnel --+
"""

from dataclasses import dataclass

from tests.netns.plan import Cable, NodePlan, Plan, Role

CLIENT4, CLIENT6 = "10.0.0.48", "2001:db8:a::48"
WAN4, WAN6 = "10.0.0.0/16", "2001:db8:a::/64"
VIPS4, VIPS6 = "10.1.0.0/24", "2001:db8:1::/64"
CORE_WAN4, CORE_WAN6 = "10.0.0.1", "2001:db8:a::1"
CORE_LAN4, CORE_LAN6 = "192.168.100.1", "2001:db8:b::1"
SERVERS = {"rs1": ("192.168.100.2", "2001:db8:b::2"), "rs2": ("192.168.100.3", "2001:db8:b::3")}
SERVER_PORT = 8000
BACK_TABLE = "100"
TUN = "tun0"

PLAN = Plan(
    (
        NodePlan("client", Role.CLIENT, (Cable("eth0", "far", f"{CLIENT4}/16"),)),
        NodePlan("weather1", Role.DIRECTOR, (Cable("eth0", "far"), Cable("eth1", "wan"))),
        NodePlan("director", Role.DIRECTOR, (Cable("wire0", "lan"), Cable("wire1", "wan"))),
        NodePlan("weather2", Role.DIRECTOR, (Cable("eth0", "lan"), Cable("eth1", "farm"))),
        *(
            NodePlan(name, Role.SERVER, (Cable("eth0", "farm", f"{four}/24"), Cable("eth1", "wan")))
            for name, (four, _) in SERVERS.items()
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Row:
    """One service. `flag` is ipvsadm's letter for the forwarding mode."""

    name: str
    flag: str
    vip: str
    vport: int
    family: int
    """Of its servers."""
    laddr: str = ""

    @property
    def servers(self) -> list[str]:
        return [addresses[self.family == 6] for addresses in SERVERS.values()]

    @property
    def goes_back_alone(self) -> bool:
        """The servers' answers do not pass the director."""
        return self.flag in "gi"

    @property
    def client(self) -> str:
        return CLIENT6 if ":" in self.vip else CLIENT4

    @property
    def service(self) -> str:
        return end(self.vip, self.vport)

    def table(self) -> str:
        """Lines for `ipvsadm -R`."""
        dests = [end(server, SERVER_PORT) for server in self.servers]
        lines = [f"-A -t {self.service} -s rr"]
        lines += [f"-a -t {self.service} -r {dest} -{self.flag}" for dest in dests]
        if self.laddr:
            lines.append(f"-P -z {self.laddr} -t {self.service} -F dpdk0")
        return "\n".join([*lines, ""])


def end(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


ROWS = {
    row.name: row
    for row in (
        Row("fnat44", "b", "10.1.0.100", 80, 4, laddr="192.168.100.200"),
        Row("fnat66", "b", "2001:db8:1::100", 80, 6, laddr="2001:db8:b::200"),
        Row("nat64", "b", "2001:db8:1::101", 80, 4, laddr="192.168.100.201"),
        Row("nat46", "b", "10.1.0.101", 80, 6, laddr="2001:db8:b::201"),
        Row("nat44", "m", "10.1.0.102", 80, 4),
        Row("nat66", "m", "2001:db8:1::102", 80, 6),
        Row("dr44", "g", "10.1.0.103", SERVER_PORT, 4),
        Row("dr66", "g", "2001:db8:1::103", SERVER_PORT, 6),
        Row("tunnel44", "i", "10.1.0.104", SERVER_PORT, 4),
        Row("tunnel46", "i", "10.1.0.105", SERVER_PORT, 6),
        Row("tunnel64", "i", "2001:db8:1::104", SERVER_PORT, 4),
        Row("tunnel66", "i", "2001:db8:1::105", SERVER_PORT, 6),
    )
}

DIRECTOR_COMMANDS = [
    ["dpip", "addr", "add", f"{address}", "dev", device]
    for device, addresses in {
        "dpdk0": (f"{CORE_LAN4}/24", f"{CORE_LAN6}/64"),
        "dpdk1": (f"{CORE_WAN4}/16", f"{CORE_WAN6}/64"),
    }.items()
    for address in addresses
]

# The VIPs are no addresses of the core: a router, here the client itself, sends what is for them.
CLIENT_COMMANDS = [
    ["ip", "-6", "address", "add", f"{CLIENT6}/64", "dev", "eth0", "nodad"],
    ["ip", "route", "add", VIPS4, "via", CORE_WAN4],
    ["ip", "-6", "route", "add", VIPS6, "via", CORE_WAN6],
]


def server_commands(name: str) -> list[list[str]]:
    """Addresses, the director as gateway (NAT), and for DR and tunnel the VIPs on lo, without
    answering ARP for them, and the way back for what comes from a VIP."""
    _, six = SERVERS[name]
    last = six.rpartition("::")[2]
    lines = [
        ["ip", "-6", "address", "add", f"{six}/64", "dev", "eth0", "nodad"],
        ["ip", "address", "add", f"10.0.1.{last}/32", "dev", "eth1"],
        ["ip", "route", "add", WAN4, "via", CORE_LAN4],
        ["ip", "-6", "route", "add", WAN6, "via", CORE_LAN6],
        ["ip", "route", "add", WAN4, "dev", "eth1", "table", BACK_TABLE],
        ["ip", "-6", "route", "add", WAN6, "dev", "eth1", "table", BACK_TABLE],
        ["sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2"],
        ["sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0"],
    ]
    for row in ROWS.values():
        if row.goes_back_alone:
            family, bits = ("-6", "128") if ":" in row.vip else ("-4", "32")
            lines += [
                ["ip", family, "address", "add", f"{row.vip}/{bits}", "dev", "lo"],
                ["ip", family, "rule", "add", "from", row.vip, "lookup", BACK_TABLE],
            ]
    return lines
