"""A pair of directors with client and servers, and what the tests ask of it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import unified_diff

from tests.netns.plan import PAIR
from tests.netns.topology import Topology
from tests.netns.wait import until
from tests.system.lab import SERVERS, UDP_PORT, VIP, start_servers
from tests.system.pair_conf import CLAIMED, FIRST, LADDRS, SECOND, Adverts
from tests.system.pair_director import PairDirector

SETTLE_TIMEOUT_S = 30.0
FILE_BYTES = 2_000_000_000  # sparse; no download in the tests comes to its end
CLIENT_WINDOW = "4096 65536 131072"
KERNEL_PORT = "dpdk0.kni"
SERVICE_ROWS = {f"{server}:80": 100 for server in SERVERS} | {
    f"{server}:{UDP_PORT}": 1 for server in SERVERS
}

# What counts, or is shown for a while: no state. Rows with single blanks.
_UNSTEADY = (
    re.compile(r"( FullNat \d+) \d+ \d+"),  # ipvsadm -ln: connections
    re.compile(r"^([\d.]+) \d+ \d+\b"),  # ipvsadm -G: conflicts, connections
    re.compile(r"() claimed-by \S+"),  # dpip addr show: for a minute
)


class PairLab:
    """`first` is the MASTER by its priority, `second` the BACKUP."""

    def __init__(self, net: Topology, adverts: Adverts, kind: type[PairDirector]) -> None:
        self.net, self.adverts = net, adverts
        self.client = net["client"]
        self.first, self.second = (
            kind(net[place.node], place, adverts) for place in (FIRST, SECOND)
        )
        self.macs = {
            director.place.node: self._mac(director) for director in (self.first, self.second)
        }
        self.fresh: dict[str, str] = {}

    def start(self) -> None:
        """Returns when the pair serves; `fresh` is how it looks then."""
        file = self.net.folder / "file"
        with file.open("wb") as sparse:
            sparse.truncate(FILE_BYTES)
        start_servers(self.net, file)
        # Small windows: a client that reads slowly notices a reset behind few bytes.
        self.client.run(["sysctl", "-qw", f"net.ipv4.tcp_rmem={CLIENT_WINDOW}"])
        self.first.start()
        self.second.start()
        until("the pair is settled", self.settled, SETTLE_TIMEOUT_S)
        self.fresh = self.state()

    def settled(self) -> bool:
        """The first has all the addresses, the second none, and both have all the servers; no
        address waits for its verification (link-local ones do for a second)."""
        for director in (self.first, self.second):
            director.require_running()
        return (
            self.holds(self.first, CLAIMED)
            and not any(self.holds(self.second, (address,)) for address in CLAIMED)
            and all(self.has_servers(director) for director in (self.first, self.second))
            and not any(
                "tentative" in director.core.tool("dpip", "addr", "show", check=False)
                for director in (self.first, self.second)
            )
        )

    @staticmethod
    def holds(director: PairDirector, addresses: tuple[str, ...]) -> bool:
        """Whether its core answers for these addresses, as `dpip addr show` says."""
        listing = director.core.tool("dpip", "addr", "show", check=False)
        rows = [line for line in listing.splitlines() if "standby" not in line]
        return all(any(f"inet {address}/" in row for row in rows) for address in addresses)

    @staticmethod
    def has_servers(director: PairDirector) -> bool:
        return {dest.server: dest.weight for dest in director.core.dests()} == SERVICE_ROWS

    def fetch(self, timeout_s: float = 2.0) -> bool:
        """A new connection through the VIP."""
        argv = ["curl", "-sf", "-m", f"{timeout_s:g}", f"http://{VIP}/"]
        return "server rs" in self.client.run(argv, check=False).stdout

    def state(self) -> dict[str, str]:
        """What the operator's listings show of both nodes, without counters."""
        shown: dict[str, str] = {}
        for director in (self.first, self.second):
            for argv in (
                ("ipvsadm", "-ln"),
                ("ipvsadm", "-G"),
                ("dpip", "addr", "show"),
                ("dpip", "route", "show"),
                ("ip", "-br", "address", "show", KERNEL_PORT),
            ):
                done = director.node.run(argv, check=False)
                rows = map(steady, (done.stdout or done.stderr).splitlines())
                shown[f"{director.place.node}: {' '.join(argv)}"] = "\n".join(rows)
        return shown

    def wait_until_fresh(self) -> None:
        """Until `state` is again what it was after the start; TimeoutError says what differs."""
        try:
            until(
                "a fresh start's state", lambda: self.state() == self.fresh, SETTLE_TIMEOUT_S, 0.1
            )
        except TimeoutError as error:
            now = self.state()
            for listing, fresh in self.fresh.items():
                if now[listing] != fresh:
                    lines = unified_diff(
                        fresh.splitlines(), now[listing].splitlines(), "fresh", "now", lineterm=""
                    )
                    error.add_note("\n".join((listing, *lines)))
            raise

    def served(self) -> set[str]:
        """The connections that the real servers have with the pair's local addresses."""
        found: set[str] = set()
        for name in ("rs1", "rs2"):
            argv = ["ss", "-Htn", "state", "established", "sport", "=", ":80"]
            for line in self.net[name].run(argv).stdout.splitlines():
                here, there = line.split()[2:4]
                if there.rpartition(":")[0] in LADDRS:
                    found.add(f"{here} {there}")
        return found

    def director_log(self) -> str:
        """Shown by conftest.py when a test fails."""
        parts = []
        for director in (self.first, self.second):
            for name, text in (("keepalived", director.log()), ("core", director.core_log())):
                tail = "\n".join(text.splitlines()[-20:])
                parts.append(f"--- {director.place.node}, {name}\n{tail}")
        return "\n".join(parts)

    def _mac(self, director: PairDirector) -> str:
        """Of its DPDK device, which is that of the wire below."""
        row = json.loads(director.node.run(["ip", "-j", "link", "show", "wire0"]).stdout)[0]
        return str(row["address"])


def steady(row: str) -> str:
    """A row of a listing without what counts or runs down."""
    row = " ".join(row.split())
    for pattern in _UNSTEADY:
        row = pattern.sub(r"\1", row)
    return row


@contextmanager
def running_pair(adverts: Adverts, kind: type[PairDirector]) -> Iterator[PairLab]:
    with Topology(PAIR, prefix="pair") as net:
        lab = PairLab(net, adverts, kind)
        try:
            lab.start()
        except (TimeoutError, RuntimeError) as error:
            error.add_note(lab.director_log())
            raise
        yield lab
