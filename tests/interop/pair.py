"""Two nodes on one bridge, a keepalived in each, and the cable of the master to pull at."""

from pathlib import Path

from tests.interop.capture import Capture
from tests.interop.cases import Case, Direction, Maker
from tests.interop.configuration import ADDRESS, DEVICE, PEER, VIP, keepalived_conf
from tests.interop.keepalived import Keepalived
from tests.netns.ip import ip
from tests.netns.plan import Cable, NodePlan, Plan, Role
from tests.netns.topology import Topology

BRIDGE = "lan"
PLAN = Plan(
    tuple(
        NodePlan(role, Role.SERVER, (Cable(DEVICE, BRIDGE, f"{address}/24"),))
        for role, address in ADDRESS.items()
    )
)


class Pair:
    """Built on a topology that is up; `switch` is the namespace with the bridge."""

    def __init__(self, net: Topology, case: Case, direction: Direction, capture_file: Path) -> None:
        self.switch = f"{net.name}-switch"
        self._net, self._case = net, case
        if case.unicast:
            self._fix_neighbours()
        self.capture = Capture(
            self.switch, _port("backup"), capture_file, net["backup"].environment
        )
        self.master = self._keepalived("master", direction.master)
        self.backup = self._keepalived("backup", direction.backup)

    def _keepalived(self, role: str, maker: Maker) -> Keepalived:
        return Keepalived(self._net[role], maker, keepalived_conf(self._case, role))

    def _fix_neighbours(self) -> None:
        """A unicast advert must not wait for an ARP that nobody answers behind a cut."""
        for role, peer in PEER.items():
            entry = [ADDRESS[peer], "lladdr", self._mac(peer), "dev", DEVICE, "nud", "permanent"]
            self._net[role].run(["ip", "neighbour", "replace", *entry])

    def _mac(self, role: str) -> str:
        shown = self._net[role].run(["ip", "-o", "link", "show", "dev", DEVICE]).stdout
        return shown.split("link/ether ")[1].split()[0]

    def end(self) -> None:
        """At once: a polite end takes either make a second."""
        self.master.kill()
        self.backup.kill()

    def vip_holders(self) -> set[str]:
        """The nodes that have the virtual address."""
        return {role for role in ADDRESS if f" {VIP}/" in self._addresses(role)}

    def _addresses(self, role: str) -> str:
        return self._net[role].run(["ip", "-4", "-o", "address", "show", "dev", DEVICE]).stdout

    def set_master_link(self, *, up: bool) -> None:
        """The master's carrier falls or rises."""
        ip(self.switch, "link", "set", _port("master"), "up" if up else "down")

    def cut(self) -> None:
        """The master's frames go nowhere, and its carrier stays."""
        ip(self.switch, "link", "set", _port("master"), "nomaster")

    def heal(self) -> None:
        ip(self.switch, "link", "set", _port("master"), "master", BRIDGE)


def _port(role: str) -> str:
    return f"{role}-{DEVICE}"
